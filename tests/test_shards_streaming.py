"""The stream: reproducible, exactly resumable, and equal for any number of workers, ranks and batches."""

import contextlib
import gc
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import fields
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import TINY_BATCH_FILES, TINY_KEYS, tiny_info, tiny_take, write_tiny_dataset
from torch.utils.data import DataLoader

from multitake.errors import InputError, RunError
from multitake.randomness import rng_for
from shards import DatasetWriter, FilmedTake, open_dataset
from shards.pairs import MovingPairs, PairSettings, PairSource
from shards.streaming import ClipWindow, PairLoader, PairSample, PairStream, SequentialPairs
from trajectories.poses import compose


def settings(**changed) -> PairSettings:
    return PairSettings(**{"seed": 3, "frames": 5, "size_px": (32, 24), **changed})


def stream(root: Path, *, rank: int = 0, world_size: int = 1, first_sample: int = 0, **changed) -> PairStream:
    return PairStream(root, settings(**changed), rank=rank, world_size=world_size, first_sample=first_sample)


def assert_equal(got: object, wanted: object) -> None:
    assert type(got) is type(wanted)
    for field in fields(wanted):
        a, b = getattr(got, field.name), getattr(wanted, field.name)
        if isinstance(a, torch.Tensor):
            assert torch.equal(a, b), field.name
        elif isinstance(a, ClipWindow):
            assert_equal(a, b)
        elif field.name == "targets":
            for one, other in zip(a, b, strict=True):
                assert_equal(one, other)
        else:
            assert a == b, field.name


def assert_all_equal(got: list[PairSample], wanted: list[PairSample]) -> None:
    assert [sample.sample_index for sample in got] == [sample.sample_index for sample in wanted]
    for one, other in zip(got, wanted, strict=True):
        assert_equal(one, other)


@pytest.fixture(scope="module")
def first_twenty(tiny_dataset: Path) -> list[PairSample]:
    return [stream(tiny_dataset).sample(index) for index in range(20)]


@pytest.fixture
def copy(tiny_dataset: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_dataset, tmp_path / "dataset"))


