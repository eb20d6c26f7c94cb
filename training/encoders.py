"""The frozen parts of Wan: videos to latents and back, captions to text embeddings."""

import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from diffusers import AutoencoderKLWan
from diffusers.pipelines.wan.pipeline_wan import prompt_clean
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoTokenizer, UMT5EncoderModel

from shards.streaming import ClipWindow, PairSample

from .cache import LatentCache
from .config import Window
from .models.conditions import Conditions

_FRAMES_PER_LATENT, _PX_PER_LATENT = 4, 8
# How the libraries load weights: never from pickles, and with what ``require_all_weights`` needs.
CHECKED = {"use_safetensors": True, "output_loading_info": True}


@dataclass(frozen=True, kw_only=True)
class PairBatch:
    """Encoded samples, without noise.

    Attributes:
        sample_indices: places in the stream; with the seed they determine the noise of each sample.
        target_latents: normalised latents of the target videos, of the same shape as the source's.
    """

    sample_indices: tuple[int, ...]
    target_latents: Float[Tensor, "batch channels frames height width"]
    conditions: Conditions


@dataclass(frozen=True, kw_only=True)
class WanEncoders:
    """Video autoencoder and text encoder of a base model, frozen, on one device.

    Attributes:
        dtype: the type of text embeddings, and of the numbers that latents are rounded to.
        text_encoder, tokenizer: None if a cache has the texts.
        cache: where texts are read, and latents unless it has none, in the place of encoding them.
    """

    vae: AutoencoderKLWan
    text_encoder: UMT5EncoderModel | None
    tokenizer: Any
    text_tokens: int
    dtype: torch.dtype
    cache: LatentCache | None = None

    @classmethod
    def load(
        cls,
        folder: Path,
        *,
        text_tokens: int,
        device: torch.device,
        dtype: torch.dtype,
        cache: LatentCache | None = None,
    ) -> "WanEncoders":
        """Load a folder in diffusers layout, without the text encoder if a cache has the texts.

        ``dtype`` is the text encoder's; the autoencoder is float32.
        """
        with quiet_libraries():
            vae, found = AutoencoderKLWan.from_pretrained(
                folder, subfolder="vae", torch_dtype=torch.float32, **CHECKED
            )
            require_all_weights("vae", vae, found)
            vae = vae.to(device).requires_grad_(False).eval()
            if cache:
                return cls(
                    vae=vae,
                    text_encoder=None,
                    tokenizer=None,
                    text_tokens=text_tokens,
                    dtype=dtype,
                    cache=cache,
                )
            text_encoder, found = UMT5EncoderModel.from_pretrained(
                folder, subfolder="text_encoder", dtype=dtype, **CHECKED
            )
            require_all_weights("text_encoder", text_encoder, found)
            tokenizer = AutoTokenizer.from_pretrained(folder, subfolder="tokenizer")
        if tokenizer.pad_token is None:
            raise ValueError("tokenizer: no padding token")
        return cls(
            vae=vae,
            text_encoder=text_encoder.to(device).requires_grad_(False).eval(),
            tokenizer=tokenizer,
            text_tokens=text_tokens,
            dtype=dtype,
        )

    def latent_shape(self, window: Window) -> tuple[int, int, int, int]:
        """Return the shape of the latents of a window: channels, frames, height, width."""
        frames = (window.frames - 1) // _FRAMES_PER_LATENT + 1
        height, width = (side // _PX_PER_LATENT for side in (window.height_px, window.width_px))
        return self.vae.config.z_dim, frames, height, width

    def pairs(self, samples: Sequence[PairSample]) -> PairBatch:
        """Encode a batch of source and target clips, their cameras and captions."""
        clips = [(one, one.target) for one in samples] + [(one, one.source) for one in samples]
        latents = torch.stack([self.latents_of(sample, clip) for sample, clip in clips])
        targets = [sample.target for sample in samples]
        size_px = torch.tensor(latents.shape[:-3:-1]) * _PX_PER_LATENT
        return PairBatch(
            sample_indices=tuple(sample.sample_index for sample in samples),
            target_latents=latents[: len(samples)],
            conditions=Conditions(
                source_latents=latents[len(samples) :],
                camera=camera_rows(torch.stack([one.source0_from_camera for one in targets])).to(latents),
                intrinsics=lens_rows(torch.stack([one.intrinsics for one in targets]), size_px).to(latents),
                text=self.texts([sample.caption for sample in samples]),
            ),
        )

    def latents_of(
        self, sample: PairSample, clip: ClipWindow
    ) -> Float[Tensor, "channels latent_frames latent_height latent_width"]:
        """The normalised latents of a clip of a sample."""
        if self.cache and self.cache.latents:
            return self.cache.latents_of(sample.take, clip.camera, sample.first_frame).to(self.vae.device)
        return self.encode(clip.rgb()[None])[0]

    @torch.no_grad()
    def encode(
        self, videos: UInt8[Tensor, "batch frames 3 height width"]
    ) -> Float[Tensor, "batch channels latent_frames latent_height latent_width"]:
        """Return the normalised latents (posterior mode) of videos of 4k+1 frames and sides of 8n pixels.

        They do not depend on the other videos of the batch, not even in their last bits.
        """
        mean, std = self._statistics()
        pixels = videos.to(mean.device).transpose(1, 2).float() / 127.5 - 1
        latents = torch.cat([self.vae.encode(video).latent_dist.mode() for video in pixels.split(1)])
        return ((latents - mean) / std).to(self.dtype).float()

    @torch.no_grad()
    def decode(
        self, latents: Float[Tensor, "batch channels latent_frames latent_height latent_width"]
    ) -> UInt8[Tensor, "batch frames 3 height width"]:
        """Return the videos of normalised latents."""
        mean, std = self._statistics()
        pixels = self.vae.decode(latents * std + mean).sample
        return ((pixels + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).transpose(1, 2)

    @torch.no_grad()
    def texts(self, captions: Sequence[str]) -> Float[Tensor, "batch tokens text_dim"]:
        """Encode captions as in the training of Wan: cut or padded with zeros to ``text_tokens``.

        They are cleaned as there, of text that was decoded wrongly, of HTML entities and of white space.
        """
        encoded = {caption: self.text(caption) for caption in dict.fromkeys(captions)}
        padded = [functional.pad(one, (0, 0, 0, self.text_tokens - len(one))) for one in encoded.values()]
        rows = dict(zip(encoded, padded, strict=True))
        return torch.stack([rows[caption] for caption in captions])

    @torch.no_grad()
    def text(self, caption: str) -> Float[Tensor, "tokens text_dim"]:
        """Encode a caption, without padding."""
        if self.cache or not self.text_encoder:
            assert self.cache, "neither a text encoder nor a cache"
            return self.cache.text(caption).to(self.vae.device)
        tokens = self.tokenizer(
            [prompt_clean(caption)],
            padding="max_length",
            max_length=self.text_tokens,
            truncation=True,
            return_tensors="pt",
        ).to(self.text_encoder.device)
        encoded = self.text_encoder(tokens.input_ids, tokens.attention_mask).last_hidden_state
        return encoded[0, : int(tokens.attention_mask.sum())]

    def _statistics(self) -> tuple[Tensor, Tensor]:
        def column(values: Sequence[float]) -> Tensor:
            return torch.tensor(values, device=self.vae.device)[:, None, None, None]

        return column(self.vae.config.latents_mean), column(self.vae.config.latents_std)


def require_all_weights(part: str, model: nn.Module, found: Mapping[str, Collection[Any]]) -> None:
    """ValueError if a weight was not in the files of a model, or is not a finite number.

    ``found`` is the loading info of diffusers and transformers, which initialise missing weights randomly.
    """
    wrong = next((sorted(map(str, names))[0] for key, names in found.items() if names), None)
    if wrong:
        raise ValueError(f"{part}: missing, unknown or misshapen weight {wrong}")
    for name, weight in model.state_dict().items():
        if not weight.isfinite().all():
            raise ValueError(f"{part}: {name} is not finite")


def camera_rows(
    poses: Float[Tensor, "batch frames 3 4"],
) -> Float[Tensor, "batch latent_frames 12"]:
    """Return the poses of frames 0, 4, 8, ... as twelve numbers each, row-major."""
    return poses[:, ::_FRAMES_PER_LATENT].flatten(2).float()


def lens_rows(
    intrinsics_px: Float[Tensor, "batch frames 4"], size_px: Tensor
) -> Float[Tensor, "batch latent_frames 4"]:
    """Return fx, fy, cx, cy of frames 0, 4, 8, ... as fractions of width and height."""
    return (intrinsics_px[:, ::_FRAMES_PER_LATENT] / size_px.repeat(2)).float()


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Disable the progress bars, logs and warnings of diffusers and transformers."""
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings(action="ignore"))
        for library in (diffusers.utils.logging, transformers.utils.logging):
            stack.callback(library.set_verbosity, library.get_verbosity())
            library.set_verbosity(library.CRITICAL)
            if library.is_progress_bar_enabled():
                stack.callback(library.enable_progress_bar)
                library.disable_progress_bar()
        yield
