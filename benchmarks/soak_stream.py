"""A long check of streams, by hand: ``python -m benchmarks.soak_stream [CUTS] [SAMPLES]``.

Resumes at random points with other numbers of ranks, workers and samples in a batch: all samples of all
parts together are those of a stream without interruption, bit for bit. Then reads many samples with two
workers, and prints the memory of the processes as it goes; it must not grow.
"""

import hashlib
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from multitake.randomness import rng_for
from shards.pairs import PairSettings, PairSource
from shards.streaming import PairLoader, PairSample, PairStream

from .stream_set import stream_set

_SIZE_PX, _FRAMES, _TAKES = (64, 48), 21, 12


def main() -> None:
    cuts = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    samples = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    with TemporaryDirectory() as folder:
        roots = [
            stream_set(Path(folder) / name, takes=_TAKES, size_px=_SIZE_PX, frames=_FRAMES)
            for name in ("a", "b")
        ]
        sources = [
            PairSource(url=root, weight=weight) for root, weight in zip(roots, (0.7, 0.3), strict=True)
        ]
        _check_cuts(sources, cuts)
        _check_memory(sources, samples)


def _stream(sources: list[PairSource], *, rank: int = 0, world_size: int = 1) -> PairStream:
    settings = PairSettings(seed=9, frames=5, strides=(1, 2), starts="any", size_px=(40, 40), crop="seeded")
    return PairStream(sources, settings, rank=rank, world_size=world_size)


def _digest(sample: PairSample) -> str:
    digest = hashlib.sha256(
        f"{sample.sample_index} {sample.take} {sample.first_frame} {sample.stride}".encode()
    )
    for clip in (sample.source, *sample.targets):
        for tensor in (clip.rgb().contiguous(), clip.source0_from_camera, clip.intrinsics):
            digest.update(tensor.numpy().tobytes())
    return digest.hexdigest()


def _check_cuts(sources: list[PairSource], cuts: int) -> None:
    """Parts with other ranks, workers and batches, one after the other, against one stream."""
    rng, state, found = rng_for(1, "soak"), None, dict[int, str]()
    for _ in range(cuts):
        world_size, workers, batch, steps = (
            int(rng.integers(*limits)) for limits in ((1, 5), (0, 3), (1, 5), (1, 4))
        )
        states = []
        for rank in range(world_size):
            stream = _stream(sources, rank=rank, world_size=world_size)
            if state:
                stream.load_state_dict(state)
            with PairLoader(stream, workers=workers) as loader:
                for sample in islice(loader, batch * steps):
                    if sample.sample_index in found:
                        raise SystemExit(f"sample {sample.sample_index} came twice")
                    found[sample.sample_index] = _digest(sample)
                states.append(loader.state_dict())
        if any(one != states[0] for one in states):
            raise SystemExit("ranks have different states")
        state = states[0]
    whole = _stream(sources)
    expected = {sample.sample_index: _digest(sample) for sample in islice(whole, len(found))}
    print(f"{cuts} cuts, {len(found)} samples: {'equal' if found == expected else 'DIFFERENT'}", flush=True)


def _check_memory(sources: list[PairSource], samples: int) -> None:
    with PairLoader(_stream(sources), workers=2) as loader:
        counts = {0: 0, 1: 0}
        for number, sample in enumerate(islice(loader, samples), start=1):
            counts[sample.dataset] += 1
            if number % 10 == 0 and counts[0] * 3 != counts[1] * 7:
                raise SystemExit(f"shares are {counts} after {number} samples")
            if number in (1000, samples) or number % (samples // 10) == 0:
                print(f"{number} samples: {_memory_mb()} MB of this process and its workers", flush=True)


def _memory_mb() -> list[int]:
    found = subprocess.run(
        ["pgrep", "-P", str(os.getpid()), "-f", "shards.pairs"], capture_output=True, text=True
    )
    return [_pss_mb(one) for one in (str(os.getpid()), *found.stdout.split())]


def _pss_mb(process: str) -> int:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) // 1024


if __name__ == "__main__":
    main()
