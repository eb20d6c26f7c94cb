"""Emissive textures: what glows, in the one texture of a surface.

The engine's surfaces glow in the colour in which they reflect light, by the glow of their vertices and the
alpha of their texture. So colours become the larger ones of base and emission, and alpha the share of
brightness that is emission.
"""

import hashlib

import numpy as np
from jaxtyping import Float
from PIL import Image

from ..content.shapes.meshes import Rgb
from .gltf_images import Picture, Pixels

# Of red, green and blue in brightness.
_BRIGHTNESS = np.array([0.2126, 0.7152, 0.0722])


def with_glow(base: Picture, tint: Rgb, emission: Picture, emission_tint: Rgb) -> Picture:
    """The texture (RGBA) of a surface that glows with a texture; it contains the tints, which are linear."""
    height, width = (
        max(sizes) for sizes in zip(base.pixels.shape[:2], emission.pixels.shape[:2], strict=True)
    )
    reflected, emitted = (
        _linear(picture.pixels, width, height) * np.array(color, dtype=np.float32)
        for picture, color in ((base, tint), (emission, emission_tint))
    )
    both = np.clip(np.maximum(reflected, emitted), 0, 1)
    share = np.clip(emitted @ _BRIGHTNESS / np.maximum(both @ _BRIGHTNESS, 1e-6), 0, 1)
    values = np.concatenate([np.sqrt(both), share[..., None]], axis=-1)
    content = f"{base.name} {tint} {emission.name} {emission_tint}"
    name = f"user/{hashlib.sha256(content.encode()).hexdigest()[:20]}"
    return Picture(name, np.round(255 * values).astype(np.uint8))


def mean_brightness(picture: Picture) -> float:
    """The mean brightness of a picture (linear)."""
    return float((_linear(picture.pixels, *picture.pixels.shape[1::-1]) @ _BRIGHTNESS).mean())


def _linear(pixels: Pixels, width: int, height: int) -> Float[np.ndarray, "rows columns 3"]:
    """Colours of a size as light; the engine squares display values."""
    sized = Image.fromarray(np.ascontiguousarray(pixels[..., :3])).resize((width, height))
    return (np.asarray(sized, dtype=np.float32) / 255) ** 2
