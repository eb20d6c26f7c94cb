"""The folder of a base model: its parts, what kind of model it is, and a digest of its files."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from multitake.errors import InputError
from multitake.input_files import MOST_TEXT_BYTES, parsing, read_utf8, require_file

from ..checkpoint import saving
from ..config import TINY, Config
from ..encoders import quiet_libraries
from .tiny_wan import write_tiny_wan

OTHER_PARTS = ("vae", "text_encoder", "tokenizer")
# Classes of diffusers and of this package.
BASE_CLASS, CLASSES = "WanTransformer3DModel", ("WanTransformer3DModel", "CamWanTransformer3DModel")
_PARTS = ("transformer", *OTHER_PARTS)
_LATENT_CHANNELS = 16
_TEXTS = (".json", ".txt")
_OUT_OF_MEMORY = (MemoryError, torch.OutOfMemoryError)


def base_folder(config: Config, run: Path) -> Path:
    """Return the folder of the base model, ``RUN/base`` for the tiny one; InputError if it is incomplete."""
    if config.model.base == TINY:
        return run / "base"
    folder = Path(config.model.base)
    require_parts(folder)
    return folder


def require_parts(base: Path) -> None:
    """InputError unless the folder of a base model has all parts."""
    for part in _PARTS:
        if not (base / part).is_dir():
            fix = f'give a Wan2.1-T2V folder in diffusers layout, or "{TINY}"'
            raise InputError(f"missing {part}/", where=f"model.base: {base}", fix=fix)


def transformer_config(base: Path) -> dict[str, Any]:
    """The config of the transformer of a base model; InputError if it cannot be read, or is of another."""
    fix = "give a Wan2.1-T2V folder in diffusers layout"
    with parsing("damaged base model", where=str(base), fix=fix):
        _check_kind(base, fix)
        return _config_of(base, "transformer", fix)


def base_sha256(base: Path, config: Config) -> str:
    """Return a digest of all files of a base model; the tiny one is written first, if it is missing.

    InputError for files that cannot be read. Hashing reads as much as loading.
    """
    return _digest(_file_sha256s(base, config))


def encoders_sha256(base: Path, config: Config) -> dict[str, str]:
    """The digests of the frozen parts of a base model: of the autoencoder, and of what encodes texts."""
    files = _file_sha256s(base, config, parts=OTHER_PARTS)
    parts = {
        name: {path: sha for path, sha in files.items() if path.startswith(name)} for name in OTHER_PARTS
    }
    return {name: _digest(found) for name, found in parts.items()}


def _digest(files: Mapping[str, str]) -> str:
    lines = [f"{name} {sha256}" for name, sha256 in files.items()]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _file_sha256s(base: Path, config: Config, *, parts: Sequence[str] = _PARTS) -> dict[str, str]:
    """The sha256 of each file of a base model."""
    if not base.exists():
        with saving(base):
            write_tiny_wan(base, seed=config.seed)
    fix = _fix(config)
    with parsing("damaged base model", where=str(base), fix=fix):
        paths = {str(path.relative_to(base)): path for path in _files(base, fix, parts)}
        if config.model.transformer and parts == _PARTS:
            paths["model.transformer"] = Path(config.model.transformer)
            require_file(paths["model.transformer"], fix=fix)
        with ThreadPoolExecutor() as pool:
            return dict(zip(paths, pool.map(_sha256, paths.values()), strict=True))


@contextmanager
def loading(base: Path, config: Config) -> Iterator[None]:
    """A block that loads parts of a base model, whose files are checked; InputError if it is damaged."""
    fix = _fix(config)
    with (
        parsing("damaged base model", where=str(base), fix=fix, but=_OUT_OF_MEMORY),
        quiet_libraries(),
    ):
        _check_files(base, fix)
        _check_kind(base, fix)
        yield


def _fix(config: Config) -> str:
    """What to do about a base model that is damaged."""
    is_tiny = config.model.base == TINY
    return "delete that folder, and run the same command again" if is_tiny else "download it again"


def _files(base: Path, fix: str, parts: Sequence[str] = _PARTS) -> list[Path]:
    """The files of parts of a base model; InputError for one that is not regular."""
    paths = sorted(path for part in parts for path in (base / part).glob("*") if not path.is_dir())
    for path in paths:
        require_file(path, fix=fix)
    return paths


def _sha256(path: Path) -> str:
    about = path.stat()
    return _sha256_of(path, about.st_mtime_ns, about.st_size)


@lru_cache
def _sha256_of(path: Path, *_: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_kind(base: Path, fix: str) -> None:
    """InputError unless the configs of a base model are those of Wan2.1 T2V."""
    transformer, vae = _config_of(base, "transformer", fix), _config_of(base, "vae", fix)
    kind = transformer.get("_class_name", BASE_CLASS)
    channels = [transformer.get("in_channels"), transformer.get("out_channels"), vae.get("z_dim")]
    wrong = None
    if kind not in CLASSES:
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


def _config_of(base: Path, part: str, fix: str) -> dict[str, Any]:
    return dict(json.loads(read_utf8(base / part / "config.json", fix=fix)))


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
