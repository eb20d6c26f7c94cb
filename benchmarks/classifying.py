"""Speed of recovering moves from poses alone.

``classified_per_s``: trajectories of 81 frames per second of one core: subject, motion, amplitude and speed,
from poses of 6 significant digits.
"""

from collections.abc import Iterator

import numpy as np

from trajectories import CameraPose, ClipTable
from trajectories.audit import recover_moves
from trajectories.sampling import PRESETS, sample_rigs

from .figures import Figure, interleaved

_FRAMES = 81
_RULES = PRESETS["paper"]


def measure(*, quick: bool) -> Iterator[Figure]:
    rigs, cameras = 500 if quick else 2000, len(_RULES.slots)
    subjects_m = np.tile([[33.9, -13.8, 1.1]], (rigs, 1))
    batch = sample_rigs(_RULES, subjects_m, seed=1, frames=_FRAMES)
    poses = _six_digits(batch.poses.world_from_camera.reshape(-1, _FRAMES, 3, 4))
    takes = np.repeat([f"rig_{rig}" for rig in range(rigs)], cameras)
    clips = ClipTable.of(poses, take=takes, camera="cam01")
    seconds = interleaved({"recover": lambda: recover_moves(clips)}, rounds=5 if quick else 15)
    yield Figure(
        benchmark="sampling",
        figure="classified_per_s",
        value=rigs * cameras / seconds["recover"],
        unit="1/s",
        against="bar",
        against_value=150_000.0,
    )


def _six_digits(numbers: np.ndarray) -> CameraPose:
    last = 10.0 ** (np.floor(np.log10(np.maximum(np.abs(numbers), 1e-300))) - 5)
    return CameraPose(np.round(numbers / last) * last)
