"""The two figures: proportions, clothes and the rigid skin piece of every bone (in that bone's frame, cm)."""

from dataclasses import dataclass

import numpy as np

from ..unreal_space import Number
from .meshes import Mesh, Paint, Part, Point, Rgb, Ring, box, ellipsoid, loft, merged_parts, transformed
from .skeleton import BONES, SIDES, JointTurn, Proportions


@dataclass(frozen=True, kw_only=True)
class Outfit:
    """Tints, the shirt's texture, and how short sleeves and trousers are cut."""

    skin: Rgb
    hair: Rgb
    shirt: Rgb
    trousers: Rgb
    shoes: Rgb
    shirt_texture: str
    long_sleeves: bool
    short_trousers: bool
    long_hair: bool


@dataclass(frozen=True, kw_only=True)
class Character:
    """A figure: how it is built and what it wears. `bulk` scales the girth of torso and limbs."""

    proportions: Proportions
    bulk: Number
    outfit: Outfit


ADA = Character(
    proportions=Proportions(
        thigh_cm=40.0, calf_cm=39.0, ankle_cm=8.0, foot_cm=24.0, hip_half_cm=9.0, shoulder_half_cm=17.5,
        torso_cm=50.0, neck_cm=8.5, upperarm_cm=27.0, lowerarm_cm=24.0,
    ),
    bulk=0.90,
    outfit=Outfit(
        skin=(0.92, 0.72, 0.60), hair=(0.42, 0.18, 0.10), shirt=(0.98, 0.74, 0.20),
        trousers=(0.16, 0.30, 0.55), shoes=(0.85, 0.22, 0.26), shirt_texture="stripes",
        long_sleeves=False, short_trousers=False, long_hair=True,
    ),
)  # fmt: skip
BRUNO = Character(
    proportions=Proportions(
        thigh_cm=44.0, calf_cm=43.0, ankle_cm=9.0, foot_cm=28.0, hip_half_cm=10.0, shoulder_half_cm=22.5,
        torso_cm=56.0, neck_cm=9.0, upperarm_cm=31.0, lowerarm_cm=27.0,
    ),
    bulk=1.12,
    outfit=Outfit(
        skin=(0.62, 0.43, 0.31), hair=(0.08, 0.07, 0.07), shirt=(0.14, 0.56, 0.46),
        trousers=(0.72, 0.64, 0.48), shoes=(0.16, 0.16, 0.20), shirt_texture="fabric",
        long_sleeves=True, short_trousers=True, long_hair=False,
    ),
)  # fmt: skip
CHARACTERS: dict[str, Character] = {"Ada": ADA, "Bruno": BRUNO}


def bone_parts(character: Character) -> dict[str, list[Part]]:
    """Every bone's skin in its own frame; `root` has none."""
    parts: dict[str, list[Part]] = {bone: [] for bone in BONES}
    parts |= _torso(character) | {"head": _head(character)}
    for side, sign in SIDES.items():
        parts |= _arm(character, side, sign) | _leg(character, side)
    return {bone: merged_parts(pieces) if pieces else [] for bone, pieces in parts.items()}


def _cloth(color: Rgb) -> Paint:
    return Paint(color=color, gloss=0.06, tile_cm=30.0)


def _skin(character: Character) -> Paint:
    return Paint(color=character.outfit.skin, gloss=0.22, tile_cm=30.0)


def _dark(color: Rgb, factor: Number) -> Rgb:
    return (color[0] * factor, color[1] * factor, color[2] * factor)


def _limb(
    length_cm: Number, top_cm: Number, bulge_cm: Number, bottom_cm: Number, paint: Paint, overlap: bool = True
) -> Mesh:
    """A hanging limb segment: a rounded joint at the origin, a bulge, and a narrower end at -length."""
    low = -length_cm - (0.55 * bottom_cm if overlap else 0.0)
    shape = [
        (low, 0.55 * bottom_cm), (-length_cm, bottom_cm), (-0.72 * length_cm, 0.5 * (bulge_cm + bottom_cm)),
        (-0.36 * length_cm, bulge_cm), (-0.08 * length_cm, top_cm), (0.30 * top_cm, 0.80 * top_cm),
        (0.60 * top_cm, 0.42 * top_cm),
    ]  # fmt: skip
    return loft([Ring(z_cm=z, x_radius_cm=r, y_radius_cm=r) for z, r in shape], paint, segments=12)


