"""From a config to models on a device: the only place that chooses between model families."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import torch
from diffusers import WanTransformer3DModel
from safetensors import safe_open

from multitake.errors import InputError
from multitake.input_files import MOST_TEXT_BYTES, parsing, read_utf8, require_file

from ..checkpoint import saving
from ..config import TINY, Config
from ..device import compute_dtype
from ..encoders import CHECKED, WanEncoders, quiet_libraries, require_all_weights
from .recammaster import CamWanTransformer3DModel
from .tiny_wan import write_tiny_wan

# By ``model.conditioning`` of the config.
_FAMILIES = {"frame": CamWanTransformer3DModel}
_PARTS = ("transformer", "vae", "text_encoder", "tokenizer")
_CLASS, _LATENT_CHANNELS = "WanTransformer3DModel", 16
_TEXTS = (".json", ".txt")
_OUT_OF_MEMORY = (MemoryError, torch.OutOfMemoryError)


def base_folder(config: Config, run: Path) -> Path:
    """Return the folder of the base model, ``RUN/base`` for the tiny one; InputError if it is incomplete."""
    if config.model.base == TINY:
        return run / "base"
    folder = Path(config.model.base)
    for part in _PARTS:
        if not (folder / part).is_dir():
            fix = f'give a Wan2.1-T2V folder in diffusers layout, or "{TINY}"'
            raise InputError(f"missing {part}/", where=f"model.base: {folder}", fix=fix)
    return folder


def base_sha256(base: Path, config: Config) -> str:
    """Return a digest of all files of a base model; the tiny one is written first, if it is missing.

    InputError for files that cannot be read. Hashing reads as much as loading.
    """
    if not base.exists():
        with saving(base):
            write_tiny_wan(base, seed=config.seed)
    fix = _fix(config)
    with parsing("damaged base model", where=str(base), fix=fix):
        paths = _files(base, fix)
        with ThreadPoolExecutor() as pool:
            digests = pool.map(_sha256, paths)
            lines = [f"{path.relative_to(base)} {one}" for path, one in zip(paths, digests, strict=True)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def load_models(
    base: Path, config: Config, device: torch.device
) -> tuple[WanEncoders, CamWanTransformer3DModel]:
    """Load the frozen encoders of a base model, and its transformer with new camera modules.

    With precision "bf16" the frozen
    weights are bfloat16, except the autoencoder's and those that diffusers keeps in float32. InputError if
    it is not Wan2.1 T2V, or if it is damaged: a file that cannot be read, a missing weight, or one that is
    not a finite number.
    """
    choices, dtype = config.model, compute_dtype(config)
    fix = _fix(config)
    with (
        parsing("damaged base model", where=str(base), fix=fix, but=_OUT_OF_MEMORY),
        quiet_libraries(),
    ):
        _check_files(base, fix)
        _check_kind(base, fix)
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


def _fix(config: Config) -> str:
    """What to do about a base model that is damaged."""
    is_tiny = config.model.base == TINY
    return "delete that folder, and run the same command again" if is_tiny else "download it again"


def _files(base: Path, fix: str) -> list[Path]:
    """The files of the parts of a base model; InputError for one that is not regular."""
    paths = sorted(path for part in _PARTS for path in (base / part).glob("*") if not path.is_dir())
    for path in paths:
        require_file(path, fix=fix)
    return paths


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_kind(base: Path, fix: str) -> None:
    """InputError unless the configs of a base model are those of Wan2.1 T2V."""

    def config_of(part: str) -> dict[str, Any]:
        return dict(json.loads(read_utf8(base / part / "config.json", fix=fix)))

    transformer, vae = config_of("transformer"), config_of("vae")
    kind = transformer.get("_class_name", _CLASS)
    channels = [transformer.get("in_channels"), transformer.get("out_channels"), vae.get("z_dim")]
    wrong = None
    if kind != _CLASS:
        wrong = f"its transformer is a {kind}"
    elif any(transformer.get(key) for key in ("image_dim", "added_kv_proj_dim", "pos_embed_seq_len")):
        wrong = "its transformer is conditioned on images"
    elif channels != [_LATENT_CHANNELS] * 3:
        wrong = f"it has {' and '.join(map(str, dict.fromkeys(channels)))} channels, Wan2.1 T2V has 16"
    elif (base / "transformer_2").exists():
        wrong = "it has two transformers, as Wan2.2"
    if wrong:
        give = "give a Wan2.1-T2V folder in diffusers layout"
        raise InputError(f"not Wan2.1 T2V: {wrong}", where=f"model.base: {base}", fix=give)


def _check_files(base: Path, fix: str) -> None:
    """InputError or ValueError for what the libraries wait for, read into memory, or convert.

    That is a file that is not regular, a very large text, and integer weights.
    """
    for path in _files(base, fix):
        if path.suffix in _TEXTS and path.stat().st_size > MOST_TEXT_BYTES:
            raise ValueError(f"{path.parent.name}/{path.name} is larger than {MOST_TEXT_BYTES / 1e6:g} MB")
    for path in sorted(base.glob("*/*.safetensors")):
        with safe_open(path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118  (not a mapping)
                if "F" not in file.get_slice(name).get_dtype():
                    raise ValueError(f"{path.parent.name}: {name} is not floating-point numbers")
