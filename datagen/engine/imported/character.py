"""Characters from glTF files: skinned meshes that any animation moves, and those of their file exactly."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
from jaxtyping import Float, Float32, Int

from ..content.animations.posed_body import AnimationTime, Matrix, PosedBody, shrunk_to
from ..content.characters.skeleton import BONES, SIDES, BodyPose, subtree
from ..content.characters.skin import INFLUENCES, Skin, SkinnedPart
from ..content.shapes.meshes import transformed
from ..content.textures.catalog import add_texture
from ..content.unreal_space import CM_PER_M, Number
from .axes import unreal_matrices
from .clips import FileAnimation
from .cutouts import cut_out
from .gltf_animation import GltfClip
from .gltf_file import GltfFile
from .gltf_materials import Materials
from .gltf_meshes import RawMesh, meshes_of
from .gltf_nodes import is_flat
from .gltf_skeleton import GltfSkeleton
from .level import engine_mesh, with_backs
from .motion import Motion
from .rig import Rig

MOST_TRIANGLES = 200_000
_LEGS = tuple(f"{bone}_{side}" for bone in ("thigh", "calf", "foot") for side in SIDES)
# What touches the ground at rest.
_SOLE_CM = 3.0
# Speeds are rounded.
_SAME_STEP = 1e-4


class _Pieces:
    """The pieces of a skin: a joint each, and the transform from the skin at rest to the joint."""

    def __init__(self) -> None:
        self.joints: list[int] = []
        self.joint_from_rest: list[Matrix] = []

    def of(self, joint: int, matrix: Matrix) -> int:
        """The piece of a joint with this transform; a new one if there is none."""
        for piece, (known, other) in enumerate(zip(self.joints, self.joint_from_rest, strict=True)):
            if known == joint and np.allclose(matrix, other, rtol=1e-5, atol=1e-5):
                return piece
        self.joints.append(joint)
        self.joint_from_rest.append(matrix)
        return len(self.joints) - 1


class FileCharacter:
    """A character of a file. Its skin follows the joints of the file, and ``BONES`` are some of them.

    Attributes:
        skin: the skin in the rest pose of the file.
        piece_names: the bone that each piece follows.
        height_m: the height of the skin.
    """

    def __init__(self, file: GltfFile, *, scale: Number, bones: Mapping[str, str]) -> None:
        if not file.gltf.skins:
            raise file.invalid("it has no skeleton", "export a skinned mesh with its armature")
        self._sha256 = file.sha256
        self._skeleton = GltfSkeleton.of(file, scale=scale, bones=bones)
        pieces = _Pieces()
        parts = _parts(file, self._skeleton, pieces)
        heights_cm = np.concatenate([part.mesh.positions[:, 2] for part in parts])
        self.height_m = float(np.ptp(heights_cm)) / CM_PER_M
        rig = self._skeleton.rig(file.where, float(heights_cm.min()))
        self._actor_from_file = rig.actor_from_file
        file_from_actor = np.linalg.inv(rig.actor_from_file)
        joint_from_reference = file_from_actor @ np.array(pieces.joint_from_rest)
        self.skin = Skin(
            parts=[_moved(part, rig.actor_from_file) for part in parts],
            bone_from_reference=joint_from_reference,
        )
        self.piece_names = tuple(map(self._skeleton.bone_above, pieces.joints))
        self._joints = pieces.joints
        at_rest = np.array([self._skeleton.rest[joint] for joint in pieces.joints]) @ rig.actor_from_file
        self._rest_from_reference = joint_from_reference @ at_rest
        self._rig = replace(rig, soles_cm=self._soles_cm(rig))
        self._moving = self._skeleton.restricted({*pieces.joints, *self._skeleton.joints.values()})
        self._motions: dict[tuple[int, float], Motion] = {}

    @property
    def rig(self) -> Rig:
        """The skeleton."""
        return self._rig

    def posed(self, at: AnimationTime, hidden: Iterable[str]) -> PosedBody:
        """The pose at a time."""
        animation = at.animation
        if isinstance(animation, FileAnimation) and animation.clip and animation.sha256 == self._sha256:
            time_s = animation.time_inside_s(float(at.time_s), at.is_looping)
            bones, pieces = self._of_own_clip(animation, animation.clip, time_s)
        else:
            bones, pieces = self._of_pose(at.pose(self._rig.proportions))
        for bone in sorted(hidden, key=BONES.index, reverse=True):
            is_hidden = np.isin(self.piece_names, list(subtree(bone)))
            pieces[is_hidden] = shrunk_to(bones[bone])
        return PosedBody(actor_from_bones=bones, actor_from_pieces=pieces)

    def sole_points_cm(self, side: str) -> Float[np.ndarray, "points 3"]:
        """Points below a foot, in the frame of its bone."""
        bone, rig = f"foot_{side}", self._rig
        return (rig.soles_cm[side] - rig.places_cm[bone]) @ rig.rest_from_reference[bone].T

    def _of_pose(self, pose: BodyPose) -> tuple[dict[str, Matrix], Float[np.ndarray, "pieces 4 4"]]:
        """Bones and pieces; what is no bone keeps its place in the bone above it."""
        moves = self._rig.moves(pose)
        of_pieces = np.array([moves[bone] for bone in self.piece_names])
        return self._rig.actor_from_bones(moves), self._rest_from_reference @ of_pieces

    def _of_own_clip(
        self, animation: FileAnimation, clip: GltfClip, time_s: float
    ) -> tuple[dict[str, Matrix], Float[np.ndarray, "pieces 4 4"]]:
        """Bones and pieces exactly as in the file, at the actor's place.

        If the actor has another speed than the file, its legs make other steps.
        """
        key = clip.index, animation.speed_m_per_s
        if key not in self._motions:
            motion = self._skeleton.motion(self._rig, clip)
            self._motions[key] = replace(motion, actor_m_per_s=animation.speed_m_per_s)
        motion = self._motions[key]
        placed, now = motion.in_place(time_s), self._moving.at(clip, time_s)
        of_joints = np.array([now[joint] for joint in self._joints]) @ (self._actor_from_file @ placed)
        moves = {
            bone: move if bone == "root" else move @ placed for bone, move in motion.moves(time_s).items()
        }
        if motion.course.step is not None and abs(motion.course.step - 1) > _SAME_STEP:
            stepping = self._rig.moves(motion.pose(time_s, self._rig.proportions))
            changes = {bone: np.linalg.inv(moves[bone]) @ stepping[bone] for bone in _LEGS}
            others = np.eye(4)
            others[3, :3] = self._rig.hips_cm(stepping) - self._rig.hips_cm(moves)
            moves = {bone: move @ changes.get(bone, others) for bone, move in moves.items()}
            of_joints = of_joints @ np.array([changes.get(bone, others) for bone in self.piece_names])
        return self._rig.actor_from_bones(moves), self.skin.bone_from_reference @ of_joints

    def _soles_cm(self, rig: Rig) -> dict[str, Float[np.ndarray, "points 3"]]:
        """The corners of what is below each foot."""
        soles = dict(rig.soles_cm)
        for side in SIDES:
            pieces = [place for place, bone in enumerate(self.piece_names) if bone == f"foot_{side}"]
            points = [
                part.mesh.positions[(np.isin(part.bones, pieces) * part.weights).sum(axis=1) > 0.5]
                for part in self.skin.parts
            ]
            low = np.concatenate(points)
            low = low[low[:, 2] < low[:, 2].min(initial=np.inf) + _SOLE_CM]
            if len(low):
                (x, y, z), (far_x, far_y, _) = low.min(axis=0).tolist(), low.max(axis=0).tolist()
                soles[side] = np.array([(x, y, z), (x, far_y, z), (far_x, y, z), (far_x, far_y, z)])
        return soles


def _parts(file: GltfFile, skeleton: GltfSkeleton, pieces: _Pieces) -> list[SkinnedPart]:
    """The meshes in the file's converted axes, at rest; meshes without a skin follow their node."""
    tree, materials, parts = skeleton.tree, Materials(file), []
    for index in tree.parents:
        node = tree.nodes[index]
        if node.mesh is None:
            continue
        for raw in meshes_of(file, node.mesh, materials):
            whole = with_backs(cut_out(raw))
            if not len(whole.triangles):
                continue
            if node.skin is None or whole.joints is None:
                tree.check_extent(file, index)
                parts.append(_rigid_part(whole, skeleton, index, pieces))
            else:
                parts.append(_skinned_part(file, whole, skeleton, node.skin, pieces))
    if not parts:
        raise file.invalid("it has no triangles", "export it with its meshes")
    if sum(len(part.mesh.triangles) for part in parts) > MOST_TRIANGLES:
        raise file.invalid(f"it has more than {MOST_TRIANGLES} triangles", "simplify it")
    for picture in materials.pictures:
        add_texture(picture.name, picture.pixels)
    return parts


