"""Motions of the engine as BVH files, as other programs write them."""

from collections.abc import Sequence

import numpy as np
from scipy.spatial.transform import Rotation

from datagen.engine.content.animations.catalog import ANIMATIONS
from datagen.engine.content.characters.skeleton import BONES, PARENTS, BodyPose, Proportions, actor_from_bones

# From the actor's axes (X ahead, Y right, Z up) to those of a file: Y up and facing Z; and Blender's.
Y_UP = np.array([[0, -1.0, 0], [0, 0, 1.0], [1.0, 0, 0]])
BLENDER = np.array([[0, -1.0, 0], [-1.0, 0, 0], [0, 0, 1.0]])


def as_bvh(
    poses: Sequence[BodyPose],
    body: Proportions,
    *,
    fps: float,
    is_spread: bool = False,
    cm_per_s: float = 0.0,
    axes: np.ndarray = Y_UP,
    order: str = "ZYX",
    has_all_positions: bool = False,
) -> str:
    """Poses of the engine as a BVH file in cm; at rest arms hang or are spread.

    The body travels ahead. Rotations are in an order of axes. Joints have positions, too, as Blender's do.
    """
    rest = {bone: np.eye(3) for bone in BONES}
    for side, sign in (("l", -1.0), ("r", 1.0)) if is_spread else ():
        turn = Rotation.from_euler("X", 90 * sign, degrees=True).as_matrix()
        for bone in ("upperarm", "lowerarm", "hand"):
            rest[f"{bone}_{side}"] = turn
    lines, joints = ["HIERARCHY"], []
    offsets = {bone: np.array(offset) for bone, offset in body.offsets_cm().items()}

    places: dict[str, np.ndarray] = {}

    def write(bone: str) -> None:
        joints.append(bone)
        parent = PARENTS[bone]
        # Of the parent's turned axes at rest: places are where spread arms would be.
        offset = axes @ (rest[str(parent)] @ offsets[bone]) if bone != "pelvis" else np.zeros(3)
        kind, place = "ROOT" if bone == "pelvis" else "JOINT", " ".join(map(repr, offset.tolist()))
        lines.append(f"{kind} {bone} {{ OFFSET {place}")
        channels = " ".join(f"{axis}rotation" for axis in order)
        is_placed = has_all_positions or bone == "pelvis"
        lines.append(f"CHANNELS {'6 Xposition Yposition Zposition' if is_placed else '3'} {channels}")
        places[bone] = offset
        for child, its_parent in PARENTS.items():
            if its_parent == bone:
                write(child)
        if bone.startswith("foot"):
            toe = axes @ np.array([0.74 * body.foot_cm, 0, -body.ankle_cm])
            lines.append(f"End Site {{ OFFSET {' '.join(map(repr, toe.tolist()))} }}")
        lines.append("}")

    write("pelvis")
    lines += ["MOTION", f"Frames: {len(poses)}", f"Frame Time: {1 / fps!r}"]
    for frame, pose in enumerate(poses):
        matrices = actor_from_bones(body, pose)
        places["pelvis"] = axes @ (matrices["pelvis"][3, :3] + [cm_per_s * frame / fps, 0.0, 0.0])
        values: list[float] = []
        # The turn from rest, in columns of the file's axes.
        world = {bone: axes @ (matrices[bone][:3, :3].T @ rest[bone].T) @ axes.T for bone in BONES}
        for bone in joints:
            parent = str(PARENTS[bone])
            local = (np.eye(3) if bone == "pelvis" else world[parent]).T @ world[bone]
            values += places[bone].tolist() if has_all_positions or bone == "pelvis" else []
            values += Rotation.from_matrix(local).as_euler(order, degrees=True).tolist()
        lines.append(" ".join(map(repr, values)))
    return "\n".join(lines) + "\n"


def walk_bvh(body: Proportions, *, seconds: float = 1.0, **style: object) -> str:
    """Someone walks ahead: a whole number of the two steps of ``Walk``, at 60 frames per second."""
    walk, fps = ANIMATIONS["Walk"], 60.0
    poses = [walk.at(frame / fps, True, body) for frame in range(round(seconds * fps) + 1)]
    return as_bvh(poses, body, fps=fps, cm_per_s=100.0 * walk.speed_m_per_s, **style)  # type: ignore[arg-type]
