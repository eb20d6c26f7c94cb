"""The work order: ``batch.toml`` read into frozen values. Defaults stand here and nowhere else."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import tomli_w

from multitake.errors import InputError
from multitake.settings import STRICT, read_toml, validated
from trajectories.sampling import Rules, rules_from, rules_table

EMBEDDED_LOOKS = ("lit", "fast")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True, kw_only=True)
class SceneChoice:
    """What to film: names from the catalog; an empty list means all that the catalog has.

    ``catalog`` is ``embedded`` or the path of a catalog file, relative to the batch file.
    """

    __pydantic_config__ = STRICT
    catalog: str = "embedded"
    environments: tuple[str, ...] = ()
    characters: tuple[str, ...] = ()
    animations: tuple[str, ...] = ()
    lights: tuple[str, ...] = ()
    characters_per_take: tuple[int, int] = (1, 1)


@dataclass(frozen=True, kw_only=True)
class EngineChoice:
    """Which engine films, and how it is started.

    ``embedded`` starts the engine that comes with multitake, with one of its looks. ``unreal`` starts
    ``command`` once per worker, with ``{unrealcv_port}`` and ``{remote_control_port}`` filled in (worker n
    adds n to both ports); an empty command attaches one worker to an engine that already runs.
    """

    __pydantic_config__ = STRICT
    kind: Literal["embedded", "unreal"] = "embedded"
    look: str = "lit"
    command: tuple[str, ...] = ()
    unrealcv_port: int = 9000
    remote_control_port: int = 30010
    start_timeout_s: float = 60.0
    reply_timeout_s: float = 30.0
    settle_requests: int = 1


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Which takes to make. ``passes`` may order ``depth`` and ``mask`` beside the picture."""

    __pydantic_config__ = STRICT
    seed: int
    takes: int
    takes_per_shard: int = 50
    fps: float = 15.0
    frames: int = 81
    width_px: int = 1280
    height_px: int = 1280
    passes: tuple[Literal["depth", "mask"], ...] = ()
    validation_share: float = 0.0
    scene: SceneChoice = field(default_factory=SceneChoice)
    engine: EngineChoice = field(default_factory=EngineChoice)
    rules: Rules = field(default_factory=Rules, metadata={"key": "rig"})


def load_batch(path: Path, *, look: str | None = None) -> Batch:
    """Read and check a batch file; InputError names the file and the key at fault.

    The table ``[rig]`` holds ``preset``, optionally ``cameras``, and any field of ``Rules`` to change.
    ``look`` takes the place of the file's engine look.
    """
    order = read_toml(path)
    rig = order.pop("rig", {})
    if "rules" in order or not isinstance(rig, dict):
        raise InputError("rules are given as a table", where=f"{path}: rig", fix="write [rig]")
    batch = validated(Batch, order, where=str(path))
    engine = replace(batch.engine, look=look or batch.engine.look)
    batch = replace(batch, engine=engine, rules=rules_from(rig, f"{path}: rig"))
    _check(batch, str(path))
    return batch


def resolved_toml(batch: Batch, *, catalog: str | None = None) -> str:
    """The whole order with every default spelled out; loading it again gives an equal batch.

    ``catalog`` is where the catalog lies from now on, if not where it was.
    """
    order = _without_none(asdict(batch))
    order["scene"]["catalog"] = catalog or batch.scene.catalog
    del order["rules"]
    return tomli_w.dumps({**order, "rig": rules_table(batch.rules)})


def order_sha256(batch: Batch) -> str:
    """Hash of all that decides a batch's bytes: not how its engine is started, nor where its catalog lies."""
    engine = EngineChoice(kind=batch.engine.kind, look=batch.engine.look)
    return sha256_of(replace(batch, engine=engine, scene=replace(batch.scene, catalog="")))


def sha256_of(value: Any) -> str:
    """Hash of a dataclass's values, the same on every machine."""
    return hashlib.sha256(json.dumps(asdict(value), sort_keys=True).encode()).hexdigest()


def check_name(name: str, where: str) -> None:
    """Names go into file names: InputError unless lower-case letters, digits and dashes."""
    if not _NAME.fullmatch(name):
        raise InputError(f"bad name {name!r}", where=where, fix="use lower-case letters, digits and dashes")


def _check(batch: Batch, where: str) -> None:
    bounds: tuple[tuple[str, float, float, float], ...] = (
        ("seed", batch.seed, 0, 2**63),
        ("takes", batch.takes, 1, 10**6),
        ("takes_per_shard", batch.takes_per_shard, 1, 10**4),
        ("fps", batch.fps, 0.1, 1000),
        ("frames", batch.frames, 1, 100_000),
        ("width_px", batch.width_px, 16, 8192),
        ("height_px", batch.height_px, 16, 8192),
        ("validation_share", batch.validation_share, 0, 1),
        ("scene.characters_per_take", batch.scene.characters_per_take[0], 1, 8),
        ("scene.characters_per_take", batch.scene.characters_per_take[1], 1, 8),
        ("engine.start_timeout_s", batch.engine.start_timeout_s, 0.1, 3600),
        ("engine.reply_timeout_s", batch.engine.reply_timeout_s, 0.1, 3600),
        ("engine.settle_requests", batch.engine.settle_requests, 0, 10),
    )
    for key, value, low, high in bounds:
        if not low <= value <= high:
            raise InputError(
                f"{value:g} is out of range", where=f"{where}: {key}", fix=f"keep it in {low:g}..{high:g}"
            )
    if batch.width_px % 2 or batch.height_px % 2:
        raise InputError(
            "odd picture size", where=f"{where}: width_px, height_px", fix="H.264 wants even numbers"
        )
    if len(set(batch.passes)) < len(batch.passes):
        raise InputError("a pass twice", where=f"{where}: passes", fix="name it once")
    _check_engine(batch.engine, where)
    if batch.engine.kind == "embedded" and batch.engine.look == "fast" and "depth" in batch.passes:
        fix = "use the look lit, or leave depth out"
        raise InputError("the fast look has no depth", where=f"{where}: passes", fix=fix)
    fewest, most = batch.scene.characters_per_take
    if fewest > most:
        fix = "put the smaller number first"
        raise InputError(f"{fewest}..{most} is empty", where=f"{where}: scene.characters_per_take", fix=fix)


def _check_engine(engine: EngineChoice, where: str) -> None:
    if engine.kind == "embedded" and engine.look not in EMBEDDED_LOOKS:
        fix = f"use {' or '.join(EMBEDDED_LOOKS)}"
        raise InputError(f"unknown look {engine.look!r}", where=f"{where}: engine.look", fix=fix)
    try:
        for part in engine.command:
            part.format(unrealcv_port=0, remote_control_port=0)
    except (KeyError, ValueError, IndexError) as error:
        fix = "the places are {unrealcv_port} and {remote_control_port}; write {{ and }} for other braces"
        raise InputError(f"cannot fill in {part!r}", where=f"{where}: engine.command", fix=fix) from error


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_none(v) for k, v in value.items() if v is not None}
    return [_without_none(v) for v in value] if isinstance(value, (list, tuple)) else value
