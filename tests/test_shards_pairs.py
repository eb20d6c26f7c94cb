"""Pairs without torch: mixing, framing, policies, windows, the cache, and the joint index."""

import ctypes
import os
import pickle
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import TINY_BATCH_FILES, TINY_KEYS, tiny_info, tiny_take, write_tiny_dataset
from hypothesis import given
from hypothesis import strategies as st

from multitake.errors import InputError, RunError
from multitake.randomness import rng_for
from shards import ClipFiles, DatasetWriter, FilmedTake, Take, encode_video, open_dataset, verify_dataset
from shards.pairs import (
    AdjacentPairs,
    Cache,
    FetchedPair,
    Mixture,
    MovingPairs,
    PairReader,
    PairSettings,
    PairSource,
    UniformPairs,
    WeightedPairs,
    ahead,
    distinct_over_shuffled,
    fitted_video,
    framing,
    open_plan,
    pair_sources,
)
from shards.pairs.fetching import StreamFiles
from shards.streaming import PairStream
from shards.video import video_size
from trajectories import CameraPose, ClipTable, Intrinsics

SIZES = st.tuples(*[st.integers(8, 700).map(lambda n: 2 * n)] * 2)


@given(st.lists(st.integers(1, 30) | st.floats(0.01, 9).map(lambda w: round(w, 2)), min_size=1, max_size=6))
def test_shares_are_exact_in_every_period_and_within_one_before_it(weights: list[float]) -> None:
    mixture = Mixture(weights)
    places = [mixture.place(index) for index in range(2 * mixture.period + 3)]
    counts = np.zeros(len(weights), dtype=int)
    expected = np.array(weights) / sum(weights)
    for index, (number, before) in enumerate(places):
        assert before == counts[number]
        counts[number] += 1
        assert (np.abs(counts - (index + 1) * expected) < 1 + 1e-9).all()
    order = [number for number, _ in places]
    for start in range(3):
        window = Counter(order[start : start + mixture.period])
        assert [window[n] / mixture.period for n in range(len(weights))] == pytest.approx(expected)


@pytest.mark.parametrize("weight", [0, -1, float("inf"), float("nan")])
def test_a_weight_is_positive(weight: float) -> None:
    with pytest.raises(InputError, match="a weight must be positive"):
        Mixture([1, weight])


@given(SIZES, SIZES, st.none() | st.tuples(*[st.floats(0, 1, exclude_max=True)] * 2))
def test_frames_cover_the_size_and_points_stay_where_they_were(
    filmed: tuple[int, int], size: tuple[int, int], at: tuple[float, float] | None
) -> None:
    found = framing(filmed, size, at=at)
    scale = [new / old for new, old in zip(found.scaled_px, filmed, strict=True)]
    for axis in range(2):
        assert 0 <= found.corner_px[axis] <= found.scaled_px[axis] - size[axis]
        assert found.corner_px[axis] % 2 == found.scaled_px[axis] % 2 == 0
    # One side fits, the other is left over: the aspect is that of the filmed frame but for rounding.
    assert any(found.scaled_px[axis] - size[axis] <= 1 for axis in range(2))
    assert abs(scale[0] / scale[1] - 1) <= 2 / min(found.scaled_px)
    lens = Intrinsics(
        fx_px=300.0,
        fy_px=310.0,
        cx_px=0.4 * filmed[0],
        cy_px=0.6 * filmed[1],
        width_px=filmed[0],
        height_px=filmed[1],
    )
    fx, fy, cx, cy = (float(n) for n in found.intrinsics([lens])[0])
    point = np.array([0.2, -0.1, 1.7])
    x, y = lens.project(point)
    expected = x * scale[0] - found.corner_px[0], y * scale[1] - found.corner_px[1]
    assert (fx * 0.2 / 1.7 + cx, fy * -0.1 / 1.7 + cy) == pytest.approx(expected, abs=0.02)


