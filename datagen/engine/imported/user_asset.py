"""The user's assets: which files the engine can load under ``/Game/User``, and what it makes of them.

An engine process gets them as a JSON file; the plan and the workers mount them in their own process.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import TypeAdapter

from multitake.errors import InputError
from multitake.input_files import parsing, read_bytes, read_utf8, require_file

from ..content.environment import Environment
from ..content.unreal_space import Number
from .bvh import MOST_BVH_BYTES
from .character import FileCharacter
from .clips import FileAnimation, bvh_animation, gltf_animation
from .gltf_file import EXPORT_AGAIN, GltfFile, read_gltf
from .level import level_of

Kind = Literal["World", "SkeletalMesh", "AnimSequence"]
FOLDERS: dict[Kind, str] = {"World": "Maps", "SkeletalMesh": "Characters", "AnimSequence": "Animations"}
_GLTF = (".glb", ".gltf", ".vrm")
_BLENDER = (
    "blender --background --python-expr \"import bpy; {}bpy.ops.export_scene.gltf(filepath='NAME.glb')\""
)
_EMPTY = "bpy.ops.wm.read_factory_settings(use_empty=True); "
_IMPORTS = {
    ".fbx": _EMPTY + "bpy.ops.import_scene.fbx(filepath='NAME.fbx'); ",
    ".obj": _EMPTY + "bpy.ops.wm.obj_import(filepath='NAME.obj'); ",
    ".blend": "bpy.ops.wm.open_mainfile(filepath='NAME.blend'); ",
    **{
        end: _EMPTY + f"bpy.ops.wm.usd_import(filepath='NAME{end}'); "
        for end in (".usd", ".usda", ".usdc", ".usdz")
    },
    ".dae": _EMPTY + "bpy.ops.wm.collada_import(filepath='NAME.dae'); ",
}


@dataclass(frozen=True, kw_only=True)
class UserAsset:
    """A file of the user, as an asset of the engine.

    Attributes:
        name: its short name.
        file: the absolute path.
        where: what names it in messages.
        sha256: the hash that the file must have; empty: any.
        scale: metres in the unit of the file.
        bones: pairs of a bone and the joint that it is, where names are not known.
        clip: the animation in a glTF file; None is its only one.
        lighting: one of ``level.LIGHTINGS``.
    """

    kind: Kind
    name: str
    file: str
    where: str
    sha256: str = ""
    scale: Number = 1.0
    bones: tuple[tuple[str, str], ...] = ()
    clip: str | None = None
    lighting: str = "summer"

    @property
    def path(self) -> str:
        """The object path: another one for other content, so that two catalogs may use one name."""
        content = json.dumps([self.sha256, self.scale, self.bones, self.clip, self.lighting])
        folder = hashlib.sha256(content.encode()).hexdigest()[:8]
        return f"/Game/User/{FOLDERS[self.kind]}/{folder}/{self.name}.{self.name}"


def write_assets(assets: Iterable[UserAsset], path: Path) -> None:
    """Write assets for an engine process."""
    path.write_text(json.dumps([asdict(asset) for asset in assets]))


def read_assets(path: Path) -> tuple[UserAsset, ...]:
    """Read the assets of ``write_assets``."""
    text = read_utf8(path, fix="give the file that a worker wrote")
    with parsing("no list of assets", where=str(path), fix="give the file that a worker wrote"):
        return TypeAdapter(tuple[UserAsset, ...]).validate_json(text)


@cache
def user_level(asset: UserAsset) -> Environment:
    """The level of an asset; InputError says what is wrong with its file."""
    with _importing(asset):
        return level_of(_gltf(asset), scale=asset.scale, lighting=asset.lighting)


@cache
def user_character(asset: UserAsset) -> FileCharacter:
    """The character of an asset; InputError says what is wrong with its file."""
    with _importing(asset):
        return FileCharacter(_gltf(asset), scale=asset.scale, bones=dict(asset.bones))


@cache
def user_animation(asset: UserAsset) -> FileAnimation:
    """The animation of an asset; InputError says what is wrong with its file."""
    with _importing(asset):
        if Path(asset.file).suffix.lower() != ".bvh":
            return gltf_animation(_gltf(asset), asset.clip, dict(asset.bones), asset.scale)
        if asset.clip is not None:
            what, fix = "a BVH file has one animation", "remove the key clip"
            raise InputError(what, where=asset.where, fix=fix)
        if asset.scale != 1.0:
            what, fix = "the unit of a BVH file does not matter", "remove the key scale"
            raise InputError(what, where=asset.where, fix=fix)
        sha256 = _checked_sha256(asset)
        return bvh_animation(Path(asset.file), asset.where, sha256, dict(asset.bones))


def clear_files() -> None:
    """Forget all files that were read in this process."""
    for one in (user_level, user_character, user_animation, _read):
        one.cache_clear()


def file_sha256(asset: UserAsset) -> str:
    """The hash of the file, and of the files that it names; InputError if it is not that of the asset."""
    with _importing(asset):
        return _checked_sha256(asset)


def _checked_sha256(asset: UserAsset) -> str:
    path = Path(asset.file)
    _check_kind(asset, path)
    if path.suffix.lower() == ".bvh":
        content = read_bytes(path, most_bytes=MOST_BVH_BYTES, fix="give a shorter recording")
        found = hashlib.sha256(content).hexdigest()
    else:
        found = _read(asset.file, asset.where).sha256
    if asset.sha256 and found != asset.sha256:
        fix = "restore the file, or remove the key sha256 and make a new data set"
        raise InputError("the file is another one than before", where=asset.where, fix=fix)
    return found


def _gltf(asset: UserAsset) -> GltfFile:
    _checked_sha256(asset)
    return _read(asset.file, asset.where)


@lru_cache(maxsize=2)
def _read(file: str, where: str) -> GltfFile:
    return read_gltf(Path(file), where)


def _check_kind(asset: UserAsset, path: Path) -> None:
    """InputError for files that cannot be read, with how to convert them."""
    end = path.suffix.lower()
    if end in _IMPORTS:
        command = _BLENDER.format(_IMPORTS[end])
        raise InputError(f"{end} files are not read", where=asset.where, fix=f"convert it to GLB: {command}")
    known = (*_GLTF, ".bvh") if asset.kind == "AnimSequence" else _GLTF
    if end not in known:
        what = f"unknown kind of file {end!r}"
        raise InputError(what, where=asset.where, fix=f"give a {' or '.join(known)} file")
    require_file(path, fix="correct the key file")


@contextmanager
def _importing(asset: UserAsset) -> Iterator[None]:
    """Whatever is wrong with a file is one line about the asset; numbers that overflow are wrong, too."""
    errors = np.errstate(over="raise", invalid="raise", divide="raise")
    try:
        with parsing("cannot be imported", where=asset.where, fix=EXPORT_AGAIN), errors:
            yield
    except InputError as error:
        if error.where.startswith(asset.where):
            raise
        raise InputError(error.what, where=asset.where, fix=error.fix) from error
