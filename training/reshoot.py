"""Re-shooting: from a video and a camera trajectory to the video as seen along that trajectory."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import get_args

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from multitake.atomic import write_file, writing_to
from multitake.errors import InputError
from multitake.input_files import is_same_file
from shards import encode_video, is_dataset, sealed_clips, video_fps
from shards.pairs import fitted_video
from trajectories.formats import (
    TrajectorySet,
    read_trajectories,
    trajectories_of_clips,
    trajectory_from,
)

from .config import Window
from .device import autocast, device_of
from .encoders import camera_rows
from .models.conditions import Conditions, VelocityModel
from .objective import (
    TRAIN_LEVELS,
    Corruption,
    SourceMode,
    corrupt_source,
    gaussian,
    sigma_grid,
    source_sigma,
)
from .trained_model import open_trained

# What Wan's own text-to-video command asks not to show.
WAN_NEGATIVE_PROMPT = (
    "色调艳丽，过曝，静态，细节模糊不清，字幕，风格，作品，画作，画面，静止，整体发灰，最差质量，低质量，JPEG压缩残留，丑陋的，残缺的，"
    "多余的手指，画得不好的手部，画得不好的脸部，畸形的，毁容的，形态畸形的肢体，手指融合，静止不动的画面，杂乱的背景，三条腿，背景人很多，"
    "倒着走"
)
_MOST_GUIDANCE = 100
# Of runs that name no frame rate.
_FPS = 15.0


def reshoot_clip(
    model: Path,
    *,
    video: Path | None,
    trajectory: str,
    out: Path,
    prompt: str,
    seed: int,
    mode: SourceMode = "v2v",
    steps: int = 50,
    guidance: float | int = 5.0,
    negative_prompt: str = WAN_NEGATIVE_PROMPT,
    source_noise: float | int | None = None,
) -> Path:
    """Re-shoot the first frames of a video along another trajectory.

    Writes an mp4 of the size and the frame rate of the model's window, and returns its path. The trajectory
    starts at the first view of the video.

    Args:
        model: a model folder, or the folder of a training run, whose newest checkpoint is used.
        video: the source; its first seconds are used, at the frame rate of the model's window: frames are
            left out or repeated. They are scaled to cover its size and cropped in the centre. ``t2v`` needs
            none.
        trajectory: the name of a basic move, a keyframe file, or ``clips.parquet:TAKE:CAMERA``; see
            ``trajectory_from``. Its poses are taken relative to its first frame.
        out: the mp4 to write.
        prompt: a description of the video.
        seed: of the noise.
        mode: what the model sees of the source: all of it (``v2v``), its first latent frame (``i2v``), or
            nothing (``t2v``). Models that were trained without T2V and I2V samples know ``v2v`` only.
        steps: Euler steps.
        guidance: classifier-free guidance against ``negative_prompt``; 1 is none.
        source_noise: noise of the source, 0 (none) to 1000, as ``noise.source_steps``; default: the least one
            of training.

    InputError for a run without checkpoint, a video or trajectory that cannot be read or is too short, a
    number out of range, or an ``out`` that is not an mp4 file or is the source.
    """
    _check_input(video, trajectory, out, seed, steps, guidance, source_noise, mode)
    trained = open_trained(model)
    config = trained.config
    window, noise = config.window, config.noise
    fps = window.fps or (video_fps(video) if video else 0.0) or _FPS
    frames = _frames_of(video, window, fps)
    poses = trajectory_poses(trajectory, window.frames)
    encoders, transformer = trained.load(device_of(config))
    latents = encoders.encode(torch.from_numpy(frames).permute(0, 3, 1, 2)[None])
    shape = tuple(latents.shape[1:])
    eps, source_eps = (
        gaussian(shape, seed=seed, names=("reshoot", role)).to(latents) for role in ("target", "source")
    )
    sigma = source_sigma(noise, noise.source_steps[0] if source_noise is None else source_noise)
    seen = Corruption(level=0, source_mode=mode, source_sigma=sigma)
    texts = encoders.texts([prompt, negative_prompt])
    conditions = Conditions(
        source_latents=corrupt_source(latents[0], source_eps, seen)[None],
        camera=camera_rows(torch.from_numpy(poses)[None]).to(latents),
        text=texts[:1],
    )
    with autocast(config, latents.device):
        target = denoised(
            transformer.eval(),
            eps[None],
            conditions,
            negative_text=texts[1:],
            sigmas=sigma_grid(steps, shift=noise.shift),
            guidance=guidance,
        )
    images = encoders.decode(target)[0].permute(0, 2, 3, 1).cpu().numpy()
    content = encode_video(images, fps=fps)
    with writing_to(out):
        write_file(out, content)
    return out


@torch.no_grad()
def denoised(
    model: VelocityModel,
    eps: Float[Tensor, "1 channels frames height width"],
    conditions: Conditions,
    *,
    negative_text: Float[Tensor, "1 tokens text_dim"],
    sigmas: Float[np.ndarray, " steps"],
    guidance: float | int,
) -> Float[Tensor, "1 channels frames height width"]:
    """Integrate the velocity from noise to latents, by Euler steps over decreasing ``sigmas`` and then to 0.

    With ``guidance`` other than 1 each step also computes the velocity for ``negative_text``.
    """
    negative = replace(conditions, text=negative_text)
    latents = eps
    for sigma, next_sigma in pairwise([*sigmas.tolist(), 0.0]):
        timestep = torch.full((1,), TRAIN_LEVELS * sigma, device=eps.device)
        velocity = model(latents, timestep, conditions).float()
        if guidance != 1:
            unguided = model(latents, timestep, negative).float()
            velocity = unguided + guidance * (velocity - unguided)
        latents = latents + (next_sigma - sigma) * velocity
    return latents


def trajectory_poses(trajectory: str, frames: int) -> Float[np.ndarray, "frames 3 4"]:
    """Return ``frame0_from_camera`` for each of so many frames.

    InputError for a trajectory that is unknown or too short.
    """
    poses = trajectory_from(trajectory, frames=frames, read=_read_trajectories).poses
    return poses.seen_from(poses[0])


def _read_trajectories(source: str) -> TrajectorySet:
    """The trajectories of a data set, or of a file or folder of any readable format."""
    if is_dataset(source):
        return TrajectorySet(trajectories=tuple(trajectories_of_clips(sealed_clips(source))))
    return read_trajectories(source)


def _check_input(
    video: Path | None,
    trajectory: str,
    out: Path,
    seed: int,
    steps: int,
    guidance: float | int,
    source_noise: float | int | None,
    mode: SourceMode,
) -> None:
    wrong = {
        "steps": (steps < 1, f"must be at least 1, got {steps}"),
        "seed": (seed < 0, f"must not be negative, got {seed}"),
        "guidance": (not 0 <= guidance <= _MOST_GUIDANCE, f"must be 0 to {_MOST_GUIDANCE}, got {guidance}"),
        "source noise": (
            source_noise is not None and not 0 <= source_noise <= TRAIN_LEVELS,
            f"must be 0 to {TRAIN_LEVELS}, got {source_noise}",
        ),
        "mode": (mode not in get_args(SourceMode), f"unknown value {mode!r}"),
    }
    for name, (is_wrong, what) in wrong.items():
        if is_wrong:
            raise InputError(what, where=name, fix="correct the value")
    if not trajectory.strip():
        fix = "give a basic move, a keyframe file, or CLIPS.parquet:TAKE:CAMERA"
        raise InputError("is empty", where="trajectory", fix=fix)
    if out.suffix.lower() != ".mp4":
        raise InputError("is not an mp4 file", where=str(out), fix="end --out in .mp4")
    if video is None and mode != "t2v":
        raise InputError("missing", where="video", fix=f"give the video to re-shoot, as {mode} needs it")
    if video is not None and is_same_file(out, video):
        raise InputError("is the source clip", where=str(out), fix="give another --out")


def _frames_of(video: Path | None, window: Window, fps: float) -> UInt8[np.ndarray, "frames height width 3"]:
    """The frames of a video at the times of a window; black ones, which no model sees, without a video."""
    size_px = window.width_px, window.height_px
    if video is None:
        return np.zeros((window.frames, size_px[1], size_px[0], 3), dtype=np.uint8)
    rate = video_fps(video) / fps
    return fitted_video(video, [round(frame * rate) for frame in range(window.frames)], size_px)
