"""Tubes along lines."""

from dataclasses import replace
from typing import Any

import numpy as np

from .meshes import Mesh, Paint, Ring, loft


def smooth_tube(points: Any, radii: Any, paint: Paint, segments: int = 6) -> Mesh:
    """A closed tube through points, with a radius at each."""
    line, radii = np.array(points, dtype=np.float64), np.array(radii, dtype=np.float64)
    ahead = np.gradient(line, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    across = np.cross(ahead, _sideways(ahead))
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    other = np.cross(ahead, across)
    straight = loft([Ring(float(k), 1.0, 1.0) for k in range(len(line))], paint, segments)
    # A loft adds a ring of almost no radius at both ends.
    rows = np.clip(np.arange(len(line) + 2) - 1, 0, len(line) - 1).repeat(segments + 1)
    unit = straight.positions[:, :2]
    offsets = radii[rows, None] * (unit[:, :1] * across[rows] + unit[:, 1:] * other[rows])
    normals = unit[:, :1] * across[rows] + unit[:, 1:] * other[rows]
    size = np.linalg.norm(normals, axis=1, keepdims=True)
    ends = np.where((np.arange(len(line) + 2) == 0).repeat(segments + 1)[:, None], -1.0, 1.0) * ahead[rows]
    normals = np.where(size > 0.5, normals / np.maximum(size, 1e-9), ends)
    return replace(straight, positions=line[rows] + offsets, normals=normals)


def _sideways(ahead: np.ndarray) -> np.ndarray:
    """A direction that no part of the line has."""
    return np.eye(3)[np.abs(ahead).max(axis=0).argmin()]
