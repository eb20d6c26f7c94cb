"""How the blocks of a model are computed: kernels of attention, compilation, what is kept for gradients."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.checkpoint import CheckpointPolicy, checkpoint, create_selective_checkpoint_contexts

from multitake.errors import InputError

from .config import Config
from .models.recammaster import CamWanTransformer3DModel

_KERNELS = {
    "cudnn": SDPBackend.CUDNN_ATTENTION,
    "flash": SDPBackend.FLASH_ATTENTION,
    "efficient": SDPBackend.EFFICIENT_ATTENTION,
    "math": SDPBackend.MATH,
}
# The fastest first. All scores of attention are in memory at once with "math" only.
_FAST = [_KERNELS[name] for name in ("cudnn", "flash", "efficient")]
_MOST_TOKENS_OF_MATH = 8192
# What torch says on a GPU, and on a CPU.
_NO_KERNEL = ("No available kernel", "No viable backend")
_ATTENTION = tuple(
    getattr(torch.ops.aten, f"_scaled_dot_product_{name}").default
    for name in (
        "flash_attention",
        "flash_attention_for_cpu",
        "efficient_attention",
        "cudnn_attention",
        "fused_attention_overrideable",
    )
)


def prepare_blocks(model: CamWanTransformer3DModel, config: Config) -> None:
    """Compile the blocks, and recompute them in the backward pass, if the config says so."""
    if config.gradient_checkpointing:
        policy = _attention_kept if config.gradient_checkpointing == "keep_attention" else None
        model.enable_gradient_checkpointing(partial(_recomputed, policy))
    if config.compile:
        # Does nothing unless blocks are compiled.
        torch._functorch.config.activation_memory_budget = config.memory_budget
        model.compile_repeated_blocks(fullgraph=True, backend=config.compile)


def _recomputed(policy: Any, block: nn.Module, *inputs: Any) -> Any:
    if policy is None:
        return checkpoint(block, *inputs, use_reentrant=False)
    contexts = partial(create_selective_checkpoint_contexts, policy)
    return checkpoint(block, *inputs, use_reentrant=False, context_fn=contexts)


def _attention_kept(_: Any, operation: Any, *__: Any, **___: Any) -> CheckpointPolicy:
    return CheckpointPolicy.MUST_SAVE if operation in _ATTENTION else CheckpointPolicy.PREFER_RECOMPUTE


@contextmanager
def arithmetic(config: Config, device: torch.device) -> Iterator[None]:
    """A block in which a transformer is computed, in the precision and by the kernels of the config.

    Errors as for ``attention_kernels``.
    """
    is_mixed = config.precision == "bf16"
    with attention_kernels(config, device), torch.autocast(device.type, torch.bfloat16, enabled=is_mixed):
        yield


@contextmanager
def attention_kernels(config: Config, device: torch.device) -> Iterator[None]:
    """A block in which attention is computed as the config says, forward or backward.

    InputError for "math" with many tokens, whose scores need a lot of memory, and for kernels that the device
    or the precision does not have.
    """
    chosen, tokens = config.attention, _tokens(config)
    if chosen == "auto" and device.type != "cuda":
        yield
        return
    if chosen == "math" and tokens > _MOST_TOKENS_OF_MATH:
        what = f'"math" computes the scores of {tokens} tokens at once; the most is {_MOST_TOKENS_OF_MATH}'
        raise InputError(what, where="attention", fix='use "auto"')
    try:
        with sdpa_kernel(_FAST if chosen == "auto" else _KERNELS[chosen], set_priority=chosen == "auto"):
            yield
    except RuntimeError as error:
        if not any(message in str(error) for message in _NO_KERNEL):
            raise
        what = f"{chosen!r} is not available on {device} with precision {config.precision!r}"
        raise InputError(what, where="attention", fix='use another one, or "auto"') from error


def _tokens(config: Config) -> int:
    """The tokens that attend to each other."""
    window, halves = config.window, 2 if config.model.conditioning == "frame" else 1
    return ((window.frames - 1) // 4 + 1) * (window.height_px // 16) * (window.width_px // 16) * halves
