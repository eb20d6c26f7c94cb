"""The assets that the engine can load, by Unreal object path: its own, and the user's that are mounted."""

from collections.abc import Iterable
from dataclasses import dataclass

from .content.animations.catalog import ANIMATIONS, Animation
from .content.animations.posed_body import Body, CatalogBody
from .content.characters.catalog import CHARACTERS
from .content.environment import Environment
from .content.levels.catalog import LEVELS, environment
from .imported.user_asset import Kind, UserAsset, user_animation, user_character, user_level


@dataclass(frozen=True, kw_only=True)
class Asset:
    """An entry of the asset registry: short name, Unreal class path, object path; and its file, if any."""

    name: str
    uclass: str
    path: str
    user: UserAsset | None = None

    @property
    def package(self) -> str:
        """The object path without the name of the object."""
        return self.path.partition(".")[0]


def _assets(folder: str, kind: Kind, names: Iterable[str]) -> list[Asset]:
    return [Asset(name=n, uclass=f"/Script/Engine.{kind}", path=f"/Game/{folder}/{n}.{n}") for n in names]


ASSETS = [
    *_assets("Maps", "World", LEVELS),
    *_assets("Characters", "SkeletalMesh", CHARACTERS),
    *_assets("Animations", "AnimSequence", ANIMATIONS),
]
START_LEVEL, START_CHARACTER = ASSETS[0], ASSETS[len(LEVELS)]
_mounted: dict[str, Asset] = {}


def mount(assets: Iterable[UserAsset]) -> None:
    """Make assets of the user available in this process, at the paths of their contents."""
    for one in assets:
        _mounted[one.path] = Asset(
            name=one.name, uclass=f"/Script/Engine.{one.kind}", path=one.path, user=one
        )


def mounted_assets(paths: Iterable[str]) -> tuple[UserAsset, ...]:
    """The user's assets among some paths."""
    found = (_mounted.get(path) for path in paths)
    return tuple(asset.user for asset in found if asset and asset.user)


def all_assets() -> list[Asset]:
    """The engine's assets, then the user's."""
    return [*ASSETS, *_mounted.values()]


def level(asset: Asset) -> Environment:
    """Return the environment of a level, the same one on every call."""
    return environment(asset.name) if asset.user is None else user_level(asset.user)


def body(asset: Asset) -> Body:
    """Return the body of a character."""
    return CatalogBody(asset.name) if asset.user is None else user_character(asset.user)


def animation(asset: Asset) -> Animation:
    """Return an animation."""
    return ANIMATIONS[asset.name] if asset.user is None else user_animation(asset.user)


def find_asset(path: str, kind: str) -> Asset | None:
    """Return the asset of class ``kind``, e.g. ``SkeletalMesh``; ``path`` may omit its ``.Name`` ending."""
    full = path if "." in path else f"{path}.{path.rsplit('/', 1)[-1]}"
    matches = (asset for asset in all_assets() if asset.path == full and asset.uclass.endswith(f".{kind}"))
    return next(matches, None)
