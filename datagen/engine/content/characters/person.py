"""A person of the catalog: what its head is like, what it wears, and how a line of a table is read."""

from dataclasses import dataclass

from ..shapes.meshes import Rgb
from ..unreal_space import Number
from .cuts import Outfit

SKIN: dict[str, Rgb] = {
    "pale": (0.97, 0.82, 0.74), "light": (0.92, 0.72, 0.60), "tan": (0.84, 0.62, 0.47),
    "olive": (0.76, 0.56, 0.42), "brown": (0.62, 0.43, 0.31), "dark": (0.53, 0.36, 0.26),
    "deep": (0.42, 0.29, 0.22),
}  # fmt: skip
HAIR: dict[str, Rgb] = {
    "black": (0.09, 0.08, 0.08), "dark": (0.20, 0.13, 0.09), "brown": (0.36, 0.22, 0.13),
    "auburn": (0.42, 0.18, 0.10), "red": (0.66, 0.28, 0.12), "blond": (0.82, 0.64, 0.36),
    "sand": (0.62, 0.48, 0.31), "grey": (0.58, 0.57, 0.56), "white": (0.88, 0.87, 0.85),
    "pink": (0.92, 0.45, 0.62), "blue": (0.22, 0.38, 0.72), "green": (0.25, 0.58, 0.35),
}  # fmt: skip
COLOR: dict[str, Rgb] = {
    "white": (0.94, 0.94, 0.92), "cream": (0.92, 0.86, 0.72), "grey": (0.58, 0.59, 0.61),
    "charcoal": (0.25, 0.26, 0.28), "black": (0.12, 0.12, 0.13), "navy": (0.15, 0.20, 0.36),
    "blue": (0.22, 0.42, 0.76), "sky": (0.55, 0.76, 0.92), "teal": (0.14, 0.54, 0.54),
    "green": (0.22, 0.55, 0.30), "olive": (0.45, 0.46, 0.28), "lime": (0.65, 0.82, 0.28),
    "yellow": (0.96, 0.80, 0.24), "mustard": (0.82, 0.62, 0.18), "orange": (0.93, 0.50, 0.16),
    "red": (0.80, 0.18, 0.17), "wine": (0.48, 0.12, 0.20), "pink": (0.94, 0.60, 0.70),
    "magenta": (0.78, 0.22, 0.52), "purple": (0.46, 0.28, 0.62), "lilac": (0.74, 0.64, 0.86),
    "brown": (0.42, 0.28, 0.19), "camel": (0.76, 0.58, 0.38), "khaki": (0.70, 0.63, 0.47),
    "denim": (0.24, 0.36, 0.58), "pale-denim": (0.50, 0.63, 0.80),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Person:
    """A person of the catalog: ``kind`` is woman, man, girl or boy; ``weight`` 1 is usual."""

    name: str
    caption: str
    kind: str
    age: Number
    height_cm: Number
    weight: Number
    skin: str
    hair: str
    style: str
    outfit: Outfit
    beard: str = ""
    glasses: str = ""
    hat: str = ""
    hat_color: Rgb = (0.2, 0.2, 0.25)
    iris: Rgb = (0.25, 0.16, 0.10)
    lips: Rgb | None = None
    nose: Number = 1.0
    is_cartoon: bool = False


def person(who_is: str, clothes: str, **more: object) -> Person:
    """A person of two lines of the table: columns are separated by bars."""
    who, caption, kind, body, head = who_is.split(" | ")
    top, bottom, shoes = clothes.split(" | ")
    age, height, weight = body.split()
    skin, hair, style = head.split()
    top_cut, top_color, *top_texture = top.split()
    bottom_cut, bottom_color, *bottom_texture = bottom.split()
    shoe, shoe_color = shoes.split()
    details = {key: COLOR[str(value)] if "color" in key else value for key, value in more.items()}
    of_outfit = {key: details.pop(key) for key in ("inner_color", "tie_color") if key in details}
    default_bottom = {"jeans": "denim", "leggings": "smooth"}.get(bottom_cut, "fabric")
    outfit = Outfit(
        top=top_cut,
        top_color=COLOR[top_color],
        top_texture=top_texture[0] if top_texture else "fabric",
        bottom=bottom_cut,
        bottom_color=COLOR[bottom_color],
        bottom_texture=bottom_texture[0] if bottom_texture else default_bottom,
        shoes=shoe,
        shoes_color=COLOR[shoe_color],
        **of_outfit,  # type: ignore[arg-type]
    )
    return Person(
        name=who,
        caption=caption,
        kind=kind,
        age=float(age),
        height_cm=float(height),
        weight=float(weight),
        skin=skin,
        hair=hair,
        style=style,
        outfit=outfit,
        **details,  # type: ignore[arg-type]
    )
