"""Draw rigs from rules. A rig depends on seed, rig index and attempt alone, never on how calls are sliced.

Every draw is an inverse distribution function of one uniform number with a fixed place in the rig's budget,
so adding a rule never shifts another draw.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from .motions import Arc, Motion, Pan, RandomMove, Static, Tilt, Translation
from .poses import CameraPose
from .randomness import rig_uniforms
from .rigs import CameraMove, Rig, camera_name
from .rules import MAX_WAYPOINTS, Range, Rules
from .speed import speed_curve, time_fractions
from .splines import curve_length_m

Uniform = Float[np.ndarray, "rigs"]

_DRAWS_PER_RIG = 16
_DRAWS_PER_CAMERA = 32
# Places within a camera's draws (a rig's own start uses the first three alike).
_AZIMUTH, _ELEVATION, _RADIUS, _LENS = 0, 1, 2, 3
_PACE_ORDER, _PACE_ODD, _A_SIGN, _A_SIZE = 4, 5, 6, 7
_AMOUNT, _SIGN, _AIM, _WAYPOINT_COUNT, _WAYPOINTS = 8, 9, 10, 12, 13
_AXES = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], dtype=np.float64)


@dataclass(frozen=True, kw_only=True)
class RigBatch:
    """Rigs ``first_rig ..`` of one seed, as arrays over rigs.

    Attributes:
        poses: world_from_camera, batch ``(rigs, cameras, frames)``.
        motions: the motion of each slot; its parameters are arrays over rigs.
        speed_a: ``(rigs, cameras)``, eq. 10's ``a``; 0 is constant speed.
        lens_index: which of ``rules.lenses`` each rig uses.
    """

    rules: Rules
    poses: CameraPose
    pivots_m: Float[np.ndarray, "rigs 3"]
    motions: tuple[Motion, ...]
    speed_a: Float[np.ndarray, "rigs cameras"]
    lens_index: Int[np.ndarray, "rigs"]

    def __len__(self) -> int:
        return len(self.pivots_m)

    def __iter__(self) -> Iterator[Rig]:
        return (self.rig(index) for index in range(len(self)))

    def rig(self, index: int) -> Rig:
        """The rig at a place in this batch, as one value."""
        named = zip(self.rules.slots, self.motions, self.speed_a[index], strict=True)
        return Rig(
            cameras=tuple(camera_name(c) for c in range(len(self.motions))),
            lens=self.rules.lenses[int(self.lens_index[index])],
            poses=self.poses[index],
            pivot_m=self.pivots_m[index],
            moves=tuple(_move(slot, motion, index, float(a)) for slot, motion, a in named),
            layout=self.rules.layout,
            time_base=self.rules.time_base,
        )


def sample_rigs(
    rules: Rules,
    pivots_m: Float[np.ndarray, "rigs 3"],
    *,
    seed: int,
    frames: int,
    first_rig: int = 0,
    attempt: int = 0,
) -> RigBatch:
    """Draw one rig per pivot (aim point, world metres): rigs ``first_rig ..`` of this seed and attempt."""
    cameras = len(rules.slots)
    draws = _DRAWS_PER_RIG + _DRAWS_PER_CAMERA * cameras
    uniforms = rig_uniforms(seed=seed, attempt=attempt, first_rig=first_rig, rigs=len(pivots_m), draws=draws)
    of_rig = uniforms[:, :_DRAWS_PER_RIG]
    of_camera = uniforms[:, _DRAWS_PER_RIG:].reshape(len(pivots_m), cameras, _DRAWS_PER_CAMERA)
    speed_a = _speeds(rules, of_camera)
    time = time_fractions(frames, rules.time_base)
    motions, tracks = [], []
    for camera, slot in enumerate(rules.slots):
        u = of_camera[:, camera]
        start = _start(rules, pivots_m, of_rig if rules.layout == "shared" else u)
        distance_m = np.linalg.norm(pivots_m - start.position_m, axis=-1)
        motion = _DRAW[slot](rules, u, distance_m)
        track = motion.poses(start, pivots_m, speed_curve(time[None], speed_a[:, camera, None]))
        track.world_from_camera[:, 0] = start.world_from_camera
        motions.append(motion)
        tracks.append(track.world_from_camera)
    return RigBatch(
        rules=rules,
        poses=CameraPose(np.stack(tracks, axis=1)),
        pivots_m=pivots_m,
        motions=tuple(motions),
        speed_a=speed_a,
        lens_index=(of_rig[:, _LENS] * len(rules.lenses)).astype(np.int64),
    )


def _start(rules: Rules, pivots_m: Float[np.ndarray, "rigs 3"], u: Float[np.ndarray, "rigs _"]) -> CameraPose:
    """Start poses on the hemisphere around the pivots, aiming at them."""
    azimuth = 2 * np.pi * u[:, _AZIMUTH]
    low, high = np.radians(rules.elevation_deg)
    if rules.elevation_measure == "area":
        elevation = np.arcsin(_uniform(u[:, _ELEVATION], (np.sin(low), np.sin(high))))
    else:
        elevation = _uniform(u[:, _ELEVATION], (low, high))
    near, far = rules.radius_m
    if rules.radius_measure == "volume":
        radius = np.cbrt(_uniform(u[:, _RADIUS], (near**3, far**3)))
    else:
        radius = _uniform(u[:, _RADIUS], (near, far))
    level = np.cos(elevation)
    outward = np.stack([level * np.cos(azimuth), level * np.sin(azimuth), np.sin(elevation)], axis=-1)
    return CameraPose.looking(pivots_m + radius[:, None] * outward, -outward)


def _speeds(rules: Rules, u: Float[np.ndarray, "rigs cameras _"]) -> Float[np.ndarray, "rigs cameras"]:
    """``a`` of every camera: half of a motion's slots keep constant speed, an odd one by coin."""
    size = _uniform(u[..., _A_SIZE], rules.speed_a)
    speed_a = np.where(u[..., _A_SIGN] < 0.5, -size, size)
    for motion in set(rules.slots):
        slots = np.array([c for c, slot in enumerate(rules.slots) if slot == motion])
        if motion == "static":
            speed_a[:, slots] = 0.0
            continue
        order = u[:, slots, _PACE_ORDER].argsort(axis=1).argsort(axis=1)
        half, odd = divmod(len(slots), 2)
        is_odd_one = (order == half) & bool(odd)
        is_constant = (order < half) | (is_odd_one & (u[:, slots, _PACE_ODD] < 0.5))
        speed_a[:, slots] = np.where(is_constant, 0.0, speed_a[:, slots])
    return speed_a


