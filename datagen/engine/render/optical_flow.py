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
    before_from_rays = _before_from_rays(surfaces, before, now)
    return np.concatenate(
        [_colors(_screen_motion(ids, group, before_from_rays, before, now)) for group in groups]
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
    before_from_rays: Float[np.ndarray, "ids 3 3"],
    before: Moment,
    now: Moment,
) -> Float[np.ndarray, "rows width 2"]:
    """How far right and down what the pixels of some rows show has moved, as a share of the image's width.

    Pieces that did not exist before count as at rest, and where nothing is seen only the camera's rotation
    counts. What was behind the camera has no motion.
    """
    ids = ids[rows.start : rows.stop]
    pixels = _places(now.viewpoint, rows)
    apart = np.einsum("rwi,rwij->rwj", _rays(now.viewpoint, pixels), before_from_rays[ids])
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


def _before_from_rays(
    surfaces: NumberedTriangles, before: Moment, now: Moment
) -> Float[np.ndarray, "ids 3 3"]:
    """For each id, where a ray of the camera now met the triangle, as seen from the camera before.

    A ray is a sum of the ways to the corners; the same sum of the ways to where they were before has the
    direction to where the point was. Triangles seen edge-on have no motion.
    """
    corners = _corners(surfaces, now.world_from_pieces) - np.array(now.viewpoint.location_cm)
    earlier = {
        name: before.world_from_pieces.get(name, now.world_from_pieces[name]) for name in surfaces.piece_names
    }
    corners_before = _corners(surfaces, earlier) - np.array(before.viewpoint.location_cm)
    across = np.cross(np.roll(corners, -1, axis=1), np.roll(corners, -2, axis=1))
    volume = np.einsum("ti,ti->t", corners[:, 0], across[:, 0])[:, None, None]
    shares_of_rays = np.swapaxes(across, 1, 2) / np.where(volume == 0.0, np.inf, volume)
    return np.concatenate([np.eye(3)[None], shares_of_rays @ corners_before])


def _corners(
    surfaces: NumberedTriangles, world_from_pieces: dict[tuple[str, str], Float[np.ndarray, "4 4"]]
) -> Float[np.ndarray, "triangles 3 3"]:
    matrices = np.array([world_from_pieces[name] for name in surfaces.piece_names]).reshape(-1, 4, 4)
    local, world = surfaces.vertices_cm.astype(np.float64), np.zeros((len(surfaces.vertices_cm), 3))
    for pieces, weights in zip(surfaces.vertex_pieces.T, surfaces.vertex_weights.T, strict=True):
        used = np.flatnonzero(weights)
        moves = matrices[pieces[used]]
        points = np.einsum("vi,vij->vj", local[used], moves[:, :3, :3]) + moves[:, 3, :3]
        world[used] += weights[used, None] * points
    return world[surfaces.triangles]
