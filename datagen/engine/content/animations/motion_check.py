"""Laws of motion: what is wrong with an animation of a character, as data."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..characters.body_depth import BodyDepths
from ..characters.catalog import CHARACTERS, character_skin
from ..characters.skeleton import BONES, SIDES, Proportions
from ..unreal_space import CM_PER_M
from .acting import FEET
from .catalog import ANIMATIONS, Animation
from .motion import Motion, Times, motion_at

# The skin may be this much below the ground, and feet or other supports (whose shape is coarse) this much
# above it (cm).
_BELOW_CM, _FEET_ABOVE_CM, _ABOVE_CM = 1.0, 0.5, 3.5
# A sole whose corners are at most this high (cm) for this long (s) carries weight; how fast it may be then.
_STANDING_CM, _STANDING_S, _SLIDE_CM_PER_S = 0.3, 0.025, 8.0
# Skin and clothes give way: hands touch, arms lie on the trunk, sitting flattens thighs (cm).
_TOUCH_CM, _SOFT_CM, _SIT_CM = 2.5, 3.0, 2.5
# Limits are smaller for thin limbs.
_LIMB_CM, _THIN_LIMB_CM = 3.2, 2.6
_STEP_S = 1.0 / 240.0
# Offset of the sampled phases, so that no sample is at a landing.
_OFFSET = 0.37
# Of joints: what muscles can do (m/s, m/s2), and how far the acceleration at a moment may be from that just
# before and after: a jump of 3 mm, or of 0.55 m/s.
_SPEED_M_PER_S, _ACCELERATION_M_PER_S2, _KINK_M_PER_S2 = 12.0, 200.0, 130.0
_FOLLOWED = ("head", "hand_l", "hand_r", "foot_l", "foot_r", "calf_l", "calf_r")
# Of a posture at rest, degrees; of the left, spread and twist have the other sign. Turns of hands
# about the forearm are those of the forearm itself.
_RANGES_DEG: dict[str, dict[str, tuple[float, float]]] = {
    "calf": {"flex": (-155, 0), "spread": (0, 0), "twist": (0, 0)},
    "lowerarm": {"flex": (0, 155), "spread": (0, 0), "twist": (0, 0)},
    "hand": {"flex": (-80, 75), "spread": (-70, 70), "twist": (-95, 95)},
    "foot": {"flex": (-70, 50), "spread": (-50, 50), "twist": (-45, 45)},
    "spine_01": {"flex": (-40, 25), "spread": (-25, 25), "twist": (-30, 30)},
    "spine_02": {"flex": (-40, 25), "spread": (-25, 25), "twist": (-30, 30)},
    "neck_01": {"flex": (-35, 30), "spread": (-25, 25), "twist": (-40, 40)},
    "head": {"flex": (-35, 35), "spread": (-25, 25), "twist": (-50, 50)},
}
_TRUNK = ("pelvis", "spine_01", "spine_02")


@dataclass(frozen=True)
class Broken:
    """Where a law is broken most: the place in the times, the law, and the amount with its unit."""

    place: int
    what: str
    amount: float
    unit: str = "cm"

    def __str__(self) -> str:
        return f"{self.what} {self.amount:.1f} {self.unit}"


def check_character(
    character: str, animations: Iterable[str], *, phases: int = 16
) -> Iterator[tuple[str, Broken, float]]:
    """Check animations on a character, at equal phases: ground, support, sliding, joints, limbs.

    Yields the animation, what is wrong, and when (s). All animations of a character take five seconds.
    """
    body, skin = CHARACTERS[character].proportions, character_skin(character)
    clips = {name: ANIMATIONS[name] for name in animations}
    shares = (np.arange(phases) + _OFFSET) / phases
    motions = {name: motion_at(clip, body, clip.duration_s * shares) for name, clip in clips.items()}
    moves = skin.bone_from_reference @ np.concatenate([one.actor_from_bones() for one in motions.values()])
    parts = _Parts.at(moves, BodyDepths(character=CHARACTERS[character], skin=skin))
    for place, (name, one) in enumerate(motions.items()):
        now = slice(place * phases, (place + 1) * phases)
        found = [
            *_ground(name, one, parts, now),
            *slides(one, clips[name]),
            *joint_ranges(one),
            *_limbs(parts, now),
        ]
        for broken in found:
            yield name, broken, float(one.times_s[broken.place])


@dataclass(frozen=True)
class _Parts:
    """Parts of a body at all times of several motions (cm).

    Attributes:
        lowest: the height of the lowest point of the skin of each bone.
        bare: the same without clothes, of bones that can carry the body.
        depths: how deep parts of ``_PAIRS`` are in each other.
    """

    lowest: dict[str, Times]
    bare: dict[str, Times]
    depths: list[Times]

    @classmethod
    def at(cls, moves: Float[np.ndarray, "times bones 4 4"], body: BodyDepths) -> "_Parts":
        """Parts under the moves of the skin."""
        carriers = {bone for clip in ANIMATIONS.values() for bone in clip.supports}
        return cls(
            lowest={bone: body.lowest_cm(bone, moves) for bone in BONES[1:]},
            bare={bone: body.lowest_cm(bone, moves, bare=True) for bone in carriers},
            depths=[
                body.deepest_cm(body.points_cm(bone, moves, beyond=beyond), target, moves)
                for bone, beyond, target, _ in _PAIRS
            ],
        )


def _ground(animation: str, one: Motion, parts: _Parts, now: slice) -> Iterator[Broken]:
    """Nothing is below the ground; what carries the body is on it, unless the body is in the air."""
    lowest = {bone: heights[now] for bone, heights in parts.lowest.items()}
    everything = np.min(list(lowest.values()), axis=0)
    if everything.min() < -_BELOW_CM:
        place = int(everything.argmin())
        bone = min(lowest, key=lambda name: lowest[name][place])
        yield Broken(place, f"{bone} is below the ground", -float(everything[place]))
    support = ANIMATIONS[animation].supports
    carried = np.min(
        [heights[bone][now] for heights in (parts.bare, parts.lowest) for bone in support], axis=0
    )
    hops = np.array([float(pose.hop_cm) for pose in one.poses])
    floating = carried - (np.maximum(hops, 0.0) if ANIMATIONS[animation].leaves_ground else 0.0)
    if floating.max() > (_ABOVE_CM if support != FEET else _FEET_ABOVE_CM):
        place = int(floating.argmax())
        what = f"{' and '.join(support)} should carry the body, but are in the air"
        yield Broken(place, what, float(floating[place]))


def slides(one: Motion, clip: Animation) -> Iterator[Broken]:
    """A flat foot on the ground stays there, while the actor goes ahead by the speed of the clip."""
    later = motion_at(clip, one.body, one.times_s + _STANDING_S)
    for side in SIDES:
        corners, then = one.soles_cm(side), later.soles_cm(side)
        ways = (then - corners)[..., :2]
        ways[..., 0] += (later.ahead_cm - one.ahead_cm)[:, None]
        stands = np.maximum(corners[..., 2], then[..., 2]).max(axis=1, keepdims=True) < _STANDING_CM
        speeds = (np.linalg.norm(ways, axis=-1) * stands).max(axis=1) / _STANDING_S
        if speeds.max() > _SLIDE_CM_PER_S:
            yield Broken(
                int(speeds.argmax()), f"foot_{side} slides while it stands", float(speeds.max()), "cm/s"
            )


def joint_ranges(one: Motion) -> Iterator[Broken]:
    """Joints turn as far as those of people."""
    for bone in BONES:
        name, sign = (
            (bone[:-2], -1.0 if bone.endswith("_l") else 1.0) if bone[-2:] in ("_l", "_r") else (bone, 1.0)
        )
        for field, (low, high) in _RANGES_DEG.get(name, {}).items():
            turns = [pose.turns[bone] for pose in one.poses if bone in pose.turns]
            values = np.array([float(getattr(turn, field)) for turn in turns] or [0.0])
            values = values * (1.0 if field == "flex" else sign)
            beyond = np.maximum(values - high, low - values)
            if beyond.max() > 1e-6:
                place = int(beyond.argmax())
                yield Broken(
                    place, f"{bone} has a {field} of {values[place]:.0f} degrees", float(beyond[place]), "deg"
                )


def _pairs() -> Iterator[tuple[str, float, str, float]]:
    """Parts that must not be in each other: a bone, its share that is left out, another bone, the limit."""
    for side, other in (("l", "r"), ("r", "l")):
        for bone in ("hand", "lowerarm"):
            for target in (*_TRUNK, "head", *(f"{leg}_{of}" for leg in ("thigh", "calf") for of in "lr")):
                yield f"{bone}_{side}", 0.0, target, _TOUCH_CM if bone == "hand" else _SOFT_CM
            yield f"{bone}_{side}", 0.0, f"upperarm_{other}", _LIMB_CM
            yield f"{bone}_{side}", 0.0, f"lowerarm_{other}", _THIN_LIMB_CM
        for target in _TRUNK:
            yield f"upperarm_{side}", 0.6, target, _SOFT_CM
        for bone in ("foot", "calf"):
            yield f"{bone}_{side}", 0.0, f"thigh_{other}", _SIT_CM
            yield f"{bone}_{side}", 0.0, f"calf_{other}", _LIMB_CM
        yield f"foot_{side}", 0.0, "pelvis", _SIT_CM
        yield f"calf_{side}", 0.5, "pelvis", _SIT_CM


_PAIRS = tuple(_pairs())


def _limbs(parts: _Parts, now: slice) -> Iterator[Broken]:
    """No limb is in the body or in another limb."""
    for (bone, _, target, limit_cm), depths in zip(_PAIRS, parts.depths, strict=True):
        deep = depths[now]
        if deep.max() > limit_cm:
            yield Broken(int(deep.argmax()), f"{bone} is in {target}", float(deep.max()))


def discontinuities(clip: Animation, body: Proportions) -> Iterator[tuple[Broken, float]]:
    """Speed and acceleration of joints over a whole round of a clip, across its end, at 240 Hz."""
    count = int(np.ceil(clip.duration_s / _STEP_S)) + 5
    times_s: Times = _STEP_S * np.arange(count)
    one = motion_at(clip, body, times_s)
    for bone in _FOLLOWED:
        places_m = one.points_cm(bone, (0.0, 0.0, -8.0))[:, 0] / CM_PER_M
        speed = np.diff(places_m, axis=0) / _STEP_S
        acceleration = np.diff(speed, axis=0) / _STEP_S
        kink = acceleration[1:-1] - (acceleration[2:] + acceleration[:-2]) / 2
        for what, change, limit, unit, first in (
            ("is too fast", speed, _SPEED_M_PER_S, "m/s", 0),
            ("changes its speed too fast", acceleration, _ACCELERATION_M_PER_S2, "m/s2", 1),
            ("jumps or stops at once", kink, _KINK_M_PER_S2, "m/s2", 2),
        ):
            amounts = np.linalg.norm(change, axis=1)
            place = int(amounts.argmax())
            if amounts[place] > limit:
                yield (
                    Broken(first + place, f"{bone} {what}", float(amounts[place]), unit),
                    float(times_s[first + place]),
                )
