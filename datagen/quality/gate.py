"""The gate: what is wrong with the clips of a take, and the error of a take that must not be staged."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from shards import ClipFault, FilmedTake, fault_sheet, frame_count

from ..batch import Batch
from ..drive import EngineError
from .limits import QUALITY_PREFIX, REASONS
from .meter import MeasuredClip, TakeMeter, path_limits

# Reasons that follow from others: a mask of one colour does not show the subject either.
_FOLLOWS = {
    "subject_unseen": ("mask_constant",),
    "mask_constant": ("mask_empty",),
    "repeated": ("other_camera", "under_exposed", "over_exposed"),
    "first_image_differs": ("under_exposed", "over_exposed", "noise"),
    "flashes": ("under_exposed", "over_exposed", "noise"),
    "mask_off_subject": ("mask_repeated", "mask_off_image", "mask_swapped"),
    "mask_swapped": ("mask_repeated", "mask_off_image"),
    "mask_off_image": ("mask_repeated", "noise", "under_exposed", "over_exposed", "other_camera"),
    "depth_off_subject": ("mask_swapped", "mask_off_subject", "mask_off_image", "depth_off_image"),
    "depth_off_image": ("depth_repeated", "mask_off_image", "mask_repeated"),
}
# Flags of the planner: depth does not show the back of a surface.
_BLOCKED_FLAGS = ("engine:inside_geometry", "engine:near_geometry")
_MOST_FRAMES, _MOST_NAMED = 6, 3


class BadTakeError(EngineError):
    """A take whose clips must not be stored: the faults, and a PNG of them if one could be made."""

    def __init__(self, faults: Sequence[ClipFault], sheet: bytes | None) -> None:
        self.faults, self.sheet = tuple(faults), sheet
        named = [fault_line(fault) for fault in faults[:_MOST_NAMED]]
        named += [f"{len(faults) - _MOST_NAMED} more"] if len(faults) > _MOST_NAMED else []
        super().__init__("; ".join(named))


@dataclass(frozen=True, kw_only=True)
class _Check:
    """A figure, its bounds, and the reason against a clip where it is out of bounds."""

    reason: str
    figure: str
    lowest: float = -math.inf
    highest: float = math.inf


def passed(batch: Batch, take: FilmedTake, meter: TakeMeter) -> FilmedTake:
    """The take with its figures and flags; BadTakeError if a clip of its rig has a reason to be rejected."""
    frames = [_stored_frames(files.members) for files in take.files]
    measured = meter.measured(frames)
    faults = take_faults(batch, measured, take.clips["flags"].tolist())
    limits = dict(zip(take.clips["camera"].tolist(), path_limits(batch), strict=True))
    extra = {camera.name for camera in batch.extra_cameras}
    policies = {
        fault: batch.quality.policy(fault.reason, limits[fault.camera], is_extra=fault.camera in extra)
        for fault in faults
    }
    if rejected := first_faults([fault for fault in faults if policies[fault] == "reject"]):
        sheet = None
        # Whatever is wrong with the images, the reason counts.
        with suppress(Exception):
            sheet = fault_sheet(take, rejected)
        raise BadTakeError(rejected, sheet)
    warned = first_faults([fault for fault in faults if policies[fault] == "warn"])
    flags = [
        (*row.flags, *(f"{QUALITY_PREFIX}{fault.reason}" for fault in warned if fault.camera == row.camera))
        for row in take.clips
    ]
    quality = tuple(one.quality for one in measured)
    return replace(take, row=replace(take.row, quality=quality), clips=take.clips.replaced(flags=flags))


def take_faults(
    batch: Batch, measured: Sequence[MeasuredClip], flags: Sequence[tuple[str, ...]]
) -> list[ClipFault]:
    """What is out of bounds in the clips of a take, whatever its policy; each reason once for each camera."""
    checks = _checks(batch)
    found: list[ClipFault] = []
    for clip, known in zip(measured, flags, strict=True):
        of_clip: dict[str, ClipFault] = {}
        for fault in (*_broken(checks, clip), *_flagged(clip, known)):
            of_clip.setdefault(fault.reason, fault)
        found += of_clip.values()
    return found


def first_faults(faults: Sequence[ClipFault]) -> list[ClipFault]:
    """The faults that do not follow from others of the same camera among them."""
    reasons = {(fault.camera, fault.reason) for fault in faults}
    return [
        fault
        for fault in faults
        if not any((fault.camera, cause) in reasons for cause in _FOLLOWS.get(fault.reason, ()))
    ]


def fault_line(fault: ClipFault) -> str:
    """A fault in words, such as ``cam03 has black images (black_share is 0.2, the limit is 0)``."""
    text = f"{fault.camera} {REASONS[fault.reason]} ({fault.figure} is {fault.value:g}"
    text += f", the limit is {fault.limit:g}"
    if fault.frames:
        text += f"; frame{'s' if len(fault.frames) > 1 else ''} {', '.join(map(str, fault.frames))}"
        text += " ..." if len(fault.frames) == _MOST_FRAMES else ""
    return f"{text})"


def _checks(batch: Batch) -> tuple[_Check, ...]:
    limits, frames = batch.quality, float(batch.frames)
    darkest, brightest = limits.mean_level
    return (
        _Check(reason="frame_count", figure="frames", lowest=frames, highest=frames),
        _Check(reason="black", figure="black_share", highest=limits.black_share),
        _Check(reason="uniform", figure="uniform_share", highest=limits.uniform_share),
        _Check(reason="noise", figure="noise_share", highest=limits.noise_share),
        _Check(reason="repeated", figure="repeated_share", highest=limits.repeated_share),
        _Check(reason="other_camera", figure="other_camera_share", highest=limits.other_camera_share),
        _Check(reason="under_exposed", figure="mean_level", lowest=darkest),
        _Check(reason="under_exposed", figure="clipped_black", highest=limits.clipped_black),
        _Check(reason="under_exposed", figure="darkest_level", lowest=limits.darkest_level),
        _Check(reason="under_exposed", figure="darkest_share", lowest=limits.darkest_share),
        _Check(reason="under_exposed", figure="blackest_image", highest=limits.blackest_image),
        _Check(reason="over_exposed", figure="white_share", highest=limits.white_share),
        _Check(reason="over_exposed", figure="clipped_white", highest=limits.clipped_white),
        _Check(reason="over_exposed", figure="mean_level", highest=brightest),
        _Check(reason="over_exposed", figure="brightest_level", highest=limits.brightest_level),
        _Check(reason="over_exposed", figure="whitest_image", highest=limits.whitest_image),
        _Check(reason="flashes", figure="flash", highest=limits.flash),
        _Check(reason="first_image_differs", figure="first_image_change", highest=limits.first_image_change),
        _Check(reason="subject_unseen", figure="subject_seen", lowest=limits.subject_seen),
        _Check(reason="subject_unseen", figure="subject_pixels", lowest=limits.subject_pixels),
        _Check(reason="blocked", figure="blocked_share", highest=limits.blocked_share),
        _Check(reason="depth_invalid", figure="depth_invalid_share", highest=limits.depth_invalid_share),
        _Check(reason="depth_constant", figure="depth_constant_share", highest=limits.depth_constant_share),
        _Check(reason="depth_constant", figure="depth_empty", highest=limits.depth_empty),
        _Check(reason="depth_repeated", figure="depth_repeated_share", highest=limits.depth_repeated_share),
        _Check(reason="depth_off_subject", figure="depth_subject", lowest=limits.depth_subject),
        _Check(reason="depth_off_image", figure="depth_contrast", lowest=limits.depth_contrast),
        _Check(reason="depth_off_image", figure="depth_mirrored", highest=limits.depth_mirrored),
        _Check(reason="mask_unknown", figure="mask_unknown", highest=limits.mask_unknown),
        _Check(reason="mask_empty", figure="mask_empty_share", highest=limits.mask_empty_share),
        _Check(reason="mask_constant", figure="mask_constant_share", highest=limits.mask_constant_share),
        _Check(reason="mask_repeated", figure="mask_repeated_share", highest=limits.mask_repeated_share),
        _Check(reason="mask_off_subject", figure="mask_subject", lowest=limits.mask_subject),
        _Check(reason="mask_swapped", figure="mask_actors", lowest=limits.mask_actors),
        _Check(reason="mask_off_image", figure="mask_contrast", lowest=limits.mask_contrast),
        _Check(reason="mask_off_image", figure="mask_mirrored", highest=limits.mask_mirrored),
    )


def _broken(checks: Sequence[_Check], clip: MeasuredClip) -> Iterator[ClipFault]:
    """The figures of a clip that are out of bounds; unknown ones are not."""
    for check in checks:
        value = getattr(clip.quality, check.figure)
        if value is not None and not check.lowest <= value <= check.highest:
            yield ClipFault(
                camera=clip.quality.camera,
                reason=check.reason,
                figure=check.figure,
                value=float(value),
                limit=check.lowest if value < check.lowest else check.highest,
                frames=clip.frames.get(check.figure, ())[:_MOST_FRAMES],
            )


def _flagged(clip: MeasuredClip, flags: Sequence[str]) -> Iterator[ClipFault]:
    """What the planner says about the path of a camera, whatever its images show."""
    for flag in flags:
        if flag in _BLOCKED_FLAGS:
            camera = clip.quality.camera
            yield ClipFault(camera=camera, reason="blocked", figure=flag, value=1.0, limit=0.0)


def _stored_frames(members: Mapping[str, bytes]) -> int:
    """The smallest number of frames in the video and the passes of a camera."""
    return min(frame_count(content) for kind, content in members.items() if kind != "surface")
