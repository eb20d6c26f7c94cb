"""Data that the tests share: a tiny data set, made by the writer."""

from dataclasses import replace
from pathlib import Path
from pkgutil import iter_modules

import numpy as np
import pytest
from hypothesis import settings
from jaxtyping import install_import_hook

from multitake.randomness import rng_for
from shards import (
    ClipFiles,
    DatasetInfo,
    DatasetWriter,
    DepthEncoder,
    EngineInfo,
    FilmedTake,
    MaskEncoder,
    TakeRow,
    encode_video,
)
from shards.checksums import checksum_text, checksummed, sha256_of_bytes
from shards.format import shard_files
from trajectories.sampling import PRESETS, Shot, clips_of_rigs, sample_rigs

# Examples may take long on a busy machine.
settings.register_profile("multitake", deadline=None, max_examples=30)
settings.load_profile("multitake")

# The option of pytest checks the types of whole packages. Not those of ``datagen.engine.content``: its levels
# are built in thousands of small calls, each of which takes less time than its check.
DATAGEN = Path(__file__).parent.parent / "datagen"
install_import_hook(
    [
        f"{package}.{module.name}"
        for package, folder in (("datagen", DATAGEN), ("datagen.engine", DATAGEN / "engine"))
        for module in iter_modules([str(folder)])
        if module.name not in ("engine", "content")
    ],
    "beartype.beartype",
)

FRAMES, WIDTH_PX, HEIGHT_PX, FPS = 21, 64, 48, 15.0
TINY_KEYS = ("room_000000", "room_000001", "room_000002")
TINY_SHARDS = (TINY_KEYS[:2], TINY_KEYS[2:])
TINY_BATCH_FILES = {"batch.toml": "# tiny\n", "catalog.toml": "# tiny\n"}


def textured_frames(
    *names: str | int, frames: int = FRAMES, size_px: tuple[int, int] = (WIDTH_PX, HEIGHT_PX)
):
    """A blocky random texture that drifts by a pixel a frame: uint8 (frames, height, width, 3)."""
    width, height = size_px
    blocks = rng_for(0, "texture", *names).integers(
        0, 256, (height // 8 + 8, width // 8 + 8, 3), dtype=np.uint8
    )
    texture = blocks.repeat(8, axis=0).repeat(8, axis=1)
    drift = [(k % 48, (k // 2) % 48) for k in range(frames)]
    return np.stack([texture[y : y + height, x : x + width] for x, y in drift])


def tiny_take(index: int, *, passes: bool = False) -> FilmedTake:
    """Take ``index`` of the tiny data set: three cameras, sampled poses, drifting textures."""
    rules = replace(PRESETS["paper"], slots=("pan", "arc", "static"))
    subject_m = np.array([[0.0, 0.0, 1.2]])
    rigs = sample_rigs(rules, subject_m, seed=5, frames=FRAMES, first_rig=index)
    rig = rigs.rig(0)
    key = TINY_KEYS[index]
    shot = Shot(frames=FRAMES, fps=FPS, width_px=WIDTH_PX, height_px=HEIGHT_PX)
    row = TakeRow(
        take=key,
        split="train",
        environment="room",
        characters=("Ada",),
        animations=("Walk",),
        light="noon",
        caption=f"Ada walks in the room, take {index}",
        layout=rig.layout,
        focal_length_mm=rig.lens.focal_length_mm,
        f_number=rig.lens.f_number,
        seed=5,
        take_index=index,
        attempt=0,
        fps=FPS,
        frames=FRAMES,
        width_px=WIDTH_PX,
        height_px=HEIGHT_PX,
        subject_m=(0.0, 0.0, 1.2),
        look="fast",
        passes=("depth", "mask") if passes else (),
        depth_unit_m=0.001 if passes else None,
    )
    return FilmedTake(
        row=row,
        clips=clips_of_rigs(rigs, takes=[key], shot=shot),
        files=tuple(tiny_files(index, camera, passes=passes) for camera in rig.cameras),
    )


def tiny_files(index: int, camera: str, *, passes: bool) -> ClipFiles:
    """The files of one camera; depth is the red channel in decimetres, the mask is the texture."""
    frames = textured_frames(index, camera)
    video = encode_video(frames, fps=FPS)
    if not passes:
        return ClipFiles(camera=camera, members={"video": video})
    depth, mask = DepthEncoder(WIDTH_PX, HEIGHT_PX, FPS), MaskEncoder(WIDTH_PX, HEIGHT_PX, FPS)
    for frame in frames:
        depth.add(frame[..., 0] / np.float32(10))
        mask.add(frame)
    members = {"video": video, "depth": depth.finish(), "mask": mask.finish()}
    return ClipFiles(camera=camera, members=members)


def tiny_info() -> DatasetInfo:
    """The ``dataset.json`` of the tiny data set."""
    return DatasetInfo(
        engine=EngineInfo(kind="embedded", look="fast", version="test"),
        fps=FPS,
        frames=FRAMES,
        width_px=WIDTH_PX,
        height_px=HEIGHT_PX,
        cameras=3,
        takes_per_shard=2,
        planned_takes=3,
        batch_sha256="b" * 64,
        catalog_sha256="c" * 64,
        multitake_version="0",
        counts={"takes": 3, "clips": 9, "frames": 9 * FRAMES, "shards": 2},
    )


def write_tiny_dataset(root: Path, takes: list[FilmedTake]) -> Path:
    """Stage ``takes`` in any order, and seal them as the tiny data set."""
    writer = DatasetWriter(root)
    writer.create(tiny_info(), TINY_BATCH_FILES)
    for take in takes:
        writer.stage(take)
    for shard, keys in enumerate(TINY_SHARDS):
        writer.seal(shard, keys)
    return root


def seal_again(root: Path, shard: int) -> None:
    """Write the checksums of a shard that was changed, as its writer would have."""
    digests = {path: sha256_of_bytes((root / path).read_bytes()) for path in checksummed(shard)}
    (root / shard_files(shard)["checksums"]).write_text(checksum_text(digests))


@pytest.fixture(scope="session")
def tiny_takes() -> list[FilmedTake]:
    """The three takes of the tiny data set; the last one has depth and masks."""
    return [tiny_take(index, passes=index == 2) for index in range(3)]


@pytest.fixture(scope="session")
def tiny_dataset(tmp_path_factory: pytest.TempPathFactory, tiny_takes: list[FilmedTake]) -> Path:
    """A data set of 3 takes x 3 cameras x 21 frames of 64x48 in 2 shards, for reading only."""
    return write_tiny_dataset(tmp_path_factory.mktemp("tiny") / "dataset", tiny_takes)
