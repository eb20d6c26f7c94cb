"""What is asked of a model that re-shoots: the path of its camera, how it samples, and the video to make."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from jaxtyping import Float

from multitake.errors import InputError
from shards import is_dataset, sealed_clips
from trajectories import CameraPose, Lens
from trajectories.formats import (
    TrajectorySet,
    read_trajectories,
    trajectories_of_clips,
    trajectory_from,
)

from .objective import TRAIN_LEVELS, SourceMode

# What Wan's own text-to-video command asks not to show.
WAN_NEGATIVE_PROMPT = (
    "色调艳丽，过曝，静态，细节模糊不清，字幕，风格，作品，画作，画面，静止，整体发灰，最差质量，低质量，JPEG压缩残留，丑陋的，残缺的，"
    "多余的手指，画得不好的手部，画得不好的脸部，畸形的，毁容的，形态畸形的肢体，手指融合，静止不动的画面，杂乱的背景，三条腿，背景人很多，"
    "倒着走"
)
Recipe = Literal["stabilize", "zoom-in", "outpaint"]
_MOST_GUIDANCE = 100
_SIDE_PX = 16


@dataclass(frozen=True, kw_only=True)
class Shot:
    """What is asked of a model. InputError for a value out of range.

    Attributes:
        trajectory: the path of the new camera: the name of a basic move, a keyframe file, or
            ``clips.parquet:TAKE:CAMERA``; see ``trajectory_from``.
        recipe: an application of the paper in the place of a trajectory: ``"stabilize"`` follows the source
            camera smoothly, ``"zoom-in"`` comes nearer for more detail, ``"outpaint"`` goes back and shows
            what is around.
        source_camera: the path of the camera that filmed the video, written as a trajectory, in the same
            world as ``trajectory``. Without it the new camera begins at the first view of the video, and the
            camera of the video is taken to stand still.
        prompt: a description of the video.
        seed: of the noise.
        mode: what the model sees of the source: all of it (``v2v``), its first latent frame (``i2v``), or
            nothing (``t2v``). Models that were trained without T2V and I2V samples know ``v2v`` only.
        steps: Euler steps.
        guidance: classifier-free guidance against ``negative_prompt``; 1 is none.
        source_noise: noise of the source, 0 (none) to 1000, as ``noise.source_steps``; default: the least one
            of training.
        focal_length_mm: of the video, on a sensor of 23.76 mm along its longer side, for models that know
            lenses (``model.camera_encoding``) and trajectories without focal lengths.
        frames: how many frames; default: those of the training, 0: all of the video. Longer videos are made
            in windows that overlap.
        size_px: width and height, multiples of 16; default: those of the training. The video is scaled to
            cover it and cropped in the centre.
        fps: frames per second; default: those of the training. Frames of the video are left out or repeated.
        side_by_side: whether the video is shown on the left of the new one.
    """

    trajectory: str = ""
    recipe: Recipe | None = None
    source_camera: str = ""
    prompt: str = ""
    seed: int
    mode: SourceMode = "v2v"
    steps: int = 50
    guidance: float | int = 5.0
    negative_prompt: str = WAN_NEGATIVE_PROMPT
    source_noise: float | int | None = None
    focal_length_mm: float | int | None = None
    frames: int | None = None
    size_px: tuple[int, int] | None = None
    fps: float | int | None = None
    side_by_side: bool = False

    def __post_init__(self) -> None:
        sides = self.size_px or (_SIDE_PX, _SIDE_PX)
        focal_mm, noise = self.focal_length_mm, self.source_noise
        wrong = {
            "steps": (self.steps < 1, f"must be at least 1, got {self.steps}"),
            "seed": (self.seed < 0, f"must not be negative, got {self.seed}"),
            "guidance": (
                not 0 <= self.guidance <= _MOST_GUIDANCE,
                f"must be 0 to {_MOST_GUIDANCE}, got {self.guidance}",
            ),
            "source noise": (
                noise is not None and not 0 <= noise <= TRAIN_LEVELS,
                f"must be 0 to {TRAIN_LEVELS}, got {noise}",
            ),
            "mode": (self.mode not in get_args(SourceMode), f"unknown value {self.mode!r}"),
            "recipe": (
                self.recipe not in (None, *get_args(Recipe)),
                f"unknown value {self.recipe!r}",
            ),
            "focal length": (
                focal_mm is not None and not 0.01 <= focal_mm <= 1e5,
                f"must be 0.01 to 100000 mm, got {focal_mm}",
            ),
            "frames": (
                self.frames is not None and self.frames < 0,
                f"must not be negative, got {self.frames}",
            ),
            "fps": (
                self.fps is not None and not 0.1 <= self.fps <= 1000,
                f"must be 0.1 to 1000, got {self.fps}",
            ),
            "size": (
                any(side < _SIDE_PX or side % _SIDE_PX for side in sides),
                f"must be multiples of {_SIDE_PX} pixels, got {sides[0]}x{sides[1]}",
            ),
            "side by side": (
                self.side_by_side and self.mode == "t2v",
                "there is no video beside that of mode t2v",
            ),
        }
        for name, (is_wrong, what) in wrong.items():
            if is_wrong:
                raise InputError(what, where=name, fix="correct the value")
        self._require_one_path()

    def _require_one_path(self) -> None:
        if self.recipe is not None and self.trajectory:
            fix = "give one of them"
            raise InputError("and a recipe are two paths of one camera", where="trajectory", fix=fix)
        if self.recipe == "stabilize" and not self.source_camera:
            fix = "give the path of the camera as source camera, as reconstructed by another tool"
            raise InputError("the recipe stabilize needs it", where="source camera", fix=fix)
        if self.recipe is None and not self.trajectory.strip():
            fix = "give a basic move, a keyframe file, or CLIPS.parquet:TAKE:CAMERA"
            raise InputError("is empty", where="trajectory", fix=fix)


@dataclass(frozen=True, kw_only=True)
class CameraPath:
    """The cameras of a video to make, frame by frame, in one world.

    Attributes:
        target: world_from_camera of the new video.
        source: world_from_camera of the video; None if it stands still where the new one begins.
        intrinsics_px: fx, fy, cx, cy of the new video; NaN if unknown.
    """

    target: CameraPose
    source: CameraPose | None
    intrinsics_px: Float[np.ndarray, "frames 4"]

    def part(self, frames: slice, mode: SourceMode) -> Float[np.ndarray, "part 3 4"]:
        """``source0_from_target`` of some frames, source 0 being the first of them.

        Without any frame of the source, they are relative to the first one of the target.
        """
        first = self.target[0] if self.source is None else self.source[frames.start]
        return self.target[frames].seen_from(self.target[frames.start] if mode == "t2v" else first)


def camera_path(shot: Shot, frames: int, size_px: tuple[int, int]) -> CameraPath:
    """The cameras of so many frames; InputError for a path that is unknown or too short."""
    # As in section 5.4 of the paper.
    names = {"zoom-in": "zoom_in", "outpaint": "zoom_out", "stabilize": f"smoothed:{shot.source_camera}"}
    name = shot.trajectory if shot.recipe is None else names[shot.recipe]
    found = trajectory_from(name, frames=frames, read=_read_trajectories)
    source = None
    if shot.source_camera:
        source = trajectory_from(shot.source_camera, frames=frames, read=_read_trajectories).poses
    focal_mm = found.focal_length_mm
    if focal_mm is None:
        focal_mm = np.full(frames, shot.focal_length_mm or np.nan, dtype=np.float64)
    lenses = [Lens(focal_length_mm=one, f_number=1.0).intrinsics(*size_px) for one in focal_mm.tolist()]
    intrinsics_px = np.stack([lens.numbers[:4] for lens in lenses])
    return CameraPath(target=found.poses, source=source, intrinsics_px=intrinsics_px)


def _read_trajectories(source: str) -> TrajectorySet:
    """The trajectories of a data set, or of a file or folder of any readable format."""
    if is_dataset(source):
        return TrajectorySet(trajectories=tuple(trajectories_of_clips(sealed_clips(source))))
    return read_trajectories(source)


def size_from(text: str) -> tuple[int, int]:
    """Width and height of ``WIDTHxHEIGHT``; InputError for anything else."""
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text)
    if found is None:
        raise InputError(f"cannot be read: {text!r}", where="size", fix="write WIDTHxHEIGHT, e.g. 832x480")
    return int(found[1]), int(found[2])