def damage(root: Path, key: str) -> None:
    """Flip a bit in every video of a take."""
    take = open_dataset(root).take(key)
    path = root / f"shards/{take.shard:05d}.tar"
    content = bytearray(path.read_bytes())
    for member in take.members:
        if member.kind == "video":
            content[member.offset + member.size // 2] ^= 16
    path.write_bytes(content)


def test_a_sample_is_a_pair_of_clips(tiny_dataset: Path) -> None:
    dataset = open_dataset(tiny_dataset)
    for index in range(4):
        sample = PairStream(tiny_dataset, PairSettings(seed=1)).sample(index)
        take = dataset.take(sample.take)
        source, target = take.clip(sample.source.camera), take.clip(sample.target.camera)
        assert source.camera != target.camera and sample.caption == take.row.caption
        assert np.array_equal(sample.source.rgb().permute(0, 2, 3, 1).numpy(), source.frames())
        assert np.array_equal(sample.target.rgb().permute(0, 2, 3, 1).numpy(), target.frames())
        assert torch.allclose(sample.source.source0_from_camera[0], torch.eye(3, 4), atol=1e-6)
        relative = sample.target.source0_from_camera.double().numpy()
        back = compose(source.poses[:1].world_from_camera, relative)
        assert np.allclose(back, target.poses.world_from_camera, atol=1e-5)
        lens = source.intrinsics
        assert sample.source.intrinsics[0].tolist() == pytest.approx([lens.fx_px, lens.fy_px, 32, 24])


def test_windows_start_on_keyframes_and_fit(tiny_dataset: Path) -> None:
    samples = [stream(tiny_dataset, frames=1).sample(index) for index in range(12)]
    assert {sample.first_frame for sample in samples} == {0, 20}
    sample = next(sample for sample in samples if sample.first_frame == 20)
    clip = open_dataset(tiny_dataset).take(sample.take).clip(sample.source.camera)
    expected = clip.frames(20, 21, size_px=(32, 24))
    assert np.array_equal(sample.source.rgb().permute(0, 2, 3, 1).numpy(), expected)
    lens = clip.intrinsics
    assert sample.source.intrinsics[0].tolist() == pytest.approx([lens.fx_px / 2, lens.fy_px / 2, 16, 12])


@pytest.mark.parametrize("starts", ["any", "first"])
def test_windows_of_every_nth_frame_are_those_of_the_clip(tiny_dataset: Path, starts: str) -> None:
    dataset, seen = open_dataset(tiny_dataset), set()
    of_any = stream(tiny_dataset, frames=4, strides=(1, 2, 5), starts=starts, size_px=None)
    for index in range(12):
        sample = of_any.sample(index)
        first, stride = sample.first_frame, sample.stride
        seen.add((first, stride))
        clip = dataset.take(sample.take).clip(sample.target.camera)
        window = slice(first, first + 3 * stride + 1, stride)
        assert np.array_equal(sample.target.rgb().permute(0, 2, 3, 1).numpy(), clip.frames()[window])
        assert sample.fps == pytest.approx(15 / stride)
        source = dataset.take(sample.take).clip(sample.source.camera)
        expected = clip.poses[window].seen_from(source.poses[first])
        assert np.allclose(sample.target.source0_from_camera.numpy(), expected, atol=1e-5)
    assert {stride for _, stride in seen} == {1, 2, 5}
    assert ({first for first, _ in seen} == {0}) is (starts == "first")


def test_planes_are_those_of_the_rgb_frames(tiny_dataset: Path) -> None:
    rgb = stream(tiny_dataset, size_px=None).sample(1)
    planes = stream(tiny_dataset, size_px=None, pixels="yuv420").sample(1)
    for one, other in ((rgb.source, planes.source), (rgb.target, planes.target)):
        assert (one.rgb().int() - other.rgb().int()).abs().max() <= 3
        for name in ("source0_from_camera", "intrinsics"):
            assert torch.equal(getattr(one, name), getattr(other, name))


def test_planes_are_scaled_by_the_mean_of_their_area(tiny_dataset: Path) -> None:
    filmed = stream(tiny_dataset, size_px=None, pixels="yuv420").sample(1).target.video
    half = stream(tiny_dataset, size_px=(32, 24), pixels="yuv420").sample(1).target.video
    for name in ("y", "u", "v"):
        plane = getattr(filmed, name).float()
        frames, height, width = plane.shape
        means = plane.view(frames, height // 2, 2, width // 2, 2).mean(dim=(2, 4))
        apart = (means - getattr(half, name).float()).abs()
        # Colours are sampled at the left of their pixels, and are scaled as such.
        assert apart.max() <= 1.5 if name == "y" else apart.mean() <= 4


def test_every_epoch_has_every_take_once(first_twenty: list[PairSample], tiny_dataset: Path) -> None:
    epochs = [first_twenty[3 * e : 3 * e + 3] for e in range(6)]
    assert all({sample.take for sample in epoch} == set(TINY_KEYS) for epoch in epochs)
    assert [epoch[0].epoch for epoch in epochs] == list(range(6))
    assert len({tuple(sample.take for sample in epoch) for epoch in epochs}) > 1
    pairs = {(sample.source.camera, sample.target.camera) for sample in first_twenty}
    assert len(pairs) > 2


def test_other_seeds_give_other_samples(tiny_dataset: Path) -> None:
    def sampled(seed: int) -> list[tuple[str, str, str]]:
        samples = (stream(tiny_dataset, seed=seed, frames=1).sample(n) for n in range(8))
        return [(sample.take, sample.source.camera, sample.target.camera) for sample in samples]

    assert sampled(1) == sampled(1) != sampled(2)


@pytest.mark.parametrize("world_size", [1, 2, 3, 8])
@pytest.mark.parametrize("workers", [0, 1, 4])
def test_ranks_and_workers_share_the_samples(
    tiny_dataset: Path, first_twenty: list[PairSample], world_size: int, workers: int
) -> None:
    steps = 16 // world_size
    by_index = {}
    for rank in range(world_size):
        with PairLoader(stream(tiny_dataset, rank=rank, world_size=world_size), workers=workers) as loader:
            samples = list(islice(loader, steps))
            assert loader.state_dict()["next_sample"] == steps * world_size
        by_index |= {sample.sample_index: sample for sample in samples}
        if world_size == 8 and workers == 4:
            break
    expected = [one for one in first_twenty[: steps * world_size] if one.sample_index in by_index]
    assert len(expected) == len(by_index)
    assert_all_equal([by_index[one.sample_index] for one in expected], expected)


def test_a_run_resumes_exactly_with_other_ranks_workers_and_batches(
    tiny_dataset: Path, first_twenty: list[PairSample]
) -> None:
    rng = rng_for(0, "cuts")
    for _ in range(6):
        world_size, batch, steps, after = (int(rng.integers(1, n)) for n in (4, 3, 3, 4))
        ranks = [stream(tiny_dataset, rank=rank, world_size=world_size) for rank in range(world_size)]
        for rank in ranks:
            list(islice(PairLoader(rank, workers=0), steps * batch))
        states = [rank.state_dict() for rank in ranks]
        assert states[0]["next_sample"] == steps * batch * world_size
        assert all(state == states[0] for state in states)
        found = []
        for rank in range(after):
            resumed = stream(tiny_dataset, rank=rank, world_size=after).load_state_dict(states[0])
            found += list(islice(resumed, 2))
        found.sort(key=lambda sample: sample.sample_index)
        first = states[0]["next_sample"]
        assert_all_equal(found, [stream(tiny_dataset).sample(first + n) for n in range(2 * after)])


def test_forked_workers_share_no_memory(tiny_dataset: Path, first_twenty: list[PairSample]) -> None:
    used = stream(tiny_dataset)
    kept = list(islice(used, 2))
    loader = DataLoader(used, batch_size=None, num_workers=2, multiprocessing_context="fork")
    assert_all_equal(list(islice(iter(loader), 12)), first_twenty[2:14])
    assert_all_equal(kept, first_twenty[:2])


def test_torch_loads_the_same_samples(tiny_dataset: Path, first_twenty: list[PairSample]) -> None:
    read_ahead = stream(tiny_dataset)
    loader = DataLoader(read_ahead, batch_size=None, num_workers=2)
    head = list(islice(iter(loader), 5))
    assert_all_equal(head, first_twenty[:5])
    resumed = stream(tiny_dataset).load_state_dict(read_ahead.state_after(head[-1]))
    rest = list(islice(iter(DataLoader(resumed, batch_size=None, num_workers=2)), 5))
    assert_all_equal(rest, first_twenty[5:10])


def test_memory_is_used_again_only_when_no_tensor_is_left(tiny_dataset: Path) -> None:
    for workers in (0, 2):
        with PairLoader(stream(tiny_dataset), workers=workers) as loader:
            samples = iter(loader)
            kept = [next(samples) for _ in range(7)]
            places = {sample.source.video.data_ptr() for sample in kept}
            assert len(places) == 7
            part, before = kept[0].target.video[2:4], kept[0].target.video[2:4].clone()
            contents = [sample.source.video.clone() for sample in kept[1:]]
            rest = kept[1:]
            del kept
            gc.collect()
            later = [next(samples).source.video.data_ptr() for _ in range(12)]
            assert torch.equal(part, before)
            for sample, content in zip(rest, contents, strict=True):
                assert torch.equal(sample.source.video, content)
            assert not places.difference({part.data_ptr()}) & set(later)
            del rest, sample, part
            gc.collect()
            assert len({next(samples).source.video.data_ptr() for _ in range(30)}) <= 14


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_damage_is_one_line_with_any_number_of_workers(
    copy: Path, workers: int, capfd: pytest.CaptureFixture[str]
) -> None:
    damage(copy, TINY_KEYS[1])
    line = (
        r"^[^\n]*shards/00000\.tar: room_000001\.cam0\d\.mp4: checksum mismatch; restore the original[^\n]*$"
    )
    with (
        PairLoader(stream(copy, frames=None), workers=workers) as loader,
        pytest.raises(InputError, match=line),
    ):
        list(islice(loader, 6))
    with pytest.raises(InputError, match=line) as raised:
        torch_loader = DataLoader(stream(copy, frames=None), batch_size=None, num_workers=min(workers, 2))
        list(islice(torch_loader, 6))
    assert str(raised.value).count("\n") == 0
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("workers", [0, 2])
def test_damage_is_skipped_and_counted_by_policy(copy: Path, workers: int) -> None:
    sound = [stream(copy, frames=None).sample(index) for index in range(9)]
    damage(copy, TINY_KEYS[1])
    with PairLoader(stream(copy, frames=None, damage="skip"), workers=workers) as loader:
        samples = list(islice(loader, 9))
        assert loader.figures.samples == 9 and loader.figures.skipped == 3
    for sample, before in zip(samples, sound, strict=True):
        if before.take == TINY_KEYS[1]:
            assert sample.take != TINY_KEYS[1] and sample.sample_index == before.sample_index
            (skipped,) = {(one.sample_index, one.take) for one in sample.skipped}
            assert skipped == (before.sample_index, TINY_KEYS[1])
        else:
            assert_equal(sample, before)
    for key in TINY_KEYS:
        damage(copy, key) if key != TINY_KEYS[1] else None
    with pytest.raises(InputError, match="checksum mismatch"):
        stream(copy, frames=None, damage="skip").sample(0)


def test_a_worker_that_is_killed_is_one_line(tiny_dataset: Path) -> None:
    with PairLoader(stream(tiny_dataset), workers=2) as loader:
        samples = iter(loader)
        next(samples)
        for child in workers_of_this_process():
            os.kill(child, signal.SIGKILL)
        with pytest.raises(RunError, match="a worker process was ended by signal 9"):
            list(islice(samples, 12))


def test_a_loader_that_is_closed_while_it_is_read_is_one_line(tiny_dataset: Path) -> None:
    loader = PairLoader(stream(tiny_dataset), workers=1)
    samples = iter(loader)
    kept = next(samples)
    loader.close()
    with pytest.raises(InputError, match=r"^loader: closed while it was read; iterate over it again$"):
        next(samples)
    with loader:
        assert next(iter(loader)).sample_index == kept.sample_index + 1


def test_workers_that_hang_are_ended_together(tiny_dataset: Path) -> None:
    loader = PairLoader(stream(tiny_dataset), workers=2)
    samples = iter(loader)
    next(samples)
    children = workers_of_this_process()
    assert len(children) == 2
    for child in children:
        os.kill(child, signal.SIGSTOP)
    began_s = time.monotonic()
    loader.close()
    assert time.monotonic() - began_s < 9 and not workers_of_this_process()


def workers_of_this_process() -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(os.getpid()), "-f", "shards.pairs"], stdout=subprocess.PIPE)
    return [int(child) for child in found.stdout.split()]


