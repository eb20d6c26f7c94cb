"""What cameras do, as a table of motion parameters; poses are a pure function of it."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from ..clip_table import ClipTable
from ..motions import (
    MOTIONS,
    Arc,
    DollyZoom,
    Motion,
    Pan,
    PanTilt,
    RandomMove,
    Roll,
    Static,
    Tilt,
    Translation,
    Zoom,
)
from ..shake import SHAKES
from .rules import MAX_WAYPOINTS, Rules

KINDS = tuple(MOTIONS)


@dataclass(frozen=True)
class Moves:
    """One row per camera; NaN (or 0) where a motion has no such parameter. See ``ClipRow`` for the
    parameters.

    Attributes:
        kind: index into ``KINDS``; -1 for an unknown motion.
        shake: index into ``SHAKES``.
        waypoints_m: offsets from the start; the first ``waypoint_count`` of them are used.
    """

    kind: Int[np.ndarray, "cameras"]
    angle_deg: Float[np.ndarray, "cameras"]
    tilt_deg: Float[np.ndarray, "cameras"]
    direction: Float[np.ndarray, "cameras 3"]
    distance_m: Float[np.ndarray, "cameras"]
    waypoints_m: Float[np.ndarray, "cameras waypoints 3"]
    waypoint_count: Float[np.ndarray, "cameras"]
    is_tracking: Bool[np.ndarray, "cameras"]
    speed_a: Float[np.ndarray, "cameras"]
    zoom_ratio: Float[np.ndarray, "cameras"]
    shake: Int[np.ndarray, "cameras"]
    shake_seed: Int[np.ndarray, "cameras"]

    @classmethod
    def unset(cls, kind: Int[np.ndarray, "cameras"]) -> "Moves":
        """Rows of these kinds whose parameters are not set yet."""
        count = len(kind)
        return cls(
            kind=kind,
            angle_deg=np.full(count, np.nan),
            tilt_deg=np.full(count, np.nan),
            direction=np.full((count, 3), np.nan),
            distance_m=np.full(count, np.nan),
            waypoints_m=np.zeros((count, MAX_WAYPOINTS, 3)),
            waypoint_count=np.zeros(count),
            is_tracking=np.zeros(count, dtype=bool),
            speed_a=np.zeros(count),
            zoom_ratio=np.full(count, np.nan),
            shake=np.zeros(count, dtype=np.int64),
            shake_seed=np.zeros(count, dtype=np.int64),
        )

    @classmethod
    def of_clips(cls, clips: ClipTable) -> "Moves":
        """The moves that the columns of clips describe, without shake; a missing parameter is no movement."""
        moves = cls.unset(kinds_of(clips["motion"]))
        for name in ("angle_deg", "tilt_deg", "direction", "distance_m", "speed_a"):
            getattr(moves, name)[:] = np.nan_to_num(clips[name])
        moves.zoom_ratio[:] = np.nan_to_num(clips["zoom_ratio"], nan=1.0)
        moves.is_tracking[:] = clips["is_tracking"]
        moves.waypoints_m[:] = np.nan_to_num(clips.waypoints_m(MAX_WAYPOINTS))
        moves.waypoint_count[:] = np.minimum(clips.waypoint_counts, MAX_WAYPOINTS)
        return moves

    def columns(self, rules: Rules) -> dict[str, Any]:
        """The columns of the clip table that describe these moves."""
        motion = np.array(KINDS)[self.kind]
        is_eased = (motion == "random") & (rules.spline == "unreal_keys")
        waypoints = zip(self.waypoints_m, self.waypoint_count.astype(int), strict=True)
        return {
            "motion": motion,
            **{name: getattr(self, name) for name in ("angle_deg", "tilt_deg", "direction", "distance_m")},
            "waypoints_m": [points[:count].ravel() if count else None for points, count in waypoints],
            "zoom_ratio": self.zoom_ratio,
            "is_tracking": self.is_tracking,
            "shake": np.array(SHAKES)[self.shake],
            "shake_seed": self.shake_seed,
            "speed_a": self.speed_a,
            "speed_class": speed_classes(motion, self.speed_a, is_eased),
        }

    def __len__(self) -> int:
        return len(self.kind)

    def __getitem__(self, rows: np.ndarray | slice) -> "Moves":
        return type(self)(*(getattr(self, field.name)[rows] for field in fields(self)))

    def groups(self, rules: Rules) -> list[tuple[np.ndarray, Motion]]:
        """The rows of each kind that occurs, and their motion."""
        found = [(np.flatnonzero(self.kind == kind), name) for kind, name in enumerate(KINDS)]
        return [(rows, self[rows].motion(name, rules)) for rows, name in found if len(rows)]

    def motion(self, kind: str, rules: Rules) -> Motion:
        """All rows as one motion of that kind."""
        match kind:
            case "pan":
                return Pan(angle_deg=self.angle_deg)
            case "tilt":
                return Tilt(angle_deg=self.angle_deg)
            case "pan_tilt":
                return PanTilt(pan_deg=self.angle_deg, tilt_deg=self.tilt_deg)
            case "arc":
                return Arc(angle_deg=self.angle_deg, is_chord=rules.arc_path == "chord")
            case "translation":
                return Translation(
                    direction=self.direction, distance_m=self.distance_m, is_tracking=self.is_tracking
                )
            case "random":
                return RandomMove(
                    waypoints_m=self.waypoints_m, waypoint_count=self.waypoint_count, spline=rules.spline
                )
            case "roll":
                return Roll(angle_deg=self.angle_deg)
            case "zoom":
                return Zoom(zoom_ratio=self.zoom_ratio)
            case "dolly_zoom":
                return DollyZoom(zoom_ratio=self.zoom_ratio)
            case _:
                return Static()


def kinds_of(motion: np.ndarray) -> Int[np.ndarray, "cameras"]:
    """Indices into ``KINDS`` of motions by name; -1 for an unknown one."""
    names, number = np.unique(motion, return_inverse=True)
    kinds = [KINDS.index(name) if name in KINDS else -1 for name in names.tolist()]
    return np.array(kinds, dtype=np.int64)[number]


def speed_classes(
    motion: np.ndarray, speed_a: Float[np.ndarray, "cameras"], is_eased: Bool[np.ndarray, "cameras"]
) -> np.ndarray:
    """The speed class of each camera; see ``ClipRow``."""
    return np.select([motion == "static", is_eased, speed_a == 0], ["none", "eased", "constant"], "variable")
