"""The clip table: properties of columns and rows, exact files, a pinned schema, and refused files."""

import json
import math
from dataclasses import asdict, fields
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from multitake.errors import InputError
from trajectories import CameraPose, ClipRow, ClipTable, clip_table_bytes, iter_clips, read_clips, write_clips
from trajectories.clip_table import clip_schema
from trajectories.sampling import PRESETS, Shot, clips_of_rigs, sample_rigs

_GOLDEN = Path(__file__).with_name("golden") / "clip_schema.txt"
_FRAMES = 3

_seeds = st.tuples(st.integers(0, 2**31), st.integers(0, 8))


def _rows(seed_and_count: tuple[int, int]) -> list[ClipRow]:
    """Random rows with all kinds of values: unknown, NaN, tiny, large, empty, and ordinary ones."""
    seed, count = seed_and_count
    rng = np.random.default_rng(seed)

    def number() -> float:
        return float(rng.choice([0.0, -0.0, 0.1, -2.5e-7, 1e-300, 1e9, rng.normal()]))

    def any_number() -> float:
        return math.nan if rng.random() < 0.3 else number()

    def positive() -> float:
        return math.nan if rng.random() < 0.3 else float(rng.uniform(1e-6, 1e9))

    def word() -> str:
        return str(rng.choice(["", "train", "pan", "Zürich"]))

    def maybe(value: Any) -> Any:
        return None if rng.random() < 0.4 else value

    def words() -> tuple[str, ...]:
        return tuple(word() for _ in range(rng.integers(4)))

    return [
        ClipRow(
            take=str(rng.choice(["a", "b", "c", "take/d"])),
            camera=str(rng.choice(["cam01", "cam02"])),
            split=word(),
            motion=word(),
            angle_deg=maybe(number()),
            direction=maybe((number(), number(), number())),
            waypoints_m=maybe(tuple(rng.random(3 * rng.integers(3)).tolist())),
            is_tracking=bool(rng.random() < 0.5),
            speed_a=float(rng.uniform(-100, 100)),
            radius_limit_m=positive(),
            fx_px=positive(),
            width_px=int(rng.integers(10**9)),
            frames=_FRAMES,
            subject_m=(any_number(), any_number(), any_number()),
            focus_distance_m=maybe(tuple(rng.random(_FRAMES, dtype=np.float32).tolist())),
            attempt=int(rng.integers(1000)),
            proposals=int(rng.integers(1, 1000)),
            rejected_for=words(),
            flags=words(),
        )
        for _ in range(count)
    ]


def _table(rows: list[ClipRow]) -> ClipTable:
    """Rows with poses that all differ."""
    rotation = Rotation.random(max(len(rows), 1) * _FRAMES, random_state=1).as_matrix()
    rotation = rotation[: len(rows) * _FRAMES].reshape(-1, _FRAMES, 3, 3)
    position_m = np.arange(rotation[..., 0].size, dtype=np.float64).reshape(-1, _FRAMES, 3)
    return ClipTable.of_rows(rows, CameraPose.of(rotation, position_m))


def _assert_equal(one: ClipTable, other: ClipTable) -> None:
    """Check that two tables are equal: columns with their types, NaN, None and empty lists; and poses."""
    assert one.columns.schema.equals(other.columns.schema)
    # NaN differs from itself, but not in its text.
    assert repr(one.columns.to_pylist()) == repr(other.columns.to_pylist())
    np.testing.assert_array_equal(one.poses.world_from_camera, other.poses.world_from_camera)


@pytest.fixture(scope="module")
def table() -> ClipTable:
    """Two takes of ten sampled cameras; one of them has a flag."""
    subjects_m = np.array([[1.0, 2.0, 1.1], [-4.0, 0.0, 1.2]])
    batch = sample_rigs(PRESETS["paper"], subjects_m, seed=5, frames=9)
    shot = Shot(frames=9, width_px=256, height_px=144)
    clips = clips_of_rigs(batch, takes=["street_000000", "street_000001"], shot=shot)
    return clips.replaced(flags=[("below_ground",), *[()] * 19])


