"""Faults of a take that its images show: the matches between them against the stated poses and intrinsics."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ...clip_table import ClipTable
from ...videos import Recording
from .compared_images import Matches, matches_of
from .explain import Diagnosis, Explained, diagnosed
from .faults import Fault
from .tracks import Tracks, residuals_px

# The faults that are looked for in the images of every take.
IMAGE_FAULTS = (
    *("inverted_poses", "wrong_unit", "mirrored_world", "focal_length_off", "frames_shifted"),
    *("missing_frames", "cameras_exchanged", "scale_drifts"),
)
_SEED = 0
# A camera of which so few groups of images share enough points is not examined.
_LEAST_GROUPS = 6
# Poses do not fit if this share of the groups of a camera is off by so much, whatever is corrected.
_UNEXPLAINED_SHARE, _UNEXPLAINED_PX = 0.6, 8.0
# Triples alone, of wrong matches, accuse nobody: so many pairs of a camera must be off as well.
_OFF_SHARE, _OFF_PX = 0.2, 4.0
# If so many cameras of a take remain unexplained, or some beside so many kinds of fault, all poses are wrong.
_MOST_OF_TAKE, _MOST_KINDS = 0.4, 3


@dataclass(frozen=True, kw_only=True)
class Examined:
    """What the images of a take show.

    Attributes:
        faults: its faults.
        compared: the cameras that were compared.
        seen: those of them whose images share enough points to say anything.
        undecided: for each kind of fault, the number of cameras of which it is neither found nor excluded.
    """

    faults: tuple[Fault, ...]
    compared: int
    seen: int
    undecided: dict[str, int]


def examine_images(clips: ClipTable, recordings: Sequence[Recording]) -> Examined:
    """Compare the images of a take with its clips: the rows of ``clips`` have these recordings."""
    take, cameras = str(clips["take"][0]), clips["camera"].tolist()
    matches = matches_of(take, recordings, seed=_SEED)
    first = recordings[0].images
    tracks = _tracks(clips, recordings)
    result = diagnosed(matches, tracks, (first.shape[2], first.shape[1]))
    counts = _groups_of_cameras(matches, len(cameras))
    named = [_fault(take, cameras, found) for found in result.found]
    unexplained = list(_unexplained(take, cameras, matches, result, counts))
    unexplained += [_unexplained_by(take, cameras, one) for one in result.unexplained]
    faults = _consistent(take, named, unexplained, len(cameras))
    if not any(_are_off(matches, tracks, one) for one in _cameras_of(unexplained, cameras)):
        faults = [fault for fault in faults if fault.kind != "unexplained"]
    accused = {name for fault in faults for name in fault.cameras or cameras}
    undecided = {
        kind: int(sum(not done for name, done in zip(cameras, excluded, strict=True) if name not in accused))
        for kind, excluded in result.excluded.items()
        if kind in IMAGE_FAULTS
    }
    return Examined(
        faults=tuple(faults),
        compared=len(cameras),
        seen=int((counts >= _LEAST_GROUPS).sum()),
        undecided=undecided,
    )


def _tracks(clips: ClipTable, recordings: Sequence[Recording]) -> Tracks:
    """The stated tracks, with intrinsics of the examined images."""
    scale = np.array([one.images.shape[2] for one in recordings]) / clips["width_px"]
    return Tracks(clips.poses.world_from_camera, clips.intrinsics_of_frames[..., :4] * scale[:, None, None])


def _fault(take: str, cameras: Sequence[str], found: Explained) -> Fault:
    is_all = len(found.cameras) == len(cameras) > 1
    before, after = (f"{px:.2g}" for px in (found.before_px, found.after_px))
    figure = (
        f"{found.figure}; {found.groups} groups of images miss their matches by {before} px, corrected by "
        f"{after} px"
    )
    return Fault(
        kind=found.fault,
        take=take,
        cameras=() if is_all else tuple(cameras[one] for one in found.cameras),
        frames=found.frames,
        evidence="images",
        figure=figure,
    )


def _unexplained_by(take: str, cameras: Sequence[str], tried: Explained) -> Fault:
    """Cameras whose images do not fit, although a correction makes them fit better."""
    is_all = len(tried.cameras) == len(cameras) > 1
    return Fault(
        kind="unexplained",
        take=take,
        cameras=() if is_all else tuple(cameras[one] for one in tried.cameras),
        evidence="images",
        figure=f"{tried.groups} groups of images are off by {tried.before_px:.2g} px",
    )


def _cameras_of(faults: Sequence[Fault], cameras: Sequence[str]) -> list[list[int]]:
    """The numbers of the cameras of each fault."""
    return [
        [number for number, name in enumerate(cameras) if name in (one.cameras or cameras)] for one in faults
    ]


def _are_off(matches: Matches, tracks: Tracks, cameras: Sequence[int]) -> bool:
    """Whether the pairs of images of some cameras do not fit their stated poses."""
    pairs = matches.pairs.chosen(np.flatnonzero(np.isin(matches.pairs.images[..., 0], cameras).any(axis=1)))
    if not len(pairs):
        return False
    return bool((np.median(residuals_px(pairs, tracks), axis=1) > _OFF_PX).mean() > _OFF_SHARE)


def _consistent(take: str, named: Sequence[Fault], unexplained: Sequence[Fault], cameras: int) -> list[Fault]:
    """The faults without those of cameras that remain unexplained; one, if that is most of a take."""
    names = {camera for fault in unexplained for camera in fault.cameras}
    is_all = any(not fault.cameras for fault in unexplained) or len(names) >= _MOST_OF_TAKE * cameras
    if unexplained and (is_all or len({fault.kind for fault in named}) >= _MOST_KINDS):
        figure = "; ".join(fault.figure for fault in unexplained[:2])
        return [Fault(kind="unexplained", take=take, cameras=(), evidence="images", figure=figure)]
    kept = [fault for fault in named if not fault.cameras or names.isdisjoint(fault.cameras)]
    return [*kept, *unexplained]


def _groups_of_cameras(matches: Matches, cameras: int) -> np.ndarray:
    """In how many pairs of images each camera is."""
    shown = matches.pairs.images[..., 0]
    return np.array([(shown == camera).any(axis=1).sum() for camera in range(cameras)])


def _unexplained(
    take: str, cameras: Sequence[str], matches: Matches, result: Diagnosis, counts: np.ndarray
) -> Iterator[Fault]:
    """Cameras most of whose images do not fit, after all corrections."""
    if not len(matches.pairs):
        return
    off_px = np.median(residuals_px(matches.pairs, result.tracks), axis=1)
    shown = matches.pairs.images[..., 0]
    for camera in np.flatnonzero(counts >= _LEAST_GROUPS).tolist():
        of_camera = off_px[(shown == camera).any(axis=1)]
        share = float((of_camera > _UNEXPLAINED_PX).mean())
        if share > _UNEXPLAINED_SHARE:
            figure = (
                f"{share:.0%} of {len(of_camera)} pairs of images are off by {np.median(of_camera):.2g} px"
            )
            yield Fault(
                kind="unexplained", take=take, cameras=(cameras[camera],), evidence="images", figure=figure
            )
