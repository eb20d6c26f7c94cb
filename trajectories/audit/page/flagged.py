"""The worst clips with a flag: what is wrong, in which frame, and a picture of that frame."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ...clip_table import ClipTable
from ...poses import rotation_angle_rad
from ...sampling.limits import REASONS
from ..measured.measures import subject_in_image
from ..report import AuditReport
from ..words import number, spaced
from .pictures import Pictures

_PICTURE_PX = 192

# A value of one clip in each frame; NaN where it is unknown.
Series = Float[np.ndarray, "frames"]


@dataclass(frozen=True, kw_only=True)
class Flag:
    """A flag in words, with the worst value if it has a unit, and its frame."""

    flag: str
    what: str
    frame: int


@dataclass(frozen=True, kw_only=True)
class FlaggedClip:
    """A clip with flags; ``picture`` is a data URI of the worst frame, ``note`` says why there is none."""

    name: str
    motion: str
    flags: tuple[Flag, ...]
    picture: str
    note: str


def flagged_clips(report: AuditReport, clips: ClipTable, pictures: Pictures) -> list[FlaggedClip]:
    """The worst clips with each flag, of those in ``clips``; the most frequent flag first."""
    places = {clips.name(index): index for index in range(len(clips))}
    flags = sorted(report.flagged, key=lambda flag: -report.flags[flag])
    names = dict.fromkeys(name for flag in flags for name in report.flagged[flag] if name in places)
    return [_flagged(clips.rows(np.array([places[name]])), report, pictures) for name in names]


def _flagged(clip: ClipTable, report: AuditReport, pictures: Pictures) -> FlaggedClip:
    row = clip.row(0)
    # The flags that it is among the worst of come first.
    ordered = sorted(row.flags, key=lambda flag: row.name not in report.flagged.get(flag, ()))
    flags = tuple(_flag(clip, flag) for flag in ordered)
    uri, note = pictures.data_uri(row.take, [row.camera], [flags[0].frame], width_px=_PICTURE_PX)
    return FlaggedClip(name=row.name, motion=row.motion, flags=flags, picture=uri, note=note)


def _flag(clip: ClipTable, flag: str) -> Flag:
    what = REASONS.get(flag, spaced(flag))
    severity_of, unit = _SEVERITIES.get(flag, (_of_start, ""))
    with np.errstate(invalid="ignore"):
        severity = severity_of(clip)
    if not np.isfinite(severity).any():
        return Flag(flag=flag, what=what, frame=0)
    frame = int(np.nanargmax(severity))
    value = f": {number(abs(float(severity[frame])))} {unit}" if unit else ""
    return Flag(flag=flag, what=what + value, frame=frame)


def _of_start(clip: ClipTable) -> Series:
    return -np.arange(clip.frames, dtype=np.float64)


def _change(order: int) -> Callable[[ClipTable], Series]:
    """Length of the n-th derivative of the position."""

    def severity(clip: ClipTable) -> Series:
        steps = np.diff(clip.poses.position_m[0], n=order, axis=0) * clip["fps"][0] ** order
        return _last(np.linalg.norm(steps, axis=-1), clip.frames)

    return severity


def _turn(clip: ClipTable) -> Series:
    rotation = clip.poses.rotation[0]
    turns_deg = np.degrees(rotation_angle_rad(rotation[1:], rotation[:-1])) * clip["fps"][0]
    return _last(turns_deg, clip.frames)


def _last(values: Float[np.ndarray, "steps"], frames: int) -> Series:
    """The values of the last frames; they are unknown for the first."""
    return np.concatenate([np.full(frames - len(values), np.nan), values])


def _depth(clip: ClipTable) -> Series:
    return np.nan_to_num(clip["ground_m"][0]) - clip.poses.position_m[0, :, 2]


def _nearness(clip: ClipTable) -> Series:
    return -np.linalg.norm(clip.poses.position_m[0] - clip.subject_points_m[0], axis=-1)


def _offset(clip: ClipTable) -> Series:
    """Distance of the subject from the image centre; behind the camera it is the largest."""
    offset = np.abs(2 * subject_in_image(clip)[0] - 1).max(axis=-1)
    return np.where(np.isnan(offset), np.finfo(np.float64).max, offset)


# How bad each frame is, and the unit of its size if that says something to a reader.
_SEVERITIES: dict[str, tuple[Callable[[ClipTable], Series], str]] = {
    "too_fast": (_change(1), "m/s"),
    "too_abrupt": (_change(2), "m/s²"),
    "too_jerky": (_change(3), "m/s³"),
    "turns_too_fast": (_turn, "deg/s"),
    "below_ground": (_depth, ""),
    # It may be another actor, whom the table does not have.
    "too_close": (_nearness, ""),
    "aim_out_of_image": (_offset, ""),
    "subject_out_of_image": (_offset, ""),
    "subject_out_of_first_image": (_of_start, ""),
}
