"""Faults that poses alone show, of each clip and of each take."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float, Int

from ...clip_table import ClipTable
from .faults import Fault, clip_fault

# A step of so many others is a gap; it must be so many times the change from step to step that is usual.
_GAP, _USUAL = (1.7, 12.0), 12.0
_EVEN, _ONLY = 0.4, 0.35
# Steps below these are rounding, as shares of positions and in radians.
_ROUNDING, _ROUNDING_RAD = 1e-6, 1e-5
# Rigs start together if so many of their cameras have one first pose, to this share of the size of the rig.
_TOGETHER, _SAME = 0.6, 1e-5
_EXTRAPOLATED = 0.35


def pose_faults(clips: ClipTable) -> Iterator[Fault]:
    """Mirrored rotations, gaps in the motion, and cameras whose poses start a frame late; takes together."""
    yield from _mirrored(clips)
    proper = clips.rows(clips.is_proper)
    if len(proper):
        yield from _gaps(proper)
        yield from _late_starts(proper)


def _mirrored(clips: ClipTable) -> Iterator[Fault]:
    with np.errstate(all="ignore"):
        is_mirrored = np.linalg.det(clips.poses.rotation) < 0
    for clip in np.flatnonzero(is_mirrored.any(axis=1)):
        frames = np.flatnonzero(is_mirrored[clip])
        yield clip_fault(
            clips, clip, "mirrored_world", "poses", "determinant -1", (int(frames[0]), int(frames[-1]))
        )


def _gaps(clips: ClipTable) -> Iterator[Fault]:
    """Steps as large as several others: frames of the poses (and of the video) are missing."""
    if clips.frames < 8:
        return
    positions, rotation = clips.poses.position_m, clips.poses.rotation
    reach = np.abs(positions).max(axis=(1, 2), keepdims=True)
    turns = np.swapaxes(rotation[:, :-1], -1, -2) @ rotation[:, 1:]
    turn_rad = np.stack([turns[..., i - 1, i - 2] - turns[..., i - 2, i - 1] for i in range(3)], axis=-1) / 2
    for steps, least in ((np.diff(positions, axis=1), _ROUNDING * reach[:, 0, 0]), (turn_rad, _ROUNDING_RAD)):
        frame, ratio = _gap_of(steps, np.broadcast_to(least, len(clips)))
        for clip in np.flatnonzero(frame >= 0):
            at = int(frame[clip])
            figure = f"the step from frame {at} to {at + 1} is {ratio[clip]:.1f} times those beside it"
            yield clip_fault(clips, clip, "missing_frames", "poses", figure, (at, at + 1))


def _gap_of(
    steps: Float[np.ndarray, "clips steps 3"], least: Float[np.ndarray, "clips"]
) -> tuple[Int[np.ndarray, "clips"], Float[np.ndarray, "clips"]]:
    """The frame before the only gap of each clip, -1 if there is none, and how many steps it is."""
    beside = [steps[:, k : steps.shape[1] - 4 + k] for k in (0, 1, 3, 4)]
    step = steps[:, 2:-2]
    usual = (4 * (beside[1] + beside[2]) - beside[0] - beside[3]) / 6
    excess = np.linalg.norm(step - usual, axis=-1)
    ratio = (step * usual).sum(axis=-1) / np.maximum((usual**2).sum(axis=-1), 1e-30)
    uneven = np.linalg.norm(np.ptp(np.stack(beside), axis=0), axis=-1)
    largest = excess.argmax(axis=1)
    rows = np.arange(len(steps))
    size = excess[rows, largest]
    # The largest excess makes those beside it large.
    away = np.abs(np.arange(excess.shape[1]) - largest[:, None]) > 3
    others = np.where(away, excess, 0.0)
    noise = np.array(
        [np.median(row[kept]) if kept.any() else np.inf for row, kept in zip(excess, away, strict=True)]
    )
    found = ratio[rows, largest]
    is_gap = (
        (size > _USUAL * 1.5 * noise + least)
        & (others.max(axis=1) < _ONLY * size)
        & (uneven[rows, largest] < _EVEN * size)
        & (found > _GAP[0])
        & (found < _GAP[1])
    )
    return np.where(is_gap, largest + 2, -1), found


def _late_starts(clips: ClipTable) -> Iterator[Fault]:
    """Cameras whose first pose is the second one of a rig that starts from one pose."""
    poses = clips.poses.world_from_camera
    for start, size in zip(clips.take_starts.tolist(), clips.take_sizes.tolist(), strict=True):
        first = poses[start : start + size, :2]
        if size < 3 or clips.frames < 2:
            continue
        rig = np.linalg.norm(np.ptp(poses[start : start + size, ..., 3].reshape(-1, 3), axis=0)) + 1e-9
        scaled = first / np.where(np.arange(4) < 3, 1.0, rig)
        for camera in np.flatnonzero(_is_late(scaled)):
            figure = "its first pose is the second one of a rig that starts from one pose"
            yield clip_fault(clips, start + int(camera), "frames_shifted", "poses", figure)


def _is_late(first: Float[np.ndarray, "cameras 2 3 4"]) -> Bool[np.ndarray, "cameras"]:
    """Which cameras would be at the common first pose one frame earlier."""
    flat = first.reshape(len(first), 2, 12)
    apart = np.abs(flat[:, None, 0] - flat[None, :, 0]).max(axis=-1)
    together = apart < _SAME
    most = int(together.sum(axis=1).argmax())
    if together[most].sum() < max(2, _TOGETHER * len(first)):
        return np.zeros(len(first), dtype=bool)
    common = flat[most, 0]
    missed = np.linalg.norm(2 * flat[:, 0] - flat[:, 1] - common, axis=-1)
    off = np.linalg.norm(flat[:, 0] - common, axis=-1)
    return ~together[most] & (missed < _EXTRAPOLATED * off)
