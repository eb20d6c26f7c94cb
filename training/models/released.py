"""Weights of the released code of Wan and ReCamMaster: their names in diffusers, and reading their files."""

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from multitake.errors import InputError
from multitake.input_files import parsing, require_file

# Other programs save the model within theirs.
_PREFIX = "model.diffusion_model."
_GIVE = "give weights of Wan2.1 T2V, or of ReCamMaster on it"

_PAIRS = (
    ("patch_embedding", "patch_embedding"),
    ("text_embedding.0", "condition_embedder.text_embedder.linear_1"),
    ("text_embedding.2", "condition_embedder.text_embedder.linear_2"),
    ("time_embedding.0", "condition_embedder.time_embedder.linear_1"),
    ("time_embedding.2", "condition_embedder.time_embedder.linear_2"),
    ("time_projection.1", "condition_embedder.time_proj"),
    ("head.head", "proj_out"),
    ("head.modulation", "scale_shift_table"),
)
_ATTENTION = (
    *((part, f"to_{part}") for part in "qkv"),
    ("o", "to_out.0"),
    ("norm_q", "norm_q"),
    ("norm_k", "norm_k"),
)
_PAIRS_OF_BLOCKS = (
    *((f"self_attn.{one}", f"attn1.{other}") for one, other in _ATTENTION),
    *((f"cross_attn.{one}", f"attn2.{other}") for one, other in _ATTENTION),
    ("ffn.0", "ffn.net.0.proj"),
    ("ffn.2", "ffn.net.2"),
    ("norm3", "norm2"),
    ("modulation", "scale_shift_table"),
    ("cam_encoder", "cam_encoder"),
    ("projector", "projector"),
)
_NAME = re.compile(r"(blocks\.\d+\.)?(.+?)(\.weight|\.bias|)")


def to_diffusers(name: str) -> str:
    """The name in diffusers of a weight of the released code; InputError for any other name."""
    return _renamed(name, dict(_PAIRS), dict(_PAIRS_OF_BLOCKS))


def to_released(name: str) -> str:
    """The name in the released code of a weight in diffusers; InputError for any other name."""
    tables = ({other: one for one, other in pairs} for pairs in (_PAIRS, _PAIRS_OF_BLOCKS))
    return _renamed(name, *tables)


def released_weights(path: Path) -> dict[str, Tensor]:
    """The weights of a checkpoint, by their names in diffusers; they are read when they are used."""
    require_file(path, fix=_GIVE)
    with parsing("cannot be read", where=str(path), fix=_GIVE):
        if path.suffix == ".safetensors":
            found = load_file(path)
        else:
            found = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    if not isinstance(found, dict) or not all(isinstance(value, Tensor) for value in found.values()):
        raise InputError("not a table of weights", where=str(path), fix=_GIVE)
    try:
        return {to_diffusers(str(name).removeprefix(_PREFIX)): weight for name, weight in found.items()}
    except InputError as error:
        raise InputError(error.what, where=str(path), fix=error.fix) from error


def require_same(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor], *, where: str) -> None:
    """InputError unless all weights of a model are there, in their shapes, and finite."""
    for name in sorted(found.keys() ^ wanted.keys()):
        what = "has no weight" if name in wanted else "has the unknown weight"
        raise InputError(f"{what} {name}", where=where, fix="give a checkpoint of this base model")
    for name, weight in found.items():
        if weight.shape != wanted[name].shape:
            what = f"{name} is {tuple(weight.shape)}, that of the base model {tuple(wanted[name].shape)}"
            raise InputError(what, where=where, fix="give a checkpoint of this base model")
        if not weight.is_floating_point() or not weight.isfinite().all():
            raise InputError(f"{name} is not finite floating-point numbers", where=where, fix=_GIVE)


def _renamed(name: str, names: dict[str, str], names_of_blocks: dict[str, str]) -> str:
    found = _NAME.fullmatch(name)
    block, module, ending = found.groups(default="") if found else ("", "", "")
    known = (names_of_blocks if block else names).get(module)
    if known is None:
        raise InputError(f"unknown weight {name}", where="checkpoint", fix=_GIVE)
    return f"{block}{known}{ending}"
