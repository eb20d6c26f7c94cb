"""The people of the catalog, as ``people.toml`` has them: bodies, heads and clothes."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator

from multitake.settings import STRICT, read_toml, validated

from ..shapes.meshes import Rgb
from ..textures.catalog import TEXTURES
from .cuts import BOTTOMS, SHOES, TOPS, Outfit
from .hair import STYLES

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


def _known(name: str, names: Iterable[str]) -> str:
    if name not in names:
        raise ValueError(f"unknown name {name!r}; use one of {', '.join(names)}")
    return name


def _one_of(names: Iterable[str]) -> AfterValidator:
    return AfterValidator(lambda name: _known(name, names))


def _cut_in(cuts: Iterable[str]) -> AfterValidator:
    def checked(garment: "Garment") -> "Garment":
        _known(garment.cut, cuts)
        return garment

    return AfterValidator(checked)


ColorName = Annotated[str, _one_of(COLOR)]


@dataclass(frozen=True, kw_only=True)
class BodyOfPerson:
    """The shape of a body; ``weight`` 1 is usual."""

    __pydantic_config__ = STRICT
    kind: Literal["woman", "man", "girl", "boy"]
    age: float
    height_cm: float
    weight: float


@dataclass(frozen=True, kw_only=True)
class HeadOfPerson:
    """Names of the colours of skin and hair, a hair style, and what is worn."""

    __pydantic_config__ = STRICT
    skin: Annotated[str, _one_of(SKIN)]
    hair: Annotated[str, _one_of(HAIR)]
    style: Annotated[str, _one_of((*STYLES, "bald"))]
    beard: Literal["", "stubble", "moustache", "goatee", "full", "long"] = ""
    glasses: Literal["", "black", "gold", "sun"] = ""
    hat: Literal["", "cap", "beanie", "fedora", "sun", "helmet", "scarf"] = ""
    hat_color: ColorName | None = None
    iris: Rgb = (0.25, 0.16, 0.10)
    lips: Rgb | None = None
    nose: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Garment:
    """A cut, its colour, and its texture."""

    __pydantic_config__ = STRICT
    cut: str
    color: ColorName
    texture: Annotated[str, _one_of(TEXTURES)] = "fabric"


@dataclass(frozen=True, kw_only=True)
class Person:
    """A person of the catalog; ``inner_color`` is that of what an open top shows."""

    __pydantic_config__ = STRICT
    name: str
    body: BodyOfPerson
    head: HeadOfPerson
    top: Annotated[Garment, _cut_in(TOPS)]
    bottom: Annotated[Garment, _cut_in(BOTTOMS)]
    shoes: Annotated[Garment, _cut_in(SHOES)]
    inner_color: ColorName | None = None
    tie_color: ColorName | None = None
    is_cartoon: bool = False

    @property
    def outfit(self) -> Outfit:
        """Its clothes."""
        return Outfit(
            top=self.top.cut,
            top_color=COLOR[self.top.color],
            top_texture=self.top.texture,
            bottom=self.bottom.cut,
            bottom_color=COLOR[self.bottom.color],
            bottom_texture=self.bottom.texture,
            shoes=self.shoes.cut,
            shoes_color=COLOR[self.shoes.color],
            inner_color=COLOR[self.inner_color] if self.inner_color else Outfit.inner_color,
            tie_color=COLOR[self.tie_color] if self.tie_color else None,
        )


@dataclass(frozen=True)
class _People:
    __pydantic_config__ = STRICT
    people: tuple[Person, ...]


def read_people(path: Path) -> tuple[Person, ...]:
    """Read a file of people; InputError names the first key that is not valid."""
    return validated(_People, read_toml(path), where=str(path)).people


PEOPLE_FILE = Path(__file__).with_name("people.toml")
PEOPLE = read_people(PEOPLE_FILE)
