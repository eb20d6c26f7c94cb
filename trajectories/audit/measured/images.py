"""Where the subject is in the images, counted over all clips."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from ...clip_table import ClipTable
from .measures import Measures, subject_in_image

_EVERY = 4


@dataclass(frozen=True, kw_only=True)
class ImageStatistics:
    """Where the subject is in the images.

    Attributes:
        poses: number of poses counted; poses without known intrinsics or subject are left out.
        outside: poses with the subject outside the image.
        in_image_share: share of frames with the subject in the image, by motion.
        always_in_image_share: share of clips with the subject in all images, by motion.
    """

    poses: int
    outside: int
    in_image_share: dict[str, float]
    always_in_image_share: dict[str, float]


class ImageCounts:
    """Counts over all clips so far."""

    def __init__(self) -> None:
        self.poses = 0
        self.inside_poses = 0
        self.clips: Counter[str] = Counter()
        self.always: Counter[str] = Counter()
        self.inside: dict[str, float] = {}

    def add(self, clips: ClipTable, measures: Measures) -> None:
        """Count clips with known subject and intrinsics."""
        known = np.isfinite(clips["subject_m"]).all(axis=1) & np.isfinite(clips.intrinsics).all(axis=1)
        if not known.any():
            return
        seen, share = clips.rows(known), measures.in_image_share[known]
        x, y = np.moveaxis(subject_in_image(seen, every=_EVERY), -1, 0)
        inside = (np.abs(x - 0.5) < 0.5) & (np.abs(y - 0.5) < 0.5)
        self.inside_poses += int(inside.sum())
        self.poses += inside.size
        for motion in np.unique(seen["motion"]).tolist():
            of_motion = share[seen["motion"] == motion]
            self.clips[motion] += len(of_motion)
            self.inside[motion] = self.inside.get(motion, 0.0) + float(of_motion.sum())
            self.always[motion] += int((of_motion == 1).sum())

    def statistics(self) -> ImageStatistics | None:
        """The values of the report; None if nothing could be counted."""
        if not self.poses:
            return None
        return ImageStatistics(
            poses=self.poses,
            outside=self.poses - self.inside_poses,
            in_image_share={name: self.inside[name] / n for name, n in self.clips.items()},
            always_in_image_share={name: self.always[name] / n for name, n in self.clips.items()},
        )
