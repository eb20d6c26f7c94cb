"""The sequential reader: every shard once per epoch, several pairs of each take, damage found, plain HTTP."""

import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import TINY_KEYS
from torch.utils.data import DataLoader

from multitake.errors import InputError
from shards import DatasetWriter, open_dataset
from shards.pairs import PairSettings
from shards.streaming import PairSample, SequentialPairs


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


@contextmanager
def plain_http(root: Path) -> Iterator[str]:
    """A server of files alone: it has no listings, and no ranges."""

    class Files(SimpleHTTPRequestHandler):
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