def _draw_pan(rules: Rules, u: Float[np.ndarray, "rigs _"], distance_m: Uniform) -> Motion:
    return Pan(angle_deg=_signed(u, rules.pan_deg))


def _draw_tilt(rules: Rules, u: Float[np.ndarray, "rigs _"], distance_m: Uniform) -> Motion:
    return Tilt(angle_deg=_signed(u, rules.tilt_deg))


def _draw_arc(rules: Rules, u: Float[np.ndarray, "rigs _"], distance_m: Uniform) -> Motion:
    return Arc(angle_deg=_signed(u, rules.arc_deg))


def _draw_translation(rules: Rules, u: Float[np.ndarray, "rigs _"], distance_m: Uniform) -> Motion:
    is_tracking: Bool[np.ndarray, "rigs"] = u[:, _AIM] < rules.track_share
    return Translation(
        direction=_AXES[(u[:, _SIGN] * len(_AXES)).astype(np.int64)],
        distance_m=_uniform(u[:, _AMOUNT], rules.translation_ratio) * distance_m,
        is_tracking=is_tracking,
    )


def _draw_random(rules: Rules, u: Float[np.ndarray, "rigs _"], distance_m: Uniform) -> Motion:
    fewest, most = rules.waypoints
    count = np.floor(fewest + u[:, _WAYPOINT_COUNT] * (most - fewest + 1))
    points = _waypoints(u[:, _WAYPOINTS : _WAYPOINTS + 3 * MAX_WAYPOINTS], np.radians(rules.max_turn_deg))
    wanted_m = _uniform(u[:, _AMOUNT], rules.random_ratio) * distance_m
    scale = wanted_m / curve_length_m(points, count)
    return RandomMove(waypoints_m=points * scale[:, None, None], waypoint_count=count)


