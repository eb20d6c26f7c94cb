"""Reads a caption about a camera, and looks in the poses for what contradicts it.

It shares no code with what writes captions and labels: it has its own grammar, and it integrates angular
velocities and steps where the labels use headings. Text that it does not understand is a contradiction.
"""

import re
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import uniform_filter1d
from scipy.spatial.transform import Rotation

_AMOUNT = r"(?: by (?:a factor of )?(?P<number>[\d.]+)(?: (?P<unit>degrees|metres?|centimetres))?)?"
_SIDES = {"left": 1, "right": -1, "up": 1, "upwards": 1, "down": -1, "downwards": -1}
# Each pattern, the channel that it is about, and the sign of that channel (None: the side gives it).
_PHRASES: list[tuple[str, str, int | None]] = [
    (r"(?:pans|panning|turns|turning)(?: to the)? (?P<side>left|right)", "heading", None),
    (r"(?:tilts|tilting) (?P<side>upwards|downwards|up|down)", "pitch", None),
    (r"(?:rolls|rolling) clockwise", "roll", 1),
    (r"(?:rolls|rolling) counter-clockwise", "roll", -1),
    (r"(?:trucks|trucking|moves|moving|slides|sliding)(?: to the)? (?P<side>left|right)", "aside", None),
    (r"(?:dollies|dollying|pushes|pushing) in|(?:moves|moving) forward", "ahead", 1),
    (r"(?:dollies|dollying) out|(?:moves|moving) backward|(?:pulls|pulling) back", "ahead", -1),
    (r"rises|rising|(?:moves|moving) up", "height", 1),
    (r"descends|descending|(?:moves|moving) down", "height", -1),
    (
        r"(?:arcs|arcing|circles|circling) to the (?P<side>left|right) around the "
        r"(?P<centre>subject's starting point|subject)",
        "azimuth",
        None,
    ),
    (r"(?:zooms|zooming) in", "zoom", 1),
    (r"(?:zooms|zooming) out", "zoom", -1),
]
_BACK = {"heading": 3, "pitch": 3, "roll": 3, "azimuth": 5, "aside": 0.1, "ahead": 0.1, "height": 0.1}
_BACK["zoom"] = float(np.log(1.1))
_TEMPO = {
    **dict.fromkeys(("heading", "pitch", "roll", "azimuth"), (4, 20)),
    **dict.fromkeys(("aside", "ahead", "height"), (0.2, 1)),
}
_PACES = {
    "constant": r"Its speed is constant|It moves at a constant speed",
    "faster": r"It accelerates|It speeds up towards the end|It becomes faster and faster",
    "slower": r"It decelerates|It loses speed towards the end|It becomes slower and slower",
    "eased": r"It first speeds up and then loses speed|Its speed rises and then falls",
    "varies": r"Its speed varies|It moves at a varying speed",
}
_STILL = r"is static|does not move|stands still|stays in place without moving|remains still"


@dataclass(frozen=True)
class Filmed:
    """A clip: rotations (frames 3 3) and positions (frames 3) of the camera, and what else captions name.

    Whether it shakes is known from how it was made, and not measured.
    """

    rotation: np.ndarray
    position_m: np.ndarray
    focal_mm: np.ndarray
    subject_m: np.ndarray
    fps: float
    is_shaken: bool = False
    sensor_mm: float = 23.76


