"""Peek: one take as a tiled video and a contact sheet, with names of cameras."""

import io
import math
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw

from multitake.atomic import write_file, writing_to
from trajectories import ClipRow

from .reading import open_dataset
from .takes import Take
from .video import encode_video

_TILE_WIDTH_PX = 320
_MOST_MOMENTS = 6
_MOST_COLUMNS = 5
_BACKGROUND = (0, 0, 0)
_TEXT = (255, 255, 255)


def peek_take(url: str | Path, key: str, out: Path) -> tuple[Path, Path]:
    """Write ``out/KEY.mp4`` (all cameras in rows of five) and ``out/KEY.png`` (one row of frames per camera).

    Each tile is labelled with camera and motion. InputError for an unknown data set or take, or a folder that
    cannot be written.
    """
    take = open_dataset(url).take(key)
    size_px = tile_size(take, _TILE_WIDTH_PX)
    clips = [take.clip(camera) for camera in take.cameras]
    tiles = [labelled(clip.frames(size_px=size_px), label_of(clip.row)) for clip in clips]
    video, sheet = out / f"{key}.mp4", out / f"{key}.png"
    columns = min(_MOST_COLUMNS, len(tiles))
    frames = (grid([tile[k] for tile in tiles], columns) for k in range(take.row.frames))
    content = encode_video(frames, fps=take.row.fps)
    moments = np.linspace(0, take.row.frames - 1, min(_MOST_MOMENTS, take.row.frames)).astype(int)
    image = grid([tile[k] for tile in tiles for k in moments], len(moments))
    png = io.BytesIO()
    Image.fromarray(image).save(png, format="png")
    with writing_to(out):
        write_file(video, content)
        write_file(sheet, png.getvalue())
    return video, sheet


def label_of(row: ClipRow) -> str:
    """Camera, shake, motion and amount, e.g. ``cam03 handheld arc -42 deg``."""
    amount = ""
    if row.angle_deg is not None:
        amount = f" {row.angle_deg:+.0f} deg"
    elif row.distance_m is not None:
        amount = f" {row.distance_m:.1f} m"
    elif row.zoom_ratio is not None:
        amount = f" x{row.zoom_ratio:.2f}"
    shake = "" if row.shake in ("none", "unknown") else f"{row.shake} "
    return f"{row.camera} {shake}{row.motion}{amount}"


def tile_size(take: Take, width_px: int) -> tuple[int, int]:
    """Even (width, height) of a tile of about this width, no larger than the frames."""
    scale = min(1.0, width_px / take.row.width_px)
    width, height = (max(2, 2 * round(n * scale / 2)) for n in (take.row.width_px, take.row.height_px))
    return width, height


def grid(
    tiles: list[UInt8[np.ndarray, "height width 3"]], columns: int
) -> UInt8[np.ndarray, "sheet_height sheet_width 3"]:
    """Tiles in rows; the last row is filled with black."""
    height, width = tiles[0].shape[:2]
    rows = math.ceil(len(tiles) / columns)
    sheet = np.zeros((rows, height, columns, width, 3), dtype=np.uint8)
    for place, tile in enumerate(tiles):
        sheet[place // columns, :, place % columns] = tile
    return sheet.reshape(rows * height, columns * width, 3)


def labelled(
    frames: UInt8[np.ndarray, "frames height width 3"], label: str
) -> UInt8[np.ndarray, "frames height width 3"]:
    """The frames with the label in their upper left corner."""
    height, width = frames.shape[1:3]
    _, _, right, bottom = ImageDraw.Draw(Image.new("RGB", (1, 1))).textbbox((3, 2), label)
    plate = Image.new("RGB", (math.ceil(right) + 3, math.ceil(bottom) + 3), _BACKGROUND)
    ImageDraw.Draw(plate).text((3, 2), label, fill=_TEXT)
    text = np.asarray(plate)[:height, :width]
    labelled = frames.copy()
    labelled[:, : text.shape[0], : text.shape[1]] = text
    return labelled
