"""Surfaces that are not new: tints that vary, and dirt near the ground."""

from dataclasses import replace

import numpy as np

from ..noise import SmoothNoise
from ..unreal_space import Number
from .meshes import Mesh, Part


def weathered(
    parts: list[Part],
    rng: np.random.Generator,
    *,
    amount: Number = 0.12,
    scale_cm: Number = 160.0,
    foot: Number = 0.25,
) -> list[Part]:
    """Vary the tints of parts smoothly over their surface, and darken them towards the ground."""
    noise = SmoothNoise.of(rng, scale_cm, axes=3)

    def aged(mesh: Mesh) -> Mesh:
        dark = foot * np.exp(-np.clip(mesh.positions[:, 2], 0, None) / 45.0)
        tint = (1 + amount * noise(mesh.positions)) * (1 - dark)
        return replace(mesh, colors=np.clip(mesh.colors * tint[:, None], 0, 1))

    return [replace(part, mesh=aged(part.mesh)) for part in parts]