class Geometry:
    """What a camera does, as channels that are integrated over the steps between frames."""

    def __init__(self, clip: Filmed, *, is_raw: bool = False) -> None:
        self.clip = clip
        self.is_shaky = clip.is_shaken
        is_smoothed = self.is_shaky and not is_raw and len(clip.position_m) > 2 * clip.fps
        # A clip with shake is described with or without it.
        self.raw = Geometry(clip, is_raw=True) if is_smoothed else None
        rotation, position_m = _smoothed(clip) if is_smoothed else (clip.rotation, clip.position_m)
        self.seconds = (len(position_m) - 1) / clip.fps
        right, ahead = _level(rotation)
        steps_m = np.diff(position_m, axis=0)
        turns, (heading, pitch, roll) = _turns(rotation)
        from_start = (position_m - clip.subject_m[0])[:, :2]
        self.radius_m = np.linalg.norm(from_start, axis=1)
        x, y = from_start.T
        circled = np.degrees(np.arctan2(x[:-1] * y[1:] - y[:-1] * x[1:], x[:-1] * x[1:] + y[:-1] * y[1:]))
        both = [(axis[1:] + axis[:-1]) / 2 for axis in (right, ahead)]
        steps = {
            "heading": heading,
            "pitch": pitch,
            "roll": roll,
            "aside": -(steps_m * both[0]).sum(axis=1),
            "ahead": (steps_m * both[1]).sum(axis=1),
            "height": steps_m[:, 2],
            "azimuth": -circled,
            "zoom": np.diff(np.log(clip.focal_mm)),
        }
        self.channels = {name: np.concatenate([[0.0], np.cumsum(one)]) for name, one in steps.items()}
        self.path = np.linalg.norm(steps_m, axis=1)
        self.turned = np.degrees(np.linalg.norm(turns, axis=1))
        self.net_m = float(np.linalg.norm(position_m[-1] - position_m[0]))
        self.away_m = float(np.linalg.norm(clip.position_m - clip.position_m[0], axis=1).max())
        from_first = Rotation.from_matrix(clip.rotation) * Rotation.from_matrix(clip.rotation[0]).inv()
        self.away_deg = float(np.degrees(from_first.magnitude().max()))
        self.steepest_deg = float(np.degrees(np.arcsin(np.abs(rotation[:, 2, 2]).clip(0, 1)).max()))
        self.distance_m = np.linalg.norm(clip.subject_m - position_m, axis=1)
        # The subject is where it is in the images, with their shake.
        self.off_axis_deg = _off_axis_deg(clip.rotation, clip.subject_m - clip.position_m)
        first = np.tile(clip.rotation[0], (len(clip.rotation), 1, 1))
        self.off_first_deg = _off_axis_deg(first, clip.subject_m - clip.position_m[0])
        self.subject_travel_m = float(np.linalg.norm(clip.subject_m - clip.subject_m[0], axis=1).max())
        cos = -(from_start * ahead[:, :2]).sum(axis=1) / np.maximum(self.radius_m, 1e-9)
        self.off_centre_deg = np.degrees(np.arccos(np.clip(cos, -1, 1)))


def contradictions(caption: str, geometry: Geometry) -> list[str]:
    """What is wrong with a caption; nothing if it is true."""
    found = []
    for sentence in re.split(r"(?<=\.)\s+", caption):
        text = sentence.removesuffix(".")
        wrong = _of_sentence(text, geometry)
        if geometry.raw and wrong:
            wrong = _of_sentence(text, geometry.raw) and wrong
        found += [f"{sentence} ({what})" for what in wrong]
    return found


def _of_sentence(text: str, g: Geometry) -> list[str]:
    for pace, pattern in _PACES.items():
        if re.fullmatch(pattern, text):
            return _of_pace(pace, g)
    for pattern, check in _SENTENCES:
        if match := re.fullmatch(pattern, text):
            return check(match, g)
    match = re.fullmatch(r"(?:(?:In this (?:clip|shot), the|The) camera|It) (.+)", text)
    return _of_phrases(match[1], g) if match else ["not understood"]


def _of_phrases(text: str, g: Geometry) -> list[str]:
    if match := re.fullmatch(r"first (.+?) and then (.+)", text):
        return _of_turn(match[1], match[2], g)
    tempo = re.match(r"(slowly |quickly )?", text)[1] or ""
    found = []
    for phrase in re.split(r" while |, | and ", text.removeprefix(tempo)):
        found += _of_phrase(phrase, tempo.strip(), g)
    return found


