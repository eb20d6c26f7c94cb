"""Offscreen buffers, each with its camera: what they draw, and how their pixels come back."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from math import radians, tan

import numpy as np
from jaxtyping import UInt8
from panda3d.core import (
    BitMask32,
    Camera,
    FrameBufferProperties,
    GraphicsBuffer,
    GraphicsOutput,
    LVecBase4f,
    NodePath,
    PerspectiveLens,
    RenderState,
    Texture,
)

from ..content.unreal_space import Number, Triple, world_from_local
from .panda_space import panda_matrix
from .shaders import NOTHING

# Near as in Unreal; far beyond the radius of the sky.
NEAR_M, FAR_M = 0.1, 600.0
# Bounds their memory; more than most takes have cameras.
_MOST_FREE = 16
# After so many frames without a draw, and at once above a number of pixels, a slot gives back its memory.
_MOST_IDLE_FRAMES = 100
_MOST_KEPT_PIXELS = 2**22
_SMALL_PX = (16, 16)
_ATTACHMENTS = (
    GraphicsOutput.RTP_color,
    GraphicsOutput.RTP_aux_rgba_0,
    GraphicsOutput.RTP_aux_rgba_1,
    GraphicsOutput.RTP_aux_rgba_2,
)


@dataclass(frozen=True, kw_only=True)
class Viewpoint:
    """A camera's Unreal pose, lens and image size.

    ``principal_offset_px`` says how far right and down of the image's centre its axis is.
    """

    location_cm: Triple
    rotation_deg: Triple
    fov_deg: Number
    width_px: int
    height_px: int
    principal_offset_px: tuple[Number, Number] = (0.0, 0.0)

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the image."""
        return self.width_px, self.height_px

    @property
    def focal_px(self) -> float:
        """Focal length."""
        return self.width_px / 2 / tan(radians(self.fov_deg) / 2)


@dataclass(frozen=True, kw_only=True, eq=False)
class DrawTarget:
    """What a draw gives: its planes, which actors it shows, and the state that replaces theirs."""

    planes: tuple[str, ...]
    camera_mask: BitMask32
    state: RenderState
    multisamples: int = 1

    @property
    def name(self) -> str:
        """The name of its buffers and cameras."""
        return "+".join(self.planes)

    def properties(self) -> FrameBufferProperties:
        """Return what its buffer needs: four bytes per pixel of each plane."""
        properties = FrameBufferProperties()
        properties.set_depth_bits(24)
        properties.set_rgba_bits(8, 8, 8, 8)
        properties.set_aux_rgba(len(self.planes) - 1)
        if self.multisamples > 1:
            properties.set_multisamples(self.multisamples)
        return properties


class Slot:
    """A buffer with its camera.

    ``masks_version`` is the scene's version when mask colours were set, ``last_frame`` the last one that used
    the slot.
    """

    def __init__(
        self, target: DrawTarget, size_px: tuple[int, int], buffer: GraphicsBuffer, root: NodePath
    ) -> None:
        self.target, self.size_px, self.buffer = target, size_px, buffer
        self._textures = {plane: Texture(plane) for plane in target.planes}
        self.masks_version = -1
        self.last_frame = 0
        for plane, attachment in zip(target.planes, _ATTACHMENTS, strict=False):
            buffer.set_clear_active(attachment, True)
            buffer.set_clear_value(attachment, LVecBase4f(*NOTHING[plane]))
            # Always every plane: Panda leaks memory if the textures of a buffer change.
            buffer.add_render_texture(self._textures[plane], GraphicsOutput.RTM_copy_ram, attachment)
        self._lens = PerspectiveLens()
        self._lens.set_near_far(NEAR_M, FAR_M)
        node = Camera(target.name, self._lens)
        node.set_scene(root)
        node.set_camera_mask(target.camera_mask)
        node.set_initial_state(target.state)
        self.camera = root.attach_new_node(node)
        buffer.make_display_region().set_camera(self.camera)

    def aim(self, viewpoint: Viewpoint, offset_px: float) -> None:
        """Set the camera's pose and lens."""
        matrix = world_from_local(viewpoint.location_cm, viewpoint.rotation_deg)
        self.camera.set_mat(panda_matrix(matrix))
        self._lens.set_film_size(viewpoint.width_px, viewpoint.height_px)
        right, down = viewpoint.principal_offset_px
        self._lens.set_film_offset(-offset_px - right, offset_px + down)
        self._lens.set_focal_length(viewpoint.focal_px)

    def resize(self, size_px: tuple[int, int]) -> None:
        """Give the next draw another size, and let go of the last one's images."""
        self.buffer.set_size(*size_px)
        self.size_px = size_px
        for texture in self._textures.values():
            texture.clear_ram_image()

    def pixels(self, plane: str) -> UInt8[np.ndarray, "height width 4"]:
        """Return a plane as BGRA, top row first. It is a view that the next draw overwrites."""
        width_px, height_px = self.size_px
        memory = memoryview(self._textures[plane].modify_ram_image())
        return np.frombuffer(memory, dtype=np.uint8).reshape(height_px, width_px, 4)[::-1]


class SlotPool:
    """Slots that no draw uses. None is ever freed, because Panda leaks about a megabyte per buffer.

    If there are many, the one of its target that was not used for longest gets another size.
    """

    def __init__(self, new_slot: Callable[[DrawTarget, tuple[int, int]], Slot]) -> None:
        self._new_slot = new_slot
        # Of each target, the one that was used last at the end.
        self._free: defaultdict[DrawTarget, list[Slot]] = defaultdict(list)
        self._frame = 0

    def take(self, target: DrawTarget, size_px: tuple[int, int]) -> Slot:
        """Return a slot that no other draw of this frame has."""
        free = self._free[target]
        for place, slot in enumerate(free):
            if slot.size_px == size_px:
                return free.pop(place)
        if not free or sum(map(len, self._free.values())) < _MOST_FREE:
            return self._new_slot(target, size_px)
        slot = free.pop(0)
        slot.resize(size_px)
        return slot

    def give_back(self, slot: Slot) -> None:
        """Make a slot free again."""
        slot.last_frame = self._frame
        self._free[slot.target].append(slot)

    def shrunk(self) -> list[Slot]:
        """Shrink the slots that keep memory without need; they give it back when they are drawn next.

        Call it once in each frame, after its slots were taken.
        """
        self._frame += 1
        found = []
        for slot in (slot for free in self._free.values() for slot in free):
            pixels = slot.size_px[0] * slot.size_px[1]
            is_idle = self._frame - slot.last_frame > _MOST_IDLE_FRAMES
            if slot.size_px != _SMALL_PX and (is_idle or pixels > _MOST_KEPT_PIXELS):
                slot.resize(_SMALL_PX)
                found.append(slot)
        return found
