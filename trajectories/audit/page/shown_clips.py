"""The clips that charts are drawn from, and what their cameras see of the subject."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from ...clip_table import ClipRow, ClipTable
from ..measured.measures import subject_in_image
from ..measured.quantities import independent_starts

_MOST_CLIPS = 3000


@dataclass(frozen=True, kw_only=True)
class ShownClips:
    """Evenly chosen clips of entire rigs, with proper poses.

    Attributes:
        is_known: which clips have known intrinsics and a known subject.
        subject_in_image: offset of the subject from the image centre, right and up; 1 is the edge. NaN behind
            the camera.
        depth_m: distance of the subject along the optical axis; NaN behind the camera.
    """

    clips: ClipTable
    is_known: Bool[np.ndarray, "clips"]
    subject_in_image: Float[np.ndarray, "clips frames 2"]
    depth_m: Float[np.ndarray, "clips frames"]

    def __len__(self) -> int:
        return len(self.clips)

    @property
    def starts(self) -> Int[np.ndarray, "starts"]:
        """One clip for each sampled start."""
        return independent_starts(self.clips)

    @property
    def start_unit(self) -> str:
        """What one start belongs to."""
        return "rig" if (self.clips["layout"] == "shared").all() else "start"

    @property
    def rigs(self) -> int:
        """Number of takes."""
        return len(self.clips.take_starts)

    def lenses_and_layouts(self) -> dict[str, int]:
        """Rigs of each lens and of each layout."""
        first = self.clips.rows(self.clips.take_starts)
        lenses = [lens_name(row) for row in first]
        layouts = [f"{layout} start" for layout in first["layout"]]
        return {kind: kinds.count(kind) for kinds in (lenses, layouts) for kind in sorted(set(kinds))}


def shown_clips(table: ClipTable) -> ShownClips:
    """Up to about 3,000 clips of a grouped table."""
    chosen = table.rows(_evenly_chosen(table))
    clips = chosen.rows(chosen.is_proper)
    subject_m = clips.poses.camera_points(clips.subject_points_m[:, :, None])[..., 0, :]
    depth_m = np.where(subject_m[..., 2] > 1e-3, subject_m[..., 2], np.nan)
    offset = 2 * subject_in_image(clips) - 1
    return ShownClips(
        clips=clips,
        is_known=np.isfinite(clips.intrinsics).all(axis=1) & np.isfinite(clips["subject_m"]).all(axis=1),
        subject_in_image=np.where(np.isfinite(depth_m)[..., None], offset, np.nan) * (1, -1),
        depth_m=depth_m,
    )


def lens_name(row: ClipRow) -> str:
    """The lens in words."""
    if not np.isfinite(row.focal_length_mm):
        return "lens unknown"
    f_number = f" f/{row.f_number:.3g}" if np.isfinite(row.f_number) else ""
    return f"{row.focal_length_mm:.3g} mm{f_number}"


def _evenly_chosen(table: ClipTable) -> Int[np.ndarray, "clips"]:
    """Indices of the clips of evenly chosen rigs."""
    rigs = len(table.take_starts)
    if not rigs:
        return np.zeros(0, dtype=np.int64)
    wanted = max(1, _MOST_CLIPS * rigs // len(table))
    chosen = np.unique(np.linspace(0, rigs - 1, min(wanted, rigs)).round().astype(int))
    return np.flatnonzero(np.isin(table.take_number, chosen))
