"""The assets that the engine can load, by Unreal object path."""

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .animations import ANIMATIONS
from .characters import CHARACTERS
from .compact import compact
from .disk_cache import cached
from .environment import Environment
from .indoor import INDOOR
from .outdoor import OUTDOOR
from .room import room
from .street import street

_ENVIRONMENTS: dict[str, Callable[[np.random.Generator], Environment]] = {
    "Street": street,
    "Room": room,
    **INDOOR,
    **OUTDOOR,
}
LEVELS = tuple(_ENVIRONMENTS)
# A level has some 10 MB.
_KEPT_LEVELS = 8
START_LEVEL = LEVELS[0]


@dataclass(frozen=True, kw_only=True)
class Asset:
    """An entry of the asset registry: short name, Unreal class path, object path."""

    name: str
    uclass: str
    path: str


def _assets(folder: str, kind: str, names: Iterable[str]) -> list[Asset]:
    return [Asset(name=n, uclass=f"/Script/Engine.{kind}", path=f"/Game/{folder}/{n}.{n}") for n in names]


ASSETS = [
    *_assets("Maps", "World", LEVELS),
    *_assets("Characters", "SkeletalMesh", CHARACTERS),
    *_assets("Animations", "AnimSequence", ANIMATIONS),
]


@lru_cache(maxsize=_KEPT_LEVELS)
def environment(name: str) -> Environment:
    """Return the named environment; its arrays are read-only."""
    rng = np.random.default_rng([zlib.crc32(b"environment"), zlib.crc32(name.encode())])
    return cached(f"level-{name}", lambda: compact(_ENVIRONMENTS[name](rng)))


def find_asset(path: str, kind: str) -> Asset | None:
    """Return the asset of class ``kind``, e.g. ``SkeletalMesh``; ``path`` may omit its ``.Name`` ending."""
    full = path if "." in path else f"{path}.{path.rsplit('/', 1)[-1]}"
    matches = (asset for asset in ASSETS if asset.path == full and asset.uclass.endswith(f".{kind}"))
    return next(matches, None)