def disc_dataset(root: Path) -> Path:
    """A take that shows a white disc on black, 96 pixels across, in frames of 160x160."""
    y, x = np.mgrid[:160, :160]
    disc = np.where((x - 79.5) ** 2 + (y - 79.5) ** 2 < 48**2, 255, 0).astype(np.uint8)
    video = encode_video([np.repeat(disc[..., None], 3, axis=2)] * 21, fps=15)
    take = tiny_take(0)
    clips = take.clips.replaced(width_px=160, height_px=160, cx_px=80.0, cy_px=80.0)
    files = tuple(ClipFiles(camera=one.camera, members={"video": video}) for one in take.files)
    writer = DatasetWriter(root)
    counts = {"takes": 1, "clips": 3, "frames": 63, "shards": 1}
    info = replace(tiny_info(), width_px=160, height_px=160, planned_takes=1, counts=counts)
    writer.create(info, TINY_BATCH_FILES)
    writer.stage(replace(take, row=replace(take.row, width_px=160, height_px=160), clips=clips, files=files))
    writer.seal(0, TINY_KEYS[:1])
    return root


@pytest.mark.parametrize("size_px", [(224, 128), (96, 120), (320, 320)])
def test_a_disc_stays_round_and_the_optical_centre_stays_in_it(
    tmp_path: Path, size_px: tuple[int, int]
) -> None:
    root = disc_dataset(tmp_path / "disc")
    for crop in ("centre", "seeded"):
        reader = PairReader(
            open_plan([PairSource(url=root)], PairSettings(seed=2, size_px=size_px, crop=crop))
        )
        memory = np.zeros(reader.slot_bytes, dtype=np.uint8)
        record = reader.read(1, memory)
        image = memory[: size_px[0] * size_px[1] * 3].reshape(size_px[1], size_px[0], 3)[..., 1] > 127
        rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
        across = 96 * max(size_px) / 160
        for span, side in ((rows, size_px[1]), (columns, size_px[0])):
            is_whole = span[0] > 0 and span[-1] < side - 1
            assert not is_whole or abs(len(span) - across) <= 2
        centre = record.intrinsics[0, 0, 2:]
        if crop == "centre":
            found = (columns[0] + columns[-1] + 1) / 2, (rows[0] + rows[-1] + 1) / 2
            assert np.abs(centre - found).max() <= 1.5
        if image.all():
            continue
        assert image[int(np.clip(centre[1], 0, size_px[1] - 1)), int(np.clip(centre[0], 0, size_px[0] - 1))]


def plan_of(root: Path, **changed):
    return open_plan([PairSource(url=root)], PairSettings(**{"seed": 4, "frames": 1, **changed}))


def cameras_of(root: Path, samples: int = 90, **changed) -> list[tuple[str, ...]]:
    plan = plan_of(root, **changed)
    return [plan.pair(index, plan.take(index)).cameras for index in range(samples)]


def motions_of(take: Take) -> dict[str, str]:
    return {row.camera: row.motion for row in take.clip_rows}


def test_policies_choose_the_cameras_that_they_say(tiny_dataset: Path) -> None:
    motions = motions_of(next(iter(open_dataset(tiny_dataset))))
    assert sorted(motions.values()) == ["arc", "pan", "static"]
    uniform = Counter(cameras_of(tiny_dataset, 600))
    assert len(uniform) == 6 and min(uniform.values()) > 60
    moving = {motions[camera] for pair in cameras_of(tiny_dataset, policy=MovingPairs()) for camera in pair}
    assert moving == {"arc", "pan"}
    weighted = WeightedPairs(weights={"pan": 3, "static": 0})
    targets = Counter(motions[pair[1]] for pair in cameras_of(tiny_dataset, 800, policy=weighted))
    assert set(targets) == {"pan", "arc"} and targets["pan"] / 800 == pytest.approx(0.75, abs=0.05)
    assert {motions[pair[0]] for pair in cameras_of(tiny_dataset, policy=weighted)} == set(motions.values())
    two = cameras_of(tiny_dataset, targets=2)
    assert all(len(set(cameras)) == 3 for cameras in two)


def take_without_motions(index: int, cameras: int) -> FilmedTake:
    """A tiny take; the motions of its first cameras are unknown."""
    take = tiny_take(index)
    rows = [replace(row, motion="unknown") if n < cameras else row for n, row in enumerate(take.clips)]
    return replace(take, clips=ClipTable.of_rows(rows, take.clips.poses))


