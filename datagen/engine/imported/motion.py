"""Motion of a file's skeleton as poses of any body: joints turn, and feet stand, as they do in the file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import atan2, degrees

import numpy as np
from jaxtyping import Float

from ..content.animations.limbs import Rows, Vector, turn_rows
from ..content.characters.skeleton import BONES, PARENTS, SIDES, BodyPose, Proportions
from ..content.unreal_space import CM_PER_M
from .legs import legs_to_feet
from .rig import Matrix, Rig, local_turn, moved_point

# Leg of the body for which speeds are measured, cm.
USUAL_LEG_CM = 90.0
# Less than this is no travel (m/s, at the usual leg).
_SLOWEST_M_PER_S = 0.15
_SAMPLES_PER_S, _FEWEST_SAMPLES, _MOST_SAMPLES = 20, 12, 120
_GROUND_QUANTILE = 0.02


@dataclass(frozen=True, kw_only=True)
class Motion:
    """A skeleton that moves: the transforms of its joints at any time, in the file's converted axes.

    Attributes:
        joints: the joint of each bone.
        rest: the transforms of these joints at rest.
        at: the transforms of joints at a time in seconds.
        actor_m_per_s: the speed of the actor; None is that of the file, for legs of ``actor_leg_cm``.
    """

    rig: Rig
    joints: Mapping[str, int]
    rest: Mapping[int, Matrix]
    at: Callable[[float], Mapping[int, Matrix]]
    duration_s: float
    actor_m_per_s: float | None = None
    actor_leg_cm: float = USUAL_LEG_CM

    def moves(self, time_s: float) -> dict[str, Matrix]:
        """How each bone moves from rest, in the frame of the actor (row-vector, without scale)."""
        now, actor_from_file = self.at(time_s), self.rig.actor_from_file
        matrices = np.array([now[self.joints[bone]] for bone in BONES[1:]])
        turns = _without_scale(self._joint_from_rest @ matrices[:, :3, :3])
        moves = np.tile(np.eye(4), (len(matrices), 1, 1))
        moves[:, :3, :3] = actor_from_file[:3, :3].T @ turns @ actor_from_file[:3, :3]
        starts = np.einsum("bi,bij->bj", self._places_cm, moves[:, :3, :3])
        moves[:, 3, :3] = moved_point(matrices[:, 3, :3], actor_from_file) - starts
        return {"root": np.eye(4)} | dict(zip(BONES[1:], moves, strict=True))

    @cached_property
    def _joint_from_rest(self) -> Float[np.ndarray, "bones 3 3"]:
        return np.linalg.inv(np.array([self.rest[self.joints[bone]][:3, :3] for bone in BONES[1:]]))

    @cached_property
    def _places_cm(self) -> Float[np.ndarray, "bones 3"]:
        return np.array([self.rig.places_cm[bone] for bone in BONES[1:]])

    @cached_property
    def course(self) -> "Course":
        """Where the motion goes as a whole."""
        samples = int(np.clip(round(_SAMPLES_PER_S * self.duration_s), _FEWEST_SAMPLES, _MOST_SAMPLES))
        times_s = np.linspace(0.0, self.duration_s, samples)
        moves = [self.moves(float(time_s)) for time_s in times_s]
        middles = np.array([self.rig.hips_cm(one)[:2] for one in moves])
        lowest = [self.rig.lowest_sole_cm(one) for one in moves]
        drift = (middles[-1] - middles[0]) / self.duration_s
        file_speed = float(np.hypot(*drift)) / CM_PER_M
        speed = self.actor_m_per_s
        is_travelling = file_speed * USUAL_LEG_CM / self.rig.leg_cm > _SLOWEST_M_PER_S
        if speed is None:
            speed = file_speed * self.actor_leg_cm / self.rig.leg_cm
        else:
            is_travelling = speed > 0
        drift = drift if is_travelling else np.zeros(2)
        front = moves[0]["pelvis"][0, :2]
        heading_deg = degrees(atan2(*(drift if is_travelling else front)[::-1]))
        return Course(
            yaw=turn_rows(twist_deg=-heading_deg),
            drift_cm_per_s=drift,
            middle_cm=(middles - times_s[:, None] * drift).mean(axis=0),
            ground_cm=float(np.quantile(lowest, _GROUND_QUANTILE)),
            speed_m_per_s=speed if is_travelling else 0.0,
            step=speed / file_speed if is_travelling else None,
        )

    def in_place(self, time_s: float) -> Matrix:
        """What takes the moved skeleton to the actor's place: it faces or travels along +X (row-vector)."""
        course, matrix = self.course, np.eye(4)
        matrix[:3, :3] = course.yaw
        along = course.middle_cm + time_s * course.drift_cm_per_s
        matrix[3, :3] = -np.array([along[0], along[1], 0.0]) @ course.yaw
        return matrix

    def pose(self, time_s: float, body: Proportions) -> BodyPose:
        """The pose at a time, for a body of any proportions; what stands in the file stands in the world."""
        moves, placed = self.moves(time_s), self.in_place(time_s)
        rows: dict[str, Rows] = {
            bone: self.rig.rest_from_reference[bone] @ moves[bone][:3, :3] @ placed[:3, :3]
            for bone in BONES[1:]
        } | {"root": np.eye(3)}
        ahead, up = self._scales(body)
        ankle_cm, ground_cm = float(self.rig.proportions.ankle_cm), self.course.ground_cm

        def on_body(bone: str, place_cm: Vector) -> Vector:
            x, y, z = moved_point(moved_point(place_cm, moves[bone]), placed).tolist()
            return np.array([ahead * x, up * y, float(body.ankle_cm) + up * (z - ground_cm - ankle_cm)])

        hips_cm = on_body("pelvis", self.rig.middle_cm)
        ankles_cm = {side: on_body(f"foot_{side}", self.rig.places_cm[f"foot_{side}"]) for side in SIDES}
        rows |= legs_to_feet(body, rows, hips_cm, ankles_cm)
        return BodyPose(
            turns={bone: local_turn(rows[bone] @ rows[str(PARENTS[bone])].T) for bone in BONES[1:]},
            sway_ahead_cm=hips_cm[0],
            sway_right_cm=hips_cm[1],
            hop_cm=max(self.rig.lowest_sole_cm(moves) - ground_cm, 0.0) * up,
        )

    def _scales(self, body: Proportions) -> tuple[float, float]:
        """How much of the motion a body makes: ahead, and in the other directions.

        Every actor travels at the same speed, so that the steps of all bodies are as long.
        """
        own, step = self.rig.proportions, self.course.step
        up = float(body.thigh_cm + body.calf_cm) / float(own.thigh_cm + own.calf_cm)
        return (up if step is None else step), up

    def height_shares(self, count: int) -> tuple[float, ...]:
        """Heights of the head as shares of that at rest, at equal times."""
        head_cm, shares = self.rig.places_cm["head"], []
        for time_s in np.arange(count) * self.duration_s / count:
            place = moved_point(head_cm, self.moves(float(time_s))["head"])
            shares.append(float(np.clip((place[2] - self.course.ground_cm) / head_cm[2], 0.1, 3.0)))
        return tuple(round(share, 3) for share in shares)


@dataclass(frozen=True, kw_only=True)
class Course:
    """Where a motion goes as a whole: its heading becomes +X, and its travel that of the actor.

    ``step`` is the length of the actor's steps as a share of those in the file; None if it does not travel.
    """

    yaw: Rows
    drift_cm_per_s: Float[np.ndarray, "2"]
    middle_cm: Float[np.ndarray, "2"]
    ground_cm: float
    speed_m_per_s: float
    step: float | None


def _without_scale(matrices: Float[np.ndarray, "bones 3 3"]) -> Float[np.ndarray, "bones 3 3"]:
    """The rotations nearest to matrices."""
    squares = matrices @ matrices.transpose(0, 2, 1)
    if float(np.abs(squares - np.eye(3)).max()) < 1e-9:
        return matrices
    left, _, right = np.linalg.svd(matrices)
    left[:, :, -1] *= np.sign(np.linalg.det(left @ right))[:, None]
    return left @ right