def _torso(character: Character) -> dict[str, list[Part]]:
    body, wear, bulk = character.proportions, character.outfit, character.bulk
    shoulder, hip, height = body.shoulder_half_cm, body.hip_half_cm, body.torso_cm
    shirt = _cloth(wear.shirt)
    hips = [
        Ring(z_cm=-9, x_radius_cm=7 * bulk, y_radius_cm=hip * 0.9, squareness=0.3),
        Ring(z_cm=-3, x_radius_cm=11 * bulk, y_radius_cm=hip + 7 * bulk, x_cm=-1, squareness=0.3),
        Ring(z_cm=5, x_radius_cm=10.5 * bulk, y_radius_cm=hip + 6.2 * bulk, squareness=0.3),
        Ring(z_cm=0.26 * height, x_radius_cm=9.4 * bulk, y_radius_cm=hip + 4.5 * bulk, squareness=0.2),
    ]
    belt = [
        Ring(z_cm=z, x_radius_cm=10.2 * bulk, y_radius_cm=hip + 5.7 * bulk, squareness=0.25)
        for z in (0.13 * height, 0.19 * height)
    ]
    waist = [
        Ring(z_cm=-3, x_radius_cm=10 * bulk, y_radius_cm=hip + 5.2 * bulk, squareness=0.2),
        Ring(z_cm=0.12 * height, x_radius_cm=9.6 * bulk, y_radius_cm=hip + 4.4 * bulk, squareness=0.2),
        Ring(z_cm=0.33 * height, x_radius_cm=10.2 * bulk, y_radius_cm=shoulder * 0.78, squareness=0.2),
    ]
    chest = [
        Ring(z_cm=-3, x_radius_cm=11.2 * bulk, y_radius_cm=shoulder * 0.84, squareness=0.2),
        Ring(
            z_cm=0.16 * height, x_radius_cm=12.0 * bulk, y_radius_cm=shoulder * 0.90, x_cm=0.8, squareness=0.2
        ),
        Ring(z_cm=0.33 * height, x_radius_cm=10.5 * bulk, y_radius_cm=shoulder * 0.98, squareness=0.15),
        Ring(z_cm=0.42 * height, x_radius_cm=8.2 * bulk, y_radius_cm=shoulder * 0.84),
        Ring(z_cm=0.47 * height, x_radius_cm=6.5 * bulk, y_radius_cm=shoulder * 0.50),
        Ring(z_cm=0.50 * height, x_radius_cm=5.5 * bulk, y_radius_cm=6.2 * bulk),
    ]
    neck = [Ring(z_cm=z, x_radius_cm=r * bulk, y_radius_cm=r * bulk, x_cm=x) for z, r, x in _NECK]
    leather = Paint(color=(0.25, 0.15, 0.10), gloss=0.4)
    brass = Paint(color=(0.9, 0.8, 0.4), gloss=0.8)
    return {
        "pelvis": [
            Part(mesh=loft(hips, _cloth(wear.trousers), 16), texture="fabric"),
            Part(mesh=loft(belt, leather, 16), texture="smooth"),
            Part(mesh=box((1.5, 5, 4), (10.2 * bulk, 0, 0.16 * height), brass), texture="smooth"),
        ],
        "spine_01": [Part(mesh=loft(waist, shirt, 16), texture=wear.shirt_texture)],
        "spine_02": [Part(mesh=loft(chest, shirt, 16), texture=wear.shirt_texture)],
        "neck_01": [Part(mesh=loft(neck, _skin(character)), texture="smooth")],
    }  # fmt: skip


_NECK = [(-4.0, 5.4, 0.0), (2.0, 5.0, 0.3), (10.0, 4.9, 1.5), (13.0, 4.0, 2.0)]


