"""Garments as fields around a body, in the frame of the actor."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..shapes.implicit import Edge, Field, Points, capsule, cut, grown, half_space, outside, union
from ..unreal_space import Number
from .body_shape import BodyShape, above, below
from .cuts import TUCKED, WAIST, BottomCut, TopCut
from .skeleton import SIDES

# How round the edges of cloth are.
_HEM_CM = 0.1
# Trousers are narrower on legs that are shorter.
_USUAL_LEG_CM = 82.0


@dataclass(frozen=True, kw_only=True)
class Garment:
    """A shape, and the lines at which its cloth ends."""

    field: Field
    edges: tuple[Edge, ...]


def _tailored(cloth: Field, *limits: Field) -> Garment:
    """Cloth that ends at limits."""
    return Garment(field=cut(_HEM_CM, cloth, *limits), edges=tuple((cloth, limit) for limit in limits))


def top_garment(shape: BodyShape, top: TopCut) -> Garment:
    """The garment of a top, without the gap of an open front."""
    thickness = top.thickness_cm
    pieces = [shape.torso]
    ends: list[Edge] = []
    depth_cm = 0.16 if thickness > 0.5 else 0.06
    if top.sleeve > 0:
        sleeve, end = _sleeve(shape, top)
        for bone in ("upperarm_l", "upperarm_r"):
            pieces.append(shape.in_actor(bone, cut(_HEM_CM, sleeve, end)))
            arm = _with_folds(_hanging(shape, shape.in_actor(bone, sleeve), top), shape, depth_cm)
            ends.append((arm, grown(shape.in_actor(bone, end), thickness)))
    hem, neck = hem_cm(shape, top), shape.neck_cm + float(top.collar_cm)
    whole = _hanging(shape, union(3.5, *pieces), top)
    if top.hem < 0:
        whole = union(4.0, whole, skirt_field(shape, hem, top.flare, thickness))
    neckline = half_space((0.45, 0, 1), neck + 1.0)
    if top.collar_cm > 2:
        whole = union(1.2, cut(_HEM_CM, whole, neckline), _collar(neck, thickness))
        neckline = half_space((0.3, 0, 1), neck + 1.0)
    if top.hood:
        low = shape.neck_cm - 3
        whole = union(2.0, whole, capsule((-9.5, -3.5, low), (-9.5, 3.5, low), 4.6, 4.6, (0.8, 1, 1.2)))
    made = _tailored(_with_folds(whole, shape, depth_cm), above(hem), neckline)
    return Garment(field=made.field, edges=(*made.edges, *ends))


def opened(shape: BodyShape, garment: Garment, top: TopCut) -> Garment:
    """A garment with the gap of an open front."""
    gap, low = float(top.gap_cm), hem_cm(shape, top) - 8
    front = capsule((16, 0, low), (13, 0, shape.neck_cm + 4), 0.6 * gap + 1.5, gap + 1.5, (3.5, 1, 1))
    made = _tailored(garment.field, outside(front))
    return Garment(field=made.field, edges=(*garment.edges, *made.edges))


def _sleeve(shape: BodyShape, top: TopCut) -> tuple[Field, Field]:
    """A sleeve and its end, in the frame of ``upperarm_r``; short ones and those of thick cloth are loose."""
    girth, reach = shape.build.girth, -float(top.sleeve) * shape.arm_cm
    is_loose = top.sleeve < 0.5 or top.thickness_cm > 1
    around = capsule((0, 0, -6), (0, 0, reach), 4.0 * girth, 4.0 * girth)
    return union(1.5, shape.arm, around) if is_loose else shape.arm, above(reach)


def _hanging(shape: BodyShape, close: Field, top: TopCut) -> Field:
    """Cloth around a field: farther from the hips at a hem over them, close to them if it is tucked in."""
    hem, waist, is_tucked = hem_cm(shape, top), shape.torso_z_cm(WAIST), top.hem > TUCKED

    def field(points: Points) -> Float[np.ndarray, "points"]:
        if is_tucked:
            return close(points) - top.thickness_cm * np.clip((points[:, 2] - waist) / 5.0, 0.0, 1.0)
        near_hem = np.clip(1.0 - (points[:, 2] - hem) / 18.0, 0.0, 1.0)
        return close(points) - top.thickness_cm - 0.8 * near_hem

    return field


def _collar(neck_cm: Number, thickness_cm: Number) -> Field:
    around = capsule((-1.0, 0, neck_cm - 6), (0.4, 0, neck_cm + 4), 6.0, 5.6)
    return cut(
        0.6, grown(around, 0.5 * thickness_cm), half_space((0.3, 0, 1), neck_cm + 1.0), above(neck_cm - 5)
    )


def hem_cm(shape: BodyShape, top: TopCut) -> float:
    """The height of the hem of a top."""
    if top.hem >= 0:
        return shape.torso_z_cm(top.hem)
    return shape.pelvis_cm + float(top.hem) * shape.build.proportions.thigh_cm


def skirt_field(shape: BodyShape, hem: Number, flare: Number, thickness_cm: Number) -> Field:
    """An elliptic cone from the waist to a hem, around the legs as they are spread in the reference pose."""
    build, pelvis = shape.build, shape.pelvis_cm
    hip = build.proportions.hip_half_cm
    x_hip, y_hip = 11.8 * build.girth, (0.62 * hip * build.hips + 9.6 * build.girth)
    drop = np.tan(np.radians(9.0))

    def field(points: Points) -> Float[np.ndarray, "points"]:
        down = pelvis - points[:, 2]
        along = np.clip(down, -14, pelvis - hem)
        x = x_hip + thickness_cm + np.where(along > 0, (0.02 + 0.22 * flare) * along, 0.12 * along)
        y = y_hip + thickness_cm + np.where(along > 0, (drop + 0.14 * flare) * along, 0.2 * along)
        # Pleats.
        angle = np.arctan2(points[:, 1] / y, (points[:, 0] + 0.8) / x)
        wave = 1.0 + 0.012 * flare * np.clip(along, 0, 40) / 4 * np.sin(9 * angle)
        share = np.hypot((points[:, 0] + 0.8) / x, points[:, 1] / y) / wave
        return (share - 1.0) * np.minimum(x, y)

    return cut(1.0, field, below(shape.torso_z_cm(WAIST)), above(hem - 3.0))


def leg_end_cm(shape: BodyShape, bottom: BottomCut) -> float:
    """The height of the hem of a bottom."""
    return shape.pelvis_cm - float(bottom.hem) * shape.leg_cm


def bottom_garment(shape: BodyShape, bottom: BottomCut, waist_share: Number = WAIST) -> Garment:
    """The garment of a bottom."""
    waist, hem = below(shape.torso_z_cm(waist_share)), leg_end_cm(shape, bottom)
    if bottom.is_skirt:
        skirt = skirt_field(shape, hem, bottom.flare, bottom.thickness_cm)
        return _tailored(union(3.0, skirt, grown(shape.torso, bottom.thickness_cm)), waist, above(hem))
    leg, end = shape.leg, hem - shape.pelvis_cm
    if bottom.width_cm:
        size = min(1.0, float(shape.leg_cm) / _USUAL_LEG_CM)
        width = float(bottom.width_cm) * (0.4 + 0.6 * shape.build.girth) * size
        knee = 0.5 * (width + 7.0 * size)
        leg = union(3.0, leg, capsule((0, 0, 0.45 * end), (-0.4, 0, end), knee, width))
    legs = [shape.in_actor(f"thigh_{side}", leg) for side in SIDES]
    hips = cut(1.0, grown(shape.torso, 0.6 - bottom.thickness_cm), waist)
    cloth = grown(union(2.2, hips, *legs), bottom.thickness_cm)
    return _tailored(_with_folds(cloth, shape, 0.13 if bottom.width_cm else 0.03), above(hem), waist)


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
