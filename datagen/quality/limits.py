"""Limits of filmed clips: a threshold for every figure, and what happens to a take that breaks it."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from multitake.settings import STRICT, Ordered, Share
from trajectories.sampling import Limits

Policy = Literal["off", "warn", "reject"]

REASONS: dict[str, str] = {
    "frame_count": "has another number of frames than the batch",
    "black": "has black images",
    "uniform": "has images of a single colour although the subject is in them",
    "noise": "has images of noise",
    "repeated": "repeats an image although what it shows had moved",
    "other_camera": "has images of another camera of its take",
    "under_exposed": "is too dark",
    "over_exposed": "is too bright",
    "flashes": "has a single image that is brighter or darker than those before and after it",
    "first_image_differs": "starts with another image than other cameras at the same place",
    "subject_unseen": "does not show the subject",
    "blocked": "is blocked by a surface, or inside geometry",
    "depth_invalid": "has depth that is not a number, negative, or nearer than the near plane",
    "depth_constant": "has depth of a single distance, or none, although the subject is in the image",
    "depth_repeated": "repeats depth although the camera had moved",
    "depth_off_subject": "has another depth at the subject than its distance",
    "depth_off_image": "has depth whose edges are not those of its masks or images",
    "mask_unknown": "has colours in its masks that are not in the legend",
    "mask_empty": "has black masks although the subject is in the image",
    "mask_constant": "has masks of a single colour",
    "mask_repeated": "repeats a mask although what it shows had moved",
    "mask_off_subject": "has masks that show the subject where it is not",
    "mask_swapped": "has masks that show actors in each other's places",
    "mask_off_image": "has masks whose edges are not those of its images",
}
# Flags of the clip table for reasons that are not rejected.
QUALITY_PREFIX = "quality:"
# Reasons that a path may have by the rules of the batch, and the reasons that [rig.validity] has for them.
_OF_PATHS: dict[str, tuple[str, ...]] = {
    "uniform": ("engine:inside_geometry", "engine:near_geometry", "engine:subject_blocked"),
    "blocked": ("engine:inside_geometry", "engine:near_geometry"),
    "mask_constant": ("engine:subject_blocked",),
    "subject_unseen": ("subject_out_of_first_image", "engine:subject_blocked"),
}
# Further ones in images of another size than paths were checked for.
_OF_FREE_PATHS = ("mask_empty", "depth_constant")


def _known(reason: str) -> str:
    if reason not in REASONS:
        raise ValueError(f"unknown reason {reason!r}; use {', '.join(REASONS)}")
    return reason


Reasons = tuple[Annotated[str, AfterValidator(_known)], ...]


@dataclass(frozen=True, kw_only=True)
class QualityLimits:
    """Thresholds of the figures of clips (``ClipQuality``), and the policy of each reason of ``REASONS``.

    A take with a clip that has a reason in ``reject`` is filmed once more, and then fails. A reason in
    ``warn`` that is not rejected is a flag of the clip table: ``quality:REASON``. Without ``reject``, all
    reasons are rejected, except ``uniform``, ``blocked``, ``mask_constant`` and ``subject_unseen`` where
    ``[rig.validity]`` keeps paths that lead to them. Clips of extra cameras reject no take, whatever
    ``reject`` says. Each threshold has the name of its figure, and is the largest value unless it says
    otherwise.

    Attributes:
        repeated_change: an image is repeated if it changes by less, as a share of the mean difference of its
            neighbouring pixels.
        mean_level: smallest and largest mean level of the images.
        darkest_level: smallest level of the darkest image.
        darkest_share: smallest level of the darkest image, as a share of that of the brightest one.
        subject_seen: smallest share of frames in which the subject is seen.
        subject_pixels: smallest mean share of the subject's pixels, if masks are filmed.
        near_m: a frame is blocked if more than half of its pixels are nearer.
        depth_subject: smallest share of frames in which the depth at the subject is its distance.
        depth_contrast, mask_contrast: smallest contrast at the edges, as a multiple of that everywhere.
        mask_subject: smallest share of frames in which masks show the subject where it is.
        mask_actors: smallest share of frames in which masks show actors in their own places.
    """

    __pydantic_config__ = STRICT
    warn: Reasons = tuple(REASONS)
    reject: Reasons | None = None
    black_share: Share = 0.0
    uniform_share: Share = 0.0
    noise_share: Share = 0.0
    repeated_share: Share = 0.0
    repeated_change: Share = 0.25
    other_camera_share: Share = 0.0
    clipped_black: Share = 0.8
    blackest_image: Share = 0.7
    mean_level: Annotated[tuple[Share, Share], Ordered] = (0.02, 0.95)
    darkest_level: Share = 0.02
    darkest_share: Share = 0.1
    brightest_level: Share = 0.95
    white_share: Share = 0.0
    clipped_white: Share = 0.5
    whitest_image: Share = 0.7
    flash: Annotated[float, Field(ge=1)] = 1.7
    first_image_change: Share = 0.02
    subject_seen: Share = 0.001
    subject_pixels: Share = 0.0
    near_m: Annotated[float, Field(ge=0, le=10)] = 0.3
    blocked_share: Share = 0.1
    depth_invalid_share: Share = 0.0
    depth_empty: Share = 0.99
    depth_constant_share: Share = 0.0
    depth_repeated_share: Share = 0.0
    depth_subject: Share = 0.5
    depth_contrast: Annotated[float, Field(ge=0)] = 1.05
    depth_mirrored: Annotated[float, Field(ge=0)] = 1.0
    mask_unknown: Share = 0.01
    mask_empty_share: Share = 0.0
    mask_constant_share: Share = 0.99
    mask_repeated_share: Share = 0.0
    mask_subject: Share = 0.5
    mask_actors: Share = 0.5
    mask_contrast: Annotated[float, Field(ge=0)] = 1.05
    mask_mirrored: Annotated[float, Field(ge=0)] = 1.0

    def policy(self, reason: str, paths: Limits | None, *, is_extra: bool = False) -> Policy:
        """What happens to a take with this reason against a clip, whose path keeps these limits if any.

        A clip of an extra camera never rejects the take of its rig.
        """
        if not is_extra and self._is_rejected(reason, paths):
            return "reject"
        return "warn" if reason in self.warn else "off"

    def _is_rejected(self, reason: str, paths: Limits | None) -> bool:
        if self.reject is not None:
            return reason in self.reject
        if paths is None:
            return reason not in (*_OF_PATHS, *_OF_FREE_PATHS)
        return set(_OF_PATHS.get(reason, ())) <= set(paths.reject)
