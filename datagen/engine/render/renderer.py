"""From camera views to images: one engine frame renders all views that are requested together."""

from collections import defaultdict
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
from .scene_graph import LABELS, LEVEL_SHADOW, LIT, MASK_TAG, MOVABLE_SHADOW, SceneGraph
from .shadows import LEVEL_MAP_PX, MOVABLE_MAP_PX, ShadowMap

NEAR_M, FAR_M = 0.1, 600.0
# The largest half-float below infinity: Unreal's depth where the camera sees nothing.
NO_DEPTH_CM = 65504.0
_CLEAR_COLORS = {"lit": (0.62, 0.66, 0.66, 1), "depth": (NO_DEPTH_CM, 0, 0, 1), "mask": (0, 0, 0, 1)}
_OVERRIDE = 100
_MOST_FREE = 16
# The software renderer multiplies display values; this curve brightens its mid-tones to those of `lit`.
_FAST_CURVE = np.round(255 * np.linspace(0, 1, 256) ** 0.75).astype(np.uint8)


@dataclass(frozen=True, kw_only=True)
class View:
    """An image to render: kind (``lit``, ``depth``, ``mask``), the camera's Unreal pose, lens and size."""

    kind: str
    location_cm: Triple
    rotation_deg: Triple
    fov_deg: Number
    width_px: int
    height_px: int


@dataclass(kw_only=True)
class _Slot:
    """A buffer and its camera; ``masks_version`` is the scene's version when the mask colours were set."""

    size_px: tuple[int, int]
    buffer: GraphicsBuffer
    texture: Texture
    camera: NodePath
    lens: PerspectiveLens
    masks_version: int = -1


class Renderer:
    """Owns the graphics context, the scene graph and the buffers.

    Buffers are never freed, because Panda leaks about a megabyte per buffer. If there are many, the one that
    was not used for longest gets another size.
    """

    def __init__(self, look: Look) -> None:
        self.look = look
        self._pipe = open_pipe(look)
        self._engine = GraphicsEngine.get_global_ptr()
        # Of each kind, the one that was used last at the end.
        self._free: defaultdict[str, list[_Slot]] = defaultdict(list)
        host = self._make_output("lit", 16, 16)
        if host is None:
            raise InputError(
                f"the look '{look.name}' cannot open a graphics context",
                where="multitake engine",
                fix="run `multitake engine doctor`, or use the look 'fast'",
            )
        self._host = host
        self._host.set_active(False)
        self.scene = SceneGraph(look)
        self._shadows: list[ShadowMap] = []
        if look.has_shaders:
            level = self._new_buffer("shadow", LEVEL_MAP_PX, LEVEL_MAP_PX)
            movable = self._new_buffer("shadow", MOVABLE_MAP_PX, MOVABLE_MAP_PX)
            self._shadows.append(ShadowMap("level", LEVEL_SHADOW, level, self.scene))
            self._shadows.append(ShadowMap("movable", MOVABLE_SHADOW, movable, self.scene))

    def description(self) -> str:
        """Return the renderer's own name, such as ``llvmpipe (LLVM 15.0.6, 256 bits)``."""
        if not self.look.has_shaders:
            return "tinydisplay"
        self._engine.open_windows()
        return self._host.get_gsg().get_driver_renderer()

    def render(self, views: list[View]) -> list[np.ndarray]:
        """Render every view in one frame: lit and mask BGRA uint8, depth float32 cm, top row first."""
        slots = [self._take_slot(view.kind, (view.width_px, view.height_px)) for view in views]
        try:
            for view, slot in zip(views, slots, strict=True):
                _aim(slot, view, self.look.film_offset_px)
                if view.kind == "mask" and slot.masks_version != self.scene.version:
                    _set_mask_colors(slot, self.scene, self.look)
                slot.buffer.set_active(True)
            for shadow, area in zip(self._shadows, self.scene.shadow_areas(), strict=False):
                shadow.update(area, self.scene.to_sun)
            self._engine.render_frame()
            return [_image(slot, view, self.look) for view, slot in zip(views, slots, strict=True)]
        finally:
            for view, slot in zip(views, slots, strict=True):
                slot.buffer.set_active(False)
                self._free[view.kind].append(slot)
            RenderState.garbage_collect()
            TransformState.garbage_collect()

    def _take_slot(self, kind: str, size_px: tuple[int, int]) -> _Slot:
        """A slot that no other view of this frame has."""
        free = self._free[kind]
        for place, slot in enumerate(free):
            if slot.size_px == size_px:
                return free.pop(place)
        if len(free) < _MOST_FREE:
            return self._new_slot(kind, *size_px)
        slot = free.pop(0)
        slot.buffer.set_size(*size_px)
        slot.size_px = size_px
        return slot

    def _new_slot(self, kind: str, width_px: int, height_px: int) -> _Slot:
        buffer, texture, lens = self._new_buffer(kind, width_px, height_px), Texture(kind), PerspectiveLens()
        buffer.add_render_texture(texture, GraphicsOutput.RTM_copy_ram)
        buffer.set_clear_color_active(True)
        buffer.set_clear_color(LVecBase4f(*_CLEAR_COLORS[kind]))
        lens.set_near_far(NEAR_M, FAR_M)
        node = Camera(kind, lens)
        node.set_scene(self.scene.root)
        node.set_camera_mask(LIT if kind == "lit" else LABELS)
        if kind != "lit":
            node.set_initial_state(_label_state(kind, self.look))
            node.set_tag_state_key(MASK_TAG)
        camera = self.scene.root.attach_new_node(node)
        buffer.make_display_region().set_camera(camera)
        return _Slot(size_px=(width_px, height_px), buffer=buffer, texture=texture, camera=camera, lens=lens)

    def _new_buffer(self, kind: str, width_px: int, height_px: int) -> GraphicsBuffer:
        buffer = self._make_output(kind, width_px, height_px, self._host.get_gsg(), self._host)
        if buffer is None:
            raise RuntimeError(f"the graphics driver refused a {kind} buffer of {width_px}x{height_px}")
        buffer.set_active(False)
        return buffer

    def _make_output(self, kind: str, width_px: int, height_px: int, *host: object) -> GraphicsBuffer | None:
        size, sort = WindowProperties.size(width_px, height_px), -10 if kind == "shadow" else 0
        flags = GraphicsPipe.BF_refuse_window | GraphicsPipe.BF_resizeable
        return self._engine.make_output(self._pipe, kind, sort, _properties(kind), size, flags, *host)


