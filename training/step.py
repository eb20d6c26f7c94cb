"""One optimizer step, and the errors of a model on batches that never change."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .computing import arithmetic, attention_kernels
from .config import Config
from .encoders import PairBatch
from .objective import (
    TRAIN_LEVELS,
    CorruptedBatch,
    Corruption,
    corrupt,
    pair_noise,
    source_sigma,
    squared_error,
)
from .parallel import ALONE, World, whole

_SIGMA_RANGES = 4
_FIXED_LEVELS = (100, 350, 600, 850)


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """The figures of one step.

    Attributes:
        error_by_sigma: the unweighted error in four equal ranges of sigma.
        grad_norm: norm of all gradients, before it is clipped.
        skipped: nothing was changed, because the gradients are not finite.
    """

    loss: float
    error_by_sigma: tuple[float | None, ...]
    grad_norm: float
    skipped: bool


def train_step(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    batches: Iterable[CorruptedBatch],
    config: Config,
    *,
    samples: int,
    world: World = ALONE,
) -> StepResult:
    """Make one optimizer step on microbatches of ``samples`` in all; none if the gradients are not finite.

    The result depends on weights, moments, samples and seed only. Each process has its own microbatches, and
    all get the same result.
    """
    model.train()
    optimizer.zero_grad(set_to_none=True)
    loss, errors, sigmas = 0.0, [], []
    for batch in batches:
        error = _errors(model, batch, config)
        part = (error * batch.weight).sum() / samples
        # It may compute blocks again.
        with attention_kernels(config, batch.noisy_latents.device):
            part.backward()
        loss += part.item()
        errors += error.tolist()
        sigmas += (batch.timestep / TRAIN_LEVELS).tolist()
    parameters = [weight for group in optimizer.param_groups for weight in group["params"]]
    world.add_gradients(parameters)
    grad_norm = whole(nn.utils.clip_grad_norm_(parameters, config.optimizer.grad_clip or math.inf)).item()
    loss, errors, sigmas = world.sum(loss), world.joined(errors), world.joined(sigmas)
    is_finite = math.isfinite(loss) and math.isfinite(grad_norm)
    if is_finite:
        optimizer.step()
    by_sigma = _by_sigma(errors, sigmas)
    return StepResult(loss=loss, error_by_sigma=by_sigma, grad_norm=grad_norm, skipped=not is_finite)


@torch.no_grad()
def fixed_errors(model: nn.Module, batches: Sequence[PairBatch], config: Config) -> tuple[float, ...]:
    """Return the mean unweighted error at each of four noise levels, noise first, always with the same noise.

    The model sees the complete source with the least noise. The loss of a step varies with its samples and
    noise levels; these errors change with the model only.
    """
    model.eval()
    sigma = source_sigma(config.noise, config.noise.source_steps[0])
    by_level: list[list[Tensor]] = [[] for _ in _FIXED_LEVELS]
    for batch in batches:
        indices, shape = batch.sample_indices, tuple(batch.target_latents.shape[1:])
        eps = pair_noise(indices, shape, seed=config.seed)
        for level, errors in zip(_FIXED_LEVELS, by_level, strict=True):
            corruption = Corruption(level=level, source_mode="v2v", source_sigma=sigma)
            corrupted = corrupt(batch, [corruption] * len(indices), eps, noise=config.noise)
            errors.append(_errors(model, corrupted, config))
    return tuple(torch.cat(errors).mean().item() for errors in by_level)


def fixed_loss(model: nn.Module, batches: Sequence[PairBatch], config: Config) -> float:
    """Return the mean of ``fixed_errors``."""
    errors = fixed_errors(model, batches, config)
    return sum(errors) / len(errors)


def _errors(model: nn.Module, batch: CorruptedBatch, config: Config) -> Float[Tensor, " batch"]:
    with arithmetic(config, batch.noisy_latents.device):
        return squared_error(model, batch)


def _by_sigma(errors: list[float], sigmas: list[float]) -> tuple[float | None, ...]:
    ranges = [min(int(sigma * _SIGMA_RANGES), _SIGMA_RANGES - 1) for sigma in sigmas]
    members = [[e for e, r in zip(errors, ranges, strict=True) if r == n] for n in range(_SIGMA_RANGES)]
    return tuple(sum(part) / len(part) if part else None for part in members)
