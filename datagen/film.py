"""Film one take: pose the scene frame by frame, and encode while the next frame renders."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from multitake.errors import InputError
from shards import DEPTH_UNIT_M, ActorRow, FilmedTake, MaskObject, TakeRow
from trajectories import ClipTable, Rig, horizontal_fov_deg
from trajectories.sampling import ENGINE_PREFIX, RigBatch

from .actor_paths import Actor, ActorPath
from .batch import Batch
from .captions import captioned, take_captions
from .drive import EngineDriver, SettlingCheck
from .encoding import EncoderThread, TakeEncoder, needs_surfaces
from .extra_clips import with_all_cameras
from .plan import TakeSpec
from .probed_rigs import rigs_in_scene
from .quality.gate import passed
from .quality.meter import TakeMeter
from .sub_frames import (
    MeanImages,
    focal_ratios_between,
    lens_offset_m,
    moved_on_lens,
    rig_poses_between,
    sub_frames,
)

# A flag of the clip table, for takes with the pass mask.
SUBJECT_HIDDEN = f"{ENGINE_PREFIX}subject_hidden_in_first_image"


class NoValidPathError(InputError):
    """A take that no engine can film, as its rig breaks the limits of the batch."""


def film_take(
    driver: EngineDriver, batch: Batch, take: TakeSpec, step: Callable[[], None] = lambda: None
) -> FilmedTake:
    """Film a take with all its cameras; ``step`` is called when a frame, or all of a camera, is encoded.

    EngineError if the engine fails; of these, BadTakeError if the images do not pass the quality gate.
    NoValidPathError if no path of a camera keeps the limits of the batch.
    """
    settling = SettlingCheck(driver, batch, take) if batch.engine.kind == "unreal" else None
    objects = driver.set_scene(take, batch.cameras)
    rigs, clips, flags = rigs_in_scene(driver, batch, take, objects)
    _check_limits(batch, take, rigs)
    rig = with_all_cameras(rigs.rig(0), clips)
    driver.set_lens(rig.lens, batch.width_px, batch.height_px)
    if batch.engine.is_cinematic:
        driver.set_multisamples(batch.engine.msaa)
    clips = _flagged(captioned(batch, take, clips), [flags] * batch.cameras)
    fov_deg = fields_of_view_deg(clips)
    surfaces = driver.surfaces() if needs_surfaces(batch.passes) else None
    meter = TakeMeter(batch, take, clips, objects)
    with EncoderThread(TakeEncoder(batch.passes, clips, objects, surfaces, step), meter.add) as thread:
        for frame in range(batch.frames):
            seen = seen_by_lens(driver, batch, rig, clips, frame) if batch.engine.is_cinematic else {}
            driver.set_time(frame, frame / batch.fps)
            driver.set_fields_of_view(fov_deg[:, frame].tolist())
            images = driver.film_frame(rig.poses[:, frame], batch.passes)
            images = replace(images, captures={**images.captures, **seen})
            thread.add(images)
            if settling:
                settling.add(frame, images.images)
            if frame == 0 and "mask" in batch.passes:
                clips = _flagged(clips, _hidden_subjects(images.masks, objects[0]))
        if settling:
            driver.set_fields_of_view(fov_deg[:, 0].tolist())
            settling.return_to_first(rig.poses[:, 0])
    encoder = thread.finished()
    row = replace(take_row(batch, take, rigs, objects), settling=settling.result() if settling else None)
    files, members = encoder.camera_members(), encoder.take_members()
    return passed(batch, FilmedTake(row=row, clips=clips, files=files, members=members), meter)


def seen_by_lens(
    driver: EngineDriver, batch: Batch, rig: Rig, clips: ClipTable, frame: int
) -> dict[str, tuple[np.ndarray, ...]]:
    """The video of a frame by a lens and a shutter; the passes are those of its middle, without both."""
    engine, mean = batch.engine, MeanImages()
    focus_m = np.stack(clips["focus_distance_m"].tolist())[:, frame].astype(np.float64)
    for one in sub_frames(engine.sub_frames, shutter=engine.shutter, depth_of_field=engine.depth_of_field):
        time = frame + one.offset_frames
        driver.set_time(time, time / batch.fps)
        ratios = focal_ratios_between(clips.focal_ratios, time)
        focal_px = clips["fx_px"] * ratios
        driver.set_fields_of_view(horizontal_fov_deg(focal_px, batch.width_px).tolist())
        offset_m = ratios[:, None] * lens_offset_m(rig.lens, one.on_lens)
        poses = moved_on_lens(rig_poses_between(rig, time, batch.fps), offset_m)
        mean.add(driver.film_shifted(poses, focal_px[:, None] * offset_m[:, :2] / focus_m[:, None]))
    return {"video": mean.images()}


def fields_of_view_deg(clips: ClipTable) -> Float[np.ndarray, "cameras frames"]:
    """Horizontal field of view of each camera in each frame."""
    return horizontal_fov_deg(clips.intrinsics_of_frames[..., 0], int(clips["width_px"][0]))


def _hidden_subjects(masks: Sequence[np.ndarray], subject: MaskObject) -> list[tuple[str, ...]]:
    """For each camera a flag if its first mask has no pixel of the subject."""
    return [() if (mask == subject.colour).all(axis=-1).any() else (SUBJECT_HIDDEN,) for mask in masks]


def _flagged(clips: ClipTable, flags: Sequence[tuple[str, ...]]) -> ClipTable:
    """The clips of one take with further flags."""
    known = clips["flags"].tolist()
    return clips.replaced(flags=[(*one, *new) for one, new in zip(known, flags, strict=True)])


def _check_limits(batch: Batch, take: TakeSpec, rigs: RigBatch) -> None:
    limits = batch.rules.validity
    for camera, is_invalid in zip(
        rigs.rig(0).cameras, rigs.verdicts.any_of(limits.reject)[0].tolist(), strict=True
    ):
        if is_invalid:
            what = f"no path of {camera} keeps the limits in {limits.attempts} attempts"
            fix = "see `multitake plan`, and change [rig] or rig.validity"
            raise NoValidPathError(what, where=f"take {take.key}", fix=fix)


def take_row(batch: Batch, take: TakeSpec, rigs: RigBatch, objects: tuple[MaskObject, ...]) -> TakeRow:
    """The row of a take in the take table; ``objects`` is the legend of its masks."""
    rig = rigs.rig(0)
    x, y, z = rig.subject_m.tolist()
    return TakeRow(
        take=take.key,
        split=take.split,
        environment=take.environment.name,
        characters=tuple(actor.character.name for actor in take.actors),
        animations=tuple(actor.animation.name for actor in take.actors),
        light=take.light.name,
        caption=take.caption,
        captions=take_captions(batch, take),
        layout=rig.layout,
        focal_length_mm=rig.lens.focal_length_mm,
        f_number=rig.lens.f_number,
        seed=batch.seed,
        take_index=take.index,
        attempt=int(rigs.attempts.max()),
        fps=batch.fps,
        frames=batch.frames,
        width_px=batch.width_px,
        height_px=batch.height_px,
        subject_m=(x, y, z),
        look=batch.engine.look,
        passes=batch.passes,
        depth_unit_m=DEPTH_UNIT_M if "depth" in batch.passes else None,
        actors=tuple(
            _actor_row(actor, path, one, batch.rules.aim_fraction)
            for actor, path, one in zip(take.actors, take.paths, objects, strict=False)
        ),
        mask_objects=objects if "mask" in batch.passes else (),
    )


def _actor_row(actor: Actor, path: ActorPath, named: MaskObject, aim_fraction: float) -> ActorRow:
    """The row of an actor; it has the name and role of its object."""
    return ActorRow(
        name=named.name,
        role=named.role,
        character=actor.character.name,
        animation=actor.animation.name,
        animation_start_s=actor.phase_s,
        position_m=tuple((x, y, z) for x, y, z in path.feet_m.tolist()),
        heading_deg=tuple(path.heading_deg.tolist()),
        height_m=tuple(path.height_m.tolist()),
        aim_height_m=tuple(path.aim_heights_m(aim_fraction).tolist()),
    )
