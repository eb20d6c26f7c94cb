"""The pose table: one parquet row per clip, poses and everything needed to use them.

Schema version 1. Poses are float32, ``world_from_camera``; positions and rotations are separate
fixed-size lists (frames x 3 and frames x 9, row-major) so that a query over positions reads positions only.
"""

import io
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import Float

from multitake.errors import InputError

from .lenses import Intrinsics
from .poses import CameraPose
from .rigs import Rig

TABLE_VERSION = 1
CONVENTION = "world_from_camera; world right-handed, Z up, metres; camera OpenCV x right, y down, z forward"
ROW_GROUP = 1000


@dataclass(frozen=True, kw_only=True)
class PoseRow:
    """The columns of one clip except its poses; units stand in the names, None is "this motion has no such".

    ``speed_a`` is eq. 10's a; ``waypoints_m`` are offsets from the start, xyz flattened; ``flags`` are codes
    such as ``below_ground``.
    """

    take: str
    camera: str
    split: str
    motion: str
    angle_deg: float | None
    tilt_deg: float | None
    direction: tuple[float, float, float] | None
    distance_m: float | None
    waypoints_m: tuple[float, ...] | None
    is_tracking: bool
    speed_class: str
    speed_a: float
    time_base: str
    layout: str
    focal_length_mm: float
    sensor_mm: float
    f_number: float
    fx_px: float
    fy_px: float
    cx_px: float
    cy_px: float
    width_px: int
    height_px: int
    fps: float
    frames: int
    subject_m: tuple[float, float, float]
    focus_distance_m: tuple[float, ...]
    attempt: int
    flags: tuple[str, ...]
    convention: str = CONVENTION

    @property
    def intrinsics(self) -> Intrinsics:
        """The clip's projection."""
        names = [f.name for f in fields(Intrinsics)]
        return Intrinsics(**{name: getattr(self, name) for name in names})


@dataclass(frozen=True, kw_only=True)
class PoseTable:
    """Rows and their poses: ``poses`` has batch ``(rows, frames)``; all rows have one frame count."""

    rows: tuple[PoseRow, ...]
    poses: CameraPose

    def __len__(self) -> int:
        return len(self.rows)


def rig_rows(
    rig: Rig,
    *,
    take: str,
    split: str,
    width_px: int,
    height_px: int,
    fps: float,
) -> tuple[PoseRow, ...]:
    """The pose rows of one take filmed by ``rig``."""
    intrinsics = rig.lens.intrinsics(width_px, height_px)
    x, y, z = rig.pivot_m.tolist()
    return tuple(
        PoseRow(
            take=take,
            camera=camera,
            split=split,
            **{name: value for name, value in asdict(move).items() if name != "is_eased"},
            speed_class=move.speed_class,
            time_base=rig.time_base,
            layout=rig.layout,
            focal_length_mm=rig.lens.focal_length_mm,
            sensor_mm=rig.lens.sensor_mm,
            f_number=rig.lens.f_number,
            **asdict(intrinsics),
            fps=float(fps),
            frames=rig.poses.world_from_camera.shape[1],
            subject_m=(x, y, z),
            focus_distance_m=tuple(focus.astype(np.float32).tolist()),
            attempt=rig.attempts[index],
            flags=rig.flags[index],
        )
        for index, (camera, move, focus) in enumerate(
            zip(rig.cameras, rig.moves, rig.focus_distance_m, strict=True)
        )
    )


def pose_schema(frames: int) -> pa.Schema:
    """The arrow schema of clips with ``frames`` frames, units and conventions in its metadata."""
    text = pa.dictionary(pa.int32(), pa.string())
    f64, f32 = pa.float64(), pa.float32()
    types: dict[str, pa.DataType] = {
        "take": pa.string(),
        **dict.fromkeys(("camera", "split", "motion"), text),
        "angle_deg": f64,
        "tilt_deg": f64,
        "direction": pa.list_(f64, 3),
        "distance_m": f64,
        "waypoints_m": pa.list_(f64),
        "is_tracking": pa.bool_(),
        "speed_class": text,
        "speed_a": f64,
        **dict.fromkeys(("time_base", "layout"), text),
        **dict.fromkeys(
            ("focal_length_mm", "sensor_mm", "f_number", "fx_px", "fy_px", "cx_px", "cy_px"), f64
        ),
        **dict.fromkeys(("width_px", "height_px"), pa.int32()),
        "fps": f64,
        "frames": pa.int32(),
        "subject_m": pa.list_(f64, 3),
        "focus_distance_m": pa.list_(f32, frames),
        "attempt": pa.int32(),
        "flags": pa.list_(pa.string()),
        "convention": text,
        "position_m": pa.list_(f32, frames * 3),
        "rotation": pa.list_(f32, frames * 9),
    }
    about = {
        "multitake.pose_table": str(TABLE_VERSION),
        "pose.convention": CONVENTION,
        "pose.position_m": f"{frames} x 3 float32, metres, camera centre in the world",
        "pose.rotation": f"{frames} x 3 x 3 float32, row-major, world_from_camera",
        "pixels": "edges at integers: the first pixel's centre is (0.5, 0.5)",
    }
    return pa.schema([pa.field(name, kind) for name, kind in types.items()], metadata=about)


