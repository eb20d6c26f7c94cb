"""The two characters: proportions, clothes, and the rigid skin of every bone (in that bone's frame, cm)."""

from dataclasses import dataclass

from .meshes import Mesh, Paint, Part, Rgb, Ring, box, circles, dimmed, ellipsoid, loft, textured, turned
from .skeleton import BONES, SIDES, Proportions
from .unreal_space import Number


@dataclass(frozen=True, kw_only=True)
class Outfit:
    """Tints, the shirt's texture, and the cut of sleeves, trousers and hair."""

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
    """A character's body and clothes. ``bulk`` scales the girth of torso and limbs."""

    proportions: Proportions
    bulk: Number
    outfit: Outfit


CHARACTERS = {
    "Ada": Character(
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
    ),
    "Bruno": Character(
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
    ),
}  # fmt: skip


def bone_parts(character: Character) -> dict[str, list[Part]]:
    """Return every bone's skin in its own frame; ``root`` has none."""
    parts = _torso(character) | {"head": _head(character)}
    for side, sign in SIDES.items():
        parts |= _arm(character, side, sign) | _leg(character, side)
    return {bone: parts.get(bone, []) for bone in BONES}


def _cloth(color: Rgb) -> Paint:
    return Paint(color=color, gloss=0.06, tile_cm=30.0)


def _skin(character: Character) -> Paint:
    return Paint(color=character.outfit.skin, gloss=0.22, tile_cm=30.0)


def _limb(
    length_cm: Number, top_cm: Number, bulge_cm: Number, bottom_cm: Number, paint: Paint, overlap: bool = True
) -> Mesh:
    """A hanging limb segment: a rounded joint at the origin, a bulge, and a narrower end at -length."""
    low = -length_cm - (0.55 * bottom_cm if overlap else 0.0)
    rings = circles(
        (low, 0.55 * bottom_cm), (-length_cm, bottom_cm), (-0.72 * length_cm, 0.5 * (bulge_cm + bottom_cm)),
        (-0.36 * length_cm, bulge_cm), (-0.08 * length_cm, top_cm), (0.30 * top_cm, 0.80 * top_cm),
        (0.60 * top_cm, 0.42 * top_cm),
    )  # fmt: skip
    return loft(rings, paint, 12)


def _torso(character: Character) -> dict[str, list[Part]]:
    body, outfit, bulk = character.proportions, character.outfit, character.bulk
    shoulder, hip, height = body.shoulder_half_cm, body.hip_half_cm, body.torso_cm
    trousers, shirt = _cloth(outfit.trousers), _cloth(outfit.shirt)
    leather = Paint(color=(0.25, 0.15, 0.10), gloss=0.4)
    brass = Paint(color=(0.9, 0.8, 0.4), gloss=0.8)
    hips = [
        Ring(-9, 7 * bulk, hip * 0.9, squareness=0.3),
        Ring(-3, 11 * bulk, hip + 7 * bulk, x_cm=-1, squareness=0.3),
        Ring(5, 10.5 * bulk, hip + 6.2 * bulk, squareness=0.3),
        Ring(0.26 * height, 9.4 * bulk, hip + 4.5 * bulk, squareness=0.2),
    ]
    belt = [Ring(z * height, 10.2 * bulk, hip + 5.7 * bulk, squareness=0.25) for z in (0.13, 0.19)]
    waist = [
        Ring(-3, 10 * bulk, hip + 5.2 * bulk, squareness=0.2),
        Ring(0.12 * height, 9.6 * bulk, hip + 4.4 * bulk, squareness=0.2),
        Ring(0.33 * height, 10.2 * bulk, shoulder * 0.78, squareness=0.2),
    ]
    chest = [
        Ring(-3, 11.2 * bulk, shoulder * 0.84, squareness=0.2),
        Ring(0.16 * height, 12.0 * bulk, shoulder * 0.90, x_cm=0.8, squareness=0.2),
        Ring(0.33 * height, 10.5 * bulk, shoulder * 0.98, squareness=0.15),
        Ring(0.42 * height, 8.2 * bulk, shoulder * 0.84),
        Ring(0.47 * height, 6.5 * bulk, shoulder * 0.50),
        Ring(0.50 * height, 5.5 * bulk, 6.2 * bulk),
    ]
    shape = ((-4.0, 5.4, 0.0), (2.0, 5.0, 0.3), (10.0, 4.9, 1.5), (13.0, 4.0, 2.0))
    neck = [Ring(z, r * bulk, r * bulk, x) for z, r, x in shape]
    buckle = box((1.5, 5, 4), (10.2 * bulk, 0, 0.16 * height), brass)
    return {
        "pelvis": [
            textured("fabric", loft(hips, trousers, 16)),
            textured("smooth", loft(belt, leather, 16), buckle),
        ],
        "spine_01": [textured(outfit.shirt_texture, loft(waist, shirt, 16))],
        "spine_02": [textured(outfit.shirt_texture, loft(chest, shirt, 16))],
        "neck_01": [textured("smooth", loft(neck, _skin(character)))],
    }


