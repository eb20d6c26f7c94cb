"""The clip table: one row per clip, with everything that is needed to use its poses.

``ClipRow`` is the only list of columns: the annotation of a field is its arrow type, and its default means
"unknown". Numpy types, nulls, parquet and JSON follow from it. Poses are float64 in memory. In parquet they
are float32 in two columns of fixed-size lists (``position_m``, frames x 3; ``rotation``, frames x 9,
row-major), so a query for positions reads positions only.
"""

import io
import math
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import MISSING, asdict, dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from jaxtyping import Bool, Float, Int

from multitake.atomic import write_file
from multitake.errors import InputError
from multitake.input_files import parsing, require_file

from .clip_checks import check_columns, check_frames, check_sizes, check_values, text_columns
from .lenses import Intrinsics
from .pose_arrays import as_poses, new_track
from .poses import CameraPose

TABLE_VERSION = 1
CONVENTION = "world_from_camera; world right-handed, Z up, metres; camera OpenCV x right, y down, z forward"
ROW_GROUP = 1000
_ROWS_AT_ONCE = 3000
_POSES_AT_ONCE = 300_000
_PER_FRAME = "one float32 per frame"

Text = Annotated[str, pa.string()]
Word = Annotated[str, pa.dictionary(pa.int32(), pa.string())]
Words = Annotated[tuple[str, ...], pa.list_(pa.string())]
Number = Annotated[float, pa.float64()]
OptionalNumber = Annotated[float | None, pa.float64()]
Integer = Annotated[int, pa.int32()]
Flag = Annotated[bool, pa.bool_()]
Point = Annotated[tuple[float, float, float], pa.list_(pa.float64(), 3)]
OptionalPoint = Annotated[tuple[float, float, float] | None, pa.list_(pa.float64(), 3)]
OptionalNumbers = Annotated[tuple[float, ...] | None, pa.list_(pa.float64())]
PerFrame = Annotated[tuple[float, ...] | None, _PER_FRAME]


