"""glTF 2.0 camera animation, write only: one ``.gltf`` with its buffer inside.

Convention: world right-handed, Y up, metres, our +X is -Z; cameras look along -Z with Y up. One scene and one
animation per take, one node per camera named ``TAKE/CAMERA``, linear keys at every frame, quaternion
(x, y, z, w) with continuous signs. glTF cameras have a vertical field of view only: the principal point
becomes the centre, and there is no depth of field. Precision: float32.
"""

import base64
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from multitake.atomic import write_file

from ..lenses import Intrinsics
from .axes import Y_UP_FROM_OURS, in_world, opengl_from_opencv, quaternion_from_rotation
from .text_files import intrinsics_of, require_one_focal_length, times_s
from .trajectory_set import NamedTrajectory, TrajectorySet

_FLOAT = 5126


def write_gltf(path: Path, trajectories: TrajectorySet) -> None:
    """Write all takes into one file; InputError for a trajectory that zooms, or without fps or intrinsics."""
    buffer = _Buffer()
    document: dict[str, Any] = {"asset": {"version": "2.0", "generator": "multitake"}, "scene": 0}
    document |= {name: [] for name in ("scenes", "nodes", "cameras", "animations")}
    for take, cameras in trajectories.by_take().items():
        animation: dict[str, Any] = {"name": take, "samplers": [], "channels": []}
        first_node = len(document["nodes"])
        for node, trajectory in enumerate(cameras, start=first_node):
            require_one_focal_length(trajectory, path)
            intrinsics = intrinsics_of(trajectory, path)
            document["nodes"].append({"name": trajectory.name, "camera": node, **_rest(trajectory)})
            document["cameras"].append(_camera(trajectory.camera, intrinsics))
            _animate(animation, buffer, node, trajectory, path)
        document["animations"].append(animation)
        document["scenes"].append({"name": take, "nodes": list(range(first_node, first_node + len(cameras)))})
    content = b"".join(buffer.parts)
    uri = "data:application/octet-stream;base64," + base64.b64encode(content).decode()
    document |= {
        "accessors": buffer.accessors,
        "bufferViews": buffer.views,
        "buffers": [{"byteLength": len(content), "uri": uri}],
    }
    write_file(path, json.dumps(document))


class _Buffer:
    """Float arrays with their views and accessors."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.views: list[dict[str, int]] = []
        self.accessors: list[dict[str, Any]] = []

    def add(self, values: Float32[np.ndarray, "frames width"], kind: str, *, is_time: bool = False) -> int:
        """Append an array and return its accessor."""
        content = values.astype("<f4").tobytes()
        offset = sum(map(len, self.parts))
        self.views.append({"buffer": 0, "byteOffset": offset, "byteLength": len(content)})
        # The specification requires bounds of key times.
        bounds = {"min": [float(values.min())], "max": [float(values.max())]} if is_time else {}
        self.accessors.append(
            {
                "bufferView": len(self.views) - 1,
                "componentType": _FLOAT,
                "count": len(values),
                "type": kind,
                **bounds,
            }
        )
        self.parts.append(content)
        return len(self.accessors) - 1


def _animate(
    animation: dict[str, Any], buffer: _Buffer, node: int, trajectory: NamedTrajectory, path: Path
) -> None:
    position, quaternion = _keys(trajectory)
    keys = buffer.add(times_s(trajectory, path).astype(np.float32)[:, None], "SCALAR", is_time=True)
    for target, values, kind in (("translation", position, "VEC3"), ("rotation", quaternion, "VEC4")):
        sampler = {"input": keys, "output": buffer.add(values, kind), "interpolation": "LINEAR"}
        animation["channels"].append(
            {"sampler": len(animation["samplers"]), "target": {"node": node, "path": target}}
        )
        animation["samplers"].append(sampler)


def _keys(
    trajectory: NamedTrajectory,
) -> tuple[Float32[np.ndarray, "frames 3"], Float32[np.ndarray, "frames 4"]]:
    pose = opengl_from_opencv(in_world(Y_UP_FROM_OURS, trajectory.poses))
    return pose.position_m.astype(np.float32), quaternion_from_rotation(pose.rotation).astype(np.float32)


def _rest(trajectory: NamedTrajectory) -> dict[str, list[float]]:
    """Transform of the node: the first frame, for viewers without animation."""
    position, quaternion = _keys(trajectory)
    return {"translation": position[0].tolist(), "rotation": quaternion[0].tolist()}


def _camera(name: str, i: Intrinsics) -> dict[str, Any]:
    perspective = {
        "yfov": 2 * math.atan(i.height_px / 2 / i.fy_px),
        "aspectRatio": i.width_px * i.fy_px / (i.height_px * i.fx_px),
        "znear": 0.01,
    }
    return {"name": name, "type": "perspective", "perspective": perspective}
