"""From camera views to images: one engine frame renders all views that are requested together."""

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import UInt8, UInt32
from panda3d.core import (
    AntialiasAttrib,
    ColorAttrib,
    FrameBufferProperties,
    GraphicsBuffer,
    GraphicsEngine,
    GraphicsPipe,
    LightAttrib,
    LVecBase4f,
    RenderState,
    ShaderAttrib,
    TextureAttrib,
    TransformState,
    WindowProperties,
)

from multitake.errors import InputError

from . import shaders
from .buffers import DrawTarget, Slot, SlotPool, Viewpoint
from .looks import Look, open_pipe
from .scene_graph import LABELS, LEVEL_SHADOW, LIT, MASK_TAG, MOVABLE_SHADOW, SceneGraph
from .shadows import LEVEL_MAP_PX, MOVABLE_MAP_PX, ShadowMap

MULTISAMPLES = (2, 4)
_OVERRIDE = 100
_OPAQUE = np.uint32(0xFF000000)
# The planes from which images are made.
_PLANES = {
    "lit": shaders.LIT, "depth": "depth", "normal": "normal", "mask": "ids", "surface": "ids",
}  # fmt: skip
_FAST_PLANES = {"lit": shaders.LIT, "mask": "mask"}
# Images that show actors without a mask colour, too.
_SHOW_ALL = ("lit", "normal")


def planes_by_image(look: Look) -> dict[str, str]:
    """Return the images that a look has, and the plane from which each is made."""
    return _PLANES if look.has_shaders else _FAST_PLANES


@dataclass(frozen=True, kw_only=True)
class View:
    """An image to render: which one (``lit``, ``mask``, ``depth``, ``normal``, ``surface``) and camera."""

    image: str
    viewpoint: Viewpoint


@dataclass(frozen=True)
class _Draw:
    """A draw and the views that it gives."""

    target: DrawTarget
    viewpoint: Viewpoint
    views: list[View]


class Renderer:
    """Owns the graphics context, the scene graph and the buffers."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._pipe = open_pipe(look)
        self._engine = GraphicsEngine.get_global_ptr()
        self._targets = _shader_targets() if look.has_shaders else _fast_targets()
        # Without the attribute, Panda stops multisampling after the first draw that has one sample.
        state = RenderState.make(AntialiasAttrib.make(AntialiasAttrib.M_multisample))
        plain = replace(self._targets[0], state=state)
        self._multisampled = {count: replace(plain, multisamples=count) for count in MULTISAMPLES}
        self._planes = planes_by_image(look)
        # Of lit images; labels always have one sample.
        self.multisamples = look.multisamples
        host = self._make_output("host", self._targets[0].properties(), 16, 16)
        if host is None:
            raise InputError(
                f"the look '{look.name}' cannot open a graphics context",
                where="multitake engine",
                fix="run `multitake engine doctor`, or use the look 'fast'",
            )
        self._host = host
        self._host.set_active(False)
        self.scene = SceneGraph(look)
        self._pool = SlotPool(self._new_slot)
        self._shadows: list[ShadowMap] = []
        if look.has_shaders:
            level = self._new_buffer("shadow", _shadow_properties(), LEVEL_MAP_PX, LEVEL_MAP_PX)
            movable = self._new_buffer("shadow", _shadow_properties(), MOVABLE_MAP_PX, MOVABLE_MAP_PX)
            self._shadows.append(ShadowMap("level", LEVEL_SHADOW, level, self.scene))
            self._shadows.append(ShadowMap("movable", MOVABLE_SHADOW, movable, self.scene))

    def description(self) -> str:
        """Return the renderer's own name, such as ``llvmpipe (LLVM 15.0.6, 256 bits)``."""
        if not self.look.has_shaders:
            return "tinydisplay"
        self._engine.open_windows()
        return self._host.get_gsg().get_driver_renderer()

    def render(self, views: list[View]) -> list[np.ndarray]:
        """Render every view in one frame, with the top row first; the next call overwrites the arrays.

        Lit images, masks and normals are BGRA uint8, depth is float32 in cm, surface ids are uint32.
        """
        if self.look.has_shaders:
            self.scene.number_triangles()
        draws = self._draws(views)
        slots = [self._pool.take(draw.target, draw.viewpoint.size_px) for draw in draws]
        shrunk = self._pool.shrunk()
        try:
            for draw, slot in zip(draws, slots, strict=True):
                self._prepare(draw, slot)
            for slot in shrunk:
                slot.buffer.set_active(True)
            for shadow, area in zip(self._shadows, self.scene.shadow_areas(), strict=False):
                shadow.update(area, self.scene.to_sun)
            self._engine.render_frame()
            images = {
                view: self._image(slot, view)
                for draw, slot in zip(draws, slots, strict=True)
                for view in draw.views
            }
            return [images[view] for view in views]
        finally:
            for slot in (*slots, *shrunk):
                slot.buffer.set_active(False)
            for slot in slots:
                self._pool.give_back(slot)
            RenderState.garbage_collect()
            TransformState.garbage_collect()

    def _draws(self, views: list[View]) -> list[_Draw]:
        """The draws that give the views: one for each camera, if nothing prevents it."""
        grouped: defaultdict[tuple[str, bool, Viewpoint], list[View]] = defaultdict(list)
        for view in views:
            is_multisampled = self.multisamples > 1 and view.image == "lit"
            grouped[self._shown_actors(view), is_multisampled, view.viewpoint].append(view)
        return [
            _Draw(self._target_of(shown_actors, is_multisampled, group), viewpoint, group)
            for (shown_actors, is_multisampled, viewpoint), group in grouped.items()
        ]

    def _shown_actors(self, view: View) -> str:
        """Which actors an image shows; images of one camera that show the same ones share a draw."""
        if not self.look.has_shaders:
            return view.image
        if self.scene.has_all_mask_colors():
            return "any"
        return "all actors" if view.image in _SHOW_ALL else "actors with a mask color"

    def _target_of(self, shown_actors: str, is_multisampled: bool, views: list[View]) -> DrawTarget:
        """The target with the fewest planes that gives views of one camera and the same actors."""
        if is_multisampled:
            return self._multisampled[self.multisamples]
        planes = {self._planes[view.image] for view in views}
        if shown_actors == "all actors":
            planes.add(shaders.LIT)
        return next(target for target in self._targets if planes <= set(target.planes))

    def _prepare(self, draw: _Draw, slot: Slot) -> None:
        slot.aim(draw.viewpoint, self.look.film_offset_px)
        if "mask" in slot.target.planes and slot.masks_version != self.scene.version:
            _set_mask_colors(slot, self.scene)
        slot.buffer.set_active(True)

    def _image(self, slot: Slot, view: View) -> np.ndarray:
        pixels = slot.pixels(self._planes[view.image])
        if not self.look.has_shaders:
            return _opaque(pixels)
        if view.image == "depth":
            return pixels.view("<f4")[..., 0]
        if view.image in ("lit", "normal"):
            return pixels
        ids = pixels.view("<u4")[..., 0]
        return ids if view.image == "surface" else _masks(ids, self.scene.mask_table())

    def _new_slot(self, target: DrawTarget, size_px: tuple[int, int]) -> Slot:
        buffer = self._new_buffer(target.name, target.properties(), *size_px)
        return Slot(target, size_px, buffer, self.scene.root)

    def _new_buffer(
        self, name: str, properties: FrameBufferProperties, width_px: int, height_px: int
    ) -> GraphicsBuffer:
        host = (self._host.get_gsg(), self._host)
        buffer = self._make_output(name, properties, width_px, height_px, *host)
        if buffer is None:
            raise RuntimeError(f"the graphics driver refused a {name} buffer of {width_px}x{height_px}")
        buffer.set_active(False)
        return buffer

    def _make_output(
        self, name: str, properties: FrameBufferProperties, width_px: int, height_px: int, *host: object
    ) -> GraphicsBuffer | None:
        size, sort = WindowProperties.size(width_px, height_px), -10 if name == "shadow" else 0
        flags = GraphicsPipe.BF_refuse_window | GraphicsPipe.BF_resizeable
        return self._engine.make_output(self._pipe, name, sort, properties, size, flags, *host)


