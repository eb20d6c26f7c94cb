"""What Panda draws: one node per actor, the sky, the contact shadows and the light."""

from dataclasses import dataclass, field
from math import ceil

import numpy as np
from jaxtyping import Float
from panda3d.core import (
    AmbientLight,
    BitMask32,
    DirectionalLight,
    LPoint3f,
    LVecBase2f,
    LVecBase3f,
    LVecBase4f,
    LVector3f,
    NodePath,
    PointLight,
    Shader,
    TransparencyAttrib,
)

from ..content.environment import DAYLIGHT_INTENSITY, Lamp, Lighting
from ..content.meshes import Paint, Part, panel, sky_dome
from ..content.unreal_space import CM_PER_M, Number, Triple, rotation_rows
from . import shaders
from .looks import Look
from .node_cache import Wardrobe
from .panda_space import panda_directions, panda_matrix, panda_point

PICTURE, LABELS, LEVEL_SHADOW, FIGURE_SHADOW = (BitMask32.bit(bit) for bit in range(4))
MASK_TAG = "mask"
_CONTACT_CM = 60.0
_FIGURE_REACH_CM = 250.0


@dataclass(frozen=True, kw_only=True)
class Area:
    """A ball that a shadow map has to cover, and the version of what stands in it."""

    center_cm: Triple
    radius_cm: Number
    version: int


@dataclass(kw_only=True)
class _Placed:
    """An actor's node, and for a figure the nodes of its bones and its contact shadow."""

    node: NodePath
    moves: bool
    bones: dict[str, NodePath] = field(default_factory=dict)
    contact: NodePath | None = None
    location_cm: np.ndarray = field(default_factory=lambda: np.zeros(3))
    reach_cm: Number = 0.0


