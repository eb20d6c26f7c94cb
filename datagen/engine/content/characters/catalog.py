"""The catalog of characters."""

from functools import cache

from ..disk_cache import cached
from ..unreal_space import Number
from .body_shape import Build
from .character import Character, skin_of
from .cuts import Outfit
from .faces import Face
from .people import COLOR, HAIR, PEOPLE, SKIN, HeadOfPerson, Person
from .skeleton import Proportions
from .skin import Skin

# Above the head joint, for a head of scale 1 (cm).
_HEAD_CM = 21.8


@cache
def character_skin(name: str) -> Skin:
    """Return the skin of the character of that name, the same one on every call."""
    return cached(f"character-{name}", lambda: skin_of(CHARACTERS[name]))


def proportions_of(
    height_cm: Number, head: Number, shoulders: Number, hips: Number, girth: Number
) -> Proportions:
    """The skeleton of a person of usual proportions; ``shoulders`` and ``hips`` scale widths."""
    below_head = height_cm - _HEAD_CM * head
    # Small children have shorter legs.
    leg = below_head * (0.595 if height_cm > 140 else 0.57)
    ankle = 0.09 * leg
    neck = 0.058 * below_head
    return Proportions(
        thigh_cm=0.465 * leg,
        calf_cm=0.445 * leg,
        ankle_cm=ankle,
        foot_cm=0.148 * height_cm,
        hip_half_cm=0.054 * height_cm * hips**0.5,
        shoulder_half_cm=0.0955 * height_cm * shoulders,
        torso_cm=below_head - leg - neck,
        neck_cm=neck,
        upperarm_cm=0.163 * height_cm,
        lowerarm_cm=0.144 * height_cm,
        girth=girth,
    )


def _character(person: Person) -> Character:
    return Character(build=_build(person), face=_face(person.head), outfit=person.outfit)


def _build(person: Person) -> Build:
    """The shape of the body of a person."""
    body, is_cartoon = person.body, person.is_cartoon
    is_woman, is_child = body.kind in ("woman", "girl"), body.kind in ("girl", "boy")
    size = (body.height_cm / 172.0) ** 0.65
    head = (0.955 if is_woman else 1.0) if not is_child else 0.80 + 0.12 * (body.height_cm - 95) / 65
    if is_cartoon:
        head *= 1.38
    bust = 0.45 if body.kind == "woman" else 0.0
    shoulders = (0.95 if is_woman else 1.04) * body.weight**0.3 * (0.94 if is_child else 1.0)
    girth = (0.92 if is_woman else 1.02) * size * body.weight * (0.9 if is_cartoon else 1.0)
    nose = 0.72 if is_child else 0.86 if is_woman else 1.03
    return Build(
        proportions=proportions_of(body.height_cm, head, shoulders, 1.04 if is_woman else 1.0, girth),
        belly=max(0.0, 2.2 * (body.weight - 1.08)) + (0.25 if body.age > 55 else 0.0),
        bust=bust * body.weight,
        hips=1.06 if is_woman and not is_child else 1.0,
        head=head,
        jaw=(0.86 if is_woman or is_child else 1.05) * body.weight**0.4,
        nose=nose * person.head.nose * (0.8 if is_cartoon else 1),
        eyes=(1.1 if is_child else 1.0) * (1.65 if is_cartoon else 1.0),
        age=min(body.age / 80.0, 1.0),
    )


def _face(head: HeadOfPerson) -> Face:
    return Face(
        skin=SKIN[head.skin],
        hair=HAIR[head.hair],
        hair_style=head.style,
        iris=head.iris,
        lips=head.lips,
        beard=head.beard,
        glasses=head.glasses,
        hat=head.hat,
        hat_color=COLOR[head.hat_color] if head.hat_color else Face.hat_color,
    )


CHARACTERS: dict[str, Character] = {
    "Ada": Character(
        build=Build(
            proportions=Proportions(
                thigh_cm=40.0, calf_cm=39.0, ankle_cm=8.0, foot_cm=24.0, hip_half_cm=9.0,
                shoulder_half_cm=16.0, torso_cm=50.0, neck_cm=8.5, upperarm_cm=27.0, lowerarm_cm=24.0,
                girth=0.90,
            ),
            bust=0.5, head=0.96, jaw=0.85, nose=0.85, hips=1.05,
        ),
        face=Face(skin=SKIN["light"], hair=HAIR["auburn"], hair_style="long", iris=(0.2, 0.3, 0.2)),
        outfit=Outfit(
            top="tshirt", top_color=(0.98, 0.74, 0.20), top_texture="stripes", bottom="jeans",
            bottom_color=(0.22, 0.34, 0.56), bottom_texture="denim", shoes_color=(0.85, 0.22, 0.26),
        ),
    ),
    "Bruno": Character(
        build=Build(
            proportions=Proportions(
                thigh_cm=44.0, calf_cm=43.0, ankle_cm=9.0, foot_cm=28.0, hip_half_cm=10.0,
                shoulder_half_cm=19.5, torso_cm=56.0, neck_cm=9.0, upperarm_cm=31.0, lowerarm_cm=27.0,
                girth=1.08,
            ),
            jaw=1.1,
        ),
        face=Face(skin=SKIN["brown"], hair=HAIR["black"], hair_style="short", beard="full"),
        outfit=Outfit(
            top="shirt", top_color=(0.14, 0.56, 0.46), bottom="shorts", bottom_color=(0.72, 0.64, 0.48),
            shoes_color=(0.16, 0.16, 0.20),
        ),
    ),
    **{person.name: _character(person) for person in PEOPLE},
}  # fmt: skip
