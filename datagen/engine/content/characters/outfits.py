"""Clothes: the garments of an outfit as layers."""

import numpy as np
from jaxtyping import Float

from ..noise import smooth_step
from ..shapes.implicit import Field, Points, steps, steps_about
from ..shapes.meshes import Paint, Rgb
from .body_shape import BodyShape, above
from .cuts import BOTTOMS, TOPS, TUCKED, WAIST, Outfit, TopCut
from .garments import bottom_garment, hem_cm, leg_end_cm, opened, top_garment
from .layers import Cloth, Layer, Weigh, grown_layer
from .shoes import shoes
from .skeleton import BONES

_CELL_CM = 2.5
# What is worn below a long top (share of the thigh), or any other, begins so far above its hem.
_UNDER_COAT, _UNDER_SHIRT_CM = 0.33, 5.0
# How much of a skirt below the knees goes with the calves.
_CALF_SHARE = 0.7
# What is worn below an open front.
_INNER = TopCut(sleeve=0.0, hem=0.05, thickness_cm=0.5, collar_cm=2.4)


def clothes(shape: BodyShape, outfit: Outfit) -> tuple[list[Layer], list[Field]]:
    """The layers of an outfit, and the fields of its garments: the top first, the bottom last."""
    top = TOPS[outfit.top]
    garment = top_garment(shape, top)
    fields, layers = [garment.field], []
    if top.gap_cm:
        inner, garment = top_garment(shape, _INNER), opened(shape, garment, top)
        fields = [garment.field]
        cloth, axes = _cloth(outfit.inner_color, "fabric"), _top_axes(shape, _INNER)
        layers.append(grown_layer(shape, inner.field, axes, cloth, covers=fields[:], edges=inner.edges))
        fields.append(inner.field)
    weigh = _skirt_weights(shape) if top.hem < 0 else None
    cloth = _cloth(outfit.top_color, outfit.top_texture)
    axes = _top_axes(shape, top)
    layers.append(grown_layer(shape, garment.field, axes, cloth, weigh=weigh, edges=garment.edges))
    if leg_end_cm(shape, BOTTOMS[outfit.bottom]) < hem_cm(shape, top) - 3.0:
        layers.append(_bottom(shape, outfit, fields))
    return [*layers, *shoes(shape, outfit)], fields


def bare_below_cm(shape: BodyShape, outfit: Outfit) -> float:
    """The height below which legs are bare."""
    return min(hem_cm(shape, TOPS[outfit.top]), leg_end_cm(shape, BOTTOMS[outfit.bottom]))


def _cloth(color: Rgb, texture: str) -> Cloth:
    return Cloth(paint=Paint(color=color, gloss=0.05, tile_cm=30.0), texture=texture)


def _top_axes(shape: BodyShape, top: TopCut) -> tuple[Float[np.ndarray, "_"], ...]:
    """A grid around a top: sleeves reach to the sides, and so do the hems of skirts."""
    girth, hem = shape.build.girth, hem_cm(shape, top)
    reach = shape.build.proportions.shoulder_half_cm + 0.72 * float(top.sleeve) * shape.arm_cm + 10
    skirt = 30 + 0.3 * (shape.pelvis_cm - hem) if top.hem < 0 else 0.0
    return (
        steps(-24 * girth, 26 * girth + 8 * shape.build.belly, _CELL_CM),
        steps(-max(reach, skirt), max(reach, skirt), _CELL_CM),
        steps_about(hem, shape.neck_cm + float(top.collar_cm) + 6, _CELL_CM),
    )


def _bottom(shape: BodyShape, outfit: Outfit, fields: list[Field]) -> Layer:
    """Trousers or a skirt; its field is appended."""
    bottom, top, girth = BOTTOMS[outfit.bottom], TOPS[outfit.top], shape.build.girth
    waist = WAIST if top.hem > TUCKED else max(float(top.hem), 0.0) + 0.10
    garment, hem = bottom_garment(shape, bottom, waist), leg_end_cm(shape, bottom)
    reach = shape.build.proportions.hip_half_cm + 0.17 * (shape.pelvis_cm - hem) + 16 * girth
    if bottom.is_skirt:
        reach += 8 + 10 * bottom.flare
    axes = (
        steps(-21 * girth, 20 * girth + 6 * shape.build.belly, _CELL_CM),
        steps(-reach, reach, _CELL_CM),
        steps_about(hem, shape.torso_z_cm(waist) + 2, _CELL_CM),
    )
    weigh = _skirt_weights(shape) if bottom.is_skirt else None
    cloth = _cloth(outfit.bottom_color, outfit.bottom_texture)
    covers = fields[:]
    if top.hem <= TUCKED:
        long_cm = _UNDER_COAT * float(shape.build.proportions.thigh_cm)
        under_cm = long_cm if top.hem < 0 else _UNDER_SHIRT_CM
        covers.append(above(hem_cm(shape, top) + under_cm))
    layer = grown_layer(shape, garment.field, axes, cloth, covers=covers, weigh=weigh, edges=garment.edges)
    fields.append(garment.field)
    return layer


def _skirt_weights(shape: BodyShape) -> Weigh:
    """Weights below the hip joints: from pelvis to thighs, and below the knees to calves, left and right."""
    knee_cm = float(shape.actor_from_bones["calf_r"][3, 2])
    # Over which lengths cloth passes from one leg to the other, and from one bone to the next.
    body = shape.build.proportions
    across_cm, along_cm = 2.7 * float(body.hip_half_cm), 0.5 * float(body.thigh_cm)

    def weigh(points: Points) -> Float[np.ndarray, "points bones"]:
        weights = shape.weights(points)
        depth = smooth_step(0, along_cm, shape.pelvis_cm + 4 - points[:, 2])[:, None]
        right = smooth_step(-across_cm / 2, across_cm / 2, points[:, 1])
        # Arms hang beside skirts, and do not move them.
        skirt = np.zeros_like(weights)
        swing = 0.92
        low = _CALF_SHARE * np.clip((knee_cm - 2 - points[:, 2]) / along_cm, 0, 1)
        for bone, share in (("thigh", 1 - low), ("calf", low)):
            skirt[:, BONES.index(f"{bone}_r")] = swing * right * share
            skirt[:, BONES.index(f"{bone}_l")] = swing * (1 - right) * share
        skirt[:, BONES.index("pelvis")] = 1 - swing
        return (1 - depth) * weights + depth * skirt

    return weigh
