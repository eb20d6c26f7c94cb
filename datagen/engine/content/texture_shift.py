"""Textures without a beginning are shifted from prop to prop, so that equal props do not look the same."""

import zlib

_ANYWHERE = frozenset(
    {
        "acoustic", "asphalt", "bark", "brick", "cement", "cobbles", "concrete", "concrete_cast", "decking",
        "fabric", "flagstones", "foliage", "grass", "gravel", "herringbone", "leather", "leaves", "linoleum",
        "litter", "marble", "metal", "oak_floor", "old_brick", "painted", "paving", "plaster", "rock",
        "rubber", "sand", "smooth", "snow", "soil", "stonework", "stucco", "tarmac", "terrazzo", "turf", "tweed",
        "wood_grain", "worn_plaster",
    }
)  # fmt: skip
# Rows of things that start again at the side.
_SIDEWAYS = frozenset({"books"})


def texture_shift(texture: str, prop: str) -> tuple[float, float]:
    """Return how far the texture of a prop is shifted along u and v, in tiles."""
    if texture not in _ANYWHERE | _SIDEWAYS:
        return (0.0, 0.0)
    number = zlib.crc32(f"{prop} {texture}".encode())
    u, v = (number & 0xFFFF) / 0x10000, (number >> 16) / 0x10000
    return (u, v if texture in _ANYWHERE else 0.0)