def test_cameras_of_unknown_motion_are_not_said_to_move(tmp_path: Path) -> None:
    root = write_tiny_dataset(
        tmp_path / "set", [take_without_motions(0, 3), take_without_motions(1, 1), tiny_take(2)]
    )
    plan, rng = plan_of(root, policy=MovingPairs()), rng_for(0, "pair")
    all_unknown, one_unknown, known = open_dataset(root)
    with pytest.raises(
        InputError, match=r"take room_000000: MovingPairs choose by motion, and the motions of"
    ):
        plan.pair_of(all_unknown, rng)
    with pytest.raises(InputError, match="room_000001: 1 cameras for pairs of 2"):
        plan.pair_of(one_unknown, rng)
    assert {motions_of(known)[camera] for camera in plan.pair_of(known, rng).cameras} == {"arc", "pan"}


def ring_dataset(root: Path) -> Path:
    """A take whose three cameras start 20 degrees and then 100 degrees further around the subject."""
    take = tiny_take(0)
    angles = np.radians([0, 20, 120])
    start = np.stack([3 * np.cos(angles), 3 * np.sin(angles), np.full(3, 1.2)], axis=-1)
    poses = CameraPose.looking(
        np.repeat(start[:, None], 21, axis=1), np.repeat(((0, 0, 1.2) - start)[:, None], 21, axis=1)
    )
    writer = DatasetWriter(root)
    writer.create(
        replace(tiny_info(), planned_takes=1, counts={"takes": 1, "clips": 3, "frames": 63, "shards": 1}),
        TINY_BATCH_FILES,
    )
    writer.stage(replace(take, clips=ClipTable.of_rows(list(take.clips), poses)))
    writer.seal(0, TINY_KEYS[:1])
    return root


def test_adjacent_pairs_start_near_each_other(tmp_path: Path) -> None:
    root = ring_dataset(tmp_path / "ring")
    one, two, far = open_dataset(root).take(TINY_KEYS[0]).cameras
    assert set(cameras_of(root, policy=AdjacentPairs())) == {(one, two), (two, one), (far, two)}
    assert len(set(cameras_of(root, 200, policy=AdjacentPairs(azimuth_deg=180)))) == 6
    assert set(cameras_of(root, policy=UniformPairs())) == set(
        cameras_of(root, 200, policy=AdjacentPairs(azimuth_deg=180))
    )


def test_a_shuffle_has_a_mixing_of_one_and_neighbours_less() -> None:
    groups = np.repeat(np.arange(100), 10)
    shuffled = rng_for(0, "shuffle").permutation(groups).tolist()
    assert distinct_over_shuffled(shuffled, 50) == pytest.approx(1, abs=0.05)
    assert distinct_over_shuffled(groups.tolist(), 50) < 0.2


@pytest.fixture
def copy(tiny_dataset: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_dataset, tmp_path / "dataset"))


def read_all(root: Path, cache: Cache | None, samples: int = 9) -> tuple[list[bytes], PairReader]:
    plan = open_plan([PairSource(url=root)], PairSettings(seed=1), cache=cache)
    reader = PairReader(plan)
    memory = np.zeros(reader.slot_bytes, dtype=np.uint8)
    contents = []
    for index in range(samples):
        reader.read(index, memory)
        contents.append(memory.tobytes())
    return contents, reader


def test_a_cache_gives_the_same_bytes_without_reading_again(copy: Path, tmp_path: Path) -> None:
    cache = Cache(folder=tmp_path / "cache", most_bytes=10**8)
    without, _ = read_all(copy, None)
    first, filling = read_all(copy, cache)
    second, kept = read_all(copy, cache)
    assert without == first == second
    assert filling.counts.read_bytes > 0 == kept.counts.read_bytes
    assert kept.counts.cached_bytes == filling.counts.read_bytes + filling.counts.cached_bytes
    for path in (tmp_path / "cache").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-9])
    assert read_all(copy, cache)[0] == without


