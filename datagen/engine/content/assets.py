"""The assets that the engine can load, by Unreal object path."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from .animations import ANIMATIONS
from .characters import CHARACTERS
from .environment import Environment
from .room import room
from .street import street

_ENVIRONMENTS: dict[str, Callable[[np.random.Generator], Environment]] = {"Street": street, "Room": room}
LEVELS = tuple(_ENVIRONMENTS)
START_LEVEL = LEVELS[0]


@dataclass(frozen=True, kw_only=True)
class Asset:
    """An entry of the asset registry: short name, Unreal class path, object path."""

    name: str
    uclass: str
    path: str


@cache
def environment(name: str) -> Environment:
    """The named environment; always the same one."""
    return _ENVIRONMENTS[name](np.random.default_rng([zlib.crc32(b"environment"), zlib.crc32(name.encode())]))


def _assets(folder: str, uclass: str, names: tuple[str, ...]) -> list[Asset]:
    return [Asset(name=n, uclass=uclass, path=f"/Game/{folder}/{n}.{n}") for n in names]


ASSETS: dict[str, Asset] = {
    asset.path: asset
    for asset in _assets("Maps", "/Script/Engine.World", LEVELS)
    + _assets("Characters", "/Script/Engine.SkeletalMesh", tuple(CHARACTERS))
    + _assets("Animations", "/Script/Engine.AnimSequence", tuple(ANIMATIONS))
}


def asset_named(path: str, kind: str) -> Asset | None:
    """The asset of class `kind` (such as `SkeletalMesh`) at `path`, with or without the `.Name` ending."""
    full = path if "." in path else f"{path}.{path.rsplit('/', 1)[-1]}"
    asset = ASSETS.get(full)
    return asset if asset is not None and asset.uclass.endswith(f".{kind}") else None
