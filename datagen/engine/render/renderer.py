"""Cameras to pixels: pooled off-screen buffers, one engine frame for all views asked for together."""

from dataclasses import dataclass
from math import radians, tan

import numpy as np
from panda3d.core import (
    Camera,
    ColorAttrib,
    FrameBufferProperties,
    GraphicsBuffer,
    GraphicsEngine,
    GraphicsOutput,
    GraphicsPipe,
    LightAttrib,
    LVecBase4f,
    NodePath,
    PerspectiveLens,
    RenderState,
    Shader,
    ShaderAttrib,
    Texture,
    TextureAttrib,
    TransformState,
    WindowProperties,
)

from multitake.errors import InputError

from ..content.unreal_space import Number, Triple, world_from_local
from . import shaders
from .looks import Look, open_pipe
from .panda_space import panda_matrix
from .scene_graph import FIGURE_SHADOW, LABELS, LEVEL_SHADOW, MASK_TAG, PICTURE, Stage
from .shadows import FIGURE_MAP_PX, LEVEL_MAP_PX, ShadowMap

NEAR_M, FAR_M = 0.1, 600.0
# What Unreal's half-float depth holds where nothing was hit.
NO_DEPTH_CM = 65504.0
_OVERRIDE = 100
# The software renderer multiplies display values; a gentle curve brings its mid-tones to those of `lit`.
_FAST_CURVE = np.round(255 * np.linspace(0, 1, 256) ** 0.75).astype(np.uint8)


@dataclass(frozen=True, kw_only=True)
class View:
    """One image to take: its kind, the camera's Unreal pose, its horizontal field of view and its size."""

    kind: str
    location_cm: Triple
    rotation_deg: Triple
    fov_deg: Number
    width_px: int
    height_px: int


@dataclass(kw_only=True)
class _Slot:
    """A pooled buffer with its camera; `masks_version` is the stage version whose mask colours it knows."""

    buffer: GraphicsBuffer
    texture: Texture
    camera: NodePath
    lens: PerspectiveLens
    masks_version: int = -1


class Renderer:
    """Owns the graphics context, the stage and the buffers. Buffers are reused by kind and size, never freed:
    Panda leaks about a megabyte for every buffer that is made anew."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._pipe = open_pipe(look)
        self._engine = GraphicsEngine.get_global_ptr()
        self._pool: dict[tuple[str, int, int], list[_Slot]] = {}
        host = self._engine.make_output(
            self._pipe,
            "host",
            0,
            _properties("lit"),
            WindowProperties.size(16, 16),
            GraphicsPipe.BF_refuse_window,
        )
        if host is None:
            raise InputError(
                f"the look '{look.name}' cannot open a graphics context",
                where="multitake engine",
                fix="run `multitake engine doctor`, or use the look 'fast'",
            )
        self._host = host
        self._host.set_active(False)
        self.stage = Stage(look)
        self._shadows: list[ShadowMap] = []
        if look.shaded:
            for name, mask, size_px in (
                ("level", LEVEL_SHADOW, LEVEL_MAP_PX),
                ("figure", FIGURE_SHADOW, FIGURE_MAP_PX),
            ):
                buffer = self._new_buffer("shadow", size_px, size_px)
                self._shadows.append(ShadowMap(name, mask, buffer, self.stage))

    def description(self) -> str:
        """The renderer's own name, such as `llvmpipe (LLVM 15.0.6, 256 bits)`."""
        if not self.look.shaded:
            return "tinydisplay"
        self._engine.open_windows()
        return self._host.get_gsg().get_driver_renderer()

    def shoot(self, views: list[View]) -> list[np.ndarray]:
        """Render every view in one frame: pictures and masks BGRA uint8, depth float32 cm, top row first."""
        slots = self._slots_for(views)
        for view, slot in zip(views, slots, strict=True):
            _aim(slot, view, self.look.film_offset_px)
            if view.kind == "mask" and slot.masks_version != self.stage.version:
                _register_masks(slot, self.stage, self.look)
            slot.buffer.set_active(True)
        for shadow, area in zip(self._shadows, self.stage.shadow_areas(), strict=False):
            shadow.follow(area, self.stage.to_sun)
        self._engine.render_frame()
        images = [_image(slot, view, self.look) for view, slot in zip(views, slots, strict=True)]
        for slot in slots:
            slot.buffer.set_active(False)
        RenderState.garbage_collect()
        TransformState.garbage_collect()
        return images

    def _slots_for(self, views: list[View]) -> list[_Slot]:
        used: dict[tuple[str, int, int], int] = {}
        slots = []
        for view in views:
            key = (view.kind, view.width_px, view.height_px)
            pool, index = self._pool.setdefault(key, []), used.get(key, 0)
            if index == len(pool):
                pool.append(self._new_slot(*key))
            slots.append(pool[index])
            used[key] = index + 1
        return slots

    def _new_buffer(self, kind: str, width_px: int, height_px: int) -> GraphicsBuffer:
        flags = GraphicsPipe.BF_refuse_window
        properties = _properties(kind)
        size = WindowProperties.size(width_px, height_px)
        sort = -10 if kind == "shadow" else 0
        buffer = self._engine.make_output(
            self._pipe,
            f"{kind} {width_px}x{height_px}",
            sort,
            properties,
            size,
            flags,
            self._host.get_gsg(),
            self._host,
        )
        if buffer is None:
            raise RuntimeError(f"the graphics driver refused a {kind} buffer of {width_px}x{height_px}")
        buffer.set_active(False)
        return buffer

    def _new_slot(self, kind: str, width_px: int, height_px: int) -> _Slot:
        buffer, texture, lens = self._new_buffer(kind, width_px, height_px), Texture(kind), PerspectiveLens()
        buffer.add_render_texture(texture, GraphicsOutput.RTM_copy_ram)
        clear = {"lit": (0.62, 0.66, 0.66, 1), "depth": (NO_DEPTH_CM, 0, 0, 1), "mask": (0, 0, 0, 1)}[kind]
        buffer.set_clear_color_active(True)
        buffer.set_clear_color(LVecBase4f(*clear))
        lens.set_near_far(NEAR_M, FAR_M)
        node = Camera(kind, lens)
        node.set_scene(self.stage.root)
        node.set_camera_mask(PICTURE if kind == "lit" else LABELS)
        if kind != "lit":
            node.set_initial_state(_label_state(kind, self.look))
            node.set_tag_state_key(MASK_TAG)
        camera = self.stage.root.attach_new_node(node)
        buffer.make_display_region().set_camera(camera)
        return _Slot(buffer=buffer, texture=texture, camera=camera, lens=lens)


