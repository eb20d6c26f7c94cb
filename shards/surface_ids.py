"""The member ``KEY.camNN.surface.npz``: which triangle each pixel shows, in few bytes.

The triangles and how they move are known, so a frame is the list of triangles that it shows, drawn by
``nearest_triangles``, and the pixels in which the engine's image differs from that. A checksum of each frame
makes sure that it is read as it was filmed.
"""

import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int, Integer

from trajectories import CameraPose, Intrinsics

from .arrays import ArrayLayout, npz_bytes, read_npz
from .surfaces import Surfaces
from .triangles import camera_corners, nearest_triangles

Ids = Integer[np.ndarray, "height width"]

# For each frame: numbers of the changes of its list since the frame before (triangles that are new, or no
# longer in it) and of its corrected pixels; the crc32 of its ids as little-endian uint32. Changes and places
# of pixels ascend in each frame, and are stored as differences. A value is 1 + the place of a triangle
# in the list.
_LAYOUTS: Mapping[str, ArrayLayout] = {
    "counts": ("<u4", ("frames", 2)),
    "crc32": ("<u4", ("frames",)),
    "changes": ("<u4", ("changes",)),
    "places": ("<u4", ("corrections",)),
    "values": ("<u4", ("corrections",)),
}


@dataclass(frozen=True, kw_only=True)
class ClipGeometry:
    """A camera of a take and the triangles of its take; ``poses`` has the batch axis (frames).

    ``intrinsics`` are those of each frame.
    """

    surfaces: Surfaces
    poses: CameraPose
    intrinsics: Sequence[Intrinsics]

    def camera_corners_m(self, frame: int, triangles: Int[np.ndarray, "some"]) -> np.ndarray:
        """Corners of some triangles in a frame: (triangle, corner, axis), camera axes."""
        return camera_corners(self.poses[frame], self.surfaces.world_corners_m(frame, triangles))

    def drawn(self, frame: int, triangles: Int[np.ndarray, "some"]) -> Int[np.ndarray, "height width"]:
        """1 + the place in ``triangles`` of what each pixel of a frame shows, if there were no others."""
        return nearest_triangles(self.camera_corners_m(frame, triangles), self.intrinsics[frame])


def seen_triangles(
    ids: Ids, triangles: int
) -> tuple[Int[np.ndarray, "listed"], Int[np.ndarray, "height width"]]:
    """The triangles that an image shows, ascending, and for each pixel 1 + its place in this list, or 0.

    ValueError for an id of more than ``triangles``.
    """
    if ids.max(initial=0) > triangles:
        raise ValueError(f"unknown triangle {ids.max() - 1} (there are {triangles})")
    place = np.zeros(triangles + 1, dtype=np.int64)
    place[ids.ravel()] = 1
    place[0] = 0
    listed = np.flatnonzero(place)
    place[listed] = np.arange(1, len(listed) + 1)
    return listed - 1, place[ids]


class SurfaceEncoder:
    """Makes the member of one camera, frame by frame."""

    def __init__(self) -> None:
        self._listed = np.empty(0, dtype=np.int64)
        self._parts: dict[str, list[np.ndarray]] = {name: [] for name in _LAYOUTS}

    def add(self, ids: Ids, geometry: ClipGeometry, frame: int) -> None:
        """Append the ids of one frame: 1 + the triangle that each pixel shows, 0 for none.

        ValueError for a triangle that there is not.
        """
        listed, values = seen_triangles(ids, len(geometry.surfaces.triangles))
        corrected = np.flatnonzero(values != geometry.drawn(frame, listed))
        changes = np.setxor1d(listed, self._listed, assume_unique=True)
        self._listed = listed
        for name, part in (
            ("counts", [len(changes), len(corrected)]),
            ("crc32", [_crc32(ids)]),
            ("changes", np.diff(changes, prepend=0)),
            ("places", np.diff(corrected, prepend=0)),
            ("values", values.ravel()[corrected]),
        ):
            self._parts[name].append(np.asarray(part, dtype="<u4"))

    def finish(self) -> bytes:
        """The entire file."""
        joined = {name: np.concatenate(parts) for name, parts in self._parts.items()}
        return npz_bytes(joined | {"counts": joined["counts"].reshape(-1, 2)})


def decode_surface(content: bytes, geometry: ClipGeometry, frames: Collection[int]) -> Iterator[Ids]:
    """The ids of some frames as uint32, one after the other in their order in the take.

    The lists of all frames are checked. ValueError, or an error of the zip, for a file of another clip.
    """
    arrays = read_npz(content, _LAYOUTS, {"frames": len(geometry.poses.world_from_camera)})
    counts = arrays["counts"].astype(np.int64)
    if counts.sum(axis=0).tolist() != [len(arrays["changes"]), len(arrays["values"])]:
        raise ValueError("counts differ from the numbers of changes and values")
    changes, places, values = (
        np.split(arrays[name].astype(np.int64), np.cumsum(counts[:-1, column]))
        for name, column in (("changes", 0), ("places", 1), ("values", 1))
    )
    pixels = geometry.intrinsics[0].height_px * geometry.intrinsics[0].width_px
    is_listed = np.zeros(len(geometry.surfaces.triangles), dtype=bool)
    for frame in range(len(counts)):
        is_listed[_ascending(changes[frame], len(is_listed))] ^= True
        listed = np.flatnonzero(is_listed)
        places_px = _ascending(places[frame], pixels)
        if values[frame].max(initial=0) > len(listed):
            raise ValueError(f"frame {frame} has a triangle that is not in its list")
        if frame in frames:
            drawn = geometry.drawn(frame, listed)
            drawn.reshape(-1)[places_px] = values[frame]
            ids = np.concatenate([[0], listed + 1])[drawn].astype(np.uint32)
            if _crc32(ids) != arrays["crc32"][frame]:
                raise ValueError(f"the ids of frame {frame} differ from their checksum")
            yield ids


def _ascending(differences: Int[np.ndarray, "n"], end: int) -> Int[np.ndarray, "n"]:
    """The numbers with these differences; ValueError if they do not ascend to less than ``end``."""
    numbers = np.cumsum(differences)
    if len(numbers) and (numbers[-1] >= end or (differences[1:] == 0).any()):
        raise ValueError(f"places or changes do not ascend to less than {end}")
    return numbers


def _crc32(ids: Ids) -> int:
    return zlib.crc32(ids.astype("<u4").tobytes())
