"""Copies of a prop that look unlike each other: feature matching would mix up two equal benches."""

from dataclasses import replace

import numpy as np

from ..environment import Prop
from ..shapes.meshes import Part
from ..textures.ground import WINDOWS
from ..textures.pictures import PICTURE_TEXTURES

# Textures that are not tiled: pictures and whole rugs.
_SHOWN_WHOLE = {*PICTURE_TEXTURES, "painting", "soft_disc", "rug_red", "rug_soft", "rug_kilim"}
_VARIANTS = 3


def displaced(prop: Prop, rng: np.random.Generator) -> Prop:
    """The prop with another place of each tiled texture."""
    return replace(prop, parts=[_displaced(part, rng) for part in prop.parts])


def varied(prop: Prop, rng: np.random.Generator) -> Prop:
    """The prop with a variant of each tiled texture, at another place and mirrored or not."""
    return replace(prop, parts=[_varied(_displaced(part, rng), rng) for part in prop.parts])


def _displaced(part: Part, rng: np.random.Generator) -> Part:
    if part.texture in _SHOWN_WHOLE:
        return part
    shift = rng.random(2)
    if part.texture in WINDOWS:
        windows = np.array(WINDOWS[part.texture])
        # By whole windows, so that none is cut at an edge of the house where none was before.
        shift = np.floor(shift * windows) / windows
    return replace(part, mesh=replace(part.mesh, uvs=part.mesh.uvs + shift))


def _varied(part: Part, rng: np.random.Generator) -> Part:
    if part.texture in _SHOWN_WHOLE:
        return part
    mirror = np.array([rng.choice((-1.0, 1.0)), 1.0])
    variant = int(rng.integers(_VARIANTS))
    texture = f"{part.texture}.{variant}" if variant and "." not in part.texture else part.texture
    return replace(part, mesh=replace(part.mesh, uvs=part.mesh.uvs * mirror), texture=texture)
