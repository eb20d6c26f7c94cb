"""Clips as arrays: what the audit reads of a pose table, a part at a time, whole takes together."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import Float, Int

from multitake.errors import InputError

from ..clip_table import TABLE_VERSION, PoseRow, PoseTable, pose_schema
from ..poses import CameraPose
from ..rigs import camera_name
from ..sampling.moves import KINDS, Moves
from ..sampling.rigs import RigBatch
from ..sampling.rules import MAX_WAYPOINTS
from ..sampling.validity import Shot

_ROWS_AT_ONCE = 3000
_WORDS = ("take", "camera", "split", "motion", "speed_class", "time_base", "layout")
_NUMBERS = ("fps", "focal_length_mm", "sensor_mm", "f_number", "fx_px", "fy_px", "cx_px", "cy_px")
_WHOLE = ("width_px", "height_px", "attempt")
_OF_MOVE = ("angle_deg", "tilt_deg", "distance_m", "speed_a")


@dataclass(frozen=True, kw_only=True)
class Clips:
    """Some clips of one length; those of one take stand together. Words and numbers as in ``PoseRow``.

    Attributes:
        rig: number of the take within these clips, from 0, ascending.
        flags: a tuple of codes each.
        moves: what the columns say each camera does; an absent parameter counts as no movement.
    """

    take: np.ndarray
    camera: np.ndarray
    split: np.ndarray
    motion: np.ndarray
    speed_class: np.ndarray
    time_base: np.ndarray
    layout: np.ndarray
    rig: Int[np.ndarray, "clips"]
    subject_m: Float[np.ndarray, "clips 3"]
    fps: Float[np.ndarray, "clips"]
    focal_length_mm: Float[np.ndarray, "clips"]
    sensor_mm: Float[np.ndarray, "clips"]
    f_number: Float[np.ndarray, "clips"]
    fx_px: Float[np.ndarray, "clips"]
    fy_px: Float[np.ndarray, "clips"]
    cx_px: Float[np.ndarray, "clips"]
    cy_px: Float[np.ndarray, "clips"]
    width_px: Int[np.ndarray, "clips"]
    height_px: Int[np.ndarray, "clips"]
    attempt: Int[np.ndarray, "clips"]
    flags: np.ndarray
    moves: Moves
    poses: CameraPose

    def __len__(self) -> int:
        return len(self.take)

    def __getitem__(self, rows: np.ndarray | slice) -> "Clips":
        return type(self)(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    @property
    def frames(self) -> int:
        """Frames of every clip."""
        return self.poses.world_from_camera.shape[1]

    def name(self, index: int | np.integer) -> str:
        """``take/camera``."""
        return f"{self.take[index]}/{self.camera[index]}"

    def rows(self, index: Iterable[int]) -> tuple[PoseRow, ...]:
        """Some clips as rows of a pose table."""
        return tuple(self._row(int(i)) for i in index)

    def _row(self, i: int) -> PoseRow:
        away_m = self.poses.position_m[i] - self.subject_m[i]
        moves = self.moves
        count = int(moves.waypoint_count[i])
        values: dict[str, Any] = {name: str(getattr(self, name)[i]) for name in _WORDS}
        values |= {name: float(getattr(self, name)[i]) for name in _NUMBERS}
        values |= {name: int(getattr(self, name)[i]) for name in _WHOLE}
        values |= {name: float(getattr(moves, name)[i]) for name in _OF_MOVE}
        direction, subject = (tuple(v[i].tolist()) for v in (moves.direction, self.subject_m))
        return PoseRow(
            **values,
            direction=direction if any(direction) else None,
            waypoints_m=tuple(moves.waypoints_m[i, :count].ravel().tolist()) if count else None,
            is_tracking=bool(moves.is_tracking[i]),
            frames=self.frames,
            subject_m=subject,
            focus_distance_m=tuple(np.linalg.norm(away_m, axis=-1).tolist()),
            flags=tuple(self.flags[i]),
        )


def clips_of_table(table: PoseTable) -> Clips:
    """A pose table's clips; takes whose rows lie apart are brought together."""
    order = np.argsort(_numbered([row.take for row in table.rows]), kind="stable")
    rows = [table.rows[i] for i in order]
    kind = np.array([KINDS.index(row.motion) if row.motion in KINDS else -1 for row in rows], dtype=np.int64)
    moves = Moves.empty(kind)
    for i, row in enumerate(rows):
        points_m = np.reshape(row.waypoints_m or (), (-1, 3))[:MAX_WAYPOINTS]
        moves.waypoints_m[i, : len(points_m)] = points_m
        moves.waypoint_count[i] = len(points_m)
        moves.direction[i] = row.direction or (0.0, 0.0, 0.0)
        moves.is_tracking[i] = row.is_tracking
        for name in _OF_MOVE:
            getattr(moves, name)[i] = getattr(row, name) or 0.0
    flags = np.empty(len(rows), dtype=object)
    flags[:] = [row.flags for row in rows]
    return Clips(
        **{name: np.array([getattr(row, name) for row in rows], dtype=np.str_) for name in _WORDS},
        **{name: np.array([getattr(row, name) for row in rows], dtype=np.float64) for name in _NUMBERS},
        **{name: np.array([getattr(row, name) for row in rows], dtype=np.int64) for name in _WHOLE},
        rig=_numbered([row.take for row in rows]),
        subject_m=np.array([row.subject_m for row in rows], dtype=np.float64).reshape(-1, 3),
        flags=flags,
        moves=moves,
        poses=table.poses[order],
    )


