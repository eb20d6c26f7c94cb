"""Images of glTF files, decoded."""

import hashlib
import io
import warnings
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from PIL import Image as Pictures

from multitake.errors import InputError

from .gltf_file import GltfFile, referenced
from .gltf_schema import TextureInfo

# Larger ones are refused; those above the second size are scaled down.
MOST_IMAGE_PX, MOST_TEXTURE_PX = 16384, 2048
# With more images than these, each is half as large.
_MANY = 24
_FIX = "export textures as PNG or JPEG"
Pixels = UInt8[np.ndarray, "height width channels"]


@dataclass(frozen=True)
class Picture:
    """A texture: a name that follows from its content, and its pixels (RGB or RGBA), the top row first.

    v of glTF grows from the top row down, and v of the engine from the first row on: they are the same.
    """

    name: str
    pixels: Pixels


def picture_of(file: GltfFile, info: TextureInfo) -> Picture:
    """The picture of a texture; InputError if it is missing, damaged or too large."""
    texture = file.item(file.gltf.textures, info.index, "texture")
    webp = texture.extensions.get("EXT_texture_webp")
    source = webp.get("source") if isinstance(webp, dict) and texture.source is None else texture.source
    if "KHR_texture_basisu" in texture.extensions and source is None:
        raise file.invalid(f"texture {info.index} is KTX2", _FIX)
    if not isinstance(source, int) or source < 0:
        raise file.invalid(f"texture {info.index} has no image", _FIX)
    image = file.item(file.gltf.images, source, "image")
    if image.bufferView is not None:
        content = file.view_bytes(image.bufferView)
    elif image.uri is not None:
        content = referenced(file.folder, image.uri, file.where, file.files)
    else:
        raise file.invalid(f"image {source} has no data", _FIX)
    name = f"user/{hashlib.sha256(content).hexdigest()[:20]}"
    return Picture(name, _decoded(file, content, f"image {source} ({image.name or image.uri or 'no name'})"))


def _decoded(file: GltfFile, content: bytes, what: str) -> Pixels:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _pixels(file, content, what)
    except InputError:
        raise
    # Damaged images make Pillow raise errors of many kinds.
    except Exception as error:
        raise file.invalid(f"{what} is damaged or of an unknown format", _FIX) from error


def _pixels(file: GltfFile, content: bytes, what: str) -> Pixels:
    with Pictures.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as picture:
        if max(picture.size) > MOST_IMAGE_PX:
            what = f"{what} has {picture.width}x{picture.height} pixels"
            raise file.invalid(what, f"use {MOST_TEXTURE_PX} pixels or fewer")
        is_translucent = "A" in picture.mode or "transparency" in picture.info
        if picture.mode.startswith("I"):
            # 16-bit grey.
            return np.repeat((np.asarray(picture)[..., None] >> 8).astype(np.uint8), 3, axis=2)
        whole = picture.convert("RGBA" if is_translucent else "RGB")
    most_px = MOST_TEXTURE_PX // (1 if len(file.gltf.images) <= _MANY else 2)
    if max(whole.size) > most_px:
        whole.thumbnail((most_px, most_px))
    return np.asarray(whole)
