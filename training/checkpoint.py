"""What a run keeps between its parts: trainable weights and optimizer moments, nothing pickled.

A checkpoint is a folder named after its step and appears by one rename. Data order and noise are functions
of (seed, sample index), so ``step`` is the whole of the remaining state.
"""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from multitake.errors import InputError

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a run has come."""

    step: int
    schema: int = SCHEMA


def checkpoint_folder(run: Path, step: int) -> Path:
    """``RUN/checkpoints/000030`` for step 30."""
    return run / "checkpoints" / f"{step:06d}"


def newest_checkpoint(run: Path) -> Path | None:
    """The complete checkpoint with the highest step, if there is one."""
    folders = [path for path in run.glob("checkpoints/*") if path.name.isdigit()]
    return max(folders, key=lambda path: int(path.name), default=None)


def save_checkpoint(
    run: Path,
    progress: Progress,
    trainables: Mapping[str, nn.Parameter],
    optimizer: torch.optim.Optimizer,
) -> Path:
    """Write ``trainables.safetensors``, ``optimizer.safetensors`` and ``progress.json``, all or nothing."""
    folder = checkpoint_folder(run, progress.step)
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    weights = {name: weight.detach().cpu().contiguous() for name, weight in trainables.items()}
    save_file(weights, partial / "trainables.safetensors")
    save_file(_moments(trainables, optimizer), partial / "optimizer.safetensors")
    (partial / "progress.json").write_text(json.dumps(asdict(progress), sort_keys=True), encoding="utf-8")
    for path in (*partial.iterdir(), partial):
        _sync(path)
    if folder.exists():
        shutil.rmtree(folder)
    partial.rename(folder)
    _sync(folder.parent)
    return folder


def prune_checkpoints(run: Path, keep: int) -> None:
    """Remove all but the ``keep`` newest checkpoints."""
    folders = [path for path in run.glob("checkpoints/*") if path.name.isdigit()]
    for folder in sorted(folders, key=lambda path: int(path.name))[:-keep]:
        shutil.rmtree(folder)


def load_trainables(folder: Path, trainables: Mapping[str, nn.Parameter]) -> Progress:
    """Put a checkpoint's weights into the parameters; InputError where it is damaged or of another model."""
    try:
        progress = Progress(**json.loads((folder / "progress.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise _damaged(folder, error) from error
    if progress.schema != SCHEMA:
        fix = f"use one of schema {SCHEMA}"
        raise InputError(f"checkpoint schema {progress.schema}", where=str(folder), fix=fix)
    weights = _tensors(folder / "trainables.safetensors")
    if {name: weight.shape for name, weight in weights.items()} != {
        name: weight.shape for name, weight in trainables.items()
    }:
        raise InputError(
            "weights of another model", where=str(folder), fix="use the base model that it was trained on"
        )
    with torch.no_grad():
        for name, weight in trainables.items():
            weight.copy_(weights[name])
    return progress


def load_moments(
    folder: Path, trainables: Mapping[str, nn.Parameter], optimizer: torch.optim.Optimizer
) -> None:
    """Put a checkpoint's moments into an optimizer whose parameters are the trainables in their order."""
    moments = _tensors(folder / "optimizer.safetensors")
    state: dict[int, dict[str, Tensor]] = {index: {} for index in range(len(trainables))}
    places = {name: index for index, name in enumerate(trainables)}
    for key, tensor in moments.items():
        name, _, moment = key.rpartition("/")
        state[places[name]][moment] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


def _moments(trainables: Mapping[str, nn.Parameter], optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    return {
        f"{name}/{moment}": tensor.detach().cpu().contiguous()
        for name, weight in trainables.items()
        for moment, tensor in optimizer.state[weight].items()
    }


def _tensors(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> InputError:
    fix = "delete that checkpoint folder; the run goes on from the one before"
    return InputError(f"damaged checkpoint ({error})", where=str(path), fix=fix)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
