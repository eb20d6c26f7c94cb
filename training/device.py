"""Where a run computes, and in which precision."""

import torch

from multitake.errors import InputError

from .config import Config


def device_of(config: Config) -> torch.device:
    """Return the device that a config names; see ``named_device``."""
    return named_device(config.device)


def named_device(name: str) -> torch.device:
    """Return a device by name; ``auto`` is the first GPU, or the CPU if there is none.

    InputError if torch cannot use it.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        return torch.empty(0, device=name).device
    except (RuntimeError, AssertionError) as error:
        raise InputError(f"{name!r} is not available", where="device", fix='use "auto"') from error


def compute_dtype(config: Config) -> torch.dtype:
    """Return the type of frozen weights and of the arithmetic."""
    return torch.bfloat16 if config.precision == "bf16" else torch.float32


def autocast(config: Config, device: torch.device) -> torch.autocast:
    """Return the context in which forward passes run."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=config.precision == "bf16")
