"""The sheet of images of a take that failed the quality gate."""

import io
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from .failures import ClipFault
from .peek_tiles import grid, labelled
from .staging import FilmedTake
from .video import decode_depth, decode_mask, decode_video, frame_count

_MOMENTS, _MOST_ROWS = 6, 12
_TILE_WIDTH_PX, _LEAST_TILE_HEIGHT_PX = 240, 24
# Depth in units of the format that is shown at half of the range: 4 m.
_MIDDLE_DEPTH = 4000
Image8 = UInt8[np.ndarray, "height width 3"]


def fault_sheet(take: FilmedTake, faults: Sequence[ClipFault]) -> bytes:
    """A PNG with a row of frames for each fault, with camera and reason; the frames that it counts first.

    Rows of depth and mask faults show these passes, if they are stored.
    """
    members = {files.camera: files.members for files in take.files}
    tiles = [tile for fault in faults[:_MOST_ROWS] for tile in _row(members, fault)]
    png = io.BytesIO()
    Image.fromarray(grid(tiles, _MOMENTS)).save(png, format="png")
    return png.getvalue()


def _row(take: Mapping[str, Mapping[str, bytes]], fault: ClipFault) -> list[Image8]:
    """The tiles of a fault: frames of its camera, or for different starts the first frame of each camera."""
    if fault.reason == "first_image_differs":
        others = [camera for camera in take if camera != fault.camera]
        shown = [(camera, 0) for camera in (fault.camera, *others)][:_MOMENTS]
    else:
        last = frame_count(take[fault.camera]["video"]) - 1
        spread = np.linspace(0, last, min(_MOMENTS, last + 1)).astype(int).tolist()
        counted = [frame for frame in fault.frames if frame <= last]
        frames = sorted(list(dict.fromkeys([*counted, *spread]))[:_MOMENTS])
        shown = [(fault.camera, frame) for frame in frames]
    read = _READERS.get(fault.reason.partition("_")[0], _video_frame)
    tiles = [
        labelled(_tile(read(take[camera], frame))[None], f"{camera} {frame}: {fault.reason}")[0]
        for camera, frame in shown
    ]
    return tiles + [np.zeros_like(tiles[0])] * (_MOMENTS - len(tiles))


def _video_frame(members: Mapping[str, bytes], frame: int) -> Image8:
    return decode_video(members["video"], start=frame, stop=frame + 1)[0]


def _mask_frame(members: Mapping[str, bytes], frame: int) -> Image8:
    if "mask" not in members:
        return _video_frame(members, frame)
    return decode_mask(members["mask"], start=frame, stop=frame + 1)[0]


def _depth_frame(members: Mapping[str, bytes], frame: int) -> Image8:
    """Depth in grey, near is bright; no surface is black."""
    if "depth" not in members:
        return _video_frame(members, frame)
    depth = decode_depth(members["depth"], start=frame, stop=frame + 1)[0].astype(np.float64)
    near = np.where(depth > 0, 255 / (1 + depth / _MIDDLE_DEPTH), 0).astype(np.uint8)
    return np.repeat(near[..., None], 3, axis=-1)


_READERS = {"mask": _mask_frame, "depth": _depth_frame}


def _tile(image: Image8) -> UInt8[np.ndarray, "tile_height tile_width 3"]:
    height = max(_LEAST_TILE_HEIGHT_PX, round(_TILE_WIDTH_PX * image.shape[0] / image.shape[1]))
    return np.asarray(Image.fromarray(image).resize((_TILE_WIDTH_PX, height)))
