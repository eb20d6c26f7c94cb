"""The batch file: ``batch.toml`` is read and checked, written with all defaults, and hashed."""

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import tomli_w

from multitake.errors import InputError
from multitake.settings import read_toml, validated
from trajectories import camera_name
from trajectories.sampling import PRESETS, Limits, rules_from, rules_table

from .batch import FILMED_LIMITS, START_KEYS, Batch, EngineChoice


def load_batch(path: Path, *, look: str | None = None) -> Batch:
    """Read and check a batch file; InputError names the file and the invalid key.

    The table ``[rig]`` has ``preset``, ``cameras``, and any field of ``Rules`` to change. Rigs of a batch
    reject ``FILMED_LIMITS``, unless the table ``[rig.validity]`` has other ones. ``look`` replaces the engine
    look of the file. The file of a data set starts no program: data sets may be those of strangers.
    """
    batch = batch_of(read_toml(path), where=str(path), look=look)
    if (path.absolute().parent / "dataset.json").exists():
        _check_starts_nothing(batch.engine, path)
    return replace(batch, engine=located(batch.engine, path.absolute().parent))


def batch_of(content: dict[str, Any], *, where: str, look: str | None = None) -> Batch:
    """The batch of a parsed file; see ``load_batch``. Paths in it are as they are written."""
    content = dict(content)
    rig, engine = content.pop("rig", {}), content.get("engine", {})
    if "rules" in content:
        raise InputError("unknown key", where=f"{where}: rules", fix="rename it to [rig]")
    if not isinstance(rig, dict):
        raise InputError("must be a table", where=f"{where}: rig", fix="write [rig]")
    if look and isinstance(engine, dict):
        content["engine"] = {**engine, "look": look}
    batch = validated(Batch, content, where=where)
    rig = dict(rig)
    validity = rig.get("validity", {})
    if isinstance(validity, dict):
        rig["validity"] = {**asdict(FILMED_LIMITS), **_own_limits(rig.get("preset", "paper")), **validity}
    batch = replace(batch, rules=rules_from(rig, f"{where}: rig"))
    check_extra_cameras(batch, where=where)
    return batch


def _check_starts_nothing(engine: EngineChoice, path: Path) -> None:
    """InputError for an engine that is started by a command, a program or a project."""
    for key in START_KEYS:
        if getattr(engine, key):
            what, fix = "a data set must not start programs", "read it; to use it, copy the file elsewhere"
            raise InputError(what, where=f"{path}: engine.{key}", fix=fix)


def check_extra_cameras(batch: Batch, *, where: str) -> None:
    """InputError for a name that another camera has, an unknown start, or a path of another length."""
    rig = [camera_name(index) for index in range(len(batch.rules.slots))]
    names = [*rig, *(camera.name for camera in batch.extra_cameras)]
    for camera in batch.extra_cameras:
        place = f"{where}: camera {camera.name}"
        if names.count(camera.name) > 1:
            raise InputError("duplicate name", where=place, fix="give it another name")
        if camera.start and camera.start.camera not in (None, *rig):
            fix = f"use one of the rig, {rig[0]} .. {rig[-1]}"
            raise InputError(f"unknown start.camera {camera.start.camera!r}", where=place, fix=fix)
        for path in camera.paths:
            if (frames := len(path.poses.world_from_camera)) != batch.frames:
                what = f"a path has {frames} poses, takes have {batch.frames} frames"
                raise InputError(what, where=place, fix="give one pose for each frame")


def _own_limits(preset: object) -> dict[str, Any]:
    """The limits in which a preset differs from the defaults; empty for an unknown one."""
    rules, usual = PRESETS.get(preset) if isinstance(preset, str) else None, asdict(Limits())
    found = asdict(rules.validity) if rules else usual
    return {name: value for name, value in found.items() if value != usual[name]}


def located(engine: EngineChoice, folder: Path) -> EngineChoice:
    """The engine with paths of its program and project that are relative to the batch file made absolute."""
    program, project = engine.program, engine.project
    return replace(
        engine,
        # A name without a folder is one of the search path.
        program=str(folder / program) if "/" in program else program,
        project=str(folder / project) if project else "",
    )


def resolved_toml(batch: Batch, *, catalog: str | None = None) -> str:
    """The batch file with all defaults written out; loading it gives an equal batch.

    ``catalog`` replaces the path of the catalog file.
    """
    content = _without_none(asdict(batch))
    content["scene"]["catalog"] = catalog or batch.scene.catalog
    del content["rules"]
    return tomli_w.dumps({**content, "rig": rules_table(batch.rules)})


def batch_sha256(batch: Batch) -> str:
    """Hash of what a data set depends on: not of how the engine is started, nor of file paths."""
    names = ["kind", "look"]
    if batch.engine.is_cinematic:
        names += ["sub_frames", "shutter", "depth_of_field", "msaa"]
    if batch.engine.kind == "unreal":
        names += ["illumination", "reflection", "settle_change"]
    engine = EngineChoice(**{name: getattr(batch.engine, name) for name in names})
    return sha256_of(replace(batch, engine=engine, scene=replace(batch.scene, catalog="")))


def sha256_of(value: Any) -> str:
    """Hash of the values of a dataclass, the same on every machine."""
    return hashlib.sha256(json.dumps(asdict(value), sort_keys=True).encode()).hexdigest()


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_none(v) for k, v in value.items() if v is not None}
    return [_without_none(v) for v in value] if isinstance(value, (list, tuple)) else value