@given(seeds=_seeds)
def test_a_table_is_the_list_of_its_rows(seeds: tuple[int, int]) -> None:
    rows = _rows(seeds)
    table = _table(rows)
    assert len(table) == len(rows) and table.frames == _FRAMES
    assert repr(list(table)) == repr(rows)
    _assert_equal(ClipTable.of_rows(list(table), table.poses), table)
    for index, row in enumerate(rows):
        assert repr(table.row(index)) == repr(row)
        assert table.name(index) == row.name == f"{row.take}/{row.camera}"


@given(seeds=_seeds)
def test_a_column_has_the_values_of_its_rows(seeds: tuple[int, int]) -> None:
    rows = _rows(seeds)
    table = _table(rows)
    for column in fields(ClipRow):
        found = table[column.name]
        assert isinstance(found, np.ndarray) and len(found) == len(rows) and table[column.name] is found
        for value, expected in zip(found.tolist(), [getattr(row, column.name) for row in rows], strict=True):
            if expected is None:
                is_list = column.name == "waypoints_m"
                assert value == () if is_list else np.isnan(value).all(), "an unknown value"
            else:
                same = tuple(value) if isinstance(expected, tuple) else value
                assert repr(same) == repr(expected)


@given(seeds=_seeds, cut=st.integers(0, 8), mask=st.lists(st.booleans(), min_size=8, max_size=8))
def test_parts_of_a_table_are_the_parts_of_its_list(
    seeds: tuple[int, int], cut: int, mask: list[bool]
) -> None:
    rows = _rows(seeds)
    table = _table(rows)
    first, second = table.rows(slice(0, cut)), table.rows(slice(cut, None))
    _assert_equal(ClipTable.concatenated([first, second]), table)
    _assert_equal(ClipTable.concatenated([table]), table)
    assert repr(list(first)) == repr(rows[:cut])
    chosen = np.array(mask[: len(rows)], dtype=bool)
    some = table.rows(chosen)
    assert repr(list(some)) == repr([row for row, is_in in zip(rows, mask, strict=False) if is_in])
    np.testing.assert_array_equal(some.poses.world_from_camera, table.poses.world_from_camera[chosen])
    _assert_equal(table.rows(np.flatnonzero(chosen)), some)
    _assert_equal(table.rows(slice(None, None, -1)).rows(slice(None, None, -1)), table)


@given(seeds=_seeds)
def test_grouping_brings_takes_together_in_order_of_first_appearance(seeds: tuple[int, int]) -> None:
    rows = _rows(seeds)
    table = _table(rows)
    grouped = table.grouped()
    order = [
        i
        for take in dict.fromkeys(row.take for row in rows)
        for i in range(len(rows))
        if rows[i].take == take
    ]
    _assert_equal(grouped, table.rows(np.array(order, dtype=np.int64)))
    assert grouped.grouped() is grouped
    assert (grouped is table) == (order == list(range(len(rows))))
    sizes = [len(list(clips)) for _, clips in groupby(grouped["take"].tolist())]
    assert len(set(grouped["take"])) == len(sizes) == len(grouped.take_starts)
    assert grouped.take_sizes.tolist() == sizes
    assert grouped.take_starts.tolist() == np.cumsum([0, *sizes])[:-1].tolist()
    assert grouped.take_number.tolist() == [i for i, size in enumerate(sizes) for _ in range(size)]


@given(seeds=_seeds)
def test_replaced_changes_only_the_columns_that_are_given(seeds: tuple[int, int]) -> None:
    rows = _rows(seeds)
    table = _table(rows)
    changed = table.replaced(split="validation", proposals=np.arange(len(rows)) + 5)
    expected = [
        ClipRow(**{**asdict(row), "split": "validation", "proposals": i + 5}) for i, row in enumerate(rows)
    ]
    assert repr(list(changed)) == repr(expected)
    _assert_equal(table.replaced(), table)
    _assert_equal(changed.replaced(**{name: table[name] for name in ("split", "proposals")}), table)


@given(seeds=_seeds)
def test_files_give_back_rows_exactly_and_poses_in_float32(seeds: tuple[int, int]) -> None:
    rows = _rows(seeds)
    table = _table(rows)
    content = clip_table_bytes(table)
    again = read_clips(content)
    assert repr(list(again)) == repr(rows)
    stored = table.poses.world_from_camera.astype(np.float32).astype(np.float64)
    np.testing.assert_array_equal(again.poses.world_from_camera, stored)
    assert clip_table_bytes(again) == content


