"""Extents of the assets of the embedded engine, measured on their meshes."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from ..catalog import Animation, Character, Environment, Point
from ..engine.assets import animation, body, find_asset
from ..engine.content.characters.catalog import CHARACTERS, character_skin
from ..engine.content.characters.skeleton import BONES, actor_from_bones
from ..engine.content.shapes.meshes import Mesh
from ..engine.content.unreal_space import CM_PER_M
from ..geometry import level_surfaces
from ..level_check import level_size_m
from .items import Item

# A usual body, 1.7 m high.
_REFERENCE = "Ada"
_TIMES = 24


def measured_size_m(item: Item) -> Point | None:
    """The extent of an asset in the sense of its entry's ``size_m``, rounded to centimetres.

    None if it is not an asset of the embedded engine.
    """
    match item:
        case Environment():
            surfaces = level_surfaces(item.asset)
            return level_size_m(surfaces) if surfaces else None
        case Character():
            points_m = _character_m(item.asset)
        case Animation():
            points_m = _animation_m(item.asset)
    if points_m is None:
        return None
    x, y, z = np.ptp(points_m, axis=0).round(2).tolist()
    return x, y, z


def _character_m(asset: str) -> Float[np.ndarray, "points 3"] | None:
    found = find_asset(asset, "SkeletalMesh")
    return _joined_m([part.mesh for part in body(found).skin.parts]) if found else None


def _animation_m(asset: str) -> Float[np.ndarray, "points 3"] | None:
    found = find_asset(asset, "AnimSequence")
    if not found:
        return None
    motion, skin = animation(found), character_skin(_REFERENCE)
    proportions = CHARACTERS[_REFERENCE].proportions
    moments = []
    for time_s in np.linspace(0, motion.duration_s, _TIMES, endpoint=False).tolist():
        bones = actor_from_bones(proportions, motion.at(time_s, True, proportions))
        pieces = skin.bone_from_reference @ np.array([bones[bone] for bone in BONES])
        moments.append(_joined_m(skin.posed(pieces)))
    return np.concatenate(moments)


def _joined_m(meshes: Sequence[Mesh]) -> Float[np.ndarray, "vertices 3"]:
    return np.concatenate([mesh.positions for mesh in meshes]) / CM_PER_M