def test_a_stream_is_tied_to_its_takes(copy: Path, tmp_path: Path) -> None:
    seal = copy / "index/00001.parquet"
    aside = seal.rename(tmp_path / "aside")
    started = stream(copy)
    began = list(islice(started, 4))
    state = started.state_dict()
    wanted = [started.sample(index) for index in range(4, 8)]
    aside.rename(seal)
    assert len(began) == 4
    with pytest.raises(
        InputError, match="other takes than the stream was started with: 3, not 2; resume with"
    ):
        stream(copy).load_state_dict(state)
    kept = stream(copy).load_state_dict(state, changed_takes="keep")
    assert_all_equal(list(islice(kept, 4)), wanted)
    used = stream(copy).load_state_dict(state, changed_takes="use")
    assert_all_equal(list(islice(used, 4)), [stream(copy).sample(index) for index in range(4, 8)])
    with pytest.raises(InputError, match="not the state of a stream"):
        damaged = {**state, "sets": [{**state["sets"][0], "takes": "2"}]}
        stream(copy).load_state_dict(damaged, changed_takes="keep")
    grown = stream(copy).state_dict()
    seal.unlink()
    with pytest.raises(InputError, match="other takes than the stream was started with: 2, not 3"):
        stream(copy).load_state_dict(grown)
    with pytest.raises(InputError, match="shard 00001 is not there any more"):
        stream(copy).load_state_dict(grown, changed_takes="keep")