@settings(max_examples=40)
@given(seeds=_seeds, cut=st.integers(0, 8))
def test_equal_tables_give_equal_bytes_however_they_were_made(seeds: tuple[int, int], cut: int) -> None:
    rows = _rows(seeds)
    table = _table(rows)
    content = clip_table_bytes(table)
    parts = ClipTable.concatenated([table.rows(slice(0, cut)), table.rows(slice(cut, None))])
    reversed_twice = table.rows(slice(None, None, -1)).rows(slice(None, None, -1))
    for same in (parts, reversed_twice, ClipTable.of_rows(list(table), table.poses[:]), table.replaced()):
        assert clip_table_bytes(same) == content
    some = table.rows(slice(0, cut))
    assert clip_table_bytes(ClipTable.of_rows(list(some), some.poses)) == clip_table_bytes(some)


@given(seeds=_seeds)
def test_rows_come_back_from_json(seeds: tuple[int, int]) -> None:
    rows = _rows(seeds)
    for row in rows:
        assert repr(ClipRow.of_json(json.loads(json.dumps(asdict(row))))) == repr(row)


def test_a_record_has_all_needed_columns_and_no_others() -> None:
    needed = {"take": "a", "camera": "b", "frames": 3}
    assert repr(ClipRow.of_json({**needed, "flags": ["x"]})) == repr(ClipRow(**needed, flags=("x",)))
    for name in needed:
        with pytest.raises(TypeError, match=name):
            ClipRow.of_json({key: value for key, value in needed.items() if key != name})
    with pytest.raises(TypeError, match="colour"):
        ClipRow.of_json({**needed, "colour": "red"})


_UNKNOWN = {
    "angle_deg": None,
    "direction": None,
    "waypoints_m": None,
    "speed_a": math.nan,
    "subject_m": (math.nan,) * 3,
    "focus_distance_m": None,
    "motion": "unknown",
    "proposals": 0,
    "rejected_for": (),
}


def _poses(clips: int) -> CameraPose:
    return CameraPose(np.tile(np.eye(3, 4), (clips, _FRAMES, 1, 1)))


def test_columns_that_are_not_given_are_unknown() -> None:
    table = ClipTable.of(_poses(2), take=["a", "b"], camera="cam01")
    for row, take in zip(table, ("a", "b"), strict=True):
        assert repr(row) == repr(ClipRow(take=take, camera="cam01", frames=_FRAMES))
        assert {name: repr(getattr(row, name)) for name in _UNKNOWN} == {
            k: repr(v) for k, v in _UNKNOWN.items()
        }
    assert not table.states_moves and ClipTable.of(_poses(1), take="a", camera="b", motion="pan").states_moves
    assert np.isnan(table.intrinsics).all()


@pytest.mark.parametrize(
    ("name", "given_values", "expected"),
    [
        ("angle_deg", np.array([1.5, np.nan]), [1.5, None]),
        ("angle_deg", [1.5, math.nan], [1.5, None]),
        ("angle_deg", [1.5, None], [1.5, None]),
        ("angle_deg", 1.5, [1.5, 1.5]),
        ("angle_deg", math.nan, [None, None]),
        ("speed_a", np.array([1.5, np.nan]), [1.5, math.nan]),
        ("speed_a", [1.5, math.nan], [1.5, math.nan]),
        ("direction", np.array([[0.0, 1.0, 0.0], [np.nan] * 3]), [(0.0, 1.0, 0.0), None]),
        ("direction", (0.0, 1.0, 0.0), [(0.0, 1.0, 0.0)] * 2),
        ("subject_m", np.array([[0.0, 1.0, 0.0], [np.nan] * 3]), [(0.0, 1.0, 0.0), (math.nan,) * 3]),
        ("subject_m", (0.0, 1.0, 0.0), [(0.0, 1.0, 0.0)] * 2),
        ("waypoints_m", [np.arange(3.0), None], [(0.0, 1.0, 2.0), None]),
        ("focus_distance_m", np.ones((2, 3), dtype=np.float32), [(1.0, 1.0, 1.0)] * 2),
        ("flags", ("a", "b"), [("a", "b")] * 2),
        ("flags", [(), ("a",)], [(), ("a",)]),
        ("motion", np.array(["pan", "tilt"]), ["pan", "tilt"]),
        ("motion", "pan", ["pan", "pan"]),
        ("is_tracking", np.array([True, False]), [True, False]),
        ("width_px", np.array([64, 32]), [64, 32]),
        ("proposals", 3, [3, 3]),
    ],
)
def test_a_column_is_an_array_or_a_list_or_one_value_for_all(
    name: str, given_values: Any, expected: list[Any]
) -> None:
    table = ClipTable.of(_poses(2), take="a", camera=["cam01", "cam02"], **{name: given_values})
    assert repr([getattr(row, name) for row in table]) == repr(expected)
    assert repr([getattr(row, name) for row in read_clips(clip_table_bytes(table))]) == repr(expected)


