"""Trajectories from elsewhere as clips: what no table states is recovered from their poses."""

from collections.abc import Iterable, Iterator
from itertools import groupby

import numpy as np

from ..formats.trajectory_set import NamedTrajectory
from ..poses import CameraPose
from ..sampling.moves import KINDS, Moves
from ..sampling.rules import Rules
from ..speed import TimeBase
from .clips import Clips
from .recovered.moves import RULES_MOTION, recover_moves

_CLIPS_AT_ONCE = 4000


def clips_of_trajectories(trajectories: Iterable[NamedTrajectory], rules: Rules | None) -> Iterator[Clips]:
    """Clips some thousand at a time, takes together."""
    kept: list[NamedTrajectory] = []
    for _, group in groupby(trajectories, key=lambda t: (t.take, t.frames)):
        take = list(group)
        if kept and (len(kept) + len(take) > _CLIPS_AT_ONCE or take[0].frames != kept[0].frames):
            yield _clips(kept, rules)
            kept = []
        kept += take
    if kept:
        yield _clips(kept, rules)


def with_recovered_moves(clips: Clips, rules: Rules | None) -> Clips:
    """The clips with motions, subjects, layouts and paces that their poses tell, whatever the columns say.

    The time base is the rules', else the one that round amplitudes tell, else ``closed``.
    """
    found = recover_moves(clips.poses, clips.rig)
    likely = found.likely_time_base(clips.frames) or "closed"
    time_base: TimeBase = rules.time_base if rules else likely
    motion = np.array([RULES_MOTION.get(name, name) for name in found.names.tolist()], dtype=np.str_)
    amount, speed_a = found.whole(clips.frames, time_base)
    codes = {name: code for code, name in enumerate(KINDS)}
    moves = Moves.empty(np.array([codes.get(name, -1) for name in motion.tolist()], dtype=np.int64))
    is_placed = np.isin(motion, ("translation", "random"))
    moves.angle_deg[:] = np.where(is_placed, 0.0, amount)
    moves.tilt_deg[:] = found.tilt_deg
    moves.distance_m[:] = np.where(is_placed, np.abs(amount), 0.0)
    moves.speed_a[:] = speed_a
    moves.is_tracking[:] = ~np.isin(found.names, ("translation_fixed", "static", "pan", "tilt", "pan_tilt"))
    positions_m = clips.poses.position_m
    moved_m = positions_m[:, -1] - positions_m[:, 0]
    moves.direction[:] = moved_m / np.maximum(np.linalg.norm(moved_m, axis=1, keepdims=True), 1e-9)
    pace = np.where(speed_a == 0, "constant", "variable").astype("<U8")
    pace[found.is_eased] = "eased"
    pace[motion == "static"] = "none"
    columns = {name: getattr(clips, name) for name in _AS_THEY_ARE}
    return Clips(
        **columns,
        motion=motion,
        speed_class=pace,
        time_base=np.full(len(clips), time_base),
        layout=_layouts(clips),
        subject_m=found.subject_m,
        moves=moves,
    )


_AS_THEY_ARE = (
    *("take", "camera", "split", "rig", "fps", "focal_length_mm", "sensor_mm", "f_number"),
    *("fx_px", "fy_px", "cx_px", "cy_px", "width_px", "height_px", "attempt", "flags", "poses"),
)


def _layouts(clips: Clips) -> np.ndarray:
    """``shared`` where all cameras of a rig have the first one's frame 0, to the digits of a file."""
    begins = np.flatnonzero(np.diff(clips.rig, prepend=-1))
    first = clips.poses.world_from_camera[:, 0]
    usual = first[np.repeat(begins, np.diff(begins, append=len(clips)))]
    is_same = (np.abs(first - usual) <= 1e-6 * np.maximum(np.abs(usual), 1)).all(axis=(1, 2))
    is_shared = np.logical_and.reduceat(is_same, begins)
    return np.repeat(np.where(is_shared, "shared", "independent"), np.diff(begins, append=len(clips)))


def _clips(trajectories: list[NamedTrajectory], rules: Rules | None) -> Clips:
    count = len(trajectories)
    lens = [
        (t.lens.focal_length_mm, t.lens.sensor_mm, t.lens.f_number) if t.lens else _NONE for t in trajectories
    ]
    optics = [_optics(t) for t in trajectories]
    focal, sensor, f_number = np.array(lens).T
    fx, fy, cx, cy, width, height = np.array(optics).T
    unknown = np.full(count, "unknown")
    numbers: dict[str, int] = {}
    rig = [numbers.setdefault(t.take, len(numbers)) for t in trajectories]
    flags = np.empty(count, dtype=object)
    flags[:] = [()] * count
    plain = Clips(
        take=np.array([t.take for t in trajectories], dtype=np.str_),
        camera=np.array([t.camera for t in trajectories], dtype=np.str_),
        split=unknown,
        motion=unknown,
        speed_class=unknown,
        time_base=unknown,
        layout=unknown,
        rig=np.array(rig),
        subject_m=np.full((count, 3), np.nan),
        fps=np.array([t.fps or np.nan for t in trajectories]),
        focal_length_mm=focal,
        sensor_mm=sensor,
        f_number=f_number,
        fx_px=fx,
        fy_px=fy,
        cx_px=cx,
        cy_px=cy,
        width_px=width.astype(np.int64),
        height_px=height.astype(np.int64),
        attempt=np.zeros(count, dtype=np.int64),
        flags=flags,
        moves=Moves.empty(np.full(count, -1)),
        poses=CameraPose(np.stack([t.poses.world_from_camera for t in trajectories])),
    )
    return with_recovered_moves(plain, rules)


_NONE = (np.nan, np.nan, np.nan)


def _optics(trajectory: NamedTrajectory) -> tuple[float, ...]:
    found = trajectory.intrinsics
    if found is None:
        return (np.nan, np.nan, np.nan, np.nan, 0.0, 0.0)
    return (found.fx_px, found.fy_px, found.cx_px, found.cy_px, found.width_px, found.height_px)
