"""How deep points of one part of a body are in another part, in any pose."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float, Int

from ..shapes.implicit import Field, Points, ball, steps, surface
from .body_shape import BodyShape
from .character import Character
from .skeleton import BONES
from .skin import Skin

# Points of a part: enough to find where it is deepest. They follow their bone by at least this weight.
_POINTS_OF_A_BONE = 48
_LEAST_WEIGHT = 0.6
# Cloth so far from a leg is loose; and the grid of the bare body.
_LOOSE_CM, _BARE_CM = 3.5, 4.0
# Around a joint: where the part of the body that follows it is, and the grid in which its box is found.
_PART_CM, _GRID_CM = 60.0, 4.0


@dataclass(frozen=True, kw_only=True)
class BodyDepths:
    """A character's skin and clothes, and the body below them as shapes that follow one bone each."""

    character: Character
    skin: Skin

    @cached_property
    def shape(self) -> BodyShape:
        """The body in its reference pose."""
        return BodyShape(self.character.build)

    @cached_property
    def _all_points(self) -> dict[str, Float[np.ndarray, "points 4"]]:
        """Homogeneous points of skin and close clothes that follow mostly one bone, in the reference pose."""
        positions = np.concatenate([part.mesh.positions for part in self.skin.parts])
        bones = np.concatenate([part.bones[:, 0] for part in self.skin.parts])
        is_own = np.concatenate([part.weights[:, 0] for part in self.skin.parts]) > _LEAST_WEIGHT
        legs = np.isin(bones, [BONES.index(f"{bone}_{side}") for bone in ("thigh", "calf") for side in "lr"])
        hangs = np.concatenate([np.full(len(part.mesh.positions), part.hangs) for part in self.skin.parts])
        apart = np.minimum(*(self.shape.limb(f"leg_{side}")(positions) for side in "lr"))
        # Loose cloth gives way, and skirts lie on the ground.
        is_own &= ~(legs & (hangs | (apart > _LOOSE_CM)))
        return _by_bone(positions, np.where(is_own, bones, -1))

    @cached_property
    def _bare_points(self) -> dict[str, Float[np.ndarray, "points 4"]]:
        """The same of the body without clothes, hands and feet."""
        reach, high = 0.75 * self.shape.arm_cm + 25.0, self.shape.neck_cm
        axes = (steps(-25, 30, _BARE_CM), steps(-reach, reach, _BARE_CM), steps(0, high, _BARE_CM))
        positions, _, _ = surface(self.shape.skin_field, axes)
        weights = self.shape.weights(positions)
        return _by_bone(positions, weights.argmax(axis=1))

    @cached_property
    def _own_points(self) -> dict[str, Float[np.ndarray, "points 4"]]:
        """Some of them, for each bone."""
        some = _POINTS_OF_A_BONE
        return {bone: points[:: max(1, len(points) // some)] for bone, points in self._all_points.items()}

    def points_cm(
        self, bone: str, moves: Float[np.ndarray, "times bones 4 4"], *, beyond: float = 0.0
    ) -> Float[np.ndarray, "times points 3"]:
        """Where points of a part are; ``beyond`` leaves out a share of the bone at its beginning."""
        points = self._own_points[bone]
        if beyond:
            joint = self.shape.actor_from_bones[bone]
            along = -((points[:, :3] - joint[3, :3]) @ joint[2, :3])
            points = points[along > beyond * along.max(initial=0.0)]
        return np.asarray((points @ moves[:, BONES.index(bone)])[..., :3])

    def lowest_cm(
        self, bone: str, moves: Float[np.ndarray, "times bones 4 4"], *, bare: bool = False
    ) -> Float[np.ndarray, "times"]:
        """The height of the lowest of all points that follow mostly a bone; infinite if there is none."""
        points = (self._bare_points if bare else self._all_points)[bone]
        low = points @ moves[:, BONES.index(bone), :, 2, None]
        return np.asarray(low[..., 0].min(axis=1, initial=np.inf))

    def deepest_cm(
        self,
        points_cm: Float[np.ndarray, "times points 3"],
        bone: str,
        moves: Float[np.ndarray, "times bones 4 4"],
    ) -> Float[np.ndarray, "times"]:
        """How deep the deepest of the points is in what follows a bone; 0 if none is in it."""
        if not points_cm.shape[1]:
            return np.zeros(len(points_cm))
        place = BONES.index(bone)
        bone_from_actor = np.linalg.inv(moves[:, place]) @ self.skin.bone_from_reference[place]
        local = points_cm @ bone_from_actor[:, :3, :3] + bone_from_actor[:, None, 3, :3]
        low, high = self._boxes[bone]
        near = ((low < local) & (local < high)).all(axis=2)
        reference = _moved(local[near], self.shape.actor_from_bones[bone])
        deep = np.zeros(near.shape)
        deep[near] = np.where(self._belongs(reference, bone), -self._field(bone)(reference), 0.0)
        return np.maximum(deep.max(axis=1), 0.0)

    @cached_property
    def _boxes(self) -> dict[str, tuple[Float[np.ndarray, "3"], Float[np.ndarray, "3"]]]:
        """The lowest and the highest corner of the part of the body that follows a bone, in its axes."""
        grid = np.stack(np.meshgrid(*[steps(-_PART_CM, _PART_CM, _GRID_CM)] * 3), axis=-1).reshape(-1, 3)
        boxes = {}
        for bone in BONES[1:]:
            points = _moved(grid, self.shape.actor_from_bones[bone])
            points = points[self._belongs(points, bone)]
            inside = points[self._field(bone)(points) < 0]
            if not len(inside):
                continue
            local = _moved(inside, self.skin.bone_from_reference[BONES.index(bone)])
            boxes[bone] = local.min(axis=0) - _GRID_CM, local.max(axis=0) + _GRID_CM
        return boxes

    def _field(self, bone: str) -> Field:
        if bone == "head":
            return self.shape.in_actor(
                "head", ball((0, 0, 11.0), 8.4 * self.character.build.head, (1, 0.9, 1.25))
            )
        return self.shape.limb(_region(bone))

    def _belongs(self, points: Points, bone: str) -> Bool[np.ndarray, "points"]:
        """Whether the body at points follows a bone more than the others of its chain."""
        if bone == "head":
            return np.ones(len(points), dtype=bool)
        return np.asarray(
            self.shape.chain_shares(_region(bone), points)[:, self.shape.place_in_chain(bone)] > 0.5
        )


def _moved(points: Points, matrix: Float[np.ndarray, "4 4"]) -> Points:
    """Points under a row-vector transform."""
    return np.asarray(points @ matrix[:3, :3] + matrix[3, :3])


def _by_bone(positions: Points, bones: Int[np.ndarray, "points"]) -> dict[str, Float[np.ndarray, "points 4"]]:
    """Homogeneous points by the names of their bones."""
    rows = np.column_stack([positions, np.ones(len(positions))])
    return {bone: rows[bones == place] for place, bone in enumerate(BONES)}


def _region(bone: str) -> str:
    """The region of the body that a bone moves."""
    name, _, side = bone.rpartition("_")
    if name in ("upperarm", "lowerarm", "hand"):
        return f"arm_{side}"
    return f"leg_{side}" if name in ("thigh", "calf", "foot") else "torso"
