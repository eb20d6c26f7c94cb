"""Rules that a user names: a preset, or a TOML file of their own."""

from dataclasses import fields
from pathlib import Path

from multitake.errors import InputError
from multitake.settings import read_toml, validated

from .rules import PRESETS, Rules, rules_from
from .validity import Shot


def load_rules(text: str) -> tuple[Rules, Shot]:
    """The rules that ``text`` names, and how they are to be filmed.

    A preset, or the path of a TOML file with a table ``[rig]`` (see ``rules_from``) and any field of ``Shot``
    beside it; a batch file is one, and its other keys are left alone. InputError names the key at fault.
    """
    if text in PRESETS:
        return PRESETS[text], Shot()
    if not text.endswith(".toml"):
        fix = f"use {', '.join(PRESETS)}, or a file that ends in .toml"
        raise InputError(f"unknown rules {text!r}", where="rules", fix=fix)
    order = read_toml(Path(text))
    rig = order.pop("rig", {})
    if not isinstance(rig, dict):
        raise InputError("rules are given as a table", where=f"{text}: rig", fix="write [rig]")
    if "takes" in order:
        names = [field.name for field in fields(Shot)]
        order = {name: value for name, value in order.items() if name in names}
    shot = validated(Shot, order, where=text).checked(text)
    return rules_from(rig, f"{text}: rig"), shot
