"""From rules straight to a pose parquet of any size, in memory that does not grow with it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import Float

from multitake.errors import InputError

from ..clip_table import CONVENTION, ROW_GROUP, encoding, pose_schema
from ..rigs import camera_name
from .moves import KINDS
from .rejection import Acceptance, sample_checked_rigs
from .rigs import RigBatch
from .rules import Rules
from .validity import PATH_CHECKS, PathCheck, Shot


def sample_poses(
    rules: Rules,
    path: Path,
    *,
    rigs: int,
    seed: int,
    shot: Shot | None = None,
    split: str = "train",
    checks: Sequence[PathCheck] = PATH_CHECKS,
) -> Acceptance:
    """Sample ``rigs`` rigs into the pose table ``path``, whole or not at all; returns the count of draws.

    Subjects stand at the world's origin on the shot's ground. Takes are named ``rig_0000000`` and on; a rig
    depends on rules, shot, seed and its number alone. InputError where the table cannot be written, or its
    name does not say what it is.
    """
    if path.suffix != ".parquet":
        fix = "give a name that ends in .parquet"
        raise InputError("a pose table is a parquet file", where=str(path), fix=fix)
    shot = shot or Shot()
    step = max(1, ROW_GROUP // len(rules.slots))
    pivot_m = np.array([[0.0, 0.0, shot.ground_m + rules.aim_fraction * shot.subject_height_m]])
    schema, acceptance = pose_schema(shot.frames), Acceptance()
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with pq.ParquetWriter(partial, schema, **encoding(schema)) as writer:
            for first in range(0, rigs, step):
                pivots_m = pivot_m.repeat(min(step, rigs - first), axis=0)
                sampled = sample_checked_rigs(
                    rules, pivots_m, shot=shot, seed=seed, first_rig=first, checks=checks
                )
                acceptance += sampled.acceptance
                columns = _columns(sampled.rigs, shot, first, split, schema)
                writer.write_table(pa.Table.from_arrays(columns, schema=schema))
        partial.replace(path)
    except OSError as error:
        fix = "name a place that can be written"
        raise InputError(f"cannot be written ({error.strerror})", where=str(path), fix=fix) from error
    finally:
        if partial.is_file():
            partial.unlink()
    return acceptance


def _columns(batch: RigBatch, shot: Shot, first: int, split: str, schema: pa.Schema) -> list[pa.Array]:
    """The columns of ``PoseRow`` and the poses, clip by clip, as ``rig_rows`` has them."""
    rules, moves = batch.rules, batch.moves
    rigs, cameras = batch.attempts.shape
    rig = np.arange(rigs).repeat(cameras)
    lens = batch.lens_index[rig]
    optics = [one.intrinsics(shot.width_px, shot.height_px) for one in rules.lenses]
    is_eased = (moves.kind == KINDS.index("random")) & (rules.spline == "unreal_keys")
    pace = np.select([moves.kind == KINDS.index("static"), is_eased, moves.speed_a == 0], [0, 1, 2], 3)
    focus_m = np.linalg.norm(batch.poses.position_m - batch.pivots_m[:, None, None], axis=-1)
    poses = batch.poses.world_from_camera.astype(np.float32)
    same = np.zeros(len(rig), dtype=np.int32)
    values = {
        "take": _chosen(rig, [f"rig_{first + number:07d}" for number in range(rigs)]).cast(pa.string()),
        "camera": _chosen(np.tile(np.arange(cameras), rigs), [camera_name(c) for c in range(cameras)]),
        "split": _chosen(same, [split]),
        "motion": _chosen(moves.kind, list(KINDS)),
        "angle_deg": pa.array(moves.angle_deg, from_pandas=True),
        "tilt_deg": pa.array(moves.tilt_deg, from_pandas=True),
        "direction": _lists(moves.direction, is_null=np.isnan(moves.direction[:, 0])),
        "distance_m": pa.array(moves.distance_m, from_pandas=True),
        "waypoints_m": _waypoints(moves.waypoints_m, moves.waypoint_count),
        "is_tracking": pa.array(moves.is_tracking),
        "speed_class": _chosen(pace, ["none", "eased", "constant", "variable"]),
        "speed_a": pa.array(moves.speed_a),
        "time_base": _chosen(same, [rules.time_base]),
        "layout": _chosen(batch.is_independent[rig], ["shared", "independent"]),
        **{name: _of_lens(rules.lenses, name, lens) for name in ("focal_length_mm", "sensor_mm", "f_number")},
        **{name: _of_lens(optics, name, lens) for name in ("fx_px", "fy_px", "cx_px", "cy_px")},
        **{name: pa.array(same + getattr(shot, name)) for name in ("width_px", "height_px", "frames")},
        "fps": pa.array(np.full(len(rig), shot.fps)),
        "subject_m": _lists(batch.pivots_m[rig]),
        "focus_distance_m": _lists(focus_m.astype(np.float32).reshape(len(rig), -1)),
        "attempt": pa.array(batch.attempts.ravel().astype(np.int32)),
        "flags": pa.array([flags for number in range(rigs) for flags in batch.verdicts.flags(number)]),
        "convention": _chosen(same, [CONVENTION]),
        "position_m": _lists(poses[..., 3].reshape(len(rig), -1)),
        "rotation": _lists(poses[..., :3].reshape(len(rig), -1)),
    }
    return [values[field.name].cast(field.type) for field in schema]


def _chosen(index: np.ndarray, choices: list[str]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(index.astype(np.int32)), pa.array(choices))


def _of_lens(lenses: Sequence[object], name: str, index: np.ndarray) -> pa.Array:
    return pa.array(np.array([getattr(lens, name) for lens in lenses], dtype=np.float64)[index])


def _lists(rows: np.ndarray, *, is_null: np.ndarray | None = None) -> pa.FixedSizeListArray:
    mask = None if is_null is None else pa.array(is_null)
    return pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), rows.shape[1], mask=mask)


def _waypoints(
    waypoints_m: Float[np.ndarray, "clips waypoints 3"], count: Float[np.ndarray, "clips"]
) -> pa.ListArray:
    is_used = np.arange(waypoints_m.shape[1]) < count[:, None]
    ends = np.concatenate([[0], np.cumsum(3 * count)]).astype(np.int32)
    return pa.ListArray.from_arrays(
        pa.array(ends), pa.array(waypoints_m[is_used].ravel()), mask=pa.array(count == 0)
    )
