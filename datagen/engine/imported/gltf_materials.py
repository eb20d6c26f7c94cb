"""Materials of glTF files, in the terms of the engine."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import cos, sin

import numpy as np
from jaxtyping import Bool, Float

from ..content.shapes.meshes import Rgb
from .gltf_file import GltfFile
from .gltf_glow import mean_brightness, with_glow
from .gltf_images import Picture, picture_of
from .gltf_schema import Material, Roughness, TextureInfo

# The engine multiplies what glows by this.
_GLOW_SCALE = 4.0
# Base colours below it are not seen beside a glow.
_BLACK = 0.01
_WHITE = Picture("user/white", np.full((4, 4, 3), 255, dtype=np.uint8))
# Without a normal map surfaces are smooth; the engine would find bumps in the texture.
_SMOOTH = Picture("user/smooth", np.tile(np.array([128, 128, 255], dtype=np.uint8), (4, 4, 1)))
_IDENTITY = np.eye(3)[:2]


@dataclass(frozen=True, kw_only=True)
class SurfaceLook:
    """How a surface looks. ``tint`` is linear.

    The picture is RGB, or RGBA: alpha is then the share of ``glow`` in a place. What is not ``is_opaque``, in
    the places of an image, is cut out; None: nothing is.
    """

    picture: Picture = _WHITE
    is_opaque: Bool[np.ndarray, "height width"] | None = None
    tint: Rgb = (1.0, 1.0, 1.0)
    gloss: float = 0.0
    glow: float = 0.0
    is_double_sided: bool = False
    normal_map: Picture = _SMOOTH
    uv_set: int = 0
    uv_matrix: Float[np.ndarray, "2 3"] = field(default_factory=lambda: _IDENTITY)

    @property
    def texture_names(self) -> tuple[str, str]:
        """The names of the texture and of the normal map."""
        return self.picture.name, self.normal_map.name


class Materials:
    """The looks of the materials of a file, each made once."""

    def __init__(self, file: GltfFile) -> None:
        self._file = file
        self._looks: dict[int | None, SurfaceLook] = {None: SurfaceLook()}
        self._pictures: dict[int, Picture] = {}

    def look(self, index: int | None) -> SurfaceLook:
        """The look of a material; None is the default one."""
        if index not in self._looks:
            material = self._file.item(self._file.gltf.materials, index or 0, "material")
            self._looks[index] = self._made(material)
        return self._looks[index]

    @property
    def pictures(self) -> list[Picture]:
        """The pictures of all materials that were looked up."""
        looks = self._looks.values()
        found = [picture for look in looks for picture in (look.picture, look.normal_map)]
        return list({picture.name: picture for picture in found}.values())

    def _made(self, material: Material) -> SurfaceLook:
        pbr = material.pbrMetallicRoughness
        info, painted = self._painted(material)
        return replace(
            painted,
            is_opaque=self._is_opaque(material),
            gloss=float(np.clip(1 - pbr.roughnessFactor * self._roughness(pbr), 0, 1)),
            is_double_sided=material.doubleSided,
            normal_map=self._normal_map(material.normalTexture, info),
            uv_set=_uv_set(info),
            uv_matrix=_uv_matrix(info),
        )

    def _painted(self, material: Material) -> tuple[TextureInfo | None, SurfaceLook]:
        """The colours and the glow, and the texture whose coordinates they have."""
        base, emissive = material.pbrMetallicRoughness.baseColorTexture, material.emissiveTexture
        tint: Sequence[float] = material.pbrMetallicRoughness.baseColorFactor[:3]
        emission = material.emissiveFactor
        picture, strength = _WHITE if base is None else self._colors(base), max(emission)
        if strength > 0 and emissive is not None and (base is None or _is_placed_alike(base, emissive)):
            strength, glowing = max(strength, 1.0), self._colors(emissive)
            emitted = _bounded([one / strength for one in emission])
            both = with_glow(picture, _bounded(tint), glowing, emitted)
            return base or emissive, SurfaceLook(picture=both, glow=_glow(strength))
        if strength > 0 and max(tint) < _BLACK:
            # The engine's surfaces glow in their own colour.
            tint = [one / strength for one in emission]
        if emissive is not None:
            strength *= mean_brightness(self._colors(emissive))
        return base, SurfaceLook(picture=picture, tint=_bounded(tint), glow=_glow(strength))

    def _is_opaque(self, material: Material) -> Bool[np.ndarray, "height width"] | None:
        """Which pixels of the base colour are opaque; a single one without an alpha channel."""
        if material.alphaMode == "OPAQUE":
            return None
        cutoff = material.alphaCutoff if material.alphaMode == "MASK" else 0.5
        pbr = material.pbrMetallicRoughness
        alpha, info = pbr.baseColorFactor[3], pbr.baseColorTexture
        pixels = _WHITE.pixels if info is None else self._picture(info).pixels
        if pixels.shape[2] < 4:
            return np.array([[alpha >= cutoff]])
        return pixels[..., 3] * (alpha / 255) >= cutoff

    def _roughness(self, pbr: Roughness) -> float:
        """The mean of the roughness texture."""
        info = pbr.metallicRoughnessTexture
        return 1.0 if info is None else float(self._picture(info).pixels[..., 1].mean()) / 255

    def _normal_map(self, info: TextureInfo | None, base: TextureInfo | None) -> Picture:
        """The normal map, if it has the texture coordinates of the colours. Its green points along v."""
        if info is None or base is None or not _is_placed_alike(info, base):
            return _SMOOTH
        picture = self._picture(info)
        pixels = picture.pixels[..., :3].copy()
        # Up in the image, which is against v.
        pixels[..., 1] = 255 - pixels[..., 1]
        return Picture(f"{picture.name}-normals", pixels)

    def _colors(self, info: TextureInfo) -> Picture:
        """The picture of a texture without its alpha channel."""
        picture = self._picture(info)
        return Picture(picture.name, picture.pixels[..., :3])

    def _picture(self, info: TextureInfo) -> Picture:
        if info.index not in self._pictures:
            self._pictures[info.index] = picture_of(self._file, info)
        return self._pictures[info.index]


def _glow(strength: float) -> float:
    return float(np.clip(strength / _GLOW_SCALE, 0, 1))


def _bounded(color: Sequence[float]) -> Rgb:
    red, green, blue = np.clip(color, 0, 1).tolist()
    return red, green, blue


def _is_placed_alike(first: TextureInfo, second: TextureInfo) -> bool:
    """Whether two textures have the same coordinates."""
    return _uv_set(first) == _uv_set(second) and np.allclose(_uv_matrix(first), _uv_matrix(second))


def _transform(info: TextureInfo | None) -> dict[str, object]:
    found = info.extensions.get("KHR_texture_transform") if info else None
    return found if isinstance(found, dict) else {}


def _uv_set(info: TextureInfo | None) -> int:
    other = _transform(info).get("texCoord")
    return other if isinstance(other, int) else info.texCoord if info else 0


def _uv_matrix(info: TextureInfo | None) -> Float[np.ndarray, "2 3"]:
    """The transform of texture coordinates: scale, then turn, then move (KHR_texture_transform)."""
    transform = _transform(info)
    if not transform:
        return _IDENTITY
    (x, y), (width, height) = _pair(transform, "offset", 0.0), _pair(transform, "scale", 1.0)
    turn = transform.get("rotation", 0.0)
    angle = float(turn) if isinstance(turn, int | float) else 0.0
    return np.array(
        [[cos(angle) * width, sin(angle) * height, x], [-sin(angle) * width, cos(angle) * height, y]]
    )


def _pair(transform: dict[str, object], key: str, default: float) -> tuple[float, float]:
    value = transform.get(key)
    if isinstance(value, list) and len(value) == 2 and all(isinstance(one, int | float) for one in value):
        return float(value[0]), float(value[1])
    return default, default
