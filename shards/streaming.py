"""The streaming reader: an endless, exactly resumable sequence of (source clip, target clip) pairs for torch.

It is the only module of this package that imports torch.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

from multitake.errors import InputError
from multitake.randomness import rng_for
from trajectories import CameraPose

from .format import GOP_FRAMES
from .reading import open_dataset
from .takes import Clip
from .video import checked_size

STATE_SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class PairSample:
    """The same window of two clips of one take.

    Attributes:
        sample_index: position in the stream, over all ranks.
        source0_from_source: poses of the source camera relative to its first frame of the window.
        source0_from_target: poses of the target camera relative to the same frame.
        source_intrinsics: fx, fy, cx, cy of each frame, in pixels of the delivered size.
        first_frame: first frame of the window in the take.
    """

    sample_index: int
    take: str
    source_camera: str
    target_camera: str
    caption: str
    source_video: UInt8[Tensor, "frames 3 height width"]
    target_video: UInt8[Tensor, "frames 3 height width"]
    source0_from_source: Float[Tensor, "frames 3 4"]
    source0_from_target: Float[Tensor, "frames 3 4"]
    source_intrinsics: Float[Tensor, "frames 4"]
    target_intrinsics: Float[Tensor, "frames 4"]
    first_frame: int
    fps: float


class PairStream(IterableDataset[PairSample]):
    """Endless pairs; sample i depends on (data set, seed, i) alone.

    Every epoch has each take once, in another order; the two cameras and the window are sampled for each
    pair. Rank r of ``world_size`` delivers samples ``first_sample + r``, ``+ world_size``, and so on.
    Use ``DataLoader(stream, batch_size=None, num_workers=n)``: the workers share the samples of the rank,
    and the order is the same for every n.

    Args:
        url: the data set; see ``open_dataset``.
        frames: length of the windows, which start at groups of pictures; None is the entire clip.
        size_px: (width, height) of the frames; None is as filmed.
        split: use the takes of this split.

    InputError for an unreadable data set, a split without takes, fewer than two cameras, windows that are too
    long, a negative seed, or an empty size.
    """

    def __init__(
        self,
        url: str | Path,
        *,
        seed: int,
        frames: int | None = None,
        size_px: tuple[int, int] | None = None,
        split: str = "train",
        rank: int = 0,
        world_size: int = 1,
        first_sample: int = 0,
    ) -> None:
        self._dataset = open_dataset(url)
        self._takes = tuple(row for row in self._dataset.takes if row.split == split)
        info = self._dataset.info
        self._frames = info.frames if frames is None else frames
        self._size_px = checked_size(size_px, "size_px")
        self._seed, self._rank, self._world_size, self._next_sample = seed, rank, world_size, first_sample
        if not 0 <= rank < world_size:
            raise ValueError(f"rank {rank} of {world_size}")
        if seed < 0:
            raise InputError(f"seed must not be negative, got {seed}", where="seed", fix="give 0 or more")
        if not self._takes:
            have = ", ".join(sorted({row.split for row in self._dataset.takes}))
            raise InputError(f"no takes in split {split!r}", where=str(url), fix=f"choose from {have}")
        if info.cameras < 2:
            raise InputError("pairs need two cameras", where=str(url), fix="film with two or more cameras")
        if not 1 <= self._frames <= info.frames:
            what = f"a window of {frames} frames in clips of {info.frames} frames"
            raise InputError(what, where=str(url), fix=f"choose 1 to {info.frames} frames")

    def __iter__(self) -> Iterator[PairSample]:
        worker = get_worker_info()
        ahead, workers = (worker.id, worker.num_workers) if worker else (0, 1)
        first = self._next_sample + ahead * self._world_size
        while True:
            self._next_sample = first + self._world_size
            yield self.sample(first + self._rank)
            first += workers * self._world_size

    def sample(self, index: int) -> PairSample:
        """Sample ``index`` of the stream, of any rank."""
        epoch, place = divmod(index, len(self._takes))
        row = self._takes[self._order(epoch)[place]]
        take = self._dataset.take(row.take)
        rng = rng_for(self._seed, "pair", index)
        source, target = (take.clip(take.cameras[n]) for n in rng.permutation(len(take.cameras))[:2])
        start = GOP_FRAMES * int(rng.integers((row.frames - self._frames) // GOP_FRAMES + 1))
        window = slice(start, start + self._frames)
        source0 = source.poses[start]
        return PairSample(
            sample_index=index,
            take=row.take,
            source_camera=source.camera,
            target_camera=target.camera,
            caption=row.caption,
            source_video=self._video(source, window),
            target_video=self._video(target, window),
            source0_from_source=_relative(source.poses[window], source0),
            source0_from_target=_relative(target.poses[window], source0),
            source_intrinsics=self._intrinsics(source, window),
            target_intrinsics=self._intrinsics(target, window),
            first_frame=start,
            fps=row.fps,
        )

    def state_dict(self) -> dict[str, int]:
        """The state after the samples that were yielded in this process.

        If DataLoader workers read ahead, use ``state_after`` with the last sample instead.
        """
        return {"schema": STATE_SCHEMA, "seed": self._seed, "next_sample": self._next_sample}

    def state_after(self, sample: PairSample) -> dict[str, int]:
        """The state after ``sample``, if every rank has used its sample of that step."""
        return {**self.state_dict(), "next_sample": sample.sample_index - self._rank + self._world_size}

    def load_state_dict(self, state: dict[str, Any]) -> "PairStream":
        """Continue from a state, with any number of ranks. InputError for another seed.

        ``next_sample`` counts over all ranks: after n steps of w ranks it is n x w, and any number of ranks
        can share what follows.
        """
        if state.get("schema") != STATE_SCHEMA or state.get("seed") != self._seed:
            what = f"a state of schema {state.get('schema')} and seed {state.get('seed')}"
            fix = f"resume with schema {STATE_SCHEMA} and seed {self._seed}"
            raise InputError(what, where="stream state", fix=fix)
        self._next_sample = int(state["next_sample"])
        return self

    def _order(self, epoch: int) -> np.ndarray:
        return _shuffled(self._seed, epoch, len(self._takes))

    def _video(self, clip: Clip, window: slice) -> UInt8[Tensor, "frames 3 height width"]:
        frames = clip.frames(window.start, window.stop, size_px=self._size_px)
        return torch.from_numpy(frames).permute(0, 3, 1, 2).contiguous()

    def _intrinsics(self, clip: Clip, window: slice) -> Float[Tensor, "frames 4"]:
        lenses = clip.frame_intrinsics[window]
        width, height = self._size_px or (lenses[0].width_px, lenses[0].height_px)
        across, down = width / lenses[0].width_px, height / lenses[0].height_px
        values = [
            (one.fx_px * across, one.fy_px * down, one.cx_px * across, one.cy_px * down) for one in lenses
        ]
        return torch.tensor(values, dtype=torch.float32)


@lru_cache(maxsize=4)
def _shuffled(seed: int, epoch: int, takes: int) -> np.ndarray:
    return rng_for(seed, "epoch", epoch).permutation(takes)


def _relative(poses: CameraPose, reference: CameraPose) -> Float[Tensor, "frames 3 4"]:
    return torch.from_numpy(poses.seen_from(reference).astype(np.float32))
