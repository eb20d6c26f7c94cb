"""Which faults explain the matches of a take best: corrections of its tracks, one after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from jaxtyping import Bool, Int

from .changes import Change, changes_of, exchanged
from .compared_images import Matches
from .likelihood import gains
from .tracks import ImageGroups, Tracks, residuals_px

# Sound tracks are accused of one fault with a probability below exp(-15), were the groups independent.
LEAST_GAIN = 15.0
_MOST_FAULTS = 12
# Images that are still off by so much after all corrections were not explained by any.
_STILL_OFF_PX = 5.0
# Two cameras that match by mistake do so at every instant: what they say together is limited.
_MOST_OF_TWO = 12.0
_MOST_CAMERAS = 1000


@dataclass(frozen=True, kw_only=True)
class Explained:
    """A correction that explains the matches better.

    Attributes:
        cameras: numbers of the cameras that it changes.
        gain: logarithm of the likelihood ratio, a lower bound.
        groups: how many groups of images show it.
        before_px, after_px: median residual of these groups.
        frames: the first and the last frame that it changes; None for all.
    """

    fault: str
    figure: str
    cameras: tuple[int, ...]
    gain: float
    groups: int
    before_px: float
    after_px: float
    frames: tuple[int, int] | None


@dataclass(frozen=True)
class Diagnosis:
    """The faults of a take, and what images can say about it.

    Attributes:
        found: its faults.
        unexplained: corrections that made the images fit better, but not well: no faults of this kind.
        tracks: the tracks without these faults.
        excluded: for each fault the cameras of which it can be excluded.
    """

    found: tuple[Explained, ...]
    unexplained: tuple[Explained, ...]
    tracks: Tracks
    excluded: dict[str, Bool[np.ndarray, "cameras"]]


@dataclass(frozen=True)
class _Move:
    """A correction that is tried: the tracks after it, and the cameras that it changes."""

    fault: str
    figure: str
    cameras: tuple[int, ...]
    tracks: Tracks
    frames: tuple[int, int] | None = None
    least_gain: float = 0.0
    finer: "tuple[Change, ...]" = ()


class _Evidence:
    """The groups of a take, and their residuals under some tracks."""

    def __init__(self, matches: Matches, tracks: Tracks) -> None:
        self.kinds = [kind for kind in (matches.pairs, matches.triples) if len(kind)]
        self.tracks = tracks
        self.two_cameras = [_two_cameras(kind) for kind in self.kinds]
        self.now_px = [residuals_px(kind, tracks) for kind in self.kinds]

    def of(self, move: _Move) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Gains, residuals before and after, of the groups with a camera of the move."""
        for kind, now_px in zip(self.kinds, self.now_px, strict=True):
            affected = _with_cameras(kind, move.cameras)
            chosen = kind.chosen(affected)
            then_px = residuals_px(chosen, move.tracks)
            gain = gains(now_px[affected], then_px)
            # Where cameras stand in one place, any other place leaves matches more freedom.
            is_free = ~self.tracks.has_baseline(chosen) & move.tracks.has_baseline(chosen)
            yield np.where(is_free, np.minimum(gain, 0.0), gain), now_px[affected], then_px

    def gain(self, move: _Move) -> float:
        """What all groups say for the move, less what it must explain more than others."""
        found = [gain for gain, _, _ in self.of(move)]
        if not found:
            return 0.0
        gain = np.concatenate(found)
        affected = [_with_cameras(kind, move.cameras) for kind in self.kinds]
        together = np.concatenate(
            [two[chosen] for two, chosen in zip(self.two_cameras, affected, strict=True)]
        )
        own = gain[together < 0].sum()
        of_two = np.bincount(together[together >= 0], gain[together >= 0])
        return float(own + np.minimum(of_two, _MOST_OF_TWO).sum()) - move.least_gain


