"""Sun shadows of the look ``lit``: one map for the level, one fitted to the movable actors."""

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
    LVector3f,
    OrthographicLens,
    RenderState,
    SamplerState,
    ShaderAttrib,
    Texture,
    TransformState,
)

from ..content.unreal_space import CM_PER_M
from . import shaders
from .panda_space import panda_point
from .scene_graph import SceneGraph, ShadowArea

LEVEL_MAP_PX, MOVABLE_MAP_PX = 2048, 1024
_DEPTH_M = 120.0


class ShadowMap:
    """The depth of one group of actors seen from the sun; ``name`` prefixes its shader inputs."""

    def __init__(self, name: str, mask: BitMask32, buffer: GraphicsBuffer, scene: SceneGraph) -> None:
        self._name, self._buffer, self._root = name, buffer, scene.root
        self._version = -1
        self._size_px = buffer.get_x_size()
        texture = _depth_texture(name)
        buffer.add_render_texture(texture, GraphicsOutput.RTM_bind_or_copy, GraphicsOutput.RTP_depth)
        self._lens = OrthographicLens()
        self._camera = self._root.attach_new_node(_sun_camera(mask, self._lens))
        self._camera.node().set_scene(self._root)
        buffer.make_display_region().set_camera(self._camera)
        self._root.set_shader_input(f"{name}_shadow_map", texture)

    def update(self, area: ShadowArea, to_sun: LVector3f) -> None:
        """Fit the map to ``area`` and draw it in the next frame, unless it is up to date."""
        is_stale = self._version != area.version
        self._buffer.set_active(is_stale)
        if not is_stale:
            return
        self._version = area.version
        radius = area.radius_cm / CM_PER_M
        self._lens.set_film_size(2 * radius, 2 * radius)
        self._lens.set_near_far(0.1, _DEPTH_M)
        self._camera.set_pos(0, 0, 0)
        self._camera.look_at(-to_sun)
        center = self._snapped(panda_point(*area.center_cm), 2 * radius / self._size_px)
        self._camera.set_pos(center + to_sun * (0.5 * _DEPTH_M))
        half = TransformState.make_pos_hpr_scale((0.5, 0.5, 0.5), (0, 0, 0), (0.5, 0.5, 0.5)).get_mat()
        clip_from_world: LMatrix4f = self._root.get_mat(self._camera) * self._lens.get_projection_mat()
        texel = LVecBase4f(1 / self._size_px, 3.0 * radius / self._size_px, 0, 0)
        self._root.set_shader_input(f"{self._name}_shadow_from_world", clip_from_world * half)
        self._root.set_shader_input(f"{self._name}_shadow_texel", texel)

    def _snapped(self, center: LPoint3f, texel_m: float) -> LPoint3f:
        """Return ``center`` on the map's grid of texels, so that the shadow's edge does not flicker."""
        seen = self._camera.get_relative_point(self._root, center)
        x, z = np.floor(np.array([seen.x, seen.z]) / texel_m) * texel_m
        return self._root.get_relative_point(self._camera, LPoint3f(x, seen.y, z))


def _depth_texture(name: str) -> Texture:
    texture = Texture(f"{name} shadow")
    texture.set_format(Texture.F_depth_component32)
    texture.set_minfilter(SamplerState.FT_shadow)
    texture.set_magfilter(SamplerState.FT_shadow)
    texture.set_wrap_u(SamplerState.WM_border_color)
    texture.set_wrap_v(SamplerState.WM_border_color)
    texture.set_border_color(LVecBase4f(1, 1, 1, 1))
    return texture


def _sun_camera(mask: BitMask32, lens: OrthographicLens) -> Camera:
    camera = Camera("sun", lens)
    camera.set_camera_mask(mask)
    shader = ShaderAttrib.make(shaders.program(shaders.PLAIN_VERTEX, shaders.SHADOW_FRAGMENT), 100)
    # Walls are one-sided for cameras, but block the sun from both sides.
    camera.set_initial_state(RenderState.make(CullFaceAttrib.make(CullFaceAttrib.M_cull_none), shader, 100))
    return camera
