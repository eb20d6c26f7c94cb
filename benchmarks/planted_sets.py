"""Faults to plant in filmed takes: one in a take, of one camera or of all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from shards import ClipFiles, DatasetInfo, DatasetWriter, FilmedTake, decode_video, encode_video
from shards.checksums import checksum_text, checksummed, sha256_of_bytes
from shards.format import shard_files
from trajectories import CameraPose, ClipTable, write_clips
from trajectories.clip_table import read_clips

_BATCH_FILES = {"batch.toml": "", "catalog.toml": ""}
_SIZES_BEFORE = (640 / 384, 1280 / 384, 320 / 384)
_DRIFT = 0.25
# Less of a change is none: metres, or entries of rotations.
_SMALL = 1e-3


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A take with a fault.

    Attributes:
        kind: a key of ``trajectories.audit.FAULTS``.
        cameras: those that have it; the report must name one of them, or the take.
    """

    kind: str
    take: FilmedTake
    cameras: tuple[str, ...]


def planted(kind: str, take: FilmedTake, rng: np.random.Generator) -> Planted | None:
    """The take with a fault of one camera, or of all cameras; None if it would change nothing."""
    names = take.clips["camera"].tolist()
    sets = [(camera,) for camera in range(len(names))]
    order: list[tuple[int, ...]] = [sets[one] for one in rng.permutation(len(sets))]
    if kind not in ("cameras_exchanged", "duplicated_clips", "missing_frames") and rng.random() < 0.5:
        order = [tuple(range(len(names))), *order]
    for cameras in order:
        changed, affected = _PLANTS[kind](take, cameras, rng)
        if not _is_equal(take, changed):
            return Planted(kind=kind, take=changed, cameras=tuple(names[one] for one in affected))
    return None


def write_set(root: Path, takes: Sequence[FilmedTake], info: DatasetInfo) -> None:
    """A data set of these takes in one shard."""
    writer = DatasetWriter(root)
    writer.create(info, _BATCH_FILES)
    for take in takes:
        writer.stage(take)
    writer.seal(0, [take.row.take for take in takes])


def orphaned(root: Path, take: str, rng: np.random.Generator) -> tuple[str, ...]:
    """Remove a row of a take from a data set, or give a row the name of a camera without a video."""
    path = root / shard_files(0)["poses"]
    clips = read_clips(path)
    row = int(rng.choice(np.flatnonzero(clips["take"] == take)))
    camera = str(clips["camera"][row])
    if rng.random() < 0.5:
        write_clips(path, clips.rows(np.arange(len(clips)) != row))
        found: tuple[str, ...] = (camera,)
    else:
        names = clips["camera"].astype("U20")
        names[row] = "cam99"
        write_clips(path, clips.replaced(camera=names))
        found = (camera, "cam99")
    digests = {name: sha256_of_bytes((root / name).read_bytes()) for name in checksummed(0)}
    (root / shard_files(0)["checksums"]).write_text(checksum_text(digests))
    return found


# ---------------------------------------------------------------- changes of takes
_Changed = tuple[FilmedTake, tuple[int, ...]]
_Plant = Callable[[FilmedTake, tuple[int, ...], np.random.Generator], _Changed]


def _of_poses(change: Callable[[np.ndarray, np.random.Generator], np.ndarray]) -> _Plant:
    def plant(take: FilmedTake, cameras: tuple[int, ...], rng: np.random.Generator) -> _Changed:
        poses = take.clips.poses.world_from_camera.copy()
        poses[list(cameras)] = change(poses[list(cameras)], rng)
        return replace(take, clips=replace(take.clips, poses=CameraPose(poses))), cameras

    return plant


def _of_columns(
    change: Callable[[ClipTable, np.ndarray, np.random.Generator], dict[str, np.ndarray]],
) -> _Plant:
    def plant(take: FilmedTake, cameras: tuple[int, ...], rng: np.random.Generator) -> _Changed:
        chosen = np.isin(np.arange(len(take.clips)), cameras)
        return replace(take, clips=take.clips.replaced(**change(take.clips, chosen, rng))), cameras

    return plant