def test_a_cache_keeps_to_its_size(copy: Path, tmp_path: Path) -> None:
    most = 60_000
    cache = Cache(folder=tmp_path / "cache", most_bytes=most)
    contents, reader = read_all(copy, cache, 30)
    size = sum(path.stat().st_size for path in (tmp_path / "cache").rglob("*") if path.is_file())
    assert reader.counts.read_bytes > 2 * most and size <= 1.2 * most
    assert contents == read_all(copy, None, 30)[0]


def test_many_processes_keep_a_cache_to_its_size(tmp_path: Path) -> None:
    most, writers = 2_000_000, 16
    code = (
        "import sys; from pathlib import Path\n"
        "from shards.pairs import Cache\nfrom shards.pairs.fetching import StreamFiles\n"
        "cache = Cache(folder=Path(sys.argv[2]), most_bytes=int(sys.argv[3]))\n"
        "files, first = StreamFiles(sys.argv[1], cache=cache), int(sys.argv[4])\n"
        "for n in range(40): files.read_ranges('big', [(n * 10_000 + first, (n + 1) * 10_000)])"
    )
    (tmp_path / "big").write_bytes(bytes(500_000))
    arguments = [sys.executable, "-c", code, str(tmp_path), str(tmp_path / "cache"), str(most)]
    running = [subprocess.Popen([*arguments, str(number)]) for number in range(writers)]
    assert [process.wait(120) for process in running] == [0] * writers
    size = sum(path.stat().st_size for path in (tmp_path / "cache").rglob("*") if path.is_file())
    assert 0.5 * most < size <= 1.1 * most


def test_any_number_of_readers_keep_one_limit_at_all_times(tmp_path: Path) -> None:
    most, path = 1_000_000, tmp_path / "cache"
    (tmp_path / "big").write_bytes(bytes(3_000_000))
    cache = Cache(folder=path, most_bytes=most)
    readers = [StreamFiles(tmp_path, cache=cache) for _ in range(200)]
    sizes = []
    for number in range(7):
        for place, reader in enumerate(readers):
            start = 1500 * (200 * number + place)
            reader.read_ranges("big", [(start, start + 1500)])
        sizes.append(sum(one.stat().st_size for one in path.glob("??/*")))
    assert 0.8 * most < max(sizes) <= most and sizes[0] > 0.2 * most


