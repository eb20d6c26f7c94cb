"""The data set that the reading benchmarks use: textured scenes, ten moving cameras, clips of full size."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from multitake.randomness import rng_for
from shards import ClipFiles, DatasetInfo, DatasetWriter, EngineInfo, FilmedTake, TakeRow, encode_video
from trajectories.sampling import PRESETS, Shot, clips_of_rigs, sample_rigs

CAMERAS, FRAMES, FPS = 10, 81, 15.0
SIZE_PX = (672, 384)
_TAKES_PER_SHARD = 4
_GRAIN = 1.6
BATCH_FILES = {"batch.toml": "# benchmark\n", "catalog.toml": "# benchmark\n"}


def stream_set(folder: Path, *, takes: int, size_px: tuple[int, int] = SIZE_PX, frames: int = FRAMES) -> Path:
    """The data set in ``folder``, which is written if it is not there."""
    writer = DatasetWriter(folder)
    shards = [
        range(first, min(first + _TAKES_PER_SHARD, takes)) for first in range(0, takes, _TAKES_PER_SHARD)
    ]
    with writer.locked():
        writer.create(dataset_info(takes, len(shards), size_px, frames), BATCH_FILES)
        for shard, indices in enumerate(shards):
            if shard in writer.counts.sealed:
                continue
            for index in indices:
                if take_key(index) not in writer.counts.staged:
                    writer.stage(filmed_take(index, size_px, frames))
            writer.seal(shard, [take_key(index) for index in indices])
    return folder


def take_key(index: int) -> str:
    """The name of a take."""
    return f"room_{index:06d}"


def dataset_info(takes: int, shards: int, size_px: tuple[int, int], frames: int) -> DatasetInfo:
    """The content of ``dataset.json``."""
    clips = takes * CAMERAS
    return DatasetInfo(
        engine=EngineInfo(kind="embedded", look="fast", version="benchmark"),
        fps=FPS,
        frames=frames,
        width_px=size_px[0],
        height_px=size_px[1],
        cameras=CAMERAS,
        takes_per_shard=_TAKES_PER_SHARD,
        planned_takes=takes,
        batch_sha256="b" * 64,
        catalog_sha256="c" * 64,
        multitake_version="0",
        counts={"takes": takes, "clips": clips, "frames": clips * frames, "shards": shards},
    )


def filmed_take(index: int, size_px: tuple[int, int], frames: int) -> FilmedTake:
    """One take, encoded."""
    subject_m = (0.0, 0.0, 1.2)
    rules = replace(PRESETS["paper"], slots=("pan", "tilt", "translation", "arc", "random") * 2)
    rigs = sample_rigs(rules, np.array([subject_m]), seed=5, frames=frames, first_rig=index)
    rig, key = rigs.rig(0), take_key(index)
    width, height = size_px
    row = TakeRow(
        take=key,
        split="train",
        environment="room",
        characters=("Ada",),
        animations=("Walk",),
        light="noon",
        caption=f"Ada walks in the room, take {index}.",
        layout=rig.layout,
        focal_length_mm=rig.lens.focal_length_mm,
        f_number=rig.lens.f_number,
        seed=5,
        take_index=index,
        attempt=0,
        fps=FPS,
        frames=frames,
        width_px=width,
        height_px=height,
        subject_m=subject_m,
        look="fast",
    )
    shot = Shot(frames=frames, fps=FPS, width_px=width, height_px=height)
    files = tuple(
        ClipFiles(
            camera=camera,
            members={"video": encode_video(clip_images(index, camera, size_px, frames), fps=FPS)},
        )
        for camera in rig.cameras
    )
    return FilmedTake(row=row, clips=clips_of_rigs(rigs, takes=[key], shot=shot), files=files)


def clip_images(
    index: int, camera: str, size_px: tuple[int, int], frames: int
) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
    """A window that drifts over a texture with detail at all scales, with grain."""
    width, height = size_px
    rng = rng_for(0, "texture", index, camera)
    texture = _texture(rng, height + 2 * frames, width + 3 * frames)
    grain = rng.normal(0, _GRAIN, (4, height, width, 1)).astype(np.float32)
    for k in range(frames):
        part = texture[2 * k : 2 * k + height, 3 * k : 3 * k + width] + grain[k % 4]
        yield np.clip(part, 0, 255).astype(np.uint8)


def _texture(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Sums of block noise of sizes 4 to 128 px, float32 (height, width, 3)."""
    total = np.full((height, width, 3), 128, dtype=np.float32)
    for block in (4, 8, 16, 32, 64, 128):
        blocks = rng.normal(0, 3.0 * block**0.5, (height // block + 1, width // block + 1, 3))
        total += blocks.repeat(block, axis=0).repeat(block, axis=1)[:height, :width].astype(np.float32)
    return total