def _head(character: Character) -> list[Part]:
    """Skull, face and hair; the joint is at the top of the neck, the face looks along +X."""
    wear, skin = character.outfit, _skin(character)
    skull = [
        Ring(z_cm=-1.5, x_radius_cm=4.5, y_radius_cm=3.6, x_cm=4.2),
        Ring(z_cm=1.5, x_radius_cm=7.0, y_radius_cm=5.6, x_cm=2.6),
        Ring(z_cm=6.5, x_radius_cm=9.0, y_radius_cm=7.2, x_cm=1.2),
        Ring(z_cm=12.0, x_radius_cm=9.8, y_radius_cm=7.8, x_cm=0.6),
        Ring(z_cm=17.0, x_radius_cm=8.8, y_radius_cm=7.0, x_cm=0.2),
        Ring(z_cm=20.5, x_radius_cm=5.0, y_radius_cm=4.2),
    ]
    white, iris = Paint(color=(1, 1, 1), gloss=0.7), Paint(color=(0.10, 0.16, 0.22), gloss=0.9)
    lips, brow = Paint(color=_dark(wear.skin, 0.68), gloss=0.3), Paint(color=_dark(wear.hair, 0.8))
    faces = [loft(skull, skin, 18), ellipsoid((11.0, 0, 7.6), (2.0, 1.5, 2.2), skin, 8, 6)]
    details = [ellipsoid((9.0, 0, 3.6), (1.3, 2.7, 0.8), lips, 8, 5)]
    for sign in SIDES.values():
        faces.append(ellipsoid((0.8, sign * 7.6, 9.0), (1.8, 1.0, 2.8), skin, 8, 6))
        details.append(ellipsoid((8.9, sign * 3.2, 10.4), (1.5, 1.6, 1.1), white, 8, 6))
        details.append(ellipsoid((10.0, sign * 3.1, 10.4), (0.7, 0.8, 0.85), iris, 8, 6))
        details.append(ellipsoid((9.6, sign * 3.3, 12.9), (1.0, 2.3, 0.6), brow, 8, 5))
    return [Part(mesh=mesh, texture="smooth") for mesh in faces + details] + _hair(character)


def _hair(character: Character) -> list[Part]:
    paint = Paint(color=character.outfit.hair, gloss=0.35, tile_cm=12.0)
    locks = [ellipsoid((-1.2, 0, 14.2), (10.2, 8.9, 8.6), paint, 16, 10)]
    if character.outfit.long_hair:
        fall = [
            Ring(z_cm=-13, x_radius_cm=2.0, y_radius_cm=3.5, x_cm=-8.5),
            Ring(z_cm=-6, x_radius_cm=3.6, y_radius_cm=7.2, x_cm=-7.8),
            Ring(z_cm=4, x_radius_cm=5.0, y_radius_cm=8.6, x_cm=-6.2),
            Ring(z_cm=13, x_radius_cm=7.5, y_radius_cm=8.9, x_cm=-3.0),
        ]
        locks += [loft(fall, paint, 14), ellipsoid((4.8, 0, 18.6), (5.6, 7.2, 3.8), paint, 12, 6)]
    else:
        locks += [ellipsoid((-5.0, 0, 8.0), (5.6, 7.9, 7.0), paint, 12, 6)]
        locks += [ellipsoid((6.0, 0, 1.2), (4.6, 4.9, 3.0), paint, 12, 6)]
    return [Part(mesh=mesh, texture="bark") for mesh in locks]