@dataclass(frozen=True, kw_only=True)
class ClipRow:
    """One clip without its poses. Units are part of the names; None means that the motion has no such
    parameter.

    Attributes:
        motion: a key of ``MOTIONS``.
        angle_deg: signed amplitude of a pan, tilt, arc or roll; the pan of a ``pan_tilt``.
        tilt_deg: signed tilt of a ``pan_tilt``.
        direction: unit world direction of a translation.
        distance_m: length of a translation or of the curve of a random move.
        waypoints_m: waypoints of a random move, as offsets from the start, flattened xyz.
        zoom_ratio: factor of the focal length over the entire move of a ``zoom`` or ``dolly_zoom``; of the
            latter also that of the distance from the subject.
        is_tracking: whether the camera keeps aiming at the subject.
        shake: what is added to the motion: ``none``, ``handheld`` or ``head_mounted``.
        shake_seed: the seed of that shake, see ``ShakeSample``; 0 if there is none.
        speed_class: ``none`` (static), ``constant``, ``variable``, or ``eased`` (slows at every waypoint).
        speed_a: a of ReCamMaster eq. 10; 0 is constant speed.
        focal_length_mm, fx_px, fy_px: those of the first frame.
        focal_path_mm: focal length in each frame; None if it does not change.
        radius_limit_m: largest start distance that was allowed for the rig.
        track_target: what tracking cameras aim at: the subject point at the ``start``, or the ``subject``
            where it is in each frame.
        subject_m: the point that the cameras aim at in the first frame, world.
        subject_path_m: the subject point in each frame, flattened xyz; None if it does not move.
        subject_height_m: height of the subject in the first frame.
        ground_m: height of the ground, world.
        focus_distance_m: distance to the subject in each frame.
        attempt: sampling attempt of this camera's path; 0 is the first.
        proposals: how many paths were sampled for this camera, the accepted one included; 0 if unknown.
        rejected_for: reasons against the other proposals: one entry per proposal and reason.
        flags: reasons against the path that was kept, such as ``below_ground``.
        captions: sentences about the move of the camera, true of its poses; of an imported clip, what its
            data set says about the video.
        move: words of ``MoveLabel``, such as ``pan_left``; empty if unknown.
        move_amounts: their amounts, each in the unit of its word.
        pace: how the speed of the move changes; see ``CameraMove``.
    """

    take: Text
    camera: Word
    split: Word = "unknown"
    motion: Word = "unknown"
    angle_deg: OptionalNumber = None
    tilt_deg: OptionalNumber = None
    direction: OptionalPoint = None
    distance_m: OptionalNumber = None
    waypoints_m: OptionalNumbers = None
    zoom_ratio: OptionalNumber = None
    is_tracking: Flag = False
    shake: Word = "unknown"
    shake_seed: Integer = 0
    speed_class: Word = "unknown"
    speed_a: Number = math.nan
    track_target: Word = "unknown"
    time_base: Word = "unknown"
    layout: Word = "unknown"
    radius_limit_m: Number = math.nan
    focal_length_mm: Number = math.nan
    sensor_mm: Number = math.nan
    f_number: Number = math.nan
    focal_path_mm: PerFrame = None
    fx_px: Number = math.nan
    fy_px: Number = math.nan
    cx_px: Number = math.nan
    cy_px: Number = math.nan
    width_px: Integer = 0
    height_px: Integer = 0
    fps: Number = math.nan
    frames: Integer
    subject_m: Point = (math.nan, math.nan, math.nan)
    subject_path_m: OptionalNumbers = None
    subject_height_m: Number = math.nan
    ground_m: Number = math.nan
    focus_distance_m: PerFrame = None
    attempt: Integer = 0
    proposals: Integer = 0
    rejected_for: Words = ()
    flags: Words = ()
    captions: Words = ()
    move: Words = ()
    move_amounts: OptionalNumbers = None
    pace: Word = "unknown"
    convention: Word = CONVENTION

    @property
    def name(self) -> str:
        """``take/camera``."""
        return f"{self.take}/{self.camera}"

    @property
    def intrinsics(self) -> Intrinsics:
        """The projection of the first frame, and of all frames unless the focal length changes."""
        return Intrinsics(**{name: getattr(self, name) for name in _INTRINSICS})

    @property
    def frame_intrinsics(self) -> tuple[Intrinsics, ...]:
        """The projection of each frame."""
        first, path_mm = self.intrinsics, self.focal_path_mm
        if path_mm is None:
            return (first,) * self.frames
        return tuple(first.zoomed(focal_mm / path_mm[0]) for focal_mm in path_mm)

    @classmethod
    def of_json(cls, record: dict[str, Any]) -> "ClipRow":
        """A row from plain JSON or arrow values, None is unknown; TypeError for another column."""
        values: Any = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in record.items()
            if value is not None
        }
        return cls(**values)

    def record(self) -> dict[str, Any]:
        """The columns as plain JSON; what is unknown is None."""
        return {name: None if _has_nan(value) else value for name, value in asdict(self).items()}


_INTRINSICS = tuple(one.name for one in fields(Intrinsics))
_HINTS = get_type_hints(ClipRow, include_extras=True)
_OPTIONAL = {name for name, hint in _HINTS.items() if type(None) in get_args(get_args(hint)[0])}


