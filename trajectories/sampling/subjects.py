"""Subjects and other actors in each frame: where cameras aim, and what they keep away from."""

from dataclasses import dataclass, fields

import numpy as np
from jaxtyping import Float, Int

from .shot import Shot


@dataclass(frozen=True, kw_only=True)
class Subjects:
    """The subject of each rig, and the other actors of its scene; world, metres.

    An axis ``frames_or_1`` has one entry per frame, or one entry if nobody moves.

    Attributes:
        points_m: the subject point, that cameras aim at: at ``aim_fraction`` of the subject's height.
        bodies_m: feet and top of the head of each actor, who is upright; the subject is the first.
        ground_m: height of the ground.
    """

    points_m: Float[np.ndarray, "rigs frames_or_1 3"]
    bodies_m: Float[np.ndarray, "rigs actors frames_or_1 2 3"]
    ground_m: Float[np.ndarray, "rigs"]

    @classmethod
    def standing(
        cls, points_m: Float[np.ndarray, "rigs 3"], *, aim_fraction: float, shot: Shot | None = None
    ) -> "Subjects":
        """Subjects that stand still at these points, with the height and the ground of the shot."""
        shot = shot or Shot()
        above_m = np.zeros((2, 3))
        above_m[:, 2] = -aim_fraction * shot.subject_height_m, (1 - aim_fraction) * shot.subject_height_m
        return cls(
            points_m=points_m[:, None],
            bodies_m=points_m[:, None, None, None] + above_m,
            ground_m=np.full(len(points_m), shot.ground_m),
        )

    def __len__(self) -> int:
        return len(self.points_m)

    def __getitem__(self, rigs: Int[np.ndarray, "some"] | slice) -> "Subjects":
        """Those of some rigs."""
        return type(self)(**{one.name: getattr(self, one.name)[rigs] for one in fields(self)})

    @property
    def starts_m(self) -> Float[np.ndarray, "rigs 3"]:
        """The subject point in the first frame, which rigs are sampled around."""
        return self.points_m[:, 0]

    @property
    def heights_m(self) -> Float[np.ndarray, "rigs"]:
        """Height of the subject in the first frame."""
        return np.linalg.norm(self.bodies_m[:, 0, 0, 1] - self.bodies_m[:, 0, 0, 0], axis=-1)

    @property
    def is_moving(self) -> bool:
        """Whether any subject point moves."""
        return bool((self.points_m != self.points_m[:, :1]).any())