def clips_of_rigs(batch: RigBatch, *, shot: Shot, first_rig: int = 0, split: str = "train") -> Clips:
    """Rigs as they are drawn, without a table in between; takes are named ``rig_0000000`` and on."""
    rigs, cameras = batch.attempts.shape
    rig = np.arange(rigs).repeat(cameras)
    optics = [lens.intrinsics(shot.width_px, shot.height_px) for lens in batch.rules.lenses]
    motion = np.array([*KINDS, ""])[batch.moves.kind]
    pace = np.where(batch.moves.speed_a == 0, "constant", "variable").astype("<U8")
    pace[motion == "static"] = "none"
    pace[(motion == "random") & (batch.rules.spline == "unreal_keys")] = "eased"
    flags = np.empty(len(rig), dtype=object)
    flags[:] = [codes for number in range(rigs) for codes in batch.verdicts.flags(number)]

    def of_lens(items: Sequence[Any], name: str) -> np.ndarray:
        return np.array([getattr(item, name) for item in items])[batch.lens_index[rig]]

    lenses = batch.rules.lenses
    return Clips(
        take=np.array([f"rig_{first_rig + number:07d}" for number in range(rigs)])[rig],
        camera=np.tile(np.array([camera_name(c) for c in range(cameras)]), rigs),
        split=np.full(len(rig), split),
        motion=motion,
        speed_class=pace,
        time_base=np.full(len(rig), batch.rules.time_base),
        layout=np.where(batch.is_independent, "independent", "shared")[rig],
        rig=rig,
        subject_m=batch.pivots_m[rig],
        fps=np.full(len(rig), float(shot.fps)),
        **{name: of_lens(lenses, name) for name in ("focal_length_mm", "sensor_mm", "f_number")},
        **{name: of_lens(optics, name) for name in ("fx_px", "fy_px", "cx_px", "cy_px")},
        **{name: of_lens(optics, name) for name in ("width_px", "height_px")},
        attempt=batch.attempts.ravel(),
        flags=flags,
        moves=batch.moves[:],
        poses=CameraPose(batch.poses.world_from_camera.reshape(len(rig), -1, 3, 4)),
    )


def clips_of_parquet(path: Path) -> Iterator[Clips]:
    """The clips of a pose parquet, some thousand at a time; InputError for a file that is not one."""
    try:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            _check_schema(file.schema_arrow, path)
            kept: pa.Table | None = None
            for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE):
                part = pa.Table.from_batches([batch])
                part = part if kept is None else pa.concat_tables([kept, part], promote_options="permissive")
                take = part["take"].to_numpy()
                # The last take may go on in the next part.
                whole = int(np.flatnonzero(take == take[-1])[0]) if len(take) else 0
                kept = part.slice(whole)
                if whole:
                    yield _from_arrow(part.slice(0, whole))
            if kept is not None and len(kept):
                yield _from_arrow(kept)
    except (pa.ArrowInvalid, OSError) as error:
        what = f"not a readable parquet file ({error})"
        raise InputError(what, where=str(path), fix="give a pose table") from error