def test_misspelled_and_missing_columns_are_refused() -> None:
    poses = CameraPose.of(np.eye(3), np.zeros((2, 3, 3)))
    with pytest.raises(TypeError, match=r"radius_limit$"):
        ClipTable.of(poses, take="a", camera=["c", "d"], radius_limit=3.0)
    with pytest.raises(TypeError, match=r"camera$"):
        ClipTable.of(poses, take="a")
    assert ClipTable.of(poses, take="a", camera="c", frames=99)["frames"].tolist() == [3, 3]


def test_a_row_is_found_by_its_index_from_both_ends(table: ClipTable) -> None:
    assert repr(table.row(-1)) == repr(table.row(len(table) - 1)) == repr(list(table)[-1])
    for index in (len(table), -len(table) - 1):
        with pytest.raises(IndexError):
            table.row(index)


def test_unknown_points_are_null_in_arrays_and_lists() -> None:
    poses = CameraPose.of(np.eye(3), np.zeros((2, 3, 3)))
    points = np.array([[0.0, 0.0, 1.0], [np.nan] * 3])
    tables = [
        ClipTable.of(poses, take="a", camera=["c", "d"], direction=direction)
        for direction in (points, [tuple(point) for point in points.tolist()], [(0.0, 0.0, 1.0), None])
    ]
    assert len({clip_table_bytes(one) for one in tables}) == 1
    assert tables[0].row(1).direction is None


def test_clips_of_a_table_without_rows() -> None:
    empty = _table([])
    assert len(empty) == len(list(empty)) == 0 and empty.grouped() is empty
    assert len(empty.take_starts) == len(empty.take_sizes) == len(empty.take_number) == 0
    _assert_equal(read_clips(clip_table_bytes(empty)), empty)


def test_rows_have_their_intrinsics_and_focus(table: ClipTable) -> None:
    row = table.row(3)
    assert row.intrinsics.width_px == 256
    assert row.intrinsics.fx_px == pytest.approx(row.focal_length_mm / 23.76 * 256)
    assert row.focus_distance_m is not None
    distance_m = np.linalg.norm(table.poses.position_m[3] - row.subject_m, axis=-1)
    np.testing.assert_allclose(row.focus_distance_m, distance_m, rtol=1e-6)
    assert [row.flags for row in table][:2] == [("below_ground",), ()]
    np.testing.assert_array_equal(table.intrinsics, [row.intrinsics.numbers for row in table])
    assert table.states_moves


def test_a_written_file_is_read_back(table: ClipTable, tmp_path: Path) -> None:
    path = tmp_path / "new" / "clips.parquet"
    write_clips(path, table)
    assert path.read_bytes() == clip_table_bytes(table)
    again = read_clips(path)
    assert repr(list(again)) == repr(list(table))
    assert [file.name for file in path.parent.iterdir()] == ["clips.parquet"]


def test_pandas_reads_it_without_our_code(table: ClipTable, tmp_path: Path) -> None:
    write_clips(tmp_path / "clips.parquet", table)
    frame = pd.read_parquet(tmp_path / "clips.parquet")
    assert len(frame) == 20
    assert sorted(frame["motion"].unique()) == ["arc", "pan", "random", "static", "tilt", "translation"]
    position_m = np.stack(frame["position_m"]).reshape(20, 9, 3)
    np.testing.assert_array_equal(position_m, table.poses.position_m.astype(np.float32))
    rotation = np.stack(frame["rotation"]).reshape(20, 9, 3, 3)
    np.testing.assert_array_equal(rotation, table.poses.rotation.astype(np.float32))


def test_schema_is_the_pinned_one() -> None:
    assert clip_schema(81).to_string(truncate_metadata=False) + "\n" == _GOLDEN.read_text()


