"""Measure the clips of a take while it is filmed: on a few pixels of each image, as ``ClipQuality`` says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from shards import ClipQuality, MaskObject
from trajectories import ClipTable
from trajectories.sampling import Limits

from ..batch import Batch
from ..drive import FrameImages
from ..drive.replies import captures_for
from ..plan import TakeSpec
from .counting import share
from .depths import DepthMeter
from .edges import edges_of
from .images import ImageMeter
from .masks import MaskMeter
from .other_cameras import SeenFrame, SharedImages
from .samples import ImageSample, packed, sample_step, sampled
from .views import CameraView

_BLOCKED_REASON = "engine:subject_blocked"


@dataclass(frozen=True, kw_only=True)
class MeasuredClip:
    """The figures of a clip, and the frames that a figure counts, by the name of the figure."""

    quality: ClipQuality
    frames: Mapping[str, tuple[int, ...]]


class TakeMeter:
    """Measures all cameras of a take: ``add`` each frame, then ``measured``."""

    def __init__(self, batch: Batch, take: TakeSpec, clips: ClipTable, objects: Sequence[MaskObject]) -> None:
        views, captures = camera_views(batch, take, clips), captures_for(batch.passes)
        self._names = clips["camera"].tolist()
        self._cameras = [
            _ClipMeter(batch, view, objects, captures, limits)
            for view, limits in zip(views, path_limits(batch), strict=True)
        ]
        self._starts = [view.start for view in views]
        self._rig_cameras = range(len(batch.rules.slots))
        self._shared = SharedImages(self._cameras[0].step)
        self._frames = 0

    def add(self, frame: FrameImages) -> None:
        """Measure one frame of all cameras."""
        for place, camera in enumerate(self._cameras):
            camera.add({kind: images[place] for kind, images in frame.captures.items()})
        if self._frames:
            rig = (self._cameras[place] for place in self._rig_cameras)
            seen = [SeenFrame(camera.view, camera.before, camera.last) for camera in rig]
            self._shared.add(seen, self._frames)
        self._frames += 1

    def measured(self, frames: Sequence[int]) -> tuple[MeasuredClip, ...]:
        """What was measured; ``frames`` are the frames that were stored of each camera."""
        return tuple(
            camera.measured(name, stored, self._first_change(place), self._shared.frames(place))
            for place, (camera, name, stored) in enumerate(
                zip(self._cameras, self._names, frames, strict=True)
            )
        )

    def _first_change(self, place: int) -> float | None:
        """By how much a first image differs from those of half of the rig's cameras with the same start."""
        first = self._cameras[place].first
        others = [one for one in self._rig_cameras if self._starts[one] == self._starts[place]]
        others = [one for one in others if one != place and not self._cameras[one].first.kind]
        if first.kind or not others:
            return None
        changes = sorted(first.change(self._cameras[one].first) for one in others)
        return changes[(len(changes) - 1) // 2]


def path_limits(batch: Batch) -> list[Limits | None]:
    """The limits that the path of each camera keeps.

    None for extra cameras, and for all if the images have another size than the rig was sampled for.
    """
    is_sampled_size = batch.sampled_size_px == (batch.width_px, batch.height_px)
    sampled = batch.rules.validity if is_sampled_size else None
    return [sampled] * len(batch.rules.slots) + [None] * len(batch.extra_cameras)


def camera_views(batch: Batch, take: TakeSpec, clips: ClipTable) -> list[CameraView]:
    """What each camera of a take should see."""
    actors_m = np.stack([path.aim_m(batch.rules.aim_fraction) for path in take.paths])
    return [
        CameraView(
            poses=clips.poses[camera],
            intrinsics=row.intrinsics,
            focal_px=clips.intrinsics_of_frames[camera, :, 0],
            body_m=take.paths[0].body_m,
            actors_m=actors_m,
            heights_m=tuple(actor.character.height_m for actor in take.actors),
        )
        for camera, row in enumerate(clips)
    ]


class _ClipMeter:
    """Measures one camera."""

    def __init__(
        self,
        batch: Batch,
        view: CameraView,
        objects: Sequence[MaskObject],
        captures: Sequence[str],
        limits: Limits | None,
    ) -> None:
        colours = packed(np.array([(0, 0, 0), *(one.colour for one in objects)], dtype=np.uint8))
        actors = tuple(int(colour) for colour in colours[1 : 1 + len(view.heights_m)])
        is_seen = limits is not None and _BLOCKED_REASON in limits.reject
        hidden_share = limits.blocked_share if limits and is_seen else 1.0
        quality, step = batch.quality, sample_step(batch.width_px, batch.height_px)
        self.first: ImageSample
        self.before: ImageSample
        self.last: ImageSample
        self.view, self.step = view, step
        self._images = ImageMeter(
            view, step=step, hidden_share=hidden_share, most_change=quality.repeated_change
        )
        self._masks = MaskMeter(
            view, step=step, hidden_share=hidden_share, legend=np.sort(colours), actors=actors
        )
        self._depths = DepthMeter(view, step=step, hidden_share=hidden_share, near_m=quality.near_m)
        self._has_masks, self._has_depth = "mask" in captures, "depth" in captures
        self._frames = self._seen = 0

    def add(self, captures: Mapping[str, np.ndarray]) -> None:
        """Measure one frame."""
        frame, is_subject, objects = self._frames, None, None
        image = ImageSample(sampled(captures["video"], self.step))
        edges = image.steps
        self.first = self.first if frame else image
        self.before, self.last = self.last if frame else image, image
        if self._has_masks:
            objects = packed(sampled(captures["mask"], self.step))
            edges = edges_of(objects)
            is_subject = self._masks.add(objects, edges, image.steps)
        self._images.add(image, objects)
        if self._has_depth:
            self._depths.add(sampled(captures["depth"], self.step), objects, is_subject, edges)
        # Without a good mask, the subject is seen where it is.
        self._seen += bool(self.view.has_subject[frame] if is_subject is None else is_subject.any())
        self._frames += 1

    def measured(
        self, camera: str, stored: int, first_change: float | None, shared: Sequence[int]
    ) -> MeasuredClip:
        """Its figures; ``stored`` frames were stored, ``shared`` have the image of another camera."""
        meters: list[ImageMeter | MaskMeter | DepthMeter] = [self._images]
        meters += [self._masks] if self._has_masks else []
        meters += [self._depths] if self._has_depth else []
        found = {name: value for meter in meters for name, value in meter.figures().items()}
        quality = ClipQuality(
            camera=camera,
            frames=stored,
            first_image_change=first_change,
            other_camera_share=share(len(shared), self._frames),
            subject_seen=share(self._seen, self._frames),
            subject_seen_by="mask" if self._has_masks else "projection",
            **found,
        )
        frames = {name: numbers for meter in meters for name, numbers in meter.frames().items()}
        frames["other_camera_share"] = tuple(shared)
        return MeasuredClip(quality=quality, frames=frames)