def test_takes_are_kept_although_their_shard_has_more_of_them_now(
    tiny_takes: list[FilmedTake], tmp_path: Path
) -> None:
    def filmed(name: str, takes: int) -> Path:
        writer = DatasetWriter(tmp_path / name)
        writer.create(tiny_info(), TINY_BATCH_FILES)
        for take in tiny_takes[:takes]:
            writer.stage(take)
        writer.seal(0, TINY_KEYS[:takes])
        return tmp_path / name

    before, now = stream(filmed("before", 2)), stream(filmed("now", 3))
    kept = now.load_state_dict(before.state_at(3), changed_takes="keep")
    assert_all_equal(list(islice(kept, 4)), [before.sample(index) for index in range(3, 7)])


def test_data_sets_are_mixed_with_exact_shares(tiny_dataset: Path, copy: Path) -> None:
    sources = [PairSource(url=tiny_dataset, weight=0.7), PairSource(url=copy, weight=0.3, takes="0-1")]
    mixed = PairStream(sources, settings(frames=1))
    samples = [mixed.sample(index) for index in range(20)]
    of = [sample.dataset for sample in samples]
    assert all(sum(of[start : start + 10]) == 3 for start in range(11))
    second = [sample for sample in samples if sample.dataset == 1]
    assert [{second[n].take, second[n + 1].take} for n in (0, 2, 4)] == [set(TINY_KEYS[:2])] * 3
    first = [sample.take for sample in samples if sample.dataset == 0]
    assert all(set(first[n : n + 3]) == set(TINY_KEYS) for n in (0, 3, 6, 9))
    state = mixed.state_dict()
    assert [record["takes"] for record in state["sets"]] == [3, 2]
    with pytest.raises(InputError, match="1 data set, the stream was started with 2"):
        stream(tiny_dataset).load_state_dict(state)


