"""Sun shadows of the `lit` look: one map for the level, drawn when it changes, one fitted to what moves."""

import numpy as np
from panda3d.core import (
    BitMask32,
    Camera,
    CullFaceAttrib,
    GraphicsBuffer,
    GraphicsOutput,
    LMatrix4f,
    LPoint3f,
    LVecBase4f,
    NodePath,
    OrthographicLens,
    RenderState,
    SamplerState,
    Shader,
    ShaderAttrib,
    Texture,
    TransformState,
)

from ..content.unreal_space import CM_PER_M
from . import shaders
from .panda_space import panda_point
from .scene_graph import Area, Stage

LEVEL_MAP_PX, FIGURE_MAP_PX = 2048, 1024
_DEPTH_M = 120.0


class ShadowMap:
    """The sun's depth image of one group of actors; `name` prefixes its shader inputs."""

    def __init__(self, name: str, mask: BitMask32, buffer: GraphicsBuffer, stage: Stage) -> None:
        self._name, self._buffer, self._root = name, buffer, stage.root
        self._version = -1
        self._size_px = buffer.get_x_size()
        texture = _depth_texture(name)
        buffer.add_render_texture(texture, GraphicsOutput.RTM_bind_or_copy, GraphicsOutput.RTP_depth)
        self._lens = OrthographicLens()
        self._camera = stage.root.attach_new_node(_sun_camera(mask, self._lens, stage.root))
        buffer.make_display_region().set_camera(self._camera)
        self._root.set_shader_input(f"{name}_shadow_map", texture)

    def follow(self, area: Area, to_sun: LPoint3f) -> None:
        """Fit the map to `area` and draw it in the coming frame, unless it is up to date."""
        stale = self._version != area.version
        self._buffer.set_active(stale)
        if not stale:
            return
        self._version = area.version
        radius = area.radius_cm / CM_PER_M
        self._lens.set_film_size(2 * radius, 2 * radius)
        self._lens.set_near_far(0.1, _DEPTH_M)
        self._camera.set_pos(0, 0, 0)
        self._camera.look_at(-to_sun)
        self._camera.set_pos(self._snapped(panda_point(*area.center_cm), radius) + to_sun * (0.5 * _DEPTH_M))
        half = TransformState.make_pos_hpr_scale((0.5, 0.5, 0.5), (0, 0, 0), (0.5, 0.5, 0.5)).get_mat()
        clip_from_world: LMatrix4f = self._root.get_mat(self._camera) * self._lens.get_projection_mat()
        self._root.set_shader_input(f"{self._name}_shadow_from_world", clip_from_world * half)
        self._root.set_shader_input(
            f"{self._name}_shadow_texel", LVecBase4f(1 / self._size_px, 3.0 * radius / self._size_px, 0, 0)
        )

    def _snapped(self, center: LPoint3f, radius_m: float) -> LPoint3f:
        """`center` on the map's own grid of texels, so that a moving figure's shadow edge does not crawl."""
        texel = 2 * radius_m / self._size_px
        seen = self._camera.get_relative_point(self._root, center)
        snapped = [float(np.floor(v / texel) * texel) for v in (seen.x, seen.z)]
        return self._root.get_relative_point(self._camera, LPoint3f(snapped[0], seen.y, snapped[1]))


def _depth_texture(name: str) -> Texture:
    texture = Texture(f"{name} shadow")
    texture.set_format(Texture.F_depth_component32)
    texture.set_minfilter(SamplerState.FT_shadow)
    texture.set_magfilter(SamplerState.FT_shadow)
    texture.set_wrap_u(SamplerState.WM_border_color)
    texture.set_wrap_v(SamplerState.WM_border_color)
    texture.set_border_color(LVecBase4f(1, 1, 1, 1))
    return texture


def _sun_camera(mask: BitMask32, lens: OrthographicLens, root: NodePath) -> Camera:
    node = Camera("sun", lens)
    node.set_scene(root)
    node.set_camera_mask(mask)
    plain = Shader.make(Shader.SL_GLSL, shaders.PLAIN_VERTEX, shaders.MASK_FRAGMENT)
    # Walls are one-sided for cameras; for the sun they are solid.
    both_sides = CullFaceAttrib.make(CullFaceAttrib.M_cull_none)
    node.set_initial_state(RenderState.make(both_sides, ShaderAttrib.make(plain, 100), 100))
    return node