def _of_phrase(phrase: str, tempo: str, g: Geometry) -> list[str]:
    parsed = _parsed(phrase)
    if parsed is None:
        return [f"not understood: {phrase}"]
    name, sign, stated, centre = parsed
    values = sign * g.channels[name]
    most, last = float(values.max()), float(values[-1])
    # What a clip with shake may go back is twice as much.
    back = (2.2 if g.is_shaky else 1.02) * _BACK[name]
    found = []
    if last <= 0 or (np.maximum.accumulate(values) - values).max() > back:
        found.append(f"{name} is not in that direction")
    if stated is not None and not min(most, last) - _off(name, stated, g) <= stated[0]:
        found.append(f"{name} is {most:.3f}")
    if stated is not None and not stated[0] <= most + _off(name, stated, g):
        found.append(f"{name} is {most:.3f}")
    if tempo:
        window = min(max(1, round(g.clip.fps / 2)), len(values) - 1)
        top = np.abs(values[window:] - values[:-window]).max() * g.clip.fps / window
        slow, fast = _TEMPO[name]
        if top > 1.1 * slow if tempo == "slowly" else most / g.seconds < fast / 1.05:
            found.append(f"{name} has the speed {top:.3f}, on average {most / g.seconds:.3f}")
    return found + (_of_circle(centre, g) if name == "azimuth" else [])


def _of_circle(centre: str, g: Geometry) -> list[str]:
    found = []
    if g.radius_m.max() > 1.4 * g.radius_m.min() or g.off_centre_deg.max() > 12:
        found.append("not a circle")
    moves = g.subject_travel_m
    if moves > 0.32 if centre == "subject" else moves < 0.28:
        found.append(f"the subject moves {moves:.2f} m")
    return found


def _of_turn(first: str, then: str, g: Geometry) -> list[str]:
    parsed = [_parsed(first), _parsed(then)]
    if None in parsed:
        return ["not understood"]
    (name, sign, stated, _), (other, other_sign, other_stated, _) = parsed
    if name != other or sign == other_sign:
        return ["not a turn"]
    values = sign * g.channels[name]
    peak = int(values.argmax())
    rise, fall = (float(values[peak] - part.min()) for part in (values[: peak + 1], values[peak:]))
    found = []
    for size, one in ((rise, stated), (fall, other_stated)):
        if size < 0.95 * _BACK[name] - _slack(name, g):
            found.append(f"{name} does not turn")
        if one is not None and abs(size - one[0]) > _off(name, one, g):
            found.append(f"{name} is {size:.3f}")
    return found


def _parsed(phrase: str) -> tuple[str, int, tuple[float, float] | None, str] | None:
    """Channel, sign, amount with its rounding, and centre."""
    for pattern, name, sign in _PHRASES:
        if match := re.fullmatch(f"(?:{pattern}){_AMOUNT}", phrase):
            groups = match.groupdict()
            sign = sign or _SIDES[groups["side"]]
            number = groups["number"]
            stated = None
            if number:
                if ("factor" in phrase) != (name == "zoom"):
                    return None
                is_angle = groups["unit"] == "degrees"
                if is_angle != (name in ("heading", "pitch", "roll", "azimuth")):
                    return None
                value = float(number)
                stated = _amount(value, groups["unit"])
            return name, sign, stated, groups.get("centre") or ""
    return None


def _amount(value: float, unit: str | None) -> tuple[float, float]:
    """An amount in the unit of its channel, and by how much it may be rounded."""
    if unit == "degrees":
        return value, 0.5
    if unit == "centimetres":
        return value / 100, 0.025
    if unit is None:
        return float(np.log(value)), 0.05 / value
    return value, 0.05


def _off(name: str, stated: tuple[float, float], g: Geometry) -> float:
    # Two ways to take a shake out of a path differ by some percent of its length.
    share = 0.05 if g.is_shaky else 0.01
    return stated[1] + share * stated[0] + 0.02 * _BACK[name] + _slack(name, g)


def _slack(name: str, g: Geometry) -> float:
    """What the shake of a camera can add."""
    return 0.4 * _BACK[name] if g.is_shaky and name != "zoom" else 0.0


