"""Rules by name: a preset, or a TOML file."""

from dataclasses import fields
from pathlib import Path
from typing import Any

from multitake.errors import InputError
from multitake.settings import read_toml, validated

from .rules import PRESETS, Rules, rules_from
from .shot import Shot


def load_rules(name: str) -> tuple[Rules, Shot]:
    """The rules with that name, and how they are filmed.

    ``name`` is a preset, or the path of a TOML file with a table ``[rig]`` (see ``rules_from``) and any field
    of ``Shot`` next to it. A batch file is such a file; its other keys are ignored. InputError names the
    invalid key.
    """
    if name in PRESETS:
        return PRESETS[name], Shot()
    if not name.endswith(".toml"):
        fix = f"use {', '.join(PRESETS)}, or a file that ends in .toml"
        raise InputError(f"unknown rules {name!r}", where="rules", fix=fix)
    return rules_of_file(read_toml(Path(name)), where=name)


def rules_of_file(content: dict[str, Any], *, where: str) -> tuple[Rules, Shot]:
    """The rules and the shot of a parsed TOML file; see ``load_rules``."""
    values = {key: value for key, value in content.items() if key != "rig"}
    rig = content.get("rig", {})
    if not isinstance(rig, dict):
        raise InputError("rules must be a table", where=f"{where}: rig", fix="write [rig]")
    if "takes" in values:
        names = [field.name for field in fields(Shot)]
        values = {name: value for name, value in values.items() if name in names}
    return rules_from(rig, f"{where}: rig"), validated(Shot, values, where=where)
