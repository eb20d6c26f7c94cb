"""AdamW, its learning rate, and the running average of the weights."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from .config import Optimizer


def adamw(trainables: Mapping[str, nn.Parameter], chosen: Optimizer) -> torch.optim.AdamW:
    """Return the optimizer of some weights; fused on a GPU."""
    weights = list(trainables.values())
    is_fused = all(weight.is_cuda for weight in weights)
    optimizer = torch.optim.AdamW(
        weights, lr=chosen.lr, betas=chosen.betas, weight_decay=chosen.weight_decay, fused=is_fused
    )
    for weight in weights:
        # As AdamW begins; a checkpoint may come before its first step.
        zeros = torch.zeros_like(weight, memory_format=torch.preserve_format)
        step = torch.zeros((), device=weight.device if is_fused else "cpu")
        optimizer.state[weight] = {"step": step, "exp_avg": zeros, "exp_avg_sq": zeros.clone()}
    return optimizer


def learning_rate(step: int, chosen: Optimizer) -> float:
    """Return the learning rate of a step, 1 being the first: it rises linearly, and falls as scheduled."""
    warm = min(step / (chosen.warmup_steps + 1), 1.0)
    if chosen.schedule == "constant":
        return chosen.lr * warm
    length = max(chosen.schedule_steps - chosen.warmup_steps, 1)
    done = min(max((step - 1 - chosen.warmup_steps) / length, 0.0), 1.0)
    left = 1 - done if chosen.schedule == "linear" else (1 + math.cos(math.pi * done)) / 2
    return chosen.lr * warm * left


def set_learning_rate(optimizer: torch.optim.Optimizer, lr: float) -> None:
    """Use a learning rate from now on."""
    for group in optimizer.param_groups:
        group["lr"] = lr


class Average:
    """The exponential moving average of weights, float32 on their device.

    After step n the decay is at most (1 + n) / (10 + n), so that the first weights are soon forgotten.
    """

    def __init__(self, trainables: Mapping[str, nn.Parameter], decay: float) -> None:
        self._decay = decay
        self.weights: dict[str, Tensor] = {
            name: weight.detach().float().clone() for name, weight in trainables.items()
        }

    @torch.no_grad()
    def update(self, trainables: Mapping[str, nn.Parameter], step: int) -> None:
        """Move towards the weights after a step."""
        decay = min(self._decay, (1 + step) / (10 + step))
        for name, weight in trainables.items():
            self.weights[name].lerp_(weight.float(), 1 - decay)

    @contextmanager
    def applied(self, trainables: Mapping[str, nn.Parameter]) -> Iterator[None]:
        """A block in which the model has the average."""
        own = {name: weight.detach().clone() for name, weight in trainables.items()}
        _copy(self.weights, trainables)
        try:
            yield
        finally:
            _copy(own, trainables)


@torch.no_grad()
def _copy(values: Mapping[str, Tensor], trainables: Mapping[str, nn.Parameter]) -> None:
    for name, weight in trainables.items():
        weight.copy_(values[name])
