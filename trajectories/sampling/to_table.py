"""From sampled rigs to clip tables, also to a parquet file of any size in constant memory."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from multitake.atomic import replacing, writing_to
from multitake.errors import InputError

from ..clip_table import ROW_GROUP, ClipTable, clip_schema, encoding, with_poses
from ..motions import ZOOMING
from ..poses import CameraPose
from ..rigs import camera_name
from .moves import KINDS
from .rejection import sample_checked_rigs
from .rigs import Acceptance, RigBatch
from .rules import Rules
from .shot import Shot
from .subjects import Subjects
from .validity import PATH_CHECKS, PathCheck


def clips_of_rigs(batch: RigBatch, *, takes: Sequence[str], shot: Shot, split: str = "train") -> ClipTable:
    """The clips of rigs; ``takes`` are the names of their takes."""
    rules, parameters = batch.rules, batch.parameters
    rigs, cameras = batch.attempts.shape
    rig = np.arange(rigs).repeat(cameras)
    lens = parameters.lens_index[rig]
    optics = [one.intrinsics(shot.width_px, shot.height_px) for one in rules.lenses]
    subjects = batch.subjects
    focus_m = np.linalg.norm(batch.poses.position_m - subjects.points_m[:, None], axis=-1)
    verdicts = batch.verdicts
    return ClipTable.of(
        CameraPose(batch.poses.world_from_camera.reshape(len(rig), shot.frames, 3, 4)),
        take=np.array(takes)[rig],
        camera=np.tile(np.array([camera_name(c) for c in range(cameras)]), rigs),
        split=split,
        **batch.moves.columns(rules),
        time_base=rules.time_base,
        layout=np.where(parameters.is_independent[rig], "independent", "shared"),
        radius_limit_m=parameters.radius_limit_m[rig],
        **{name: _of_lens(rules.lenses, name)[lens] for name in ("focal_length_mm", "sensor_mm", "f_number")},
        focal_path_mm=_focal_paths(batch),
        **{name: _of_lens(optics, name)[lens] for name in ("fx_px", "fy_px", "cx_px", "cy_px")},
        **{name: getattr(shot, name) for name in ("width_px", "height_px", "fps")},
        track_target=rules.track_target,
        subject_m=batch.subjects_m[rig],
        subject_path_m=_paths(subjects, rig),
        subject_height_m=subjects.heights_m[rig],
        ground_m=subjects.ground_m[rig],
        focus_distance_m=focus_m.astype(np.float32).reshape(len(rig), -1),
        attempt=batch.attempts.ravel(),
        proposals=batch.proposals.ravel(),
        rejected_for=_reasons(verdicts.reasons, batch.rejections),
        flags=_reasons(verdicts.reasons, verdicts.is_broken),
    )


def sample_table(
    rules: Rules,
    path: Path,
    *,
    rigs: int,
    seed: int,
    shot: Shot | None = None,
    split: str = "train",
    checks: Sequence[PathCheck] = PATH_CHECKS,
) -> Acceptance:
    """Sample ``rigs`` rigs into the clip table ``path`` and return the counts of sampled paths.

    Subjects are at the world's origin on the ground of the shot. Takes are named ``rig_0000000`` and so on; a
    rig depends on rules, shot, seed and its number alone. The file is written atomically. InputError if it
    cannot be written, or if its name does not end in ``.parquet``.
    """
    if path.suffix != ".parquet":
        fix = "give a name that ends in .parquet"
        raise InputError("a clip table is a parquet file", where=str(path), fix=fix)
    shot = shot or Shot()
    step = max(1, ROW_GROUP // len(rules.slots))
    subject_m = np.array([[0.0, 0.0, shot.ground_m + rules.aim_fraction * shot.subject_height_m]])
    schema, acceptance = clip_schema(shot.frames), Acceptance()
    with (
        writing_to(path),
        replacing(path) as partial,
        pq.ParquetWriter(partial, schema, **encoding(schema)) as writer,
    ):
        for first in range(0, rigs, step):
            subjects_m = subject_m.repeat(min(step, rigs - first), axis=0)
            batch = sample_checked_rigs(
                rules, subjects_m, shot=shot, seed=seed, first_rig=first, checks=checks
            )
            acceptance += batch.acceptance()
            takes = [f"rig_{first + number:07d}" for number in range(len(batch))]
            writer.write_table(with_poses(clips_of_rigs(batch, takes=takes, shot=shot, split=split)))
    return acceptance


def _paths(subjects: Subjects, rig: np.ndarray) -> list[np.ndarray | None]:
    """The points of subjects that move, flattened; None for those that stand still."""
    is_moving = (subjects.points_m != subjects.points_m[:, :1]).any(axis=(1, 2))
    flat = subjects.points_m.reshape(len(subjects), -1)
    paths = [points_m if moves else None for points_m, moves in zip(flat, is_moving, strict=True)]
    return [paths[number] for number in rig]


def _focal_paths(batch: RigBatch) -> list[np.ndarray | None] | None:
    """Focal lengths of cameras that zoom; None for others."""
    if batch.focal_lengths_mm is None:
        return None
    flat = batch.focal_lengths_mm.astype(np.float32).reshape(len(batch.moves), -1)
    zooms = np.isin(batch.moves.kind, [KINDS.index(name) for name in ZOOMING])
    return [path_mm if one else None for path_mm, one in zip(flat, zooms, strict=True)]


def _of_lens(lenses: Sequence[object], name: str) -> np.ndarray:
    return np.array([getattr(lens, name) for lens in lenses], dtype=np.float64)


def _reasons(reasons: Sequence[str], counts: np.ndarray) -> list[tuple[str, ...]]:
    """The reasons of each camera, each as often as it was counted."""
    per_camera = counts.reshape(len(reasons), int(np.prod(counts.shape[1:]))).T.astype(int)
    return [
        tuple(reason for reason, n in zip(reasons, row, strict=True) for _ in range(n)) for row in per_camera
    ]
