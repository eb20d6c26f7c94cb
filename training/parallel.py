"""Several processes that train one model together; a process by itself is a world of one."""

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh
from torch.distributed.fsdp import FSDPModule, fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor

from multitake.errors import InputError, RunError


@dataclass(frozen=True, kw_only=True)
class World:
    """The processes of a run, of which this one is number ``rank``; all of them make the same calls.

    Attributes:
        mesh: the devices; None for a process by itself.
    """

    rank: int = 0
    size: int = 1
    mesh: DeviceMesh | None = None

    @property
    def is_first(self) -> bool:
        """Whether this process writes files."""
        return self.rank == 0

    def first(self, call: Callable[[], object]) -> None:
        """Make a call in the first process, while the others wait. Its InputError ends all of them."""
        error: list[InputError | None] = [None]
        if self.is_first:
            try:
                call()
            except InputError as found:
                error = [found]
        if self.size > 1:
            dist.broadcast_object_list(error)
        if error[0] is not None:
            raise error[0]

    def sum(self, value: float) -> float:
        """The sum of the values of all processes."""
        return sum(self._gathered(value))

    def joined(self, values: Sequence[float]) -> list[float]:
        """The values of all processes."""
        return [value for part in self._gathered(values) for value in part]

    def any(self, flag: bool) -> bool:
        """Whether it is so in any process."""
        return any(self._gathered(flag))

    def _gathered(self, value: object) -> list:
        if self.size == 1:
            return [value]
        found: list = [None] * self.size
        dist.all_gather_object(found, value)
        return found

    def shard(self, model: nn.Module, blocks: Iterable[nn.Module]) -> None:
        """Divide the weights of a model, and the state of its optimizer, between the processes (FSDP2)."""
        if self.mesh is None:
            return
        # The velocity is a part of what the model computes; nothing changes it in place.
        warnings.filterwarnings("ignore", message="FSDP2-wrapped module")
        for module in (*blocks, model):
            fully_shard(module, mesh=self.mesh)
            assert isinstance(module, FSDPModule)
            # Losses are divided by the number of all samples already.
            module.set_gradient_divide_factor(1.0)
            module.set_force_sum_reduction_for_comms(True)

    def add_gradients(self, weights: Iterable[nn.Parameter]) -> None:
        """Make each gradient the sum of those of all processes; those of divided weights are that already."""
        for weight in weights if self.size > 1 else ():
            if weight.grad is not None and not isinstance(weight.grad, DTensor):
                dist.all_reduce(weight.grad)


ALONE = World()


def is_first_process() -> bool:
    """Whether this process is the first one that torchrun started, or the only one."""
    return int(os.environ.get("RANK", "0")) == 0


@contextmanager
def joined_world(device: torch.device) -> Iterator[World]:
    """The processes that torchrun or Ray Train started with this one.

    RunError if one of the others ends.
    """
    is_joined = dist.is_initialized()
    if not is_joined and int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield ALONE
        return
    if device.type == "cuda":
        torch.cuda.set_device(device)
    if not is_joined:
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        size = dist.get_world_size()
        mesh = init_device_mesh(device.type, (size,)) if size > 1 else None
        yield World(rank=dist.get_rank(), size=size, mesh=mesh)
    except RuntimeError as error:
        if not isinstance(error, dist.DistError) and "gloo" not in str(error):
            raise
        what = "another process of the run has ended"
        raise RunError(
            what, where="torch.distributed", fix="see its message; run the same command again"
        ) from error
    finally:
        if not is_joined:
            dist.destroy_process_group()


def whole(tensor: Tensor) -> Tensor:
    """A tensor that may be divided between processes, entirely; all of them call this."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def divided_like(tensor: Tensor, other: Tensor) -> Tensor:
    """A tensor, divided between processes as another one is."""
    if not isinstance(other, DTensor):
        return tensor
    return distribute_tensor(tensor.to(other.device), other.device_mesh, other.placements)
