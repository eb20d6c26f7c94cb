"""Shoes, in the frame of a foot."""

from ..shapes.meshes import Mesh, Paint, Ring, dimmed, loft
from .body_shape import BodyShape
from .cuts import BOTTOMS, Outfit
from .layers import Layer, rigid_layer
from .skeleton import SIDES

# Longer trousers hide the shafts of boots.
_OVER_BOOTS = 0.95


def shoes(shape: BodyShape, outfit: Outfit) -> list[Layer]:
    """A pair of shoes."""
    return [rigid_layer(shape, f"foot_{side}", "smooth", *_shoe(shape, outfit)) for side in SIDES]


def _shoe(shape: BodyShape, outfit: Outfit) -> list[Mesh]:
    """Sole and upper; the sole matches the skeleton's sole points, so a flat foot is on the ground."""
    body = shape.build.proportions
    length, ankle, wide = body.foot_cm, body.ankle_cm, body.foot_cm / 26.0
    middle, calf = 0.24 * length, 5.1 * float(body.girth) + 1.3
    leather = Paint(color=outfit.shoes_color, gloss=0.35)
    is_sneaker = outfit.shoes == "sneakers"
    rubber = Paint(color=(0.95, 0.95, 0.92) if is_sneaker else dimmed(outfit.shoes_color, 0.35), gloss=0.2)
    sole = [
        Ring(z, 0.5 * length, 4.5 * wide, x_cm=middle, squareness=0.35) for z in (-ankle, -ankle + 2.0 * wide)
    ]
    upper = [
        Ring(-ankle + 1.5, 0.485 * length, 4.4 * wide, x_cm=middle, squareness=0.3),
        Ring(-0.62 * ankle, 0.45 * length, 4.3 * wide, x_cm=0.88 * middle, squareness=0.15),
        Ring(-0.36 * ankle, 0.36 * length, 4.0 * wide, x_cm=0.55 * middle),
        Ring(-0.12 * ankle, 0.25 * length, 3.9 * wide, x_cm=0.10 * middle),
        Ring(0.30 * ankle, 4.5 * wide, 4.0 * wide, x_cm=-0.05 * length),
    ]
    if outfit.shoes == "boots" and BOTTOMS[outfit.bottom].hem < _OVER_BOOTS:
        upper += [
            Ring(1.4 * ankle, calf - 0.5, calf - 0.7, x_cm=-0.04 * length),
            Ring(2.4 * ankle, calf + 0.6, calf + 0.3, x_cm=-0.05 * length),
        ]
    sock = [] if outfit.shoes == "boots" else [_sock(shape, outfit)]
    return [loft(sole, rubber, 14), loft(upper, leather, 14), *sock]


def _sock(shape: BodyShape, outfit: Outfit) -> Mesh:
    ankle, g = shape.build.proportions.ankle_cm, shape.build.girth**0.7
    paint = Paint(color=(0.9, 0.9, 0.88) if outfit.shoes == "sneakers" else dimmed(outfit.shoes_color, 0.6))
    rings = [Ring(z, 3.7 * g, 3.5 * g, x_cm=-0.5) for z in (-0.2 * ankle, 0.75 * ankle)]
    return loft(rings, paint, 10)