def _rigid_part(mesh: RawMesh, skeleton: GltfSkeleton, node: int, pieces: _Pieces) -> SkinnedPart:
    """A mesh that follows its node."""
    rest = skeleton.rest[node]
    piece = pieces.of(node, np.linalg.inv(rest))
    count, (texture, normals) = len(mesh.positions), mesh.look.texture_names
    part = SkinnedPart(
        mesh=engine_mesh([mesh], skeleton.scale),
        texture=texture,
        normal_map=normals,
        bones=np.full((count, INFLUENCES), piece, dtype=np.int32),
        weights=np.eye(1, INFLUENCES, dtype=np.float32).repeat(count, axis=0),
    )
    return _moved(part, rest)


def _skinned_part(
    file: GltfFile, mesh: RawMesh, skeleton: GltfSkeleton, index: int, pieces: _Pieces
) -> SkinnedPart:
    """A mesh that follows joints. It is stored as it is at rest, seen from the first joint."""
    skin = file.item(file.gltf.skins, index, "skin")
    if any(joint not in skeleton.rest for joint in skin.joints):
        raise file.invalid("its skin has joints outside of the scene")
    matrices = np.tile(np.eye(4), (len(skin.joints), 1, 1))
    if skin.inverseBindMatrices is not None:
        found = file.array(skin.inverseBindMatrices, ("MAT4",)).reshape(-1, 4, 4)
        if len(found) < len(skin.joints):
            raise file.invalid("its skin has fewer inverse bind matrices than joints")
        matrices = found[: len(skin.joints)].transpose(0, 2, 1)
    skeleton.tree.check_extent(file, skin.joints[0])
    if is_flat(matrices[0]):
        raise file.invalid("the inverse bind matrix of its first joint is singular")
    joint_from_bind = unreal_matrices(matrices, skeleton.scale)
    rest_from_bind = joint_from_bind[0] @ skeleton.rest[skin.joints[0]]
    joint_from_rest = np.linalg.inv(rest_from_bind) @ joint_from_bind
    slots, weights = strongest_influences(mesh, len(skin.joints), file)
    used = np.unique(slots)
    places = np.zeros(len(skin.joints), dtype=np.int32)
    places[used] = [pieces.of(skin.joints[joint], joint_from_rest[joint]) for joint in used.tolist()]
    texture, normals = mesh.look.texture_names
    part = SkinnedPart(
        mesh=engine_mesh([mesh], skeleton.scale),
        texture=texture,
        normal_map=normals,
        bones=places[slots],
        weights=weights,
    )
    return _moved(part, rest_from_bind)


