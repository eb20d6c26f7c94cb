"""Checks of columns against each other: within a clip, within a rig, and over a set."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float

from ..clip_table import ClipTable
from .findings import Finding, error
from .layouts import of_most

FOCAL_TOLERANCE = 1e-4
LENGTH_TOLERANCE_M = 1e-3
_LENS = ("focal_length_mm", "sensor_mm", "f_number", "fx_px", "fy_px", "cx_px", "cy_px")
_FORMAT = ("fps", "width_px", "height_px")


def contradictions(clips: ClipTable) -> Iterator[Finding]:
    """Columns that contradict each other, whatever the rules."""
    split, first = clips["split"], np.repeat(clips.take_starts, clips.take_sizes)
    for rig in np.unique(clips.take_number[split != split[first]]).tolist():
        begin, size = clips.take_starts[rig], clips.take_sizes[rig]
        names = sorted(set(split[begin : begin + size].tolist()))
        take = str(clips["take"][begin])
        yield error("split_leak", f"the cameras are in splits {' and '.join(names)}", take)
    longer_px = np.maximum(clips["width_px"], clips["height_px"])
    focal_px = np.stack([clips["fx_px"], clips["fy_px"]])
    with np.errstate(divide="ignore", invalid="ignore"):
        expected_px = clips["focal_length_mm"] / clips["sensor_mm"] * longer_px
        wrong = np.abs(focal_px / expected_px - 1).max(axis=0)
    for i in np.flatnonzero(wrong > FOCAL_TOLERANCE):
        fx, fy = focal_px[:, i]
        lens = f"{clips['focal_length_mm'][i]:g} mm on its sensor"
        what = f"fx_px {fx:.6g}, fy_px {fy:.6g} instead of {expected_px[i]:.6g} ({lens})"
        yield error("intrinsics_differ", what, clips.name(i))


def image_findings(clips: ClipTable) -> Iterator[Finding]:
    """Principal points that are not the centre of the image, and pixels that are not square."""
    centre_px = np.stack([clips["cx_px"], clips["cy_px"]])
    size_px = np.stack([clips["width_px"], clips["height_px"]]).astype(np.float64)
    off_px = np.abs(centre_px - size_px / 2)
    for i in np.flatnonzero((off_px > FOCAL_TOLERANCE * size_px).any(axis=0) & (size_px > 0).all(axis=0)):
        (cx, cy), (width, height) = centre_px[:, i], size_px[:, i]
        what = f"cx_px {cx:.6g}, cy_px {cy:.6g} instead of {width / 2:g}, {height / 2:g}, the image centre"
        yield error("intrinsics_differ", what, clips.name(i))
    with np.errstate(divide="ignore", invalid="ignore"):
        aspect = clips["fx_px"] / clips["fy_px"]
    # A known lens is compared with both focal lengths; an image of 1 x 1 has no known aspect.
    has_lens = np.isfinite(clips["focal_length_mm"] / clips["sensor_mm"]) | (clips["width_px"] <= 1)
    for i in np.flatnonzero((np.abs(aspect - 1) > FOCAL_TOLERANCE) & ~has_lens):
        what = f"fx_px is {aspect[i]:.6g} times fy_px: pixels are not square"
        yield error("intrinsics_differ", what, clips.name(i))


def rig_findings(clips: ClipTable) -> Iterator[Finding]:
    """Cameras with another lens, subject or layout than most of their rig."""
    lens = np.nan_to_num(np.stack([clips[name] for name in _LENS], axis=-1), nan=-1.0)
    most = of_most(clips, lens)
    # What is unknown (-1) is not compared.
    for i in np.flatnonzero(((lens != most) & (lens >= 0) & (most >= 0)).any(axis=1)):
        what = f"{clips['focal_length_mm'][i]:g} mm f/{clips['f_number'][i]:g}, fx_px {clips['fx_px'][i]:.6g}"
        yield error("rig_differs", f"{what} is not the lens of most cameras of this rig", clips.name(i))
    apart_m = np.abs(clips["subject_m"] - of_most(clips, clips["subject_m"])).max(axis=1)
    for i in np.flatnonzero(apart_m > LENGTH_TOLERANCE_M):
        what = f"the subject is {apart_m[i]:.3f} m from that of most cameras of this rig"
        yield error("rig_differs", what, clips.name(i))
    path_m = np.abs(clips.subject_points_m[:, 0] - clips["subject_m"]).max(axis=1)
    for i in np.flatnonzero(path_m > LENGTH_TOLERANCE_M):
        what = f"the path of the subject starts {path_m[i]:.3f} m from subject_m"
        yield error("rig_differs", what, clips.name(i))
    first = np.repeat(clips.take_starts, clips.take_sizes)
    for i in np.flatnonzero(clips["layout"] != clips["layout"][first]):
        what = f"layout {clips['layout'][i]}, of the first camera {clips['layout'][first[i]]}"
        yield error("rig_differs", what, clips.name(i))


def focus_findings(clips: ClipTable) -> Iterator[Finding]:
    """Focus distances that are not the distance of the subject."""
    subject_m = _subject_distance_m(clips)
    apart_m = np.abs(clips["focus_distance_m"] - subject_m)
    # An unknown focus or subject is not compared.
    is_off = apart_m > LENGTH_TOLERANCE_M + 1e-6 * subject_m
    for i in np.flatnonzero(is_off.any(axis=1)):
        frame = int(np.nanargmax(apart_m[i]))
        what = f"in frame {frame}, the focus is {clips['focus_distance_m'][i, frame]:.3f} m"
        yield error("focus_differs", f"{what}, the subject {subject_m[i, frame]:.3f} m away", clips.name(i))


def _subject_distance_m(clips: ClipTable) -> Float[np.ndarray, "clips frames"]:
    offset_m = clips.poses.position_m - clips.subject_points_m
    return np.sqrt(np.einsum("cfi,cfi->cf", offset_m, offset_m))


class ClipFormats:
    """Frame rates, image sizes and numbers of frames of all clips so far."""

    def __init__(self) -> None:
        self.clips: Counter[tuple[float, ...]] = Counter()
        self.first: dict[tuple[float, ...], str] = {}

    def add(self, clips: ClipTable) -> None:
        """Count clips; those without a known rate or size are left out."""
        values = np.stack([clips[name].astype(np.float64) for name in _FORMAT], axis=-1)
        known = clips["take"][_is_known(values)]
        found, number = np.unique(values[_is_known(values)], axis=0, return_inverse=True)
        for place, value in enumerate(found.tolist()):
            takes, clip_format = known[number.ravel() == place].tolist(), (*value, float(clips.frames))
            self.clips[clip_format] += len(takes)
            self.first[clip_format] = min([*takes, self.first.get(clip_format, takes[0])])

    def findings(self) -> Iterator[Finding]:
        """One finding for each format that is not that of most clips."""
        (most, _), *others = self.clips.most_common() or [((), 0)]
        for clip_format, count in others:
            what = f"{_words(clip_format)}, in {count} clips; most clips have {_words(most)}"
            yield error("format_differs", what, self.first[clip_format])


def _is_known(values: Float[np.ndarray, "clips numbers"]) -> Bool[np.ndarray, "clips"]:
    return np.asarray((np.isfinite(values) & (values > 0)).all(axis=1))


def _words(clip_format: tuple[float, ...]) -> str:
    fps, width, height, frames = clip_format
    return f"{frames:g} frames of {width:g} x {height:g} at {fps:g} fps"
