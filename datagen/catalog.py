"""The catalog: named environments, characters, animations and lights that an engine can load."""

import re
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, TypeVar

import numpy as np
import tomli_w
from jaxtyping import Float
from pydantic import AfterValidator, Field

from multitake.errors import InputError
from multitake.settings import FINITE, read_toml, validated

from .batch import Batch, SceneChoice
from .batch_file import sha256_of
from .catalog_files import (
    AnimationEntry,
    CharacterEntry,
    LevelEntry,
    Positive,
    resolved_animation,
    resolved_character,
    resolved_level,
    table_of,
    user_assets,
    without_folder,
)
from .engine import assets

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


def _valid_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"invalid name {name!r}; use lower-case letters, digits and dashes")
    return name


def _valid_phrase(phrase: str) -> str:
    if phrase and (len(phrase) > _LONGEST_PHRASE or not phrase.isprintable() or phrase != phrase.strip()):
        what = f"use one line of at most {_LONGEST_PHRASE} letters, without spaces around it"
        raise ValueError(f"invalid phrase {phrase[:_LONGEST_PHRASE]!r}; {what}")
    if re.search(r"[.!?:;,]$|^(?:A|An|The) ", phrase):
        example = 'such as "a woman", "waves" or "in a street"'
        raise ValueError(f"{phrase!r} is a sentence; give a part of one, {example}")
    return phrase


# Names are parts of file names.
Name = Annotated[str, AfterValidator(_valid_name)]
# Parts of the sentences about a scene. A light may have no words.
MaybePhrase = Annotated[str, AfterValidator(_valid_phrase)]
Phrase = Annotated[MaybePhrase, Field(min_length=1)]
_LONGEST_PHRASE = 200
Point = tuple[float, float, float]
Tags = tuple[Name, ...]
# What a batch writes before a tag, where it could write a name.
_TAG = "tag:"
# Engines take no larger ones.
Intensity = Annotated[float, Field(ge=0, lt=1e6)]
_Item = TypeVar("_Item", bound="Environment | Character | Animation | Light")
Items = Annotated[tuple[_Item, ...], Field(min_length=1)]


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A place for a subject: its feet (world, metres), and its heading (from +X, counter-clockwise)."""

    __pydantic_config__ = FINITE
    position_m: Point
    heading_deg: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Environment(LevelEntry):
    """A level: its asset path, the largest start distance of cameras in it, and its spots.

    ``sun``, ``sky_light`` and ``fog`` are names of the actors of its directional light, sky light and height
    fog. ``size_m`` is the extent along x, y and z of its room, or outdoors of all its meshes. ``exposure_ev``
    is the exposure bias of all cameras in Unreal, in stops.
    """

    __pydantic_config__ = FINITE
    name: Name
    caption: Phrase
    radius_m: Positive
    spots: Annotated[tuple[Spot, ...], Field(min_length=1)]
    ground_m: float = 0.0
    sun: str = "Sun"
    sky_light: str = "SkyLight"
    fog: str = "HeightFog"
    exposure_ev: float = 0.0
    tags: Tags = ()

    @property
    def is_indoor(self) -> bool:
        """Whether it has the tag ``indoor``, or is a file with the lighting of a room."""
        return "indoor" in self.tags or self.lighting == "indoor"


@dataclass(frozen=True, kw_only=True)
class Character(CharacterEntry):
    """A skeletal mesh, its height, and a noun phrase for captions.

    ``size_m`` is its extent to the front, to the side and upward in the reference pose. ``yaw_offset_deg``
    is Unreal's yaw of an actor that faces +X: -90 for meshes that face +Y, as Epic's do; ``actor_scale`` is
    the scale of its actor, which ``height_m`` includes. Cameras aim at
    ``aim_height_m`` when it stands upright; without it, at the share of its height that the rules have.
    """

    __pydantic_config__ = FINITE
    name: Name
    caption: Phrase
    yaw_offset_deg: float = 0.0
    actor_scale: Positive = 1.0
    aim_height_m: Positive | None = None
    tags: Tags = ()


@dataclass(frozen=True, kw_only=True)
class Animation(AnimationEntry):
    """An animation sequence, a verb phrase for captions, and the forward speed of its steps.

    ``height_shares`` are heights of the head as shares of the character's height, at equal times over the
    animation, which loops: cameras aim lower at a seated actor. ``size_m`` is the extent of the space that a
    body 1.7 m high takes during the animation, to the front, to the side and upward, without travel.
    """

    __pydantic_config__ = FINITE
    name: Name
    caption: Phrase
    tags: Tags = ()

    def height_shares_at(self, time_s: Float[np.ndarray, "times"]) -> Float[np.ndarray, "times"]:
        """The height of the head at some times, as a share of the character's height."""
        upright = self.height_shares or (1.0,)
        shares = np.array([*upright, upright[0]])
        place = np.mod(time_s / self.duration_s, 1.0) * (len(shares) - 1)
        return np.interp(place, np.arange(len(shares)), shares)


@dataclass(frozen=True, kw_only=True)
class Light:
    """The direction of the sun (Unreal pitch and yaw, degrees) and its intensity in engine units.

    Also the intensity of the sky light, 1 as by day, and the density of the height fog; if they are None, the
    light of the level's sky and its fog stay as they are. The exposure bias is added to the environment's.
    ``indoor_caption`` replaces the caption in rooms, where nobody sees the weather; ``""`` is no words.
    """

    __pydantic_config__ = FINITE
    name: Name
    caption: MaybePhrase
    indoor_caption: MaybePhrase | None = None
    pitch_deg: Annotated[float, Field(ge=-90, le=90)]
    yaw_deg: float
    intensity: Intensity
    sky_intensity: Intensity | None = None
    fog_density: Intensity | None = None
    exposure_ev: float = 0.0

    def caption_in(self, environment: Environment) -> str:
        """Its words in captions of an environment."""
        indoor = self.caption if self.indoor_caption is None else self.indoor_caption
        return indoor if environment.is_indoor else self.caption


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """Everything that a scene can contain."""

    __pydantic_config__ = FINITE
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

    The user's files are checked, and mounted in this process. InputError if the catalog or one of its files
    is missing or invalid, or if the batch chose an unknown name.
    """
    if choice.catalog == "embedded":
        path = Path(str(files("datagen") / "catalogs" / "embedded.toml"))
    else:
        path = folder / choice.catalog
    return catalog_of(read_toml(path), choice, path=path)


def catalog_of(tables: dict[str, Any], choice: SceneChoice, *, path: Path) -> Catalog:
    """The catalog of a parsed file; see ``load_catalog``. Files are beside ``path``, which need not exist."""
    catalog = _validated(tables, path)
    environments = _chosen(catalog.environments, choice.environments, "environments", path)
    characters = _chosen(catalog.characters, choice.characters, "characters", path)
    animations = _chosen(catalog.animations, choice.animations, "animations", path)
    own_characters = tuple(resolved_character(one, path) for one in characters)
    chosen = replace(
        catalog,
        environments=tuple(
            resolved_level(one, path, [spot.position_m for spot in one.spots]) for one in environments
        ),
        characters=own_characters,
        animations=tuple(resolved_animation(one, path, own_characters) for one in animations),
        lights=_chosen(catalog.lights, choice.lights, "lights", path),
    )
    most = choice.characters_per_take[1]
    if most > len(chosen.characters):
        what = f"{most} characters in a take, but only {len(chosen.characters)} are chosen"
        fix = "give a smaller number, or choose more characters"
        raise InputError(what, where="scene.characters_per_take", fix=fix)
    assets.mount(user_assets((*chosen.environments, *chosen.characters, *chosen.animations), path))
    return chosen


def _validated(tables: dict[str, Any], path: Path) -> Catalog:
    """The catalog of a parsed file; InputError names the entry that is invalid, as far as it has a name."""
    try:
        return validated(Catalog, tables, where=str(path))
    except InputError as error:
        place = re.fullmatch(r"(\w+)\.(\d+)(.*)", error.where.removeprefix(f"{path}: "))
        if place is None:
            raise
        entry = tables[place[1]][int(place[2])]
        name, file = (entry.get(key) if isinstance(entry, dict) else None for key in ("name", "file"))
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise
        named = f"{path}: {place[1]}.{name}{f' ({file})' if file else ''}{place[3]}"
        raise InputError(error.what, where=named, fix=error.fix) from error


def check_engine(batch: Batch, catalog: Catalog) -> None:
    """InputError if the engine of a batch cannot load the files of its catalog."""
    entries = (*catalog.environments, *catalog.characters, *catalog.animations)
    for entry in entries if batch.engine.kind != "embedded" else ():
        if entry.file is not None:
            what = f"only the embedded engine loads files ({entry.name}: {entry.file})"
            raise InputError(what, where="engine.kind", fix="import the file in Unreal, and give its asset")


def catalog_toml(catalog: Catalog) -> str:
    """The resolved catalog as a file; loading it beside the same files gives an equal catalog."""
    return tomli_w.dumps(table_of(catalog))


def catalog_sha256(catalog: Catalog) -> str:
    """Hash of what a data set depends on: contents of files, not where they are."""
    without = replace(
        catalog,
        environments=tuple(map(without_folder, catalog.environments)),
        characters=tuple(map(without_folder, catalog.characters)),
        animations=tuple(map(without_folder, catalog.animations)),
    )
    return sha256_of(without)


def _chosen(items: tuple[_Item, ...], names: tuple[str, ...], kind: str, path: Path) -> tuple[_Item, ...]:
    """The items that are named or have a tag that is named; all of them without names."""
    _check_names(items, kind, path)
    by_name: dict[str, tuple[_Item, ...]] = {item.name: (item,) for item in items}
    for item in items:
        for tag in getattr(item, "tags", ()):
            by_name[_TAG + tag] = (*by_name.get(_TAG + tag, ()), item)
    for name in names:
        if name not in by_name:
            likely = [one for one in by_name if one.startswith(_TAG) == name.startswith(_TAG)]
            fix = f"use {', '.join(likely) or 'names'} of {path.name}"
            raise InputError(f"unknown name {name!r}", where=f"scene.{kind}", fix=fix)
        if names.count(name) > 1:
            raise InputError(f"duplicate name {name!r}", where=f"scene.{kind}", fix="give it once")
    chosen = {item.name: item for name in names for item in by_name[name]}
    return tuple(chosen.values()) or items


def _check_names(items: tuple[_Item, ...], kind: str, path: Path) -> None:
    """InputError if two items have one name."""
    names = [item.name for item in items]
    for name in names:
        if names.count(name) > 1:
            sources = [
                str(getattr(one, "file", None) or getattr(one, "asset", kind))
                for one in items
                if one.name == name
            ]
            what = f"duplicate name {name!r} ({', '.join(sources)})"
            raise InputError(what, where=f"{path}: {kind}", fix="rename all but one of them")
