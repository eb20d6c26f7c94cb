"""What Panda draws: one node per actor, the sky, the contact shadows and the light."""

from dataclasses import dataclass, field
from math import ceil

import numpy as np
from jaxtyping import Float, UInt32
from panda3d.core import (
    BitMask32,
    ColorWriteAttrib,
    DepthTestAttrib,
    LVector3f,
    NodePath,
    RenderAttrib,
    TransparencyAttrib,
)

from ..content.characters.skin import SkinnedPart
from ..content.daylight import Daylight, lit_by
from ..content.environment import Environment, Lighting
from ..content.shapes.meshes import Mesh, Paint, Part, bounds_cm, panel, sky_dome, textured
from ..content.unreal_space import Number, Triple, rotation_rows
from . import shaders
from .lights import Lights
from .looks import LARGE_BIN, SKY_BIN, Look
from .node_cache import NodeCache
from .numbered_triangles import Body, NumberedTriangles
from .panda_space import panda_directions, panda_matrix, panda_point
from .skinned_node import SkinnedNode

# Camera masks: cameras of lit images, cameras of labels alone, and the two shadow maps.
LIT, LABELS, LEVEL_SHADOW, MOVABLE_SHADOW = (BitMask32.bit(bit) for bit in range(4))
MASK_TAG = "mask"
# Above rugs and markings.
_CONTACT_HALF_CM, _CONTACT_HEIGHT_CM = 60.0, 2.5
# What is blended leaves the alpha channel as it is.
_OPAQUE = ColorWriteAttrib.C_red | ColorWriteAttrib.C_green | ColorWriteAttrib.C_blue
# Every part of a usual character or of a cube is within this distance of its origin, in any pose; a larger
# character reaches somewhat farther with raised arms than at rest.
_REACH_CM, _REACH_IN_POSES = 250.0, 1.25
# Props that are longer are drawn after others.
_LARGE_CM = 800.0


@dataclass(frozen=True)
class ShadowArea:
    """The sphere that a shadow map must cover, and the version of its content."""

    center_cm: Triple
    radius_cm: Number
    version: int


@dataclass(kw_only=True)
class _ActorNode:
    """An actor's node, body and transforms; a character has a skin and a contact shadow, too."""

    node: NodePath
    is_movable: bool
    body: Body
    skin: SkinnedNode | None = None
    contact: NodePath | None = None
    world_from_actor: np.ndarray = field(default_factory=lambda: np.eye(4))
    # Of each piece of the body.
    actor_from_pieces: np.ndarray = field(default_factory=lambda: np.eye(4)[None])
    # How far its parts are from its origin, without its scale.
    local_reach_cm: Number = _REACH_CM

    @property
    def reach_cm(self) -> float:
        return self.local_reach_cm * float(np.linalg.norm(self.world_from_actor[:3, :3], axis=1).max())

    @property
    def location_cm(self) -> Float[np.ndarray, "3"]:
        return self.world_from_actor[3, :3]

    def world_from_pieces(self) -> Float[np.ndarray, "pieces 4 4"]:
        return self.actor_from_pieces @ self.world_from_actor


