"""Tiles of takes: their size, their labels, and sheets of them."""

import math

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw

from trajectories import ClipRow

from .takes import Take

_BACKGROUND = (0, 0, 0)
_TEXT = (255, 255, 255)
_USUAL_HALF_IMAGE = (0.5, 0.5 * 9 / 16)


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


def half_image(row: ClipRow) -> tuple[float, float]:
    """Half the width and height of the image at distance 1; those of a usual lens if it is unknown."""
    if not (row.fx_px > 0 and row.fy_px > 0 and row.width_px > 0):
        return _USUAL_HALF_IMAGE
    return row.width_px / 2 / row.fx_px, row.height_px / 2 / row.fy_px


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
