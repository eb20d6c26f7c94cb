"""Checkpoints: trainable weights and optimizer moments as safetensors.

Samples and their noise depend on (seed, sample index) only, so ``step`` is all the remaining state.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from multitake.atomic import replacing
from multitake.errors import InputError

_SCHEMA = 1


def checkpoints(run: Path) -> list[Path]:
    """Return the complete checkpoints of a run, e.g. ``RUN/checkpoints/000030`` for step 30, by step."""
    folders = [path for path in run.glob("checkpoints/*") if path.name.isdigit()]
    return sorted(folders, key=lambda path: int(path.name))


def save_checkpoint(
    run: Path, step: int, trainables: Mapping[str, nn.Parameter], optimizer: torch.optim.Optimizer
) -> None:
    """Write ``trainables.safetensors``, ``optimizer.safetensors`` and ``progress.json``."""
    weights = {name: weight.detach().cpu().contiguous() for name, weight in trainables.items()}
    moments = {
        f"{name}/{moment}": tensor.detach().cpu().contiguous()
        for name, weight in trainables.items()
        for moment, tensor in optimizer.state[weight].items()
    }
    with replacing(run / "checkpoints" / f"{step:06d}") as partial:
        partial.mkdir()
        save_file(weights, partial / "trainables.safetensors")
        save_file(moments, partial / "optimizer.safetensors")
        progress = json.dumps({"schema": _SCHEMA, "step": step})
        (partial / "progress.json").write_text(progress, encoding="utf-8")


def prune_checkpoints(run: Path, keep: int) -> None:
    """Delete all but the ``keep`` newest checkpoints."""
    for folder in checkpoints(run)[:-keep]:
        shutil.rmtree(folder)


def load_checkpoint(
    folder: Path, trainables: Mapping[str, nn.Parameter], optimizer: torch.optim.Optimizer | None = None
) -> int:
    """Load weights into the parameters, and moments into their optimizer if given. Returns the step.

    InputError if the checkpoint is damaged or belongs to another model.
    """
    try:
        progress = json.loads((folder / "progress.json").read_text(encoding="utf-8"))
        step, schema = progress["step"], progress["schema"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _damaged(folder, error) from error
    if schema != _SCHEMA:
        raise InputError(
            f"unsupported checkpoint schema {schema}", where=str(folder), fix=f"use one of schema {_SCHEMA}"
        )
    weights = _tensors(folder / "trainables.safetensors")
    if {name: weight.shape for name, weight in weights.items()} != {
        name: weight.shape for name, weight in trainables.items()
    }:
        fix = "use the base model of this checkpoint"
        raise InputError("weights of another model", where=str(folder), fix=fix)
    with torch.no_grad():
        for name, weight in trainables.items():
            weight.copy_(weights[name])
    if optimizer is not None:
        _load_moments(folder / "optimizer.safetensors", list(trainables), optimizer)
    return step


def _load_moments(path: Path, names: list[str], optimizer: torch.optim.Optimizer) -> None:
    # AdamW numbers its parameters in the order in which they were given to it.
    state: dict[int, dict[str, Tensor]] = {index: {} for index in range(len(names))}
    places = {name: index for index, name in enumerate(names)}
    for key, tensor in _tensors(path).items():
        name, _, moment = key.rpartition("/")
        state[places[name]][moment] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


def _tensors(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> InputError:
    fix = "delete that checkpoint folder to resume from the one before"
    return InputError(f"damaged checkpoint ({error})", where=str(path), fix=fix)
