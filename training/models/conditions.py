"""The interface of every model family: what a model is conditioned on, and how it is called."""

from collections.abc import Callable
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """What a model knows about the videos that it makes; the video to make is called the target.

    Latent frame 0 encodes frame 0 of a video; latent frame j encodes the four frames 4j-3 .. 4j.

    Attributes:
        source_latents: normalised latents of the videos to re-shoot, with or without noise; height and width
            are those of the video / 8.
        camera: ``source0_from_target`` at frames 0, 4, 8, ...: poses of the target camera in the axes of the
            source camera's first frame, as the twelve numbers of a row-major 3x4 matrix. OpenCV axes,
            positions in metres.
        intrinsics: of the target camera at these frames, as fractions of width and height: focal lengths fx,
            fy, and centre cx, cy; NaN if they are unknown, for models that do not use them.
        text: encoded captions, zero after their ends.
    """

    source_latents: Float[Tensor, "batch channels frames height width"]
    camera: Float[Tensor, "batch frames 12"]
    intrinsics: Float[Tensor, "batch frames 4"]
    text: Float[Tensor, "batch tokens text_dim"]


# (noisy target latents, timestep = 1000 sigma per sample, conditions) -> velocity of the target latents.
VelocityModel = Callable[[Tensor, Tensor, Conditions], Tensor]