@dataclass(frozen=True)
class ClipTable:
    """Clips of one length: ``columns`` as in ``ClipRow``, and ``poses`` of batch ``(clips, frames)``."""

    columns: pa.Table = field(repr=False)
    poses: CameraPose = field(repr=False)
    _arrays: dict[str, np.ndarray] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, poses: CameraPose, **columns: Any) -> "ClipTable":
        """A table from columns by name: an array or a list of values, or one value for all clips.

        Columns that are not given are unknown; ``take`` and ``camera`` must be given if there are clips.
        ``frames`` is that of the poses. NaN is null where a column can be null. TypeError for a missing or
        unknown column.
        """
        clips, frames = poses.world_from_camera.shape[:2]
        unknown = {column.name: column.default for column in fields(ClipRow)}
        values = {**unknown, **columns, "frames": frames}
        missing = {name for name, value in values.items() if value is MISSING} if clips else set()
        if invalid := missing | (columns.keys() - unknown.keys()):
            raise TypeError(f"missing or unknown columns: {', '.join(sorted(invalid))}")
        schema = _schema_without_poses(frames)
        arrays = [_arrow_array(values[one.name], one, clips) for one in schema]
        return cls(pa.Table.from_arrays(arrays, schema=schema), poses)

    @classmethod
    def of_rows(cls, rows: Sequence[ClipRow], poses: CameraPose) -> "ClipTable":
        """A table from rows and their poses."""
        return cls.of(poses, **{name: [getattr(row, name) for row in rows] for name in _HINTS})

    @classmethod
    def concatenated(cls, tables: Sequence["ClipTable"]) -> "ClipTable":
        """All clips of tables with equal numbers of frames."""
        columns = pa.concat_tables([table.columns for table in tables]).combine_chunks()
        return cls(columns, CameraPose(np.concatenate([table.poses.world_from_camera for table in tables])))

    def __len__(self) -> int:
        return len(self.columns)

    def __getitem__(self, name: str) -> np.ndarray:
        """A column as an array: text as str, points as rows, lists as tuples.

        Unknown numbers are NaN, unknown integers 0.
        """
        # The audit reads columns in two threads.
        found = self._arrays.get(name)
        if found is None:
            found = self._arrays[name] = _numpy_array(self.columns[name].combine_chunks())
        return found

    def __iter__(self) -> Iterator[ClipRow]:
        return (ClipRow.of_json(record) for record in self.columns.to_pylist())

    def row(self, index: int) -> ClipRow:
        """One clip; IndexError if there is none."""
        return ClipRow.of_json(self.columns.slice(range(len(self))[index], 1).to_pylist()[0])

    def rows(self, chosen: np.ndarray | slice) -> "ClipTable":
        """Some of the clips: a mask, indices or a slice; those of a slice, and all clips, are not copied."""
        if not isinstance(chosen, slice) and chosen.dtype == bool and chosen.all():
            return self
        if isinstance(chosen, slice) and chosen.step is None:
            first, end, _ = chosen.indices(len(self))
            return ClipTable(self.columns.slice(first, end - first), self.poses[first:end])
        index = np.arange(len(self))[chosen]
        return ClipTable(self.columns.take(pa.array(index)).combine_chunks(), self.poses[chosen])

    def replaced(self, **columns: Any) -> "ClipTable":
        """The table with other values in some columns."""
        return ClipTable.of(self.poses, **{name: self.columns[name] for name in _HINTS} | columns)

    def grouped(self) -> "ClipTable":
        """The clips with those of each take together, takes in order of first appearance."""
        _, first, number = np.unique(self["take"], return_index=True, return_inverse=True)
        order = np.argsort(first[number], kind="stable")
        return self if (np.diff(order) == 1).all() else self.rows(order)

    def name(self, index: int | np.integer) -> str:
        """``take/camera`` of a clip."""
        return f"{self['take'][index]}/{self['camera'][index]}"

    @property
    def frames(self) -> int:
        """Frames of every clip."""
        return self.poses.world_from_camera.shape[1]

    @cached_property
    def intrinsics(self) -> Float[np.ndarray, "clips 6"]:
        """The numbers of ``Intrinsics`` of the first frame; NaN where they are unknown."""
        numbers = np.stack([self[name].astype(np.float64) for name in _INTRINSICS], axis=-1)
        is_known = np.isfinite(numbers).all(axis=1) & (self["width_px"] > 0) & (self["height_px"] > 0)
        return np.where(is_known[:, None], numbers, np.nan)

    @cached_property
    def focal_ratios(self) -> Float[np.ndarray, "clips frames"]:
        """Focal length of each frame over that of the first; 1 where it does not change."""
        ones = np.broadcast_to(1.0, (len(self), self.frames))
        if not self.has_zooms:
            return ones
        path_mm = self["focal_path_mm"].astype(np.float64)
        return np.where(np.isfinite(path_mm[:, :1]), path_mm / path_mm[:, :1], ones)

    @property
    def has_zooms(self) -> bool:
        """Whether the focal length of any clip changes."""
        return self.columns["focal_path_mm"].null_count < len(self)

    @property
    def intrinsics_of_frames(self) -> Float[np.ndarray, "clips frames 6"]:
        """The numbers of ``Intrinsics`` of each frame; a view if no focal length changes."""
        first = np.broadcast_to(self.intrinsics[:, None], (len(self), self.frames, 6))
        if not self.has_zooms:
            return first
        found = first.copy()
        found[..., :2] *= self.focal_ratios[..., None]
        return found

    @cached_property
    def subject_points_m(self) -> Float[np.ndarray, "clips frames 3"]:
        """The subject point in each frame; that of a subject that stands still is repeated as a view."""
        stays = np.broadcast_to(self["subject_m"][:, None], (len(self), self.frames, 3))
        paths = self.columns["subject_path_m"].combine_chunks()
        if paths.null_count == len(paths):
            return stays
        is_moving = paths.is_valid().to_numpy(zero_copy_only=False)
        points_m = stays.copy()
        points_m[is_moving] = paths.drop_null().flatten().to_numpy().reshape(-1, self.frames, 3)
        return points_m

    def words(self, name: str) -> tuple[Int[np.ndarray, "words"], np.ndarray]:
        """All words of a column with lists of them: the clip of each word, and the words."""
        column = self.columns[name].combine_chunks()
        words = _numpy_array(pc.dictionary_encode(pc.list_flatten(column)))
        return pc.list_parent_indices(column).to_numpy(), words

    @cached_property
    def waypoint_counts(self) -> Int[np.ndarray, "clips"]:
        """Number of waypoints of each clip."""
        numbers = pc.list_value_length(self.columns["waypoints_m"].combine_chunks())
        return np.asarray(pc.fill_null(numbers, 0).to_numpy(zero_copy_only=False) // 3, dtype=np.int64)

    def waypoints_m(self, most: int) -> Float[np.ndarray, "clips {most} 3"]:
        """The first waypoints of each clip; NaN after its last one."""
        counts = self.waypoint_counts
        points_m = np.full((len(self), max(most, int(counts.max(initial=0))), 3), np.nan)
        numbers = self.columns["waypoints_m"].combine_chunks().flatten().to_numpy()
        points_m[np.arange(points_m.shape[1]) < counts[:, None]] = numbers.reshape(-1, 3)
        return points_m[:, :most]

    @property
    def states_moves(self) -> bool:
        """Whether any column describes the move of a camera; those of other data sets may not."""
        return not bool((self["motion"] == "unknown").all())

    @cached_property
    def is_proper(self) -> Bool[np.ndarray, "clips"]:
        """Which clips have proper poses in all frames."""
        return np.asarray(self.poses.is_proper.all(axis=1))

    @cached_property
    def take_starts(self) -> Int[np.ndarray, "takes"]:
        """Index of the first clip of each take; the clips must be grouped."""
        return starts_of(self["take"])

    @cached_property
    def take_number(self) -> Int[np.ndarray, "clips"]:
        """Number of each clip's take, from 0; the clips must be grouped."""
        return np.repeat(np.arange(len(self.take_starts)), self.take_sizes)

    @property
    def take_sizes(self) -> Int[np.ndarray, "takes"]:
        """Number of clips of each take; the clips must be grouped."""
        return np.diff(self.take_starts, append=len(self))


def starts_of(labels: np.ndarray) -> Int[np.ndarray, "runs"]:
    """Index at which each run of equal labels starts."""
    if not len(labels):
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.concatenate([[True], labels[1:] != labels[:-1]]))


