"""Meshes and textures as Panda nodes, each built once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Float, Int, UInt8, UInt32
from numpy.lib import recfunctions
from panda3d.core import (
    Geom,
    GeomEnums,
    GeomNode,
    GeomTriangles,
    GeomVertexArrayFormat,
    GeomVertexData,
    GeomVertexFormat,
    InternalName,
    RenderState,
    SamplerState,
    Texture,
    TextureAttrib,
    TextureStage,
)

from ..content.characters.skin import SkinnedPart
from ..content.shapes.meshes import Mesh, Part
from ..content.textures.catalog import texture_image
from ..content.textures.ground import GROUND_TEXTURES
from ..content.textures.relief import relief_of_normals, relief_of_texture
from .looks import Look
from .panda_space import panda_directions, panda_points, panda_triangles
from .skinned_node import SkinnedNode

# The columns of a vertex: name, components, NumPy type, Panda type, meaning to Panda. What poses change is
# in an array of its own.
_POSED = (
    ("vertex", 3, "<f4", GeomEnums.NT_float32, GeomEnums.C_point),
    ("normal", 3, "<f4", GeomEnums.NT_float32, GeomEnums.C_normal),
)
_PAINTED = (
    ("color", 4, "u1", GeomEnums.NT_uint8, GeomEnums.C_color),
    ("texcoord", 2, "<f4", GeomEnums.NT_float32, GeomEnums.C_texcoord),
    # Gloss, glow, and tiles of the relief for each tile of the texture.
    ("surface", 3, "<f4", GeomEnums.NT_float32, GeomEnums.C_other),
    ("triangle", 1, "<f4", GeomEnums.NT_float32, GeomEnums.C_other),
)
_ARRAYS = (_POSED, _PAINTED)
_RELIEF = TextureStage("relief")
_RELIEF.set_sort(1)
_ROW = np.dtype([(name, numpy, count) for columns in _ARRAYS for name, count, numpy, _, _ in columns])


# What is kept at most, and what is left when that is too much. A level has some 10 MB of geometry.
MOST_BYTES, LEFT_BYTES = 30_000_000, 18_000_000


@dataclass(frozen=True, kw_only=True)
class _Built:
    """Geometry, which vertex of its part each row is, and the textures and reliefs that it needs."""

    node: GeomNode
    sources: list[Int[np.ndarray, "_"]]
    textures: set[str]
    reliefs: set[tuple[str, str]]
    size_bytes: int


class NodeCache:
    """Textures and geometry by name, so that loading a level again costs nothing.

    What was used longest ago is dropped. With shaders, geometry tells them which triangle of its node they
    draw.
    """

    def __init__(self, look: Look) -> None:
        self._look = look
        self._textures: dict[str, Texture] = {}
        # With the number of tiles of the texture that each relief covers.
        self._reliefs: dict[tuple[str, str], tuple[Texture, int]] = {}
        # The last one was used last.
        self._nodes: dict[str, _Built] = {}

    def names(self) -> list[str]:
        """The keys of the geometry that is kept; the last one was used last."""
        return list(self._nodes)

    def node(self, key: str, parts: list[Part]) -> GeomNode:
        """Return a node with the geometry of ``parts``; the same ``key`` must always mean the same parts."""
        return self._used(key, parts).node.make_copy()

    def skinned_node(self, key: str, parts: list[SkinnedPart]) -> SkinnedNode:
        """Return a node that can be posed; the same ``key`` must always mean the same parts."""
        used = self._used(key, parts)
        return SkinnedNode(used.node.make_copy(), parts, used.sources)

    def _used(self, key: str, parts: Sequence[Part]) -> _Built:
        is_new = key not in self._nodes
        used = self._built(key, parts) if is_new else self._nodes.pop(key)
        self._nodes[key] = used
        if is_new:
            self._drop_oldest()
        return used

    def _drop_oldest(self) -> None:
        """Drop geometry that was used longest ago while there is too much, and textures that none needs."""
        total_bytes = sum(one.size_bytes for one in self._nodes.values())
        if total_bytes <= MOST_BYTES:
            return
        for key, one in list(self._nodes.items())[:-1]:
            if total_bytes <= LEFT_BYTES:
                break
            total_bytes -= one.size_bytes
            del self._nodes[key]
        kept = self._nodes.values()
        textures = set[str]().union(*(one.textures for one in kept))
        reliefs = set[tuple[str, str]]().union(*(one.reliefs for one in kept))
        self._textures = {name: one for name, one in self._textures.items() if name in textures}
        self._reliefs = {name: one for name, one in self._reliefs.items() if name in reliefs}

    def _built(self, key: str, parts: Sequence[Part]) -> _Built:
        node, first, sources = GeomNode(key), 0, []
        for part in parts:
            textures = TextureAttrib.make(self.texture(part.texture))
            repeats = 1
            if self._look.has_shaders:
                relief, repeats = self._relief(part)
                textures = textures.add_on_stage(_RELIEF, relief)
            geom, source = _geom(part.mesh, first, self._look, repeats)
            node.add_geom(geom, RenderState.make(textures))
            sources.append(source)
            first += len(part.mesh.triangles)
        return _Built(
            node=node,
            sources=sources,
            textures={part.texture for part in parts},
            reliefs={(part.texture, part.normal_map) for part in parts},
            size_bytes=_ROW.itemsize * sum(map(len, sources)),
        )

    def texture(self, name: str) -> Texture:
        """Return the named texture."""
        if name not in self._textures:
            self._textures[name] = _panda_texture(name, self._look.tone_exponent)
        return self._textures[name]

    def _relief(self, part: Part) -> tuple[Texture, int]:
        key = part.texture, part.normal_map
        if key not in self._reliefs:
            image = texture_image(part.normal_map or part.texture)
            relief = relief_of_normals(image) if part.normal_map else relief_of_texture(part.texture, image)
            self._reliefs[key] = _uploaded(f"relief of {part.texture}", relief.image), relief.tiles
        return self._reliefs[key]


@cache
def _vertex_format() -> GeomVertexFormat:
    vertex_format = GeomVertexFormat()
    for columns in _ARRAYS:
        array = GeomVertexArrayFormat()
        for name, components, _, panda_type, meaning in columns:
            array.add_column(InternalName.make(name), components, panda_type, meaning)
        vertex_format.add_array(array)
    return GeomVertexFormat.register_format(vertex_format)


def _geom(mesh: Mesh, first: int, look: Look, repeats: int) -> tuple[Geom, Int[np.ndarray, "rows"]]:
    """A mesh with its triangles numbered from ``first``, and which vertex each row is."""
    rows = np.zeros(len(mesh.positions), dtype=_ROW)
    rows["vertex"], rows["normal"] = panda_points(mesh.positions), panda_directions(mesh.normals)
    rows["color"][:, :3], rows["color"][:, 3] = _toned(mesh.colors, look.tone_exponent), 255
    rows["texcoord"], rows["surface"][:, :2], rows["surface"][:, 2] = mesh.uvs, mesh.gloss_glow, 1 / repeats
    indices, source = panda_triangles(mesh.triangles).astype("<u4"), np.arange(len(rows))
    if look.has_shaders:
        indices, source = _last_vertices(indices, len(rows))
        rows = rows[source]
        # OpenGL takes flat values from the last vertex. ``gl_PrimitiveID`` would cost llvmpipe more.
        rows["triangle"][indices[:, 2], 0] = first + np.arange(len(indices))
    vertices = GeomVertexData("mesh", _vertex_format(), GeomEnums.UH_static)
    vertices.unclean_set_num_rows(len(rows))
    for place, columns in enumerate(_ARRAYS):
        array = rows[[name for name, *_ in columns]]
        vertices.modify_array_handle(place).copy_data_from(recfunctions.repack_fields(array).tobytes())
    triangles = GeomTriangles(GeomEnums.UH_static)
    triangles.set_index_type(GeomEnums.NT_uint32)
    triangles.modify_vertices().unclean_set_num_rows(indices.size)
    triangles.modify_vertices().modify_handle().copy_data_from(indices.tobytes())
    geom = Geom(vertices)
    geom.add_primitive(triangles)
    return geom, source


def _last_vertices(
    indices: UInt32[np.ndarray, "triangles 3"], vertices: int
) -> tuple[UInt32[np.ndarray, "triangles 3"], Int[np.ndarray, "rows"]]:
    """Give each triangle a last vertex of its own: copies are appended; which vertex each row is, too."""
    last = indices[:, 2].copy()
    is_copied = np.ones(len(last), dtype=bool)
    is_copied[np.unique(last, return_index=True)[1]] = False
    indices[is_copied, 2] = vertices + np.arange(is_copied.sum())
    return indices, np.concatenate([np.arange(vertices), last[is_copied]])


def _toned(
    colors: Float[np.ndarray, "*shape channels"], exponent: float
) -> UInt8[np.ndarray, "*shape channels"]:
    """Display values (0 to 1), raised to a power, as bytes."""
    return np.round(255 * np.clip(colors, 0, 1) ** exponent).astype(np.uint8)


def _panda_texture(name: str, tone_exponent: float) -> Texture:
    """Return the named texture, mipmapped and repeating; skies repeat only horizontally."""
    texture = _uploaded(name, texture_image(name), tone_exponent)
    repeat, clamp = SamplerState.WM_repeat, SamplerState.WM_clamp
    texture.set_wrap_u(clamp if name == "soft_disc" else repeat)
    texture.set_wrap_v(clamp if name.startswith(("soft_disc", "sky")) else repeat)
    sampler = SamplerState(texture.default_sampler)
    sampler.set_lod_bias(-0.6 if name in GROUND_TEXTURES else 0.0)
    texture.set_default_sampler(sampler)
    return texture


def _uploaded(
    name: str, image: UInt8[np.ndarray, "height width channels"], tone_exponent: float = 1.0
) -> Texture:
    """A mipmapped and repeating texture, RGB or RGBA."""
    height, width, channels = image.shape
    texture = Texture(name)
    layout = Texture.F_rgba if channels == 4 else Texture.F_rgb
    texture.setup_2d_texture(width, height, Texture.T_unsigned_byte, layout)
    texture.set_ram_image(_panda_image(image, tone_exponent))
    texture.set_minfilter(SamplerState.FT_linear_mipmap_nearest)
    texture.set_magfilter(SamplerState.FT_linear)
    # Only the driver needs the pixels, once.
    texture.set_keep_ram_image(False)
    return texture


def _panda_image(
    image: UInt8[np.ndarray, "height width channels"], tone_exponent: float
) -> UInt8[np.ndarray, "height width channels"]:
    """The image in Panda's order of channels, blue first, its colors raised to a power."""
    toned = _toned(np.arange(256) / 255.0, tone_exponent)
    found = np.empty_like(image)
    # Channel by channel: an index over all three is several times slower.
    for source, target in ((0, 2), (1, 1), (2, 0)):
        found[..., target] = image[..., source] if tone_exponent == 1.0 else toned[image[..., source]]
    found[..., 3:] = image[..., 3:]
    return found
