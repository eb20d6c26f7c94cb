"""Film one take: absolute posing frame by frame, encoding while the next frame renders."""

from collections.abc import Callable
from queue import Queue
from threading import Thread
from typing import Protocol, runtime_checkable

import numpy as np

from shards import DEPTH_UNIT_M, DepthEncoder, FilmedClip, FilmedTake, MaskEncoder, TakeRow, VideoEncoder
from trajectories import Rig

from .batch import Batch
from .drive.driver import Stage, StageFrame
from .plan import TakeSpec, take_rig, take_rows

_FRAMES_AHEAD = 4


def film_take(stage: Stage, batch: Batch, take: TakeSpec) -> FilmedTake:
    """Film a take with all its cameras and return what is to be stored; EngineError if the engine fails."""
    rig = take_rig(batch, take)
    stage.dress(take, rig.lens, len(rig.cameras), batch.width_px, batch.height_px)
    middle_s = (batch.frames - 1) / 2 / batch.fps
    with EncodingDesk(batch, rig.cameras) as desk:
        for frame in range(batch.frames):
            stage.set_time(frame / batch.fps, middle_s)
            desk.put(stage.film_frame(rig.poses[:, frame], batch.passes))
    return FilmedTake(
        row=take_row(batch, take, rig),
        pose_rows=take_rows(batch, take, rig),
        poses=rig.poses,
        clips=desk.clips(),
    )


@runtime_checkable
class _Encoder(Protocol):
    def add(self, frame: np.ndarray) -> None: ...
    def finish(self) -> bytes: ...


class EncodingDesk:
    """Encodes the frames of all cameras on a thread of its own; at most a few frames wait for it."""

    def __init__(self, batch: Batch, cameras: tuple[str, ...]) -> None:
        def of_each_camera(make: Callable[..., _Encoder], is_ordered: bool) -> list[_Encoder]:
            size = (batch.width_px, batch.height_px, batch.fps)
            return [make(*size) for _ in cameras] if is_ordered else []

        self._cameras = cameras
        self._video = of_each_camera(VideoEncoder, True)
        self._depth = of_each_camera(DepthEncoder, "depth" in batch.passes)
        self._mask = of_each_camera(MaskEncoder, "mask" in batch.passes)
        self._frames: Queue[StageFrame | None] = Queue(_FRAMES_AHEAD)
        self._failure: BaseException | None = None
        self._thread = Thread(target=self._encode, daemon=True)
        self._thread.start()

    def put(self, frame: StageFrame) -> None:
        """Hand over one instant; waits while too many are unencoded. Raises what encoding has met."""
        if self._failure:
            raise self._failure
        self._frames.put(frame)

    def __enter__(self) -> "EncodingDesk":
        return self

    def __exit__(self, *_: object) -> None:
        """Wait until what was handed over is encoded."""
        self._frames.put(None)
        self._thread.join()

    def clips(self) -> tuple[FilmedClip, ...]:
        """The encoded clips in camera order, once the desk is left."""
        if self._failure:
            raise self._failure
        videos, depths, masks = (
            [encoder.finish() for encoder in encoders] for encoders in (self._video, self._depth, self._mask)
        )
        return tuple(
            FilmedClip(
                camera=camera,
                video_mp4=videos[index],
                depth_mkv=depths[index] if depths else None,
                mask_mkv=masks[index] if masks else None,
            )
            for index, camera in enumerate(self._cameras)
        )

    def _encode(self) -> None:
        while (frame := self._frames.get()) is not None:
            if self._failure:
                continue
            try:
                for encoders, images in (
                    (self._video, frame.pictures),
                    (self._depth, frame.depths_m),
                    (self._mask, frame.masks),
                ):
                    for encoder, image in zip(encoders, images, strict=True):
                        encoder.add(image)
            except Exception as error:  # raised again by clips(), in the filming thread
                self._failure = error


def take_row(batch: Batch, take: TakeSpec, rig: Rig) -> TakeRow:
    """The take-table row of a take filmed by ``rig``."""
    x, y, z = rig.pivot_m.tolist()
    return TakeRow(
        take=take.key,
        split=take.split,
        environment=take.environment.name,
        characters=tuple(p.character.name for p in take.performers),
        animations=tuple(p.animation.name for p in take.performers),
        light=take.light.name,
        caption=take.caption,
        layout=rig.layout,
        focal_length_mm=rig.lens.focal_length_mm,
        f_number=rig.lens.f_number,
        seed=batch.seed,
        take_index=take.index,
        attempt=max(rig.attempts, default=0),
        fps=batch.fps,
        frames=batch.frames,
        width_px=batch.width_px,
        height_px=batch.height_px,
        subject_m=(x, y, z),
        look=batch.engine.look,
        passes=batch.passes,
        depth_unit_m=DEPTH_UNIT_M if "depth" in batch.passes else None,
    )