def clip_schema(frames: int) -> pa.Schema:
    """The arrow schema of clips with ``frames`` frames; units and conventions are in its metadata."""
    schema = _schema_without_poses(frames)
    # Stored as plain text, so that tables can be joined; parquet stores each word once all the same.
    schema = pa.schema(
        [one.with_type(pa.string()) if pa.types.is_dictionary(one.type) else one for one in schema]
    )
    for name, numbers in (("position_m", 3), ("rotation", 9)):
        schema = schema.append(pa.field(name, pa.list_(pa.float32(), frames * numbers)))
    return schema.with_metadata(
        {
            "multitake.pose_table": str(TABLE_VERSION),
            "pose.convention": CONVENTION,
            "pose.position_m": f"{frames} x 3 float32, metres, camera centre in the world",
            "pose.rotation": f"{frames} x 3 x 3 float32, row-major, world_from_camera",
            "pixels": "edges at integers: the first pixel's centre is (0.5, 0.5)",
        }
    )


def clip_table_bytes(table: ClipTable) -> bytes:
    """The parquet file of a clip table; equal tables give equal bytes."""
    sink = io.BytesIO()
    arrow = with_poses(table)
    pq.write_table(arrow, sink, row_group_size=ROW_GROUP, **encoding(arrow.schema))
    return sink.getvalue()


