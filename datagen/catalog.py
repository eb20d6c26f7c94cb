"""The catalog: named environments, characters, animations and lights that an engine can load."""

import re
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Annotated, TypeVar

import numpy as np
from jaxtyping import Float
from pydantic import AfterValidator, Field

from multitake.errors import InputError
from multitake.settings import STRICT, read_toml, validated

from .batch import SceneChoice


def _valid_name(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
        raise ValueError(f"invalid name {name!r}; use lower-case letters, digits and dashes")
    return name


# Names are parts of file names.
Name = Annotated[str, AfterValidator(_valid_name)]
Point = tuple[float, float, float]
Positive = Annotated[float, Field(gt=0)]
Size = tuple[Positive, Positive, Positive]
Tags = tuple[Name, ...]
HeightShare = Annotated[float, Field(ge=0.1, le=3.0)]
_Item = TypeVar("_Item", bound="Environment | Character | Animation | Light")
Items = Annotated[tuple[_Item, ...], Field(min_length=1)]


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A place for a subject: its feet (world, metres), and its heading (from +X, counter-clockwise)."""

    __pydantic_config__ = STRICT
    position_m: Point
    heading_deg: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A level: its asset path, the largest start distance of cameras in it, and its spots.

    ``sun`` is the name of the actor of its directional light. ``size_m`` is the extent of its meshes along x,
    y and z.
    """

    __pydantic_config__ = STRICT
    name: Name
    asset: str
    caption: str
    radius_m: Positive
    spots: Annotated[tuple[Spot, ...], Field(min_length=1)]
    ground_m: float = 0.0
    sun: str = "Sun"
    tags: Tags = ()
    size_m: Size | None = None


@dataclass(frozen=True, kw_only=True)
class Character:
    """A skeletal mesh, its height, and a noun phrase for captions.

    ``size_m`` is its extent to the front, to the side and upward in the reference pose.
    """

    __pydantic_config__ = STRICT
    name: Name
    asset: str
    caption: str
    height_m: Positive
    tags: Tags = ()
    size_m: Size | None = None


@dataclass(frozen=True, kw_only=True)
class Animation:
    """An animation sequence, a verb phrase for captions, and the forward speed of its steps.

    ``height_shares`` are heights of the head as shares of the character's height, at equal times over the
    animation, which loops: cameras aim lower at a seated actor. ``size_m`` is the extent of the space that a
    body 1.7 m high takes during the animation, to the front, to the side and upward, without travel.
    """

    __pydantic_config__ = STRICT
    name: Name
    asset: str
    caption: str
    duration_s: Positive
    speed_m_per_s: float = 0.0
    height_shares: Annotated[tuple[HeightShare, ...], Field(min_length=1)] = (1.0,)
    tags: Tags = ()
    size_m: Size | None = None

    def height_shares_at(self, time_s: Float[np.ndarray, "times"]) -> Float[np.ndarray, "times"]:
        """The height of the head at some times, as a share of the character's height."""
        shares = np.array([*self.height_shares, self.height_shares[0]])
        place = np.mod(time_s / self.duration_s, 1.0) * (len(shares) - 1)
        return np.interp(place, np.arange(len(shares)), shares)


@dataclass(frozen=True, kw_only=True)
class Light:
    """The direction of the sun (Unreal pitch and yaw, degrees) and its intensity in engine units."""

    __pydantic_config__ = STRICT
    name: Name
    caption: str
    pitch_deg: float
    yaw_deg: float
    intensity: float


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """Everything that a scene can contain."""

    __pydantic_config__ = STRICT
    environments: Items[Environment]
    characters: Items[Character]
    animations: Items[Animation]
    lights: Items[Light]

    @property
    def assets(self) -> tuple[str, ...]:
        """Asset paths of everything in the catalog, levels first."""
        levels = [environment.asset for environment in self.environments]
        characters = [character.asset for character in self.characters]
        return (*levels, *characters, *(animation.asset for animation in self.animations))


def load_catalog(choice: SceneChoice, *, folder: Path) -> Catalog:
    """The catalog of a batch, with the items that the batch chose; paths are relative to ``folder``.

    InputError if the file is missing or invalid, or if the batch chose an unknown name.
    """
    if choice.catalog == "embedded":
        path = Path(str(files("datagen") / "catalogs" / "embedded.toml"))
    else:
        path = folder / choice.catalog
    catalog = validated(Catalog, read_toml(path), where=str(path))
    chosen = replace(
        catalog,
        environments=_chosen(catalog.environments, choice.environments, "environments", path),
        characters=_chosen(catalog.characters, choice.characters, "characters", path),
        animations=_chosen(catalog.animations, choice.animations, "animations", path),
        lights=_chosen(catalog.lights, choice.lights, "lights", path),
    )
    most = choice.characters_per_take[1]
    if most > len(chosen.characters):
        what = f"{most} characters in a take, but only {len(chosen.characters)} in the catalog"
        fix = "give a smaller number, or choose more characters"
        raise InputError(what, where=f"{path}: scene.characters_per_take", fix=fix)
    return chosen


def _chosen(items: tuple[_Item, ...], names: tuple[str, ...], kind: str, path: Path) -> tuple[_Item, ...]:
    known = {item.name: item for item in items}
    for name in names:
        if name not in known:
            fix = f"use {', '.join(known)} of {path.name}"
            raise InputError(f"unknown name {name!r}", where=f"scene.{kind}", fix=fix)
        if names.count(name) > 1:
            raise InputError(f"duplicate name {name!r}", where=f"scene.{kind}", fix="give it once")
    return tuple(known[name] for name in names) if names else items
