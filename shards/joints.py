"""The joints of all actors of a take: the member ``KEY.joints.npz``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from jaxtyping import Float, Float64, UInt8

from trajectories import CameraPose, Intrinsics

from .arrays import ArrayLayout, npz_bytes, read_npz

# How much nearer than a visible joint the surface at its pixel may be: on the actor's own body, because
# joints are inside it, and on another object.
_BODY_DEPTH_M, _OTHER_DEPTH_M = 0.15, 0.05
_LAYOUTS: Mapping[str, ArrayLayout] = {
    "actor_names": ("U", ("actors",)),
    "joint_names": ("U", ("joints",)),
    "joint_actors": ("<i4", ("joints",)),
    "positions_m": ("<f8", ("frames", "joints", 3)),
    "states": ("|u1", ("cameras", "frames", "joints")),
}


class JointState(IntEnum):
    """Whether a camera sees a joint; ``HIDDEN`` is by another object."""

    OUTSIDE = 0
    HIDDEN = 1
    HIDDEN_BY_OWN_BODY = 2
    VISIBLE = 3


@dataclass(frozen=True, kw_only=True)
class Joints:
    """The joints of one actor; world, metres.

    Attributes:
        states: values of ``JointState``.
    """

    names: tuple[str, ...]
    positions_m: Float64[np.ndarray, "frames joints 3"]
    states: UInt8[np.ndarray, "cameras frames joints"]


def joint_states(
    points_m: Float[np.ndarray, "joints 3"],
    pose: CameraPose,
    intrinsics: Intrinsics,
    *,
    depth_m: Float[np.ndarray, "height width"],
    mask: UInt8[np.ndarray, "height width 3"],
    colour: tuple[int, int, int],
) -> UInt8[np.ndarray, "joints"]:
    """The state of each joint of an actor (world, metres) in one image.

    ``depth_m`` is the planar depth of the image, 0 where nothing is seen; ``mask`` its object mask, in which
    the actor has that ``colour``.
    """
    points_camera_m = pose.camera_points(points_m)
    pixels = np.floor(np.nan_to_num(intrinsics.project(points_camera_m), nan=-1.0))
    is_inside = ((pixels >= 0) & (pixels < (intrinsics.width_px, intrinsics.height_px))).all(axis=-1)
    column, row = np.where(is_inside[:, None], pixels, 0).astype(np.int64).T
    nearer_m = np.where(depth_m[row, column] > 0, points_camera_m[:, 2] - depth_m[row, column], -np.inf)
    is_own = (mask[row, column] == colour).all(axis=-1)
    is_hidden = nearer_m > np.where(is_own, _BODY_DEPTH_M, _OTHER_DEPTH_M)
    by = np.where(is_own, JointState.HIDDEN_BY_OWN_BODY, JointState.HIDDEN)
    inside = np.where(is_hidden, by, JointState.VISIBLE)
    return np.where(is_inside, inside, JointState.OUTSIDE).astype(np.uint8)


def joints_member(joints: Mapping[str, Joints]) -> bytes:
    """The file of the joints of all actors, by name of the actor."""
    actors = list(joints.values())
    counts = [len(one.names) for one in actors]
    return npz_bytes(
        {
            "actor_names": np.array(list(joints), dtype=np.str_),
            "joint_names": np.array([name for one in actors for name in one.names], dtype=np.str_),
            "joint_actors": np.repeat(np.arange(len(actors)), counts).astype("<i4"),
            "positions_m": np.concatenate([one.positions_m for one in actors], axis=1),
            "states": np.concatenate([one.states for one in actors], axis=2),
        }
    )


def read_joints(content: bytes, cameras: int, frames: int, actors: Sequence[str]) -> dict[str, Joints]:
    """The joints by actor; ValueError, or an error of the zip, for another file or another take."""
    arrays = read_npz(content, _LAYOUTS, {"cameras": cameras, "frames": frames})
    if arrays["actor_names"].tolist() != list(actors):
        found = ", ".join(arrays["actor_names"].tolist())
        raise ValueError(f"expected the actors {', '.join(actors)}, found {found}")
    if not np.isfinite(arrays["positions_m"]).all():
        raise ValueError("positions_m has numbers that are not finite")
    if arrays["states"].max(initial=0) > max(JointState):
        raise ValueError(f"states has the unknown state {arrays['states'].max()}")
    names, of_joint = np.array(arrays["joint_names"].tolist(), dtype=object), arrays["joint_actors"]
    if not np.isin(of_joint, range(len(actors))).all():
        raise ValueError(f"joint_actors has numbers outside of 0..{len(actors) - 1}")
    return {
        actor: Joints(
            names=tuple(names[of_joint == place]),
            positions_m=arrays["positions_m"][:, of_joint == place],
            states=arrays["states"][:, :, of_joint == place],
        )
        for place, actor in enumerate(actors)
    }