class SceneGraph:
    """The nodes and lights that Panda draws. Call ``light`` before the first image.

    Every change increases ``version``; mask colours and shadow maps of lower versions are out of date. Only
    actors that have a mask colour appear in masks, depth and surface ids, as in the plugin.
    """

    def __init__(self, look: Look) -> None:
        self.root = NodePath("scene")
        self.version = self._level_version = self._movable_version = 0
        self.mask_colors: dict[str, tuple[int, int, int]] = {}
        self.to_sun = LVector3f(0, 0, 1)
        self._lighting: Lighting
        self._look = look
        self._cache = NodeCache(look)
        self._surfaces: NumberedTriangles | None = None
        self._numbered: NumberedTriangles | None = None
        self._mask_table: UInt32[np.ndarray, "ids"] | None = None
        self._actors: dict[str, _ActorNode] = {}
        self._lights = Lights(self.root, look)
        self._sky = self._add_sky()

    def add(self, name: str, key: str, parts: list[Part], is_movable: bool) -> None:
        """Add an actor; ``key`` names its geometry, and only spawned actors are movable."""
        node = self.root.attach_new_node(self._cache.node(key, parts))
        node.set_tag(MASK_TAG, name)
        node.hide(LABELS | (LEVEL_SHADOW if is_movable else MOVABLE_SHADOW))
        if not is_movable and _extent_cm(parts) > _LARGE_CM:
            node.set_bin(LARGE_BIN, 0)
        self._actors[name] = _ActorNode(node=node, is_movable=is_movable, body=Body(node, parts))
        self._surfaces = None
        self._changed(self._actors[name])

    def set_character(self, name: str, key: str, parts: list[SkinnedPart], bones: tuple[str, ...]) -> None:
        """Replace an actor's body with the skin of a character; ``pose`` must follow."""
        actor = self._actors[name]
        for child in actor.node.get_children():
            child.remove_node()
        actor.skin = self._cache.skinned_node(f"character.{key}", parts)
        actor.body = Body(actor.node.attach_new_node(actor.skin.node), parts, bones)
        actor.contact = self._add_contact_shadow(actor.node)
        farthest_cm = max(float(np.linalg.norm(part.mesh.positions, axis=1).max()) for part in parts)
        actor.local_reach_cm = max(_REACH_CM, _REACH_IN_POSES * farthest_cm)
        # As in the plugin, labels show the mesh that an actor has when it gets its colour.
        self.mask_colors.pop(name, None)
        actor.node.hide(LABELS)
        self._surfaces = None
        self._changed(actor)

    def move(self, name: str, world_from_actor: Float[np.ndarray, "4 4"]) -> None:
        """Set an actor's row-vector transform (Unreal space, cm)."""
        actor = self._actors[name]
        actor.node.set_mat(panda_matrix(world_from_actor))
        actor.world_from_actor = world_from_actor
        self._changed(actor)

    def pose(
        self, name: str, actor_from_pieces: Float[np.ndarray, "bones 4 4"], center_cm: tuple[float, float]
    ) -> None:
        """Set the transforms of a character's skin by its bones, and the centre of its contact shadow."""
        actor = self._actors[name]
        if actor.skin is None or actor.contact is None:
            raise ValueError(f"{name} has no character")
        actor.actor_from_pieces = actor_from_pieces
        actor.skin.pose(actor_from_pieces)
        actor.contact.set_pos(panda_point(*center_cm, 0.0))
        self._changed(actor)

    def show(self, name: str, visible: bool) -> None:
        """Show or hide an actor in every kind of image."""
        actor = self._actors[name]
        (actor.node.show if visible else actor.node.hide)()
        self._changed(actor)

    def paint_mask(self, name: str, color: tuple[int, int, int]) -> None:
        """Set an actor's colour (0 to 255) in mask images; from now on labels show it."""
        self.mask_colors[name] = color
        self._actors[name].node.show(LABELS)
        self._mask_table = None
        self.version += 1

    def has_all_mask_colors(self) -> bool:
        """Whether every actor has a mask colour, so that labels show the actors that lit images show."""
        return len(self.mask_colors) == len(self._actors)

    def surfaces(self) -> NumberedTriangles:
        """Return the triangles of all actors, in the order in which labels number them."""
        if self._surfaces is None:
            self._mask_table = None
            self._surfaces = NumberedTriangles.of({name: actor.body for name, actor in self._actors.items()})
        return self._surfaces

    def number_triangles(self) -> None:
        """Tell shaders the ids of the triangles of all actors, if they changed."""
        surfaces = self.surfaces()
        if self._numbered is not surfaces:
            for body, first in zip(surfaces.bodies, surfaces.first_ids, strict=True):
                body.node.set_shader_input("first_id", first)
            self._numbered = surfaces

    def mask_table(self) -> UInt32[np.ndarray, "ids"]:
        """Return the BGRA mask pixel of each id of ``surfaces``."""
        surfaces = self.surfaces()
        if self._mask_table is None:
            self._mask_table = surfaces.mask_table(self.mask_colors)
        return self._mask_table

    def world_from_pieces(self) -> Float[np.ndarray, "pieces 4 4"]:
        """Return the row-vector transforms (cm) of the pieces of ``surfaces``."""
        matrices = [actor.world_from_pieces() for actor in self._actors.values()]
        return np.concatenate([np.empty((0, 4, 4)), *matrices])

    def rename(self, name: str, new_name: str) -> None:
        """Give an actor another name."""
        self._actors = {new_name if key == name else key: actor for key, actor in self._actors.items()}
        self._actors[new_name].node.set_tag(MASK_TAG, new_name)
        if name in self.mask_colors:
            self.mask_colors[new_name] = self.mask_colors.pop(name)
        self._surfaces = None
        self.version += 1

    def remove(self, name: str) -> None:
        """Remove an actor."""
        actor = self._actors.pop(name)
        actor.node.remove_node()
        self.mask_colors.pop(name, None)
        self._surfaces = None
        self._changed(actor)

    def light(self, environment: Environment, day: Daylight) -> None:
        """Set the light of an environment at that time and in that weather."""
        direction = panda_directions(rotation_rows(*day.sun_rotation_deg)[:1])[0]
        self.to_sun = LVector3f(*(-direction).tolist())
        self._lighting = light = lit_by(environment, day)
        self._lights.set(light, self.to_sun, environment.space_cm)
        if light.sky_texture:
            self._sky.set_texture(self._cache.texture(light.sky_texture), 1)
        else:
            self._sky.set_texture_off(1)
        self._sky.set_color_scale(*light.sky_tint, 1)
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

    def _add_sky(self) -> NodePath:
        sky = self._add_unlit(self.root, "sky", sky_dome(45000.0))
        if self._look.has_shaders:
            # Drawn where nothing opaque is, so that most of its pixels cost nothing.
            sky.set_shader(shaders.program(shaders.SKY_VERTEX, shaders.sky_fragment()), 10)
            sky.set_attrib(DepthTestAttrib.make(RenderAttrib.M_less_equal))
            sky.set_bin(SKY_BIN, 0)
        else:
            sky.set_bin("background", 0)
        return sky

    def _add_contact_shadow(self, parent: NodePath) -> NodePath:
        """Add a soft dark disc under a character."""
        half, size = _CONTACT_HALF_CM, 2 * _CONTACT_HALF_CM
        disc = panel((-half, -half, _CONTACT_HEIGHT_CM), (size, 0, 0), (0, size, 0), Paint(tile_cm=size))
        contact = self._add_unlit(parent, "soft_disc", disc)
        if self._look.has_shaders:
            contact.set_shader(shaders.program(shaders.PLAIN_VERTEX, shaders.blended_fragment()), 10)
        contact.set_transparency(TransparencyAttrib.M_alpha)
        contact.set_attrib(ColorWriteAttrib.make(_OPAQUE))
        return contact

    def _add_unlit(self, parent: NodePath, texture: str, mesh: Mesh) -> NodePath:
        """Add a node that only lit images show, in the plain colours of its texture."""
        node = parent.attach_new_node(self._cache.node(texture, [textured(texture, mesh)]))
        node.set_depth_write(False)
        node.set_light_off(10)
        node.hide(LABELS | LEVEL_SHADOW | MOVABLE_SHADOW)
        return node


def _extent_cm(parts: list[Part]) -> float:
    """The length of parts along X or Y."""
    return float(np.ptp(bounds_cm([part.mesh for part in parts])[:, :2], axis=0).max()) if parts else 0.0