def strongest_influences(
    mesh: RawMesh, joints: int, file: GltfFile
) -> tuple[Int[np.ndarray, "vertices 4"], Float32[np.ndarray, "vertices 4"]]:
    """The four heaviest joints of each vertex, the heaviest first, and their weights, which add up to 1."""
    assert mesh.joints is not None and mesh.weights is not None
    if not mesh.weights.any():
        raise file.invalid("the weights of a skinned mesh are all 0", "bind the mesh to its armature again")
    order = np.argsort(-mesh.weights, axis=1, kind="stable")[:, :INFLUENCES]
    slots, weights = (np.take_along_axis(one, order, axis=1) for one in (mesh.joints, mesh.weights))
    sums = weights.sum(axis=1, keepdims=True)
    weights = np.where(sums > 0, weights / np.where(sums > 0, sums, 1.0), np.eye(1, INFLUENCES))
    slots = np.where(weights > 0, slots, slots[:, :1])
    if slots.max(initial=0) >= joints:
        raise file.invalid("its mesh follows joints that its skin does not have")
    return slots, weights.astype(np.float32)


def _moved(part: SkinnedPart, matrix: Matrix) -> SkinnedPart:
    """A part under a row-vector transform; one that mirrors reverses the triangles."""
    mesh = transformed(part.mesh, matrix)
    if float(np.linalg.det(matrix[:3, :3])) < 0:
        mesh = replace(mesh, triangles=mesh.triangles[:, ::-1])
    return replace(part, mesh=mesh)
