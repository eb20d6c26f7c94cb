"""Names of camera moves with their amounts: labels for captions; ``camera_move`` measures them.

The names are those of the CameraBench taxonomy ("Towards Understanding Camera Motions in Any Video"):
``pan``, ``tilt``, ``roll``, ``truck``, ``dolly``, ``pedestal``, ``arc``, ``zoom``, ``dolly_zoom``,
``tracking``, ``static`` and ``shake``. A label is given only above its threshold in ``LEAST``.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from .move_pace import Pace
from .subject_view import View

# The smallest amount of each primitive, and its words: for positive and for negative amounts.
LEAST = {
    "pan": 3.0,
    "tilt": 3.0,
    "roll": 3.0,
    "truck": 0.1,
    "dolly": 0.1,
    "pedestal": 0.1,
    "arc": 5.0,
    "zoom": 1.1,
}
DIRECTIONS = {
    "pan": ("pan_left", "pan_right"),
    "tilt": ("tilt_up", "tilt_down"),
    "roll": ("roll_clockwise", "roll_counterclockwise"),
    "truck": ("truck_right", "truck_left"),
    "dolly": ("dolly_in", "dolly_out"),
    "pedestal": ("pedestal_up", "pedestal_down"),
    "arc": ("arc_right", "arc_left"),
    "zoom": ("zoom_in", "zoom_out"),
}
# Always below the first speed a primitive is slow, on average above the second it is fast: degrees or metres
# per second.
SLOW_AND_FAST = {
    **dict.fromkeys(("pan", "tilt", "roll", "arc"), (4.0, 20.0)),
    **dict.fromkeys(("truck", "dolly", "pedestal"), (0.2, 1.0)),
}
PRIMITIVES = {word: name for name, words in DIRECTIONS.items() for word in words}


@dataclass(frozen=True, kw_only=True)
class MoveLabel:
    """One primitive of a move in one direction.

    A primitive that changes its direction has one label for each part, in the order of time.

    Attributes:
        word: such as ``pan_left``. The camera itself turns or travels to that side; ``roll_clockwise`` is
            seen from behind the camera, so the content of the image turns counter-clockwise. ``arc_left``
            circles the subject clockwise from above, ``arc_right`` counter-clockwise; an arc implies its
            truck and pan, which have no labels then. ``dolly_in`` travels forwards. ``curve`` is a path that
            is not straight, ``tracking`` a camera that keeps the subject in the centre by what it does.
        amount: in the unit of the word: degrees (pan, tilt, roll, arc), metres (truck, dolly, pedestal,
            curve: length of the path), a factor above 1 (zoom, dolly_zoom: of the focal length), millimetres
            (shake, root mean square), largest angle off the centre in degrees (tracking), 0 (static).
        start_s: when it starts.
        end_s: when it ends.
        fastest_per_s: the largest mean speed over half a second, of a primitive.
        is_exact: whether the amount is more than a word: shake does not blur it.
    """

    word: str
    amount: float
    start_s: float
    end_s: float
    fastest_per_s: float = np.inf
    is_exact: bool = True


@dataclass(frozen=True, kw_only=True)
class CameraMove:
    """The move of a camera in a clip.

    Attributes:
        labels: its primitives above their thresholds; ``static`` alone if nothing moves.
        pace: of its speed along the path, or of its rotation if it does not travel. ``constant``: all steps
            within 15 %. ``accelerating``, ``decelerating``: never the other way (within 5 % of the fastest),
            and by at least half from the first to the last sixth. ``eased``: it becomes faster, then slower,
            by at least half. ``variable``: otherwise, if the fastest twelfth is at least twice as fast as the
            slowest. ``none`` if the camera stands, ``unknown`` in between and in clips with shake.
        subject_view: ``centred``: the subject is in the centre of all images, within 2 degrees of the optical
            axis and a tenth of half the longer side of the image. ``kept``: it also would be 5 degrees away
            in some frame if the camera stood, or travelled without its turns. ``followed``: it also moves by
            0.3 m, and would be away if the camera stood. ``leaving``: it is in the centre of the first image,
            and 5 degrees and a fifth of the image away in the last. ``unknown`` otherwise.
        duration_s: from the first to the last frame.
        path_m: length of the path.
        turned_deg: angle of all rotations.
        away_m, away_deg: the largest distance and angle from its first pose.
        zoom_range: the longest focal length over the shortest.
        shake_mm, shake_deg: root mean square of what is too quick for a smooth move; 0 if it is steady.
        distance_m: from the subject in the first and the last frame.
        subject_travel_m: how far the subject is from its start at most.
    """

    labels: tuple[MoveLabel, ...]
    pace: Pace
    subject_view: View
    duration_s: float
    path_m: float
    turned_deg: float
    away_m: float
    away_deg: float
    zoom_range: float
    shake_mm: float
    shake_deg: float
    distance_m: tuple[float, float]
    subject_travel_m: float

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the labels."""
        return tuple(label.word for label in self.labels)

    @property
    def speed_m_per_s(self) -> float:
        """Mean speed along the path."""
        return self.path_m / self.duration_s if self.duration_s else 0.0

    @property
    def turn_deg_per_s(self) -> float:
        """Mean speed of its rotation."""
        return self.turned_deg / self.duration_s if self.duration_s else 0.0

    def tempo(self, label: MoveLabel) -> Literal["slow", "medium", "fast"]:
        """How fast a primitive is that has one direction, by ``SLOW_AND_FAST``; ``medium`` for other words.

        It is slow if it is so in every half second, and fast if it is so on average over the clip.
        """
        slow, fast = SLOW_AND_FAST.get(PRIMITIVES.get(label.word, ""), (0.0, np.inf))
        if label.fastest_per_s < slow:
            return "slow"
        return "fast" if label.amount > fast * self.duration_s else "medium"
