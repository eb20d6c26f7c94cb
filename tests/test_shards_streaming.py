"""The stream: reproducible, exactly resumable, and equal for any number of workers and ranks."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from multitake.errors import InputError
from shards import open_dataset
from shards.streaming import PairSample, PairStream
from trajectories.poses import compose


def stream(root: Path, **settings) -> PairStream:
    return PairStream(root, **{"seed": 3, "frames": 5, "size_px": (32, 24), **settings})


def assert_equal(got: PairSample, wanted: PairSample) -> None:
    for name in PairSample.__dataclass_fields__:
        a, b = getattr(got, name), getattr(wanted, name)
        assert torch.equal(a, b) if isinstance(a, torch.Tensor) else a == b, name


def assert_all_equal(got: list[PairSample], wanted: list[PairSample]) -> None:
    assert [sample.sample_index for sample in got] == [sample.sample_index for sample in wanted]
    for one, other in zip(got, wanted, strict=True):
        assert_equal(one, other)


@pytest.fixture(scope="module")
def first_ten(tiny_dataset: Path) -> list[PairSample]:
    return list(islice(stream(tiny_dataset), 10))


def test_a_sample_is_a_pair_of_clips(tiny_dataset: Path) -> None:
    dataset = open_dataset(tiny_dataset)
    for index in range(4):
        sample = PairStream(tiny_dataset, seed=1).sample(index)
        take = dataset.take(sample.take)
        source, target = take.clip(sample.source_camera), take.clip(sample.target_camera)
        assert source.camera != target.camera and sample.caption == take.row.caption
        assert np.array_equal(sample.source_video.permute(0, 2, 3, 1).numpy(), source.frames())
        assert np.array_equal(sample.target_video.permute(0, 2, 3, 1).numpy(), target.frames())
        assert torch.allclose(sample.source0_from_source[0], torch.eye(3, 4), atol=1e-6)
        back = compose(source.poses[:1].world_from_camera, sample.source0_from_target.double().numpy())
        assert np.allclose(back, target.poses.world_from_camera, atol=1e-5)
        lens = source.intrinsics
        assert sample.source_intrinsics[0].tolist() == pytest.approx([lens.fx_px, lens.fy_px, 32, 24])


def test_windows_start_on_keyframes_and_fit(tiny_dataset: Path) -> None:
    samples = [stream(tiny_dataset, frames=1).sample(index) for index in range(12)]
    assert {sample.first_frame for sample in samples} == {0, 20}
    sample = next(sample for sample in samples if sample.first_frame == 20)
    clip = open_dataset(tiny_dataset).take(sample.take).clip(sample.source_camera)
    expected = clip.frames(20, 21, size_px=(32, 24))
    assert np.array_equal(sample.source_video.permute(0, 2, 3, 1).numpy(), expected)
    lens = clip.intrinsics
    assert sample.source_intrinsics[0].tolist() == pytest.approx([lens.fx_px / 2, lens.fy_px / 2, 16, 12])


def test_every_epoch_has_every_take_once(first_ten: list[PairSample], tiny_dataset: Path) -> None:
    epochs = [[stream(tiny_dataset).sample(3 * e + n).take for n in range(3)] for e in range(8)]
    assert all(len(set(epoch)) == 3 for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 1
    assert [sample.sample_index for sample in first_ten] == list(range(10))
    pairs = {(sample.source_camera, sample.target_camera) for sample in first_ten}
    assert len(pairs) > 2


def test_other_seeds_give_other_samples(tiny_dataset: Path) -> None:
    def sampled(seed: int) -> list[tuple[str, str, str]]:
        samples = (stream(tiny_dataset, seed=seed, frames=1).sample(n) for n in range(8))
        return [(sample.take, sample.source_camera, sample.target_camera) for sample in samples]

    assert sampled(1) == sampled(1) != sampled(2)


def test_a_stream_resumes_exactly_from_any_sample(tiny_dataset: Path, first_ten: list[PairSample]) -> None:
    for cut in (0, 1, 4, 9):
        before = stream(tiny_dataset)
        head = list(islice(before, cut))
        after = stream(tiny_dataset).load_state_dict(before.state_dict())
        assert_all_equal(head + list(islice(after, 10 - cut)), first_ten)
    again = stream(tiny_dataset, first_sample=4)
    assert_all_equal(list(islice(again, 2)), first_ten[4:6])


def test_workers_keep_the_order_and_resume_exactly(tiny_dataset: Path, first_ten: list[PairSample]) -> None:
    read_ahead = stream(tiny_dataset)
    loader = DataLoader(read_ahead, batch_size=None, num_workers=2)
    head = list(islice(iter(loader), 5))
    assert_all_equal(head, first_ten[:5])
    resumed = stream(tiny_dataset).load_state_dict(read_ahead.state_after(head[-1]))
    assert_all_equal(
        list(islice(iter(DataLoader(resumed, batch_size=None, num_workers=2)), 5)), first_ten[5:]
    )


def test_ranks_share_the_stream_and_their_number_can_change(
    tiny_dataset: Path, first_ten: list[PairSample]
) -> None:
    ranks = [stream(tiny_dataset, rank=rank, world_size=2) for rank in range(2)]
    steps = [list(islice(rank, 3)) for rank in ranks]
    assert_all_equal([sample for step in zip(*steps, strict=True) for sample in step], first_ten[:6])
    states = [rank.state_dict() for rank in ranks]
    assert states[0] == states[1] == ranks[0].state_after(steps[0][-1]) == ranks[1].state_after(steps[1][-1])
    assert states[0]["next_sample"] == 6
    alone = stream(tiny_dataset).load_state_dict(states[0])
    assert_all_equal(list(islice(alone, 4)), first_ten[6:])
    four = [stream(tiny_dataset, rank=rank, world_size=4).load_state_dict(states[0]) for rank in range(4)]
    assert_all_equal([next(iter(rank)) for rank in four], first_ten[6:])


def test_invalid_arguments_are_errors(tiny_dataset: Path) -> None:
    with pytest.raises(InputError, match="no takes in split 'test'; choose from train"):
        stream(tiny_dataset, split="test")
    with pytest.raises(InputError, match="a window of 22 frames in clips of 21 frames; choose 1 to 21"):
        stream(tiny_dataset, frames=22)
    with pytest.raises(InputError, match="size_px: empty size 0x3 px"):
        stream(tiny_dataset, size_px=(0, 3))
    with pytest.raises(InputError, match="seed must not be negative, got -1"):
        stream(tiny_dataset, seed=-1)
    state = stream(tiny_dataset).state_dict()
    with pytest.raises(InputError, match="resume with schema 1 and seed 4"):
        stream(tiny_dataset, seed=4).load_state_dict(state)