def _fast_targets() -> list[DrawTarget]:
    plain = RenderState.make(TextureAttrib.make_all_off(), LightAttrib.make_all_off(), _OVERRIDE)
    return [
        DrawTarget(planes=(shaders.LIT,), camera_mask=LIT, state=RenderState.make_empty()),
        DrawTarget(planes=("mask",), camera_mask=LABELS, state=plain),
    ]


def _shader_targets() -> list[DrawTarget]:
    """Lit images, labels, and both in one draw; fewer planes come first, because each costs time."""
    shader = ShaderAttrib.make(shaders.program(shaders.LABEL_VERTEX, shaders.label_fragment()), _OVERRIDE)
    # The attribute has no override, so that the shader inputs of the nodes are added to it.
    plain = RenderState.make(TextureAttrib.make_all_off(), _OVERRIDE).add_attrib(shader)
    targets = [DrawTarget(planes=(shaders.LIT,), camera_mask=LIT, state=RenderState.make_empty())]
    for labels in (shaders.LABEL_PLANES[:-1], shaders.LABEL_PLANES):
        targets.append(DrawTarget(planes=labels, camera_mask=LABELS, state=plain))
        targets.append(replace(targets[0], planes=(shaders.LIT, *labels)))
    return targets


def _shadow_properties() -> FrameBufferProperties:
    properties = FrameBufferProperties()
    properties.set_depth_bits(32)
    return properties


def _set_mask_colors(slot: Slot, scene: SceneGraph) -> None:
    """Give every actor its colour in the masks of the software renderer, which truncates channels."""
    camera = slot.camera.node()
    camera.set_tag_state_key(MASK_TAG)
    camera.clear_tag_states()
    for name, rgb in scene.mask_colors.items():
        flat = ColorAttrib.make_flat(LVecBase4f(*((value + 0.5) / 256 for value in rgb), 1))
        camera.set_tag_state(name, RenderState.make(flat, _OVERRIDE))
    slot.masks_version = scene.version


def _opaque(pixels: UInt8[np.ndarray, "height width 4"]) -> UInt8[np.ndarray, "height width 4"]:
    """Return the pixels of the software renderer, after their alpha channel was made opaque in place."""
    words = pixels.view("<u4")
    np.bitwise_or(words, _OPAQUE, out=words)
    return pixels


def _masks(
    ids: UInt32[np.ndarray, "height width"], table: UInt32[np.ndarray, "ids"]
) -> UInt8[np.ndarray, "height width 4"]:
    """Return the mask colours of surface ids."""
    return np.take(table, ids)[..., None].view(np.uint8)
