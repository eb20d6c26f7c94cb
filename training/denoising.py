"""From noise to latents: Euler steps along the velocity of a model."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from .models.conditions import Conditions, VelocityModel
from .objective import TRAIN_LEVELS


@dataclass(frozen=True, kw_only=True)
class Guidance:
    """Classifier-free guidance: away from what ``negative_text`` describes; a ``scale`` of 1 is none."""

    scale: float | int
    negative_text: Float[Tensor, "1 tokens text_dim"]


@torch.no_grad()
def denoised(
    model: VelocityModel,
    eps: Float[Tensor, "1 channels frames height width"],
    conditions: Conditions,
    *,
    guidance: Guidance,
    sigmas: Float[np.ndarray, " steps"],
    known: Float[Tensor, "1 channels known_frames height width"] | None = None,
    after_step: Callable[[], None] = lambda: None,
) -> Float[Tensor, "1 channels frames height width"]:
    """Integrate the velocity from noise to latents, by Euler steps over decreasing ``sigmas`` and then to 0.

    The first latents are held at those ``known``, with the noise of each level.
    """
    negative = replace(conditions, text=guidance.negative_text)
    latents = eps
    for sigma, next_sigma in pairwise([*sigmas.tolist(), 0.0]):
        timestep = torch.full((1,), TRAIN_LEVELS * sigma, device=eps.device)
        velocity = model(latents, timestep, conditions).float()
        if guidance.scale != 1:
            unguided = model(latents, timestep, negative).float()
            velocity = unguided + guidance.scale * (velocity - unguided)
        latents = latents + (next_sigma - sigma) * velocity
        if known is not None:
            held = known.shape[2]
            noisy = (1 - next_sigma) * known + next_sigma * eps[:, :, :held]
            latents = torch.cat([noisy, latents[:, :, held:]], dim=2)
        after_step()
    return latents
