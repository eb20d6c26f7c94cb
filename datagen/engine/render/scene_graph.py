"""What Panda draws: one node per actor, the sky, the contact shadows and the light."""

from dataclasses import dataclass, field
from math import ceil

import numpy as np
from jaxtyping import Float
from panda3d.core import (
    AmbientLight,
    BitMask32,
    DirectionalLight,
    LVecBase2f,
    LVecBase3f,
    LVecBase4f,
    LVector3f,
    NodePath,
    PointLight,
    TransparencyAttrib,
)

from ..content.environment import DAYLIGHT_INTENSITY, Lamp, Lighting
from ..content.meshes import Mesh, Paint, Part, panel, sky_dome, textured
from ..content.unreal_space import CM_PER_M, Number, Triple, rotation_rows
from . import shaders
from .looks import Look
from .node_cache import NodeCache
from .panda_space import panda_directions, panda_matrix, panda_point

# Camera masks: cameras of lit images, cameras of depth and masks, and the two shadow maps.
LIT, LABELS, LEVEL_SHADOW, MOVABLE_SHADOW = (BitMask32.bit(bit) for bit in range(4))
MASK_TAG = "mask"
_CONTACT_HALF_CM = 60.0
# Every part of a character or cube is within this distance of its origin.
_REACH_CM = 250.0


@dataclass(frozen=True)
class ShadowArea:
    """The sphere that a shadow map must cover, and the version of its content."""

    center_cm: Triple
    radius_cm: Number
    version: int


@dataclass(kw_only=True)
class _ActorNode:
    """An actor's node; a character also has one node per bone and one for its contact shadow."""

    node: NodePath
    is_movable: bool
    bones: dict[str, NodePath] = field(default_factory=dict)
    contact: NodePath | None = None
    location_cm: np.ndarray = field(default_factory=lambda: np.zeros(3))
    reach_cm: Number = 0.0