def _of_pace(pace: str, g: Geometry) -> list[str]:
    speeds = g.path if g.path.sum() >= 0.1 else g.turned
    if g.path.sum() < 0.1 and g.turned.sum() < 3:
        return ["it does not move"]
    travelled = np.concatenate([[0.0], np.cumsum(speeds)])
    eighths, twelfths = (
        np.diff(np.interp(np.linspace(0, len(speeds), parts + 1), np.arange(len(travelled)), travelled))
        for parts in (8, 12)
    )
    quarters, total = eighths.reshape(4, 2).sum(axis=1), eighths.sum()
    halves = quarters[:2].sum() / total, quarters[2:].sum() / total
    # No frame may go against the words, however short.
    forth, back = (_most_fall(one) / speeds.max() for one in (speeds, speeds[::-1]))
    both = _most_fall(speeds[: speeds.argmax() + 1]), _most_fall(speeds[speeds.argmax() :][::-1])
    is_true = {
        "constant": speeds.max() <= 1.2 * speeds.min(),
        "faster": halves[1] > 1.12 * halves[0] and quarters[3] > 1.2 * quarters[0] and forth < 0.1,
        "slower": halves[0] > 1.12 * halves[1] and quarters[0] > 1.2 * quarters[3] and back < 0.1,
        "eased": quarters[1:3].sum() > 1.15 * (quarters[0] + quarters[3])
        and min(eighths[2:6]) > 1.05 * max(eighths[0], eighths[7])
        and max(both) < 0.1 * speeds.max(),
        "varies": twelfths.max() > 1.5 * twelfths.min(),
    }[pace]
    return [] if is_true else [f"eighths of the path: {np.round(eighths / total, 3)}"]


def _most_fall(speeds: np.ndarray) -> float:
    return float((np.maximum.accumulate(speeds) - speeds).max())


def _speed(match: re.Match[str], g: Geometry) -> list[str]:
    found = (g.path if match[2] == "metres" else g.turned).sum() / g.seconds
    is_near = (
        abs(found - float(match[1])) <= (0.25 if g.is_shaky and match[2] == "degrees" else 0.055) * found
    )
    return [] if is_near else [f"it is {found:.3f}"]


def _static(match: re.Match[str], g: Geometry) -> list[str]:
    zoomed = np.ptp(g.channels["zoom"])
    is_true = g.path.sum() < 0.02 and g.turned.sum() < 0.5 and zoomed < 0.01
    return [] if is_true else ["it moves"]


def _small(match: re.Match[str], g: Geometry) -> list[str]:
    zoomed = np.ptp(g.channels["zoom"])
    if g.path.sum() < 0.005 and g.turned.sum() < 0.2 and zoomed > np.log(1.02):
        return ["it stands, and zooms"]
    is_true = g.path.sum() < 0.27 and g.turned.sum() < 11 and zoomed < 0.15
    return [] if is_true else ["it moves"]


def _zoomed(match: re.Match[str], g: Geometry) -> list[str]:
    back = np.abs(np.diff(g.channels["zoom"])).sum() - abs(g.channels["zoom"][-1])
    is_true = g.away_m < 0.26 and g.away_deg < 10.5 and back > 0.003 and np.ptp(g.channels["zoom"]) < 0.2
    return [] if is_true else ["it does not zoom in and out"]


def _near_start(match: re.Match[str], g: Geometry) -> list[str]:
    is_true = g.away_m < 0.26 and g.away_deg < 10.5 and np.ptp(g.channels["zoom"]) < 0.15
    return [] if is_true else [f"it is {g.away_m:.2f} m and {g.away_deg:.1f} degrees away"]


def _travel(match: re.Match[str], g: Geometry) -> list[str]:
    length, (value, rounding) = float(g.path.sum()), _amount(float(match[1]), match[2])
    is_near = abs(length - value) < rounding + 0.01 * value
    return [] if is_near else [f"it is {length:.3f}"]


def _around(match: re.Match[str], g: Geometry) -> list[str]:
    """A camera that turns; the words without a direction are false where each frame shows one."""
    found = [] if g.turned.sum() > (85 if match[1] else 9) else ["it does not turn"]
    is_clear = g.steepest_deg < 80 and g.turned.max() < 60 and not g.is_shaky
    for name in ("heading", "pitch", "roll"):
        values = g.channels[name] * np.sign(g.channels[name][-1])
        if is_clear and values[-1] > 4 and _most_fall(values) < 2:
            found.append(f"its {name} turns in one direction")
    return found


