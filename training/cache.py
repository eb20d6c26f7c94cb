"""Latents and texts that were encoded before: what a cache holds, and what it was made from."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from diffusers.pipelines.wan.pipeline_wan import prompt_clean
from jaxtyping import Float
from torch import Tensor

from multitake.atomic import write_file
from multitake.errors import InputError
from multitake.input_files import parsing, read_utf8
from shards import Dataset

from .config import Config
from .tensor_store import TensorStore

_VERSION = 1
CACHE_FILE = "cache.json"
_NORMALISATION = "(mode of the posterior - latents_mean) / latents_std"
_MOST_TEXTS = 4096


@dataclass(frozen=True, kw_only=True)
class LatentCache:
    """The latents of windows of clips, unless it is of texts only, and the embeddings of captions.

    Attributes:
        made_from: what must be the same where it is used.
    """

    folder: Path
    made_from: Mapping[str, Any]
    latents: TensorStore | None
    texts: TensorStore

    @classmethod
    def open(cls, folder: Path) -> "LatentCache":
        """Open a complete cache; InputError if it is none, or damaged."""
        made_from, sha256s = read_manifest(folder)
        if "texts" not in sha256s:
            raise InputError("is not complete", where=str(folder), fix="run `multitake encode` again")
        stores = {name: TensorStore.open(folder / name, sha256=sha256) for name, sha256 in sha256s.items()}
        return cls(folder=folder, made_from=made_from, latents=stores.get("latents"), texts=stores["texts"])

    def require(self, identity: Mapping[str, Any], dataset: Dataset) -> None:
        """InputError unless the cache was made from what a run has, and from the takes of its data set."""
        require_same(self.folder, self.made_from, identity)
        takes = set(dataset.keys)
        for name, stored in (self.latents.index if self.latents else {}).items():
            take = name.partition("/")[0]
            if take in takes and take_sha256(dataset, take) != stored.of:
                what = f"made from another take {take} than that of {dataset.files.url}"
                raise InputError(what, where=str(self.folder), fix="give a new folder to `multitake encode`")

    def latents_of(
        self, take: str, camera: str, first_frame: int
    ) -> Float[Tensor, "channels frames height width"]:
        """The latents of a window; InputError if they are missing or damaged."""
        assert self.latents is not None
        name = window_name(take, camera, first_frame)
        if name not in self.latents.index:
            raise self._missing(f"take {take}, camera {camera}, from frame {first_frame}")
        return self.latents.read(name).float()

    def text(self, caption: str) -> Float[Tensor, "tokens text_dim"]:
        """The embedding of a caption, without padding; InputError if it is missing or damaged."""
        name = text_name(caption)
        if name not in self.texts.index:
            raise self._missing(f"caption {caption[:40]!r}")
        return self.texts.read(name)

    def _missing(self, what: str) -> InputError:
        fix = "run `multitake encode` again, with the config and the steps of this run"
        return InputError(f"does not have {what}", where=str(self.folder), fix=fix)


def identity_of(config: Config, dataset: Dataset, encoders_sha256: Mapping[str, str]) -> dict[str, Any]:
    """What the latents and texts of a run depend on, besides takes and captions."""
    info, window = dataset.info, config.window
    return {
        "data set": [info.batch_sha256, info.catalog_sha256, info.engine.look],
        **{f"{part} of the base model": sha256 for part, sha256 in encoders_sha256.items()},
        "normalisation": _NORMALISATION,
        "window": [window.frames, window.fps, window.width_px, window.height_px, "centre"],
        "precision": config.precision,
        "text_tokens": config.model.text_tokens,
    }


def require_same(folder: Path, known: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """InputError unless a cache was made from the same."""
    for name, value in now.items():
        if known.get(name) != value:
            what = f"made from another {name}: {_short(known.get(name))}, not {_short(value)}"
            fix = "give a cache that `multitake encode` makes from the same"
            raise InputError(what, where=str(folder), fix=fix)


def _short(value: Any) -> str:
    return " ".join(str(part)[:16] for part in value) if isinstance(value, list) else str(value)[:64]


def window_name(take: str, camera: str, first_frame: int) -> str:
    """The name of the latents of a window; length, rate, size and crop are those of the cache."""
    return f"{take}/{camera}/{first_frame}"


@lru_cache(maxsize=_MOST_TEXTS)
def text_name(caption: str) -> str:
    """The name of the embedding of a caption, as it is cleaned."""
    return hashlib.sha256(prompt_clean(caption).encode()).hexdigest()


@lru_cache(maxsize=2**20)
def take_sha256(dataset: Dataset, take: str) -> str:
    """What identifies the content of a take."""
    return dataset.content_sha256((take,))[:16]


def read_manifest(folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """What a cache was made from, and the sha256 of each index; InputError if it is none or damaged."""
    path, fix = folder / CACHE_FILE, "give a folder of `multitake encode`"
    with parsing("cannot be read", where=str(path), fix=fix):
        found = json.loads(read_utf8(path, fix=fix))
        version, made, sha256s = found["version"], dict(found["made_from"]), dict(found["index_sha256"])
    if version != _VERSION:
        raise InputError(f"version {version}", where=str(path), fix=f"this program reads version {_VERSION}")
    return made, sha256s


def write_manifest(folder: Path, made: Mapping[str, Any], index_sha256: Mapping[str, str]) -> None:
    """Write what ``read_manifest`` reads."""
    content = {"version": _VERSION, "made_from": made, "index_sha256": index_sha256}
    write_file(folder / CACHE_FILE, json.dumps(content, indent=2, sort_keys=True) + "\n")
