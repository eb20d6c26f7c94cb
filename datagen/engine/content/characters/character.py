"""A character's parameters: body, face and clothes; and the skin that follows from them."""

from dataclasses import dataclass

import numpy as np

from ..shapes.implicit import Field, cut, steps, union
from .body_shape import BodyShape, Build, below
from .cuts import TOPS, Outfit
from .faces import Face, details, head_skin, skin_paint
from .hair import hair_field, hair_layer, hat_layers, scarf_field
from .layers import Cloth, Layer, grown_layer, mirror_image, skinned_parts
from .outfits import bare_below_cm, clothes
from .skeleton import BONES, Proportions
from .skin import Skin
from .trims import trims

# Sleeves that cover less of an arm leave it bare.
_BARE_ARM = 0.7


@dataclass(frozen=True, kw_only=True)
class Character:
    """All parameters of a character."""

    build: Build
    face: Face
    outfit: Outfit

    @property
    def proportions(self) -> Proportions:
        """The skeleton."""
        return self.build.proportions


def skin_of(character: Character) -> Skin:
    """Return the skin of a character."""
    shape, face = BodyShape(character.build), character.face
    dressed, garments = clothes(shape, character.outfit)
    hair = hair_field(shape, face)
    over_head = [shape.in_actor("head", field) for field in (hair, scarf_field(shape, face)) if field]
    layers = [
        head_skin(shape, face, [*garments, *over_head]),
        *_arms(shape, character, garments),
        *_legs(shape, character, garments),
        *dressed,
        *([] if hair is None else [hair_layer(shape, face, hair)]),
        *trims(shape, character.outfit, garments),
        *hat_layers(shape, face),
        *details(shape, face),
    ]
    bones = np.array([shape.actor_from_bones[bone] for bone in BONES])
    return Skin(parts=skinned_parts(layers), bone_from_reference=np.linalg.inv(bones))


def _arms(shape: BodyShape, character: Character, garments: list[Field]) -> list[Layer]:
    """Hands, in a fine grid, and what sleeves leave bare of the arms."""
    body, g, s = shape.build.proportions, max(shape.build.girth, 1.0), shape.hand_scale
    wrist = body.upperarm_cm + body.lowerarm_cm
    sleeve = float(TOPS[character.outfit.top].sleeve) * wrist
    is_bare = sleeve < _BARE_ARM * wrist
    cloth = Cloth(paint=skin_paint(character.face), texture="skin")
    whole = union(1.2, shape.arm, shape.hand)
    # Where arm and hand overlap, they are the same surface.
    wide, top = 5.2 * s, -wrist + (2.5 if is_bare else 3.0 + wrist - sleeve)
    hand = (
        steps(-4.6 * s, 6.4 * s, 0.95 * s),
        steps(-wide, wide, 0.95 * s),
        steps(-wrist - 19 * s, top, 1.05 * s),
    )
    layers = [grown_layer(shape, whole, hand, cloth, frame="upperarm_r", covers=garments)]
    if is_bare:
        top = min(4.0, 6.0 - sleeve)
        places = np.arange(-wrist + 0.7, top, 2.8)
        arm = steps(-5.4 * g, 5.8 * g, 1.8), steps(-5.8 * g, 5.4 * g, 1.8), places
        upper = cut(0.5, whole, below(top - 1.0))
        layers.append(grown_layer(shape, upper, arm, cloth, frame="upperarm_r", covers=garments))
    return [*layers, *map(mirror_image, layers)]


def _legs(shape: BodyShape, character: Character, garments: list[Field]) -> list[Layer]:
    """What clothes leave bare of the legs."""
    body, g = shape.build.proportions, shape.build.girth
    length = body.thigh_cm + body.calf_cm
    covered = shape.pelvis_cm - bare_below_cm(shape, character.outfit)
    if covered > 0.95 * length:
        return []
    axes = (
        steps(-11 * g, 10 * g, 2.1),
        steps(-10.5 * g, 10.5 * g, 2.1),
        steps(-length - 1, -float(covered) + 7, 3.4),
    )
    field = cut(0.5, shape.leg, below(-float(covered) + 6))
    cloth = Cloth(paint=skin_paint(character.face), texture="skin")
    right = grown_layer(shape, field, axes, cloth, frame="thigh_r", covers=garments)
    return [right, mirror_image(right)]