def with_poses(table: ClipTable) -> pa.Table:
    """All columns of the parquet file, the poses among them, as an arrow table of ``clip_schema``."""
    poses, schema = table.poses.world_from_camera.astype(np.float32), clip_schema(table.frames)
    clips = len(table)
    flat = [poses[..., 3].reshape(clips, table.frames * 3), poses[..., :3].reshape(clips, table.frames * 9)]
    lists = [
        _arrow_array(one, schema.field(name), clips)
        for one, name in zip(flat, schema.names[-2:], strict=True)
    ]
    columns = [column.cast(one.type) for column, one in zip(table.columns.columns, schema, strict=False)]
    return pa.Table.from_arrays([*columns, *lists], schema=schema)


def encoding(schema: pa.Schema) -> dict[str, Any]:
    """How parquet encodes a clip table."""
    lists = [
        one.name
        for one in schema
        if pa.types.is_fixed_size_list(one.type) and one.type.value_type == pa.float32()
    ]
    return {
        "compression": "zstd",
        # 5 % fewer bytes than the default of pyarrow; higher levels gain 1 % and take twice as long.
        "compression_level": 3,
        "use_dictionary": [one.name for one in schema if pa.types.is_string(one.type)],
        "column_encoding": {f"{name}.list.element": "BYTE_STREAM_SPLIT" for name in lists},
    }


def write_clips(path: Path, table: ClipTable) -> None:
    """Write a clip table as parquet, atomically."""
    write_file(path, clip_table_bytes(table))


def read_clips(source: Path | bytes, *, where: str | None = None) -> ClipTable:
    """Read a clip table with proper poses; InputError if the file is something else. ``where`` names it."""
    where = where or ("clip table" if isinstance(source, bytes) else str(source))
    with _opened(io.BytesIO(source) if isinstance(source, bytes) else source, where) as (file, frames):
        table = _of_arrow(file.read(), frames, where)
    table.poses.checked(where)
    return table


def iter_clips(source: Path | io.BufferedIOBase, *, where: str) -> Iterator[ClipTable]:
    """Read the clips of a parquet file some thousand at a time, complete takes together; poses are not
    checked.

    InputError if it is not a clip table. Clips of one take that are far apart in the file are not joined.
    """
    part: ClipTable | None = None
    for more in _batches(source, where):
        if part is not None:
            # The last take may continue in this batch.
            complete = int(starts_of(part["take"])[-1])
            if complete:
                yield part.rows(slice(0, complete))
            more = ClipTable.concatenated([part.rows(slice(complete, None)), more])
        part = more
    if part is not None:
        yield part


