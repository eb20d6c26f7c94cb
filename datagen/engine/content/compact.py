"""Levels in half the memory: numbers of meshes in 32 bits, as graphics cards have them."""

from dataclasses import fields, replace

import numpy as np

from .environment import Environment, Prop
from .shapes.meshes import Mesh, Part

_HALF = {np.dtype(np.float64): np.float32, np.dtype(np.int64): np.int32}


def compact(level: Environment) -> Environment:
    """The level with meshes of 32-bit numbers."""
    return replace(level, props={name: _compact_prop(prop) for name, prop in level.props.items()})


def _compact_prop(prop: Prop) -> Prop:
    return replace(prop, parts=[_compact_part(part) for part in prop.parts])


def _compact_part(part: Part) -> Part:
    return replace(part, mesh=_compact_mesh(part.mesh))


def _compact_mesh(mesh: Mesh) -> Mesh:
    arrays = {one.name: getattr(mesh, one.name) for one in fields(mesh)}
    return replace(
        mesh,
        **{
            name: array.astype(_HALF[array.dtype])
            for name, array in arrays.items()
            if isinstance(array, np.ndarray) and array.dtype in _HALF
        },
    )
