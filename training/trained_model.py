"""Trained models, wherever they are: in the folder of a run, or in a model folder."""

from dataclasses import dataclass
from pathlib import Path

import torch

from multitake.errors import InputError

from .checkpoint import checkpoints, load_trained
from .config import Config, load_config
from .encoders import WanEncoders
from .models.base_folder import base_folder, base_sha256, require_parts
from .models.load import load_models, load_transformer
from .models.recammaster import CamWanTransformer3DModel
from .run_folder import RunFolder


@dataclass(frozen=True, kw_only=True)
class TrainedModel:
    """A model that was trained, not loaded yet.

    Attributes:
        config: the config of its training.
        base: the folder with its encoders, and with its base model unless it is complete there.
        checkpoint: the weights that were trained; None if the transformer in ``base`` has them.
    """

    config: Config
    base: Path
    checkpoint: Path | None

    def load(self, device: torch.device) -> tuple[WanEncoders, CamWanTransformer3DModel]:
        """Load encoders and transformer; InputError if a file is damaged."""
        encoders, model = load_models(self.base, self.config, device)
        return encoders, self._completed(model)

    def transformer(self) -> CamWanTransformer3DModel:
        """Load the transformer alone, on the CPU, in float32; InputError if a file is damaged."""
        return self._completed(load_transformer(self.base, self.config))

    def _completed(self, model: CamWanTransformer3DModel) -> CamWanTransformer3DModel:
        if self.checkpoint is not None:
            load_trained(self.checkpoint, model.trainable_parameters())
        return model


def is_model_folder(folder: Path) -> bool:
    """Whether a folder contains a complete model."""
    return (folder / "transformer").is_dir() and (folder / "config.toml").is_file()


def open_trained(source: Path) -> TrainedModel:
    """A model folder, or a run with its newest checkpoint.

    InputError if it is neither, if the run has no checkpoint, or if its base model has changed.
    """
    if is_model_folder(source):
        require_parts(source)
        return TrainedModel(config=load_config(source / "config.toml"), base=source, checkpoint=None)
    run = RunFolder.open(source)
    saved = checkpoints(source)
    if not saved:
        raise InputError("no checkpoint yet", where=str(source), fix="run `multitake train` first")
    base = base_folder(run.config, source)
    run.require_base(base_sha256(base, run.config))
    return TrainedModel(config=run.config, base=base, checkpoint=saved[-1])