def _properties(kind: str) -> FrameBufferProperties:
    properties = FrameBufferProperties()
    properties.set_depth_bits(24)
    if kind == "shadow":
        properties.set_depth_bits(32)
    elif kind == "depth":
        properties.set_float_color(True)
        properties.set_rgba_bits(32, 0, 0, 0)
    else:
        properties.set_rgba_bits(8, 8, 8, 8)
    return properties


def _label_state(kind: str, look: Look) -> RenderState:
    """Flat drawing for masks and depth, whatever the actors wear."""
    attributes = [TextureAttrib.make_all_off(), LightAttrib.make_all_off()]
    if look.shaded:
        fragment = shaders.DEPTH_FRAGMENT if kind == "depth" else shaders.MASK_FRAGMENT
        attributes.append(
            ShaderAttrib.make(Shader.make(Shader.SL_GLSL, shaders.PLAIN_VERTEX, fragment), _OVERRIDE)
        )
    return RenderState.make(*attributes, _OVERRIDE)


def _register_masks(slot: _Slot, stage: Stage, look: Look) -> None:
    camera = slot.camera.node()
    camera.clear_tag_states()
    for name, rgb in stage.mask_colors.items():
        flat = ColorAttrib.make_flat(LVecBase4f(*(_channel(value, look) for value in rgb), 1))
        camera.set_tag_state(name, RenderState.make(flat, _OVERRIDE))
    slot.masks_version = stage.version


def _channel(value: int, look: Look) -> Number:
    """A colour channel that comes out as `value`: OpenGL rounds, the software renderer cuts off."""
    return value / 255 if look.shaded else (value + 0.5) / 256


def _aim(slot: _Slot, view: View, offset_px: float) -> None:
    """Pose the camera: Unreal looks along +X with Y right, which maps to Panda's +Y and X right."""
    slot.camera.set_mat(panda_matrix(world_from_local(view.location_cm, view.rotation_deg)))
    slot.lens.set_film_size(view.width_px, view.height_px)
    slot.lens.set_film_offset(-offset_px, offset_px)
    slot.lens.set_focal_length(view.width_px / 2 / tan(radians(view.fov_deg) / 2))


def _image(slot: _Slot, view: View, look: Look) -> np.ndarray:
    """The texture's bytes with the top row first and an opaque alpha."""
    memory = memoryview(slot.texture.get_ram_image())
    if view.kind == "depth":
        return np.frombuffer(memory, dtype="<f4").reshape(view.height_px, view.width_px)[::-1].copy()
    image = np.frombuffer(memory, dtype=np.uint8).reshape(view.height_px, view.width_px, 4)[::-1].copy()
    if view.kind == "lit" and not look.shaded:
        image = _FAST_CURVE[image]
    image[..., 3] = 255
    return image
