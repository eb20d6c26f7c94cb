"""Re-shooting: a video and a camera trajectory in, the video seen along that trajectory out."""

from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from multitake.errors import InputError
from shards import decode_video, encode_video
from trajectories.formats import trajectory_from

from .checkpoint import load_trainables, newest_checkpoint
from .config import Window
from .encoders import camera_rows
from .models.recammaster import trainable_parameters
from .objective import TRAIN_LEVELS, Velocity, gaussian, sigma_grid, source_sigma
from .run_folder import RunFolder, autocast


def reshoot_clip(
    run: Path,
    *,
    video: Path,
    trajectory: str,
    out: Path,
    prompt: str,
    seed: int,
    steps: int = 50,
    guidance: float = 1.0,
    negative_prompt: str = "",
) -> Path:
    """Film the first frames of a video again, along another trajectory, with a run's newest weights.

    Writes an mp4 of the run's window size at the video's own rate, and returns its path. The trajectory
    starts at the video's first view. The source gets the least noise that training gave it.

    Args:
        run: folder of a training run.
        video: the source; its first window of frames is used, resized to the run's window.
        trajectory: what ``trajectory_from`` takes: a basic move's name, a keyframe file, or
            ``poses.parquet:TAKE:CAMERA``; its poses are taken relative to its first frame.
        out: the mp4 to write.
        prompt: what the video shows.
        seed: of the noise that the new video starts from.
        steps: Euler steps.
        guidance: classifier-free guidance against ``negative_prompt``; 1 is none.

    Raises InputError for a run without checkpoint, a video or trajectory that is none or too short, numbers
    out of range, or an ``out`` that is no mp4 or the source itself.
    """
    _check_order(video, trajectory, out, seed, steps)
    opened = RunFolder.open(run)
    config, window = opened.config, opened.config.window
    checkpoint = newest_checkpoint(run)
    if checkpoint is None:
        raise InputError("no checkpoint yet", where=str(run), fix="run `multitake train` first")
    source = decode_video(video, stop=window.frames, size_px=(window.width_px, window.height_px))
    poses = trajectory_poses(trajectory, window)
    encoders, model = opened.encoders(), opened.transformer()
    load_trainables(checkpoint, trainable_parameters(model))
    latents = encoders.encode(torch.from_numpy(source).permute(0, 3, 1, 2)[None])
    texts = encoders.texts([prompt, negative_prompt])
    shape = tuple(latents.shape[1:])
    eps, source_eps = (
        gaussian(shape, seed=seed, names=("reshoot", role))[None].to(latents) for role in ("target", "source")
    )
    sigma = source_sigma(config.noise, config.noise.source_steps[0])
    with autocast(config, latents.device):
        made = sample(
            model.eval(),
            eps,
            (1 - sigma) * latents + sigma * source_eps,
            camera_rows(torch.from_numpy(poses)[None]).to(latents),
            (texts[:1], texts[1:]),
            sigmas=sigma_grid(steps, shift=config.noise.shift),
            guidance=guidance,
        )
    frames = encoders.decode(made)[0].permute(0, 2, 3, 1).cpu().numpy()
    return _written(out, frames, _fps(video))


@torch.no_grad()
def sample(
    model: Velocity,
    eps: Float[Tensor, "1 channels frames height width"],
    source: Float[Tensor, "1 channels frames height width"],
    camera: Float[Tensor, "1 frames 12"],
    texts: tuple[Tensor, Tensor],
    *,
    sigmas: Float[np.ndarray, " steps"],
    guidance: float,
) -> Float[Tensor, "1 channels frames height width"]:
    """Follow the velocity from noise to latents by Euler steps over falling ``sigmas`` and on to 0.

    ``texts`` are the prompt's and the negative prompt's encodings; both passes see the camera and the source.
    """
    latents = eps
    for sigma, after in pairwise([*sigmas.tolist(), 0.0]):
        timestep = torch.full((1,), TRAIN_LEVELS * sigma, device=eps.device)
        velocity = model(latents, source, timestep, texts[0], camera).float()
        if guidance != 1:
            unguided = model(latents, source, timestep, texts[1], camera).float()
            velocity = unguided + guidance * (velocity - unguided)
        latents = latents + (after - sigma) * velocity
    return latents


def trajectory_poses(trajectory: str, window: Window) -> Float[np.ndarray, "frames 3 4"]:
    """``frame0_from_camera`` for every frame of the window; InputError for an unknown or short trajectory."""
    poses = trajectory_from(trajectory, frames=window.frames).poses
    return poses.seen_from(poses[0])


def _check_order(video: Path, trajectory: str, out: Path, seed: int, steps: int) -> None:
    if steps < 1:
        raise InputError(f"{steps} steps reach no picture", where="steps", fix="give 1 or more")
    if seed < 0:
        raise InputError(f"{seed} is no seed", where="seed", fix="give 0 or more")
    if not trajectory.strip():
        fix = "give a basic move, a keyframe file, or POSES.parquet:TAKE:CAMERA"
        raise InputError("is empty", where="trajectory", fix=fix)
    if out.suffix.lower() != ".mp4":
        raise InputError("is no mp4's name", where=str(out), fix="end --out in .mp4")
    if out.exists() and video.exists() and out.samefile(video):
        raise InputError("is the source clip itself", where=str(out), fix="give another --out")


def _fps(video: Path) -> float:
    with av.open(str(video)) as file:
        return float(file.streams.video[0].average_rate or 1)


def _written(out: Path, frames: UInt8[np.ndarray, "frames height width 3"], fps: float) -> Path:
    partial = out.with_name(f".{out.name}.partial")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(encode_video(frames, fps=fps))
        partial.replace(out)
    except OSError as error:
        fix = "give a file in a folder that can be written"
        raise InputError(f"cannot be written ({error.strerror})", where=str(out), fix=fix) from error
    return out
