"""What steps change: the weights, the moments of the optimizer, and the average of the weights."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch
from accelerate import init_empty_weights
from torch import nn

from multitake.atomic import replacing

from .checkpoint import checkpoints, load_checkpoint, prune_checkpoints, save_checkpoint, saving
from .computing import prepare_blocks
from .config import Config
from .encoders import quiet_libraries
from .models.recammaster import CamWanTransformer3DModel
from .optimization import Average, adamw
from .parallel import World, whole
from .run_folder import RunFolder


@dataclass(frozen=True, kw_only=True)
class TrainingState:
    """All that a step changes, divided between processes if the config says so.

    Attributes:
        average: None if the config asks for none.
    """

    model: CamWanTransformer3DModel
    trainables: dict[str, nn.Parameter]
    optimizer: torch.optim.AdamW
    average: Average | None
    world: World

    @classmethod
    def of(cls, model: CamWanTransformer3DModel, config: Config, world: World) -> "TrainingState":
        """The state before the first step."""
        prepare_blocks(model, config)
        if config.parallel == "sharded":
            world.shard(model, model.blocks)
        trainables, decay = model.trainable_parameters(), config.optimizer.average_decay
        return cls(
            model=model,
            world=world,
            trainables=trainables,
            optimizer=adamw(trainables, config.optimizer),
            average=Average(trainables, decay) if decay else None,
        )

    def averaged(self) -> AbstractContextManager[None]:
        """A block in which the model has the average of its weights, if there is one."""
        return self.average.applied(self.trainables) if self.average else nullcontext()

    def resume(self, run: RunFolder) -> int:
        """Load the newest checkpoint and drop the metrics after it. Returns its step; 0 if there is none."""
        saved, average = checkpoints(run.path), self.average.weights if self.average else None
        step = load_checkpoint(saved[-1], self.trainables, self.optimizer, average) if saved else 0
        self.world.first(lambda: run.drop_metrics_after(step))
        return step

    def save(self, run: RunFolder, step: int) -> None:
        """Write a checkpoint, and delete those that the config does not keep."""
        average = self.average.weights if self.average else None
        is_writer = run.is_writer
        save_checkpoint(run.path, step, self.trainables, self.optimizer, average, is_writer=is_writer)
        if is_writer:
            prune_checkpoints(run.path, run.config.keep_checkpoints)

    def export(self, folder: Path) -> None:
        """Write the transformer, with the average of its weights if there is one, in diffusers layout."""
        with self.averaged():
            weights = {name: whole(weight).cpu() for name, weight in self.model.state_dict().items()}
            if not self.world.is_first:
                return
            with init_empty_weights(include_buffers=False):
                model = CamWanTransformer3DModel.from_config(self.model.config)
            model.load_state_dict(weights, assign=True)
            with saving(folder), replacing(folder) as partial, quiet_libraries():
                model.save_pretrained(partial / "transformer")
