"""From a config to models on a device: the only place that chooses between model families."""

from pathlib import Path

import torch
from diffusers import WanTransformer3DModel

from multitake.errors import InputError

from ..config import TINY, Config
from ..device import compute_dtype
from ..encoders import WanEncoders, no_progress_bars
from .recammaster import CamWanTransformer3DModel
from .tiny_wan import write_tiny_wan

# By ``model.conditioning`` of the config.
_FAMILIES = {"frame": CamWanTransformer3DModel}


def base_folder(config: Config, run: Path) -> Path:
    """Return the folder of the base model, ``RUN/base`` for the tiny one; InputError if it is incomplete."""
    if config.model.base == TINY:
        return run / "base"
    folder = Path(config.model.base)
    for part in ("transformer", "vae", "text_encoder", "tokenizer"):
        if not (folder / part).is_dir():
            fix = f'give a Wan2.1-T2V folder in diffusers layout, or "{TINY}"'
            raise InputError(f"missing {part}/", where=f"model.base: {folder}", fix=fix)
    return folder


def load_models(
    base: Path, config: Config, device: torch.device
) -> tuple[WanEncoders, CamWanTransformer3DModel]:
    """Load the frozen encoders of a base model, and its transformer with new camera modules.

    A missing ``base`` folder is the tiny model's, which is written first. With precision "bf16" the frozen
    weights are bfloat16, except the autoencoder's and those that diffusers keeps in float32.
    """
    if not base.exists():
        write_tiny_wan(base, seed=config.seed)
    choices, dtype = config.model, compute_dtype(config)
    encoders = WanEncoders.load(base, text_tokens=choices.text_tokens, device=device, dtype=dtype)
    with no_progress_bars():
        wan = WanTransformer3DModel.from_pretrained(base, subfolder="transformer")
    model = _FAMILIES[choices.conditioning].from_base(
        wan, projector_init=choices.projector_init, source_rope=choices.source_rope
    )
    for name, weight in model.named_parameters():
        if not weight.requires_grad and not any(part in name for part in model._keep_in_fp32_modules):
            weight.data = weight.data.to(dtype)
    if config.gradient_checkpointing:
        model.enable_gradient_checkpointing()
    return encoders, model.to(device)