def _turning(match: re.Match[str], g: Geometry) -> list[str]:
    back = (np.abs(np.diff(one)).sum() - abs(one[-1]) for name, one in g.channels.items())
    least = (2 * 0.9 * limit for limit in (_BACK[name] for name in g.channels))
    return [] if any(a > b for a, b in zip(back, least, strict=True)) else ["it keeps its direction"]


def _curve(match: re.Match[str], g: Geometry) -> list[str]:
    length, found = float(g.path.sum()), []
    spread = g.clip.position_m - g.clip.position_m.mean(axis=0)
    along = np.linalg.eigh(spread.T @ spread)[1][:, -1]
    off_m = np.linalg.norm(np.cross(spread, along), axis=1).max()
    if length < 1.1 * g.net_m or off_m < max(0.04, 0.04 * length):
        found.append("the path is straight")
    if match[1]:
        value, rounding = _amount(float(match[1]), match[2])
        if abs(length - value) > rounding + 0.01 * value:
            found.append(f"its length is {length:.3f}")
    return found


def _dolly_zoom(match: re.Match[str], g: Geometry) -> list[str]:
    size = g.clip.focal_mm / g.distance_m
    far = g.distance_m[-1] / g.distance_m[0]
    return [] if size.max() < 1.15 * size.min() and abs(np.log(far)) > np.log(1.1) else ["it is none"]


def _centred(match: re.Match[str], g: Geometry) -> list[str]:
    found = [] if g.off_axis_deg.max() <= 2.2 else [f"it is {g.off_axis_deg.max():.1f} degrees off"]
    off_mm = np.tan(np.radians(g.off_axis_deg)) * g.clip.focal_mm
    if off_mm.max() > 0.11 * g.clip.sensor_mm / 2:
        found.append("it is not in the centre of the image")
    is_followed, is_kept = (
        re.search(words, match[0]) for words in ("follows|tracks", "follows|tracks|keeps")
    )
    if is_kept and g.away_m < 0.095 and g.away_deg < 2.9:
        found.append("the camera stands")
    if is_followed and (g.subject_travel_m < 0.28 or g.off_first_deg.max() < 4.5):
        found.append(f"the subject moves {g.subject_travel_m:.2f} m, off {g.off_first_deg.max():.1f} degrees")
    return found


def _leaving(match: re.Match[str], g: Geometry) -> list[str]:
    first, last = g.off_axis_deg[[0, -1]]
    off_mm = np.tan(np.radians(np.minimum(g.off_axis_deg, 89))) * g.clip.focal_mm
    return (
        []
        if first < 2.2 and last > 4.5 and off_mm[-1] > 1.5 * off_mm[0]
        else [f"from {first:.1f} to {last:.1f} degrees off"]
    )


def _distance(match: re.Match[str], g: Geometry) -> list[str]:
    stated = np.array([float(match[2]), float(match[3])])
    found = [] if (np.abs(g.distance_m[[0, -1]] - stated) < 0.06).all() else ["other distances"]
    return found + ([] if (stated[1] > stated[0]) == (match[1] == "grows") else ["the other way"])


def _shaken(match: re.Match[str], g: Geometry) -> list[str]:
    return [] if g.is_shaky and g.clip.fps > 10 else ["it is steady, or has too few frames to tell"]