def _arm(character: Character, side: str, sign: Number) -> dict[str, list[Part]]:
    body, wear, bulk = character.proportions, character.outfit, character.bulk
    skin, shirt = _skin(character), _cloth(wear.shirt)
    upper = [Part(mesh=_limb(body.upperarm_cm, 6.0 * bulk, 5.4 * bulk, 4.3 * bulk, skin), texture="smooth")]
    sleeve_cm = body.upperarm_cm * (1.0 if wear.long_sleeves else 0.52)
    sleeve = _limb(sleeve_cm, 6.9 * bulk, 6.5 * bulk, (5.0 if wear.long_sleeves else 6.2) * bulk, shirt)
    upper.append(Part(mesh=sleeve, texture=wear.shirt_texture))
    lower = [Part(mesh=_limb(body.lowerarm_cm, 4.3 * bulk, 4.4 * bulk, 3.0 * bulk, skin), texture="smooth")]
    if wear.long_sleeves:
        cuff = _limb(body.lowerarm_cm * 0.9, 5.0 * bulk, 5.0 * bulk, 3.8 * bulk, shirt, overlap=False)
        lower.append(Part(mesh=cuff, texture=wear.shirt_texture))
    palm = ellipsoid((0.5, 0, -6.5), (4.4, 2.1, 6.0), skin, 10, 7)
    fingers = ellipsoid((0.8, -sign * 0.8, -13.5), (3.7, 1.7, 6.0), skin, 10, 7)
    thumb = transformed(
        ellipsoid((0, 0, -3.5), (1.5, 1.4, 4.2), skin, 8, 6), _placed((3.4, -sign * 0.6, -4.0), 38)
    )
    return {
        f"upperarm_{side}": upper,
        f"lowerarm_{side}": lower,
        f"hand_{side}": [Part(mesh=mesh, texture="smooth") for mesh in (palm, fingers, thumb)],
    }


def _placed(offset: Point, flex_deg: Number) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, :3], matrix[3, :3] = JointTurn(flex=flex_deg).rows(), offset
    return matrix


def _leg(character: Character, side: str) -> dict[str, list[Part]]:
    body, wear, bulk = character.proportions, character.outfit, character.bulk
    skin, cloth = _skin(character), _cloth(wear.trousers)
    thigh = Part(mesh=_limb(body.thigh_cm, 9.0 * bulk, 8.8 * bulk, 6.2 * bulk, cloth), texture="fabric")
    calf = [Part(mesh=_limb(body.calf_cm, 5.3 * bulk, 5.6 * bulk, 3.4 * bulk, skin), texture="smooth")]
    hem_cm = body.calf_cm * (0.16 if wear.short_trousers else 0.96)
    hem = _limb(
        hem_cm, 6.2 * bulk, 6.3 * bulk, (6.0 if wear.short_trousers else 5.2) * bulk, cloth, overlap=False
    )
    calf.append(Part(mesh=hem, texture="fabric"))
    sock = _limb(body.ankle_cm * 0.6, 4.2 * bulk, 4.2 * bulk, 4.0 * bulk, Paint(color=(0.93, 0.93, 0.9)))
    return {
        f"thigh_{side}": [thigh],
        f"calf_{side}": calf,
        f"foot_{side}": [Part(mesh=sock, texture="fabric"), *_shoe(character)],
    }


def _shoe(character: Character) -> list[Part]:
    """A shoe around the sole corners of the skeleton: its underside is the ground when the foot is flat."""
    length, ankle = character.proportions.foot_cm, character.proportions.ankle_cm
    upper, rubber = (
        Paint(color=character.outfit.shoes, gloss=0.35),
        Paint(color=(0.95, 0.95, 0.92), gloss=0.2),
    )
    middle = 0.24 * length
    sole = [
        Ring(z_cm=z, x_radius_cm=0.5 * length, y_radius_cm=4.6, x_cm=middle, squareness=0.45)
        for z in (-ankle, -ankle + 2.2)
    ]
    body = [
        Ring(z_cm=-ankle + 1.5, x_radius_cm=0.485 * length, y_radius_cm=4.5, x_cm=middle, squareness=0.4),
        Ring(
            z_cm=-0.42 * ankle, x_radius_cm=0.42 * length, y_radius_cm=4.2, x_cm=0.78 * middle, squareness=0.2
        ),
        Ring(z_cm=-0.12 * ankle, x_radius_cm=0.27 * length, y_radius_cm=3.9, x_cm=0.25 * middle),
        Ring(z_cm=0.30 * ankle, x_radius_cm=4.6, y_radius_cm=4.1, x_cm=-0.03 * length),
    ]
    return [
        Part(mesh=loft(sole, rubber, 16), texture="smooth"),
        Part(mesh=loft(body, upper, 16), texture="fabric"),
    ]
