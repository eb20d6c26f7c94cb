"""What a model does with pairs of the validation split: its errors, and videos to look at."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from multitake.atomic import write_file, writing_to
from shards import encode_video
from shards.streaming import PairSample, PairStream

from .batches import pair_settings
from .computing import arithmetic
from .config import Config
from .denoising import Guidance, denoised
from .encoders import PairBatch, WanEncoders
from .models.conditions import Conditions
from .objective import Corruption, corrupt_source, gaussian, sigma_grid, source_sigma
from .step import fixed_errors

_CLIP_STEPS = 20


def validation_stream(data: str, config: Config, dataset_fps: float) -> PairStream | None:
    """The pairs of the split ``validation``; None if the config asks for no validation.

    InputError if the data set has no such takes.
    """
    if not (config.validation.every or config.validation.clips_every):
        return None
    return PairStream(data, pair_settings(config, dataset_fps, split="validation"))


@dataclass(frozen=True, kw_only=True)
class Validation:
    """Pairs that no run trains on, encoded; none if the config asks for no validation."""

    config: Config
    encoders: WanEncoders
    samples: tuple[PairSample, ...]
    batches: tuple[PairBatch, ...]

    @classmethod
    def of(cls, stream: PairStream | None, config: Config, encoders: WanEncoders) -> "Validation":
        """The first pairs of a stream, see ``validation_stream``."""
        indices = range(config.validation.pairs if stream else 0)
        samples = tuple(stream.sample(index) for index in indices) if stream else ()
        return cls(
            config=config,
            encoders=encoders,
            samples=samples,
            batches=tuple(encoders.pairs([sample]) for sample in samples),
        )

    def errors(self, model: nn.Module) -> dict[str, Any]:
        """The mean error, and that of each level."""
        by_level = fixed_errors(model, self.batches, self.config)
        return {"error": sum(by_level) / len(by_level), "error_by_level": by_level}

    def write_clip(self, model: nn.Module, path: Path, *, is_writer: bool) -> None:
        """Write the source, what the model makes of it, and the true target, side by side.

        All processes of a run call this; one of them writes.
        """
        sample, batch = self.samples[0], self.batches[0]
        made = self._filmed(model.eval(), batch.conditions)
        if not is_writer:
            return
        videos = [sample.source.rgb(), made, sample.target.rgb()]
        images = np.concatenate([video.permute(0, 2, 3, 1).cpu().numpy() for video in videos], axis=2)
        with writing_to(path):
            write_file(path, encode_video(images, fps=sample.fps))

    def _filmed(self, model: nn.Module, conditions: Conditions) -> torch.Tensor:
        """The video of a model, with the noise of the first sample."""
        config, noise = self.config, self.config.noise
        latents = conditions.source_latents
        eps, source_eps = (
            gaussian(tuple(latents.shape[1:]), seed=config.seed, names=("validation", role)).to(latents)
            for role in ("target", "source")
        )
        sigma = source_sigma(noise, noise.source_steps[0])
        seen = Corruption(level=0, source_mode="v2v", source_sigma=sigma)
        shown = replace(conditions, source_latents=corrupt_source(latents[0], source_eps, seen)[None])
        with arithmetic(config, latents.device):
            target = denoised(
                model,
                eps[None],
                shown,
                guidance=Guidance(scale=1.0, negative_text=conditions.text),
                sigmas=sigma_grid(_CLIP_STEPS, shift=noise.shift),
            )
        return self.encoders.decode(target)[0]