_OPEN_FILES = """
import gc, os, sys
from itertools import islice
from shards.pairs import PairSettings
from shards.streaming import PairLoader, PairStream

def open_files():
    gc.collect()
    return len(os.listdir("/proc/self/fd"))

for _ in range(4):
    with PairLoader(PairStream(sys.argv[1], PairSettings(seed=1)), workers=1) as loader:
        kept = list(islice(loader, 20))
    del loader
    assert [sample.sample_index for sample in kept] == list(range(20))
    while_kept = open_files()
    del kept
    print(while_kept, open_files())
"""


def test_loaders_leave_nothing_open(tiny_dataset: Path) -> None:
    # In a process of its own: threads of other tests open and close files.
    command = [sys.executable, "-c", _OPEN_FILES, str(tiny_dataset)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\n")
    found = [tuple(map(int, line.split())) for line in lines if line]
    (_, after), *others = found
    assert [one for _, one in others] == [after] * 3
    assert all(while_kept <= after + 5 for while_kept, _ in found)


def test_a_condition_chooses_takes(tiny_dataset: Path) -> None:
    source = PairSource(url=tiny_dataset, where="take_index >= 1")
    samples = islice(PairStream([source], settings(frames=1)), 8)
    assert {sample.take for sample in samples} == set(TINY_KEYS[1:])
    with pytest.raises(InputError, match="take_number"):
        PairStream([PairSource(url=tiny_dataset, where="take_number >= 1")], settings())


def test_excluded_takes_do_not_come(tiny_dataset: Path, tmp_path: Path) -> None:
    listed = tmp_path / "damaged.txt"
    listed.write_text(f"{TINY_KEYS[0]}\n")
    source = PairSource(url=tiny_dataset, exclude=f"@{listed}")
    samples = islice(PairStream([source], settings(frames=1)), 8)
    assert {sample.take for sample in samples} == set(TINY_KEYS[1:])


def test_mixing_of_an_indexed_stream_is_that_of_a_shuffle(tiny_dataset: Path) -> None:
    found = stream(tiny_dataset).mixing(window=2, samples=600)
    assert found.takes == pytest.approx(1, abs=0.25) and found.shards == pytest.approx(1, abs=0.25)


def invalid() -> Iterator[tuple[dict[str, object], str]]:
    yield {"split": "test"}, "no takes in split 'test'; choose from train"
    yield {"frames": 22}, "a window of 22 frames in clips of 21 frames; choose 1 to 21"
    yield {"frames": 0}, "a window of 0 frames in clips of 21 frames; choose 1 to 21"
    yield {"frames": 12, "strides": (1, 2)}, "a window of 12 frames, every 2 frames, in clips of 21 frames"
    yield {"size_px": (0, 3)}, "size_px: empty size 0x3 px"
    yield {"size_px": (33, 24)}, "size must be even, got 33x24"
    yield {"seed": -1}, "seed must not be negative, got -1"
    yield {"targets": 3}, "pairs need 4 cameras, the takes have 3"
    yield {"targets": 0}, "pairs need a target, got 0"
    yield {"strides": (0,)}, "strides must be 1 or more"


@pytest.mark.parametrize(("changed", "message"), list(invalid()))
def test_invalid_settings_are_errors(tiny_dataset: Path, changed: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        stream(tiny_dataset, **changed)


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"seed": 4}, "seed is 4, the stream was started with 3; resume with the same seed"),
        ({"frames": 9}, "frames is 9, the stream was started with 5"),
        ({"starts": "any"}, "starts is any, the stream was started with gop"),
        ({"targets": 2}, "targets is 2, the stream was started with 1"),
        ({"policy": MovingPairs()}, "policy is MovingPairs, the stream was started with UniformPairs"),
    ],
)
def test_a_state_of_other_settings_is_an_error(
    tiny_dataset: Path, changed: dict[str, Any], line: str
) -> None:
    state = json.loads(json.dumps(stream(tiny_dataset).state_dict()))
    with pytest.raises(InputError, match=line):
        stream(tiny_dataset, **changed).load_state_dict(state)