class SceneGraph:
    """The nodes and lights that Panda draws. Call ``light`` before the first image.

    Every change increases ``version``; mask colours and shadow maps of lower versions are out of date.
    """

    def __init__(self, look: Look) -> None:
        self.root = NodePath("scene")
        self.version = self._level_version = self._movable_version = 0
        self.mask_colors: dict[str, tuple[int, int, int]] = {}
        self.to_sun = LVector3f(0, 0, 1)
        self._lighting: Lighting
        self._look = look
        self._cache = NodeCache()
        self._actors: dict[str, _ActorNode] = {}
        self._lights: list[NodePath] = []
        self._add_unlit(self.root, "sky", sky_dome(45000.0)).set_bin("background", 0)

    def add(self, name: str, key: str, parts: list[Part], is_movable: bool) -> None:
        """Add an actor; ``key`` names its geometry, and only spawned actors are movable."""
        node = self.root.attach_new_node(self._cache.node(key, parts))
        node.set_tag(MASK_TAG, name)
        node.hide(LEVEL_SHADOW if is_movable else MOVABLE_SHADOW)
        self._actors[name] = _ActorNode(node=node, is_movable=is_movable)
        self._changed(self._actors[name])

    def set_character(self, name: str, key: str, bone_parts: dict[str, list[Part]]) -> None:
        """Replace an actor's body with a character: one rigid piece per bone."""
        actor = self._actors[name]
        for child in actor.node.get_children():
            child.remove_node()
        actor.bones = {
            bone: actor.node.attach_new_node(self._cache.node(f"{key}.{bone}", parts))
            for bone, parts in bone_parts.items()
        }
        actor.contact = self._add_contact_shadow(actor.node)
        self._changed(actor)

    def move(self, name: str, world_from_actor: Float[np.ndarray, "4 4"]) -> None:
        """Set an actor's row-vector transform (Unreal space, cm)."""
        actor = self._actors[name]
        actor.node.set_mat(panda_matrix(world_from_actor))
        actor.location_cm = world_from_actor[3, :3].copy()
        actor.reach_cm = _REACH_CM * float(np.linalg.norm(world_from_actor[:3, :3], axis=1).max())
        self._changed(actor)

    def pose(self, name: str, actor_from_bone: dict[str, Float[np.ndarray, "4 4"]], hidden: set[str]) -> None:
        """Set the transforms of a character's bones, and hide the bones in ``hidden``."""
        actor = self._actors[name]
        for bone, node in actor.bones.items():
            node.set_mat(panda_matrix(actor_from_bone[bone]))
            (node.hide if bone in hidden else node.show)()
        if actor.contact is not None:
            x_cm, y_cm, _ = actor_from_bone["pelvis"][3, :3]
            actor.contact.set_pos(panda_point(x_cm, y_cm, 0.0))
        self._changed(actor)

    def show(self, name: str, visible: bool) -> None:
        """Show or hide an actor in every kind of image."""
        actor = self._actors[name]
        (actor.node.show if visible else actor.node.hide)()
        self._changed(actor)

    def paint_mask(self, name: str, color: tuple[int, int, int]) -> None:
        """Set an actor's colour (0 to 255) in mask images."""
        self.mask_colors[name] = color
        self.version += 1

    def rename(self, name: str, new_name: str) -> None:
        """Give an actor another name."""
        actor = self._actors[new_name] = self._actors.pop(name)
        actor.node.set_tag(MASK_TAG, new_name)
        self.mask_colors[new_name] = self.mask_colors.pop(name)
        self.version += 1

    def remove(self, name: str) -> None:
        """Remove an actor."""
        actor = self._actors.pop(name)
        actor.node.remove_node()
        del self.mask_colors[name]
        self._changed(actor)

    def light(self, lighting: Lighting, sun_rotation_deg: Triple, intensity: Number) -> None:
        """Set the light; ``intensity`` 10 is normal daylight and scales the sun alone."""
        direction = panda_directions(rotation_rows(*sun_rotation_deg)[:1])[0]
        self.to_sun = LVector3f(*(-direction).tolist())
        self._lighting = lighting
        sun_scale = intensity / DAYLIGHT_INTENSITY
        (self._set_shader if self._look.has_shaders else self._set_lights)(lighting, sun_scale)
        self.version += 1
        self._level_version = self._movable_version = self.version

    def shadow_areas(self) -> list[ShadowArea]:
        """Return the areas of the level's shadow map and of the movable actors' shadow map."""
        movable = [actor for actor in self._actors.values() if actor.is_movable]
        locations = np.array([actor.location_cm for actor in movable] or [np.zeros(3)])
        center = 0.5 * (locations.min(axis=0) + locations.max(axis=0))
        reaches = [float(np.linalg.norm(actor.location_cm - center)) + actor.reach_cm for actor in movable]
        radius_cm = _REACH_CM * ceil(max(reaches, default=_REACH_CM) / _REACH_CM)
        light = self._lighting
        return [
            ShadowArea(light.shadow_center_cm, light.shadow_radius_cm, self._level_version),
            ShadowArea(tuple(center.tolist()), radius_cm, self._movable_version),
        ]

    def _changed(self, actor: _ActorNode) -> None:
        self.version += 1
        if actor.is_movable:
            self._movable_version = self.version
        else:
            self._level_version = self.version

    def _add_contact_shadow(self, parent: NodePath) -> NodePath:
        """Add a soft dark disc under a character."""
        half, size = _CONTACT_HALF_CM, 2 * _CONTACT_HALF_CM
        disc = panel((-half, -half, 0.8), (size, 0, 0), (0, size, 0), Paint(tile_cm=size))
        contact = self._add_unlit(parent, "soft_disc", disc)
        contact.set_transparency(TransparencyAttrib.M_alpha)
        return contact

    def _add_unlit(self, parent: NodePath, texture: str, mesh: Mesh) -> NodePath:
        """Add a node that only lit images show, in the plain colours of its texture."""
        node = parent.attach_new_node(self._cache.node(texture, [textured(texture, mesh)]))
        node.set_depth_write(False)
        node.set_light_off(10)
        node.hide(LABELS | LEVEL_SHADOW | MOVABLE_SHADOW)
        if self._look.has_shaders:
            node.set_shader(shaders.program(shaders.PLAIN_VERTEX, shaders.TEXTURE_FRAGMENT), 10)
        return node

    def _set_shader(self, lighting: Lighting, sun_scale: Number) -> None:
        sun = LVecBase3f(*lighting.sun_radiance) * sun_scale
        fragment = shaders.lit_fragment(lamps=lighting.lamps is not None, fog=lighting.fog_per_m > 0)
        self.root.set_shader(shaders.program(shaders.LIT_VERTEX, fragment))
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
            place = LVecBase4f(panda_point(*lamp.location_cm), _attenuation(lamp))
            inputs |= {name: place, f"{name}_radiance": LVecBase3f(*lamp.radiance)}
        self.root.set_shader_inputs(**inputs)

    def _set_lights(self, lighting: Lighting, sun_scale: Number) -> None:
        """Set Panda's fixed-function lights. They work on display values, hence the square roots."""
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
        self._lights = [self.root.attach_new_node(light) for light in (ambient, sun)]
        self._lights += [self._add_lamp(lamp, lighting.exposure) for lamp in lighting.lamps or ()]
        for order, light in enumerate(self._lights):
            # Add up the lights in this order, not in that of their addresses in memory.
            light.node().set_priority(len(self._lights) - order)
            self.root.set_light(light)

    def _add_lamp(self, lamp: Lamp, exposure: Number) -> NodePath:
        point = PointLight("lamp")
        point.set_color(LVecBase4f(*(0.5 * (exposure * r) ** 0.5 for r in lamp.radiance), 1))
        point.set_attenuation(LVecBase3f(1, 0, _attenuation(lamp)))
        light = self.root.attach_new_node(point)
        light.set_pos(panda_point(*lamp.location_cm))
        return light


def _attenuation(lamp: Lamp) -> float:
    """The factor of the squared distance in metres."""
    return (CM_PER_M / lamp.reach_cm) ** 2