def _draw_static(rules: Rules, u: Float[np.ndarray, "rigs _"], distance_m: Uniform) -> Motion:
    return Static()


_DRAW = {
    "pan": _draw_pan,
    "tilt": _draw_tilt,
    "translation": _draw_translation,
    "arc": _draw_arc,
    "random": _draw_random,
    "static": _draw_static,
}


def _waypoints(u: Float[np.ndarray, "rigs _"], max_turn_rad: float) -> Float[np.ndarray, "rigs waypoints 3"]:
    """Steps in isotropic directions, each within a cone around the one before, summed into waypoints."""
    step, points = np.zeros((len(u), 3)), []
    axis = np.broadcast_to(np.array([0.0, 0.0, 1.0]), (len(u), 3))
    widest = np.cos(np.pi)
    for waypoint in range(MAX_WAYPOINTS):
        size, lean, spin = u[:, 3 * waypoint : 3 * waypoint + 3].T
        axis = _leaning(axis, _uniform(lean, (widest, 1.0)), 2 * np.pi * spin)
        step = step + axis * _uniform(size, (0.5, 1.5))[:, None]
        points.append(step)
        widest = np.cos(max_turn_rad)
    return np.stack(points, axis=1)


def _leaning(
    axis: Float[np.ndarray, "rigs 3"], cosine: Uniform, spin_rad: Uniform
) -> Float[np.ndarray, "rigs 3"]:
    """Unit vectors at a given angle from ``axis``, spun about it."""
    side = np.where(np.abs(axis[:, 2:]) < 0.9, [[0.0, 0.0, 1.0]], [[1.0, 0.0, 0.0]])
    first = np.cross(axis, side)
    first /= np.linalg.norm(first, axis=-1, keepdims=True)
    second = np.cross(axis, first)
    around = np.cos(spin_rad)[:, None] * first + np.sin(spin_rad)[:, None] * second
    sine = np.sqrt(np.maximum(0.0, 1 - cosine**2))
    return cosine[:, None] * axis + sine[:, None] * around


def _uniform(u: Float[np.ndarray, "*batch"], bounds: Range) -> Float[np.ndarray, "*batch"]:
    low, high = bounds
    return low + u * (high - low)


def _signed(u: Float[np.ndarray, "rigs _"], bounds: Range) -> Uniform:
    return np.where(u[:, _SIGN] < 0.5, -1.0, 1.0) * _uniform(u[:, _AMOUNT], bounds)


def _move(slot: str, motion: Motion, index: int, speed_a: float) -> CameraMove:
    match motion:
        case Pan() | Tilt():
            return CameraMove(motion=slot, angle_deg=float(motion.angle_deg[index]), speed_a=speed_a)
        case Arc():
            angle_deg = float(motion.angle_deg[index])
            return CameraMove(motion=slot, angle_deg=angle_deg, is_tracking=True, speed_a=speed_a)
        case Translation():
            x, y, z = motion.direction[index].tolist()
            return CameraMove(
                motion=slot,
                direction=(x, y, z),
                distance_m=float(motion.distance_m[index]),
                is_tracking=bool(motion.is_tracking[index]),
                speed_a=speed_a,
            )
        case RandomMove():
            count = int(motion.waypoint_count[index])
            length_m = curve_length_m(
                motion.waypoints_m[index : index + 1], motion.waypoint_count[index : index + 1]
            )
            return CameraMove(
                motion=slot,
                distance_m=float(length_m[0]),
                waypoints_m=tuple(motion.waypoints_m[index, :count].ravel().tolist()),
                is_tracking=True,
                speed_a=speed_a,
            )
        case Static():
            return CameraMove(motion=slot)
