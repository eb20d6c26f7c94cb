"""Layers of a character: a mesh in the reference pose, its texture, and how much each bone moves it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from ..shapes.implicit import Edge, Field, Points, surface
from ..shapes.meshes import Mesh, Paint, merged, transformed
from ..unreal_space import Number
from .body_shape import REGIONS, BodyShape
from .skeleton import BONES
from .skin import SkinnedPart, strongest

Weigh = Callable[[Points], Float[np.ndarray, "points bones"]]
Tint = Callable[[Points], Float[np.ndarray, "points 3"]]
# About the radii of the regions: textures go around them a whole number of times.
_RADII_CM = {"torso": 15.0, "arm": 5.5, "leg": 8.0}
# How far away ambient occlusion looks for the body, and how dark it makes.
_OCCLUSION_CM, _OCCLUSION = 7.0, 0.55
# What is this far below another layer is left out.
_COVERED_CM = 0.4


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A mesh in the reference pose (actor's frame), its texture's name, and its weights for ``BONES``.

    What ``hangs`` lies on the ground instead of in it.
    """

    mesh: Mesh
    texture: str
    weights: Float[np.ndarray, "vertices bones"]
    hangs: bool = False


@dataclass(frozen=True, kw_only=True)
class Cloth:
    """How a layer looks: paint, texture, and tints of points (instead of the colour of the paint)."""

    paint: Paint
    texture: str = "smooth"
    tint: Tint | None = None


def grown_layer(
    shape: BodyShape,
    field: Field,
    axes: Any,
    cloth: Cloth,
    *,
    frame: str | None = None,
    covers: Sequence[Field] = (),
    weigh: Weigh | None = None,
    edges: Sequence[Edge] = (),
) -> Layer:
    """The surface of a field, without what is below ``covers`` (in the actor's frame).

    What ``weigh`` gives weights to hangs from the body.

    The grid ``axes`` and the field are in the frame of the bone ``frame``, or of the actor.
    """
    positions, normals, triangles = surface(field, axes, edges)
    if frame is not None:
        matrix = shape.actor_from_bones[frame]
        positions, normals = positions @ matrix[:3, :3] + matrix[3, :3], normals @ matrix[:3, :3]
    if covers:
        is_covered = np.any([cover(positions) < -_COVERED_CM for cover in covers], axis=0)
        triangles = triangles[~is_covered[triangles].all(axis=1)]
    sources, triangles, uvs = _unwrapped(shape, positions, triangles, cloth.paint.tile_cm)
    positions, normals = positions[sources], normals[sources]
    colors = np.tile(np.array(cloth.paint.color, dtype=np.float64), (len(positions), 1))
    if cloth.tint is not None:
        colors = cloth.tint(positions)
    mesh = Mesh(
        positions=positions,
        normals=normals,
        uvs=uvs,
        colors=colors * _openness(shape, positions, normals)[:, None],
        gloss_glow=np.tile(np.array([cloth.paint.gloss, cloth.paint.glow]), (len(positions), 1)),
        triangles=triangles,
    )
    return Layer(
        mesh=mesh, texture=cloth.texture, weights=(weigh or shape.weights)(positions), hangs=weigh is not None
    )


def rigid_layer(shape: BodyShape, bone: str, texture: str, *meshes: Mesh) -> Layer:
    """Meshes in the frame of a bone, which follow it alone."""
    mesh = transformed(merged(*meshes), shape.actor_from_bones[bone])
    weights = np.zeros((len(mesh.positions), len(BONES)))
    weights[:, BONES.index(bone)] = 1.0
    return Layer(mesh=mesh, texture=texture, weights=weights)


def soft_layer(shape: BodyShape, texture: str, *meshes: Mesh) -> Layer:
    """Meshes in the frame of the actor, which follow the bones as the body does."""
    mesh = merged(*meshes)
    return Layer(mesh=mesh, texture=texture, weights=shape.weights(mesh.positions))


def scaled(meshes: Sequence[Mesh], factor: Number) -> list[Mesh]:
    """Meshes of another size."""
    return [replace(mesh, positions=mesh.positions * factor) for mesh in meshes]


def mirror_image(layer: Layer) -> Layer:
    """The same layer on the other side."""
    flip = np.array([1.0, -1.0, 1.0])
    swapped = [
        bone[:-1] + {"l": "r", "r": "l"}[bone[-1]] if bone[-2:] in ("_l", "_r") else bone for bone in BONES
    ]
    mesh = replace(
        layer.mesh,
        positions=layer.mesh.positions * flip,
        normals=layer.mesh.normals * flip,
        triangles=layer.mesh.triangles[:, ::-1],
    )
    return replace(layer, mesh=mesh, weights=layer.weights[:, [BONES.index(bone) for bone in swapped]])


def skinned_parts(layers: Sequence[Layer]) -> list[SkinnedPart]:
    """One part for each texture, or two if some of it hangs, in the order of their first layers."""
    parts = []
    for texture, hangs in dict.fromkeys((layer.texture, layer.hangs) for layer in layers):
        same = [layer for layer in layers if (layer.texture, layer.hangs) == (texture, hangs)]
        bones, weights = strongest(np.concatenate([layer.weights for layer in same]))
        mesh = merged(*(layer.mesh for layer in same))
        parts.append(SkinnedPart(mesh=mesh, texture=texture, bones=bones, weights=weights, hangs=hangs))
    return parts


def _openness(shape: BodyShape, positions: Points, normals: Points) -> Float[np.ndarray, "points"]:
    """Below 1 where other parts of the body are near."""
    apart = shape.skin_field(positions + _OCCLUSION_CM * normals)
    return 1.0 - _OCCLUSION * np.clip(1.0 - apart / _OCCLUSION_CM, 0.0, 1.0) ** 1.5


def _unwrapped(
    shape: BodyShape, positions: Points, triangles: Int[np.ndarray, "triangles 3"], tile_cm: Number
) -> tuple[Int[np.ndarray, "rows"], Int[np.ndarray, "triangles 3"], Float[np.ndarray, "rows 2"]]:
    """Texture coordinates around and along the regions; vertices are copied where the texture is cut.

    Returns which vertex each row is, the triangles of rows, and the coordinates of rows.
    """
    regions = shape.region_shares(positions[triangles].mean(axis=1)).argmax(axis=1)
    uvs = np.zeros((len(triangles), 3, 2))
    for place, region in enumerate(REGIONS):
        some = np.flatnonzero(regions == place)
        corners = shape.along(region, positions[triangles[some]].reshape(-1, 3)).reshape(-1, 3, 3)
        turns = np.arctan2(corners[..., 1], corners[..., 0]) / (2 * np.pi)
        # Across the cut at the back, the smaller angles belong to the next turn.
        turns += (turns.max(axis=1, keepdims=True) - turns) > 0.5
        tiles = max(1, round(2 * np.pi * _RADII_CM[region.partition("_")[0]] / tile_cm))
        uvs[some, :, 0], uvs[some, :, 1] = turns * tiles, corners[..., 2] / tile_cm
    keys = np.column_stack([triangles.ravel(), np.repeat(regions, 3), np.round(uvs.reshape(-1, 2) * 1e4)])
    _, first, rows = np.unique(keys.astype(np.int64), axis=0, return_index=True, return_inverse=True)
    return triangles.ravel()[first], rows.reshape(-1, 3), uvs.reshape(-1, 2)[first]
