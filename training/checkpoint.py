"""Checkpoints: trainable weights and optimizer moments as safetensors.

Samples and their noise depend on (seed, sample index) only, so ``step`` is all the remaining state.
"""

import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from multitake.atomic import replacing, writing_to
from multitake.errors import InputError
from multitake.input_files import read_utf8, require_file

from .parallel import divided_like, whole

_SCHEMA = 2
_DELETE = "delete that checkpoint folder to resume from the one before"
_TENSOR_FILES = ("trainables.safetensors", "optimizer.safetensors")
_AVERAGE_FILE = "average.safetensors"
_SYSTEM_ERROR = re.compile(r"os error (\d+)")
# The state of AdamW for one weight.
_MOMENTS = ("step", "exp_avg", "exp_avg_sq")


def checkpoints(run: Path) -> list[Path]:
    """Return the complete checkpoints of a run, e.g. ``RUN/checkpoints/000030`` for step 30, by step."""
    folders = [path for path in run.glob("checkpoints/*") if path.name.isdecimal()]
    return sorted(folders, key=lambda path: int(path.name))


def save_checkpoint(
    run: Path,
    step: int,
    trainables: Mapping[str, nn.Parameter],
    optimizer: torch.optim.Optimizer,
    average: Mapping[str, Tensor] | None = None,
    *,
    is_writer: bool = True,
) -> None:
    """Write weights, moments, and the average of the weights if there is one, as safetensors.

    Their sha256 are in ``progress.json``. All processes of a run call this; one of them writes. The files do
    not depend on how weights are divided between processes. Errors as for ``saving``.
    """
    weights = _whole(trainables)
    moments = _whole(
        {
            f"{name}/{moment}": tensor
            for name, weight in trainables.items()
            for moment, tensor in optimizer.state[weight].items()
        }
    )
    averages = None if average is None else _whole(average)
    if not is_writer:
        return
    folder = run / "checkpoints" / f"{step:06d}"
    with saving(folder), replacing(folder) as partial:
        partial.mkdir()
        save_file(weights, partial / "trainables.safetensors")
        save_file(moments, partial / "optimizer.safetensors")
        names = list(_TENSOR_FILES)
        if averages is not None:
            names.append(_AVERAGE_FILE)
            save_file(averages, partial / _AVERAGE_FILE)
        digests = {name: _sha256(partial / name) for name in names}
        progress = json.dumps({"schema": _SCHEMA, "step": step, "sha256": digests})
        (partial / "progress.json").write_text(progress, encoding="utf-8")


def _whole(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors in the memory of this process."""
    return {name: whole(tensor.detach()).cpu().contiguous() for name, tensor in tensors.items()}


@contextmanager
def saving(folder: Path) -> Iterator[None]:
    """A block that writes tensors below a folder; RunError if the disk is full, else InputError."""
    with writing_to(folder):
        try:
            yield
        except SafetensorError as error:
            found = _SYSTEM_ERROR.search(str(error))
            number = int(found[1]) if found else errno.EIO
            raise OSError(number, os.strerror(number)) from error


def prune_checkpoints(run: Path, keep: int) -> None:
    """Delete all but the ``keep`` newest checkpoints."""
    for folder in checkpoints(run)[:-keep]:
        shutil.rmtree(folder)


def load_checkpoint(
    folder: Path,
    trainables: Mapping[str, nn.Parameter],
    optimizer: torch.optim.Optimizer | None = None,
    average: Mapping[str, Tensor] | None = None,
) -> int:
    """Load weights into the parameters, and moments and average in their places if given. Returns the step.

    InputError if the checkpoint is damaged, belongs to another model, or has no average that is asked for.
    """
    step, names = _checked_progress(folder)
    _load_weights(folder / _TENSOR_FILES[0], trainables)
    if average is not None:
        if _AVERAGE_FILE not in names:
            raise _damaged(folder / "progress.json", "it has no average of the weights")
        _load_weights(folder / _AVERAGE_FILE, average)
    if optimizer is not None:
        _load_moments(folder / "optimizer.safetensors", trainables, optimizer)
    return step


def load_trained(folder: Path, trainables: Mapping[str, nn.Parameter]) -> None:
    """Load what a run made of the weights: their average if it has one. InputError as above."""
    _, names = _checked_progress(folder)
    _load_weights(folder / (_AVERAGE_FILE if _AVERAGE_FILE in names else _TENSOR_FILES[0]), trainables)


@torch.no_grad()
def _load_weights(path: Path, places: Mapping[str, Tensor]) -> None:
    """Copy the tensors of a file to those of the same names."""
    weights = _tensors(path)
    shapes = {name: weight.shape for name, weight in places.items()}
    if {name: weight.shape for name, weight in weights.items()} != shapes:
        fix = "use the base model of this checkpoint"
        raise InputError("weights of another model", where=str(path.parent), fix=fix)
    for name, weight in places.items():
        weight.copy_(divided_like(weights[name], weight))


def _checked_progress(folder: Path) -> tuple[int, frozenset[str]]:
    """The step of a checkpoint, and its files; InputError if one of them is not as it was written."""
    path = folder / "progress.json"
    try:
        progress = json.loads(read_utf8(path, fix=_DELETE))
        schema = progress["schema"]
        if schema != _SCHEMA:
            fix = f"use one of schema {_SCHEMA}"
            raise InputError(f"unsupported checkpoint schema {schema}", where=str(folder), fix=fix)
        names = [*_TENSOR_FILES, *({_AVERAGE_FILE} & progress["sha256"].keys())]
        step, digests = progress["step"], {name: progress["sha256"][name] for name in names}
        if step != int(folder.name):
            raise _damaged(path, f"it is of step {step!r}")
    except InputError:
        raise
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _damaged(path, error) from error
    for name, digest in digests.items():
        _check_sha256(folder / name, digest)
    return int(folder.name), frozenset(digests)


def _check_sha256(path: Path, digest: object) -> None:
    require_file(path, fix=_DELETE)
    try:
        found = _sha256(path)
    except OSError as error:
        raise _damaged(path, error.strerror) from error
    if found != digest:
        raise _damaged(path, "its sha256 is not that of progress.json")


def _load_moments(
    path: Path, trainables: Mapping[str, nn.Parameter], optimizer: torch.optim.Optimizer
) -> None:
    moments = _tensors(path)
    expected = {f"{name}/{moment}" for name in trainables for moment in _MOMENTS}
    if moments.keys() != expected:
        raise _damaged(path, f"missing or unknown {min(moments.keys() ^ expected)}")
    # AdamW numbers its parameters in the order in which they were given to it.
    state: dict[int, dict[str, Tensor]] = {}
    for place, (name, weight) in enumerate(trainables.items()):
        found = {moment: moments[f"{name}/{moment}"] for moment in _MOMENTS}
        if [tensor.shape for tensor in found.values()] != [torch.Size(), weight.shape, weight.shape]:
            raise _damaged(path, f"{name} has another shape")
        state[place] = {
            moment: divided_like(tensor, weight) if tensor.ndim else tensor
            for moment, tensor in found.items()
        }
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


def _tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a file; InputError unless all are finite numbers of a floating-point type."""
    try:
        tensors = load_file(path)
    except (OSError, SafetensorError) as error:
        raise _damaged(path, error) from error
    for name, tensor in tensors.items():
        if not tensor.is_floating_point() or not tensor.isfinite().all():
            raise _damaged(path, f"{name} is not finite floating-point numbers")
    return tensors


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _damaged(path: Path, why: object) -> InputError:
    return InputError(f"damaged checkpoint ({why})", where=str(path), fix=_DELETE)