def _head(character: Character) -> list[Part]:
    """Skull, face and hair; the joint is at the top of the neck, and the face looks along +X."""
    outfit, skin = character.outfit, _skin(character)
    skull = [
        Ring(-1.5, 4.5, 3.6, 4.2),
        Ring(1.5, 7.0, 5.6, 2.6),
        Ring(6.5, 9.0, 7.2, 1.2),
        Ring(12.0, 9.8, 7.8, 0.6),
        Ring(17.0, 8.8, 7.0, 0.2),
        Ring(20.5, 5.0, 4.2),
    ]
    white, iris = Paint(gloss=0.7), Paint(color=(0.10, 0.16, 0.22), gloss=0.9)
    lips, brow = Paint(color=dimmed(outfit.skin, 0.68), gloss=0.3), Paint(color=dimmed(outfit.hair, 0.8))
    nose = ellipsoid((11.0, 0, 7.6), (2.0, 1.5, 2.2), skin, 8, 6)
    mouth = ellipsoid((9.0, 0, 3.6), (1.3, 2.7, 0.8), lips, 8, 5)
    ears, eyes = [], []
    for sign in SIDES.values():
        ears.append(ellipsoid((0.8, sign * 7.6, 9.0), (1.8, 1.0, 2.8), skin, 8, 6))
        eyes.append(ellipsoid((8.9, sign * 3.2, 10.4), (1.5, 1.6, 1.1), white, 8, 6))
        eyes.append(ellipsoid((10.0, sign * 3.1, 10.4), (0.7, 0.8, 0.85), iris, 8, 6))
        eyes.append(ellipsoid((9.6, sign * 3.3, 12.9), (1.0, 2.3, 0.6), brow, 8, 5))
    face = textured("smooth", loft(skull, skin, 18), nose, *ears, mouth, *eyes)
    return [face, textured("bark", *_hair(outfit))]


def _hair(outfit: Outfit) -> list[Mesh]:
    paint = Paint(color=outfit.hair, gloss=0.35, tile_cm=12.0)
    top = ellipsoid((-1.2, 0, 14.2), (10.2, 8.9, 8.6), paint, 16, 10)
    if not outfit.long_hair:
        back = ellipsoid((-5.0, 0, 8.0), (5.6, 7.9, 7.0), paint, 12, 6)
        beard = ellipsoid((6.0, 0, 1.2), (4.6, 4.9, 3.0), paint, 12, 6)
        return [top, back, beard]
    fall = [
        Ring(-13, 2.0, 3.5, -8.5),
        Ring(-6, 3.6, 7.2, -7.8),
        Ring(4, 5.0, 8.6, -6.2),
        Ring(13, 7.5, 8.9, -3.0),
    ]
    fringe = ellipsoid((4.8, 0, 18.6), (5.6, 7.2, 3.8), paint, 12, 6)
    return [top, loft(fall, paint, 14), fringe]


