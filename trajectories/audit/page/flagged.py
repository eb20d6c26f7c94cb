"""The worst clips with a flag: what is wrong, in which frame, and an image of that frame."""

from dataclasses import dataclass

import numpy as np

from ...clip_table import ClipTable
from ...sampling.limits import REASONS
from ..measured.severity import UNITS, severity
from ..report import AuditReport
from ..words import number, spaced
from .page_images import PageImages

_IMAGE_PX = 192


@dataclass(frozen=True, kw_only=True)
class Flag:
    """A flag in words, with the worst value if it has a unit, and its frame."""

    flag: str
    what: str
    frame: int


@dataclass(frozen=True, kw_only=True)
class FlaggedClip:
    """A clip with flags; ``image_uri`` is a data URI of the worst frame, ``note`` says why there is none."""

    name: str
    motion: str
    flags: tuple[Flag, ...]
    image_uri: str
    note: str


def flagged_clips(report: AuditReport, clips: ClipTable, images: PageImages) -> list[FlaggedClip]:
    """The worst clips with each flag, of those in ``clips``; the most frequent flag first."""
    places = {clips.name(index): index for index in range(len(clips))}
    flags = sorted(report.flagged, key=lambda flag: -report.flags[flag])
    names = dict.fromkeys(name for flag in flags for name in report.flagged[flag] if name in places)
    return [_flagged(clips.rows(np.array([places[name]])), report, images) for name in names]


def _flagged(clip: ClipTable, report: AuditReport, images: PageImages) -> FlaggedClip:
    row = clip.row(0)
    # The flags that it is among the worst of come first.
    ordered = sorted(row.flags, key=lambda flag: row.name not in report.flagged.get(flag, ()))
    flags = tuple(_flag(clip, flag) for flag in ordered)
    uri, note = images.data_uri(row.take, [row.camera], [flags[0].frame], width_px=_IMAGE_PX)
    return FlaggedClip(name=row.name, motion=row.motion, flags=flags, image_uri=uri, note=note)


def _flag(clip: ClipTable, flag: str) -> Flag:
    what = REASONS.get(flag, spaced(flag))
    (found,) = severity(flag, clip)
    if not np.isfinite(found).any():
        return Flag(flag=flag, what=what, frame=0)
    frame = int(np.nanargmax(found))
    value = f": {number(float(found[frame]))} {UNITS[flag]}" if flag in UNITS else ""
    return Flag(flag=flag, what=what + value, frame=frame)