def diagnosed(matches: Matches, tracks: Tracks, image_px: tuple[int, int]) -> Diagnosis:
    """The faults of a take with stated tracks; ``image_px`` is the size of its images.

    The correction with the largest gain is accepted while it is above ``LEAST_GAIN``; in the end, those are
    withdrawn after which the images do not fit. What remains is excluded if undoing a fault that is not there
    would lose as much.
    """
    changes = changes_of(tracks, image_px, _instants(matches))
    found: list[tuple[Explained, list[ImageGroups]]] = []
    while True:
        evidence = _Evidence(matches, tracks)
        moves = list(_moves(tracks, changes))
        move_gains = [evidence.gain(move) for move in moves]
        best = int(np.argmax(move_gains))
        if move_gains[best] < LEAST_GAIN or len(found) == _MOST_FAULTS:
            is_off = [_off_px(groups, tracks) > _STILL_OFF_PX for _, groups in found]
            return Diagnosis(
                found=tuple(one for (one, _), off in zip(found, is_off, strict=True) if not off),
                unexplained=tuple(one for (one, _), off in zip(found, is_off, strict=True) if off),
                tracks=tracks,
                excluded=_excluded(moves, move_gains, len(tracks.intrinsics)),
            )
        move = _refined(evidence, moves[best], tracks)
        found.append(_explained(evidence, move))
        tracks = move.tracks


def _instants(matches: Matches) -> list[int]:
    """The frames that are compared."""
    return sorted(set(matches.pairs.images[..., 1].ravel().tolist()))


def _moves(tracks: Tracks, changes: Sequence[Change]) -> Iterator[_Move]:
    """Each change of all cameras and of each camera, and each exchange of two cameras."""
    cameras = range(len(tracks.intrinsics))
    for change in changes:
        sets = [tuple(cameras)] * (change.of_all or len(cameras) == 1)
        sets += [(camera,) for camera in cameras] if len(cameras) > 1 else []
        for chosen in sets:
            yield _move(change, chosen, tracks)
    for first, second in combinations(cameras, 2):
        swapped = exchanged(tracks, first, second)
        yield _Move("cameras_exchanged", "with each other", (first, second), swapped)


def _move(change: Change, cameras: tuple[int, ...], tracks: Tracks) -> _Move:
    corrected = change.undone(tracks, np.isin(range(len(tracks.intrinsics)), cameras))
    return _Move(
        fault=change.fault,
        figure=change.figure,
        cameras=cameras,
        tracks=corrected,
        frames=change.frames,
        least_gain=change.least_gain,
        finer=change.finer,
    )


def _refined(evidence: _Evidence, move: _Move, tracks: Tracks) -> _Move:
    """The best of the changes of nearly the same amount."""
    finer = [_move(change, move.cameras, tracks) for change in move.finer]
    return max([move, *finer], key=evidence.gain)


def _off_px(kinds: Sequence[ImageGroups], tracks: Tracks) -> float:
    """The median residual of some groups."""
    return float(np.median(np.concatenate([np.median(residuals_px(one, tracks), axis=1) for one in kinds])))


def _explained(evidence: _Evidence, move: _Move) -> tuple[Explained, list[ImageGroups]]:
    """A correction, and the groups that show it."""
    of_kinds = list(evidence.of(move))
    gain, before_px, after_px = (np.concatenate(parts) for parts in zip(*of_kinds, strict=True))
    shown = gain > 0
    groups = [
        kind.chosen(np.flatnonzero(_with_cameras(kind, move.cameras))[gains_of_kind > 0])
        for kind, (gains_of_kind, _, _) in zip(evidence.kinds, of_kinds, strict=True)
    ]
    explained = Explained(
        fault=move.fault,
        figure=move.figure,
        cameras=move.cameras,
        gain=evidence.gain(move),
        groups=int(shown.sum()),
        before_px=float(np.median(before_px[shown])),
        after_px=float(np.median(after_px[shown])),
        frames=move.frames,
    )
    return explained, groups


def _excluded(
    moves: Sequence[_Move], move_gains: Sequence[float], cameras: int
) -> dict[str, Bool[np.ndarray, "cameras"]]:
    """The cameras for which every correction of a fault would make the explanation worse."""
    excluded: dict[str, np.ndarray] = {}
    for move, gain in zip(moves, move_gains, strict=True):
        kept = excluded.setdefault(move.fault, np.ones(cameras, dtype=bool))
        kept[list(move.cameras)] &= gain < -LEAST_GAIN
    return excluded


def _two_cameras(groups: ImageGroups) -> Int[np.ndarray, "groups"]:
    """A number for the two cameras of each group; -1 if it has one camera only."""
    cameras = groups.images[..., 0]
    low, high = cameras.min(axis=1), cameras.max(axis=1)
    return np.where(low == high, -1, low * _MOST_CAMERAS + high)


def _with_cameras(groups: ImageGroups, cameras: Sequence[int]) -> Bool[np.ndarray, "groups"]:
    return np.asarray(np.isin(groups.images[..., 0], cameras).any(axis=1))