def test_a_state_of_other_weights_is_an_error(tiny_dataset: Path, copy: Path) -> None:
    def mixed(weight: float) -> PairStream:
        return PairStream([PairSource(url=tiny_dataset, weight=weight), PairSource(url=copy)], settings())

    with pytest.raises(InputError, match=r"weights is \[3, 1\], the stream was started with \[2, 1\]"):
        mixed(3).load_state_dict(mixed(2).state_dict())


@pytest.mark.parametrize("workers", [0, 1])
def test_samples_without_pixels_are_the_same(tiny_dataset: Path, workers: int) -> None:
    loaders = [PairLoader(stream(tiny_dataset, pixels=pixels), workers=workers) for pixels in ("rgb", "none")]
    samples, found = (list(islice(loader, 3)) for loader in loaders)

    for one, sample in zip(found, samples, strict=True):
        assert (one.take, one.caption, one.first_frame) == (sample.take, sample.caption, sample.first_frame)
        assert one.target.camera == sample.target.camera and one.target.video is None
        assert torch.equal(one.target.source0_from_camera, sample.target.source0_from_camera)
        assert torch.equal(one.target.intrinsics, sample.target.intrinsics)
        with pytest.raises(InputError, match="no video was read"):
            one.target.rgb()
    with_videos, without = (loader.figures.reads.read_bytes for loader in loaders)
    assert without < with_videos


def test_pixels_may_change_on_resume(tiny_dataset: Path) -> None:
    state = stream(tiny_dataset, first_sample=2).state_dict()
    (sample,) = islice(
        stream(tiny_dataset, size_px=None, pixels="yuv420", damage="skip").load_state_dict(state), 1
    )
    assert sample.take == stream(tiny_dataset).sample(2).take


def test_takes_of_the_same_names_with_other_content_are_refused(
    tiny_dataset: Path, tiny_takes: list[FilmedTake], tmp_path: Path
) -> None:
    other = write_tiny_dataset(tmp_path / "other", [*tiny_takes[:2], tiny_take(2)])
    state = stream(tiny_dataset).state_dict()
    for changed_takes in ("refuse", "keep"):
        with pytest.raises(InputError, match="takes of the same names, but not those that the stream was"):
            stream(other).load_state_dict(state, changed_takes=changed_takes)
    assert stream(other).load_state_dict(state, changed_takes="use").sample(0).sample_index == 0
    # Where they are does not matter, nor how the index is stored.
    DatasetWriter(other).finish()
    again = write_tiny_dataset(tmp_path / "again", [*tiny_takes[:2], tiny_take(2)])
    assert stream(again).load_state_dict(stream(other).state_dict()).next_sample == 0


