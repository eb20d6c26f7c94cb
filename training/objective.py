"""Conditional flow matching as in ReCamMaster: noise levels, loss weights, noise of the source.

At noise level sigma the model gets ``(1 - sigma) z0 + sigma eps`` and predicts the velocity ``eps - z0``. All
randomness of a sample depends on (seed, sample index) only, so checkpoints need no random state.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from multitake.randomness import rng_for

from .config import Noise
from .encoders import PairBatch
from .models.conditions import Conditions, VelocityModel

TRAIN_LEVELS = 1000
_GOLDEN = (5**0.5 - 1) / 2

SourceMode = Literal["v2v", "i2v", "t2v"]


@dataclass(frozen=True, kw_only=True)
class Corruption:
    """The noise levels of one sample.

    Attributes:
        level: index into the 1000 training levels; 0 is pure noise.
        source_mode: the model sees all source frames (v2v), the first latent frame (i2v) or none (t2v).
        source_sigma: noise level of the source frames that it sees.
        has_text: whether it knows the caption.
    """

    level: int
    source_mode: SourceMode
    source_sigma: float
    has_text: bool = True


@dataclass(frozen=True, kw_only=True)
class PairNoise:
    """Standard normal noise for target and source latents."""

    target: Float[Tensor, "batch channels frames height width"]
    source: Float[Tensor, "batch channels frames height width"]


@dataclass(frozen=True, kw_only=True)
class CorruptedBatch:
    """The inputs of a model, the velocity to predict, and the loss weight of each sample.

    The timestep is 1000 sigma.
    """

    noisy_latents: Float[Tensor, "batch channels frames height width"]
    timestep: Float[Tensor, " batch"]
    conditions: Conditions
    velocity: Float[Tensor, "batch channels frames height width"]
    weight: Float[Tensor, " batch"]


def sigma_grid(levels: int, *, shift: float) -> Float[np.ndarray, " levels"]:
    """Return decreasing noise levels, 1 first: ``shift s / (1 + (shift - 1) s)`` of evenly spaced s.

    Training uses 1000 levels. Re-shooting uses fewer, and a last step to 0, which is not in the grid.
    """
    even = np.linspace(1, 0, levels + 1)[:-1]
    return shift * even / (1 + (shift - 1) * even)


def level_weights(noise: Noise) -> Float[np.ndarray, " levels"]:
    """Return the loss weight of each training level, mean 1: a Gaussian around 0.5, zero at pure noise."""
    if noise.weighting == "none":
        return np.ones(TRAIN_LEVELS)
    bell = np.exp(-2 * (sigma_grid(TRAIN_LEVELS, shift=noise.shift) - 0.5) ** 2)
    bell -= bell.min()
    return bell / bell.mean()


def sample_corruption(noise: Noise, *, seed: int, sample_index: int) -> Corruption:
    """Return the random noise levels of sample ``sample_index``.

    Levels follow a golden-ratio sequence with a random start: uniform over the grid like independent samples,
    but evenly spaced within any batch, which lowers the variance of the loss.
    """
    start = rng_for(seed, "level").random()
    rng = rng_for(seed, "source", sample_index)
    mode, step = rng.random(), rng.uniform(*noise.source_steps)
    is_t2v, is_i2v = mode < noise.t2v_share, mode < noise.t2v_share + noise.i2v_share
    return Corruption(
        level=int((start + sample_index * _GOLDEN) % 1 * TRAIN_LEVELS),
        source_mode="t2v" if is_t2v else "i2v" if is_i2v else "v2v",
        source_sigma=source_sigma(noise, step),
        has_text=rng_for(seed, "text", sample_index).random() >= noise.no_text_share,
    )


def source_sigma(noise: Noise, step: int | float) -> float:
    """Return the noise level of a source step, 0 (clean) to 1000, by ``noise.source_step_scale``."""
    even = step / TRAIN_LEVELS
    if noise.source_step_scale == "timestep":
        return even
    return noise.shift * even / (1 + (noise.shift - 1) * even)


def gaussian(shape: tuple[int, ...], *, seed: int, names: tuple[str | int, ...]) -> Float[Tensor, "..."]:
    """Return standard normal noise that depends on ``seed`` and ``names`` only, not on the device."""
    return torch.from_numpy(rng_for(seed, *names).standard_normal(shape, dtype=np.float32))


def pair_noise(sample_indices: Sequence[int], shape: tuple[int, ...], *, seed: int) -> PairNoise:
    """Return the noise of samples whose latents have ``shape``, on the CPU."""

    def noise_for(role: str) -> Tensor:
        return torch.stack([gaussian(shape, seed=seed, names=(role, index)) for index in sample_indices])

    return PairNoise(target=noise_for("target noise"), source=noise_for("source noise"))


def corrupt_source(
    latents: Float[Tensor, "channels frames height width"],
    eps: Float[Tensor, "channels frames height width"],
    corruption: Corruption,
) -> Float[Tensor, "channels frames height width"]:
    """Return the source as the model gets it: with noise; frames that it must not see are pure noise."""
    seen_frames = {"t2v": 0, "i2v": 1, "v2v": latents.shape[1]}[corruption.source_mode]
    noisy = (1 - corruption.source_sigma) * latents + corruption.source_sigma * eps
    return torch.cat([noisy[:, :seen_frames], eps[:, seen_frames:]], dim=1)


def corrupt(
    batch: PairBatch, corruptions: Sequence[Corruption], eps: PairNoise, *, noise: Noise
) -> CorruptedBatch:
    """Mix the samples of a batch with noise, each by its own corruption.

    Where no frame of the source is seen, poses become relative to the target's first frame.
    """
    latents, device = batch.target_latents, batch.target_latents.device
    target_eps, source_eps = eps.target.to(device), eps.source.to(device)
    levels = [corruption.level for corruption in corruptions]
    sigma = torch.from_numpy(sigma_grid(TRAIN_LEVELS, shift=noise.shift)[levels]).float().to(device)
    mix = sigma[:, None, None, None, None]
    sources = zip(batch.conditions.source_latents, source_eps, corruptions, strict=True)
    noisy_sources = torch.stack([corrupt_source(*source) for source in sources])
    return CorruptedBatch(
        noisy_latents=(1 - mix) * latents + mix * target_eps,
        timestep=TRAIN_LEVELS * sigma,
        conditions=replace(
            batch.conditions,
            source_latents=noisy_sources,
            camera=torch.stack(
                [
                    _from_own_first(rows) if corruption.source_mode == "t2v" else rows
                    for rows, corruption in zip(batch.conditions.camera, corruptions, strict=True)
                ]
            ),
        ),
        velocity=target_eps - latents,
        weight=torch.from_numpy(level_weights(noise)[levels]).float().to(device),
    )


def _from_own_first(rows: Float[Tensor, "frames 12"]) -> Float[Tensor, "frames 12"]:
    """``target0_from_target`` of ``source0_from_target``."""
    poses = rows.unflatten(1, (3, 4))
    rotation, position = poses[..., :3], poses[..., 3:]
    first = rotation[0].T
    return torch.cat([first @ rotation, first @ (position - position[0])], dim=2).flatten(1)


def squared_error(model: VelocityModel, corrupted: CorruptedBatch) -> Float[Tensor, " batch"]:
    """Return the mean squared velocity error per sample, float32; the loss is this times the weight."""
    predicted = model(corrupted.noisy_latents, corrupted.timestep, corrupted.conditions)
    return (predicted.float() - corrupted.velocity).square().flatten(1).mean(dim=1)
