"""What poses a character: a body of the catalog here, or one of a file (``imported``)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from ..characters.catalog import CHARACTERS, character_skin
from ..characters.skeleton import BONES, BodyPose, Proportions, actor_from_bones, subtree
from ..characters.skin import Skin
from ..unreal_space import Number
from .catalog import REST, Animation

Matrix = Float[np.ndarray, "4 4"]


@dataclass(frozen=True, kw_only=True)
class AnimationTime:
    """An animation at a time; without an animation a body stands."""

    animation: Animation | None = None
    time_s: Number = 0.0
    is_looping: bool = True

    def pose(self, proportions: Proportions) -> BodyPose:
        """The pose of a body."""
        if self.animation is None:
            return REST
        return self.animation.at(float(self.time_s), self.is_looping, proportions)


@dataclass(frozen=True, kw_only=True)
class PosedBody:
    """A pose: the transform of each of ``BONES`` in the actor's frame, and how each piece moves its skin."""

    actor_from_bones: dict[str, Matrix]
    actor_from_pieces: Float[np.ndarray, "pieces 4 4"]


@runtime_checkable
class Body(Protocol):
    """A character that can be posed; its skin follows its pieces."""

    @property
    def skin(self) -> Skin:
        """The skin in the reference pose."""

    @property
    def piece_names(self) -> tuple[str, ...]:
        """The bone of each piece."""

    def posed(self, at: AnimationTime, hidden: Iterable[str]) -> PosedBody:
        """The pose at a time. The skin of a hidden bone and its descendants shrinks to the joint."""

    def sole_points_cm(self, side: str) -> Float[np.ndarray, "points 3"]:
        """Points below a foot, in the frame of its bone."""


class CatalogBody:
    """A character of the engine's own catalog; its pieces are its bones."""

    piece_names = BONES

    def __init__(self, name: str) -> None:
        self._name = name
        self._proportions = CHARACTERS[name].proportions

    @property
    def skin(self) -> Skin:
        """The skin in the reference pose."""
        return character_skin(self._name)

    def posed(self, at: AnimationTime, hidden: Iterable[str]) -> PosedBody:
        """The pose at a time."""
        bones = actor_from_bones(self._proportions, at.pose(self._proportions))
        matrices = dict(bones)
        for bone in sorted(hidden, key=BONES.index, reverse=True):
            matrices |= dict.fromkeys(subtree(bone), shrunk_to(matrices[bone]))
        pieces = self.skin.bone_from_reference @ np.array([matrices[bone] for bone in BONES])
        return PosedBody(actor_from_bones=bones, actor_from_pieces=pieces)

    def sole_points_cm(self, side: str) -> Float[np.ndarray, "points 3"]:
        """The corners of a sole, in the frame of the foot."""
        return self._proportions.sole_points_cm()


def shrunk_to(joint: Matrix) -> Matrix:
    """The transform of what shrinks to a joint, as the skin of a hidden bone does in Unreal."""
    shrunk = np.diag([0.0, 0.0, 0.0, 1.0])
    shrunk[3, :3] = joint[3, :3]
    return shrunk
