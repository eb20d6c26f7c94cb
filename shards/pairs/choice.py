"""Choosing a pair: take, cameras, window and crop of a sample, from its random numbers alone."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from multitake.errors import InputError

from ..format import GOP_FRAMES
from ..takes import Take
from .framing import Framing, framing
from .settings import AdjacentPairs, MovingPairs, PairPolicy, PairSettings, WeightedPairs


@dataclass(frozen=True, kw_only=True)
class Window:
    """Frames ``first, first + stride, ...`` of a clip, ``frames`` of them."""

    first: int
    frames: int
    stride: int

    @property
    def stop(self) -> int:
        """The frame after the last one."""
        return self.first + self.stride * (self.frames - 1) + 1

    @property
    def slice(self) -> slice:
        """The same as a slice."""
        return slice(self.first, self.stop, self.stride)


@dataclass(frozen=True, kw_only=True)
class PairChoice:
    """What a sample has: cameras of a take, the source first, and their window and framing."""

    take: Take
    cameras: tuple[str, ...]
    window: Window
    framing: Framing


def pair_choice(take: Take, settings: PairSettings, frames: int, rng: np.random.Generator) -> PairChoice:
    """The pair of a take that random numbers choose; InputError if the take has none, or cannot be read."""
    row = take.row
    cameras = _cameras(take, settings, rng)
    window = _window(row.frames, settings, frames, rng)
    at = (float(rng.random()), float(rng.random())) if settings.crop == "seeded" else None
    filmed_px = row.width_px, row.height_px
    return PairChoice(
        take=take,
        cameras=cameras,
        window=window,
        framing=framing(filmed_px, settings.size_px or filmed_px, at=at),
    )


def window_frames(settings: PairSettings, clip_frames: int) -> int:
    """Frames of a window of clips with so many frames: as many as the largest stride allows, if not given."""
    most = (clip_frames - 1) // max(settings.strides) + 1
    return most if settings.frames is None else settings.frames


def lacks_motions(take: Take, policy: PairPolicy) -> bool:
    """Whether a policy chooses cameras by their motions, and those of a take are all unknown."""
    is_by_motion = isinstance(policy, MovingPairs)
    if isinstance(policy, WeightedPairs):
        is_by_motion = "unknown" not in policy.weights
    return is_by_motion and all(row.motion == "unknown" for row in take.clip_rows)


def unknown_motions(policy: PairPolicy, *, where: str) -> InputError:
    """What is wrong with takes that lack motions."""
    what = f"{type(policy).__name__} choose by motion, and the motions of the cameras are unknown"
    return InputError(what, where=where, fix="use UniformPairs or AdjacentPairs, or exclude such takes")


def _window(clip_frames: int, settings: PairSettings, frames: int, rng: np.random.Generator) -> Window:
    stride = settings.strides[int(rng.integers(len(settings.strides)))]
    room = clip_frames - (stride * (frames - 1) + 1)
    if settings.starts == "first":
        first = 0
    elif settings.starts == "any":
        first = int(rng.integers(room + 1))
    else:
        first = GOP_FRAMES * int(rng.integers(room // GOP_FRAMES + 1))
    return Window(first=first, frames=frames, stride=stride)


def _cameras(take: Take, settings: PairSettings, rng: np.random.Generator) -> tuple[str, ...]:
    """The source and then the targets."""
    cameras, policy, targets = take.cameras, settings.policy, settings.targets
    names = list(cameras)
    if lacks_motions(take, policy):
        raise unknown_motions(policy, where=_place(take))
    if isinstance(policy, MovingPairs):
        names = [row.camera for row in take.clip_rows if row.motion not in ("static", "unknown")]
    if len(names) <= targets:
        raise _no_pair(take, f"{len(names)} cameras for pairs of {targets + 1}")
    if isinstance(policy, WeightedPairs):
        return _weighted(take, policy, targets, rng)
    if isinstance(policy, AdjacentPairs):
        return _adjacent(take, policy, targets, rng)
    return tuple(names[n] for n in rng.permutation(len(names))[: targets + 1])


def _no_pair(take: Take, what: str) -> InputError:
    fix = "choose other cameras, or exclude such takes"
    return InputError(what, where=_place(take), fix=fix)


def _place(take: Take) -> str:
    return f"{take.files.url}: take {take.key}"


def _weighted(take: Take, policy: WeightedPairs, targets: int, rng: np.random.Generator) -> tuple[str, ...]:
    rows = take.clip_rows
    weights = np.array([policy.weights.get(row.motion, 1.0) for row in rows])
    found = np.count_nonzero(weights)
    if found < targets:
        raise _no_pair(take, f"{found} cameras with a weight above 0 for {targets} targets")
    chosen = rng.choice(len(rows), size=targets, replace=False, p=weights / weights.sum())
    others = np.setdiff1d(np.arange(len(rows)), chosen)
    return tuple(rows[n].camera for n in (rng.choice(others), *chosen))


def _adjacent(take: Take, policy: AdjacentPairs, targets: int, rng: np.random.Generator) -> tuple[str, ...]:
    near, apart = _starts(take, policy)
    source = int(rng.integers(len(take.cameras)))
    neighbours = np.flatnonzero(near[source])
    if len(neighbours) < targets:
        neighbours = np.argsort(apart[source], kind="stable")[:targets]
    chosen = rng.permutation(neighbours)[:targets]
    return tuple(take.cameras[n] for n in (source, *chosen))


def _starts(
    take: Take, policy: AdjacentPairs
) -> tuple[Bool[np.ndarray, "cameras cameras"], Float[np.ndarray, "cameras cameras"]]:
    """Which cameras start near each other, and the angle between their starts; not of a camera and itself."""
    subject_m = np.array(take.row.subject_m or (np.nan, np.nan, np.nan))
    start = take.poses[:, 0]
    from_subject = start.position_m - subject_m
    if not np.isfinite(subject_m).all():
        # Without a known subject, where the cameras look to: opposite of the direction from it.
        from_subject = -start.forward
    x, y, z = (from_subject / np.linalg.norm(from_subject, axis=-1, keepdims=True)).T
    azimuth_deg, elevation_deg = np.degrees(np.arctan2(y, x)), np.degrees(np.arcsin(np.clip(z, -1, 1)))
    turn = np.abs(azimuth_deg[:, None] - azimuth_deg)
    turn = np.minimum(turn, 360 - turn)
    rise = np.abs(elevation_deg[:, None] - elevation_deg)
    near = (turn <= policy.azimuth_deg) & (rise <= policy.elevation_deg)
    apart = np.hypot(turn, rise)
    np.fill_diagonal(near, False)
    np.fill_diagonal(apart, np.inf)
    return near, apart
