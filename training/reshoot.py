"""Re-shooting: from a video and a camera trajectory to the video as seen along that trajectory."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
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
from .objective import TRAIN_LEVELS, gaussian, sigma_grid, source_sigma
from .trained_model import open_trained


def reshoot_clip(
    model: Path,
    *,
    video: Path,
    trajectory: str,
    out: Path,
    prompt: str,
    seed: int,
    steps: int = 20,
    guidance: float = 1.0,
    negative_prompt: str = "",
) -> Path:
    """Re-shoot the first frames of a video along another trajectory.

    Writes an mp4 of the size and the frame rate of the model's window, and returns its path. The trajectory
    starts at the first view of the video. The source gets the least noise of training.

    Args:
        model: a model folder, or the folder of a training run, whose newest checkpoint is used.
        video: the source; its first seconds are used, at the frame rate of the model's window: frames are
            left out or repeated. They are scaled to cover its size and cropped in the centre.
        trajectory: the name of a basic move, a keyframe file, or ``clips.parquet:TAKE:CAMERA``; see
            ``trajectory_from``. Its poses are taken relative to its first frame.
        out: the mp4 to write.
        prompt: a description of the video.
        seed: of the noise.
        steps: Euler steps.
        guidance: classifier-free guidance against ``negative_prompt``; 1 is none.

    InputError for a run without checkpoint, a video or trajectory that cannot be read or is too short, a
    number out of range, or an ``out`` that is not an mp4 file or is the source.
    """
    _check_input(video, trajectory, out, seed, steps)
    trained = open_trained(model)
    config = trained.config
    window = config.window
    fps = window.fps or video_fps(video)
    source = fitted_video(video, _frames_at(fps, video, window), (window.width_px, window.height_px))
    poses = trajectory_poses(trajectory, window.frames)
    encoders, transformer = trained.load(device_of(config))
    latents = encoders.encode(torch.from_numpy(source).permute(0, 3, 1, 2)[None])
    texts = encoders.texts([prompt, negative_prompt])
    shape = tuple(latents.shape[1:])
    eps, source_eps = (
        gaussian(shape, seed=seed, names=("reshoot", role))[None].to(latents) for role in ("target", "source")
    )
    sigma = source_sigma(config.noise, config.noise.source_steps[0])
    conditions = Conditions(
        source_latents=(1 - sigma) * latents + sigma * source_eps,
        camera=camera_rows(torch.from_numpy(poses)[None]).to(latents),
        text=texts[:1],
    )
    with autocast(config, latents.device):
        target = denoised(
            transformer.eval(),
            eps,
            conditions,
            negative_text=texts[1:],
            sigmas=sigma_grid(steps, shift=config.noise.shift),
            guidance=guidance,
        )
    frames = encoders.decode(target)[0].permute(0, 2, 3, 1).cpu().numpy()
    content = encode_video(frames, fps=fps)
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
    guidance: float,
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


def _check_input(video: Path, trajectory: str, out: Path, seed: int, steps: int) -> None:
    if steps < 1:
        raise InputError(f"must be at least 1, got {steps}", where="steps", fix="correct the value")
    if seed < 0:
        raise InputError(f"must not be negative, got {seed}", where="seed", fix="correct the value")
    if not trajectory.strip():
        fix = "give a basic move, a keyframe file, or CLIPS.parquet:TAKE:CAMERA"
        raise InputError("is empty", where="trajectory", fix=fix)
    if out.suffix.lower() != ".mp4":
        raise InputError("is not an mp4 file", where=str(out), fix="end --out in .mp4")
    if is_same_file(out, video):
        raise InputError("is the source clip", where=str(out), fix="give another --out")


def _frames_at(fps: float, video: Path, window: Window) -> list[int]:
    """The frames of a video that are shown at the times of a window."""
    return [round(frame * video_fps(video) / fps) for frame in range(window.frames)]
