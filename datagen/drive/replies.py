"""What an engine answers about one frame, and how it is decoded: images, surfaces, bones."""

import io
import json
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float, Float64, UInt8, UInt32

from shards import Surfaces
from trajectories import (
    normal_levels_from_unreal,
    transforms_from_unreal,
    triangles_from_unreal,
    world_from_unreal,
)

from .errors import EngineError
from .unrealcv_link import Reply

Image = UInt8[np.ndarray, "height width 3"]
Depth = Float[np.ndarray, "height width"]
Ids = UInt32[np.ndarray, "height width"]
# Width and height in the header of a BMP; the height is negative if the top row comes first.
_BMP_HEADER = struct.Struct("<18xii")
# What passes need that are not captures themselves.
_NEEDED = {"flow": ("surface",), "joints": ("depth", "mask")}


@dataclass(frozen=True, kw_only=True)
class Skeleton:
    """The joints of an actor in one frame; world, metres."""

    names: tuple[str, ...]
    positions_m: Float64[np.ndarray, "joints 3"]


@dataclass(frozen=True, kw_only=True)
class FrameImages:
    """All cameras at one instant, and what moves.

    Attributes:
        captures: the images of all cameras by capture: ``video`` and ``mask`` (RGB), ``depth`` (planar,
            metres), ``normal`` (levels, see ``shards``), ``surface`` (1 + index of the triangle, 0: none).
        world_from_piece: transforms of the pieces of surfaces, if surfaces are filmed.
        skeletons: joints by actor, if joints are filmed.
    """

    captures: Mapping[str, tuple[np.ndarray, ...]]
    world_from_piece: Float64[np.ndarray, "pieces 3 4"] | None = None
    skeletons: Mapping[str, Skeleton] = field(default_factory=dict)

    @property
    def images(self) -> tuple[Image, ...]:
        """The RGB images."""
        return self.captures["video"]

    @property
    def masks(self) -> tuple[Image, ...]:
        """The object masks; none without that capture."""
        return self.captures.get("mask", ())


def captures_for(passes: Sequence[str]) -> tuple[str, ...]:
    """What to capture for the video and these passes."""
    needed = {"video", *(capture for one in passes for capture in _NEEDED.get(one, (one,)))}
    return tuple(capture for capture in CAPTURES if capture in needed)


def image_of_bmp(reply: Reply, width_px: int, height_px: int) -> Image:
    """RGB, a view of the last width x height x 4 bytes of a BMP (BGRA, top row first) of that size."""
    size = width_px * height_px * 4
    bmp = _bytes(reply)
    if len(bmp) < size or len(bmp) < _BMP_HEADER.size:
        raise EngineError(f"expected an image of {width_px}x{height_px}, got {len(bmp)} bytes")
    found_px = tuple(map(abs, _BMP_HEADER.unpack_from(bmp)))
    if found_px != (width_px, height_px):
        what = f"expected an image of {width_px}x{height_px}, got {found_px[0]}x{found_px[1]}"
        raise EngineError(f"{what}; its camera's size has no effect in this engine")
    bgra = np.frombuffer(bmp, dtype=np.uint8, offset=len(bmp) - size).reshape(height_px, width_px, 4)
    return bgra[..., 2::-1]


def images_of_batch(reply: Reply, count: int, width_px: int, height_px: int) -> list[Image]:
    """RGB images, views of an npy of BGRA images of several cameras."""
    if isinstance(reply, str):
        # LychSim's errors are JSON.
        raise EngineError(f"expected images of {count} cameras, got {reply[:200]!r}")
    images = _array(reply, "images of several cameras")
    images = images[None] if images.ndim == 3 else images
    if images.dtype != np.uint8 or images.shape != (count, height_px, width_px, 4):
        what = f"expected {count} images of {width_px}x{height_px}"
        raise EngineError(f"{what}, got {images.dtype} {images.shape}")
    return list(images[..., 2::-1])


