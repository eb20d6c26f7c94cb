"""Faults to plant in sets of sampled rigs, and the reports about them."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from scipy.spatial.transform import Rotation

from trajectories import CameraPose, ClipTable
from trajectories.audit import AuditReport
from trajectories.audit.accumulator import Accumulator
from trajectories.audit.from_trajectories import FileTables
from trajectories.formats import write_trajectories
from trajectories.formats.tables import trajectories_of_clips
from trajectories.formats.trajectory_set import TrajectorySet
from trajectories.sampling import PRESETS, Rules, Shot, Subjects, clips_of_rigs
from trajectories.sampling.moves import KINDS, Moves
from trajectories.sampling.parameters import NUMBERS_PER_CAMERA, NUMBERS_PER_RIG, OfCamera, OfRig
from trajectories.sampling.rigs import rig_numbers, rigs_of_numbers

PAPER = PRESETS["paper"]
SHOT = Shot(frames=21)
Numbers = np.ndarray


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault in a set of rigs.

    Attributes:
        names: findings or tests; one of them must fail.
        rules: what the rigs are sampled from, instead of the rules of the audit.
        numbers: changes the uniform numbers, as ``(of rig, of camera)``, before rigs are computed.
        clips: changes the clips.
        audited: the rules of the audit.
        states_moves: whether the audit sees columns.
        depth: ``comparison`` searches for copies, too.
    """

    names: tuple[str, ...]
    rules: dict[str, object] | None = None
    numbers: Callable[[Numbers, Numbers], None] | None = None
    clips: Callable[[ClipTable], ClipTable] | None = None
    audited: Rules = PAPER
    states_moves: bool = True
    depth: Literal["fit", "comparison"] = "fit"


def sampled(rules: Rules, rigs: int, seed: int, change: Callable | None = None) -> ClipTable:
    """Clips of rigs around scattered subjects, as float32 files have them."""
    subjects_m = np.random.default_rng(seed).uniform([-9, -9, 1.0], [9, 9, 1.2], (rigs, 3))
    numbers = rig_numbers(rules, seed=seed, attempt=0, first_rig=0, rigs=rigs)
    if change is not None:
        change(
            numbers[:, :NUMBERS_PER_RIG],
            numbers[:, NUMBERS_PER_RIG:].reshape(rigs, len(rules.slots), NUMBERS_PER_CAMERA),
        )
    subjects = Subjects.standing(subjects_m, aim_fraction=rules.aim_fraction)
    batch = rigs_of_numbers(rules, subjects, numbers, frames=SHOT.frames)
    clips = clips_of_rigs(batch, takes=[f"rig_{rig:06d}" for rig in range(rigs)], shot=SHOT)
    return moved(clips, clips.poses.world_from_camera)


def audited(
    clips: ClipTable, rules: Rules, *, states_moves: bool = True, depth: Literal["fit", "comparison"] = "fit"
) -> AuditReport:
    """The report without pairs of views and shown rigs; ``comparison`` searches for copies."""
    accumulator = Accumulator(name="soak", rules=rules, depth=depth)
    if not states_moves:
        clips = ClipTable.of(clips.poses, **{name: clips[name] for name in ("take", "camera", "split")})
    for first in range(0, len(clips.take_starts), 400):
        chosen = (clips.take_number >= first) & (clips.take_number < first + 400)
        accumulator.add(clips.rows(chosen))
    return accumulator.report()


# ---------------------------------------------------------------- changes of clips
def moved(clips: ClipTable, poses: np.ndarray) -> ClipTable:
    """The clips with other poses, as float32, and the focus on the subject."""
    poses = poses.astype(np.float32).astype(np.float64)
    focus_m = np.linalg.norm(poses[..., 3] - clips["subject_m"][:, None], axis=-1).astype(np.float32)
    return replace(clips, poses=CameraPose(poses)).replaced(focus_distance_m=focus_m)


def on_poses(change: Callable[[np.ndarray, ClipTable], np.ndarray]) -> Callable[[ClipTable], ClipTable]:
    return lambda clips: moved(clips, change(clips.poses.world_from_camera.copy(), clips))


def column(
    name: str, change: Callable[[np.ndarray, ClipTable], np.ndarray]
) -> Callable[[ClipTable], ClipTable]:
    return lambda clips: clips.replaced(**{name: change(clips[name].copy(), clips)})


def some(clips: ClipTable, share: float, seed: int = 5) -> np.ndarray:
    """A share of the clips, at random."""
    return np.random.default_rng(seed).random(len(clips)) < share


