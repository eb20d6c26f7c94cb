"""Sentences about the move of a camera, from labels that are measured from its poses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from trajectories import PRIMITIVES, CameraMove, MoveLabel

# Of each label: what the camera does, and the same words after "while". An amount follows with "by". Opposite
# labels have their phrases in the same order.
_VERBS: dict[str, tuple[tuple[str, str], ...]] = {
    "pan_left": (("pans left", "panning left"), ("turns to the left", "turning to the left")),
    "pan_right": (("pans right", "panning right"), ("turns to the right", "turning to the right")),
    "tilt_up": (("tilts up", "tilting up"), ("tilts upwards", "tilting upwards")),
    "tilt_down": (("tilts down", "tilting down"), ("tilts downwards", "tilting downwards")),
    "roll_clockwise": (("rolls clockwise", "rolling clockwise"),),
    "roll_counterclockwise": (("rolls counter-clockwise", "rolling counter-clockwise"),),
    "truck_left": (
        ("trucks left", "trucking left"),
        ("moves to the left", "moving to the left"),
        ("slides to the left", "sliding to the left"),
    ),
    "truck_right": (
        ("trucks right", "trucking right"),
        ("moves to the right", "moving to the right"),
        ("slides to the right", "sliding to the right"),
    ),
    "dolly_in": (
        ("dollies in", "dollying in"),
        ("moves forward", "moving forward"),
        ("pushes in", "pushing in"),
    ),
    "dolly_out": (
        ("dollies out", "dollying out"),
        ("moves backward", "moving backward"),
        ("pulls back", "pulling back"),
    ),
    "pedestal_up": (("rises", "rising"), ("moves up", "moving up")),
    "pedestal_down": (("descends", "descending"), ("moves down", "moving down")),
    "arc_left": (
        ("arcs to the left around {}", "arcing to the left around {}"),
        ("circles to the left around {}", "circling to the left around {}"),
    ),
    "arc_right": (
        ("arcs to the right around {}", "arcing to the right around {}"),
        ("circles to the right around {}", "circling to the right around {}"),
    ),
    "zoom_in": (("zooms in", "zooming in"),),
    "zoom_out": (("zooms out", "zooming out"),),
}
_HEADS = ("The camera", "The camera", "In this clip, the camera", "In this shot, the camera")
_STATIC = ("is static", "does not move", "stands still", "stays in place without moving", "remains still")
_STEADY_PLACE = ("barely moves", "moves only very little")
_ZOOMING = ("zooms in and out a little", "varies its zoom a little")
_NEAR_START = ("stays close to its first view", "hardly leaves its first view")
_TURNING = ("keeps changing direction", "changes direction again and again")
_CURVES = ("follows a curved path", "moves along a curved path")
_DOLLY_ZOOMS = ("This is a dolly zoom.", "Together this is a dolly zoom.")
_PACES = {
    "constant": ("Its speed is constant.", "It moves at a constant speed."),
    "accelerating": ("It accelerates.", "It speeds up towards the end.", "It becomes faster and faster."),
    "decelerating": ("It decelerates.", "It loses speed towards the end.", "It becomes slower and slower."),
    "eased": ("It first speeds up and then loses speed.", "Its speed rises and then falls."),
    "variable": ("Its speed varies.", "It moves at a varying speed."),
}
_VIEWS = {
    "followed": (
        "It follows the subject, which stays in the centre of the image.",
        "It tracks the moving subject and keeps it in the centre of the image.",
    ),
    "kept": (
        "It keeps the subject in the centre of the image.",
        "The subject stays in the centre of the image.",
    ),
    "centred": ("The subject stays in the centre of the image.",),
    "leaving": (
        "The subject moves away from the centre of the image.",
        "The subject does not stay centred.",
    ),
}
_CLOSER = ("The distance to the subject shrinks from {} to {} metres.",)
_FARTHER = ("The distance to the subject grows from {} to {} metres.",)
_SHAKES = ("The camera is unsteady, like one held by hand.", "The image shakes, as with a hand-held camera.")

# Words are left out for travel that is small beside the largest one; with shake, which blurs it, sooner.
_SMALL_SHARE, _SMALL_SHAKEN_SHARE = 0.2, 0.4
# A camera without any primitive barely moves up to here.
_SMALL_PATH_M, _SMALL_TURN_DEG, _AROUND_DEG = 0.25, 10.0, 90.0
_SUBJECT_MOVES_M = 0.3
_DISTANCE_RATIO = 1.1
_TRAVEL = ("truck", "dolly", "pedestal")
_TURNS = ("pan", "tilt")
_ZOOMS = frozenset({"zoom_in", "zoom_out", "dolly_zoom"})
_ZOOM_RANGE = 1.01
# Smaller factors of a zoom have no figure, which would be 1.0.
_LEAST_FACTOR = 1.05
_ATTEMPTS = 40
_Rng = np.random.Generator


@dataclass(frozen=True, kw_only=True)
class _Detail:
    """What a caption says: how many primitives, and what about them."""

    primitives: int
    amounts: bool = False
    tempo: bool = False
    pace: bool = False
    subject: bool = False


# The captions of a clip are of these kinds, in turn.
_DETAILS = (
    _Detail(primitives=3, amounts=True),
    _Detail(primitives=2),
    _Detail(primitives=2, tempo=True, pace=True),
    _Detail(primitives=3, amounts=True, pace=True, subject=True),
)


def camera_captions(move: CameraMove, count: int, rng: _Rng) -> tuple[str, ...]:
    """``count`` different captions of a move, from short ones to such with amounts, pace and subject.

    The first one has amounts. Fewer if there are not so many.
    """
    found: dict[str, None] = {}
    for attempt in range(_ATTEMPTS * count):
        if len(found) == count:
            break
        found[_caption(move, _DETAILS[attempt % len(_DETAILS)], rng)] = None
    return tuple(found)


def _caption(move: CameraMove, detail: _Detail, rng: _Rng) -> str:
    sentences = _move_sentences(move, detail, rng)
    if detail.pace and "shake" not in move.words and any(word in PRIMITIVES for word in move.words):
        sentences += _pace_sentences(move, detail, rng)
    if "dolly_zoom" in move.words:
        sentences.append(_one(_DOLLY_ZOOMS, rng))
    if detail.subject:
        sentences += _subject_sentences(move, rng)
    if "shake" in move.words and (detail.subject or rng.random() < 0.5):
        sentences.append(_one(_SHAKES, rng))
    return " ".join(sentences)


def _move_sentences(move: CameraMove, detail: _Detail, rng: _Rng) -> list[str]:
    """What the camera does: primitives in one direction, then one that changes its direction once."""
    parts = _ranked(move)
    chosen = [labels for labels in parts if len(labels) <= 2][: detail.primitives]
    steady = [labels[0] for labels in chosen if len(labels) == 1]
    turning = [labels for labels in chosen if len(labels) == 2][:1]
    head = _one(_HEADS, rng)
    phrases = _phrases(move, steady, detail, rng)
    sentences = []
    if phrases:
        sentences.append(f"{head} {phrases}.")
    for first, then in turning:
        subject = "It" if sentences else head
        phrase = rng.random()
        # The sway of a camera with shake blurs where it turns.
        amounts = detail.amounts and "shake" not in move.words
        a, b = (_verb(move, label, replace(detail, amounts=amounts), phrase)[0] for label in (first, then))
        sentences.append(f"{subject} first {a} and then {b}.")
    if "curve" in move.words and (detail.amounts or not sentences):
        length = next(label.amount for label in move.labels if label.word == "curve")
        extent = f" of {_metres(length)}" if detail.amounts else ""
        sentences.append(f"{'It' if sentences else head} {_one(_CURVES, rng)}{extent}.")
    return sentences or [f"{head} {_without_direction(move, rng)}."]


def _without_direction(move: CameraMove, rng: _Rng) -> str:
    """What a camera does that has no primitive with one or two directions."""
    if "static" in move.words:
        return _one(_STATIC, rng)
    if any(word in PRIMITIVES for word in move.words):
        return _one(_TURNING, rng)
    if "shake" in move.words:
        return "shakes"
    is_near = move.away_m < _SMALL_PATH_M and move.away_deg < _SMALL_TURN_DEG
    if is_near and move.zoom_range >= _ZOOM_RANGE:
        return _one(_ZOOMING, rng)
    if is_near:
        is_quiet = move.path_m < _SMALL_PATH_M and move.turned_deg < _SMALL_TURN_DEG
        return _one(_STEADY_PLACE if is_quiet else _NEAR_START, rng)
    if move.path_m >= _SMALL_PATH_M:
        return f"travels {_metres(move.path_m)}"
    return "turns around" if move.turned_deg >= _AROUND_DEG else "turns"


def _ranked(move: CameraMove) -> list[list[MoveLabel]]:
    """The labels of each primitive, the most important primitive first.

    What a camera turns only because it keeps the subject in the centre comes last.
    """
    parts: dict[str, list[MoveLabel]] = {}
    for label in move.labels:
        if label.word in PRIMITIVES:
            parts.setdefault(PRIMITIVES[label.word], []).append(label)
    sizes = {name: max(label.amount for label in labels) for name, labels in parts.items()}
    share = _SMALL_SHAKEN_SHARE if "shake" in move.words else _SMALL_SHARE
    least_m = share * max((sizes[name] for name in _TRAVEL if name in sizes), default=0.0)

    def order(name: str) -> tuple[int, float]:
        is_implied = name in _TURNS and "tracking" in move.words
        groups = (("arc",), ("zoom", "roll"), _TRAVEL, _TURNS)
        group = next(n for n, names in enumerate(groups) if name in names)
        return (len(groups) if is_implied else group), -sizes[name]

    kept = [name for name in parts if name not in _TRAVEL or sizes[name] >= least_m]
    return [parts[name] for name in sorted(kept, key=order)]


def _phrases(move: CameraMove, labels: Sequence[MoveLabel], detail: _Detail, rng: _Rng) -> str:
    """Primitives that happen at the same time, as one phrase; with their tempo if all have the same."""
    if not labels:
        return ""
    verbs: list[tuple[str, str]] = []
    for label in labels:
        count, first = len(_VERBS[label.word]), rng.random()
        options = [_verb(move, label, detail, (first + n / count) % 1) for n in range(count)]
        said = {does.split()[0] for does, _ in verbs}
        # Not twice the same verb.
        verbs.append(next((one for one in options if one[0].split()[0] not in said), options[0]))
    tempos = {move.tempo(label) for label in labels} if detail.tempo else set()
    adverb = "slowly " if tempos == {"slow"} else "quickly " if tempos == {"fast"} else ""
    if len(verbs) > 1 and rng.random() < 0.5:
        return f"{adverb}{verbs[0][0]} while {_listed([doing for _, doing in verbs[1:]])}"
    return adverb + _listed([does for does, _ in verbs])


def _verb(move: CameraMove, label: MoveLabel, detail: _Detail, phrase: float) -> tuple[str, str]:
    """A label as "does" and as "doing", with its amount; ``phrase`` in [0, 1) chooses the words."""
    phrases = _VERBS[label.word]
    centre = "the subject" if move.subject_travel_m < _SUBJECT_MOVES_M else "the subject's starting point"
    does, doing = (one.format(centre) for one in phrases[int(phrase * len(phrases))])
    is_sure = label.is_exact and (PRIMITIVES[label.word] != "zoom" or label.amount >= _LEAST_FACTOR)
    extent = f" by {_amount(label)}" if detail.amounts and is_sure else ""
    return does + extent, doing + extent


def _pace_sentences(move: CameraMove, detail: _Detail, rng: _Rng) -> list[str]:
    sentences = [_one(_PACES[move.pace], rng)] if move.pace in _PACES else []
    if detail.tempo and move.speed_m_per_s >= 0.05:
        speed = f"{_two_digits(move.speed_m_per_s)} metres per second"
    elif detail.tempo and move.turn_deg_per_s >= 0.5 and _ZOOMS.isdisjoint(move.words):
        speed = f"{_two_digits(move.turn_deg_per_s)} degrees per second"
    else:
        return sentences
    return [*sentences, f"The average speed is {speed}."]


def _subject_sentences(move: CameraMove, rng: _Rng) -> list[str]:
    """Where the subject is in the image, and how far away."""
    sentences = [_one(_VIEWS[move.subject_view], rng)] if move.subject_view in _VIEWS else []
    near_m, far_m = sorted(move.distance_m)
    if near_m > 0 and far_m >= _DISTANCE_RATIO * near_m and far_m - near_m >= 0.2:
        phrases = _FARTHER if move.distance_m[1] == far_m else _CLOSER
        sentences.append(_one(phrases, rng).format(*(f"{one:.1f}" for one in move.distance_m)))
    return sentences


def _amount(label: MoveLabel) -> str:
    units: dict[str, Callable[[float], str]] = {
        **dict.fromkeys(("pan", "tilt", "roll", "arc"), lambda deg: f"{deg:.0f} degrees"),
        **dict.fromkeys(_TRAVEL, _metres),
        "zoom": lambda factor: f"a factor of {factor:.1f}",
    }
    return units[PRIMITIVES[label.word]](label.amount)


def _metres(length_m: float) -> str:
    """Below a metre in steps of 5 centimetres, above in tenths of a metre."""
    centimetres = 5 * round(20 * length_m)
    if centimetres < 100:
        return f"{centimetres} centimetres"
    metres = f"{length_m:.1f}".removesuffix(".0")
    return "1 metre" if metres == "1" else f"{metres} metres"


def _two_digits(value: float) -> str:
    rounded = float(f"{value:.2g}")
    return f"{rounded:.0f}" if rounded >= 10 else f"{rounded:#.2g}"


def _listed(phrases: Sequence[str]) -> str:
    return phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} and {phrases[-1]}"


def _one(phrases: Sequence[str], rng: _Rng) -> str:
    return phrases[int(rng.integers(len(phrases)))]
