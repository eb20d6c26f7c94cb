"""The sequential reader: every shard once per epoch, several pairs of each take, damage found, plain HTTP."""

import io
import os
import shutil
import tarfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import count, islice
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import TINY_KEYS, TINY_SHARDS, tiny_take, write_tiny_dataset
from torch.utils.data import DataLoader

from multitake.errors import InputError, RunError
from shards import DatasetWriter, FilmedTake, open_dataset, patience
from shards.pairs import MovingPairs, PairSettings
from shards.streaming import PairSample, PairStream, SequentialPairs
from trajectories import ClipTable


def sequential(url: Path | str, *, buffer_takes: int = 2, damage: str = "stop", **options) -> SequentialPairs:
    settings = PairSettings(seed=5, frames=5, damage=damage)
    return SequentialPairs(url, settings, buffer_takes=buffer_takes, **options)


@pytest.fixture
def copy(tiny_dataset: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_dataset, tmp_path / "dataset"))


def assert_true_pair(root: Path, sample: PairSample) -> None:
    take = open_dataset(root).take(sample.take)
    window = slice(sample.first_frame, sample.first_frame + 5)
    for clip in (sample.source, sample.target):
        frames = take.clip(clip.camera).frames(window.start, window.stop)
        assert np.array_equal(clip.rgb().permute(0, 2, 3, 1).numpy(), frames)


def test_each_epoch_has_several_pairs_of_each_take(tiny_dataset: Path) -> None:
    samples = list(islice(sequential(tiny_dataset, pairs_per_take=4, buffer_takes=1), 36))
    for sample in samples[:12]:
        assert_true_pair(tiny_dataset, sample)
    epochs = [Counter(s.take for s in samples if s.epoch == epoch) for epoch in range(3)]
    assert epochs == [dict.fromkeys(TINY_KEYS, 4)] * 3
    pairs = {(s.take, s.source.camera, s.target.camera, s.first_frame) for s in samples}
    assert len(pairs) > 9


