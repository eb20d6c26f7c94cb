"""What cameras do, as a table of drawn parameters; poses are a pure function of it."""

from dataclasses import dataclass, fields

import numpy as np
from jaxtyping import Bool, Float, Int

from ..motions import MOTIONS, Arc, Motion, Pan, PanTilt, RandomMove, Static, Tilt, Translation
from ..rigs import CameraMove
from .rules import MAX_WAYPOINTS, Rules

KINDS = tuple(MOTIONS)


@dataclass(frozen=True)
class Moves:
    """One row per camera; NaN (or 0) where a motion has no such parameter.

    Attributes:
        kind: index into ``KINDS``.
        angle_deg: signed amplitude of a pan, tilt or arc; of a joint turn its pan.
        tilt_deg: signed tilt of a joint turn.
        direction: unit world direction of a translation.
        distance_m: length of a translation or of a random move's curve.
        waypoints_m: offsets from the start, the first ``waypoint_count`` of them used.
        speed_a: eq. 10's a; 0 is constant speed.
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

    @classmethod
    def empty(cls, kind: Int[np.ndarray, "cameras"]) -> "Moves":
        """Rows of these kinds with all parameters still to be drawn."""
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
        )

    def __len__(self) -> int:
        return len(self.kind)

    def __getitem__(self, rows: np.ndarray | slice) -> "Moves":
        return type(self)(*(getattr(self, field.name)[rows] for field in fields(self)))

    def with_rows(self, rows: Int[np.ndarray, "drawn"], new: "Moves") -> "Moves":
        """The same with ``new`` in the place of some rows."""
        columns = [getattr(self, field.name).copy() for field in fields(self)]
        for column, field in zip(columns, fields(self), strict=True):
            column[rows] = getattr(new, field.name)
        return type(self)(*columns)

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
            case _:
                return Static()

    def one(self, row: int, rules: Rules) -> CameraMove:
        """One row as a value."""

        def known(value: float) -> float | None:
            return None if np.isnan(value) else float(value)

        motion = KINDS[self.kind[row]]
        count = int(self.waypoint_count[row])
        x, y, z = self.direction[row].tolist()
        return CameraMove(
            motion=motion,
            angle_deg=known(self.angle_deg[row]),
            tilt_deg=known(self.tilt_deg[row]),
            direction=None if np.isnan(x) else (x, y, z),
            distance_m=known(self.distance_m[row]),
            waypoints_m=tuple(self.waypoints_m[row, :count].ravel().tolist()) if count else None,
            is_tracking=bool(self.is_tracking[row]),
            is_eased=motion == "random" and rules.spline == "unreal_keys",
            speed_a=float(self.speed_a[row]),
        )
