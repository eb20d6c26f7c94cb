"""Faults that tables, and what videos say about themselves, show: no image is looked at."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np
from jaxtyping import Bool, Float

from ...clip_table import ClipTable
from ...poses import CameraPose, rotation_angle_rad
from ...videos import Recording, VideoFile
from .faults import Fault, clip_fault, duplicate

# An image repeats the one before if hardly any part of it changes by this share of the least median change of
# so many images beside it, which must be levels of 255, nor by more levels than encoding changes it.
_FROZEN, _BESIDE, _MOVING, _ENCODED = 0.25, 2, 1.2, 3.0
# If the poses move on, all changes must be as much smaller than those before, or those after. Poses move on
# if a step is this share of the least one beside it; smaller steps are rounding, in metres and radians.
_ON, _ROUNDING = 0.25, 1e-4
_SAME_RATE = 0.005
# A principal point further from the middle, as a share of half the image, is that of another image.
_OFF_CENTRE = 0.4
# Closer to it, width and height must be off by the same factor, or not at all.
_SCALED, _SAME_SCALE = 0.02, 0.002


def intrinsics_faults(clips: ClipTable) -> Iterator[Fault]:
    """Principal points that are the middle of another image size."""
    cx, cy, width, height = clips.intrinsics[:, 2:].T
    with np.errstate(all="ignore"):
        across, down = 2 * cx / width, 2 * cy / height
        is_far = np.maximum(np.abs(across - 1), np.abs(down - 1)) > _OFF_CENTRE
        is_scaled = (np.abs(across - down) < _SAME_SCALE) & (np.abs(across - 1) > _SCALED)
    for clip in np.flatnonzero(is_far | is_scaled):
        figure = (
            f"the principal point {cx[clip]:.4g}, {cy[clip]:.4g} px is the middle of "
            f"{2 * cx[clip]:.0f}x{2 * cy[clip]:.0f} px, the image has {width[clip]:.0f}x{height[clip]:.0f} px"
        )
        yield clip_fault(clips, clip, "intrinsics_of_another_size", "files", figure)


def rate_faults(clips: ClipTable) -> Iterator[Fault]:
    """Cameras of a take with another frame rate than most of its cameras."""
    fps = clips["fps"].astype(np.float64)
    for start, size in zip(clips.take_starts.tolist(), clips.take_sizes.tolist(), strict=True):
        of_take = fps[start : start + size]
        middle = float(np.nanmedian(of_take)) if np.isfinite(of_take).any() else np.nan
        for camera in np.flatnonzero(np.abs(of_take - middle) > _SAME_RATE * middle):
            figure = f"{of_take[camera]:g} frames/s, other cameras of the take have {middle:g}"
            yield clip_fault(clips, start + int(camera), "wrong_frame_rate", "files", figure)


def recording_faults(clips: ClipTable, clip: int, recording: Recording) -> Iterator[Fault]:
    """What the video of a clip says against its row."""
    fps, frames = float(clips["fps"][clip]), clips.frames
    size_px = int(clips["width_px"][clip]), int(clips["height_px"][clip])
    filmed_px = recording.width_px, recording.height_px
    if recording.frames != frames:
        figure = f"the video has {recording.frames} frames, its poses {frames}"
        ends = min(recording.frames, frames), max(recording.frames, frames) - 1
        yield clip_fault(clips, clip, "missing_frames", "files", figure, ends)
    if np.isfinite(fps) and recording.fps > 0 and abs(fps - recording.fps) > _SAME_RATE * recording.fps:
        figure = f"{fps:g} frames/s are stated, the video has {recording.fps:g}"
        yield clip_fault(clips, clip, "wrong_frame_rate", "files", figure)
    if 0 not in size_px and size_px != filmed_px:
        figure = f"they are for {size_px[0]}x{size_px[1]} px, the video has {filmed_px[0]}x{filmed_px[1]} px"
        yield clip_fault(clips, clip, "intrinsics_of_another_size", "files", figure)


def frozen_faults(clips: ClipTable, clip: int, recording: Recording) -> Iterator[Fault]:
    """The first image that repeats the one before, although those around it change, or the poses do."""
    changes = recording.changes[: clips.frames - 1].astype(np.float64).T
    # Of the median and the largest changes; before and after.
    beside = np.stack([_least_beside(change) for change in changes])
    around = beside[0].min(axis=0)
    is_same = changes[1] < _ENCODED
    is_frozen = is_same & (changes[1] < _FROZEN * around) & (around > _MOVING)
    stops = (changes[:, None] < _FROZEN * beside).all(axis=0) & (beside[0] > _MOVING)
    stops_alone = is_same & stops.any(axis=0) & _moves_on(clips.poses[clip])[: changes.shape[1]]
    for found, reason in ((is_frozen, "those around them change"), (stops_alone, "the poses move on")):
        for frame in (np.flatnonzero(found) + 1)[:1].tolist():
            figure = f"image {frame} repeats image {frame - 1}, {reason}"
            yield clip_fault(clips, clip, "missing_frames", "images", figure, (frame, frame))
            return


def _least_beside(steps: Float[np.ndarray, " steps"]) -> Float[np.ndarray, "2 steps"]:
    """The least of a few steps before each one, and after it; 0 at the ends, where there are fewer."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(steps, _BESIDE), 2 * _BESIDE + 1)
    return np.stack([windows[:, :_BESIDE].min(axis=1), windows[:, _BESIDE + 1 :].min(axis=1)])


def _moves_on(poses: CameraPose) -> Bool[np.ndarray, " steps"]:
    """In which steps a camera moves about as fast as beside them."""
    moved_m = np.linalg.norm(np.diff(poses.position_m, axis=0), axis=-1)
    turned_rad = rotation_angle_rad(poses.rotation[:-1], poses.rotation[1:])
    is_on = np.maximum(moved_m, turned_rad) > _ROUNDING
    for steps in (moved_m, turned_rad):
        is_on &= steps >= _ON * np.maximum(*_least_beside(steps))
    return np.asarray(is_on)


def orphans(rows: Iterable[tuple[str, str]], videos: Iterable[VideoFile]) -> Iterator[Fault]:
    """Clips (take, camera) without a video, and videos without a clip."""
    stated, filmed = set(rows), {(one.take, one.camera) for one in videos}
    for found, figure in ((stated - filmed, "there is no video"), (filmed - stated, "there is no row")):
        for take, camera in sorted(found):
            yield Fault(kind="orphan_rows", take=take, cameras=(camera,), evidence="files", figure=figure)


def lost_takes(lost: Iterable[tuple[str, str]]) -> Iterator[Fault]:
    """Takes whose rows and videos do not belong together, and which were therefore left out."""
    for take, reason in lost:
        figure = f"it was not imported: {reason}"
        yield Fault(kind="orphan_rows", take=take, cameras=(), evidence="files", figure=figure)


def equal_files(videos: Iterable[VideoFile]) -> Iterator[Fault]:
    """Clips with the same file as a clip before them."""
    by_digest: dict[str, list[VideoFile]] = defaultdict(list)
    for video in videos:
        by_digest[video.digest].append(video)
    for first, *others in by_digest.values():
        for other in others:
            names = (first.take, first.camera), (other.take, other.camera)
            yield duplicate(*names, "files", "its video is that of")