_CAMERA = r"(?:(?:In this (?:clip|shot), the|The) camera|It) "
_SENTENCES = [
    (r"The average speed is ([\d.]+) (metres|degrees) per second", _speed),
    (rf"{_CAMERA}(?:{_STILL})", _static),
    (rf"{_CAMERA}(?:barely moves|moves only very little)", _small),
    (rf"{_CAMERA}(?:keeps changing direction|changes direction again and again)", _turning),
    (rf"{_CAMERA}travels ([\d.]+) (metres?|centimetres)", _travel),
    (rf"{_CAMERA}(?:zooms in and out a little|varies its zoom a little)", _zoomed),
    (rf"{_CAMERA}(?:stays close to its first view|hardly leaves its first view)", _near_start),
    (rf"{_CAMERA}turns( around)?", _around),
    (rf"{_CAMERA}shakes", _shaken),
    (
        rf"{_CAMERA}(?:follows a curved path|moves along a curved path)"
        r"(?: of ([\d.]+) (metres?|centimetres))?",
        _curve,
    ),
    (r"(?:This|Together this) is a dolly zoom", _dolly_zoom),
    (
        r"It keeps the subject in the centre of the image|The subject stays in the centre of the image"
        r"|It follows the subject, which stays in the centre of the image"
        r"|It tracks the moving subject and keeps it in the centre of the image",
        _centred,
    ),
    (r"The subject moves away from the centre of the image|The subject does not stay centred", _leaving),
    (r"The distance to the subject (grows|shrinks) from ([\d.]+) to ([\d.]+) metres", _distance),
    (
        r"The camera is unsteady, like one held by hand|The image shakes, as with a hand-held camera",
        _shaken,
    ),
]


def _off_axis_deg(rotation: np.ndarray, to_subject: np.ndarray) -> np.ndarray:
    cos = (to_subject * rotation[:, :, 2]).sum(axis=1) / np.linalg.norm(to_subject, axis=1)
    return np.degrees(np.arccos(np.clip(cos, -1, 1)))


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def _turns(rotation: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rotation vectors of the steps, and by how many degrees heading, pitch and roll change in each.

    A large step is integrated in small parts.
    """
    turns = (Rotation.from_matrix(rotation[1:]) * Rotation.from_matrix(rotation[:-1]).inv()).as_rotvec()
    parts = max(1, int(np.ceil(np.degrees(np.linalg.norm(turns, axis=1)).max(initial=0) / 3)))
    shares = np.arange(parts)[:, None] / parts
    within = Rotation.from_rotvec((shares * turns[:, None]).reshape(-1, 3)).as_matrix()
    fine = np.concatenate([within @ np.repeat(rotation[:-1], parts, axis=0), rotation[-1:]])
    right, small = _level(fine)[0], np.repeat(turns / parts, parts, axis=0)
    sides, forward = right[1:] + right[:-1], fine[1:, :, 2] + fine[:-1, :, 2]
    basis = np.stack([np.tile([0, 0, 1.0], (len(small), 1)), _unit(sides), _unit(forward)], axis=-1)
    rates = (np.linalg.pinv(basis, rcond=1e-3) @ small[..., None])[..., 0]
    return turns, np.degrees(rates).reshape(-1, parts, 3).sum(axis=1).T


def _level(rotation: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Horizontal directions to the right and ahead of each frame."""
    right = np.cross(rotation[:, :, 2], [0, 0, 1.0])
    steep = np.linalg.norm(right, axis=1) < 1e-3
    right[steep] = rotation[steep, :, 0] * (1, 1, 0)
    right /= np.linalg.norm(right, axis=1, keepdims=True)
    for frame in range(len(right)):
        before = right[frame - 1] if frame else rotation[0, :, 0]
        right[frame] *= 1 if right[frame] @ before >= 0 else -1
    return right, np.cross([0, 0, 1.0], right)


def _smoothed(clip: Filmed) -> tuple[np.ndarray, np.ndarray]:
    """Means over a second; the ends are extended by their point reflections."""
    size = 2 * round(clip.fps / 2) + 1
    numbers = np.concatenate([clip.rotation.reshape(-1, 9), clip.position_m], axis=1)
    start, end = 2 * numbers[0] - numbers[size:0:-1], 2 * numbers[-1] - numbers[-2 : -size - 2 : -1]
    mean = uniform_filter1d(np.concatenate([start, numbers, end]), size, axis=0)[size:-size]
    return Rotation.from_matrix(mean[:, :9].reshape(-1, 3, 3)).as_matrix(), mean[:, 9:]
