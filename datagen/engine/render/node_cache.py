"""Meshes and textures as Panda nodes."""

import numpy as np
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
)

from ..content.meshes import Mesh, Part
from ..content.textures import texture_image
from .panda_space import panda_directions, panda_points, panda_triangles

_ROW = np.dtype(
    [
        ("position", "<f4", 3),
        ("normal", "<f4", 3),
        ("color", "u1", 4),
        ("uv", "<f4", 2),
        ("surface", "<f4", 2),
    ]
)


def _vertex_format() -> GeomVertexFormat:
    array = GeomVertexArrayFormat()
    array.add_column(InternalName.get_vertex(), 3, GeomEnums.NT_float32, GeomEnums.C_point)
    array.add_column(InternalName.get_normal(), 3, GeomEnums.NT_float32, GeomEnums.C_normal)
    array.add_column(InternalName.get_color(), 4, GeomEnums.NT_uint8, GeomEnums.C_color)
    array.add_column(InternalName.get_texcoord(), 2, GeomEnums.NT_float32, GeomEnums.C_texcoord)
    array.add_column(InternalName.make("surface"), 2, GeomEnums.NT_float32, GeomEnums.C_other)
    layout = GeomVertexFormat()
    layout.add_array(array)
    return GeomVertexFormat.register_format(layout)


def geom(mesh: Mesh) -> Geom:
    """`mesh` converted to Panda's axes and metres."""
    rows = np.zeros(len(mesh.positions), dtype=_ROW)
    rows["position"], rows["normal"] = panda_points(mesh.positions), panda_directions(mesh.normals)
    rows["color"][:, :3], rows["color"][:, 3] = np.round(np.clip(mesh.colors, 0, 1) * 255), 255
    rows["uv"], rows["surface"] = mesh.uvs, mesh.surface
    vertices = GeomVertexData("mesh", _vertex_format(), GeomEnums.UH_static)
    vertices.unclean_set_num_rows(len(rows))
    vertices.modify_array_handle(0).copy_data_from(rows.tobytes())
    indices = panda_triangles(mesh.triangles).astype("<u4")
    triangles = GeomTriangles(GeomEnums.UH_static)
    triangles.set_index_type(GeomEnums.NT_uint32)
    triangles.modify_vertices().unclean_set_num_rows(indices.size)
    triangles.modify_vertices().modify_handle().copy_data_from(indices.tobytes())
    solid = Geom(vertices)
    solid.add_primitive(triangles)
    return solid


class Wardrobe:
    """Textures and geometry already built, by name, so that loading a level again costs nothing."""

    def __init__(self) -> None:
        self._textures: dict[str, Texture] = {}
        self._nodes: dict[str, GeomNode] = {}

    def texture(self, name: str) -> Texture:
        """The named procedural texture, mipmapped and repeating (the sky only around)."""
        if name not in self._textures:
            self._textures[name] = _panda_texture(name)
        return self._textures[name]

    def node(self, key: str, parts: list[Part]) -> GeomNode:
        """A node with the geometry of `parts`; `key` names it, and one key always means the same parts."""
        if key not in self._nodes:
            node = GeomNode(key)
            for part in parts:
                state = RenderState.make(TextureAttrib.make(self.texture(part.texture)))
                node.add_geom(geom(part.mesh), state)
            self._nodes[key] = node
        return self._nodes[key].make_copy()


def _panda_texture(name: str) -> Texture:
    image = texture_image(name)
    height, width, channels = image.shape
    texture = Texture(name)
    layout = Texture.F_rgba if channels == 4 else Texture.F_rgb
    texture.setup_2d_texture(width, height, Texture.T_unsigned_byte, layout)
    order = [2, 1, 0, 3][:channels]
    texture.set_ram_image(np.ascontiguousarray(image[..., order]).tobytes())
    wrap = SamplerState.WM_clamp if name in {"sky", "soft_disc"} else SamplerState.WM_repeat
    texture.set_wrap_u(SamplerState.WM_repeat if name == "sky" else wrap)
    texture.set_wrap_v(wrap)
    texture.set_minfilter(SamplerState.FT_linear_mipmap_nearest)
    texture.set_magfilter(SamplerState.FT_linear)
    return texture
