"""Clothes: garments as fields around a body, and shoes."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from .body_shape import BodyShape, above, below
from .implicit import Field, Points, capsule, cut, grown, half_space, outside, steps, steps_about, union
from .layers import Cloth, Layer, Weigh, grown_layer, rigid_layer
from .meshes import Mesh, Paint, Rgb, Ring, dimmed, loft
from .skeleton import BONES, SIDES
from .unreal_space import Number


@dataclass(frozen=True, kw_only=True)
class TopCut:
    """The cut of what covers the torso.

    ``sleeve`` is a share of the arm, ``hem`` of the torso (0: hip joints, below 0: shares of the thigh),
    ``collar`` the height of its edge at the neck (cm). An open front is a gap of ``gap_cm``.
    """

    sleeve: Number
    hem: Number
    thickness_cm: Number = 0.8
    collar_cm: Number = 0.0
    gap_cm: Number = 0.0
    hood: bool = False
    flare: Number = 0.0


TOPS = {
    "tank": TopCut(sleeve=0.0, hem=0.14, thickness_cm=0.6),
    "tshirt": TopCut(sleeve=0.26, hem=0.02, thickness_cm=0.9),
    "shirt": TopCut(sleeve=0.95, hem=0.16, thickness_cm=0.9, collar_cm=2.5),
    "polo": TopCut(sleeve=0.28, hem=0.02, thickness_cm=0.9, collar_cm=2.2),
    "sweater": TopCut(sleeve=0.98, hem=0.04, thickness_cm=1.2, collar_cm=1.2),
    "turtleneck": TopCut(sleeve=0.98, hem=0.05, thickness_cm=1.1, collar_cm=6.0),
    "hoodie": TopCut(sleeve=0.99, hem=0.0, thickness_cm=1.4, collar_cm=1.5, hood=True),
    "jacket": TopCut(sleeve=0.99, hem=-0.02, thickness_cm=1.5, collar_cm=3.5, gap_cm=0.0),
    "blazer": TopCut(sleeve=0.96, hem=-0.12, thickness_cm=1.2, collar_cm=1.0, gap_cm=4.0),
    "cardigan": TopCut(sleeve=0.96, hem=-0.06, thickness_cm=1.2, collar_cm=0.5, gap_cm=3.0),
    "coat": TopCut(sleeve=0.98, hem=-0.85, thickness_cm=1.6, collar_cm=4.0, flare=0.15),
    "dress": TopCut(sleeve=0.12, hem=-0.92, thickness_cm=0.7, flare=0.45),
    "gown": TopCut(sleeve=0.9, hem=-1.7, thickness_cm=0.8, collar_cm=1.0, flare=0.35),
}


@dataclass(frozen=True, kw_only=True)
class BottomCut:
    """The cut of what covers the legs: where it ends (share of the leg), and its width there (cm)."""

    hem: Number
    thickness_cm: Number = 0.9
    width_cm: Number = 0.0
    is_skirt: bool = False
    flare: Number = 0.0


BOTTOMS = {
    "trousers": BottomCut(hem=0.985, width_cm=6.4),
    "jeans": BottomCut(hem=0.97, width_cm=5.6),
    "leggings": BottomCut(hem=0.93, thickness_cm=0.35),
    "wide": BottomCut(hem=0.985, thickness_cm=1.4, width_cm=9.5),
    "shorts": BottomCut(hem=0.42, thickness_cm=1.6, width_cm=9.4),
    "skirt": BottomCut(hem=0.5, is_skirt=True, flare=0.45),
    "long-skirt": BottomCut(hem=0.85, is_skirt=True, flare=0.35),
    "mini": BottomCut(hem=0.3, is_skirt=True, flare=0.15),
}
_CELL_CM = 3.5
# The height of trousers and skirts, as a share of the torso.
WAIST = 0.30
# Tops with higher hems are tucked in.
TUCKED = 0.12


@dataclass(frozen=True, kw_only=True)
class Outfit:
    """Names of cuts, textures and colours of clothes; ``inner`` is what an open front shows."""

    top: str = "tshirt"
    top_color: Rgb = (0.8, 0.8, 0.8)
    top_texture: str = "fabric"
    bottom: str = "trousers"
    bottom_color: Rgb = (0.2, 0.25, 0.35)
    bottom_texture: str = "fabric"
    shoes: str = "sneakers"
    shoes_color: Rgb = (0.3, 0.2, 0.15)
    inner_color: Rgb = (0.93, 0.93, 0.93)
    tie_color: Rgb | None = None


def top_field(shape: BodyShape, top: TopCut, thickness_cm: Number | None = None) -> Field:
    """The garment of a top, in the frame of the actor."""
    body, thickness = shape.build.proportions, top.thickness_cm if thickness_cm is None else thickness_cm
    pieces = [shape.torso]
    if top.sleeve > 0:
        reach = -float(top.sleeve) * (body.upperarm_cm + body.lowerarm_cm)
        loose = union(
            3.0,
            shape.arm,
            capsule((0, 0, -6), (0, 0, reach), 4.0 * shape.build.girth, 4.0 * shape.build.girth),
        )
        sleeve = cut(0.8, loose if top.sleeve < 0.5 or thickness > 1 else shape.arm, above(reach))
        pieces += [shape.in_actor(f"upperarm_{side}", sleeve) for side in SIDES]
    hem, neck = _hem_cm(shape, top), shape.neck_cm + float(top.collar_cm)
    whole = _hanging(shape, union(5.0, *pieces), top, thickness)
    if top.hem < 0:
        whole = union(4.0, whole, skirt_field(shape, hem, top.flare, thickness))
    whole = cut(1.2, whole, above(hem), half_space((0.45, 0, 1), neck + 1.0))
    if top.collar_cm > 2:
        whole = union(1.2, whole, _collar(neck, thickness))
    if top.hood:
        back = capsule(
            (-9.5, -3.5, shape.neck_cm - 3), (-9.5, 3.5, shape.neck_cm - 3), 4.6, 4.6, (0.8, 1, 1.2)
        )
        whole = union(2.0, whole, cut(1.0, back, above(hem)))
    return _with_folds(whole, shape, 0.28 if thickness > 0.5 else 0.1)


def _hanging(shape: BodyShape, close: Field, top: TopCut, thickness_cm: Number) -> Field:
    """Cloth around a field: farther from the hips at a hem over them, close to them if it is tucked in."""
    hem, waist, is_tucked = _hem_cm(shape, top), shape.torso_z_cm(WAIST), top.hem > TUCKED

    def field(points: Points) -> Float[np.ndarray, "points"]:
        if is_tucked:
            return close(points) - thickness_cm * np.clip((points[:, 2] - waist) / 5.0, 0.0, 1.0)
        near_hem = np.clip(1.0 - (points[:, 2] - hem) / 18.0, 0.0, 1.0)
        return close(points) - thickness_cm - 0.9 * near_hem

    return field


def _collar(neck_cm: Number, thickness_cm: Number) -> Field:
    around = capsule((-1.0, 0, neck_cm - 6), (0.4, 0, neck_cm + 4), 6.0, 5.6)
    return cut(0.6, grown(around, 0.5 * thickness_cm), half_space((0.3, 0, 1), neck_cm), above(neck_cm - 5))


def _hem_cm(shape: BodyShape, top: TopCut) -> float:
    if top.hem >= 0:
        return shape.torso_z_cm(top.hem)
    return shape.pelvis_cm + float(top.hem) * shape.build.proportions.thigh_cm


def skirt_field(shape: BodyShape, hem_cm: Number, flare: Number, thickness_cm: Number) -> Field:
    """An elliptic cone from the waist to a hem, around the legs as they are spread in the reference pose."""
    build, pelvis = shape.build, shape.pelvis_cm
    hip = build.proportions.hip_half_cm
    x_hip, y_hip = 11.8 * build.girth, (0.62 * hip * build.hips + 9.6 * build.girth)
    drop = np.tan(np.radians(9.0))

    def field(points: Points) -> Float[np.ndarray, "points"]:
        down = pelvis - points[:, 2]
        along = np.clip(down, -14, pelvis - hem_cm)
        x = x_hip + thickness_cm + np.where(along > 0, (0.02 + 0.22 * flare) * along, 0.12 * along)
        y = y_hip + thickness_cm + np.where(along > 0, (drop + 0.14 * flare) * along, 0.2 * along)
        # Pleats.
        angle = np.arctan2(points[:, 1] / y, (points[:, 0] + 0.8) / x)
        wave = 1.0 + 0.012 * flare * np.clip(along, 0, 40) / 4 * np.sin(9 * angle)
        share = np.hypot((points[:, 0] + 0.8) / x, points[:, 1] / y) / wave
        return (share - 1.0) * np.minimum(x, y)

    return cut(1.0, field, below(shape.torso_z_cm(WAIST)), above(hem_cm))


def bottom_field(shape: BodyShape, bottom: BottomCut, waist_share: Number = WAIST) -> Field:
    """The garment of a bottom, in the frame of the actor."""
    body, build = shape.build.proportions, shape.build
    length = body.thigh_cm + body.calf_cm
    waist = below(shape.torso_z_cm(waist_share))
    if bottom.is_skirt:
        skirt = skirt_field(shape, shape.pelvis_cm - bottom.hem * length, bottom.flare, bottom.thickness_cm)
        return cut(
            0.8,
            union(3.0, skirt, grown(shape.torso, bottom.thickness_cm)),
            waist,
            above(shape.pelvis_cm - bottom.hem * length),
        )
    leg, end = shape.leg, -float(bottom.hem) * length
    hem = shape.pelvis_cm - float(bottom.hem) * length
    if bottom.width_cm:
        width = float(bottom.width_cm) * (0.4 + 0.6 * build.girth)
        leg = union(3.0, leg, capsule((0, 0, 0.45 * end), (-0.4, 0, end), 0.5 * (width + 7.0), width))
    legs = [shape.in_actor(f"thigh_{side}", leg) for side in SIDES]
    hips = cut(1.0, grown(shape.torso, 0.6 - bottom.thickness_cm), waist)
    whole = cut(1.2, grown(union(2.2, hips, *legs), bottom.thickness_cm), above(hem), waist)
    return _with_folds(whole, shape, 0.2 if bottom.width_cm else 0.05)


def _with_folds(field: Field, shape: BodyShape, depth_cm: Number) -> Field:
    """Folds where cloth is bent or hangs."""
    pelvis, phase = shape.pelvis_cm, 7.0 * shape.build.girth

    def folded(points: Points) -> Float[np.ndarray, "points"]:
        x, y, z = points.T
        z = z - pelvis
        waves = np.sin(0.42 * z + 0.25 * y + 1.3 * np.sin(0.16 * y + phase)) * np.sin(
            0.2 * x - 0.13 * z + phase
        )
        waves += 0.6 * np.sin(0.75 * z - 0.33 * np.abs(y) + 2.0 * np.sin(0.11 * z + 0.2 * x))
        return field(points) + depth_cm * waves

    return folded


def skirt_weights(shape: BodyShape, hem_cm: Number) -> Weigh:
    """Weights below the hip joints: from pelvis to thighs, left and right."""

    def weigh(points: Points) -> Float[np.ndarray, "points bones"]:
        weights = shape.weights(points)
        depth = np.clip((shape.pelvis_cm + 4 - points[:, 2]) / 22.0, 0, 1)
        depth = (depth * depth * (3 - 2 * depth))[:, None]
        right = np.clip(0.5 + points[:, 1] / 26.0, 0, 1)
        right = right * right * (3 - 2 * right)
        # Arms hang beside skirts, and do not move them.
        skirt = np.zeros_like(weights)
        swing = 0.92
        skirt[:, BONES.index("thigh_r")] = swing * right
        skirt[:, BONES.index("thigh_l")] = swing * (1 - right)
        skirt[:, BONES.index("pelvis")] = 1 - swing
        return (1 - depth) * weights + depth * skirt

    return weigh


def clothes(shape: BodyShape, outfit: Outfit) -> tuple[list[Layer], list[Field]]:
    """The layers of an outfit, and the fields of its garments."""
    top, girth = TOPS[outfit.top], shape.build.girth
    fields = [top_field(shape, top)]
    layers: list[Layer] = []
    reach_y = (
        shape.build.proportions.shoulder_half_cm
        + (
            float(top.sleeve)
            * 0.72
            * (shape.build.proportions.upperarm_cm + shape.build.proportions.lowerarm_cm)
        )
        + 10
    )
    hem = _hem_cm(shape, top)
    skirt_y = 30 + 0.3 * (shape.pelvis_cm - hem) if top.hem < 0 else 0
    x = (-24 * girth, 26 * girth + 8 * shape.build.belly)
    axes = (
        steps(*x, _CELL_CM),
        steps(-max(reach_y, skirt_y), max(reach_y, skirt_y), _CELL_CM),
        steps_about(hem, shape.neck_cm + float(top.collar_cm) + 6, _CELL_CM),
    )
    cloth = Cloth(paint=Paint(color=outfit.top_color, gloss=0.05, tile_cm=30.0), texture=outfit.top_texture)
    weigh = skirt_weights(shape, hem) if top.hem < 0 else None
    outer = fields[0]
    if top.gap_cm:
        gap = float(top.gap_cm)
        front = capsule(
            (16, 0, hem - 8), (13, 0, shape.neck_cm + 4), 0.6 * gap + 1.5, gap + 1.5, (3.5, 1.0, 1.0)
        )
        outer = cut(0.6, outer, outside(front))
        inner_cut = TopCut(sleeve=0.0, hem=0.05, thickness_cm=0.5, collar_cm=2.4)
        inner = top_field(shape, inner_cut)
        layers.append(
            grown_layer(
                shape,
                inner,
                (
                    axes[0],
                    steps(-26, 26, _CELL_CM),
                    steps(shape.torso_z_cm(0.05) - 1, shape.neck_cm + 9, _CELL_CM),
                ),
                Cloth(paint=Paint(color=outfit.inner_color, gloss=0.05, tile_cm=30.0), texture="fabric"),
                covers=[outer],
            )
        )
        fields.append(inner)
    fields[0] = outer
    layers.append(grown_layer(shape, outer, axes, cloth, weigh=weigh))
    if has_bottom(shape, outfit):
        layers.append(_bottom(shape, outfit, fields))
    layers += _shoes(shape, outfit)
    return layers, fields


def has_bottom(shape: BodyShape, outfit: Outfit) -> bool:
    """Whether legs are seen in something else than the top."""
    body, bottom = shape.build.proportions, BOTTOMS[outfit.bottom]
    length = body.thigh_cm + body.calf_cm
    return shape.pelvis_cm - float(bottom.hem) * length < _hem_cm(shape, TOPS[outfit.top]) - 3.0


def bare_below_cm(shape: BodyShape, outfit: Outfit) -> float:
    """The height below which legs are bare."""
    body, top = shape.build.proportions, _hem_cm(shape, TOPS[outfit.top])
    length = body.thigh_cm + body.calf_cm
    return min(top, shape.pelvis_cm - float(BOTTOMS[outfit.bottom].hem) * length)


def _bottom(shape: BodyShape, outfit: Outfit, fields: list[Field]) -> Layer:
    bottom, body = BOTTOMS[outfit.bottom], shape.build.proportions
    top = TOPS[outfit.top]
    waist = WAIST if top.hem > TUCKED else max(float(top.hem), 0.0) + 0.10
    field, length = bottom_field(shape, bottom, waist), body.thigh_cm + body.calf_cm
    low = shape.pelvis_cm - float(bottom.hem) * length
    reach_y = body.hip_half_cm + 0.17 * length * float(bottom.hem) + 16 * shape.build.girth
    if bottom.is_skirt:
        reach_y += 8 + 10 * bottom.flare
    axes = (
        steps(-21 * shape.build.girth, 20 * shape.build.girth + 6 * shape.build.belly, _CELL_CM),
        steps(-reach_y, reach_y, _CELL_CM),
        steps_about(low, shape.torso_z_cm(waist) + 2, _CELL_CM),
    )
    cloth = Cloth(
        paint=Paint(color=outfit.bottom_color, gloss=0.05, tile_cm=30.0), texture=outfit.bottom_texture
    )
    weigh = skirt_weights(shape, low) if bottom.is_skirt else None
    layer = grown_layer(shape, field, axes, cloth, covers=fields[:], weigh=weigh)
    fields.append(field)
    return layer


def _shoes(shape: BodyShape, outfit: Outfit) -> list[Layer]:
    layers = []
    for side in SIDES:
        rubber, upper = _shoe(shape, outfit)
        layers.append(rigid_layer(shape, f"foot_{side}", "smooth", rubber, *upper))
    return layers


def _shoe(shape: BodyShape, outfit: Outfit) -> tuple[Mesh, list[Mesh]]:
    """Sole and upper; the sole matches the skeleton's sole points, so a flat foot is on the ground."""
    body = shape.build.proportions
    length, ankle, wide = body.foot_cm, body.ankle_cm, body.foot_cm / 26.0
    middle = 0.24 * length
    leather = Paint(color=outfit.shoes_color, gloss=0.35)
    is_sneaker = outfit.shoes == "sneakers"
    rubber = Paint(color=(0.95, 0.95, 0.92) if is_sneaker else dimmed(outfit.shoes_color, 0.35), gloss=0.2)
    sole = [
        Ring(z, 0.5 * length, 4.5 * wide, x_cm=middle, squareness=0.35) for z in (-ankle, -ankle + 2.0 * wide)
    ]
    upper = [
        Ring(-ankle + 1.5, 0.485 * length, 4.4 * wide, x_cm=middle, squareness=0.3),
        Ring(-0.62 * ankle, 0.45 * length, 4.3 * wide, x_cm=0.88 * middle, squareness=0.15),
        Ring(-0.36 * ankle, 0.36 * length, 4.0 * wide, x_cm=0.55 * middle),
        Ring(-0.12 * ankle, 0.25 * length, 3.9 * wide, x_cm=0.10 * middle),
        Ring(0.30 * ankle, 4.5 * wide, 4.0 * wide, x_cm=-0.05 * length),
    ]
    if outfit.shoes == "boots":
        upper += [
            Ring(1.4 * ankle, 4.9 * wide, 4.6 * wide, x_cm=-0.04 * length),
            Ring(2.4 * ankle, 5.6 * wide, 5.2 * wide, x_cm=-0.05 * length),
        ]
    sock = [] if outfit.shoes == "boots" else [_sock(shape, outfit)]
    return loft(sole, rubber, 14), [loft(upper, leather, 14), *sock]


def _sock(shape: BodyShape, outfit: Outfit) -> Mesh:
    ankle, g = shape.build.proportions.ankle_cm, shape.build.girth**0.7
    paint = Paint(color=(0.9, 0.9, 0.88) if outfit.shoes == "sneakers" else dimmed(outfit.shoes_color, 0.6))
    rings = [Ring(z, 3.7 * g, 3.5 * g, x_cm=-0.5) for z in (-0.2 * ankle, 0.75 * ankle)]
    return loft(rings, paint, 10)
