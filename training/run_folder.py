"""The folder of a run: what it was told, what it measured, and the models that it can rebuild.

::

    RUN/config.toml          the resolved order
    RUN/data.json            which data set it trains on
    RUN/base/                the tiny base model, where the order asks for it
    RUN/metrics.jsonl        one line per step, and one per measurement of the fixed loss
    RUN/checkpoints/000030/  trainable weights and optimizer moments
    RUN/model/transformer/   the trained transformer, in diffusers layout
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import WanTransformer3DModel

from multitake.errors import InputError
from shards import DatasetInfo

from .config import TINY, Config, config_toml, difference, load_config
from .encoders import WanEncoders, no_progress_bars
from .models.recammaster import CamWanTransformer3DModel, freeze_base, trainable_parameters
from .models.tiny_wan import write_tiny_wan


@dataclass(frozen=True, kw_only=True)
class RunFolder:
    """A run on disk and its resolved order."""

    path: Path
    config: Config

    @classmethod
    def prepare(cls, path: Path, config: Config, info: DatasetInfo) -> "RunFolder":
        """Start a run, or find the one that was started with the same order and data.

        InputError if the folder holds another run or other things, or cannot be written.
        """
        identity = {
            "batch_sha256": info.batch_sha256,
            "catalog_sha256": info.catalog_sha256,
            "engine_look": info.engine.look,
        }
        order, about_data = path / "config.toml", path / "data.json"
        if order.exists():
            changed = difference(load_config(order), config)
            if changed is None and json.loads(about_data.read_text(encoding="utf-8")) != identity:
                changed = "the data set is another one"
            if changed:
                fix = "give another --out, or the order that this run began with"
                raise InputError(f"holds another run: {changed}", where=str(path), fix=fix)
        run = cls(path=path, config=config)
        _ = run.device
        if config.model.base != TINY:
            run.base()
        try:
            path.mkdir(parents=True, exist_ok=True)
            # A start that was cut short leaves data.json and hidden files, and nothing else.
            if not order.exists() and any(p != about_data and p.name[0] != "." for p in path.iterdir()):
                raise InputError("is not empty and holds no run", where=str(path), fix="give another --out")
            replace_text(about_data, json.dumps(identity, sort_keys=True, indent=2) + "\n")
            replace_text(order, config_toml(config))
        except OSError as error:
            what = f"cannot be written ({error.strerror})"
            raise InputError(what, where=str(path), fix="give a folder that can be written") from error
        return run

    @classmethod
    def open(cls, path: Path) -> "RunFolder":
        """A run that was started before; InputError where there is none."""
        if not (path / "config.toml").is_file():
            raise InputError("is not a run folder", where=str(path), fix="give the --out of `train`")
        return cls(path=path, config=load_config(path / "config.toml"))

    @property
    def device(self) -> torch.device:
        """The device that the order names; ``auto`` is the first GPU, or the CPU where there is none."""
        name = self.config.device
        if name == "auto":
            name = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            return torch.empty(0, device=name).device
        except (RuntimeError, AssertionError) as error:
            raise InputError(
                f"no device {name!r}", where=f"{self.path / 'config.toml'}: device", fix='use "auto"'
            ) from error

    @property
    def frozen_dtype(self) -> torch.dtype:
        """The type of weights that get no gradients."""
        return torch.bfloat16 if self.config.precision == "bf16" else torch.float32

    @property
    def metrics_path(self) -> Path:
        """Where steps and fixed losses are written down."""
        return self.path / "metrics.jsonl"

    def base(self) -> Path:
        """The base model's folder; a tiny one is made when missing."""
        if self.config.model.base != TINY:
            folder = Path(self.config.model.base)
            parts = ("transformer", "vae", "text_encoder", "tokenizer")
            missing = [part for part in parts if not (folder / part).is_dir()]
            if missing:
                where = f"{self.path / 'config.toml'}: model.base"
                fix = f'give a Wan2.1-T2V folder in diffusers layout, or "{TINY}"'
                raise InputError(f"{folder} has no {missing[0]}/", where=where, fix=fix)
            return folder
        folder, partial = self.path / "base", self.path / ".base.partial"
        if not folder.exists():
            shutil.rmtree(partial, ignore_errors=True)
            write_tiny_wan(partial, seed=self.config.seed)
            partial.rename(folder)
        return folder

    def encoders(self) -> WanEncoders:
        """The base model's frozen video and text encoders."""
        return WanEncoders.load(
            self.base(),
            text_tokens=self.config.model.text_tokens,
            device=self.device,
            dtype=self.frozen_dtype,
        )

    def transformer(self) -> CamWanTransformer3DModel:
        """The base model's transformer with fresh camera modules; only its trainables take gradients."""
        with no_progress_bars():
            base = WanTransformer3DModel.from_pretrained(self.base(), subfolder="transformer")
        choices = self.config.model
        model = CamWanTransformer3DModel.from_base(
            base, projector_init=choices.projector_init, source_rope=choices.source_rope
        )
        freeze_base(model)
        if self.config.precision == "bf16":
            _round_frozen(model)
        if self.config.gradient_checkpointing:
            model.enable_gradient_checkpointing()
        return model.to(self.device)

    def metrics(self) -> Iterator[dict[str, Any]]:
        """The lines of ``metrics.jsonl``; one that a kill or a full disk cut short is left out."""
        if self.metrics_path.exists():
            lines = self.metrics_path.read_text(encoding="utf-8").splitlines(keepends=True)
            yield from (json.loads(line) for line in lines if line.endswith("\n"))


def autocast(config: Config, device: torch.device) -> torch.autocast:
    """The precision of forward passes."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=config.precision == "bf16")


def export_transformer(run: RunFolder, model: CamWanTransformer3DModel) -> None:
    """Write ``model/transformer`` whole or not at all."""
    folder, partial = run.path / "model", run.path / ".model.partial"
    shutil.rmtree(partial, ignore_errors=True)
    with no_progress_bars():
        model.save_pretrained(partial / "transformer")
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)


def replace_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def _round_frozen(model: CamWanTransformer3DModel) -> None:
    kept = {*trainable_parameters(model)}
    for name, weight in model.named_parameters():
        is_exact = any(part in name for part in model._keep_in_fp32_modules)
        if name not in kept and not is_exact:
            weight.data = weight.data.to(torch.bfloat16)
