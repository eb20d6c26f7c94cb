"""Where a run computes, and in which precision."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from multitake.errors import InputError, RunError

from .config import Config


def device_of(config: Config) -> torch.device:
    """Return the device that a config names; see ``named_device``."""
    return named_device(config.device)


def named_device(name: str) -> torch.device:
    """Return a device by name; ``auto`` is a GPU, or the CPU if there is none.

    It is the first one, or that of this process if torchrun or Ray Train started several.

    InputError if torch cannot use it.
    """
    if name == "auto":
        number = os.environ.get("LOCAL_RANK", "0")
        name = f"cuda:{number}" if torch.cuda.is_available() else "cpu"
    try:
        return torch.empty(0, device=name).device
    except (RuntimeError, AssertionError) as error:
        raise InputError(f"{name!r} is not available", where="device", fix='use "auto"') from error


@contextmanager
def memory_of(device: torch.device, *, fix: str) -> Iterator[None]:
    """A block that computes on a device; RunError with this fix if its memory is not enough."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise RunError("its memory is not enough", where=f"device {device}", fix=fix) from error


def compute_dtype(config: Config) -> torch.dtype:
    """Return the type of frozen weights and of the arithmetic."""
    return torch.bfloat16 if config.precision == "bf16" else torch.float32
