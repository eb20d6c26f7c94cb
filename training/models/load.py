"""From a config to models on a device: the only place that chooses between model families."""

from pathlib import Path

import torch
from accelerate import init_empty_weights
from diffusers import WanTransformer3DModel

from multitake.errors import InputError

from ..cache import LatentCache
from ..config import Config
from ..device import compute_dtype
from ..encoders import CHECKED, WanEncoders, require_all_weights
from .base_folder import BASE_CLASS, loading, transformer_config
from .recammaster import CamWanTransformer3DModel
from .released import released_weights, require_same


def load_models(
    base: Path, config: Config, device: torch.device, cache: LatentCache | None = None
) -> tuple[WanEncoders, CamWanTransformer3DModel]:
    """Load the frozen encoders of a base model, and its transformer, see ``load_transformer``.

    A cache is in the place of the text encoder.

    With precision "bf16" the frozen weights are bfloat16, except the autoencoder's and those that diffusers
    keeps in float32. InputError if it is not Wan2.1 T2V, or if it is damaged: a file that cannot be read, a
    missing weight, or one that is not a finite number.
    """
    dtype = compute_dtype(config)
    encoders = load_encoders(base, config, device, cache)
    model = load_transformer(base, config)
    for name, weight in model.named_parameters():
        is_kept = weight.requires_grad or any(part in name for part in model._keep_in_fp32_modules)
        # A copy: weights that are mapped from a file have its alignment, on which last bits depend on CPUs.
        weight.data = weight.data.to(weight.dtype if is_kept else dtype, copy=True)
    return encoders, model.to(device)


def load_encoders(
    base: Path, config: Config, device: torch.device, cache: LatentCache | None = None
) -> WanEncoders:
    """Load the frozen encoders of a base model; InputError as for ``load_models``."""
    text_tokens, dtype = config.model.text_tokens, compute_dtype(config)
    with loading(base, config):
        return WanEncoders.load(base, text_tokens=text_tokens, device=device, dtype=dtype, cache=cache)


def load_transformer(base: Path, config: Config) -> CamWanTransformer3DModel:
    """Load the transformer of a base model, with new camera modules unless it has some; float32, on the CPU.

    InputError as for ``load_models``, and if it has other camera modules than those of the config.
    """
    choices = config.model
    with loading(base, config):
        if transformer_config(base).get("_class_name", BASE_CLASS) == BASE_CLASS:
            model = CamWanTransformer3DModel.from_base(_base_transformer(base, config), **choices.options)
        else:
            _check_options(base, config)
            model, found = CamWanTransformer3DModel.from_pretrained(base, subfolder="transformer", **CHECKED)
            require_all_weights("transformer", model, found)
    model.train_only(choices.trained)
    return model


def _base_transformer(base: Path, config: Config) -> WanTransformer3DModel:
    """The transformer of the folder, or that of the single file of the config, in float32."""
    if not config.model.transformer:
        wan, found = WanTransformer3DModel.from_pretrained(base, subfolder="transformer", **CHECKED)
        require_all_weights("transformer", wan, found)
        return wan
    path = Path(config.model.transformer)
    with init_empty_weights(include_buffers=False):
        wan = WanTransformer3DModel.from_config(transformer_config(base))
    weights = released_weights(path)
    require_same(weights, wan.state_dict(), where=str(path))
    wan.load_state_dict({name: weight.float() for name, weight in weights.items()}, assign=True)
    return wan


def _check_options(base: Path, config: Config) -> None:
    """InputError unless a model that was trained has the options of the config."""
    known, where = transformer_config(base), f"model.base: {base}"
    if config.model.transformer:
        fix = "remove model.transformer, or give the folder of Wan2.1"
        raise InputError("has camera modules, and model.transformer has none", where=where, fix=fix)
    for key, value in config.model.options.items():
        if known.get(key) != value:
            what = f"was trained with {key} {known.get(key)!r}, not {value!r}"
            raise InputError(what, where=where, fix=f"set model.{key} to that")
