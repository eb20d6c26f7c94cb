"""Heads: skin, eyes, brows, beards and glasses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from ..shapes.implicit import (
    Field,
    Points,
    ball,
    capsule,
    cut,
    graded,
    grown,
    half_space,
    outside,
    steps,
    union,
)
from ..shapes.meshes import Mesh, Paint, Rgb, dimmed, ellipsoid
from ..shapes.tubes import smooth_tube
from ..unreal_space import Number
from .body_shape import BodyShape
from .eyes import Eye, eye_meshes
from .layers import Cloth, Layer, grown_layer, rigid_layer, scaled

_SIGNS = (-1, 1)
# Of the grid around a head of scale 1: at eyes, nose and mouth, elsewhere, and at the shoulders.
_FINE_CM, _MEDIUM_CM, _COARSE_CM = 0.6, 1.25, 2.8


@dataclass(frozen=True, kw_only=True)
class Face:
    """Colours of a head, and what is on it; empty: nothing."""

    skin: Rgb
    hair: Rgb
    hair_style: str = "short"
    lips: Rgb | None = None
    iris: Rgb = (0.25, 0.16, 0.10)
    beard: str = ""
    glasses: str = ""
    hat: str = ""
    hat_color: Rgb = (0.2, 0.2, 0.25)


def head_skin(shape: BodyShape, face: Face, covers: Sequence[Field]) -> Layer:
    """Head, neck and the upper chest, without what ``covers`` hide."""
    scale = shape.build.head
    origin = shape.actor_from_bones["head"][3, :3]
    field = union(1.5, shape.in_actor("head", shape.head), shape.torso)
    reach = max(0.55 * shape.build.proportions.shoulder_half_cm, 12.0 * scale)
    fine, medium = _FINE_CM * scale, _MEDIUM_CM * scale
    right = graded((0.0, 4.6 * scale, fine), (6.4 * scale, medium), (9.4 * scale, fine), (reach, _COARSE_CM))
    low_cm = shape.torso_z_cm(0.8) - origin[2]
    ahead = graded((-11 * scale, 3.5 * scale, medium), (12.4 * scale, fine))
    up = graded((low_cm, -1.5 * scale, 1.7), (13.6 * scale, fine), (23.6 * scale, medium))
    axes = (origin[0] + ahead, np.concatenate([-right[:0:-1], right]), origin[2] + up)
    cloth = Cloth(
        paint=skin_paint(face), texture="skin", tint=lambda points: _complexion(shape, face, points)
    )
    return grown_layer(shape, field, axes, cloth, covers=covers)


def skin_paint(face: Face) -> Paint:
    """The paint of bare skin."""
    return Paint(color=face.skin, gloss=0.22, tile_cm=24.0)


def details(shape: BodyShape, face: Face) -> list[Layer]:
    """Eyes, brows, glasses and beard."""
    meshes = scaled(_eyes(shape, face) + _glasses(shape, face), shape.build.head)
    layers = [rigid_layer(shape, "head", "smooth", *meshes)]
    beard = _beard_field(shape, face)
    if beard is not None:
        s = shape.build.head
        axes = (
            steps(-3 * s, 12 * s, 1.0 * s),
            steps(-8 * s, 8 * s, 1.0 * s),
            steps(-6.5 * s, 9 * s, 1.0 * s),
        )
        cloth = Cloth(paint=Paint(color=dimmed(face.hair, 0.92), gloss=0.2, tile_cm=12.0), texture="strands")
        layers.append(grown_layer(shape, beard, axes, cloth, frame="head"))
    return layers


def front_cm(shape: BodyShape, y: Number, z: Number) -> float:
    """Where the face is at a place, for a head of scale 1."""
    s = float(shape.build.head)
    x = np.linspace(4.0, 14.0, 101)
    points = s * np.stack([x, np.full_like(x, y), np.full_like(x, z)], axis=1)
    inside = np.flatnonzero(shape.head(points) < 0)
    return float(x[inside[-1]]) if len(inside) else 8.0


def _complexion(shape: BodyShape, face: Face, points: Points) -> Float[np.ndarray, "points 3"]:
    """The colour of skin: redder cheeks and nose, lips, darker sockets, and shaved or bald hair."""
    local = (points - shape.actor_from_bones["head"][3, :3]) / shape.build.head
    skin = np.array(face.skin, dtype=np.float64)
    colors = np.tile(skin, (len(points), 1))
    blush = skin * (1.0, 0.80, 0.78)

    def blend(amount: np.ndarray, color: np.ndarray) -> None:
        colors[:] += np.clip(amount, 0, 1)[:, None] * (color - colors)

    mirrored = local.copy()
    mirrored[:, 1] = np.abs(mirrored[:, 1])
    blend(0.55 - 0.2 * np.linalg.norm(mirrored - (7.2, 4.2, 6.8), axis=1), blush)
    blend(0.6 - 0.3 * np.linalg.norm(local - (10.6, 0, 7.3), axis=1), blush)
    blend(0.9 - 0.35 * np.linalg.norm(mirrored - (0.4, 8.0, 9.5), axis=1), blush)
    blend(0.75 - 0.32 * np.linalg.norm(mirrored - (8.6, 3.0, 9.6), axis=1), skin * (0.80, 0.70, 0.70))
    lips = np.array(face.lips or dimmed((face.skin[0], face.skin[1] * 0.78, face.skin[2] * 0.78), 0.82))
    # Lips are nearly as wide as the distance of the eyes, and the lower one is the thicker one.
    y, z = mirrored[:, 1] / 2.35, local[:, 2]
    width = np.clip(1.0 - y * y, 0.0, 1.0)
    closed = 4.0 + 0.16 * y
    above, under = (z - closed) / 0.78, (closed - z) / 1.05
    mouth = np.where(above > 0, above, under) - width
    blend(np.where((local[:, 0] > 6.5) & (y < 1), 0.5 - 2.4 * mouth, 0.0) * 0.8, lips)
    line = np.abs(z - closed)
    blend(np.where((local[:, 0] > 6.5) & (y < 1.02), 0.85 - 2.6 * line, 0.0), lips * 0.5)
    if face.beard == "stubble":
        blend(0.40 * _stubble(mirrored), np.array(face.hair) * 0.8)
    if face.hair_style == "buzz":
        scalp = half_space((0.77, 0, -0.64), -5.6)(local)
        blend(np.where(scalp < 0, 0.75, 0.0), np.array(face.hair))
    return colors


def _stubble(mirrored: Points) -> Float[np.ndarray, "points"]:
    """How much stubble is on skin, 0 to 1; it fades, as the cells of the grid do not follow its outline.

    Points are in the frame of the head, for a head of scale 1, with the left side on the right.
    """
    x, y, z = mirrored.T
    # It begins below the nose, is lowest beside the mouth, and rises along the cheek to the sideburn.
    beside = _rise(y, 1.6, 4.4)
    top_cm = 6.8 - 1.2 * beside + 3.4 * _rise(-x, -8.2, -1.5)
    below_nose = (1 - _rise(z, top_cm - 1.0 - 1.8 * beside, top_cm)) * (1 - _rise(x, 9.7, 10.5))
    before_ear, above_throat = _rise(x, 0.0, 2.8), _rise(z, -4.2, -0.6)
    # Lips are bare.
    around_lips = _rise(np.hypot(y / 2.6, (z - 4.0) / np.where(z > 4.0, 0.85, 1.15)), 0.85, 1.4)
    return np.asarray(below_nose * before_ear * above_throat * np.maximum(around_lips, x < 6.5))


def _rise(values: np.ndarray, low: Any, high: Any) -> Float[np.ndarray, "points"]:
    """From 0 at ``low`` to 1 at ``high`` without corners."""
    t = np.clip((values - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3 - 2 * t))


def _eyes(shape: BodyShape, face: Face) -> list[Mesh]:
    """Eyes and brows."""
    size = float(shape.build.eyes)
    # Large eyes are wide open.
    lift_deg = 24.0 * max(size - 1.0, 0.0)
    brow = Paint(color=dimmed(face.hair, 0.85 if sum(face.hair) > 1.9 else 0.75))
    meshes: list[Mesh] = []
    for sign in _SIGNS:
        y, z = sign * 3.2, 10.3
        eye = Eye(
            center_cm=(front_cm(shape, y, z) - 0.78 * size, y, z),
            radius_cm=1.3 * size,
            inward_rad=-0.05 * sign,
            high_deg=25.0 + lift_deg,
            low_deg=-31.0 - lift_deg,
            iris=face.iris,
            skin=dimmed(face.skin, 0.92),
            lash=dimmed(face.hair, 0.35),
        )
        meshes += [*eye_meshes(eye), _brow(shape, sign, size, brow)]
    return meshes


def _brow(shape: BodyShape, sign: int, eyes: float, paint: Paint) -> Mesh:
    line = []
    for share in np.linspace(0, 1, 5):
        y = sign * (1.3 + 4.0 * share)
        z = 12.5 + 0.9 * float(np.sin(np.pi * (0.15 + 0.7 * share))) - 0.35 * share + 0.5 * (eyes - 1)
        line.append((front_cm(shape, y, z) + 0.05, y, z))
    radii = np.array([0.24, 0.33, 0.33, 0.26, 0.1]) * (0.8 if shape.build.bust else 1.1)
    return smooth_tube(line, radii, paint, 5)


def _glasses(shape: BodyShape, face: Face) -> list[Mesh]:
    if not face.glasses:
        return []
    frame = Paint(color=(0.08, 0.07, 0.07) if face.glasses != "gold" else (0.75, 0.6, 0.3), gloss=0.7)
    x, z = max(front_cm(shape, 3.0, 12.0), front_cm(shape, 0, 10.4) - 0.6) + 0.9, 10.2
    meshes = []
    wide, high = (2.6, 2.1) if face.glasses != "gold" else (2.3, 2.3)
    wide, high = wide * shape.build.eyes**0.5, high * shape.build.eyes**0.5
    for sign in _SIGNS:
        angle = np.linspace(0, 2 * np.pi, 17)
        ring = [
            (x - 0.12 * abs(np.cos(a)), sign * 3.25 + wide * np.cos(a), z + high * np.sin(a)) for a in angle
        ]
        meshes.append(smooth_tube(ring, np.full(17, 0.24), frame, 5))
        side = [
            (x - 0.3, sign * (3.2 + wide), z + 0.8),
            (4.0, sign * 7.7, z + 0.9),
            (-0.5, sign * 8.0, z + 0.6),
        ]
        meshes.append(smooth_tube(side, np.full(3, 0.22), frame, 5))
        if face.glasses == "sun":
            lens = Paint(color=(0.04, 0.04, 0.05), gloss=0.95)
            meshes.append(ellipsoid((x - 0.1, sign * 3.25, z), (0.2, wide, high), lens, 14, 6))
    bridge = [(x, -0.7, z + 0.5), (x + 0.3, 0, z + 0.75), (x, 0.7, z + 0.5)]
    return [*meshes, smooth_tube(bridge, np.full(3, 0.22), frame, 5)]


def _beard_field(shape: BodyShape, face: Face) -> Field | None:
    if face.beard in ("", "stubble"):
        return None
    s = shape.build.head
    mustache = union(0.5, *(capsule((9.9, 0, 5.3), (8.9, sign * 2.6, 4.4), 0.75, 0.45) for sign in _SIGNS))
    mouth = ball((9.2, 0, 3.7), 1.0, (1.8, 2.0, 0.8))

    def jaw(points: Points) -> np.ndarray:
        return shape.head(points * s) / s

    length = {"full": 0.9, "long": 1.1, "goatee": 0.8, "moustache": 0.0}[face.beard]
    if face.beard == "moustache":
        whole: Field = mustache
    else:
        covered = grown(jaw, length)
        limits = [half_space((-0.15, 0, 1), 4.6), half_space((-1, 0, 0.25), 0.2), outside(mouth)]
        if face.beard == "goatee":
            limits.append(ball((9.0, 0, 1.2), 3.8))
        pieces = [cut(0.8, covered, *limits), mustache]
        if face.beard == "long":
            pieces.append(capsule((6.6, 0, 0.0), (7.4, 0, -5.5), 3.8, 1.6, (0.8, 1, 1)))
        whole = union(0.8, *pieces)
    return lambda points: s * whole(points / s)
