"""Does the world of a set have the axes and the unit of the rules? Errors of a whole set have one finding."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float

from ..clip_table import ClipTable
from ..sampling.rules import Rules
from .findings import Finding, error
from .measured.measures import Measures
from .measured.quantities import radius_bounds

ROLL_DEG = 0.01
_MOST, _FEW = 0.9, 0.5
_AWAY_DEG = 170.0
_UNITS = {100.0: "centimetres", 1000.0: "millimetres", 0.01: "hundreds of metres", 0.001: "kilometres"}
_TURNS = {"pan": "pan_deg", "arc": "arc_deg", "tilt": "tilt_deg"}
_TURN_DEG = 0.1


def roll_findings(clips: ClipTable, *, slack: float) -> Iterator[Finding]:
    """Cameras that are not level in every frame; a positive roll is clockwise from behind."""
    for i in np.flatnonzero(is_rolled(clips, slack=slack)):
        right, down, _ = clips.poses.rotation[i, :, 2].T
        roll_deg = np.degrees(np.arctan2(-right, -down))
        frame = int(np.abs(right).argmax())
        what = f"rolled by {roll_deg[frame]:.2f} deg in frame {frame}, {roll_deg[0]:.2f} deg in frame 0"
        yield error("rolled", what, clips.name(i))


def is_rolled(clips: ClipTable, *, slack: float = 1.0) -> Bool[np.ndarray, "clips"]:
    """Whether the right axis of each camera that should not roll is not horizontal in some frame."""
    return (_highest(clips, axis=2) > np.sin(np.radians(slack * ROLL_DEG))) & (clips["motion"] != "roll")


class WorldAxes:
    """Counts over all clips so far of what poses show about axes and unit."""

    def __init__(self, rules: Rules) -> None:
        self.bounds_m = radius_bounds(rules)
        self.counts: Counter[str] = Counter()

    def add(self, clips: ClipTable, measures: Measures, *, states_moves: bool) -> None:
        """Count clips with proper poses."""
        level = {
            name: _highest(clips, axis) < np.sin(np.radians(10 * ROLL_DEG)) for axis, name in enumerate("xyz")
        }
        found = {f"level about {name}": is_level for name, is_level in level.items()}
        found["upside down"] = clips.poses.rotation[:, 0, 2, 1] > 0
        found["away"] = measures.off_aim_deg > _AWAY_DEG
        for scale in (1.0, *_UNITS):
            found[f"x {scale:g}"] = self._is_within(measures.radius_m / scale)
        if states_moves:
            for motion, name in _TURNS.items():
                stated, measured = clips["angle_deg"], getattr(measures, name)
                found[motion] = clips["motion"] == motion
                is_opposite = np.abs(stated + measured) < np.minimum(_TURN_DEG, np.abs(stated))
                found[f"opposite {motion}"] = found[motion] & is_opposite
        self.counts.update({name: int(is_so.sum()) for name, is_so in found.items()})
        self.counts["clips"] += len(clips)

    def findings(self) -> Iterator[Finding]:
        """What is wrong with the world of the entire set."""
        for what in self._faults():
            yield error("world_differs", what, "all poses")

    def _faults(self) -> Iterator[str]:
        if not self.counts["clips"]:
            return
        for axis in "xy":
            if self._share("level about z") < _FEW and self._share(f"level about {axis}") > _MOST:
                yield f"cameras are level about the {axis} axis: the world is {axis.upper()} up, not Z up"
        if self._share("away") > _MOST:
            yield "optical axes point away from the subject: camera axes are those of OpenGL, not OpenCV"
        elif self._share("upside down") > _MOST:
            yield "images are upside down: Z points down, or the camera's y axis points up"
        for scale, unit in _UNITS.items():
            if self._share("x 1") < _FEW and self._share(f"x {scale:g}") > _MOST:
                yield f"start distances are {scale:g} times those of the rules: the unit is {unit}"
        if self._share("opposite pan", "pan") > _MOST and self._share("opposite tilt", "tilt") < _FEW:
            yield "pans turn the other way than their columns: the world is mirrored"

    def _share(self, name: str, of: str = "clips") -> float:
        return self.counts[name] / self.counts[of] if self.counts[of] else 0.0

    def _is_within(self, radius_m: Float[np.ndarray, "clips"]) -> Bool[np.ndarray, "clips"]:
        return (radius_m > 0.99 * self.bounds_m[0]) & (radius_m < 1.01 * self.bounds_m[1])


def _highest(clips: ClipTable, axis: int) -> Float[np.ndarray, "clips"]:
    """Largest component of the right axis along an axis of the world, in any frame."""
    return np.abs(clips.poses.world_from_camera[:, :, axis, 0]).max(axis=1)
