"""Models from one form to another: training runs, model folders, and checkpoints of the released code.

A model folder has all that re-shooting needs, and can be the base model of a run::

    MODEL/config.toml      the config that it was trained with
    MODEL/transformer/     the trained transformer, in diffusers layout
    MODEL/vae/  MODEL/text_encoder/  MODEL/tokenizer/
"""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import torch
from accelerate import init_empty_weights
from safetensors.torch import load_file

from multitake.atomic import replacing
from multitake.errors import InputError
from multitake.input_files import parsing

from .checkpoint import saving
from .config import Config, config_toml, preset
from .encoders import quiet_libraries
from .models.base_folder import OTHER_PARTS, require_parts, transformer_config
from .models.recammaster import CamWanTransformer3DModel
from .models.released import released_weights, require_same, to_released
from .trained_model import TrainedModel, is_model_folder, open_trained

_CHECKPOINTS = (".ckpt", ".pt", ".pth", ".safetensors")


def convert_model(source: Path, *, out: Path, base: Path | None = None) -> Path:
    """Write a model in another form, and return ``out``.

    Args:
        source: a training run, whose newest checkpoint is used; a model folder; or a checkpoint of the
            released code (``step20000.ckpt``, read without unpickling objects).
        out: a model folder that does not exist; or a file ``*.ckpt`` for the released code.
        base: the folder of the base model, for a checkpoint.

    Names, shapes and values do not change; there and back is the identity. InputError for names or shapes
    that are missing or unknown, for weights that are not finite, for models that the released code does not
    have, and if ``out`` exists. RunError if the disk is full.
    """
    if out.exists() or out.is_symlink():
        raise InputError("exists", where=str(out), fix="give another --out")
    is_checkpoint = source.suffix in _CHECKPOINTS and not source.is_dir()
    if is_checkpoint and base is None:
        raise InputError("missing", where="base", fix="give the folder of the base model with --base")
    if out.suffix == ".ckpt":
        _write_released(source, out)
    elif is_checkpoint and base is not None:
        _write_folder_of_released(source, base, out)
    else:
        _write_folder(open_trained(source), out)
    return out


def _write_folder(trained: TrainedModel, out: Path) -> None:
    """Write the folder of a model that is loaded."""
    with saving(out), replacing(out) as folder, quiet_libraries():
        folder.mkdir()
        trained.transformer().save_pretrained(folder / "transformer")
        _add_other_parts(folder, trained.base, trained.config)


def _write_folder_of_released(source: Path, base: Path, out: Path) -> None:
    require_parts(base)
    config = preset("release")
    weights = released_weights(source)
    with init_empty_weights(include_buffers=False):
        model = CamWanTransformer3DModel.from_config({**transformer_config(base), **config.model.options})
    require_same(weights, model.state_dict(), where=str(source))
    model.load_state_dict(weights, assign=True)
    with saving(out), replacing(out) as folder, quiet_libraries():
        folder.mkdir()
        model.save_pretrained(folder / "transformer")
        _add_other_parts(folder, base, config)


def _write_released(source: Path, out: Path) -> None:
    if not is_model_folder(source):
        fix = "give a model folder; convert a run to one first"
        raise InputError("is not a model folder", where=str(source), fix=fix)
    model = transformer_config(source)
    for key, value in preset("release").model.options.items():
        if model.get(key) != value:
            what = f"the released code has {key} {value!r}, this model {model.get(key)!r}"
            raise InputError(what, where=str(source), fix="train with that of the released code")
    paths = sorted((source / "transformer").glob("*.safetensors"))
    with parsing("damaged model", where=str(source), fix="make it again"):
        stored = {name: weight for path in paths for name, weight in load_file(path).items()}
    weights = {to_released(name): weight for name, weight in stored.items()}
    with saving(out), replacing(out) as path:
        torch.save(weights, path)


def _add_other_parts(folder: Path, base: Path, config: Config) -> None:
    """Add all but the transformer; files on the same disk are linked, as they never change."""
    for part in OTHER_PARTS:
        shutil.copytree(base / part, folder / part, copy_function=_link_or_copy)
    own = replace(config, model=replace(config.model, base=".", transformer=""))
    (folder / "config.toml").write_text(config_toml(own), encoding="utf-8")


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(os.path.realpath(source), target)
    except OSError:
        shutil.copyfile(source, target)
