"""The objective: noise levels, loss weights, corruption of target and source, Euler steps."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
import torch
from diffusers import FlowMatchEulerDiscreteScheduler
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from multitake.randomness import rng_for
from training.config import Noise
from training.denoising import Guidance, denoised
from training.encoders import PairBatch
from training.models.conditions import Conditions
from training.objective import (
    Corruption,
    PairNoise,
    corrupt,
    corrupt_source,
    gaussian,
    level_weights,
    pair_noise,
    sample_corruption,
    sigma_grid,
)
from trajectories import CameraPose

SAMPLES = 1000
SHAPE = (16, 3, 2, 4)


def pair_batch(*indices: int) -> PairBatch:
    def stacked(role: str) -> torch.Tensor:
        return torch.stack([gaussian(SHAPE, seed=99, names=(role, i)) for i in indices])

    count = len(indices)
    return PairBatch(
        sample_indices=indices,
        target_latents=stacked("target"),
        conditions=Conditions(
            source_latents=stacked("source"),
            camera=torch.zeros(count, SHAPE[1], 12),
            intrinsics=torch.ones(count, SHAPE[1], 4),
            text=torch.zeros(count, 4, 8),
        ),
    )


def noise_of(batch: PairBatch) -> PairNoise:
    return pair_noise(batch.sample_indices, SHAPE, seed=0)


def corruptions(noise: Noise, *, seed: int, indices: Iterable[int] = range(SAMPLES)) -> list[Corruption]:
    return [sample_corruption(noise, seed=seed, sample_index=index) for index in indices]


@given(st.integers(1, 1000), st.floats(0.5, 12))
def test_sigma_grid_is_the_closed_form(levels: int, shift: float) -> None:
    even = 1 - np.arange(levels) / levels
    np.testing.assert_allclose(sigma_grid(levels, shift=shift), shift * even / (1 + (shift - 1) * even))


@pytest.mark.parametrize("steps", [5, 50])
def test_sampling_grid_is_the_schedulers_given_explicit_sigmas(steps: int) -> None:
    scheduler = FlowMatchEulerDiscreteScheduler(shift=5.0)
    scheduler.set_timesteps(sigmas=np.linspace(1, 0, steps + 1)[:-1])
    np.testing.assert_allclose([*sigma_grid(steps, shift=5.0), 0], scheduler.sigmas.numpy(), rtol=1e-6)


def test_last_sampling_levels_are_the_published_ones() -> None:
    np.testing.assert_allclose(sigma_grid(50, shift=5.0)[-3:], [0.2419, 0.1724, 0.0926], atol=1e-4)


def test_level_weights_follow_the_released_code() -> None:
    weights = level_weights(Noise())
    timesteps = 1000 * sigma_grid(1000, shift=5.0)
    assert weights.mean() == pytest.approx(1)
    assert weights.min() == weights[0] == 0
    for timestep, weight in ((900, 0.63), (800, 1.21), (500, 2.08), (300, 1.67), (100, 0.64)):
        assert np.interp(-timestep, -timesteps, weights) == pytest.approx(weight, abs=0.01)
    assert (level_weights(Noise(weighting="none")) == 1).all()


def test_levels_are_uniform_and_evenly_spread() -> None:
    levels = np.array([each.level for each in corruptions(Noise(), seed=5)])
    counts = np.bincount(levels // 100, minlength=10)
    assert np.abs(counts - SAMPLES / 10).max() <= 5
    assert len({sample_corruption(Noise(), seed=seed, sample_index=0).level for seed in range(20)}) > 10


@pytest.mark.parametrize(("t2v", "i2v"), [(0.2, 0.2), (0.0, 0.5), (1.0, 0.0), (0.0, 0.0)])
def test_shares_of_t2v_and_i2v_are_those_of_the_config(t2v: float, i2v: float) -> None:
    noise = Noise(t2v_share=t2v, i2v_share=i2v)
    modes = [each.source_mode for each in corruptions(noise, seed=1)]
    tolerance = 4 * (0.25 / SAMPLES) ** 0.5
    assert modes.count("t2v") / SAMPLES == pytest.approx(t2v, abs=tolerance * (0 < t2v < 1))
    assert modes.count("i2v") / SAMPLES == pytest.approx(i2v, abs=tolerance * (0 < i2v < 1))


@pytest.mark.parametrize("share", [0.0, 0.1, 1.0])
def test_captions_are_hidden_in_their_share_and_nothing_else_changes(share: float) -> None:
    sampled = corruptions(Noise(no_text_share=share), seed=5)
    hidden = sum(not each.has_text for each in sampled) / SAMPLES
    assert hidden == pytest.approx(share, abs=0.03 * (0 < share < 1))
    assert [replace(each, has_text=True) for each in sampled] == corruptions(Noise(), seed=5)


@pytest.mark.parametrize(("scale", "low", "high"), [("timestep", 0.2, 0.5), ("index", 0.5556, 0.8333)])
def test_source_noise_fills_its_range(scale: str, low: float, high: float) -> None:
    noise = Noise(source_step_scale=scale)
    sigmas = np.array([each.source_sigma for each in corruptions(noise, seed=2)])
    assert low <= sigmas.min() < low + 0.01
    assert high - 0.01 < sigmas.max() <= high + 1e-4


def test_level_mode_and_source_noise_are_independent() -> None:
    rows = [(c.level, c.source_mode == "t2v", c.source_sigma) for c in corruptions(Noise(), seed=3)]
    correlation = np.corrcoef(np.array(rows, dtype=float).T) - np.eye(3)
    assert np.abs(correlation).max() < 3 / SAMPLES**0.5


def test_corruption_mixes_noise_and_latents() -> None:
    batch, sampled = pair_batch(4, 7), corruptions(Noise(), seed=0, indices=(4, 7))
    corrupted = corrupt(batch, sampled, noise_of(batch), noise=Noise())
    sigma = (corrupted.timestep / 1000)[:, None, None, None, None]
    grid = sigma_grid(1000, shift=5.0)
    np.testing.assert_allclose(sigma.flatten().numpy(), [grid[each.level] for each in sampled], rtol=1e-6)
    torch.testing.assert_close(corrupted.noisy_latents - sigma * corrupted.velocity, batch.target_latents)
    eps = corrupted.noisy_latents + (1 - sigma) * corrupted.velocity
    assert eps.std() == pytest.approx(1, abs=0.1)


def test_a_sample_is_corrupted_the_same_in_any_batch() -> None:
    def corrupted(*indices: int) -> tuple[torch.Tensor, torch.Tensor]:
        sampled = corruptions(Noise(), seed=0, indices=indices)
        batch = pair_batch(*indices)
        result = corrupt(batch, sampled, noise_of(batch), noise=Noise())
        return result.noisy_latents, result.conditions.source_latents

    for together, alone in zip(corrupted(3, 8), corrupted(8), strict=True):
        assert torch.equal(together[1:], alone)


def test_frames_that_must_not_be_seen_are_pure_noise() -> None:
    latents, eps = (gaussian(SHAPE, seed=1, names=(name,)) for name in ("latents", "eps"))
    complete = Corruption(level=0, source_mode="v2v", source_sigma=0.3)
    v2v, i2v, t2v = (
        corrupt_source(latents, eps, replace(complete, source_mode=mode)) for mode in ("v2v", "i2v", "t2v")
    )
    torch.testing.assert_close(v2v, 0.7 * latents + 0.3 * eps)
    assert torch.equal(i2v[:, :1], v2v[:, :1]) and torch.equal(i2v[:, 1:], eps[:, 1:])
    assert torch.equal(t2v, eps)


def test_without_a_source_poses_are_relative_to_the_targets_first_frame() -> None:
    rng = rng_for(3, "poses")
    rotation = Rotation.random(6, rng=np.random.default_rng(3)).as_matrix().reshape(2, 3, 3, 3)
    poses = np.concatenate([rotation, rng.normal(size=(2, 3, 3, 1))], axis=-1)
    batch = pair_batch(0, 1)
    camera = torch.from_numpy(poses).float().flatten(2)
    batch = replace(batch, conditions=replace(batch.conditions, camera=camera))
    modes = [Corruption(level=5, source_mode=mode, source_sigma=0.3) for mode in ("t2v", "i2v")]
    changed = corrupt(batch, modes, noise_of(batch), noise=Noise()).conditions.camera
    own = CameraPose(poses[0]).seen_from(CameraPose(poses[0, 0]))
    np.testing.assert_allclose(changed[0].unflatten(1, (3, 4)).numpy(), own, atol=1e-5)
    assert torch.equal(changed[1], camera[1])


def test_target_and_source_noise_differ() -> None:
    batch = pair_batch(0)
    noise = Noise(t2v_share=1.0, i2v_share=0.0)
    corrupted = corrupt(batch, corruptions(noise, seed=0, indices=(0,)), noise_of(batch), noise=noise)
    eps, source = corrupted.velocity + batch.target_latents, corrupted.conditions.source_latents
    assert abs(np.corrcoef(eps.flatten(), source.flatten())[0, 1]) < 0.2


def test_euler_steps_with_the_true_velocity_end_at_the_latents() -> None:
    latents, eps = (gaussian((1, *SHAPE), seed=1, names=(name,)) for name in ("latents", "eps"))
    conditions = pair_batch(0).conditions
    result = denoised(
        lambda *_: eps - latents,
        eps,
        conditions,
        guidance=Guidance(scale=1.0, negative_text=conditions.text),
        sigmas=sigma_grid(7, shift=5.0),
    )
    torch.testing.assert_close(result, latents)


def test_known_latents_are_held_at_the_noise_of_each_level() -> None:
    latents, eps = (gaussian((1, *SHAPE), seed=1, names=(name,)) for name in ("latents", "eps"))
    conditions = pair_batch(0).conditions
    known, seen = latents[:, :, :1] + 1, []

    def velocity(noisy: torch.Tensor, timestep: torch.Tensor, _: Conditions) -> torch.Tensor:
        seen.append((noisy[:, :, :1], timestep / 1000))
        return eps - latents

    result = denoised(
        velocity,
        eps,
        conditions,
        guidance=Guidance(scale=1.0, negative_text=conditions.text),
        sigmas=sigma_grid(7, shift=5.0),
        known=known,
    )
    torch.testing.assert_close(result, torch.cat([known, latents[:, :, 1:]], dim=2))
    for noisy, sigma in seen:
        torch.testing.assert_close(noisy, (1 - sigma) * known + sigma * eps[:, :, :1])


def test_guidance_extrapolates_from_the_negative_prompt_through_the_prompt() -> None:
    eps = torch.zeros(1, *SHAPE)
    conditions = replace(pair_batch(0).conditions, text=torch.full((1, 1, 1), 2.0))

    def velocity(latents: torch.Tensor, _: torch.Tensor, given: Conditions) -> torch.Tensor:
        return torch.ones_like(latents) * given.text

    result = denoised(
        velocity,
        eps,
        conditions,
        guidance=Guidance(scale=5.0, negative_text=torch.full((1, 1, 1), 1.0)),
        sigmas=sigma_grid(4, shift=5.0),
    )
    torch.testing.assert_close(result, torch.full_like(eps, -(1 + 5 * (2 - 1))))
