"""Hair styles and hats, in the frame of the head."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from ..shapes.implicit import Field, Points, ball, capsule, cut, grown, half_space, outside, steps, union
from ..shapes.meshes import Mesh, Paint, Ring, dimmed, ellipsoid, loft
from ..unreal_space import Number
from .body_shape import BodyShape
from .faces import Face
from .layers import Cloth, Layer, grown_layer, rigid_layer, scaled
from .skeleton import BONES

_SIGNS = (-1, 1)
_SKULL = ball((-0.9, 0, 13.2), 8.6, (1.07, 0.87, 0.98))


def _cap(thickness_cm: Number, hairline: Number = 0.0) -> Field:
    """Hair close to the skull, up to a line from the forehead over the ears to the nape."""
    whole = union(2.0, _SKULL, capsule((-4.5, 0, 10), (-5.2, 0, 5.0), 5.2, 3.6, (0.8, 1.15, 1)))
    line = half_space((0.80, 0, -0.60), -4.6 - float(hairline))
    return cut(0.9, grown(whole, thickness_cm), line)


def _sides(low: Number, thickness: Number, flare: Number = 0.0) -> list[Field]:
    return [
        capsule(
            (-1.2, s * 7.5, 13.5),
            (-1.4, s * (7.9 + flare), low),
            2.4 * thickness,
            1.7 * thickness,
            (1.7, 0.75, 1),
        )
        for s in _SIGNS
    ]


def _fall(low: Number, thickness: Number = 1.0) -> list[Field]:
    """Hair that falls over the back of the head."""
    return [
        capsule((-6.0, 0, 13), (-7.4, 0, 3.0), 4.4, 4.2 * thickness, (0.9, 1.75, 1)),
        capsule((-7.4, 0, 3.0), (-8.6, 0, low), 4.0 * thickness, 2.6 * thickness, (0.75, 1.9, 1)),
    ]


def _fringe(depth: Number) -> Field:
    return cut(
        0.5, grown(_SKULL, 1.0), half_space((-1, 0, 0), -4.5), half_space((0, 0, -1), -15.4 + float(depth))
    )


def _lock(angle_rad: float) -> Field:
    back, side = float(np.cos(angle_rad)), float(np.sin(angle_rad))
    return capsule((-1.5 - 6 * back, 8.0 * side, 14), (-2.5 - 7.2 * back, 9.2 * side, -3), 1.7, 1.1)


STYLES: dict[str, Callable[[], Field]] = {
    "buzz": lambda: _cap(0.25, 0.3),
    "short": lambda: union(2.5, _cap(0.8), capsule((-1, 0, 19.3), (4.4, 0, 19.6), 3.4, 2.5, (1, 1.4, 1))),
    "side": lambda: union(
        2.0, _cap(0.7), capsule((4.6, -3.5, 19.2), (5.6, 4.5, 18.6), 2.2, 2.8),
        capsule((-3, 1, 20), (3, 2.5, 20.3), 3, 3),
    ),
    "quiff": lambda: union(2.0, _cap(0.55), capsule((-2, 0, 19.8), (6.0, 0, 21.0), 2.6, 3.1, (1, 1.5, 1))),
    "slick": lambda: union(2.0, _cap(0.7, 0.6), capsule((4, 0, 18.8), (-6, 0, 17.2), 3.0, 4.2, (1, 1.5, 1))),
    "bowl": lambda: union(1.5, _cap(1.3), _fringe(1.2), *_sides(8.0, 0.95)),
    "curly": lambda: union(2.5, _cap(1.6), ball((0.5, 0, 17.4), 7.4, (1.1, 1.1, 0.9)), *_sides(10.5, 0.8)),
    "afro": lambda: cut(2.0, ball((-1.6, 0, 14.8), 12.8), half_space((0.86, 0, -0.5), 0.6)),
    "bob": lambda: union(2.0, _cap(1.2), *_sides(2.0, 1.0, 0.6), *_fall(2.0)[:1]),
    "bangs": lambda: union(1.8, _cap(1.2), _fringe(1.8), *_sides(1.0, 1.0, 0.4), *_fall(1.0)[:1]),
    "wavy": lambda: union(2.2, _cap(1.4), *_sides(-4.0, 1.15, 1.2), *_fall(-6.0, 1.1)),
    "long": lambda: union(2.2, _cap(1.1), *_sides(-6.0, 0.95, 0.2), *_fall(-16.0)),
    "ponytail": lambda: union(
        1.2, _cap(0.7), ball((-9.6, 0, 14.6), 1.9), capsule((-10.8, 0, 14), (-13.0, 0, 7), 2.6, 3.0),
        capsule((-13.0, 0, 7), (-12.0, 0, -4.0), 3.0, 0.9),
    ),
    "pigtails": lambda: union(
        1.2, _cap(0.8), *(capsule((-2.5, s * 9.0, 11), (-2.0, s * 11.2, 1.0), 2.6, 1.3) for s in _SIGNS)
    ),
    "bun": lambda: union(1.0, _cap(0.7), ball((-8.0, 0, 18.6), 4.1)),
    "topknot": lambda: union(1.0, _cap(0.6), ball((-2.0, 0, 23.4), 3.1)),
    "crown": lambda: cut(0.8, _cap(0.9), half_space((0, 0, 1), 14.2)),
    "mohawk": lambda: union(
        1.0, _cap(0.25, 0.3), capsule((5.6, 0, 20.5), (-7.5, 0, 17.5), 4.2, 4.6, (1, 0.3, 1))
    ),
    "dreads": lambda: union(1.0, _cap(1.2), *map(_lock, np.linspace(-1.5, 1.5, 9).tolist())),
}  # fmt: skip
# Depth and number of the locks of a style, if they are not the usual ones.
_LOCKS = {"curly": (0.75, 0), "afro": (0.42, 0), "wavy": (0.45, 7), "buzz": (0.0, 0), "bowl": (0.2, 16)}


def hair_field(shape: BodyShape, face: Face) -> Field | None:
    """The hair, in the frame of ``head``; None if there is none."""
    if face.hair_style == "bald" or face.hat in ("scarf", "helmet"):
        return None
    s, field = shape.build.head, STYLES[face.hair_style]()
    depth, count = _LOCKS.get(face.hair_style, (0.3, 11))
    under = _hat_limit(face)
    if under is not None:
        field = cut(0.6, field, under)

    def locks(points: Points) -> Float[np.ndarray, "points"]:
        x, y, z = (points / s).T
        if count:
            angle = np.arctan2(y, x + 2.5)
            wave = np.sin(count * angle + 0.5 * np.sin(0.5 * z)) * np.clip(np.hypot(x + 2.5, y) / 4, 0, 1)
        else:
            wave = np.sin(1.5 * x + np.sin(z)) * np.sin(1.4 * y + 0.7 * z) + 0.6 * np.sin(1.6 * z + y)
        return s * (field(points / s) + depth * wave)

    return locks


def _hat_limit(face: Face) -> Field | None:
    """Hair below a hat."""
    return half_space((0.12, 0, 1), 15.6) if face.hat else None


def hair_layer(shape: BodyShape, face: Face, field: Field) -> Layer:
    """The hair as a layer; what falls below the head follows neck and chest, too."""
    s = shape.build.head
    is_big, is_long = (
        face.hair_style == "afro",
        face.hair_style in ("long", "wavy", "dreads", "ponytail", "pigtails"),
    )
    cell = (1.9 if is_big else 1.8) * s
    reach = 15.0 if is_big else 13.0
    axes = (
        steps(-16.5 * s, (12 if is_big else 10.5) * s, cell),
        steps(-reach * s, reach * s, cell),
        steps(
            (-22 if is_long else -2.5) * s,
            (29 if is_big or face.hair_style in ("topknot", "mohawk") else 25.5) * s,
            cell,
        ),
    )
    gloss = 0.04 if face.hair_style in ("afro", "curly", "dreads", "buzz") else 0.2
    cloth = Cloth(paint=Paint(color=face.hair, gloss=gloss, tile_cm=14.0), texture="strands")

    def weigh(points: Points) -> Float[np.ndarray, "points bones"]:
        down = np.clip((shape.actor_from_bones["head"][3, 2] + 2 - points[:, 2]) / 16.0, 0, 0.8)
        weights = np.zeros((len(points), len(BONES)))
        weights[:, BONES.index("head")] = 1 - down
        weights[:, BONES.index("neck_01")] = 0.4 * down
        weights[:, BONES.index("spine_02")] = 0.6 * down
        return weights

    return grown_layer(shape, field, axes, cloth, frame="head", weigh=weigh)


def hat_layers(shape: BodyShape, face: Face) -> list[Layer]:
    """A hat, in the frame of ``head``."""
    if not face.hat:
        return []
    cloth = Paint(color=face.hat_color, gloss=0.1, tile_cm=14.0)
    scarf = scarf_field(shape, face)
    if scarf is not None:
        return [_scarf(shape, face, scarf)]
    return [rigid_layer(shape, "head", "fabric", *scaled(_hat(face, cloth), shape.build.head))]


def _hat(face: Face, cloth: Paint) -> list[Mesh]:
    dark = Paint(color=dimmed(face.hat_color, 0.6), gloss=0.2, tile_cm=14.0)
    if face.hat == "cap":
        dome = [
            Ring(14.6, 10.2, 8.6, -0.9),
            Ring(17.5, 9.9, 8.5, -0.9),
            Ring(20.6, 8.2, 7.2, -0.8),
            Ring(22.6, 4.4, 4, -0.7),
        ]
        brim = [Ring(14.5, 7.6, 6.6, 8.6), Ring(15.1, 7.4, 6.4, 8.6)]
        return [
            loft(dome, cloth, 20),
            loft(brim, dark, 20),
            ellipsoid((-0.7, 0, 22.8), (0.8, 0.8, 0.5), dark, 8, 5),
        ]
    if face.hat == "beanie":
        dome = [
            Ring(13.6, 10.3, 8.7, -0.9),
            Ring(16.2, 10.6, 9.0, -0.9),
            Ring(20.5, 8.8, 7.6, -1.2),
            Ring(23.2, 4.4, 4, -1.4),
        ]
        roll = [
            Ring(13.2, 10.4, 8.9, -0.9),
            Ring(13.8, 11.0, 9.3, -0.9),
            Ring(16.0, 11.0, 9.3, -0.9),
            Ring(16.6, 10.5, 8.9, -0.9),
        ]
        return [loft(dome, cloth, 20), loft(roll, dark, 20)]
    if face.hat == "helmet":
        dome = [
            Ring(12.6, 10.9, 9.3, -0.9),
            Ring(16.2, 11.2, 9.6, -0.9),
            Ring(20.8, 9.6, 8.2, -0.9),
            Ring(24.2, 5.2, 4.8, -0.9),
        ]
        rim = [Ring(12.4, 12.6, 10.4, 0.2), Ring(13.3, 11.6, 9.8, -0.2)]
        return [
            loft(dome, Paint(color=face.hat_color, gloss=0.6), 20),
            loft(rim, Paint(color=face.hat_color, gloss=0.6), 20),
        ]
    # Hats with a brim all around: "sun" a wide one, "fedora" a narrow one.
    reach = 19.0 if face.hat == "sun" else 14.5
    crown = [
        Ring(15.0, 10.2, 8.6, -0.9),
        Ring(20.0, 9.4, 7.9, -0.9),
        Ring(23.6, 8.2, 6.8, -0.9),
        Ring(24.6, 5.0, 4.0, -0.9),
    ]
    brim = [Ring(14.6, reach, reach - 1.6, -0.9), Ring(15.4, reach - 0.4, reach - 2, -0.9)]
    band = [Ring(15.3, 10.5, 8.9, -0.9), Ring(17.6, 10.1, 8.5, -0.9)]
    return [loft(crown, cloth, 22), loft(brim, cloth, 26), loft(band, dark, 22)]


def scarf_field(shape: BodyShape, face: Face) -> Field | None:
    """A cloth around head and neck that leaves the face free, in the frame of ``head``; None: no scarf."""
    if face.hat != "scarf":
        return None
    s = shape.build.head

    def head(points: Points) -> Float[np.ndarray, "points"]:
        return shape.head(points * s) / s

    def ahead(points: Points) -> Float[np.ndarray, "points"]:
        # Seen from the side, the edge of the cloth is a curve from the forehead by the cheek to the throat.
        x, _, z = points.T
        return 4.6 + 0.16 * (z - 8) + 0.018 * (z - 8) ** 2 - x

    around_head = union(1.5, grown(_SKULL, 1.2), grown(head, 0.9))
    wrap = union(
        3.0,
        around_head,
        capsule((0.0, 0, 6), (0.0, 0, -1), 7.0, 7.0),
        capsule((-0.5, 0, -2), (-1.6, 0, -7), 7.6, 10.5, (1, 1.15, 1)),
    )
    # Seen from ahead, it is an oval that ends at the hairline and below the chin.
    oval = capsule((0, 0, 9.8), (0, 0, 2.2), 7.2, 4.1, (1, 1.5, 1))
    opening = cut(3.0, ahead, lambda points: oval(points * (0, 1, 1)))
    whole = cut(0.7, wrap, outside(opening), half_space((0, 0, -1), 9.0))

    def field(points: Points) -> Float[np.ndarray, "points"]:
        x, y, z = (points / s).T
        return s * (whole(points / s) + 0.18 * np.sin(1.1 * z + 0.5 * np.abs(y) - 0.3 * x))

    return field


def _scarf(shape: BodyShape, face: Face, field: Field) -> Layer:
    """The scarf as a layer."""
    s = shape.build.head
    cell = 1.15 * s
    axes = (steps(-13 * s, 12 * s, cell), steps(-13.5 * s, 13.5 * s, cell), steps(-11 * s, 24 * s, cell))
    cloth = Cloth(paint=Paint(color=face.hat_color, gloss=0.05, tile_cm=30.0), texture="fabric")
    return grown_layer(shape, field, axes, cloth, frame="head")