def normals_of_bmp(reply: Reply, width_px: int, height_px: int) -> Image:
    """Levels of normals in the world of data sets."""
    return normal_levels_from_unreal(image_of_bmp(reply, width_px, height_px))


def depth_of_npy(reply: Reply, width_px: int, height_px: int) -> Depth:
    """Metres from an npy of centimetres."""
    depth_cm = _array(reply, "depth")
    if depth_cm.shape != (height_px, width_px):
        raise EngineError(f"expected depth of {width_px}x{height_px}, got shape {depth_cm.shape}")
    return depth_cm.astype(np.float32) / 100.0


def ids_of_npy(reply: Reply, width_px: int, height_px: int) -> Ids:
    """Surface ids from an npy."""
    ids = _array(reply, "surface ids")
    if ids.shape != (height_px, width_px) or ids.dtype.kind != "u":
        raise EngineError(f"expected surface ids of {width_px}x{height_px}, got {ids.dtype} {ids.shape}")
    return ids.astype(np.uint32)


def surfaces_of_npz(reply: Reply) -> Surfaces:
    """The triangles of a scene, without frames."""
    try:
        with np.load(io.BytesIO(_bytes(reply)), allow_pickle=False) as arrays:
            pieces = int(arrays["vertex_pieces"].max(initial=-1)) + 1
            return Surfaces(
                vertices_m=world_from_unreal(arrays["vertices_cm"]).astype(np.float32),
                vertex_pieces=arrays["vertex_pieces"].astype(np.int32),
                vertex_weights=arrays["vertex_weights"].astype(np.float32),
                triangles=triangles_from_unreal(arrays["triangles"]).astype(np.int32),
                triangle_objects=arrays["triangle_objects"].astype(np.int32),
                object_names=tuple(map(str, arrays["object_names"].tolist())),
                world_from_piece=np.empty((0, pieces, 3, 4)),
            )
    except (ValueError, KeyError, OSError) as error:
        raise EngineError(f"expected surfaces, got something else: {error}") from error


def pieces_of_npy(reply: Reply) -> Float64[np.ndarray, "pieces 3 4"]:
    """Transforms of points, in metres, from an npy of Unreal's matrices."""
    return transforms_from_unreal(_array(reply, "transforms of pieces").astype(np.float64))


def skeleton_of_json(reply: Reply) -> Skeleton:
    """The joints from the bones of UnrealCV 1.1.0."""
    try:
        bones = json.loads(_bytes(reply))
        places = [[float(bone["transform"][axis]) for axis in "XYZ"] for bone in bones]
        names = tuple(str(bone["bone_name"]) for bone in bones)
    except (ValueError, KeyError, TypeError) as error:
        raise EngineError(f"expected bones, got {_bytes(reply)[:80]!r}") from error
    return Skeleton(names=names, positions_m=world_from_unreal(np.array(places).reshape(-1, 3)))


# The words of each capture, and how its answer is decoded.
CAPTURES: Mapping[str, tuple[str, Callable[[Reply, int, int], np.ndarray]]] = {
    "video": ("lit bmp", image_of_bmp),
    "depth": ("depth npy", depth_of_npy),
    "mask": ("object_mask bmp", image_of_bmp),
    "normal": ("normal bmp", normals_of_bmp),
    "surface": ("surface npy", ids_of_npy),
}


def _array(reply: Reply, what: str) -> np.ndarray:
    try:
        return np.asarray(np.load(io.BytesIO(_bytes(reply)), allow_pickle=False))
    except (ValueError, EOFError, OSError) as error:
        raise EngineError(f"expected {what}, got something else: {error}") from error


def _bytes(reply: Reply) -> bytes | bytearray:
    """The client returns text if all bytes are valid UTF-8, as those of a black image with alpha 0 are."""
    return reply.encode() if isinstance(reply, str) else reply