def test_a_seed_gives_the_same_samples_again(tiny_dataset: Path) -> None:
    first, second = (list(islice(sequential(tiny_dataset), 8)) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert (one.take, one.source.camera, one.first_frame) == (
            other.take,
            other.source.camera,
            other.first_frame,
        )
        assert torch.equal(one.target.video, other.target.video)


def test_ranks_and_workers_read_different_shards(tiny_dataset: Path) -> None:
    def of(samples: Iterator[PairSample]) -> set[str]:
        return {sample.take for sample in samples if sample.epoch == 0}

    ranks = [of(islice(sequential(tiny_dataset, rank=rank, world_size=2), 10)) for rank in range(2)]
    assert not ranks[0] & ranks[1] and ranks[0] | ranks[1] == set(TINY_KEYS)
    loader = DataLoader(sequential(tiny_dataset), batch_size=None, num_workers=2)
    assert of(islice(loader, 20)) == set(TINY_KEYS)
    with pytest.raises(
        InputError, match=r"2 shards for 4 readers \(ranks times workers\); use fewer readers"
    ):
        next(iter(DataLoader(sequential(tiny_dataset, world_size=2), batch_size=None, num_workers=2)))


def test_damage_stops_the_reader_or_is_skipped(copy: Path) -> None:
    tar = copy / "shards/00000.tar"
    content = bytearray(tar.read_bytes())
    member = open_dataset(copy).take(TINY_KEYS[1]).member("video", "cam02")
    content[member.offset + 3000] ^= 1
    tar.write_bytes(content)
    with pytest.raises(InputError, match=r"room_000001\.cam02\.mp4: checksum mismatch"):
        list(islice(sequential(copy), 12))
    samples = list(islice(sequential(copy, damage="skip", buffer_takes=1), 20))
    assert {sample.take for sample in samples} == {TINY_KEYS[0], TINY_KEYS[2]}
    skipped = [one for sample in samples for one in sample.skipped]
    assert skipped and {one.take for one in skipped} == {TINY_KEYS[1]}


@pytest.mark.parametrize(("member", "after", "is_ended"), [(0, 0, True), (3, 0, True), (3, 700, False)])
def test_a_tar_that_ends_too_early_is_an_error(copy: Path, member: int, after: int, is_ended: bool) -> None:
    tar = copy / "shards/00000.tar"
    header = open_dataset(copy).take(TINY_KEYS[1]).members[member].offset - 512
    tar.write_bytes(tar.read_bytes()[: header + after] + bytes(1024 if is_ended else 0))
    with pytest.raises(InputError, match=r"00000\.tar"):
        list(islice(sequential(copy), 16))


def test_all_takes_of_a_tar_that_ends_are_skipped(copy: Path) -> None:
    (copy / "shards/00000.tar").write_bytes(b"")
    samples = list(islice(sequential(copy, damage="skip", buffer_takes=1), 20))
    assert {sample.take for sample in samples} == {TINY_KEYS[2]}
    assert {one.take for sample in samples for one in sample.skipped} == set(TINY_KEYS[:2])


def test_a_reader_that_finds_no_take_ends(copy: Path) -> None:
    for tar in copy.glob("shards/*.tar"):
        tar.write_bytes(b"")
    with pytest.raises(InputError, match=r"\d\.tar: \S+.*restore the original"):
        list(islice(sequential(copy, damage="skip"), 1))


def test_a_reader_whose_takes_have_no_pair_ends(copy: Path) -> None:
    # The tiny takes have two cameras that move: too few for a source and two targets.
    for damage in ("stop", "skip"):
        settings = PairSettings(seed=1, frames=5, policy=MovingPairs(), targets=2, damage=damage)
        with pytest.raises(InputError, match="take room_00000"):
            next(iter(SequentialPairs(copy, settings)))


def test_samples_of_all_readers_have_numbers_of_their_own(tiny_dataset: Path) -> None:
    readers = [sequential(tiny_dataset, rank=rank, world_size=2) for rank in range(2)]
    numbers = [[sample.sample_index for sample in islice(reader, 5)] for reader in readers]
    assert numbers == [[0, 2, 4, 6, 8], [1, 3, 5, 7, 9]]


def truncate(root: Path, shard: int, *, takes: int = 0) -> None:
    """Leave the first takes of a tar."""
    keys = TINY_SHARDS[shard]
    end = open_dataset(root).take(keys[takes]).members[0].offset - 512
    tar = root / f"shards/{shard:05d}.tar"
    tar.write_bytes(tar.read_bytes()[:end])


@pytest.mark.parametrize("readers", [1, 2])
def test_a_reader_gives_up_if_no_shard_has_a_take(copy: Path, readers: int) -> None:
    for shard in range(2):
        truncate(copy, shard)
    for rank in range(readers):
        with pytest.raises(
            InputError,
            match=r"^[^\n]*0000\d\.tar: no take can be used; not a readable tar \([^)]*\); restore[^\n]*$",
        ):
            next(iter(sequential(copy, damage="skip", rank=rank, world_size=readers)))
    shutil.rmtree(copy / "shards")
    with pytest.raises(InputError, match="no take can be used"):
        next(iter(sequential(copy, damage="skip")))


def test_a_reader_goes_on_if_another_epoch_gives_it_a_sound_shard(copy: Path) -> None:
    truncate(copy, 0)
    for rank in range(2):
        samples = islice(sequential(copy, damage="skip", rank=rank, world_size=2), 8)
        assert {sample.take for sample in samples} == {TINY_KEYS[2]}


def standing_take(index: int) -> FilmedTake:
    """A take whose cameras all stand still, as its clip table says."""
    take = tiny_take(index)
    rows = [replace(row, motion="static") for row in take.clips]
    return replace(take, clips=ClipTable.of_rows(rows, take.clips.poses))


def undecodable_take(index: int) -> FilmedTake:
    """A take whose videos have a sound container and no sound frames."""
    take = tiny_take(index)
    videos = {one.camera: one.members["video"] for one in take.files}
    starts = {camera: video.index(b"mdat") + 4 for camera, video in videos.items()}
    members = {
        camera: {"video": video[: starts[camera]] + bytes(len(video) - starts[camera])}
        for camera, video in videos.items()
    }
    files = tuple(replace(one, members=members[one.camera]) for one in take.files)
    return replace(take, files=files)


def test_a_take_without_such_a_pair_is_skipped(tmp_path: Path) -> None:
    root = write_tiny_dataset(tmp_path / "set", [tiny_take(0), standing_take(1), tiny_take(2)])
    settings = PairSettings(seed=5, frames=5, policy=MovingPairs(), damage="skip")
    samples = list(islice(SequentialPairs(root, settings, buffer_takes=1), 30))
    assert {sample.take for sample in samples} == {TINY_KEYS[0], TINY_KEYS[2]}
    skipped = [one for sample in samples for one in sample.skipped]
    assert {one.take for one in skipped} == {TINY_KEYS[1]} and "cameras for pairs of 2" in skipped[0].reason
    with pytest.raises(InputError, match="room_000001: 0 cameras for pairs of 2"):
        list(islice(SequentialPairs(root, replace(settings, damage="stop"), buffer_takes=1), 30))


def test_a_take_that_cannot_be_decoded_is_skipped(tmp_path: Path) -> None:
    root = write_tiny_dataset(tmp_path / "set", [tiny_take(0), undecodable_take(1), tiny_take(2)])
    samples = list(islice(sequential(root, damage="skip", buffer_takes=1), 30))
    assert {sample.take for sample in samples} == {TINY_KEYS[0], TINY_KEYS[2]}
    assert {one.take for sample in samples for one in sample.skipped} == {TINY_KEYS[1]}
    with pytest.raises(InputError, match=r"room_000001\.cam0\d\.mp4"):
        list(islice(sequential(root, buffer_takes=1), 30))
    root = write_tiny_dataset(tmp_path / "no video", [undecodable_take(index) for index in range(3)])
    with pytest.raises(InputError, match=r"\.mp4"):
        next(iter(sequential(root, damage="skip")))


@pytest.mark.parametrize("kept", [0, 1])
def test_every_take_that_is_lost_is_counted(copy: Path, kept: int) -> None:
    truncate(copy, 0, takes=kept)
    samples = list(islice(sequential(copy, damage="skip", buffer_takes=1, pairs_per_take=1), 12))
    first = [one.take for sample in samples if sample.epoch <= 1 for one in sample.skipped][: 2 - kept]
    assert first == list(TINY_KEYS[kept:2])
    assert all(one.sample_index == sample.sample_index for sample in samples for one in sample.skipped)


def test_a_take_that_is_not_in_the_index_is_named_and_the_others_are_read(copy: Path) -> None:
    tar = copy / "shards/00001.tar"
    other = open_dataset(copy).take(TINY_KEYS[0])
    start, stop = other.members[0].offset - 512, other.members[-1].offset + other.members[-1].size
    body = (copy / "shards/00000.tar").read_bytes()[start:stop]
    tar.write_bytes(body + bytes(-len(body) % 512) + tar.read_bytes())
    with pytest.raises(InputError, match=r"00001\.tar: take room_000000 is not in the index, or twice"):
        list(islice(sequential(copy), 20))
    samples = list(islice(sequential(copy, damage="skip", buffer_takes=1), 20))
    assert {sample.take for sample in samples} == set(TINY_KEYS)
    assert {one.take for sample in samples for one in sample.skipped} == {TINY_KEYS[0]}


def test_samples_of_workers_have_consecutive_numbers(tiny_dataset: Path) -> None:
    loader = DataLoader(sequential(tiny_dataset), batch_size=None, num_workers=2)
    assert [sample.sample_index for sample in islice(loader, 8)] == list(range(8))


def test_workers_of_a_rank_mix_in_different_orders(tiny_dataset: Path) -> None:
    of_two = DataLoader(sequential(tiny_dataset, pairs_per_take=50), batch_size=None, num_workers=2)
    samples = list(islice(of_two, 40))
    orders = []
    for worker in range(2):
        # Each has two takes in its buffer, and chooses between them.
        takes = [(sample.epoch, sample.take) for sample in samples[worker::2]]
        assert len(set(takes)) == 2
        orders.append([take == min(takes) for take in takes])
    assert orders[0] != orders[1]


@contextmanager
def plain_http(root: Path, *, fails: Callable[[str], str] = lambda path: "") -> Iterator[str]:
    """A server of files alone, as that of Python: it has no listings, and no ranges.

    ``fails`` says how it answers a request: ``busy``, ``closed``, ``short``, or as it should.
    """

    class Files(SimpleHTTPRequestHandler):
        def do_GET(self):
            failure = fails(self.path)
            if failure == "busy":
                self.send_error(503)
            elif failure == "short":
                content = (root / self.path[1:]).read_bytes()
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: 2 * len(content) // 3])
            elif failure != "closed":
                super().do_GET()

        def list_directory(self, path):
            return self.send_error(404)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_plain_http_needs_no_listing_and_no_ranges(copy: Path) -> None:
    DatasetWriter(copy).finish()
    with plain_http(copy) as url:
        found = list(islice(sequential(url), 8))
    for one, other in zip(found, islice(sequential(copy), 8), strict=True):
        assert (one.take, one.source.camera) == (other.take, other.source.camera)
        assert torch.equal(one.source.video, other.source.video)


@pytest.mark.parametrize("failure", ["busy", "closed", "short"])
def test_a_server_that_fails_for_a_while_is_waited_for(copy: Path, failure: str) -> None:
    DatasetWriter(copy).finish()
    requests = count()

    def fails(path: str) -> str:
        return failure if path.endswith(".tar") and next(requests) % 3 != 2 else ""

    with plain_http(copy, fails=fails) as url:
        found = list(islice(sequential(url, damage="skip"), 24))
    assert next(requests) > 8 and not any(sample.skipped for sample in found)
    for one, other in zip(found, islice(sequential(copy), 24), strict=True):
        assert (one.take, one.epoch, one.source.camera) == (other.take, other.epoch, other.source.camera)


@pytest.mark.parametrize(("failure", "words"), [("busy", "HTTP 503"), ("closed", ""), ("short", "closed")])
def test_a_server_that_goes_on_failing_is_no_damage(copy: Path, failure: str, words: str) -> None:
    DatasetWriter(copy).finish()
    with (
        plain_http(copy, fails=lambda path: failure if path.endswith(".tar") else "") as url,
        pytest.raises(RunError, match=rf"\.tar: cannot be read \(.*{words}") as caught,
    ):
        list(islice(sequential(url, damage="skip", patience_s=0.3), 30))
    assert "\n" not in str(caught.value)


def test_a_server_without_ranges_is_named(copy: Path) -> None:
    DatasetWriter(copy).finish()
    with plain_http(copy) as url, pytest.raises(RunError, match=r"\.tar: the server ignores byte ranges"):
        PairStream(url, PairSettings(seed=5, frames=5)).sample(0)


def test_a_server_that_refuses_connections_is_no_missing_data_set(copy: Path) -> None:
    with plain_http(copy) as url:
        pass
    with pytest.raises(RunError, match=r"127\.0\.0\.1.*: cannot be read \(.*[Cc]onnect"):
        PairStream(url, PairSettings(seed=5, frames=5), patience_s=0.3)
    with pytest.raises(InputError, match="patience_s: must be 0 or more, got nan"):
        sequential(copy, patience_s=float("nan"))


def test_an_outage_that_goes_on_is_logged(
    copy: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    DatasetWriter(copy).finish()
    monkeypatch.setattr(patience, "LOGGED_S", 0.2)
    monkeypatch.setattr("shards.streaming.sequential.LOGGED_S", 0.2)
    with plain_http(copy, fails=lambda path: "busy" if path.endswith(".tar") else "") as url:
        with pytest.raises(RunError):
            next(iter(sequential(url, patience_s=1.0)))
        with pytest.raises(RunError):
            PairStream(url, PairSettings(seed=5, frames=5), patience_s=2.0).sample(0)
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 2 and all(url in line and "trying again for up to" in line for line in lines)


def test_a_member_that_the_index_does_not_have_is_damage(copy: Path) -> None:
    path = copy / "shards/00000.tar"
    with tarfile.open(path) as old, tarfile.open(tmp := path.with_suffix(".new"), "w") as new:
        for number, member in enumerate(old.getmembers()):
            if number == 2:
                other = tarfile.TarInfo(f"{TINY_KEYS[0]}.x.pyd")
                other.size = 3
                new.addfile(other, io.BytesIO(b"bad"))
            new.addfile(member, old.extractfile(member))
    os.replace(tmp, path)
    with pytest.raises(InputError, match=rf"{TINY_KEYS[0]}\.x\.pyd is not in the index"):
        list(islice(sequential(copy), 30))


@pytest.mark.parametrize("name", ["pairs_per_take", "buffer_takes"])
@pytest.mark.parametrize("value", [0, -1])
def test_numbers_of_takes_and_pairs_are_positive(tiny_dataset: Path, name: str, value: int) -> None:
    with pytest.raises(InputError, match=f"{name}: must be a whole number, 1 or more"):
        SequentialPairs(tiny_dataset, PairSettings(seed=3), **{name: value})