def _mirrored(poses: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The y axis of the world negated, and the cameras' right axes with it: a left-handed world."""
    mirror = np.diag([1.0, -1.0, 1.0])
    rotation = mirror @ poses[..., :3] @ np.diag([-1.0, 1.0, 1.0])
    return CameraPose.of(rotation, poses[..., 3] @ mirror).world_from_camera


def _shifted(poses: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    shift, frames = int(rng.choice([-1, 1])), poses.shape[1]
    return poses[:, np.clip(np.arange(frames) + shift, 0, frames - 1)]


def _drifting(poses: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    growth = 1 + _DRIFT * np.linspace(0, 1, poses.shape[1])[:, None]
    about = poses[:, :1, :, 3] if rng.random() < 0.5 else 0.0
    return CameraPose.of(poses[..., :3], about + (poses[..., 3] - about) * growth).world_from_camera


def _focal_length_off(
    clips: ClipTable, chosen: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    ratio = np.where(chosen, rng.choice([0.95, 1.05]), 1.0)
    return {name: clips[name] * ratio for name in ("fx_px", "fy_px")}


def _of_another_size(clips: ClipTable, chosen: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    ratio = np.where(chosen, rng.choice(_SIZES_BEFORE), 1.0)
    names = ["fx_px", "fy_px", "cx_px", "cy_px"]
    if rng.random() < 0.5:
        names += ["width_px", "height_px"]
    scaled = {name: clips[name] * ratio for name in names}
    return {name: np.rint(one) if name in ("width_px", "height_px") else one for name, one in scaled.items()}


def _at_another_rate(clips: ClipTable, chosen: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    return {"fps": clips["fps"] * np.where(chosen, rng.choice([0.5, 1.6, 2.0]), 1.0)}


def _exchanged(take: FilmedTake, cameras: tuple[int, ...], rng: np.random.Generator) -> _Changed:
    (first,), poses = cameras, take.clips.poses.world_from_camera.copy()
    second = int(rng.choice([one for one in range(len(poses)) if one != first]))
    poses[[first, second]] = poses[[second, first]]
    return replace(take, clips=replace(take.clips, poses=CameraPose(poses))), (first, second)


def _without_frames(take: FilmedTake, cameras: tuple[int, ...], rng: np.random.Generator) -> _Changed:
    """A video from which frames are cut; half of the time, the last frame is repeated instead of them."""
    (camera,) = cameras
    frames = decode_video(take.files[camera].members["video"])
    moves = take.clips.poses.world_from_camera[camera]
    at = int(rng.integers(5, len(frames) - 5))
    if rng.random() < 0.5 and np.abs(moves[at + 1 :] - moves[at:-1]).max(initial=0) > _SMALL:
        cut = np.concatenate([frames[:at], frames[at + 1 :], frames[-1:]])
    else:
        cut = np.delete(frames, slice(at, at + int(rng.integers(1, 4))), axis=0)
    return _with_video(take, camera, encode_video(cut, fps=take.row.fps)), cameras


def _duplicated(take: FilmedTake, cameras: tuple[int, ...], rng: np.random.Generator) -> _Changed:
    """The video of a camera in place of another one, as a file or encoded again."""
    (camera,) = cameras
    of = int(rng.choice([one for one in range(len(take.files)) if one != camera]))
    video = take.files[of].members["video"]
    if rng.random() < 0.5:
        video = encode_video(decode_video(video), fps=take.row.fps)
    return _with_video(take, camera, video), (camera, of)


def _with_video(take: FilmedTake, camera: int, video: bytes) -> FilmedTake:
    files = list(take.files)
    files[camera] = ClipFiles(camera=files[camera].camera, members={"video": video})
    return replace(take, files=tuple(files))


def _is_equal(take: FilmedTake, changed: FilmedTake) -> bool:
    """Whether nothing that matters changed."""
    apart = np.abs(take.clips.poses.world_from_camera - changed.clips.poses.world_from_camera).max()
    return bool(
        apart < _SMALL and take.clips.columns.equals(changed.clips.columns) and take.files == changed.files
    )


_PLANTS: dict[str, _Plant] = {
    "inverted_poses": _of_poses(lambda poses, rng: CameraPose(poses).inverse()),
    "wrong_unit": _of_poses(lambda poses, rng: poses * [1.0, 1.0, 1.0, 100.0]),
    "mirrored_world": _of_poses(_mirrored),
    "focal_length_off": _of_columns(_focal_length_off),
    "intrinsics_of_another_size": _of_columns(_of_another_size),
    "frames_shifted": _of_poses(_shifted),
    "missing_frames": _without_frames,
    "cameras_exchanged": _exchanged,
    "duplicated_clips": _duplicated,
    "wrong_frame_rate": _of_columns(_at_another_rate),
    "scale_drifts": _of_poses(_drifting),
}
KINDS = (*_PLANTS, "orphan_rows")
