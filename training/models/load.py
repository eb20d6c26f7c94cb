"""From a config to models on a device: the only place that chooses between model families."""

from pathlib import Path

import torch
from diffusers import WanTransformer3DModel
from safetensors import safe_open

from multitake.errors import InputError
from multitake.input_files import MOST_TEXT_BYTES, parsing, require_file

from ..config import TINY, Config
from ..device import compute_dtype
from ..encoders import CHECKED, WanEncoders, quiet_libraries, require_all_weights
from .recammaster import CamWanTransformer3DModel
from .tiny_wan import write_tiny_wan

# By ``model.conditioning`` of the config.
_FAMILIES = {"frame": CamWanTransformer3DModel}
_TEXTS = (".json", ".txt")
_OUT_OF_MEMORY = (MemoryError, torch.OutOfMemoryError)


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
    weights are bfloat16, except the autoencoder's and those that diffusers keeps in float32. InputError if
    the folder is damaged: a file that cannot be read, a missing weight, or one that is not a finite number.
    """
    if not base.exists():
        write_tiny_wan(base, seed=config.seed)
    choices, dtype = config.model, compute_dtype(config)
    again = "delete that folder, and run the same command again"
    fix = again if choices.base == TINY else "download it again"
    with (
        parsing("damaged base model", where=str(base), fix=fix, but=_OUT_OF_MEMORY),
        quiet_libraries(),
    ):
        _check_files(base, fix)
        encoders = WanEncoders.load(base, text_tokens=choices.text_tokens, device=device, dtype=dtype)
        wan, found = WanTransformer3DModel.from_pretrained(base, subfolder="transformer", **CHECKED)
        require_all_weights("transformer", wan, found)
        model = _FAMILIES[choices.conditioning].from_base(
            wan, projector_init=choices.projector_init, source_rope=choices.source_rope
        )
    for name, weight in model.named_parameters():
        if not weight.requires_grad and not any(part in name for part in model._keep_in_fp32_modules):
            weight.data = weight.data.to(dtype)
    if config.gradient_checkpointing:
        model.enable_gradient_checkpointing()
    return encoders, model.to(device)


def _check_files(base: Path, fix: str) -> None:
    """InputError or ValueError for what the libraries wait for, read into memory, or convert.

    That is a file that is not regular, a very large text, and integer weights.
    """
    for path in sorted(path for path in base.glob("*/*") if not path.is_dir()):
        require_file(path, fix=fix)
        if path.suffix in _TEXTS and path.stat().st_size > MOST_TEXT_BYTES:
            raise ValueError(f"{path.parent.name}/{path.name} is larger than {MOST_TEXT_BYTES / 1e6:g} MB")
    for path in sorted(base.glob("*/*.safetensors")):
        with safe_open(path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118  (not a mapping)
                if "F" not in file.get_slice(name).get_dtype():
                    raise ValueError(f"{path.parent.name}: {name} is not floating-point numbers")
