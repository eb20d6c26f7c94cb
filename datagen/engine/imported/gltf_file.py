"""Reading a GLB or glTF file: its description, the bytes beside it, and the arrays in them."""

import base64
import binascii
import hashlib
import json
import struct
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote

import numpy as np
from jaxtyping import Shaped

from multitake.errors import InputError
from multitake.input_files import parsing, read_bytes
from multitake.settings import validated

from .gltf_schema import Accessor, BufferView, Gltf

MOST_FILE_BYTES = 1_000_000_000
_MOST_JSON_BYTES = 64_000_000
_MOST_ELEMENTS = 20_000_000
_MAGIC, _JSON_CHUNK, _BINARY_CHUNK = 0x46546C67, 0x4E4F534A, 0x004E4942
_DTYPES = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_COMPONENTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
EXPORT_AGAIN = "export the file again"
_UNCOMPRESS = "export without compression, or run `npx @gltf-transform/cli copy IN.glb OUT.glb`"
_REFUSED_EXTENSIONS = {
    "KHR_draco_mesh_compression": ("its meshes are compressed with Draco", _UNCOMPRESS),
    "EXT_meshopt_compression": ("its meshes are compressed with meshopt", _UNCOMPRESS),
    "KHR_texture_basisu": ("its textures are KTX2", "export them as PNG or JPEG"),
}
_READ_EXTENSIONS = ("KHR_texture_transform", "KHR_mesh_quantization", "EXT_texture_webp")
_Item = TypeVar("_Item")


@dataclass(frozen=True, kw_only=True)
class GltfFile:
    """A file: its description, and the bytes of its buffers. ``where`` names it in messages.

    ``files`` are the contents of all files that were read, by name; the first is the file itself.
    """

    gltf: Gltf
    buffers: tuple[bytes, ...]
    where: str
    folder: Path
    files: dict[str, bytes]

    @cached_property
    def sha256(self) -> str:
        """Hash of the file; if it names others, of the hashes of all of them."""
        hashes = [hashlib.sha256(content).hexdigest() for content in self.files.values()]
        return hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(hashes).encode()).hexdigest()

    def invalid(self, what: str, fix: str = EXPORT_AGAIN) -> InputError:
        """An error about this file."""
        return InputError(what, where=self.where, fix=fix)

    def item(self, items: tuple[_Item, ...], index: int, what: str) -> _Item:
        """An item of a list of the description."""
        if index >= len(items):
            raise self.invalid(f"{what} {index} is missing")
        return items[index]

    def array(self, index: int, kinds: tuple[str, ...] = ()) -> Shaped[np.ndarray, "count components"]:
        """The elements of an accessor: integers, or floats; those that are normalised are 0 to 1 or -1 to 1.

        ``kinds`` are the types that it may have.
        """
        accessor = self.item(self.gltf.accessors, index, "accessor")
        if kinds and accessor.type not in kinds:
            raise self.invalid(f"accessor {index} is of type {accessor.type} instead of {kinds[0]}")
        elements = self._elements(accessor, index)
        if accessor.normalized and elements.dtype.kind != "f":
            return np.maximum(elements / np.iinfo(elements.dtype).max, -1.0)
        if elements.dtype.kind == "f":
            elements = elements.astype(np.float64)
            if not np.isfinite(elements).all():
                raise self.invalid(f"accessor {index} has numbers that are not finite")
        return elements

    def view_bytes(self, index: int) -> bytes:
        """The bytes of a buffer view."""
        view, buffer = self._view(index)
        return buffer[view.byteOffset : view.byteOffset + view.byteLength]

    def _view(self, index: int) -> tuple[BufferView, bytes]:
        view = self.item(self.gltf.bufferViews, index, "buffer view")
        buffer = self.item(self.buffers, view.buffer, "buffer")
        if view.byteOffset + view.byteLength > len(buffer):
            raise self.invalid(f"buffer view {index} ends after its buffer")
        return view, buffer

    def _elements(self, accessor: Accessor, index: int) -> np.ndarray:
        dtype, components = _DTYPES[accessor.componentType], _COMPONENTS[accessor.type]
        if accessor.count * components > _MOST_ELEMENTS:
            raise self.invalid(f"accessor {index} has more than {_MOST_ELEMENTS} numbers", "simplify it")
        if accessor.bufferView is None:
            elements = np.zeros((accessor.count, components), dtype=dtype)
        else:
            elements = self._strided(
                accessor.bufferView, accessor.byteOffset, accessor.count, components, dtype
            )
        if accessor.sparse is None:
            return elements
        sparse, elements = accessor.sparse, elements.copy()
        if sparse.indices.componentType not in (5121, 5123, 5125):
            raise self.invalid(f"accessor {index} has sparse indices of an unknown type")
        number = _DTYPES[sparse.indices.componentType]
        rows = self._strided(sparse.indices.bufferView, sparse.indices.byteOffset, sparse.count, 1, number)
        values = self._strided(
            sparse.values.bufferView, sparse.values.byteOffset, sparse.count, components, dtype
        )
        if rows.max(initial=0) >= accessor.count:
            raise self.invalid(f"accessor {index} has sparse indices outside of it")
        elements[rows[:, 0]] = values
        return elements

    def _strided(self, view_index: int, offset: int, count: int, components: int, dtype: str) -> np.ndarray:
        """Elements of a buffer view."""
        view, buffer = self._view(view_index)
        size = np.dtype(dtype).itemsize
        stride = view.byteStride or components * size
        if count and offset + stride * (count - 1) + components * size > view.byteLength:
            raise self.invalid(f"buffer view {view_index} is too short for its elements")
        return np.ndarray(
            (count, components), dtype, buffer if count else b"", view.byteOffset + offset, (stride, size)
        )


