"""The check of camera paths against the geometry of a level."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from trajectories import CameraPose
from trajectories.sampling import PATH_CHECKS, Limits, Measured, Paths, check_paths

from .queries import (
    Surroundings,
    has_line_of_sight,
    heights_above_ground_m,
    is_behind_surface,
    is_crossed,
    part_points_m,
)

# The subject is seen if one of these is.
_SEEN = ("head", "chest")
# Half the width of a body that hides the subject.
_BODY_HALF_M = 0.22


class _Measures(NamedTuple):
    """What is measured in each frame."""

    height_m: np.ndarray
    is_inside: np.ndarray
    clearance_m: np.ndarray
    is_crossed: np.ndarray
    is_hidden_at_start: np.ndarray
    hidden_share: np.ndarray


_FREE, _NO = np.array(np.inf), np.array(0.0)
# Of a path that is not checked.
_NOTHING = _Measures(
    height_m=_FREE, is_inside=_NO, clearance_m=_FREE, is_crossed=_NO, is_hidden_at_start=_NO, hidden_share=_NO
)


class GeometryCheck:
    """Measures camera paths against geometry, each path once; a ``PathCheck``.

    Rejection asks again for all cameras of a rig when some were sampled again. Paths that poses alone reject
    are not checked. ``frames``: at most so many of each path are checked, evenly spaced, with the first and
    the last; None: all.
    """

    def __init__(self, surroundings: Surroundings, *, frames: int | None = None) -> None:
        self._surroundings = surroundings
        self._frames = frames
        self._known: dict[tuple[bytes, bytes, float, Limits], np.ndarray] = {}

    def __call__(self, paths: Paths, limits: Limits) -> Iterator[Measured]:
        """Height above the surface below, geometry around and between positions, and lines of sight.

        Geometry and other actors hide the subject.
        """
        found = _Measures(*np.moveaxis(self._values(paths, limits), 2, 0))
        for reason, values, lowest, highest, is_of_start in (
            ("below_ground", found.height_m, limits.height_m, np.inf, True),
            ("engine:inside_geometry", found.is_inside, 0.0, 0.0, True),
            ("engine:near_geometry", found.clearance_m, limits.clearance_m, np.inf, True),
            ("engine:crosses_geometry", found.is_crossed, 0.0, 0.0, False),
            ("engine:subject_blocked", found.is_hidden_at_start, 0.0, 0.0, True),
            ("engine:subject_blocked", found.hidden_share, 0.0, limits.blocked_share, False),
        ):
            yield Measured(
                reason=reason, values=values, lowest=lowest, highest=highest, is_of_start=is_of_start
            )

    def _values(self, paths: Paths, limits: Limits) -> Float[np.ndarray, "rigs cameras measures frames"]:
        poses, bodies_m = paths.poses.world_from_camera, paths.subjects.bodies_m
        ground_m = paths.subjects.ground_m
        places = list(np.ndindex(poses.shape[:2]))
        keys = [
            (poses[place].tobytes(), bodies_m[place[0]].tobytes(), float(ground_m[place[0]]), limits)
            for place in places
        ]
        # The same checks as take_rigs; casting rays is slow.
        is_asked = ~check_paths(paths, limits, PATH_CHECKS).any_of(limits.reject)
        new = {
            k: place
            for k, place in zip(keys, places, strict=True)
            if is_asked[place] and k not in self._known
        }
        if new:
            rigs, cameras = np.array(list(new.values())).T
            rows = self._measured(CameraPose(poses[rigs, cameras]), bodies_m[rigs], ground_m[rigs], limits)
            self._known.update(zip(new, rows, strict=True))
        nothing = np.repeat(np.array(_NOTHING)[:, None], poses.shape[2], axis=1)
        found = np.stack([self._known.get(key, nothing) for key in keys])
        return found.reshape(*poses.shape[:2], *nothing.shape)

    def _measured(
        self,
        poses: CameraPose,
        bodies_m: Float[np.ndarray, "paths actors frames_or_1 2 3"],
        ground_m: Float[np.ndarray, "paths"],
        limits: Limits,
    ) -> Float[np.ndarray, "paths measures frames"]:
        frames = poses.world_from_camera.shape[1]
        checked = _evenly(frames, self._frames or frames)
        poses, around = poses[:, checked], self._surroundings
        position_m = poses.position_m
        bodies_m = np.broadcast_to(bodies_m, (*bodies_m.shape[:2], frames, 2, 3))[:, :, checked]
        head_m, chest_m = np.moveaxis(part_points_m(bodies_m[:, 0], _SEEN), 2, 0)
        height_m = _ask(heights_above_ground_m, around, position_m)
        inside = around.is_inside(position_m.reshape(-1, 3)).reshape(height_m.shape)
        inside = inside | _ask(is_behind_surface, around, position_m, chest_m)
        is_seen = [
            _ask(has_line_of_sight, around, position_m, point_m)
            & ~_is_hidden_by_bodies(position_m, point_m, bodies_m[:, 1:])
            for point_m in (head_m, chest_m)
        ]
        hidden = ~np.logical_or(*is_seen)
        flat = CameraPose(poses.world_from_camera.reshape(-1, 3, 4))
        crossed, hidden_at_start = np.zeros_like(height_m), np.zeros_like(height_m)
        crossed[:, 1:] = _ask(is_crossed, around, position_m[:, :-1], position_m[:, 1:])
        hidden_at_start[:, 0] = hidden[:, 0]
        measured = _Measures(
            height_m=height_m,
            # From below the ground every surface is met from behind; `below_ground` is the reason there.
            is_inside=inside & np.isfinite(height_m) & (position_m[..., 2] > ground_m[:, None]),
            clearance_m=around.clearances_m(flat, limits.clearance_m).reshape(height_m.shape),
            is_crossed=crossed,
            is_hidden_at_start=hidden_at_start,
            hidden_share=np.broadcast_to(hidden.mean(axis=1, keepdims=True), hidden.shape),
        )
        # Frames between checked ones have the values of the one before.
        return np.stack(measured, axis=1)[..., np.searchsorted(checked, np.arange(frames), "right") - 1]


def _is_hidden_by_bodies(
    position_m: Float[np.ndarray, "paths frames 3"],
    point_m: Float[np.ndarray, "paths frames 3"],
    bodies_m: Float[np.ndarray, "paths actors frames 2 3"],
) -> Bool[np.ndarray, "paths frames"]:
    """Whether an upright body is between a camera and a point, where the line of sight is nearest to it."""
    feet_m, top_m = np.moveaxis(bodies_m, 3, 0)
    sight_m, to_feet_m = (point_m - position_m)[:, None], feet_m - position_m[:, None]
    square = np.maximum((sight_m[..., :2] ** 2).sum(axis=-1), 1e-12)
    share = np.clip((to_feet_m[..., :2] * sight_m[..., :2]).sum(axis=-1) / square, 0, 1)
    off_m = np.linalg.norm(share[..., None] * sight_m[..., :2] - to_feet_m[..., :2], axis=-1)
    height_m = position_m[:, None, :, 2] + share * sight_m[..., 2]
    is_between = (off_m < _BODY_HALF_M) & (feet_m[..., 2] < height_m) & (height_m < top_m[..., 2])
    return np.asarray(is_between.any(axis=1))


def _ask(
    question: Callable[..., np.ndarray], around: Surroundings, *points_m: Float[np.ndarray, "paths frames 3"]
) -> np.ndarray:
    """The answers for each path and frame."""
    answers = question(around, *(points.reshape(-1, 3) for points in points_m))
    return answers.reshape(points_m[0].shape[:-1])


def _evenly(frames: int, most: int) -> Int[np.ndarray, "checked"]:
    """At most so many frame numbers, with the first and the last."""
    return np.unique(np.linspace(0, frames - 1, min(frames, most)).round().astype(np.int64))