def pose_table_bytes(table: PoseTable) -> bytes:
    """The parquet file of a pose table; equal tables give equal bytes."""
    sink = io.BytesIO()
    schema = pose_schema(table.poses.world_from_camera.shape[1])
    pq.write_table(_arrow(table, schema), sink, row_group_size=ROW_GROUP, **encoding(schema))
    return sink.getvalue()


def encoding(schema: pa.Schema) -> dict[str, Any]:
    """How parquet stores a pose table."""
    lists = [
        f.name for f in schema if pa.types.is_fixed_size_list(f.type) and f.type.value_type == pa.float32()
    ]
    dictionaries = [f.name for f in schema if pa.types.is_dictionary(f.type)]
    return {
        "compression": "zstd",
        "use_dictionary": [*dictionaries, "take"],
        "column_encoding": {f"{name}.list.element": "BYTE_STREAM_SPLIT" for name in lists},
    }


def write_poses(path: Path, table: PoseTable) -> None:
    """Write a pose table as parquet, whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(pose_table_bytes(table))
    partial.replace(path)


def read_poses(source: Path | str | bytes) -> PoseTable:
    """Read a pose table; InputError for a file that is not one, or that holds improper rotations."""
    where = "pose table" if isinstance(source, bytes) else str(source)
    try:
        arrow = pq.read_table(io.BytesIO(source) if isinstance(source, bytes) else source)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(
            f"not a readable parquet file ({error})", where=where, fix="give a pose table"
        ) from error
    version = (arrow.schema.metadata or {}).get(b"multitake.pose_table", b"none").decode()
    if version != str(TABLE_VERSION):
        fix = f"give a file of version {TABLE_VERSION}, as the data set's poses/ holds"
        raise InputError(f"pose table version {version}", where=where, fix=fix)
    missing = [name for name in pose_schema(1).names if name not in arrow.schema.names]
    if missing:
        what = f"no column {', '.join(missing)}"
        raise InputError(what, where=where, fix="give the whole table, as the data set's poses/ holds it")
    columns = [f.name for f in fields(PoseRow)]
    records = arrow.select(columns).to_pylist()
    frames = arrow.schema.field("position_m").type.list_size // 3
    position = _numbers(arrow["position_m"]).reshape(-1, frames, 3)
    rotation = _numbers(arrow["rotation"]).reshape(-1, frames, 3, 3)
    rows = tuple(pose_row(record) for record in records)
    return PoseTable(rows=rows, poses=CameraPose.of(rotation, position).checked(where))


def pose_row(record: dict[str, object]) -> PoseRow:
    """A row from plain JSON or parquet values (lists become tuples)."""
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in record.items()}
    return PoseRow(**values)  # type: ignore[arg-type]


def _arrow(table: PoseTable, schema: pa.Schema) -> pa.Table:
    poses = table.poses.world_from_camera.astype(np.float32)
    columns = {f.name: [getattr(row, f.name) for row in table.rows] for f in fields(PoseRow)}
    arrays = [pa.array(columns[name], schema.field(name).type) for name in columns]
    for name, part in (("position_m", poses[..., 3]), ("rotation", poses[..., :3])):
        flat, kind = pa.array(np.ascontiguousarray(part).ravel()), schema.field(name).type
        arrays.append(pa.FixedSizeListArray.from_arrays(flat, kind.list_size).cast(kind))
    return pa.Table.from_arrays(arrays, schema=schema)


def _numbers(column: pa.ChunkedArray) -> Float[np.ndarray, "_"]:
    return column.combine_chunks().flatten().to_numpy().astype(np.float64)