def _properties(kind: str) -> FrameBufferProperties:
    properties = FrameBufferProperties()
    properties.set_depth_bits(32 if kind == "shadow" else 24)
    if kind == "depth":
        properties.set_float_color(True)
        properties.set_rgba_bits(32, 0, 0, 0)
    elif kind != "shadow":
        properties.set_rgba_bits(8, 8, 8, 8)
    return properties


def _label_state(kind: str, look: Look) -> RenderState:
    """Return the state that draws masks and depth without textures and light."""
    attributes = [TextureAttrib.make_all_off(), LightAttrib.make_all_off()]
    if look.has_shaders:
        fragment = shaders.DEPTH_FRAGMENT if kind == "depth" else shaders.MASK_FRAGMENT
        attributes.append(ShaderAttrib.make(shaders.program(shaders.PLAIN_VERTEX, fragment), _OVERRIDE))
    return RenderState.make(*attributes, _OVERRIDE)


def _set_mask_colors(slot: _Slot, scene: SceneGraph, look: Look) -> None:
    camera = slot.camera.node()
    camera.clear_tag_states()
    for name, rgb in scene.mask_colors.items():
        flat = ColorAttrib.make_flat(LVecBase4f(*(_channel(value, look) for value in rgb), 1))
        camera.set_tag_state(name, RenderState.make(flat, _OVERRIDE))
    slot.masks_version = scene.version


def _channel(value: int, look: Look) -> float:
    """Return the channel that comes out as ``value``: OpenGL rounds, the software renderer truncates."""
    return value / 255 if look.has_shaders else (value + 0.5) / 256


def _aim(slot: _Slot, view: View, offset_px: float) -> None:
    """Set the camera's pose and lens."""
    slot.camera.set_mat(panda_matrix(world_from_local(view.location_cm, view.rotation_deg)))
    slot.lens.set_film_size(view.width_px, view.height_px)
    slot.lens.set_film_offset(-offset_px, offset_px)
    slot.lens.set_focal_length(view.width_px / 2 / tan(radians(view.fov_deg) / 2))


def _image(slot: _Slot, view: View, look: Look) -> np.ndarray:
    """Return the rendered image with its top row first and an opaque alpha channel."""
    memory = memoryview(slot.texture.get_ram_image())
    if view.kind == "depth":
        return np.frombuffer(memory, dtype="<f4").reshape(view.height_px, view.width_px)[::-1].copy()
    image = np.frombuffer(memory, dtype=np.uint8).reshape(view.height_px, view.width_px, 4)[::-1].copy()
    if view.kind == "lit" and not look.has_shaders:
        image = _FAST_CURVE[image]
    image[..., 3] = 255
    return image
