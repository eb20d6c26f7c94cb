"""Small data sets in the layout of MultiCamVideo, made by code that shares nothing with the importer."""

import gzip
import io
import json
import tarfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import av
import numpy as np
import pyarrow as pa

from multitake.randomness import rng_for

CAMERAS = ("cam01", "cam02", "cam03")
SCENES = (
    "train/f18_aperture10/scene1",
    "train/f18_aperture10/scene2",
    "train/f35_aperture2.4/scene10",
    "train/f35_aperture2.4/scene9",
    "val/10basic_trajectories",
)
FRAMES = 25


def foreign_video(
    *names: str | int,
    frames: int = FRAMES,
    size_px: tuple[int, int] = (64, 48),
    fps: int = 15,
    pixels: str = "yuv420p",
    options: dict[str, str] | None = None,
) -> bytes:
    """An mp4 as other tools write it: key frames anywhere, B-frames, the index at the end."""
    width, height = size_px
    blocks = rng_for(0, "foreign", *names).integers(0, 256, (height // 4, width // 4, 3), dtype=np.uint8)
    image = blocks.repeat(4, axis=0).repeat(4, axis=1)
    sink = io.BytesIO()
    with av.open(sink, "w", format="mp4") as file:
        chosen = {"preset": "fast", "g": "12", **(options or {})}
        stream = file.add_stream("libx264", rate=fps, options=chosen)
        stream.width, stream.height, stream.pix_fmt = width, height, pixels
        stream.codec_context.thread_count = 1
        for k in range(frames):
            shifted = np.roll(image, (k, 2 * k), axis=(0, 1))
            file.mux(stream.encode(av.VideoFrame.from_ndarray(shifted, "rgb24")))
        file.mux(stream.encode(None))
    return sink.getvalue()


def camera_file(*names: str, frames: int = FRAMES, cameras: Sequence[str] = CAMERAS) -> str:
    """A ``camera_extrinsics.json`` in the published style: rows of Unreal's matrix, a space at the end."""
    rng = rng_for(0, "cameras", *names)
    start = rng.uniform(-4000, 4000, 3)
    steps = rng.uniform(-3, 3, (len(cameras), 3))
    turns = rng.uniform(-0.5, 0.5, len(cameras))
    document = {
        f"frame{k}": {
            camera: _matrix_text(np.radians(turns[n] * k), start + steps[n] * k)
            for n, camera in enumerate(cameras)
        }
        for k in range(frames)
    }
    return json.dumps(document, indent=4)


def _matrix_text(yaw: float, location_cm: np.ndarray) -> str:
    c, s = np.cos(yaw), np.sin(yaw)
    rows = [(c, s, 0.0, 0), (-s, c, 0.0, 0), (0.0, -0.0, 1.0, 0), (*location_cm, 1)]
    return "".join("[{:g} {:g} {:g} {:g}] ".format(*row) for row in rows)


def write_tree(root: Path, scenes: Iterable[str] = SCENES, *, cameras: Sequence[str] = CAMERAS) -> Path:
    """A folder tree as the authors publish it."""
    for scene in scenes:
        (root / scene / "videos").mkdir(parents=True)
        (root / scene / "cameras").mkdir()
        text = camera_file(scene, cameras=cameras)
        (root / scene / "cameras/camera_extrinsics.json").write_text(text)
        for camera in cameras:
            (root / scene / f"videos/{camera}.mp4").write_bytes(foreign_video(scene, camera))
    return root


def scattered(root: Path) -> list[Path]:
    """The files of a tree in an order in which scenes are not contiguous."""
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return [files[n] for n in rng_for(0, "scattered").permutation(len(files))]


def tar_bytes(root: Path, files: Iterable[Path], *, format: int = tarfile.GNU_FORMAT) -> bytes:
    """A tar of files, with the folder above them in their names."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w", format=format) as tar:
        for file in files:
            tar.add(file, arcname=f"MultiCamVideo-Dataset/{file.relative_to(root)}")
    return sink.getvalue()


def write_parts(folder: Path, content: bytes, parts: int) -> list[Path]:
    """An archive cut into parts as `split` does."""
    folder.mkdir(exist_ok=True)
    step = -(-len(content) // parts)
    paths = [folder / f"MultiCamVideo-Dataset.parta{chr(ord('a') + n)}" for n in range(parts)]
    for n, path in enumerate(paths):
        path.write_bytes(content[n * step : (n + 1) * step])
    return paths


def zstd_bytes(content: bytes) -> bytes:
    """The content compressed with zstd."""
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return sink.getvalue().to_pybytes()


def gzip_bytes(content: bytes) -> bytes:
    """The content compressed with gzip."""
    return gzip.compress(content, compresslevel=1, mtime=0)


def folder_files(root: Path) -> dict[str, bytes]:
    """All files below a folder but hidden ones, by path."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }
