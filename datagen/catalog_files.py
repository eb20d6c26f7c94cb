"""Entries of a catalog that are files of the user: their keys, and what is read from the files.

Everything about a file is checked when the catalog is loaded, before anything is planned or filmed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

import numpy as np
from jaxtyping import Float
from pydantic import Field

from multitake.errors import InputError
from multitake.settings import STRICT
from trajectories import world_from_unreal

from .engine.content.shapes.meshes import bounds_cm
from .engine.imported.level import LIGHTINGS
from .engine.imported.user_asset import (
    FOLDERS,
    Kind,
    UserAsset,
    file_sha256,
    user_animation,
    user_character,
    user_level,
)

# Where the default is 0, it means: as in the file.
Positive = Annotated[float, Field(gt=0)]
Size = tuple[Positive, Positive, Positive]
HeightShare = Annotated[float, Field(ge=0.1, le=3.0)]
LEAST_HEIGHT_M, MOST_HEIGHT_M = 0.3, 4.0
_USUAL_HEIGHT_M = 1.7
_UNITS_M = (0.01, 0.001, 0.0254, 0.1, 0.3048, 10.0, 100.0)
# By how much a height or a length in the catalog may differ from that of the file.
_TOLERANCE = 0.1
_OUTSIDE_M = 1.0


@dataclass(frozen=True, kw_only=True)
class FromFile:
    """An asset of the engine, or a ``file`` relative to the catalog, with its ``licence``.

    ``sha256`` is the hash that the file must have; data sets record it.
    """

    __pydantic_config__ = STRICT
    name: str
    asset: str = ""
    file: str | None = None
    licence: str | None = None
    sha256: str | None = None
    size_m: Size | None = None

    # Keys that entries without a file do not have.
    file_keys: ClassVar[tuple[str, ...]] = ("sha256",)

    def __post_init__(self) -> None:
        if not self.asset and self.file is None:
            raise ValueError("missing asset; give asset, or file for a file of your own")
        if self.file is not None and not (self.licence or "").strip():
            say = "say under which licence the file may be used"
            raise ValueError(f'missing licence; {say}, e.g. licence = "CC0-1.0" or "own work"')
        given = [key for key in self.file_keys if getattr(self, key)]
        if self.file is None and given:
            raise ValueError(f"{given[0]} without a file; give file instead of asset, or remove the key")


@dataclass(frozen=True, kw_only=True)
class LevelEntry(FromFile):
    """A level; of a file ``scale`` is the length of its unit in metres."""

    __pydantic_config__ = STRICT
    scale: Positive | None = None
    lighting: str | None = None
    file_keys: ClassVar[tuple[str, ...]] = ("sha256", "scale", "lighting")


@dataclass(frozen=True, kw_only=True)
class CharacterEntry(FromFile):
    """A character. ``bones`` are joints of its file, by the bones of the engine, where names are unknown."""

    __pydantic_config__ = STRICT
    height_m: Positive = 0.0
    scale: Positive | None = None
    bones: dict[str, str] = field(default_factory=dict, hash=False)
    file_keys: ClassVar[tuple[str, ...]] = ("sha256", "scale", "bones")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.file is None and not self.height_m:
            raise ValueError("missing height_m; add this key")


@dataclass(frozen=True, kw_only=True)
class AnimationEntry(FromFile):
    """An animation; of a glTF file ``clip`` is its name, and ``scale`` the length of its unit in metres.

    Without ``speed_m_per_s`` and ``height_shares`` they are those of the file; an asset of the engine does
    not travel then, and stays upright.
    """

    __pydantic_config__ = STRICT
    duration_s: Positive = 0.0
    speed_m_per_s: float | None = None
    height_shares: Annotated[tuple[HeightShare, ...], Field(min_length=1)] | None = None
    clip: str | None = None
    scale: Positive | None = None
    bones: dict[str, str] = field(default_factory=dict, hash=False)
    file_keys: ClassVar[tuple[str, ...]] = ("sha256", "clip", "scale", "bones")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.file is None and not self.duration_s:
            raise ValueError("missing duration_s; add this key")


_Entry = TypeVar("_Entry", bound=FromFile)
_Level = TypeVar("_Level", bound=LevelEntry)
_Character = TypeVar("_Character", bound=CharacterEntry)
_Animation = TypeVar("_Animation", bound=AnimationEntry)


def resolved_level(entry: _Level, catalog: Path, spots_m: Sequence[tuple[float, float, float]]) -> _Level:
    """A level with the hash of its file; InputError says what is wrong with the file, or with a spot."""
    if entry.file is None:
        return entry
    if entry.lighting is not None and entry.lighting not in LIGHTINGS:
        what, fix = f"unknown value {entry.lighting!r}", f"use {', '.join(LIGHTINGS)}"
        raise InputError(what, where=f"{_where(entry, 'World', catalog)}.lighting", fix=fix)
    asset = user_asset(entry, catalog)
    props = user_level(asset).props.values()
    corners_m = world_from_unreal(bounds_cm([part.mesh for prop in props for part in prop.parts]))
    low, high = corners_m.min(axis=0) - _OUTSIDE_M, corners_m.max(axis=0) + _OUTSIDE_M
    for place, spot_m in enumerate(spots_m):
        if not ((low <= spot_m) & (spot_m <= high)).all():
            (x, y, z), (far_x, far_y, far_z) = low.tolist(), high.tolist()
            what = f"the spot {place} is outside of the file's meshes"
            fix = f"they are within x {x:.1f}..{far_x:.1f}, y {y:.1f}..{far_y:.1f}, z {z:.1f}..{far_z:.1f} m"
            raise InputError(what, where=asset.where, fix=fix)
    return _with_hash(replace(entry, size_m=entry.size_m or _size_m(corners_m)), asset)


def resolved_character(entry: _Character, catalog: Path) -> _Character:
    """A character with the hash of its file, scale and height; InputError says what is wrong with it."""
    if entry.file is None:
        return entry
    asset = user_asset(entry, catalog)
    if entry.height_m and not LEAST_HEIGHT_M <= entry.height_m <= MOST_HEIGHT_M:
        fix = f"give a height between {LEAST_HEIGHT_M:g} and {MOST_HEIGHT_M:g} m"
        raise InputError(f"height_m is {entry.height_m:g}", where=asset.where, fix=fix)
    if entry.height_m and not entry.scale:
        asset = replace(asset, scale=entry.height_m / user_character(asset).height_m)
    height_m = user_character(asset).height_m
    if not LEAST_HEIGHT_M <= height_m <= MOST_HEIGHT_M:
        fix = f"give the key scale, e.g. scale = {_likely_scale(height_m):g}"
        raise InputError(f"the character is {height_m:.3g} m high", where=asset.where, fix=fix)
    if entry.height_m and abs(height_m - entry.height_m) > _TOLERANCE * entry.height_m:
        what = f"height_m is {entry.height_m:g}, but with scale = {asset.scale:g} it is {height_m:.3g} m high"
        raise InputError(what, where=asset.where, fix="give one of scale and height_m")
    corners_m = world_from_unreal(bounds_cm([part.mesh for part in user_character(asset).skin.parts]))
    size_m = entry.size_m or _size_m(corners_m)
    scaled = replace(entry, scale=float(asset.scale), height_m=round(height_m, 4), size_m=size_m)
    return _with_hash(scaled, asset)


def resolved_animation(entry: _Animation, catalog: Path, characters: Iterable[CharacterEntry]) -> _Animation:
    """An animation with the hash of its file, its scale, length, speed and heights.

    InputError says what is wrong with the file, or which key differs from it.
    ``characters`` are resolved ones: the scale of the first one of the same file is that of the animation.
    """
    if entry.file is None:
        return entry
    asset = user_asset(entry, catalog)
    if entry.scale is None and not _is_bvh(entry):
        sha256 = file_sha256(asset)
        scales = [one.scale for one in characters if one.sha256 == sha256 and one.scale]
        asset = replace(asset, scale=scales[0] if scales else 1.0)
    found = user_animation(asset)
    if entry.duration_s and abs(found.duration_s - entry.duration_s) > _TOLERANCE * found.duration_s:
        what = f"duration_s is {entry.duration_s:g}, but the file has {found.duration_s:.4g} s"
        raise InputError(what, where=asset.where, fix="remove the key duration_s")
    timed = replace(
        entry,
        scale=None if _is_bvh(entry) else float(asset.scale),
        duration_s=found.duration_s,
        speed_m_per_s=found.speed_m_per_s if entry.speed_m_per_s is None else entry.speed_m_per_s,
        height_shares=entry.height_shares or found.height_shares,
    )
    return _with_hash(timed, asset)


def user_asset(entry: FromFile, catalog: Path) -> UserAsset:
    """The file of an entry as the engine gets it."""
    kind = _kind(entry)
    found = UserAsset(
        kind=kind,
        name=entry.name,
        file=str((catalog.parent / str(entry.file)).absolute()),
        where=_where(entry, kind, catalog),
        sha256=entry.sha256 or "",
        scale=getattr(entry, "scale", None) or 1.0,
        bones=tuple(getattr(entry, "bones", {}).items()),
        clip=getattr(entry, "clip", None),
        lighting=getattr(entry, "lighting", None) or UserAsset.lighting,
    )
    if entry.asset and entry.asset != found.path:
        what, fix = f"the asset {entry.asset[:80]!r} is not that of the file", "remove the key asset"
        raise InputError(what, where=found.where, fix=fix)
    return found


def user_assets(entries: Iterable[FromFile], catalog: Path) -> tuple[UserAsset, ...]:
    """The files of resolved entries as the engine gets them."""
    return tuple(user_asset(entry, catalog) for entry in entries if entry.file is not None)


def table_of(value: Any) -> dict[str, Any]:
    """The values of a dataclass as a table of TOML: without None and without empty tables."""
    return _plain(asdict(value))


def without_folder(entry: _Entry) -> _Entry:
    """The entry without the folder of its file, on which no data set depends."""
    return replace(entry, file=None if entry.file is None else Path(entry.file).name)


def _size_m(corners_m: Float[np.ndarray, "2 3"]) -> Size:
    """The extent of a box; at least a millimetre."""
    x, y, z = np.maximum(np.round(np.abs(corners_m[1] - corners_m[0]), 3), 1e-3).tolist()
    return x, y, z


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items() if one is not None and one != {}}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def _with_hash(entry: _Entry, asset: UserAsset) -> _Entry:
    checked = replace(asset, sha256=file_sha256(asset))
    return replace(entry, asset=checked.path, sha256=checked.sha256)


def _is_bvh(entry: FromFile) -> bool:
    return Path(str(entry.file)).suffix.lower() == ".bvh"


def _kind(entry: FromFile) -> Kind:
    if isinstance(entry, LevelEntry):
        return "World"
    return "SkeletalMesh" if isinstance(entry, CharacterEntry) else "AnimSequence"


def _where(entry: FromFile, kind: Kind, catalog: Path) -> str:
    table = "environments" if kind == "World" else FOLDERS[kind].lower()
    return f"{catalog}: {table}.{entry.name} ({entry.file})"


def _likely_scale(height_m: float) -> float:
    """The unit that makes someone of that height as high as people are."""
    likely = [unit for unit in _UNITS_M if 1.0 <= height_m * unit <= 2.2]
    return likely[0] if likely else _USUAL_HEIGHT_M / max(height_m, 1e-9)
