"""Ground truth that is computed from several captures: surfaces, flow and joints of a take."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Float

from shards import (
    ClipGeometry,
    FlowEncoder,
    Joints,
    MaskObject,
    SurfaceEncoder,
    Surfaces,
    forward_flow_px,
    joint_states,
    joints_member,
    surfaces_member,
)
from trajectories import CameraPose, Intrinsics

from .drive import FrameImages


class SurfaceLabels:
    """Encodes surface ids, and the flow to the next frame, of all cameras of a take.

    ``poses`` has the batch axes (cameras, frames), in the precision that is stored; ``intrinsics`` has those
    of each frame for each camera.
    """

    def __init__(
        self,
        passes: Sequence[str],
        surfaces: Surfaces,
        poses: CameraPose,
        intrinsics: Sequence[Sequence[Intrinsics]],
        fps: float,
    ) -> None:
        self._surfaces, self._poses, self._intrinsics = surfaces, poses, intrinsics
        sizes = [(one[0].width_px, one[0].height_px) for one in intrinsics]
        self._surface = [SurfaceEncoder() for _ in sizes] if "surface" in passes else []
        self._flow = [FlowEncoder(*size, fps) for size in sizes] if "flow" in passes else []
        self._world_from_piece: list[Float[np.ndarray, "pieces 3 4"]] = []
        self._ids: tuple[np.ndarray, ...] = ()

    def add(self, frame: FrameImages) -> None:
        """Add one frame: its ids, and the flow of the frame before."""
        before, self._ids = self._ids, frame.captures["surface"]
        self._world_from_piece.append(np.asarray(frame.world_from_piece))
        geometries = self._geometries()
        for encoder, ids, geometry in zip(self._surface, self._ids, geometries, strict=False):
            encoder.add(ids, geometry, -1)
        for flow, ids, geometry in zip(self._flow, before, geometries, strict=False):
            flow.add(forward_flow_px(ids, geometry, 0))

    def camera_members(self) -> tuple[dict[str, bytes], ...]:
        """The members of each camera."""
        for encoder, one in zip(self._flow, self._intrinsics, strict=False):
            encoder.add(np.full((one[0].height_px, one[0].width_px, 2), np.nan))
        kinds: dict[str, Any] = {"flow": self._flow, "surface": self._surface}
        return tuple(
            {kind: encoders[camera].finish() for kind, encoders in kinds.items() if encoders}
            for camera in range(len(self._intrinsics))
        )

    def take_members(self) -> dict[str, bytes]:
        """The members of the take."""
        filmed = replace(self._surfaces, world_from_piece=np.stack(self._world_from_piece))
        return {"surfaces": surfaces_member(filmed)} if self._surface else {}

    def _geometries(self) -> list[ClipGeometry]:
        """The cameras in this frame, and in the one before if there is one."""
        now = len(self._world_from_piece)
        frames = slice(max(now - 2, 0), now)
        surfaces = replace(self._surfaces, world_from_piece=np.stack(self._world_from_piece[frames]))
        return [
            ClipGeometry(surfaces=surfaces, poses=self._poses[camera, frames], intrinsics=intrinsics[frames])
            for camera, intrinsics in enumerate(self._intrinsics)
        ]


class JointLabels:
    """Collects the joints of all actors of a take, and whether cameras see them."""

    def __init__(
        self, actors: Sequence[MaskObject], poses: CameraPose, intrinsics: Sequence[Sequence[Intrinsics]]
    ) -> None:
        self._actors, self._poses, self._intrinsics = actors, poses, intrinsics
        self._names: dict[str, tuple[str, ...]] = {}
        self._positions_m: dict[str, list[np.ndarray]] = {actor.name: [] for actor in actors}
        self._states: dict[str, list[np.ndarray]] = {actor.name: [] for actor in actors}

    def add(self, frame: FrameImages) -> None:
        """Add one frame."""
        for actor in self._actors:
            skeleton = frame.skeletons[actor.name]
            self._names[actor.name] = skeleton.names
            frame_number = len(self._positions_m[actor.name])
            self._positions_m[actor.name].append(skeleton.positions_m)
            self._states[actor.name].append(
                np.stack(
                    [
                        joint_states(
                            skeleton.positions_m,
                            self._poses[camera, frame_number],
                            self._intrinsics[camera][frame_number],
                            depth_m=frame.captures["depth"][camera],
                            mask=mask,
                            colour=actor.colour,
                        )
                        for camera, mask in enumerate(frame.masks)
                    ]
                )
            )

    def take_members(self) -> dict[str, bytes]:
        """The members of the take."""
        joints = {
            name: Joints(
                names=names,
                positions_m=np.stack(self._positions_m[name]),
                states=np.stack(self._states[name], axis=1),
            )
            for name, names in self._names.items()
        }
        return {"joints": joints_member(joints)}
