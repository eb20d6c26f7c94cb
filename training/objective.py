"""Conditional flow matching as ReCamMaster trains it: levels, weights, what happens to the source.

Level sigma mixes ``(1 - sigma) z0 + sigma eps``; the model predicts the velocity ``eps - z0``. Every draw is
a function of (seed, sample index), so nothing about randomness needs saving.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from multitake.randomness import rng_for

from .config import Noise
from .encoders import PairBatch

TRAIN_LEVELS = 1000
_GOLDEN = (5**0.5 - 1) / 2

SourceMode = Literal["v2v", "i2v", "t2v"]
Velocity = Callable[[Tensor, Tensor, Tensor, Tensor, Tensor], Tensor]


@dataclass(frozen=True, kw_only=True)
class Draw:
    """What chance decides about one sample, apart from the noise itself.

    Attributes:
        level: index into the 1000 training levels, 0 the noisiest.
        source_mode: whole source (v2v), its first latent frame (i2v) or none of it (t2v).
        source_sigma: noise level of the source latent.
    """

    level: int
    source_mode: SourceMode
    source_sigma: float


@dataclass(frozen=True, kw_only=True)
class Corrupted:
    """A batch ready for the model; ``timestep`` is 1000 sigma, ``weight`` the loss weight per sample."""

    target: Float[Tensor, "batch channels frames height width"]
    source: Float[Tensor, "batch channels frames height width"]
    velocity: Float[Tensor, "batch channels frames height width"]
    timestep: Float[Tensor, " batch"]
    weight: Float[Tensor, " batch"]


def sigma_grid(levels: int, *, shift: float) -> Float[np.ndarray, " levels"]:
    """Falling noise levels from 1 to above 0: ``shift s / (1 + (shift - 1) s)`` of evenly spaced s.

    With 1000 levels the training grid; with fewer, the sampling grid, whose last step goes to 0.
    """
    even = np.linspace(1, 0, levels + 1)[:-1]
    return shift * even / (1 + (shift - 1) * even)


def level_weights(noise: Noise) -> Float[np.ndarray, " levels"]:
    """Loss weight of each training level, mean 1: a Gaussian around the middle, zero at pure noise."""
    if noise.weighting == "none":
        return np.ones(TRAIN_LEVELS)
    bell = np.exp(-2 * (sigma_grid(TRAIN_LEVELS, shift=noise.shift) - 0.5) ** 2)
    bell -= bell.min()
    return bell / bell.mean()


def draw(noise: Noise, *, seed: int, sample_index: int) -> Draw:
    """The draws of one sample.

    Levels follow a golden-ratio sequence from a random start: uniform over the grid like independent draws,
    but evenly spread within any batch, which makes the loss less noisy.
    """
    start = rng_for(seed, "level").random()
    rng = rng_for(seed, "source", sample_index)
    mode, step = rng.random(), rng.uniform(*noise.source_steps)
    is_t2v, is_i2v = mode < noise.t2v_share, mode < noise.t2v_share + noise.i2v_share
    return Draw(
        level=int((start + sample_index * _GOLDEN) % 1 * TRAIN_LEVELS),
        source_mode="t2v" if is_t2v else "i2v" if is_i2v else "v2v",
        source_sigma=source_sigma(noise, step),
    )


def source_sigma(noise: Noise, step: int | float) -> float:
    """The noise level of a source step (0 clean, 1000 noise) on the scale that ``noise`` names."""
    even = step / TRAIN_LEVELS
    if noise.source_step_scale == "timestep":
        return even
    return noise.shift * even / (1 + (noise.shift - 1) * even)


def gaussian(shape: tuple[int, ...], *, seed: int, names: tuple[str | int, ...]) -> Float[Tensor, "..."]:
    """Standard normal noise by name, the same on every device."""
    return torch.from_numpy(rng_for(seed, *names).standard_normal(shape, dtype=np.float32))


def corrupt_source(
    latents: Float[Tensor, "channels frames height width"],
    eps: Float[Tensor, "channels frames height width"],
    chance: Draw,
) -> Float[Tensor, "channels frames height width"]:
    """The source as the model gets it: noised a little, then dropped in part (i2v) or whole (t2v)."""
    kept_frames = {"t2v": 0, "i2v": 1, "v2v": latents.shape[1]}[chance.source_mode]
    noised = (1 - chance.source_sigma) * latents + chance.source_sigma * eps
    return torch.cat([noised[:, :kept_frames], eps[:, kept_frames:]], dim=1)


def corrupt(batch: PairBatch, draws: list[Draw], *, noise: Noise, seed: int) -> Corrupted:
    """Mix a batch with the noise of its samples."""
    latents, device = batch.target_latents, batch.target_latents.device
    shape = tuple(latents.shape[1:])

    def noise_for(role: str) -> Tensor:
        parts = [gaussian(shape, seed=seed, names=(role, index)) for index in batch.sample_indices]
        return torch.stack(parts).to(device)

    eps, source_eps = noise_for("target noise"), noise_for("source noise")
    levels = [chance.level for chance in draws]
    sigma = torch.from_numpy(sigma_grid(TRAIN_LEVELS, shift=noise.shift)[levels]).float().to(device)
    mix = sigma[:, None, None, None, None]
    sources = zip(batch.source_latents, source_eps, draws, strict=True)
    return Corrupted(
        target=(1 - mix) * latents + mix * eps,
        source=torch.stack([corrupt_source(*source) for source in sources]),
        velocity=eps - latents,
        timestep=TRAIN_LEVELS * sigma,
        weight=torch.from_numpy(level_weights(noise)[levels]).float().to(device),
    )


def squared_error(model: Velocity, batch: PairBatch, corrupted: Corrupted) -> Float[Tensor, " batch"]:
    """Mean squared velocity error per sample, float32; times ``corrupted.weight`` it is the loss."""
    predicted = model(corrupted.target, corrupted.source, corrupted.timestep, batch.text, batch.camera)
    return (predicted.float() - corrupted.velocity).square().flatten(1).mean(dim=1)