@pytest.fixture(scope="module")
def long_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ClipTable]:
    """7,000 clips: takes of 3, of 4,000, and of 1 clip; more than is read at once."""
    takes = [*np.repeat([f"a{i}" for i in range(900)], 3), *["b"] * 4000, *[f"c{i}" for i in range(300)]]
    position_m = np.arange(7000.0)[:, None, None] * np.array([[1.0, 0.0, 0.0]])
    poses = CameraPose.of(np.eye(3), position_m)
    table = ClipTable.of(poses, take=takes, camera=[f"cam{i % 7}" for i in range(7000)])
    path = tmp_path_factory.mktemp("long") / "clips.parquet"
    write_clips(path, table)
    return path, table


def test_long_files_are_read_in_parts_of_complete_takes(long_file: tuple[Path, ClipTable]) -> None:
    path, table = long_file
    with path.open("rb") as file:
        for source in (path, file):
            parts = list(iter_clips(source, where="here"))
            assert len(parts) > 1
            takes = [set(part["take"]) for part in parts]
            assert sum(map(len, takes)) == len(set.union(*takes)) == 1201, "no take is in two parts"
            _assert_equal(ClipTable.concatenated(parts), table)


def test_no_clips_are_no_parts(tmp_path: Path) -> None:
    write_clips(tmp_path / "empty.parquet", _table([]))
    assert list(iter_clips(tmp_path / "empty.parquet", where="here")) == []


def _rewritten(table: ClipTable, change: Any) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(change(pq.read_table(pa.BufferReader(clip_table_bytes(table)))), sink)
    return sink.getvalue().to_pybytes()


def test_other_files_are_refused(table: ClipTable, tmp_path: Path) -> None:
    (tmp_path / "text.parquet").write_text("no parquet at all")
    pd.DataFrame({"x": [1]}).to_parquet(tmp_path / "other.parquet")
    (tmp_path / "cut.parquet").write_bytes(clip_table_bytes(table)[:-100])
    newer = _rewritten(table, lambda t: t.replace_schema_metadata({"multitake.pose_table": "99"}))
    (tmp_path / "newer.parquet").write_bytes(newer)
    less = _rewritten(table, lambda t: t.drop_columns(["speed_a", "proposals"]))
    (tmp_path / "less.parquet").write_bytes(less)
    for name, message in (
        ("text", "not a readable clip table"),
        ("absent", "cannot be read (No such file or directory)"),
        ("cut", "not a readable clip table"),
        ("other", "not a clip table, or of version none; give a clip table of version 1"),
        ("newer", "not a clip table, or of version 99; give a clip table of version 1"),
        ("less", "missing column speed_a, proposals; give a complete table"),
    ):
        path = tmp_path / f"{name}.parquet"
        for act in (
            lambda path=path: read_clips(path),
            lambda path=path: list(iter_clips(path, where=str(path))),
        ):
            with pytest.raises(InputError) as error:
                act()
            assert str(error.value).startswith(f"{path}: {message}")
    with pytest.raises(InputError, match=r"^clip table: missing column"):
        read_clips(less)
    with pytest.raises(InputError, match=r"^poses of take 7: missing column"):
        read_clips(less, where="poses of take 7")


def test_further_columns_and_metadata_are_ignored(table: ClipTable) -> None:
    more = _rewritten(table, lambda t: t.append_column("mood", pa.array(["calm"] * 20)))
    _assert_equal(read_clips(more), read_clips(clip_table_bytes(table)))


@pytest.mark.parametrize(
    ("factor", "message"), [(-1.0, "mirrored"), (np.nan, "not finite"), (2.0, "not orthonormal")]
)
def test_improper_poses_are_refused_when_read(
    table: ClipTable, factor: float, message: str, tmp_path: Path
) -> None:
    matrices = table.poses.world_from_camera.copy()
    matrices[7, 3, :, 1] *= factor
    spoiled = ClipTable(table.columns, CameraPose(matrices))
    assert spoiled.is_proper.tolist() == [index != 7 for index in range(20)]
    write_clips(tmp_path / "clips.parquet", spoiled)
    with pytest.raises(InputError, match=message):
        read_clips(tmp_path / "clips.parquet")
    found = ClipTable.concatenated(list(iter_clips(tmp_path / "clips.parquet", where="here")))
    np.testing.assert_array_equal(found.is_proper, spoiled.is_proper)