def _check_schema(schema: pa.Schema, path: Path) -> None:
    version = (schema.metadata or {}).get(b"multitake.pose_table", b"none").decode()
    if version != str(TABLE_VERSION):
        fix = f"give a file of version {TABLE_VERSION}, as the data set's poses/ holds"
        raise InputError(f"pose table version {version}", where=str(path), fix=fix)
    missing = [name for name in pose_schema(1).names if name not in schema.names]
    if missing:
        what = f"no column {', '.join(missing)}"
        fix = "give the whole table, as the data set's poses/ holds it"
        raise InputError(what, where=str(path), fix=fix)


def _from_arrow(table: pa.Table) -> Clips:
    order = np.argsort(_numbered(table["take"].to_pylist()), kind="stable")
    if not (np.diff(order) == 1).all():
        table = table.take(pa.array(order))
    table = table.combine_chunks()
    column = partial(_numbers, table)
    count = len(table)
    words = {name: np.array(table[name].to_pylist(), dtype=np.str_) for name in _WORDS}
    codes = {name: code for code, name in enumerate(KINDS)}
    moves = Moves.empty(np.array([codes.get(name, -1) for name in words["motion"].tolist()]))
    for name in _OF_MOVE:
        getattr(moves, name)[:] = np.nan_to_num(column(name))
    moves.is_tracking[:] = table["is_tracking"].to_numpy()
    moves.direction[:] = np.nan_to_num(_fixed(table, "direction"))
    _fill_waypoints(moves, table["waypoints_m"])
    flags = np.empty(count, dtype=object)
    flags[:] = [tuple(codes or ()) for codes in table["flags"].to_pylist()]
    position_m, rotation = _fixed(table, "position_m"), _fixed(table, "rotation")
    return Clips(
        **words,
        **{name: column(name) for name in _NUMBERS},
        **{name: column(name).astype(np.int64) for name in _WHOLE},
        rig=_numbered(words["take"].tolist()),
        subject_m=_fixed(table, "subject_m"),
        flags=flags,
        moves=moves,
        poses=CameraPose.of(rotation.reshape(count, -1, 3, 3), position_m.reshape(count, -1, 3)),
    )


def _numbers(table: pa.Table, name: str) -> Float[np.ndarray, "clips"]:
    return table[name].to_numpy().astype(np.float64)


def _fixed(table: pa.Table, name: str) -> Float[np.ndarray, "clips values"]:
    """A column of fixed-size lists, NaN where it is null."""
    chunks = table[name].chunks
    parts = [
        np.where(
            chunk.is_valid().to_numpy(zero_copy_only=False)[:, None],
            _values(chunk).reshape(len(chunk), -1),
            np.nan,
        )
        for chunk in chunks
    ]
    return np.concatenate(parts) if parts else np.zeros((0, table.schema.field(name).type.list_size))


def _values(chunk: pa.FixedSizeListArray) -> Float[np.ndarray, "values"]:
    size = chunk.type.list_size
    flat = chunk.values.slice(chunk.offset * size, len(chunk) * size)
    return flat.to_numpy(zero_copy_only=False).astype(np.float64)


def _fill_waypoints(moves: Moves, column: pa.ChunkedArray) -> None:
    for i, points_m in enumerate(column.to_pylist()):
        if points_m:
            points = np.reshape(points_m, (-1, 3))[:MAX_WAYPOINTS]
            moves.waypoints_m[i, : len(points)] = points
            moves.waypoint_count[i] = len(points)


def _numbered(names: list[Any]) -> Int[np.ndarray, "names"]:
    """Equal names as equal numbers, in order of first appearance."""
    numbers: dict[Any, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.int64)