def _arm(character: Character, side: str, sign: Number) -> dict[str, list[Part]]:
    body, outfit, bulk = character.proportions, character.outfit, character.bulk
    skin, shirt = _skin(character), _cloth(outfit.shirt)
    share, end = (1.0, 5.0) if outfit.long_sleeves else (0.52, 6.2)
    upper = _limb(body.upperarm_cm, 6.0 * bulk, 5.4 * bulk, 4.3 * bulk, skin)
    sleeve = _limb(body.upperarm_cm * share, 6.9 * bulk, 6.5 * bulk, end * bulk, shirt)
    lower = [textured("smooth", _limb(body.lowerarm_cm, 4.3 * bulk, 4.4 * bulk, 3.0 * bulk, skin))]
    if outfit.long_sleeves:
        cuff = _limb(body.lowerarm_cm * 0.9, 5.0 * bulk, 5.0 * bulk, 3.8 * bulk, shirt, overlap=False)
        lower.append(textured(outfit.shirt_texture, cuff))
    palm = ellipsoid((0.5, 0, -6.5), (4.4, 2.1, 6.0), skin, 10, 7)
    fingers = ellipsoid((0.8, -sign * 0.8, -13.5), (3.7, 1.7, 6.0), skin, 10, 7)
    thumb = ellipsoid((0, 0, -3.5), (1.5, 1.4, 4.2), skin, 8, 6)
    thumb = turned(thumb, (3.4, -sign * 0.6, -4.0), (38, 0, 0))
    return {
        f"upperarm_{side}": [textured("smooth", upper), textured(outfit.shirt_texture, sleeve)],
        f"lowerarm_{side}": lower,
        f"hand_{side}": [textured("smooth", palm, fingers, thumb)],
    }


def _leg(character: Character, side: str) -> dict[str, list[Part]]:
    body, outfit, bulk = character.proportions, character.outfit, character.bulk
    skin, cloth = _skin(character), _cloth(outfit.trousers)
    share, end = (0.16, 6.0) if outfit.short_trousers else (0.96, 5.2)
    thigh = _limb(body.thigh_cm, 9.0 * bulk, 8.8 * bulk, 6.2 * bulk, cloth)
    calf = _limb(body.calf_cm, 5.3 * bulk, 5.6 * bulk, 3.4 * bulk, skin)
    hem = _limb(body.calf_cm * share, 6.2 * bulk, 6.3 * bulk, end * bulk, cloth, overlap=False)
    sock = _limb(body.ankle_cm * 0.6, 4.2 * bulk, 4.2 * bulk, 4.0 * bulk, Paint(color=(0.93, 0.93, 0.9)))
    sole, upper = _shoe(character)
    return {
        f"thigh_{side}": [textured("fabric", thigh)],
        f"calf_{side}": [textured("smooth", calf), textured("fabric", hem)],
        f"foot_{side}": [textured("fabric", sock, upper), textured("smooth", sole)],
    }


def _shoe(character: Character) -> tuple[Mesh, Mesh]:
    """Sole and upper; the sole matches the skeleton's sole points, so a flat foot is on the ground."""
    length, ankle = character.proportions.foot_cm, character.proportions.ankle_cm
    middle = 0.24 * length
    rubber = Paint(color=(0.95, 0.95, 0.92), gloss=0.2)
    leather = Paint(color=character.outfit.shoes, gloss=0.35)
    sole = [Ring(z, 0.5 * length, 4.6, x_cm=middle, squareness=0.45) for z in (-ankle, -ankle + 2.2)]
    upper = [
        Ring(-ankle + 1.5, 0.485 * length, 4.5, x_cm=middle, squareness=0.4),
        Ring(-0.42 * ankle, 0.42 * length, 4.2, x_cm=0.78 * middle, squareness=0.2),
        Ring(-0.12 * ankle, 0.27 * length, 3.9, x_cm=0.25 * middle),
        Ring(0.30 * ankle, 4.6, 4.1, x_cm=-0.03 * length),
    ]
    return loft(sole, rubber, 16), loft(upper, leather, 16)
