"""Actors: everything in a level that has a name and a transform."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..content.animations.catalog import Animation
from ..content.animations.posed_body import AnimationTime, Body, PosedBody
from ..content.shapes.meshes import Mesh, Paint, Part, bounds_cm, panelled_box, textured, transformed
from ..content.unreal_space import Number, Triple, world_from_local
from ..render.optical_flow import Moment

CAMERA_CLASS = "FusionCameraActor"
CHARACTER_CLASS = "SkeletalMeshActor"
CUBE_CLASS = "CubeActor"
MOVABLE, STATIC = "Movable", "Static"
# Unreal's classes that can be spawned here without geometry, light or behaviour: a name and a transform.
EMPTY_CLASSES = frozenset(
    {
        "CameraActor", "Character", "CineCameraActor", "DecalActor", "DefaultPawn", "DirectionalLight",
        "ExponentialHeightFog", "Note", "Pawn", "PlayerStart", "PointLight", "PostProcessVolume", "RectLight",
        "SkyAtmosphere", "SkyLight", "SpotLight", "StaticMeshActor", "TargetPoint", "TriggerBox",
    }
)  # fmt: skip


class WorldError(Exception):
    """A request that cannot be fulfilled; the text goes to the client."""


@dataclass(kw_only=True)
class Actor:
    """An actor and its transform (cm, degrees). ``parts`` is its rigid body, None if it is never drawn."""

    name: str
    uclass: str
    mobility: str = MOVABLE
    location: Triple = (0.0, 0.0, 0.0)
    rotation: Triple = (0.0, 0.0, 0.0)
    scale: Triple = (1.0, 1.0, 1.0)
    color_index: int | None = None
    color: tuple[int, int, int] = (0, 0, 0)
    parts: list[Part] | None = None
    label: str | None = None

    def world_from_actor(self) -> Float[np.ndarray, "4 4"]:
        """Return the row-vector transform, in cm."""
        return world_from_local(self.location, self.rotation, self.scale)

    def bounds_cm(self) -> Float[np.ndarray, "2 3"]:
        """Return the smallest and largest corner of the actor's box in the world."""
        meshes = self._meshes()
        return bounds_cm(meshes) if meshes else np.array([self.location, self.location])

    def vertices_cm(self) -> Float[np.ndarray, "vertices 3"]:
        """Return every vertex of the actor in the world, as it is posed."""
        return np.concatenate([np.empty((0, 3)), *(mesh.positions for mesh in self._meshes())])

    def _meshes(self) -> list[Mesh]:
        """Return all meshes of the actor, in world coordinates (cm)."""
        world_from_actor = self.world_from_actor()
        return [transformed(part.mesh, world_from_actor) for part in self.parts or []]


@dataclass(kw_only=True)
class CharacterActor(Actor):
    """An actor with a character and an animation. Time does not run; only ``position_s`` moves the limbs.

    One that ``is_frozen`` stays as at the beginning of its animation, as a fault for tests.
    """

    body: Body | None = None
    animation: Animation | None = None
    is_looping: bool = True
    position_s: Number = 0.0
    is_frozen: bool = False
    hidden_bones: frozenset[str] = frozenset()
    tick_option: str = "AlwaysTickPoseAndRefreshBones"

    def posed(self) -> PosedBody:
        """Return the pose of the body."""
        if self.body is None:
            raise WorldError(f"{self.name} has no skeletal mesh")
        time_s = 0.0 if self.is_frozen else self.position_s
        at = AnimationTime(animation=self.animation, time_s=time_s, is_looping=self.is_looping)
        return self.body.posed(at, self.hidden_bones)

    def actor_from_bones(self) -> dict[str, Float[np.ndarray, "4 4"]]:
        """Return every bone's row-vector transform in the actor's frame."""
        return self.posed().actor_from_bones

    def _meshes(self) -> list[Mesh]:
        if self.body is None:
            return []
        world_from_actor, pieces = self.world_from_actor(), self.posed().actor_from_pieces
        return [transformed(mesh, world_from_actor) for mesh in self.body.skin.posed(pieces)]


@dataclass(kw_only=True)
class CameraSensor:
    """A camera's lens and image size; its pose is its actor's.

    ``flow_moments`` are those of its last capture of flow, and of the last one in an earlier tick.
    """

    actor: Actor
    fov_deg: Number = 90.0
    width_px: int = 640
    height_px: int = 480
    principal_offset_px: tuple[Number, Number] = (0.0, 0.0)
    flow_moments: tuple[Moment, Moment] | None = None


def cube_parts() -> list[Part]:
    """Return Unreal's basic cube: 1 m, centred on its origin."""
    paint = Paint(color=(0.95, 0.85, 0.65), gloss=0.2, tile_cm=100)
    return [textured("checker", panelled_box((100, 100, 100), (0, 0, 0), paint))]