def test_an_index_that_is_cut_under_a_running_loader_is_no_traceback(
    copy: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    DatasetWriter(copy).finish()
    with PairLoader(stream(copy), workers=2) as loader:
        samples = iter(loader)
        next(samples)
        os.truncate(copy / "index.arrow", 100)
        # What was read stays valid; a file that is mapped and cut can end a process.
        with contextlib.suppress(InputError, RunError):
            assert_all_equal(list(islice(samples, 8)), [stream(copy).sample(index) for index in range(1, 9)])
    assert "Traceback" not in capfd.readouterr().err


def test_shards_of_a_damaged_state_are_one_line(tiny_dataset: Path) -> None:
    state = stream(tiny_dataset).state_dict()
    for shards in ("x", "1-", "", "99999999"):
        damaged = {**state, "sets": [{**state["sets"][0], "shards": shards}]}
        with pytest.raises(InputError, match="stream state: shards are"):
            stream(tiny_dataset).load_state_dict(damaged, changed_takes="keep")


@pytest.mark.parametrize(
    "change", [{"sets": None}, {"sets": [{}]}, {"next_sample": "x"}, {"next_sample": -3}, {"settings": 1}]
)
def test_a_damaged_state_is_one_line(tiny_dataset: Path, change: dict[str, Any]) -> None:
    state = stream(tiny_dataset).state_dict()
    with pytest.raises(InputError, match="not the state of a stream"):
        stream(tiny_dataset).load_state_dict({**state, **change})


def test_workers_read_sets_with_a_joint_index(copy: Path) -> None:
    wanted = list(islice(stream(copy), 6))
    DatasetWriter(copy).finish()
    assert (copy / "index.arrow").is_file()
    with PairLoader(stream(copy), workers=2) as loader:
        assert_all_equal(list(islice(loader, 6)), wanted)
    dataset = open_dataset(copy)
    again = pickle.loads(pickle.dumps(dataset))
    assert [take.members for take in again] == [take.members for take in dataset]


def test_an_empty_list_of_damaged_takes_excludes_none(tiny_dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text("")
    source = PairSource(url=tiny_dataset, exclude=f"@{tmp_path / 'bad.txt'}")
    assert PairStream([source], settings()).sample(0).take == stream(tiny_dataset).sample(0).take
    with pytest.raises(InputError, match=r"exclude: unknown take"):
        PairStream([PairSource(url=tiny_dataset, exclude="room")], settings())


def test_values_of_another_type_are_one_line() -> None:
    strides = "strides: must be a tuple of whole numbers, such as (1, 2)"
    weights = 'weights: must be motions with numbers, such as {"arc": 2}'
    wrong = {
        "PairSettings(seed=1, strides=1)": f"{strides}, got 1",
        "PairSettings(seed=1, strides=(1, '2'))": f"{strides}, got (1, '2')",
        "PairSettings(seed=1, size_px=(64,))": "size_px: must be (width, height) or None, got (64,)",
        "PairSettings(seed=1, frames=2.5)": "frames: must be a whole number or None, got 2.5",
        "PairSettings(seed='1')": "seed: must be a whole number, got '1'",
        "PairSettings(seed=1, targets=None)": "targets: must be a whole number, got None",
        "PairSettings(seed=1, policy='any')": "policy: must be a policy, such as UniformPairs(), got 'any'",
        "PairSettings(seed=1, split=1)": "split: must be the name of a split or None, got 1",
        "PairSource(url=5)": "url: must be a folder or an address, got 5",
        "PairSource(url='a', weight='1')": "weight: must be a number, got '1'",
        "PairSource(url='a', takes=3)": "takes: must be a text or None, got 3",
        "WeightedPairs(weights={'arc': 'x'})": f"{weights}, got {{'arc': 'x'}}",
        "AdjacentPairs(azimuth_deg=None)": "azimuth_deg: must be a number, got None",
        "Cache(folder='cache', most_bytes=9)": "folder: must be a Path, got 'cache'",
    }
    # In a process whose types are not checked, as those of a user.
    code = "from shards.pairs import *\n" + "".join(
        f"try: {one}\nexcept Exception as error: print(f'{{type(error).__name__}} {{error}}')\n"
        for one in wrong
    )
    printed = subprocess.check_output([sys.executable, "-c", code], text=True).splitlines()
    assert printed == [f"InputError {line}; correct the value" for line in wrong.values()]


def test_sources_are_addresses_or_have_weights(tiny_dataset: Path, first_twenty: list[PairSample]) -> None:
    for sources in ([tiny_dataset], [str(tiny_dataset)], PairSource(url=tiny_dataset)):
        assert_equal(PairStream(sources, settings()).sample(2), first_twenty[2])
    mixed = PairStream([PairSource(url=tiny_dataset, weight=3), tiny_dataset], settings(frames=1))
    assert sum(mixed.sample(index).dataset for index in range(8)) == 2


@pytest.mark.parametrize(("rank", "world_size"), [(1, 1), (-1, 2), (0, 0)])
def test_a_rank_is_one_of_the_ranks(tiny_dataset: Path, rank: int, world_size: int) -> None:
    line = rf"^rank: rank {rank} of {world_size}; ranks are 0 to world_size - 1$"
    for kind in (PairStream, SequentialPairs):
        with pytest.raises(InputError, match=line):
            kind(tiny_dataset, settings(), rank=rank, world_size=world_size)
