"""The captions of a take and of its clips; they depend on the batch, the plan and the poses alone."""

from multitake.randomness import rng_for
from trajectories import CameraMove, ClipTable, camera_move

from .batch import Batch
from .camera_captions import camera_captions
from .plan import TakeSpec


def take_captions(batch: Batch, take: TakeSpec) -> tuple[str, ...]:
    """Sentences about the scene of a take; the first is ``take.caption``."""
    return take.words.captions(batch.captions.per_take, rng_for(batch.seed, "captions", take.index))


def captioned(batch: Batch, take: TakeSpec, clips: ClipTable) -> ClipTable:
    """The clips of a take with labels and captions of what their cameras do."""
    moves = camera_moves(clips)
    captions = [
        camera_captions(
            move, batch.captions.per_camera, rng_for(batch.seed, "camera captions", take.index, camera)
        )
        for camera, move in zip(clips["camera"].tolist(), moves, strict=True)
    ]
    return clips.replaced(
        captions=captions,
        move=[move.words for move in moves],
        move_amounts=[tuple(round(label.amount, 4) for label in move.labels) for move in moves],
        pace=[move.pace for move in moves],
    )


def camera_moves(clips: ClipTable) -> tuple[CameraMove, ...]:
    """The moves of clips, measured from their poses."""
    return tuple(
        camera_move(
            poses,
            fps=fps,
            focal_length_mm=focal_length_mm * focal_ratios,
            subject_m=subject_m,
            sensor_mm=sensor_mm,
        )
        for poses, fps, focal_length_mm, focal_ratios, subject_m, sensor_mm in zip(
            (clips.poses[number] for number in range(len(clips))),
            clips["fps"].tolist(),
            clips["focal_length_mm"].tolist(),
            clips.focal_ratios,
            clips.subject_points_m,
            clips["sensor_mm"].tolist(),
            strict=True,
        )
    )
