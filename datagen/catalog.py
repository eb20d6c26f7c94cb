"""The named environments, characters, animations and lights an engine can load."""

from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field

from multitake.errors import InputError
from multitake.settings import STRICT, read_toml, validated

from .batch import SceneChoice, check_name

Point = tuple[float, float, float]
Positive = Annotated[float, Field(gt=0)]


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Where a subject can stand: its feet (world, metres), its heading (from +X, counter-clockwise)."""

    __pydantic_config__ = STRICT
    position_m: Point
    heading_deg: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A level: its asset path, the largest start distance of cameras it has room for, and its spots.

    ``sun`` is the name of its directional light's actor.
    """

    __pydantic_config__ = STRICT
    name: str
    asset: str
    caption: str
    radius_m: Positive
    spots: Annotated[tuple[Spot, ...], Field(min_length=1)]
    ground_m: float = 0.0
    sun: str = "Sun"


@dataclass(frozen=True, kw_only=True)
class Character:
    """A skeletal mesh, its standing height, and a noun phrase for captions."""

    __pydantic_config__ = STRICT
    name: str
    asset: str
    caption: str
    height_m: Positive


@dataclass(frozen=True, kw_only=True)
class Animation:
    """An animation sequence, a verb phrase for captions, and the forward speed its steps imply."""

    __pydantic_config__ = STRICT
    name: str
    asset: str
    caption: str
    duration_s: Positive
    speed_m_per_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Light:
    """Where the sun stands (Unreal pitch and yaw of its light, degrees) and its intensity in engine units."""

    __pydantic_config__ = STRICT
    name: str
    caption: str
    pitch_deg: float
    yaw_deg: float
    intensity: float


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """Everything that can be put into a scene."""

    __pydantic_config__ = STRICT
    environments: tuple[Environment, ...]
    characters: tuple[Character, ...]
    animations: tuple[Animation, ...]
    lights: tuple[Light, ...]

    @property
    def assets(self) -> tuple[str, ...]:
        """Asset paths of everything in the catalog, levels first."""
        levels = tuple(environment.asset for environment in self.environments)
        people = tuple(character.asset for character in self.characters)
        return levels + people + tuple(animation.asset for animation in self.animations)


_Item = TypeVar("_Item", Environment, Character, Animation, Light)


def load_catalog(choice: SceneChoice, *, beside: Path) -> Catalog:
    """The catalog a batch names, narrowed to what it chose; paths are relative to ``beside``.

    Raises:
        InputError: the file is missing or wrong, or the batch chose a name that is not in it.
    """
    if choice.catalog == "embedded":
        path = Path(str(files("datagen") / "catalogs" / "embedded.toml"))
    else:
        path = beside / choice.catalog
    catalog = validated(Catalog, read_toml(path), where=str(path))
    narrowed = replace(
        catalog,
        environments=_chosen(catalog.environments, choice.environments, "environments", path),
        characters=_chosen(catalog.characters, choice.characters, "characters", path),
        animations=_chosen(catalog.animations, choice.animations, "animations", path),
        lights=_chosen(catalog.lights, choice.lights, "lights", path),
    )
    if choice.characters_per_take[1] > len(narrowed.characters):
        fix = f"give at most {len(narrowed.characters)}, or choose more characters"
        raise InputError("more than there are characters", where="scene.characters_per_take", fix=fix)
    return narrowed


def _chosen(items: tuple[_Item, ...], names: tuple[str, ...], kind: str, path: Path) -> tuple[_Item, ...]:
    known = {item.name: item for item in items}
    for item in items:
        check_name(item.name, f"{path}: {kind}")
    for name in names:
        if name not in known:
            fix = f"the catalog {path.name} has {', '.join(known) or 'none'}"
            raise InputError(f"unknown name {name!r}", where=f"scene.{kind}", fix=fix)
        if names.count(name) > 1:
            raise InputError(f"{name!r} twice", where=f"scene.{kind}", fix="name it once")
    chosen = tuple(known[name] for name in names) if names else items
    if not chosen:
        raise InputError(f"no {kind}", where=str(path), fix="the catalog needs at least one")
    return chosen