def read_gltf(path: Path, where: str) -> GltfFile:
    """Read a GLB or glTF file, and the buffers that it names; InputError says what is wrong with it."""
    content = read_bytes(path, most_bytes=MOST_FILE_BYTES, fix="give a readable GLB file")
    text, binary = _chunks(content, where) if content[:4] == b"glTF" else (content, None)
    if len(text) > _MOST_JSON_BYTES:
        raise InputError("its description is larger than 64 MB", where=where, fix="simplify the scene")
    with parsing("not a glTF file", where=where, fix=EXPORT_AGAIN):
        described = json.loads(text)
        if not isinstance(described, dict):
            raise ValueError("no description")
    _check_extensions(described.get("extensionsRequired"), where)
    gltf = validated(Gltf, described, where=where)
    if not gltf.asset.version.startswith("2."):
        raise InputError(f"glTF {gltf.asset.version[:20]} instead of 2.0", where=where, fix=EXPORT_AGAIN)
    files, buffers = {path.name: content}, []
    for place, buffer in enumerate(gltf.buffers):
        if buffer.uri is not None:
            found = referenced(path.parent, buffer.uri, where, files)
        elif place or binary is None:
            raise InputError(f"buffer {place} has no data", where=where, fix=EXPORT_AGAIN)
        else:
            found = binary
        if len(found) < buffer.byteLength:
            raise InputError(f"the file is truncated in buffer {place}", where=where, fix="copy it again")
        buffers.append(found)
    _read_images(gltf, path.parent, where, files)
    return GltfFile(gltf=gltf, buffers=tuple(buffers), where=where, folder=path.parent, files=files)


def referenced(folder: Path, uri: str, where: str, files: dict[str, bytes]) -> bytes:
    """The content of a URI: data, or a file in ``folder``, which is added to ``files``."""
    if uri.startswith("data:"):
        try:
            return base64.b64decode(uri.partition(",")[2], validate=True)
        except binascii.Error as error:
            raise InputError("its embedded data is damaged", where=where, fix=EXPORT_AGAIN) from error
    name = unquote(uri)
    if "://" in name or Path(name).is_absolute() or ".." in Path(name).parts:
        raise InputError(f"names a file elsewhere ({name[:80]!r})", where=where, fix="export it as one GLB")
    if name not in files:
        fix = "put it beside the file, or export it as one GLB"
        if not (folder / name).is_file():
            raise InputError(f"the file {name[:80]!r} that it names is missing", where=where, fix=fix)
        files[name] = read_bytes(folder / name, most_bytes=MOST_FILE_BYTES, fix=fix)
    return files[name]


def _read_images(gltf: Gltf, folder: Path, where: str, files: dict[str, bytes]) -> None:
    for image in gltf.images:
        if image.uri is not None and not image.uri.startswith("data:"):
            referenced(folder, image.uri, where, files)


def _chunks(content: bytes, where: str) -> tuple[bytes, bytes | None]:
    """The description of a GLB file, and its binary data."""
    truncated = InputError("the file is truncated", where=where, fix="copy it again")
    if len(content) < 20:
        raise truncated
    _, version, length = struct.unpack_from("<III", content)
    if version != 2:
        raise InputError(f"GLB version {version} instead of 2", where=where, fix=EXPORT_AGAIN)
    chunks: dict[int, bytes] = {}
    at = 12
    while at + 8 <= min(length, len(content)):
        size, kind = struct.unpack_from("<II", content, at)
        if at + 8 + size > len(content):
            raise truncated
        chunks.setdefault(kind, content[at + 8 : at + 8 + size])
        at += 8 + size + -size % 4
    if length > len(content) or _JSON_CHUNK not in chunks:
        raise truncated
    return chunks[_JSON_CHUNK], chunks.get(_BINARY_CHUNK)


def _check_extensions(required: object, where: str) -> None:
    for name in required if isinstance(required, list) else []:
        what, fix = _REFUSED_EXTENSIONS.get(name, (f"it requires the extension {name}", "export without it"))
        is_known = name in _READ_EXTENSIONS or str(name).startswith(("KHR_materials_", "KHR_lights_"))
        if name in _REFUSED_EXTENSIONS or not is_known:
            raise InputError(what, where=where, fix=fix)