def _batches(source: Path | io.BufferedIOBase, where: str) -> Iterator[ClipTable]:
    """The clips of a file, some thousand at a time, or fewer if they are long."""
    with _opened(source, where) as (file, frames):
        rows = min(max(_POSES_AT_ONCE // frames, 1), _ROWS_AT_ONCE)
        # Threads of pyarrow can abort a process that ends soon after they started.
        batches = file.iter_batches(batch_size=rows, use_threads=file.metadata.num_rows > rows)
        while True:
            with _parsing(where):
                batch = next(batches, None)
            if batch is None:
                return
            if len(batch):
                yield _of_arrow(pa.Table.from_batches([batch]), frames, where)


def _parsing(where: str) -> AbstractContextManager[None]:
    return parsing("not a readable clip table", where=where, fix="give a clip table (parquet)")


@contextmanager
def _opened(source: Path | io.BufferedIOBase, where: str) -> Iterator[tuple[pq.ParquetFile, int]]:
    """Open the parquet file of a clip table with clips of so many frames, after checks of sizes and types."""
    if isinstance(source, Path):
        require_file(source, fix="give a clip table (parquet)")
        size = source.stat().st_size
    else:
        size = source.seek(0, io.SEEK_END)
    with _parsing(where):
        metadata = pq.read_metadata(source)
        file = pq.ParquetFile(
            source, metadata=metadata, read_dictionary=text_columns(metadata), pre_buffer=False
        )
    with file:
        with _parsing(where):
            schema = file.schema_arrow
            _check_version(schema, where)
            frames = check_columns(schema, clip_schema(1), where)
            check_sizes(file, size, where)
        yield file, frames


def _check_version(schema: pa.Schema, where: str) -> None:
    version = (schema.metadata or {}).get(b"multitake.pose_table", b"none").decode()
    if version != str(TABLE_VERSION):
        fix = f"give a clip table of version {TABLE_VERSION}, like those in poses/ of a data set"
        raise InputError(f"not a clip table, or of version {version}", where=where, fix=fix)


def _schema_without_poses(frames: int) -> pa.Schema:
    kinds = {name: get_args(hint)[1] for name, hint in _HINTS.items()}
    return pa.schema(
        [
            (name, pa.list_(pa.float32(), frames) if kind == _PER_FRAME else kind)
            for name, kind in kinds.items()
        ]
    )


def _of_arrow(table: pa.Table, frames: int, where: str) -> ClipTable:
    with _parsing(where):
        track = new_track(len(table), frames)
        for name, part in (("rotation", track[:, :3]), ("position_m", track[:, 3])):
            numbers = _numpy_array(table[name].combine_chunks())
            part[:] = np.moveaxis(numbers.reshape(len(table), frames, *part.shape[:-2]), (0, 1), (-2, -1))
        schema = _schema_without_poses(frames)
        columns = table.select(schema.names)
        check_frames(columns, frames, where)
        check_values(table, clip_schema(frames), optional=_OPTIONAL, where=where)
        return ClipTable(_without_empty_numbers(columns.cast(schema)).combine_chunks(), as_poses(track))


def _without_empty_numbers(columns: pa.Table) -> pa.Table:
    """Empty numbers as unknown ones, NaN or 0, unless the column may be empty."""
    unknown = {pa.float64(): math.nan, pa.int32(): 0}
    filled = [
        columns[one.name].fill_null(unknown[one.type])
        if one.type in unknown and one.name not in _OPTIONAL
        else columns[one.name]
        for one in columns.schema
    ]
    return pa.Table.from_arrays(filled, schema=columns.schema)


def _arrow_array(values: Any, column: pa.Field, clips: int) -> pa.Array | pa.ChunkedArray:
    """One column; ``values`` is an array, a list, or a single value (a tuple is one) for all clips."""
    kind, is_optional = column.type, column.name in _OPTIONAL
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values.cast(kind)
    if not isinstance(values, np.ndarray | list):
        values = [values] * clips
    if isinstance(values, list) or values.dtype == object:
        listed = [None if is_optional and _is_unknown(value) else value for value in values]
        return pa.array(listed, kind)
    if values.ndim == 1:
        return pa.array(values, from_pandas=is_optional).cast(kind)
    mask = pa.array(np.isnan(values).any(axis=1)) if is_optional else None
    return pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1], mask=mask).cast(kind)


def _has_nan(value: Any) -> bool:
    return any(one != one for one in (value if isinstance(value, tuple) else (value,)))


def _is_unknown(value: Any) -> bool:
    return value is None or bool(np.isnan(value).any())


def _numpy_array(column: pa.Array) -> np.ndarray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return np.array(column.dictionary.to_pylist(), dtype=np.str_)[column.indices.to_numpy()]
    if pa.types.is_string(kind):
        return np.array(column.to_pylist(), dtype=np.str_)
    if pa.types.is_fixed_size_list(kind):
        flat = column.values.slice(column.offset * kind.list_size, len(column) * kind.list_size)
        numbers = flat.to_numpy(zero_copy_only=False).reshape(len(column), kind.list_size)
        if column.null_count:
            numbers = np.where(column.is_valid().to_numpy(zero_copy_only=False)[:, None], numbers, np.nan)
        return numbers
    if pa.types.is_list(kind):
        lists = np.empty(len(column), dtype=object)
        lists[:] = [tuple(values or ()) for values in column.to_pylist()]
        return lists
    if pa.types.is_integer(kind):
        column = column.fill_null(0)
    return column.to_numpy(zero_copy_only=False)
