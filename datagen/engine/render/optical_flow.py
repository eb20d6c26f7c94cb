"""How pixels moved between two captures of a camera, and the plugin's image of it."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8, UInt32

from ..content.unreal_space import rotation_rows
from .buffers import Viewpoint
from .numbered_triangles import NumberedTriangles

# As in the plugin's material: a motion of 1/30 of the image's width has the brightest colour.
_SCALE = 30.0
_PIXELS_AT_ONCE = 2**18


@dataclass(frozen=True, kw_only=True)
class Moment:
    """Where a camera and the pieces of the actors were in one tick of the engine."""

    tick: int
    viewpoint: Viewpoint
    world_from_pieces: dict[tuple[str, str], Float[np.ndarray, "4 4"]]


def flow_image(
    ids: UInt32[np.ndarray, "height width"], surfaces: NumberedTriangles, before: Moment, now: Moment
) -> UInt8[np.ndarray, "height width 4"]:
    """Return the motion of each pixel as a colour, BGRA.

    Rows are computed in groups, because each pixel takes some hundred bytes meanwhile.
    """
    rows = max(1, _PIXELS_AT_ONCE // now.viewpoint.width_px)
    groups = (range(first, min(first + rows, len(ids))) for first in range(0, len(ids), rows))
    planes, motions = _planes(surfaces, now), _motions(surfaces, before, now)
    return np.concatenate(
        [_colors(_screen_motion(ids, group, planes, motions, before, now)) for group in groups]
    )


def _colors(motion: Float[np.ndarray, "rows width 2"]) -> UInt8[np.ndarray, "rows width 4"]:
    """Hue is the direction (red to the right, then clockwise), value the length."""
    value = np.clip(_SCALE * np.linalg.norm(motion, axis=-1), 0, 1)
    sixths = np.arctan2(motion[..., 1], motion[..., 0]) * 3 / np.pi
    blue_green_red = (np.array([1, 3, 5]) + sixths[..., None]) % 6
    shares = 1 - np.clip(np.minimum(blue_green_red, 4 - blue_green_red), 0, 1)
    opaque = np.ones((*value.shape, 1))
    return np.round(255 * np.concatenate([value[..., None] * shares, opaque], axis=-1)).astype(np.uint8)


def _screen_motion(
    ids: UInt32[np.ndarray, "height width"],
    rows: range,
    planes: Float[np.ndarray, "ids 4"],
    motions: Float[np.ndarray, "ids 4 4"],
    before: Moment,
    now: Moment,
) -> Float[np.ndarray, "rows width 2"]:
    """How far right and down what the pixels of some rows show has moved, as a share of the image's width.

    Pieces that did not exist before count as at rest, and where nothing is seen only the camera's rotation
    counts. What was behind the camera has no motion.
    """
    ids = ids[rows.start : rows.stop]
    pixels = _places(now.viewpoint, rows)
    rays = _rays(now.viewpoint, pixels)
    slopes = np.einsum("rwi,rwi->rw", planes[ids, :3], rays)
    is_surface = slopes != 0.0
    depth_cm = planes[ids, 3] / np.where(is_surface, slopes, 1.0)
    points = np.array(now.viewpoint.location_cm) + depth_cm[..., None] * rays
    of_pixels = motions[ids]
    moved = np.einsum("rwi,rwij->rwj", points, of_pixels[..., :3, :3]) + of_pixels[..., 3, :3]
    apart = np.where(is_surface[..., None], moved - np.array(before.viewpoint.location_cm), rays)
    seen = apart @ rotation_rows(*before.viewpoint.rotation_deg).T
    forward = np.maximum(seen[..., 0], 1e-9)
    focal = before.viewpoint.focal_px / before.viewpoint.width_px
    places = focal * np.stack([seen[..., 1] / forward, -seen[..., 2] / forward], axis=-1)
    return np.where(seen[..., :1] > 1e-6, pixels - places, 0.0)


def _places(viewpoint: Viewpoint, rows: range) -> Float[np.ndarray, "rows width 2"]:
    """Pixel centres of some rows, right and down from the image's centre, as shares of its width."""
    width, height = viewpoint.size_px
    right, down = np.arange(width) + 0.5 - width / 2, np.array(rows) + 0.5 - height / 2
    return np.stack(np.meshgrid(right, down), axis=-1) / width


def _rays(
    viewpoint: Viewpoint, pixels: Float[np.ndarray, "rows width 2"]
) -> Float[np.ndarray, "rows width 3"]:
    """World directions of pixels, of which the component along the view is 1."""
    places = pixels * (viewpoint.width_px / viewpoint.focal_px)
    forward_right_up = np.stack([np.ones(places.shape[:2]), places[..., 0], -places[..., 1]], axis=-1)
    return forward_right_up @ rotation_rows(*viewpoint.rotation_deg)


def _planes(surfaces: NumberedTriangles, now: Moment) -> Float[np.ndarray, "ids 4"]:
    """The normal of the plane of each triangle, and its product with the way there from the camera."""
    matrices = np.array([now.world_from_pieces[name] for name in surfaces.piece_names]).reshape(-1, 4, 4)
    of_vertices = matrices[surfaces.vertex_pieces]
    vertices = np.einsum("vi,vij->vj", surfaces.vertices_cm, of_vertices[:, :3, :3]) + of_vertices[:, 3, :3]
    corners = np.concatenate([np.zeros((1, 3, 3)), vertices[surfaces.triangles]])
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    eye = np.array(now.viewpoint.location_cm)
    return np.column_stack([normals, np.einsum("ti,ti->t", normals, corners[:, 0] - eye)])


def _motions(surfaces: NumberedTriangles, before: Moment, now: Moment) -> Float[np.ndarray, "ids 4 4"]:
    """The transform of the points of each triangle from now to before."""
    motions = [np.eye(4)]
    for name in surfaces.piece_names:
        matrix = now.world_from_pieces[name]
        motions.append(np.linalg.inv(matrix) @ before.world_from_pieces.get(name, matrix))
    return np.array(motions)[np.concatenate([[0], surfaces.triangle_pieces + 1])]
