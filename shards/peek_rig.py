"""One frame of each camera, with the subject and the paths of the other cameras drawn into it."""

import colorsys
from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw

from trajectories import CameraPose, Intrinsics

from .peek_tiles import grid, half_image, label_of, labelled, tile_size
from .takes import Clip, Take

_TILE_WIDTH_PX = 480
_COLUMNS = 4
# What is nearer than this to the plane of a camera is cut off.
_NEAREST_M = 0.05
_FRUSTUM_M = 0.12
_SUBJECT = (255, 255, 255)

Points = Float[np.ndarray, "points 3"]


def rig_image(take: Take, frame: int) -> UInt8[np.ndarray, "height width 3"]:
    """A sheet of all cameras at a frame. Each tile has the subject, as a cross and a line of its height, and
    for each other camera its path and where it is, as a small frustum; each camera has one colour. Nothing is
    drawn into images whose intrinsics are unknown; their labels say so.
    """
    size_px = tile_size(take, _TILE_WIDTH_PX)
    clips = [take.clip(camera) for camera in take.cameras]
    colours = [_colour(number, len(clips)) for number in range(len(clips))]
    tiles = []
    for clip in clips:
        image = Image.fromarray(clip.frames(frame, frame + 1, size_px=size_px)[0])
        label = label_of(clip.row)
        if clip.row.fx_px > 0:
            _draw_rig(
                ImageDraw.Draw(image), _View(clip, frame, size_px), clip, zip(clips, colours, strict=True)
            )
        else:
            label += ", intrinsics unknown"
        tiles.append(labelled(np.asarray(image)[None], label)[0])
    return grid(tiles, min(_COLUMNS, len(tiles)))


def _draw_rig(
    draw: ImageDraw.ImageDraw, view: "_View", clip: Clip, others: Iterable[tuple[Clip, tuple[int, int, int]]]
) -> None:
    """The other cameras, each in its colour, and the subject."""
    for other, colour in others:
        if other.camera != clip.camera:
            _draw_camera(draw, view, other, view.frame, colour)
    _draw_subject(draw, view, clip, view.frame)


class _View:
    """Where a camera sees points of the world at a frame, in pixels of a tile."""

    def __init__(self, clip: Clip, frame: int, size_px: tuple[int, int]) -> None:
        self.frame = frame
        self._pose: CameraPose = clip.poses[frame]
        lens: Intrinsics = clip.frame_intrinsics[frame]
        self._lens = lens
        self._scale = np.array(size_px) / (lens.width_px, lens.height_px)

    def lines(self, points_world_m: Points) -> Iterator[list[tuple[float, float]]]:
        """The parts of a line through points that are in front of the camera."""
        points = self._pose.camera_points(points_world_m)
        for start, end in pairwise(points):
            if max(start[2], end[2]) <= _NEAREST_M:
                continue
            both = [self._cut(start, end), self._cut(end, start)]
            pixels = self._lens.project(np.array(both)) * self._scale
            yield [(float(x), float(y)) for x, y in pixels]

    @staticmethod
    def _cut(point: np.ndarray, other: np.ndarray) -> np.ndarray:
        """A point, or where its line to another one comes in front of the camera."""
        if point[2] >= _NEAREST_M:
            return point
        return point + (other - point) * (_NEAREST_M - point[2]) / (other[2] - point[2])


def _draw_camera(
    draw: ImageDraw.ImageDraw, view: _View, other: Clip, frame: int, colour: tuple[int, int, int]
) -> None:
    """The path of another camera, and where it is."""
    for line in view.lines(other.poses.position_m):
        draw.line(line, fill=colour, width=2)
    pose = other.poses[frame]
    across, down = (_FRUSTUM_M * half for half in half_image(other.row))
    corners = np.array([(x * across, y * down, _FRUSTUM_M) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))])
    world = corners @ pose.rotation.T + pose.position_m
    edges = [*(np.array([pose.position_m, corner]) for corner in world), np.concatenate([world, world[:1]])]
    for line in (line for edge in edges for line in view.lines(edge)):
        draw.line(line, fill=colour, width=1)
    for line in view.lines(np.repeat(pose.position_m[None], 2, axis=0)):
        draw.text((line[0][0] + 4, line[0][1] + 2), other.camera, fill=colour)


def _draw_subject(draw: ImageDraw.ImageDraw, view: _View, clip: Clip, frame: int) -> None:
    """The subject point and the height of the subject, if the clip table has them."""
    row = clip.row
    path = row.subject_path_m
    point = np.array(path).reshape(-1, 3)[frame] if path else np.array(row.subject_m)
    if not np.isfinite(point).all():
        return
    for line in view.lines(np.repeat(point[None], 2, axis=0)):
        x, y = line[0]
        draw.line([(x - 6, y), (x + 6, y)], fill=_SUBJECT, width=2)
        draw.line([(x, y - 6), (x, y + 6)], fill=_SUBJECT, width=2)
    if np.isfinite([row.ground_m, row.subject_height_m]).all():
        x_m, y_m, ground_m = float(point[0]), float(point[1]), row.ground_m
        ends = [(x_m, y_m, ground_m), (x_m, y_m, ground_m + row.subject_height_m)]
        for line in view.lines(np.array(ends)):
            draw.line(line, fill=_SUBJECT, width=1)


def _colour(number: int, count: int) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(number / count, 0.75, 1.0)
    return round(255 * red), round(255 * green), round(255 * blue)
