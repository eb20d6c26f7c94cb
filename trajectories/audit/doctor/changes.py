"""What a fault did to the cameras of a take, undone: each change gives the tracks that would be right."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise, product

import numpy as np
from jaxtyping import Bool, Float

from multitake.counts import many

from ...poses import CameraPose
from .tracks import Tracks

# The true focal length over the stated one; 5 % is what sets in use have had wrong. Far ones are refined.
_FOCAL_RATIOS = (0.85, 0.9, 0.95, 1 / 0.95, 1 / 0.9, 1 / 0.85)
_FAR_FOCAL_RATIOS = (0.5, 0.6, 0.7, 0.78, 1 / 0.78, 1 / 0.7, 1 / 0.6, 1 / 0.5)
_FINER = tuple(1.02**n for n in range(-5, 6))
_SHIFTS = (-2, -1, 1, 2)
# Frames that are missing at one place.
_MISSING = (1, 2, 3, 4)
# A change of a part of the frames must explain more than one of all frames, which is more likely.
_OF_A_PART = 5.0
# As a share of half the image.
_OFF_CENTRE = 0.02
_DRIFTS = (-0.3, -0.15, 0.15, 0.3)
_UNITS = {100.0: "a hundredth of the others", 0.01: "100 times the others"}
# The mirrored axis of the world; the camera's right axis is mirrored with it.
_MIRRORS = {"x": (-1.0, 1.0, 1.0), "y": (1.0, -1.0, 1.0), "z": (1.0, 1.0, -1.0)}

Poses = Float[np.ndarray, "cameras frames 3 4"]
Projections = Float[np.ndarray, "cameras frames 4"]


@dataclass(frozen=True, kw_only=True)
class Change:
    """A correction of the tracks of some cameras.

    Attributes:
        fault: a key of ``FAULTS``, which the correction undoes.
        figure: its amount, in words.
        of_all: whether images show it also if all cameras of a take have it.
        frames: the first and the last frame that it changes; None for all.
        least_gain: by how much it must explain more than a change without it.
        finer: changes of nearly the same amount, of which the best one is chosen.
    """

    fault: str
    figure: str
    poses: Callable[[Poses], Poses] | None = None
    projections: Callable[[Projections], Projections] | None = None
    of_all: bool = True
    frames: tuple[int, int] | None = None
    least_gain: float = 0.0
    finer: "tuple[Change, ...]" = ()

    def undone(self, tracks: Tracks, cameras: Bool[np.ndarray, "cameras"]) -> Tracks:
        """The tracks with this change of some cameras."""
        poses, intrinsics = tracks.world_from_camera, tracks.intrinsics
        if self.poses:
            poses = poses.copy()
            poses[cameras] = self.poses(poses[cameras])
        if self.projections:
            intrinsics = intrinsics.copy()
            intrinsics[cameras] = self.projections(intrinsics[cameras])
        return Tracks(poses, intrinsics)


def changes_of(tracks: Tracks, image_px: tuple[int, int], instants: Sequence[int]) -> list[Change]:
    """All changes that are tried on a take; ``instants`` are the frames of its images of that size."""
    return [
        Change(fault="inverted_poses", figure="their inverses fit", poses=_inverse),
        *_mirrored(),
        *map(_focal_length, _FOCAL_RATIOS),
        *(
            replace(_focal_length(ratio), finer=tuple(_focal_length(ratio * step) for step in _FINER))
            for ratio in _FAR_FOCAL_RATIOS
        ),
        *_resized(tracks, image_px),
        *(
            Change(
                fault="frames_shifted",
                figure=f"poses of frame k belong to image k {-shift:+d}",
                poses=partial(shifted, shift=shift),
            )
            for shift in _SHIFTS
        ),
        *_cut(instants, tracks.world_from_camera.shape[1]),
        *_drifting(),
        *(
            Change(fault="wrong_unit", figure=words, poses=partial(_scaled, scale=scale), of_all=False)
            for scale, words in _UNITS.items()
        ),
    ]


def exchanged(tracks: Tracks, first: int, second: int) -> Tracks:
    """The tracks with the poses of two cameras exchanged."""
    order = np.arange(len(tracks.world_from_camera))
    order[[first, second]] = second, first
    return tracks.with_poses(tracks.world_from_camera[order])


def shifted(poses: Poses, shift: int) -> Poses:
    """The pose of frame ``k + shift`` in frame k; the first or the last one is repeated."""
    frames = poses.shape[1]
    return poses[:, np.clip(np.arange(frames) + shift, 0, frames - 1)]


def _focal_length(ratio: float) -> Change:
    return Change(
        fault="focal_length_off",
        figure=f"{100 / ratio - 100:+.0f} %",
        projections=partial(np.multiply, [ratio, ratio, 1.0, 1.0]),
    )


def _inverse(poses: Poses) -> Poses:
    return CameraPose(poses).inverse()


def _mirrored() -> Iterator[Change]:
    for name, signs in _MIRRORS.items():
        for what, cameras in (
            (f"{name} axis", np.diag([-1.0, 1.0, 1.0])),
            (f"{name} axis of positions", None),
        ):
            mirrored = partial(_reflected, mirror=np.diag(signs), cameras=cameras)
            yield Change(fault="mirrored_world", figure=what, poses=mirrored)


def _reflected(poses: Poses, mirror: np.ndarray, cameras: np.ndarray | None) -> Poses:
    """Mirrored positions, and rotations too, unless ``cameras`` (the mirror of camera axes) is None."""
    rotation = poses[..., :3] if cameras is None else mirror @ poses[..., :3] @ cameras
    return CameraPose.of(rotation, poses[..., 3] @ mirror).world_from_camera


def _resized(tracks: Tracks, image_px: tuple[int, int]) -> Iterator[Change]:
    """Intrinsics scaled so that the principal point is in the middle, if it is far from there."""
    middle_px = np.array(image_px) / 2
    off = np.median(tracks.intrinsics[..., 2:], axis=1) / middle_px
    if np.abs(off - 1).max() > _OFF_CENTRE and (off > 0).all():
        worst = off[np.abs(off - 1).max(axis=1).argmax()]
        yield Change(
            fault="intrinsics_of_another_size",
            figure=f"principal point at {worst[0] / 2:.2f}, {worst[1] / 2:.2f} of the image",
            projections=partial(_centred, middle_px=middle_px),
        )


def _centred(intrinsics: Projections, middle_px: Float[np.ndarray, "2"]) -> Projections:
    ratios = np.median(intrinsics[..., 2:], axis=1, keepdims=True) / middle_px
    return intrinsics / ratios[..., [0, 0, 0, 1]]


def _cut(instants: Sequence[int], frames: int) -> Iterator[Change]:
    """Frames that are missing between two examined ones: later poses belong to other images."""
    for before, after in pairwise(instants):
        for missing, (sign, part) in product(_MISSING, ((1, "video"), (-1, "poses"))):
            yield Change(
                fault="missing_frames",
                figure=f"a gap of about {many(missing, 'frame')} in the {part}, frame {before} to {after}",
                poses=partial(_shifted_from, shift=sign * missing, first=after),
                frames=(after, frames - 1),
                least_gain=_OF_A_PART,
            )


def _shifted_from(poses: Poses, shift: int, first: int) -> Poses:
    return np.concatenate([poses[:, :first], shifted(poses, shift)[:, first:]], axis=1)


def _drifting() -> Iterator[Change]:
    for drift in _DRIFTS:
        for about in ("start", "origin"):
            yield Change(
                fault="scale_drifts",
                figure=f"{100 * drift:+.0f} % at the end, about the {about}",
                poses=partial(_steady, drift=drift, is_about_start=about == "start"),
            )


def _steady(poses: Poses, drift: float, is_about_start: bool) -> Poses:
    """Positions whose scale does not grow from frame to frame."""
    about = poses[:, :1, :, 3] if is_about_start else 0.0
    growth = 1 + drift * np.linspace(0, 1, poses.shape[1])[:, None]
    return CameraPose.of(poses[..., :3], about + (poses[..., 3] - about) / growth).world_from_camera


def _scaled(poses: Poses, scale: float) -> Poses:
    return CameraPose.of(poses[..., :3], scale * poses[..., 3]).world_from_camera