def test_a_cache_whose_size_is_lost_is_summed_up_again(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(bytes(100_000))
    files = StreamFiles(tmp_path, cache=Cache(folder=tmp_path / "cache", most_bytes=30_000))
    for number in range(40):
        for lost in (tmp_path / "cache").glob("*"):
            lost.write_text("lost") if lost.is_file() and number % 7 == 0 else None
        files.read_ranges("big", [(1000 * number, 1000 * number + 2000)])
        assert sum(one.stat().st_size for one in (tmp_path / "cache").glob("??/*")) <= 30_000


def test_a_full_disk_leaves_no_part_of_a_range(copy: Path, tmp_path: Path) -> None:
    # A limit of file sizes is what a full disk is like, in a process of its own.
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from shards.pairs import Cache\nfrom shards.pairs.fetching import StreamFiles\n"
        "files = StreamFiles(sys.argv[1], cache=Cache(folder=Path(sys.argv[2]), most_bytes=10**9))\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))\n"
        "print(len(files.read_ranges('shards/00000.tar', [(0, 20_000)])[0]))"
    )
    arguments = [sys.executable, "-c", code, str(copy), str(tmp_path / "cache")]
    assert subprocess.check_output(arguments, text=True) == "20000\n"
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_a_stream_goes_on_when_the_cache_cannot_be_written(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("not a folder")
    cache = Cache(folder=tmp_path / "cache", most_bytes=10**8)
    assert read_all(copy, cache)[0] == read_all(copy, None)[0]


def test_the_joint_index_is_that_of_the_shards(copy: Path) -> None:
    def members(root: Path) -> list[object]:
        return [(take.shard, take.members) for take in open_dataset(root)]

    before, splits = members(copy), open_dataset(copy).splits
    DatasetWriter(copy).finish()
    for path in copy.glob("index/*"):
        path.write_bytes(b"")
    assert members(copy) == before and open_dataset(copy).splits == splits == dict.fromkeys(
        TINY_KEYS, "train"
    )


def test_a_joint_index_that_is_damaged_or_old_is_not_used(copy: Path) -> None:
    DatasetWriter(copy).finish()
    assert not verify_dataset(copy)
    joint = copy / "index.arrow"
    content = joint.read_bytes()
    for place in range(0, len(content), len(content) // 40):
        damaged = bytearray(content)
        damaged[place] ^= 1
        joint.write_bytes(damaged)
        assert open_dataset(copy).keys == TINY_KEYS
        (problem,) = verify_dataset(copy)
        assert problem.where == "index.arrow"
    joint.write_bytes(content)
    os.rename(copy / "index/00001.parquet", copy / "aside")
    with pytest.raises(InputError, match=r"index/00001\.parquet: is missing"):
        open_dataset(copy)
    joint.unlink()
    assert open_dataset(copy).keys == TINY_KEYS[:2]


@pytest.mark.parametrize("threads", [0, 2])
@pytest.mark.parametrize("bad", [0, 2, 5])
def test_samples_before_one_that_fails_are_delivered(tiny_dataset: Path, threads: int, bad: int) -> None:
    reader = PairReader(open_plan(pair_sources(tiny_dataset), PairSettings(seed=3, frames=5)))

    def fetch(index: int) -> FetchedPair:
        if index == bad:
            raise RunError("no answer", where="storage", fix="wait")
        return reader.fetch(index)

    delivered = []
    with pytest.raises(RunError, match="no answer"):
        for one in ahead(fetch, range(9), threads=threads):
            delivered.append(one.index)
    assert delivered == list(range(bad))


_MAPPED = """
import ctypes, pickle, sys

class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks hblkhd u f a d k".split()]

libc = ctypes.CDLL(None)
libc.mallinfo2.restype, libc.malloc.restype = Info, ctypes.c_void_p

def is_mapped():
    before = libc.mallinfo2().hblks
    libc.malloc(ctypes.c_size_t(2**23))
    return libc.mallinfo2().hblks > before

print(is_mapped())
pickle.load(sys.stdin.buffer).sample(0)
print(is_mapped())
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="needs glibc 2.33")
def test_a_stream_in_another_process_keeps_the_memory_that_decoders_free(tiny_dataset: Path) -> None:
    stream = pickle.dumps(PairStream(tiny_dataset, PairSettings(seed=3, frames=5)))
    found = subprocess.run([sys.executable, "-c", _MAPPED], input=stream, capture_output=True, check=True)
    assert found.stdout.split() == [b"True", b"False"]


def test_a_sample_that_cannot_be_read_is_replaced_by_one_of_another_take(tiny_dataset: Path) -> None:
    plan = open_plan(pair_sources(tiny_dataset), PairSettings(seed=3, frames=5))
    for index in range(12):
        instead = {plan.take(index, attempt=attempt).key for attempt in range(1, 9)}
        assert instead == set(TINY_KEYS) - {plan.take(index).key}


def test_any_video_is_fitted_as_the_clips_of_a_pair(tiny_dataset: Path) -> None:
    size_px = (40, 40)
    plan = open_plan([PairSource(url=tiny_dataset)], PairSettings(seed=4, frames=5, size_px=size_px))
    reader = PairReader(plan)
    memory = np.zeros(reader.slot_bytes, dtype=np.uint8)
    record = reader.read(0, memory)
    video = open_dataset(tiny_dataset).take(record.take).content("video", record.cameras[0])
    wanted = memory[: 5 * 40 * 40 * 3].reshape(5, 40, 40, 3)
    frames = range(*record.window.slice.indices(21))
    assert np.array_equal(fitted_video(video, frames, size_px), wanted)
    several = [frames[0], frames[0], frames[3]]
    assert np.array_equal(fitted_video(video, several, size_px), wanted[[0, 0, 3]])
    assert video_size(video) == (64, 48)