def replayed(clips: ClipTable, change: Callable[[Moves], None], rules: Rules = PAPER) -> ClipTable:
    """The clips with other parameters, in columns and poses."""
    from trajectories.speed import speed_curve, time_fractions

    moves, poses = Moves.of_clips(clips), clips.poses.world_from_camera.copy()
    change(moves)
    for rows, motion in moves.groups(rules):
        progress = speed_curve(time_fractions(clips.frames, rules.time_base)[None], moves.speed_a[rows, None])
        start = CameraPose(poses[rows, 0])
        poses[rows] = motion.poses(start, clips["subject_m"][rows], progress).world_from_camera
        poses[rows, 0] = start.world_from_camera
    return moved(clips.replaced(**moves.columns(rules)), poses)


def retimed(clips: ClipTable, curve: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> ClipTable:
    """The clips with another speed curve in the poses alone."""
    from trajectories.speed import time_fractions

    moves, poses = Moves.of_clips(clips), clips.poses.world_from_camera.copy()
    for rows, motion in moves.groups(PAPER):
        progress = curve(time_fractions(clips.frames, "closed")[None], moves.speed_a[rows, None])
        start = CameraPose(poses[rows, 0])
        poses[rows] = motion.poses(start, clips["subject_m"][rows], progress).world_from_camera
        poses[rows, 0] = start.world_from_camera
    return moved(clips, poses)


def of_kind(moves: Moves, name: str) -> np.ndarray:
    return np.flatnonzero(moves.kind == KINDS.index(name))


def same_amounts(of_rig: Numbers, of_camera: Numbers) -> None:
    of_camera[:, :, OfCamera.AMOUNT] = of_camera[:, :1, OfCamera.AMOUNT]


def put(
    where: int, value: Callable[[Numbers, Numbers], np.ndarray], *, cameras: slice = slice(None)
) -> Callable:
    """A change of one number of some cameras."""

    def change(of_rig: Numbers, of_camera: Numbers) -> None:
        of_camera[:, cameras, where] = value(of_rig, of_camera)[..., : of_camera[:, cameras].shape[1]]

    return change


def put_rig(where: int, value: Callable[[Numbers], np.ndarray]) -> Callable:
    def change(of_rig: Numbers, of_camera: Numbers) -> None:
        of_rig[:, where] = value(of_rig)

    return change


def with_base_2(time: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Eq. 10 with base 2."""
    b = np.where(a == 0, 1e-9, a * np.log(2))
    return np.expm1(-b * time) / np.expm1(-b)


def rolled(poses: np.ndarray, chosen: np.ndarray, angle_deg: float) -> np.ndarray:
    turn = Rotation.from_euler("z", angle_deg, degrees=True).as_matrix()
    poses[chosen, ..., :3] = poses[chosen, ..., :3] @ turn
    return poses


def in_world(matrix: np.ndarray) -> Callable[[ClipTable], ClipTable]:
    """All poses in another world; a mirrored one also flips the cameras' right axes."""

    def change(poses: np.ndarray, clips: ClipTable) -> np.ndarray:
        poses = matrix @ poses
        if np.linalg.det(matrix) < 0:
            poses[..., 0] *= -1
        return poses

    def changed(clips: ClipTable) -> ClipTable:
        clips = clips.replaced(subject_m=clips["subject_m"] @ matrix.T)
        return on_poses(change)(clips)

    return changed


def planar(of: Callable[[np.ndarray], None]) -> Callable[[ClipTable], ClipTable]:
    def change(moves: Moves) -> None:
        rows = of_kind(moves, "random")
        points = moves.waypoints_m[rows]
        of(points)
        from trajectories.splines import curve_length_m

        length_m = curve_length_m(points, moves.waypoint_count[rows])
        moves.waypoints_m[rows] = points * (moves.distance_m[rows] / length_m)[:, None, None]

    return lambda clips: replayed(clips, change)


def flatten_z(points: np.ndarray) -> None:
    points[..., 2] *= 1e-3


def into_one_plane(points: np.ndarray) -> None:
    """The third step into the plane of the first two."""
    first, second = points[:, 0], points[:, 1] - points[:, 0]
    normal = np.cross(first, second)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    third = points[:, 2] - points[:, 1]
    third -= 0.999 * (third * normal).sum(axis=1, keepdims=True) * normal
    points[:, 2] = points[:, 1] + third


def repeated(clips: ClipTable) -> ClipTable:
    """The last 100 rigs are the first 100 again, elsewhere."""
    of, rigs = clips.take_number, len(clips.take_starts)
    source = np.where(of >= rigs - 100, np.arange(len(clips)) - 10 * (rigs - 100), np.arange(len(clips)))
    again = clips.rows(source)
    return again.replaced(take=clips["take"])


def swapped_slots(clips: ClipTable) -> ClipTable:
    names = clips["camera"].copy()
    first, second = names == "cam01", names == "cam03"
    names[first], names[second] = "cam03", "cam01"
    return clips.replaced(camera=names)


def only_rig(number: int, change: Callable[[ClipTable], ClipTable]) -> Callable[[ClipTable], ClipTable]:
    def changed(clips: ClipTable) -> ClipTable:
        parts = [clips.rows(clips.take_number < number), clips.rows(clips.take_number > number)]
        return ClipTable.concatenated([parts[0], change(clips.rows(clips.take_number == number)), parts[1]])

    return changed


def frame_moved(poses: np.ndarray, clips: ClipTable) -> np.ndarray:
    poses[some(clips, 0.01), 7] += [[0, 0, 0, 0.02]] * 3
    return poses


def one_frame(shift: int, share: float) -> Callable[[np.ndarray, ClipTable], np.ndarray]:
    def change(poses: np.ndarray, clips: ClipTable) -> np.ndarray:
        index = np.clip(np.arange(clips.frames) + shift, 0, clips.frames - 1)
        chosen = some(clips, share)
        poses[chosen] = poses[chosen][:, index]
        return poses

    return change


def dropped(poses: np.ndarray, clips: ClipTable) -> np.ndarray:
    chosen = some(clips, 0.01)
    poses[chosen, 10:] = np.concatenate([poses[chosen, 11:], poses[chosen, -1:]], axis=1)
    return poses


def doubled(poses: np.ndarray, clips: ClipTable) -> np.ndarray:
    chosen = some(clips, 0.01)
    poses[chosen, 11:] = poses[chosen, 10:-1]
    return poses


def jitter(poses: np.ndarray, clips: ClipTable) -> np.ndarray:
    poses[:, 1:, :, 3] += np.random.default_rng(1).normal(0, 1e-3, poses[:, 1:, :, 3].shape)
    return poses


def start_off(poses: np.ndarray, clips: ClipTable) -> np.ndarray:
    poses[some(clips, 0.01), :, 0, 3] += 0.02
    return poses


def by_rig(values: np.ndarray, clips: ClipTable) -> np.ndarray:
    return values[clips.take_number]


def late(of_rig: Numbers) -> np.ndarray:
    """Whether a rig is in the second half of the set."""
    return np.arange(len(of_rig)) >= len(of_rig) / 2


def half_radius(of_rig: Numbers) -> np.ndarray:
    return np.where(late(of_rig), 0.8 * of_rig[:, OfRig.RADIUS], of_rig[:, OfRig.RADIUS])


def is_wide(of_rig: Numbers) -> np.ndarray:
    """Whether a rig has the second lens."""
    return of_rig[:, None, OfRig.LENS] >= 0.5


def chance(numbers: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Numbers that make a camera track with this chance."""
    return np.where(numbers < share, 0.1, 0.95)


def ranked(of_camera: Numbers, shift: np.ndarray) -> np.ndarray:
    """Ranks of other uniform numbers of two or three cameras that are shifted: uniform in each camera."""
    cameras = max(shift.shape[1], 2)
    values = of_camera[:, :cameras, OfCamera.TILT_AMOUNT] + shift
    return (values.argsort(axis=0).argsort(axis=0) + 0.5) / len(values)


def like_two_rigs_before(of_rig: Numbers, of_camera: Numbers) -> None:
    """70 % of the arcs take the direction of two rigs before."""
    for rig in range(2, len(of_camera)):
        is_copy = of_camera[rig, 5:7, OfCamera.TILT_AMOUNT] < 0.7
        before = of_camera[rig - 2, 5:7, OfCamera.SIGN]
        of_camera[rig, 5:7, OfCamera.SIGN] = np.where(is_copy, before, of_camera[rig, 5:7, OfCamera.SIGN])


def starts_again(of_rig: Numbers, of_camera: Numbers) -> None:
    """Every twentieth rig has the start of the third rig before."""
    of_rig[19::20, :3] = of_rig[16::20, :3][: len(of_rig[19::20])]


WAYPOINTS = slice(OfCamera.WAYPOINTS, OfCamera.TILT_SIGN)
CM = np.diag([100.0, 100.0, 100.0])
Y_UP = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
MIRROR = np.diag([1.0, -1, 1])
STARTS: dict[str, Fault] = {
    # Its effect of 0.034 needs more starts than the 2,000 of shared rigs.
    "elevation uniform in angle": Fault(
        names=("start_elevation_deg",),
        rules={"elevation_measure": "angle"},
        audited=replace(PAPER, layout="independent"),
    ),
    "radius by volume": Fault(names=("start_radius_m",), rules={"radius_measure": "volume"}),
    "azimuth sector missing": Fault(
        names=("start_azimuth_deg",), numbers=put_rig(OfRig.AZIMUTH, lambda u: 0.9 * u[:, OfRig.AZIMUTH])
    ),
    "distances clipped at 8 m": Fault(
        names=("start_radius_m",),
        numbers=put_rig(OfRig.RADIUS, lambda u: np.minimum(u[:, OfRig.RADIUS], 7.5 / 9.5)),
    ),
    "radius follows elevation": Fault(
        names=("start_radius_elevation",),
        numbers=put_rig(OfRig.RADIUS, lambda u: (u[:, OfRig.RADIUS] * 0.2 + u[:, OfRig.ELEVATION]) % 1),
    ),
    "radius follows azimuth": Fault(
        names=("radius_azimuth",),
        numbers=put_rig(OfRig.RADIUS, lambda u: (u[:, OfRig.RADIUS] * 0.3 + u[:, OfRig.AZIMUTH]) % 1),
    ),
    "own starts under shared": Fault(names=("layout_differs",), rules={"layout": "independent"}),
    "own starts, column shared": Fault(
        names=("layout_differs",),
        rules={"layout": "independent"},
        clips=column("layout", lambda x, c: np.full_like(x, "shared")),
    ),
    "shared under independent": Fault(
        names=("layout_differs",), rules={"layout": "shared"}, audited=replace(PAPER, layout="independent")
    ),
    "mixed, other share": Fault(
        names=("independent_share",),
        rules={"layout": "mixed", "independent_share": 0.3},
        audited=replace(PAPER, layout="mixed"),
    ),
    "start off by 2 cm": Fault(names=("first_pose_differs",), clips=on_poses(start_off)),
    "start off by 2 cm, poses only": Fault(
        names=("first_pose_differs",), clips=on_poses(start_off), states_moves=False
    ),
    "lens never 24": Fault(names=("lens",), numbers=put_rig(OfRig.LENS, lambda u: 0 * u[:, OfRig.LENS])),
    "lens by parity of the rig": Fault(
        names=("serial_lens",), numbers=put_rig(OfRig.LENS, lambda u: np.arange(len(u)) % 2 / 2)
    ),
    "lens by distance": Fault(
        names=("lens_radius",),
        numbers=put_rig(OfRig.LENS, lambda u: u[:, OfRig.RADIUS] * 0.7 + 0.3 * u[:, OfRig.LENS]),
    ),
    "drift of distance": Fault(names=("drift_radius",), numbers=put_rig(OfRig.RADIUS, half_radius)),
    "every fourth rig nearer": Fault(
        names=("period_radius",),
        numbers=put_rig(
            OfRig.RADIUS,
            lambda u: u[:, OfRig.RADIUS] * np.where(np.arange(len(u)) % 4 == 0, 0.2, 1.0),
        ),
    ),
    "azimuth walks": Fault(
        names=("serial_direction",),
        numbers=put_rig(OfRig.AZIMUTH, lambda u: np.cumsum(0.3 * u[:, OfRig.AZIMUTH]) % 1),
    ),
    "distance follows the rig before": Fault(
        names=("serial_radius",),
        numbers=put_rig(OfRig.RADIUS, lambda u: np.cumsum(0.3 * u[:, OfRig.RADIUS]) % 1),
    ),
}
MOVES: dict[str, Fault] = {
    "pan to 70 deg": Fault(names=("amplitude_out_of_bounds",), rules={"pan_deg": (5.0, 70.0)}),
    "one slot swapped": Fault(names=("slot_differs",), clips=swapped_slots),
    "tilt only up": Fault(
        names=("tilt_deg",),
        numbers=put(OfCamera.SIGN, lambda r, c: c[:, 1:2, OfCamera.SIGN] / 2 + 0.5, cameras=slice(1, 2)),
    ),
    "speed always slows": Fault(
        names=("speed_sign", "speed_a"),
        numbers=put(OfCamera.SPEED_SIGN, lambda r, c: 0.5 + c[..., OfCamera.SPEED_SIGN] / 2),
    ),
    "speed of 2.4 to 4.5": Fault(names=("speed_a",), rules={"speed_a": (2.4, 4.5)}),
    "eq. 10 with base 2": Fault(names=("pose_disagrees",), clips=lambda c: retimed(c, with_base_2)),
    "linear speed": Fault(names=("pose_disagrees",), clips=lambda c: retimed(c, lambda t, a: t + 0 * a)),
    "linear speed, poses only": Fault(
        names=("constant_share",), clips=lambda c: retimed(c, lambda t, a: t + 0 * a), states_moves=False
    ),
    "no -z translation": Fault(
        names=("translation_axis",), rules={"translation_axes": ("+x", "-x", "+y", "-y", "+z")}
    ),
    "tracking 60 %": Fault(names=("track_share",), rules={"track_share": 0.6}),
    "tracking 60 %, poses only": Fault(
        names=("track_share",), rules={"track_share": 0.6}, states_moves=False
    ),
    "tracking by distance": Fault(
        names=("translation_tracking_radius",),
        numbers=put(
            OfCamera.TRACKING,
            lambda r, c: np.where(r[:, None, OfRig.RADIUS] < 0.7, 0.0, c[..., OfCamera.TRACKING] + 0.3),
        ),
    ),
    "arc on a chord": Fault(names=("setting_differs",), rules={"arc_path": "chord"}),
    "arc on a chord, poses only": Fault(
        names=("setting_differs",), rules={"arc_path": "chord"}, states_moves=False
    ),
    "arc on a circle under release, poses only": Fault(
        names=("setting_differs",),
        rules={"arc_path": "circle"},
        audited=PRESETS["release"],
        states_moves=False,
    ),
    "random moves eased, poses only": Fault(
        names=("random_eased",), rules={"spline": "unreal_keys"}, states_moves=False
    ),
    "random moves level": Fault(names=("random_height",), clips=planar(flatten_z)),
    "random moves in a plane of their own": Fault(names=("waypoint_spin",), clips=planar(into_one_plane)),
    "random moves level, poses only": Fault(
        names=("random_height",), clips=planar(flatten_z), states_moves=False
    ),
    "turns capped at 60 deg": Fault(names=("waypoint_turn",), rules={"max_turn_deg": 60.0}),
    "turns up to 180 deg": Fault(names=("waypoint_turn",), rules={"max_turn_deg": 180.0}),
    "equal steps": Fault(
        names=("waypoint_step",),
        numbers=lambda r, c: c.__setitem__((..., slice(OfCamera.WAYPOINTS, OfCamera.WAYPOINTS + 9, 3)), 0.5),
    ),
    "never 3 waypoints": Fault(names=("waypoints",), rules={"waypoints": (1, 2)}),
    "one amount per rig": Fault(names=("rig_amounts",), numbers=same_amounts),
    "two arcs in opposite directions": Fault(
        names=("rig_signs",),
        numbers=put(OfCamera.SIGN, lambda r, c: 1 - c[:, 5:6, OfCamera.SIGN], cameras=slice(6, 7)),
    ),
    "one speed per rig": Fault(
        names=("rig_speeds",),
        numbers=lambda r, c: c.__setitem__(
            (..., [OfCamera.SPEED_SIZE, OfCamera.SPEED_SIGN]),
            c[:, :1, [OfCamera.SPEED_SIZE, OfCamera.SPEED_SIGN]],
        ),
    ),
    "pan to the right in the east": Fault(
        names=("pan_amount_azimuth",),
        numbers=put(
            OfCamera.SIGN,
            lambda r, c: r[:, None, OfRig.AZIMUTH] * 0.6 + 0.4 * c[:, :1, OfCamera.SIGN],
            cameras=slice(0, 1),
        ),
    ),
    "tilt by elevation": Fault(
        names=("tilt_amount_elevation",),
        numbers=put(
            OfCamera.SIGN,
            lambda r, c: r[:, None, OfRig.ELEVATION] * 0.6 + 0.4 * c[:, 1:2, OfCamera.SIGN],
            cameras=slice(1, 2),
        ),
    ),
    "shorter translations far away": Fault(
        names=("translation_amount_radius",),
        numbers=put(
            OfCamera.AMOUNT,
            lambda r, c: c[:, 2:5, OfCamera.AMOUNT] * (1 - 0.4 * r[:, None, OfRig.RADIUS]),
            cameras=slice(2, 5),
        ),
    ),
    "pans mostly constant": Fault(
        names=("constant_motion",),
        rules={"speed_sampling": "iid"},
        audited=replace(PAPER, speed_sampling="iid"),
        numbers=put(
            OfCamera.SPEED_REMAINDER,
            lambda r, c: 0.7 * c[:, :1, OfCamera.SPEED_REMAINDER],
            cameras=slice(0, 1),
        ),
    ),
    "arcs only slow down": Fault(
        names=("speed_motion", "speed_slot"),
        numbers=put(
            OfCamera.SPEED_SIGN, lambda r, c: 0.5 + c[:, 5:7, OfCamera.SPEED_SIGN] / 2, cameras=slice(5, 7)
        ),
    ),
    "constant speed when far": Fault(
        names=("constant_radius",),
        rules={"speed_sampling": "iid"},
        audited=replace(PAPER, speed_sampling="iid"),
        numbers=put(
            OfCamera.SPEED_REMAINDER,
            lambda r, c: c[..., OfCamera.SPEED_REMAINDER] * 0.5 + 0.5 * (1 - r[:, None, OfRig.RADIUS]),
        ),
    ),
    "equal random moves in a rig": Fault(
        names=("rig_headings",),
        numbers=lambda r, c: c.__setitem__((slice(None), 8, WAYPOINTS), c[:, 7, WAYPOINTS]),
    ),
    "translations never share an axis": Fault(
        names=("rig_axes",),
        numbers=put(
            OfCamera.SIGN,
            lambda r, c: (c[:, 2:3, OfCamera.SIGN] + np.arange(3) / 3) % 1,
            cameras=slice(2, 5),
        ),
    ),
    "translations share their axis": Fault(
        names=("rig_axes",),
        numbers=put(
            OfCamera.SIGN,
            lambda r, c: np.repeat(c[:, 2:3, OfCamera.SIGN], 3, axis=1),
            cameras=slice(2, 5),
        ),
    ),
    "random moves follow the azimuth": Fault(
        names=("heading_azimuth",),
        # The third number of a waypoint is its spin about the vertical.
        numbers=put(
            OfCamera.WAYPOINTS + 2,
            lambda r, c: (r[:, None, OfRig.AZIMUTH] + 0.3 * c[:, 7:9, OfCamera.WAYPOINTS + 2]) % 1,
            cameras=slice(7, 9),
        ),
    ),
    "drift of amplitudes": Fault(
        names=("drift_amount",),
        numbers=put(
            OfCamera.AMOUNT, lambda r, c: np.where(late(r)[:, None], 0.8, 1.0) * c[..., OfCamera.AMOUNT]
        ),
    ),
    "amounts of the rig before": Fault(
        names=("serial_pan_amount", "drift_amount"),
        numbers=put(OfCamera.AMOUNT, lambda r, c: np.repeat(c[::2, :, OfCamera.AMOUNT], 2, axis=0)[: len(c)]),
    ),
}
TRANSLATIONS, ARCS, RANDOMS = slice(2, 5), slice(5, 7), slice(7, 9)
DEPENDENCES: dict[str, Fault] = {
    "tracking by lens": Fault(
        names=("translation_tracking_lens",),
        numbers=put(
            OfCamera.TRACKING,
            lambda r, c: chance(c[:, TRANSLATIONS, OfCamera.TRACKING], np.where(is_wide(r), 0.73, 0.97)),
            cameras=TRANSLATIONS,
        ),
    ),
    "pans and tilts constant by lens": Fault(
        names=("pan_constant_lens",),
        numbers=put(
            OfCamera.SPEED_REMAINDER,
            lambda r, c: 0.5 * ~(c[:, :2, OfCamera.SPEED_REMAINDER] < np.where(is_wide(r), 0.2, 0.8)),
            cameras=slice(0, 2),
        ),
    ),
    "vertical translations tracked less": Fault(
        names=("translation_tracking_axis",),
        numbers=put(
            OfCamera.TRACKING,
            lambda r, c: chance(
                c[:, TRANSLATIONS, OfCamera.TRACKING],
                np.where(c[:, TRANSLATIONS, OfCamera.SIGN] >= 4 / 6, 0.55, 1.0),
            ),
            cameras=TRANSLATIONS,
        ),
    ),
    "vertical translations shorter": Fault(
        names=("translation_amount_axis",),
        numbers=put(
            OfCamera.AMOUNT,
            lambda r, c: ranked(c, -1.0 * (c[:, TRANSLATIONS, OfCamera.SIGN] >= 4 / 6)),
            cameras=TRANSLATIONS,
        ),
    ),
    "only long translations untracked": Fault(
        names=("translation_amount_tracking",),
        numbers=put(
            OfCamera.TRACKING,
            lambda r, c: np.where(c[:, TRANSLATIONS, OfCamera.AMOUNT] > 0.85, 0.95, 0.1),
            cameras=TRANSLATIONS,
        ),
    ),
    "tracking in all or none of a rig": Fault(
        names=("rig_translation_tracking",),
        numbers=put(
            OfCamera.TRACKING,
            lambda r, c: np.repeat(c[:, 2:3, OfCamera.TRACKING], 3, axis=1),
            cameras=TRANSLATIONS,
        ),
    ),
    "waypoints by distance": Fault(
        names=("random_waypoints_radius",),
        numbers=put(
            OfCamera.WAYPOINT_COUNT, lambda r, c: ranked(c, r[:, None, OfRig.RADIUS]), cameras=RANDOMS
        ),
    ),
    "drift of waypoints": Fault(
        names=("drift_random_waypoints",),
        numbers=put(
            OfCamera.WAYPOINT_COUNT,
            lambda r, c: ranked(c, np.linspace(0, 1, len(r))[:, None]),
            cameras=RANDOMS,
        ),
    ),
    "as many waypoints in both random moves": Fault(
        names=("rig_random_waypoints",),
        numbers=put(
            OfCamera.WAYPOINT_COUNT,
            lambda r, c: np.repeat(c[:, 7:8, OfCamera.WAYPOINT_COUNT], 2, axis=1),
            cameras=RANDOMS,
        ),
    ),
    "random moves longer with more waypoints": Fault(
        names=("random_amount_waypoints",),
        numbers=put(
            OfCamera.AMOUNT,
            lambda r, c: ranked(c, 0.3 * np.floor(3 * c[:, RANDOMS, OfCamera.WAYPOINT_COUNT])),
            cameras=RANDOMS,
        ),
    ),
    "upward random moves longer": Fault(
        names=("random_amount_rise",),
        numbers=put(
            OfCamera.AMOUNT, lambda r, c: ranked(c, c[:, RANDOMS, OfCamera.WAYPOINTS + 1]), cameras=RANDOMS
        ),
    ),
    "headings of random moves by lens": Fault(
        names=("random_heading_lens",),
        numbers=put(
            OfCamera.WAYPOINTS + 2,
            lambda r, c: (c[:, RANDOMS, OfCamera.WAYPOINTS + 2] + is_wide(r)) / 2,
            cameras=RANDOMS,
        ),
    ),
    "third step a fifth": Fault(
        names=("waypoint_later_step",),
        numbers=put(
            OfCamera.WAYPOINTS + 6, lambda r, c: 0.2 * c[:, RANDOMS, OfCamera.WAYPOINTS + 6], cameras=RANDOMS
        ),
    ),
    "sign of a by sign of the pan": Fault(
        names=("pan_amount_speed",),
        numbers=put(
            OfCamera.SPEED_SIGN,
            lambda r, c: np.where(
                c[:, :1, OfCamera.TILT_AMOUNT] < 0.6, c[:, :1, OfCamera.SIGN], c[:, :1, OfCamera.SPEED_SIGN]
            ),
            cameras=slice(0, 1),
        ),
    ),
    "one size of a per rig": Fault(
        names=("rig_speed",),
        numbers=put(OfCamera.SPEED_SIZE, lambda r, c: np.repeat(c[:, :1, OfCamera.SPEED_SIZE], 10, axis=1)),
    ),
    "arc directions of two rigs before": Fault(names=("serial_arc_amount",), numbers=like_two_rigs_before),
    "elevation by distance from the middle": Fault(
        names=("radius_elevation",),
        numbers=put_rig(
            OfRig.ELEVATION,
            lambda u: np.where(
                np.arange(len(u)) % 2, np.abs(2 * u[:, OfRig.RADIUS] - 1), u[:, OfRig.ELEVATION]
            ),
        ),
    ),
    "starts on 20 distances": Fault(
        names=("repeated_start_radius_m",),
        numbers=put_rig(OfRig.RADIUS, lambda u: np.round(19 * u[:, OfRig.RADIUS]) / 19),
    ),
    "4 % of the starts at 5 m": Fault(
        names=("repeated_start_radius_m",),
        numbers=put_rig(
            OfRig.RADIUS, lambda u: np.where(np.arange(len(u)) % 25 == 9, 4.5 / 9.5, u[:, OfRig.RADIUS])
        ),
    ),
    "directions in steps of 10 deg": Fault(
        names=("repeated_start_azimuth_deg",),
        numbers=put_rig(OfRig.AZIMUTH, lambda u: np.floor(36 * u[:, OfRig.AZIMUTH]) / 36),
    ),
    "elevations in 19 steps": Fault(
        names=("repeated_start_elevation_deg",),
        numbers=put_rig(OfRig.ELEVATION, lambda u: np.round(18 * u[:, OfRig.ELEVATION]) / 18),
    ),
    "5 % of the starts used again": Fault(names=("repeated_starts",), numbers=starts_again),
}
RECORDS: dict[str, Fault] = {
    "rolled by 2 deg": Fault(names=("rolled",), clips=on_poses(lambda p, c: rolled(p, some(c, 0.01), 2.0))),
    "rolled by 2 deg, poses only": Fault(
        names=("rolled",), clips=on_poses(lambda p, c: rolled(p, some(c, 0.01), 2.0)), states_moves=False
    ),
    "all rolled by 0.5 deg, poses only": Fault(
        names=("rolled",), clips=on_poses(lambda p, c: rolled(p, some(c, 2), 0.5)), states_moves=False
    ),
    "time reversed": Fault(names=("time_reversed",), clips=on_poses(lambda p, c: p[:, ::-1])),
    "time reversed, poses only": Fault(
        names=("time_reversed",), clips=on_poses(lambda p, c: p[:, ::-1]), states_moves=False
    ),
    "time reversed, independent": Fault(
        names=("time_reversed",),
        clips=on_poses(lambda p, c: p[:, ::-1]),
        audited=replace(PAPER, layout="independent"),
        states_moves=False,
    ),
    "Y up, poses only": Fault(names=("world_differs",), clips=in_world(Y_UP), states_moves=False),
    "centimetres, poses only": Fault(
        names=("world_differs",),
        clips=lambda c: moved(
            c,
            np.concatenate(
                [c.poses.world_from_camera[..., :3], 100 * c.poses.world_from_camera[..., 3:]], axis=-1
            ),
        ),
        states_moves=False,
    ),
    "OpenGL axes, poses only": Fault(
        names=("world_differs",), clips=on_poses(lambda p, c: p * [1, -1, -1, 1]), states_moves=False
    ),
    "mirrored world": Fault(names=("world_differs",), clips=in_world(MIRROR)),
    "frame dropped": Fault(names=("pose_disagrees",), clips=on_poses(dropped)),
    "frame doubled": Fault(names=("pose_disagrees",), clips=on_poses(doubled)),
    "one frame off": Fault(names=("pose_disagrees",), clips=on_poses(frame_moved)),
    "one frame early": Fault(
        names=("first_pose_differs", "layout_differs"), clips=on_poses(one_frame(1, 0.05))
    ),
    "one frame late": Fault(names=("pose_disagrees",), clips=on_poses(one_frame(-1, 0.05))),
    "jitter of 1 mm": Fault(names=("pose_disagrees",), clips=on_poses(jitter)),
    "float16": Fault(
        names=("improper_pose", "pose_disagrees"),
        clips=on_poses(lambda p, c: p.astype(np.float16).astype(np.float64)),
    ),
    "sensor of one lens": Fault(
        names=("intrinsics_differ",),
        clips=column("fx_px", lambda x, c: np.where(c["focal_length_mm"] == 24, 1.02 * x, x)),
    ),
    "cx off by 10 px": Fault(names=("intrinsics_differ",), clips=column("cx_px", lambda x, c: x + 10)),
    "pixels not square": Fault(names=("intrinsics_differ",), clips=column("fy_px", lambda x, c: 1.01 * x)),
    "one rig at 30 fps": Fault(
        names=("format_differs",), clips=column("fps", lambda x, c: np.where(c.take_number == 9, 30.0, x))
    ),
    "one rig wider": Fault(
        names=("format_differs",),
        clips=column("width_px", lambda x, c: np.where(c.take_number == 9, 1920, x)),
    ),
    "two lenses in a rig": Fault(
        names=("rig_differs",), clips=column("f_number", lambda x, c: np.where(some(c, 0.002), 4.0, x))
    ),
    "subject 10 cm off": Fault(names=("start_off_aim",), clips=column("subject_m", lambda x, c: x + 0.1)),
    "subject of one camera": Fault(
        names=("rig_differs",), clips=column("subject_m", lambda x, c: x + 0.02 * some(c, 0.002)[:, None])
    ),
    "focus on the start distance": Fault(
        names=("focus_differs",),
        clips=column("focus_distance_m", lambda x, c: np.repeat(x[:, :1], c.frames, axis=1)),
    ),
    "time base column": Fault(
        names=("setting_differs",),
        clips=column("time_base", lambda x, c: np.where(some(c, 0.01), "release", x)),
    ),
    "time base in the poses": Fault(
        names=("pose_disagrees",),
        clips=lambda c: replayed(c, lambda m: None, replace(PAPER, time_base="release")),
    ),
    "take with two splits": Fault(
        names=("split_leak",),
        clips=only_rig(7, column("split", lambda x, c: np.where(np.arange(len(c)) == 3, "test", x))),
    ),
    "a camera missing": Fault(names=("missing_camera",), clips=only_rig(7, lambda c: c.rows(np.arange(9)))),
    "a camera twice": Fault(
        names=("surplus_camera",), clips=only_rig(7, lambda c: c.rows(np.append(np.arange(10), 3)))
    ),
    "repeated rigs": Fault(names=("duplicate_rig",), clips=repeated, depth="comparison"),
}
# Recipes of noisy, mirrored, rotated and re-centred copies belong here.
COPIES: dict[str, Fault] = {}
FAULTS = STARTS | MOVES | DEPENDENCES | RECORDS | COPIES


def plant(fault: Fault, *, rigs: int, seed: int) -> AuditReport:
    """The report about a set with this fault."""
    rules = fault.audited if fault.rules is None else replace(fault.audited, **fault.rules)
    # Faults of clips alone are planted in one set.
    is_own = fault.rules is not None or fault.numbers is not None
    clips = sampled(rules, rigs, seed, fault.numbers) if is_own else _sound(rules.layout, rigs)
    return audited(
        fault.clips(clips) if fault.clips else clips,
        fault.audited,
        states_moves=fault.states_moves,
        depth=fault.depth,
    )


@cache
def _sound(layout: Literal["shared", "independent", "mixed"], rigs: int) -> ClipTable:
    return sampled(replace(PAPER, layout=layout), rigs, 7)


def found_in(report: AuditReport) -> list[str]:
    """Names of the checks and tests that fail."""
    return [code for code, errors in report.errors_by_check.items() if errors] + [
        test.name for test in report.failed_tests
    ]


def through_file(clips: ClipTable, rules: Rules, format_: str) -> AuditReport:
    """The report about a file of another format."""
    accumulator = Accumulator(name="soak", rules=rules, depth="comparison")
    names = {"npz": "clips.npz"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / names.get(format_, "clips")
        written = TrajectorySet(trajectories=tuple(trajectories_of_clips(clips)))
        write_trajectories(path, written, format=format_)
        for table in FileTables(path):
            accumulator.add(table)
    return accumulator.report()