class Stage:
    """The scene graph. Every change raises `version`: what was drawn from an older one is stale."""

    def __init__(self, look: Look) -> None:
        self.root = NodePath("stage")
        self.version = self._level_version = self._figure_version = 0
        self.mask_colors: dict[str, tuple[int, int, int]] = {}
        self.to_sun = LVector3f(0, 0, 1)
        self.lighting: Lighting | None = None
        self._look = look
        self._wardrobe = Wardrobe()
        self._actors: dict[str, _Placed] = {}
        self._lights: list[NodePath] = []
        if look.shaded:
            self._picture_shader = Shader.make(Shader.SL_GLSL, shaders.PLAIN_VERTEX, shaders.PICTURE_FRAGMENT)
        self._raise_sky()

    def place(self, name: str, key: str, parts: list[Part], moves: bool) -> None:
        """Put an actor on stage; `key` names its geometry, `moves` tells a spawned actor."""
        node = self.root.attach_new_node(self._wardrobe.node(key, parts))
        node.set_tag(MASK_TAG, name)
        node.hide(LEVEL_SHADOW if moves else FIGURE_SHADOW)
        self._actors[name] = _Placed(node=node, moves=moves)
        self._changed(self._actors[name])

    def dress(self, name: str, key: str, bone_parts: dict[str, list[Part]]) -> None:
        """Replace an actor's body by a figure with one rigid piece per bone."""
        placed = self._actors[name]
        for child in placed.node.get_children():
            child.remove_node()
        placed.bones = {
            bone: placed.node.attach_new_node(self._wardrobe.node(f"{key}.{bone}", parts))
            for bone, parts in bone_parts.items()
        }
        placed.contact = self._contact_shadow(placed.node)
        self._changed(placed)

    def move(self, name: str, world_from_actor: Float[np.ndarray, "4 4"]) -> None:
        """Set an actor's row-vector transform (Unreal space, cm)."""
        placed = self._actors[name]
        placed.node.set_mat(panda_matrix(world_from_actor))
        placed.location_cm = world_from_actor[3, :3].copy()
        placed.reach_cm = _FIGURE_REACH_CM * float(np.linalg.norm(world_from_actor[:3, :3], axis=1).max())
        self._changed(placed)

    def pose(self, name: str, actor_from_bone: dict[str, Float[np.ndarray, "4 4"]], hidden: set[str]) -> None:
        """Set the transforms of a figure's bones and which of them are not drawn."""
        placed = self._actors[name]
        for bone, node in placed.bones.items():
            node.set_mat(panda_matrix(actor_from_bone[bone]))
            (node.hide if bone in hidden else node.show)()
        if placed.contact is not None:
            x_cm, y_cm, _ = actor_from_bone["pelvis"][3, :3]
            placed.contact.set_pos(panda_point(x_cm, y_cm, 0.0))
        self._changed(placed)

    def show(self, name: str, visible: bool) -> None:
        """Draw an actor or not, in every kind of image."""
        placed = self._actors[name]
        (placed.node.show if visible else placed.node.hide)()
        self._changed(placed)

    def paint_mask(self, name: str, color: tuple[int, int, int]) -> None:
        """Set the colour (0 to 255) that an actor has in mask images."""
        self.mask_colors[name] = color
        self.version += 1

    def rename(self, name: str, new_name: str) -> None:
        """Give an actor another name."""
        placed = self._actors.pop(name)
        placed.node.set_tag(MASK_TAG, new_name)
        self._actors[new_name] = placed
        self.mask_colors[new_name] = self.mask_colors.pop(name)
        self.version += 1

    def remove(self, name: str) -> None:
        """Take an actor off the stage."""
        placed = self._actors.pop(name)
        placed.node.remove_node()
        self.mask_colors.pop(name, None)
        self._changed(placed)

    def light(self, lighting: Lighting, sun_rotation_deg: Triple, intensity: Number) -> None:
        """Light the stage; `intensity` 10 is normal daylight and scales the sun alone."""
        travel = panda_directions(rotation_rows(*sun_rotation_deg)[:1])[0]
        self.to_sun = LVector3f(*(-travel).tolist())
        self.lighting = lighting
        scale = intensity / DAYLIGHT_INTENSITY
        (self._light_shader if self._look.shaded else self._light_vertices)(lighting, scale)
        self.version += 1
        self._level_version = self._figure_version = self.version

    def shadow_areas(self) -> list[Area]:
        """What the level's shadow map and the figures' shadow map have to cover."""
        lit = self.lighting
        level = Area(
            center_cm=lit.shadow_center_cm if lit else (0.0, 0.0, 0.0),
            radius_cm=lit.shadow_radius_cm if lit else _FIGURE_REACH_CM,
            version=self._level_version,
        )
        moving = [placed for placed in self._actors.values() if placed.moves]
        if not moving:
            return [
                level,
                Area(center_cm=(0.0, 0.0, 0.0), radius_cm=_FIGURE_REACH_CM, version=self._figure_version),
            ]
        places = np.array([placed.location_cm for placed in moving])
        center = 0.5 * (places.min(axis=0) + places.max(axis=0))
        reach = max(float(np.linalg.norm(p.location_cm - center)) + p.reach_cm for p in moving)
        radius = _FIGURE_REACH_CM * ceil(reach / _FIGURE_REACH_CM)
        return [level, Area(center_cm=tuple(center.tolist()), radius_cm=radius, version=self._figure_version)]

    def _changed(self, placed: _Placed) -> None:
        self.version += 1
        if placed.moves:
            self._figure_version = self.version
        else:
            self._level_version = self.version

    def _raise_sky(self) -> None:
        dome = sky_dome(45000.0)
        sky = self.root.attach_new_node(self._wardrobe.node("sky", [Part(mesh=dome, texture="sky")]))
        sky.set_light_off(10)
        sky.set_bin("background", 0)
        sky.set_depth_write(False)
        sky.hide(LABELS | LEVEL_SHADOW | FIGURE_SHADOW)
        if self._look.shaded:
            sky.set_shader(self._picture_shader, 10)

    def _contact_shadow(self, parent: NodePath) -> NodePath:
        """A soft dark disc under a figure, in pictures only."""
        half = _CONTACT_CM
        disc = panel((-half, -half, 0.8), (2 * half, 0, 0), (0, 2 * half, 0), Paint(tile_cm=2 * half))
        contact = parent.attach_new_node(
            self._wardrobe.node("contact", [Part(mesh=disc, texture="soft_disc")])
        )
        contact.set_transparency(TransparencyAttrib.M_alpha)
        contact.set_depth_write(False)
        contact.set_light_off(10)
        contact.hide(LABELS | LEVEL_SHADOW | FIGURE_SHADOW)
        if self._look.shaded:
            contact.set_shader(self._picture_shader, 10)
        return contact

    def _light_shader(self, lighting: Lighting, sun_scale: Number) -> None:
        sun = LVecBase3f(*lighting.sun_radiance) * sun_scale
        source = shaders.fragment(lamps=lighting.lamps is not None, fog=lighting.fog_per_m > 0)
        self.root.set_shader(Shader.make(Shader.SL_GLSL, shaders.VERTEX, source))
        haze = [
            0.5 * (s + g) + 0.25 * r
            for s, g, r in zip(lighting.sky_radiance, lighting.ground_radiance, sun, strict=True)
        ]
        inputs = {
            "to_sun": self.to_sun, "sun": sun, "sky": LVecBase3f(*lighting.sky_radiance),
            "ground": LVecBase3f(*lighting.ground_radiance), "haze": LVecBase3f(*haze),
            "fog_exposure": LVecBase2f(lighting.fog_per_m, lighting.exposure),
        }  # fmt: skip
        for name, lamp in zip(("lamp_a", "lamp_b"), lighting.lamps or (), strict=False):
            inputs |= {name: _lamp_place(lamp), f"{name}_radiance": LVecBase3f(*lamp.radiance)}
        self.root.set_shader_inputs(**inputs)

    def _light_vertices(self, lighting: Lighting, sun_scale: Number) -> None:
        """Panda's fixed-function lights; they work on display values, hence the square roots."""
        for light in self._lights:
            self.root.clear_light(light)
            light.remove_node()
        ambient = AmbientLight("sky")
        mean = [
            0.5 * (s + g) * lighting.exposure
            for s, g in zip(lighting.sky_radiance, lighting.ground_radiance, strict=True)
        ]
        ambient.set_color(LVecBase4f(*(min(0.9, 1.3 * m**0.5) for m in mean), 1))
        sun = DirectionalLight("sun")
        sun.set_direction(-self.to_sun)
        strength = 0.34 * (sun_scale * lighting.exposure) ** 0.5
        sun.set_color(LVecBase4f(*(strength * r**0.5 for r in lighting.sun_radiance), 1))
        self._lights = [self.root.attach_new_node(node) for node in (ambient, sun)]
        self._lights += [self._lamp_light(lamp, lighting.exposure) for lamp in lighting.lamps or ()]
        for order, light in enumerate(self._lights):
            # Lights add up in this order, not in that of their addresses in memory.
            light.node().set_priority(len(self._lights) - order)
            self.root.set_light(light)

    def _lamp_light(self, lamp: Lamp, exposure: Number) -> NodePath:
        point = PointLight("lamp")
        point.set_color(LVecBase4f(*(0.5 * (exposure * r) ** 0.5 for r in lamp.radiance), 1))
        point.set_attenuation(LVecBase3f(1, 0, (CM_PER_M / lamp.reach_cm) ** 2))
        light = self.root.attach_new_node(point)
        light.set_pos(panda_point(*lamp.location_cm))
        return light


def _lamp_place(lamp: Lamp) -> LVecBase4f:
    place: LPoint3f = panda_point(*lamp.location_cm)
    return LVecBase4f(place, (CM_PER_M / lamp.reach_cm) ** 2)
