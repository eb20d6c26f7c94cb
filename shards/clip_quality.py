"""Figures of the images of a clip, which the take table has for each camera."""

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa


@dataclass(frozen=True, kw_only=True)
class ClipQuality:
    """What was measured of a clip while it was filmed, on about 96 x 54 evenly spaced pixels of each frame.

    Shares are from 0 to 1, ``_share`` is one of frames. None means that nothing can be said, as of depth that
    was not filmed. Each frame counts for the first of ``black``, ``white``, ``uniform`` and ``repeated`` that
    it is.

    Attributes:
        frames: the smallest number of frames in its video and passes.
        black_share: nearly all pixels are black.
        white_share: nearly all pixels are clipped to white.
        uniform_share: all pixels have one colour, although the subject point is in the image.
        noise_share: neighbouring pixels differ as much as pixels that are far apart.
        repeated_share: the image equals an earlier one, or changed by noise alone, although the view of the
            camera had changed, or something in it had moved.
        other_camera_share: the image is that of another camera of the take, which sees something else.
        clipped_black, clipped_white: mean share of pixels at the end of the range, without black frames.
        blackest_image, whitest_image: the largest such share of an image that is not black.
        mean_level: mean brightness, without black frames; 1 is white.
        darkest_level, brightest_level: the smallest and the largest brightness of an image that is not black.
        darkest_share: the smallest as a share of the largest one.
        flash: how many times brighter, or darker, an image is than both beside it: the largest; 1 if it is as
            one of them, below 1 if it is between them.
        first_image_change: mean difference of the first image from those of other cameras that start at the
            same pose, as a share of the range: half of them differ by no more. None for a camera that starts
            alone.
        subject_seen: share of frames in which the subject is seen: it is in the mask, or without masks its
            point is in the image.
        subject_seen_by: ``mask`` or ``projection``.
        subject_pixels: mean share of the subject's pixels in masks.
        blocked_share: more than half of the pixels are nearer than the ``near_m`` of the batch.
        depth_invalid_share: depth is not a number, negative, or nearer than the near plane.
        depth_empty: mean share of pixels without a surface, or too far for the format.
        depth_constant_share: all surfaces have one depth, or there is none, although the subject point is in
            the image.
        depth_repeated_share: depth equals an earlier one, although the camera or something had moved.
        depth_subject: share of frames in which depth is right at the subject, of those that can say: within
            1 m on its pixels in the mask; without masks, something around its point is not farther.
        depth_contrast: mean change of inverse depth at edges of masks, in that of all places; 1 by chance.
        depth_mirrored: how much better depth fits the edges of masks, or of images without masks, mirrored or
            upside down; below 1 if it is right as it is.
        mask_unknown: mean share of pixels whose colour is not in the legend.
        mask_empty_share: the mask is black, although the subject point is in the image.
        mask_constant_share: the mask has one colour.
        mask_repeated_share: the mask equals an earlier one, although the camera had moved, or the subject.
        mask_subject: share of frames in which the subject's pixels are where it is, of those that have any.
        mask_actors: share of frames in which no two actors are in each other's place, of those that can say.
        mask_contrast: mean change of the image at the edges of masks, in that of all places; 1 by chance.
        mask_mirrored: how much better masks fit the image mirrored or upside down; below 1 if right.
    """

    camera: str
    frames: int
    black_share: float
    white_share: float
    uniform_share: float
    repeated_share: float
    noise_share: float
    clipped_black: float | None
    clipped_white: float | None
    mean_level: float | None
    darkest_level: float | None
    brightest_level: float | None
    darkest_share: float | None
    blackest_image: float | None
    whitest_image: float | None
    flash: float | None
    other_camera_share: float
    first_image_change: float | None = None
    subject_seen: float
    subject_seen_by: Literal["mask", "projection"]
    subject_pixels: float | None = None
    blocked_share: float | None = None
    depth_invalid_share: float | None = None
    depth_empty: float | None = None
    depth_constant_share: float | None = None
    depth_repeated_share: float | None = None
    depth_subject: float | None = None
    depth_contrast: float | None = None
    depth_mirrored: float | None = None
    mask_unknown: float | None = None
    mask_empty_share: float | None = None
    mask_constant_share: float | None = None
    mask_repeated_share: float | None = None
    mask_subject: float | None = None
    mask_actors: float | None = None
    mask_contrast: float | None = None
    mask_mirrored: float | None = None


_TYPES = {"camera": pa.string(), "frames": pa.int32(), "subject_seen_by": pa.string()}
CLIP_QUALITY = pa.struct([(name, _TYPES.get(name, pa.float64())) for name in ClipQuality.__annotations__])
