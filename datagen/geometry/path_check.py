"""The check of camera paths against the geometry of a level."""

from collections.abc import Callable, Iterator

import numpy as np
from jaxtyping import Float, Int

from trajectories import CameraPose
from trajectories.sampling import PATH_CHECKS, Limits, Measured, Paths, check_paths

from .queries import (
    PART_HEIGHTS,
    Surroundings,
    has_line_of_sight,
    heights_above_ground_m,
    is_behind_surface,
    is_crossed,
)

# The measures of a path that was not checked: nothing is against it.
_NOTHING = np.array([np.inf, 0.0, np.inf, 0.0, 0.0, 0.0])
# A subject is seen if one of these is.
_SEEN = (PART_HEIGHTS["head"], PART_HEIGHTS["chest"])


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
        """Height above the surface below, geometry around and between positions, and lines of sight."""
        values = self._values(paths, limits)
        low, inside, clearance, crossed, blocked_at_start, blocked = np.moveaxis(values, 2, 0)
        yield Measured(reason="below_ground", values=low, lowest=limits.height_m, is_of_start=True)
        yield Measured(reason="engine:inside_geometry", values=inside, highest=0.0, is_of_start=True)
        yield Measured(
            reason="engine:near_geometry", values=clearance, lowest=limits.clearance_m, is_of_start=True
        )
        yield Measured(reason="engine:crosses_geometry", values=crossed, highest=0.0)
        yield Measured(
            reason="engine:subject_blocked", values=blocked_at_start, highest=0.0, is_of_start=True
        )
        yield Measured(reason="engine:subject_blocked", values=blocked, highest=limits.blocked_share)

    def _values(self, paths: Paths, limits: Limits) -> Float[np.ndarray, "rigs cameras measures frames"]:
        poses, subjects = paths.poses.world_from_camera, paths.subjects.bodies_m[:, 0]
        ground_m = paths.subjects.ground_m
        places = list(np.ndindex(poses.shape[:2]))
        keys = [
            (poses[place].tobytes(), subjects[place[0]].tobytes(), float(ground_m[place[0]]), limits)
            for place in places
        ]
        # The same checks as take_rigs; rays are dear.
        is_asked = ~check_paths(paths, limits, PATH_CHECKS).any_of(limits.reject)
        new = {
            k: place
            for k, place in zip(keys, places, strict=True)
            if is_asked[place] and k not in self._known
        }
        if new:
            rigs, cameras = np.array(list(new.values())).T
            rows = self._measured(CameraPose(poses[rigs, cameras]), subjects[rigs], ground_m[rigs], limits)
            self._known.update(zip(new, rows, strict=True))
        nothing = np.broadcast_to(_NOTHING[:, None], (len(_NOTHING), poses.shape[2]))
        found = np.stack([self._known.get(key, nothing) for key in keys])
        return found.reshape(*poses.shape[:2], *nothing.shape)

    def _measured(
        self,
        poses: CameraPose,
        bodies_m: Float[np.ndarray, "paths frames_or_1 2 3"],
        ground_m: Float[np.ndarray, "paths"],
        limits: Limits,
    ) -> Float[np.ndarray, "paths measures frames"]:
        frames = poses.world_from_camera.shape[1]
        checked = _evenly(frames, self._frames or frames)
        poses, around = poses[:, checked], self._surroundings
        position_m = poses.position_m
        head_m, chest_m = _head_and_chest(bodies_m, frames)[:, :, checked]
        height_m = _ask(heights_above_ground_m, around, position_m)
        inside = around.is_inside(position_m.reshape(-1, 3)).reshape(height_m.shape)
        inside = inside | _ask(is_behind_surface, around, position_m, chest_m)
        hidden = ~(
            _ask(has_line_of_sight, around, position_m, head_m)
            | _ask(has_line_of_sight, around, position_m, chest_m)
        )
        flat = CameraPose(poses.world_from_camera.reshape(-1, 3, 4))
        crossed, hidden_at_start = np.zeros_like(height_m), np.zeros_like(height_m)
        crossed[:, 1:] = _ask(is_crossed, around, position_m[:, :-1], position_m[:, 1:])
        hidden_at_start[:, 0] = hidden[:, 0]
        measured = (
            height_m,
            # From below the ground every surface is met from behind; `below_ground` is the reason there.
            inside & np.isfinite(height_m) & (position_m[..., 2] > ground_m[:, None]),
            around.clearances_m(flat, limits.clearance_m).reshape(height_m.shape),
            crossed,
            hidden_at_start,
            np.broadcast_to(hidden.mean(axis=1, keepdims=True), hidden.shape),
        )
        # Frames between checked ones have the values of the one before.
        return np.stack(measured, axis=1)[..., np.searchsorted(checked, np.arange(frames), "right") - 1]


def _ask(
    question: Callable[..., np.ndarray], around: Surroundings, *points_m: Float[np.ndarray, "paths frames 3"]
) -> np.ndarray:
    """The answers for each path and frame."""
    answers = question(around, *(points.reshape(-1, 3) for points in points_m))
    return answers.reshape(points_m[0].shape[:-1])


def _head_and_chest(
    bodies_m: Float[np.ndarray, "paths frames_or_1 2 3"], frames: int
) -> Float[np.ndarray, "2 paths frames 3"]:
    feet_m, head_m = np.moveaxis(bodies_m, 2, 0)
    both_m = np.stack([feet_m + share * (head_m - feet_m) for share in _SEEN])
    return np.broadcast_to(both_m, (len(both_m), len(bodies_m), frames, 3))


def _evenly(frames: int, most: int) -> Int[np.ndarray, "checked"]:
    """At most so many frame numbers, with the first and the last."""
    return np.unique(np.linspace(0, frames - 1, min(frames, most)).round().astype(np.int64))
