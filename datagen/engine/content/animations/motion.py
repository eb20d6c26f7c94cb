"""An animation of a body at many times at once: where its bones are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..characters.skeleton import BONES, PARENTS, SIDES, BodyPose, JointTurn, Proportions
from ..unreal_space import CM_PER_M
from .catalog import Animation

Times = Float[np.ndarray, "times"]
_STRAIGHT = JointTurn()


@dataclass(frozen=True, kw_only=True)
class Motion:
    """Poses at times, and per bone its axes and its joint's place (cm) in the actor's frame.

    ``ahead_cm`` is how far the actor has gone.
    """

    body: Proportions
    times_s: Times
    poses: list[BodyPose]
    rows: dict[str, Float[np.ndarray, "times 3 3"]]
    at_cm: dict[str, Float[np.ndarray, "times 3"]]
    ahead_cm: Times

    def points_cm(
        self, bone: str, *points: tuple[float, float, float]
    ) -> Float[np.ndarray, "times points 3"]:
        """Return places of points of a bone."""
        return np.array(points) @ self.rows[bone] + self.at_cm[bone][:, None]

    def soles_cm(self, side: str) -> Float[np.ndarray, "times 4 3"]:
        """Return the corners of a sole."""
        return self.points_cm(f"foot_{side}", *self.body.sole_points_cm())

    def actor_from_bones(self) -> Float[np.ndarray, "times bones 4 4"]:
        """Return all row-vector transforms, in the order of ``BONES``."""
        matrices = np.zeros((len(self.times_s), len(BONES), 4, 4))
        matrices[..., 3, 3] = 1.0
        for place, bone in enumerate(BONES):
            matrices[:, place, :3, :3], matrices[:, place, 3, :3] = self.rows[bone], self.at_cm[bone]
        return matrices


def motion_at(clip: Animation, body: Proportions, times_s: Times) -> Motion:
    """Return an animation of a body at times; those beyond the clip are in its next rounds."""
    poses = [clip.at(time_s, True, body) for time_s in times_s.tolist()]
    rows, at_cm = _forward_kinematics(body, poses)
    ahead_cm = CM_PER_M * clip.speed_m_per_s * times_s
    return Motion(body=body, times_s=times_s, poses=poses, rows=rows, at_cm=at_cm, ahead_cm=ahead_cm)


def _forward_kinematics(
    body: Proportions, poses: Sequence[BodyPose]
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """As ``actor_from_bones``, for all poses at once."""
    offsets = body.offsets_cm()
    rows: dict[str, np.ndarray] = {}
    at: dict[str, np.ndarray] = {}
    for bone, parent in PARENTS.items():
        turns = [pose.turns.get(bone, _STRAIGHT) for pose in poses]
        local = _rows(np.radians([(turn.flex, turn.spread, turn.twist) for turn in turns]))
        if parent is None:
            rows[bone], at[bone] = local, np.zeros((len(poses), 3))
        else:
            rows[bone] = local @ rows[parent]
            at[bone] = at[parent] + np.array(offsets[bone], dtype=float) @ rows[parent]
    soles = body.sole_points_cm()
    feet = [soles @ rows[f"foot_{side}"] + at[f"foot_{side}"][:, None] for side in SIDES]
    lowest = np.concatenate(feet, axis=1)[..., 2].min(axis=1)
    shift = np.array([(pose.sway_ahead_cm, pose.sway_right_cm, pose.hop_cm) for pose in poses], dtype=float)
    shift[:, 2] -= lowest
    return rows, {bone: place + (shift if bone != "root" else 0) for bone, place in at.items()}


def _rows(angles: Float[np.ndarray, "times 3"]) -> Float[np.ndarray, "times 3 3"]:
    """Return the matrices of flex, spread and twist (radians)."""
    (sf, ss, st), (cf, cs, ct) = np.sin(angles).T, np.cos(angles).T
    return np.moveaxis(
        np.array(
            [
                [cf * ct + sf * ss * st, cf * st - sf * ss * ct, sf * cs],
                [-cs * st, cs * ct, ss],
                [-sf * ct + cf * ss * st, -sf * st - cf * ss * ct, cf * cs],
            ]
        ),
        2,
        0,
    )
