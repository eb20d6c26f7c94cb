"""Peek: one take as a tiled video, a contact sheet, and a sheet with the rig drawn into the images."""

import io
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from multitake.atomic import write_file, writing_to
from multitake.errors import InputError

from .peek_rig import rig_image
from .peek_tiles import grid, label_of, labelled, tile_size
from .reading import open_dataset
from .video import encode_video

_TILE_WIDTH_PX = 320
_MOST_MOMENTS = 6
_MOST_COLUMNS = 5


def peek_take(url: str | Path, key: str, out: Path, *, frame: int | None = None) -> tuple[Path, Path, Path]:
    """Write ``out/KEY.mp4`` (all cameras in rows of five), ``out/KEY.png`` (one row of frames per camera) and
    ``out/KEY.rig.png`` (a frame of each camera with subject and other cameras, see ``rig_image``).

    Each tile is labelled with camera and motion. ``frame`` is that of the last one, default the middle.
    InputError for an unknown data set, take or frame, or a folder that cannot be written.
    """
    take = open_dataset(url).take(key)
    frame = take.row.frames // 2 if frame is None else frame
    if not 0 <= frame < take.row.frames:
        fix = f"choose from 0..{take.row.frames - 1}"
        raise InputError(f"no frame {frame}", where=f"take {key}", fix=fix)
    size_px = tile_size(take, _TILE_WIDTH_PX)
    clips = [take.clip(camera) for camera in take.cameras]
    tiles = [labelled(clip.frames(size_px=size_px), label_of(clip.row)) for clip in clips]
    columns = min(_MOST_COLUMNS, len(tiles))
    frames = (grid([tile[k] for tile in tiles], columns) for k in range(take.row.frames))
    moments = np.linspace(0, take.row.frames - 1, min(_MOST_MOMENTS, take.row.frames)).astype(int)
    sheet = grid([tile[k] for tile in tiles for k in moments], len(moments))
    contents = {
        out / f"{key}.mp4": encode_video(frames, fps=take.row.fps),
        out / f"{key}.png": _png(sheet),
        out / f"{key}.rig.png": _png(rig_image(take, frame)),
    }
    with writing_to(out):
        for path, content in contents.items():
            write_file(path, content)
    video, image, rig = contents
    return video, image, rig


def _png(image: UInt8[np.ndarray, "height width 3"]) -> bytes:
    content = io.BytesIO()
    Image.fromarray(image).save(content, format="png")
    return content.getvalue()
