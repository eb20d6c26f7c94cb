"""One take of a data set: its clips and members, each read when it is asked for, and checked."""

import json
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Float32, UInt8, UInt32
from numpy.typing import ArrayLike

from multitake.errors import InputError, RunError
from multitake.input_files import parsing
from multitake.outages import outages
from trajectories import CameraPose, ClipRow, Intrinsics

from .checksums import gop_checksums
from .files import Files
from .format import CLIP_ENDINGS, DEPTH_UNIT_M, GOP_FRAMES, RESTORE, TakeRow, shard_files, take_row
from .joints import Joints, read_joints
from .patience import StoreError
from .pose_member import read_pose_member
from .surface_ids import ClipGeometry, decode_surface
from .surfaces import Surfaces, read_surfaces
from .tracks import Tracks, track
from .video import decode_depth, decode_flow, decode_mask, decode_normals, decode_video

_CLOSE_BYTES = 2**15


@dataclass(frozen=True, kw_only=True)
class Member:
    """A row of the index: where the content of a member is in its shard."""

    take: str
    camera: str
    member: str
    kind: str
    offset: int
    size: int
    crc32: int
    gop_ends: tuple[int, ...]
    gop_crc32: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Clip:
    """One camera's recording of a take."""

    take: "Take" = field(repr=False)
    camera: str

    @property
    def row(self) -> ClipRow:
        """Its row of the clip table."""
        return self.take.clip_row(self.take.cameras.index(self.camera))

    @property
    def poses(self) -> CameraPose:
        """world_from_camera, batch (frames)."""
        return self.take.poses[self.take.cameras.index(self.camera)]

    @property
    def intrinsics(self) -> Intrinsics:
        """The projection of its first frame, and of all frames unless the camera zooms."""
        return self.row.intrinsics

    @property
    def frame_intrinsics(self) -> tuple[Intrinsics, ...]:
        """The projection of each frame."""
        return self.row.frame_intrinsics

    @property
    def caption(self) -> str:
        """What it shows: the caption of the take, or that of the imported clip; empty if there is none."""
        return self.take.row.caption or next(iter(self.row.captions), "")

    def video_bytes(self) -> bytes:
        """The mp4 file."""
        return self.take.content("video", self.camera)

    def frames(
        self, start: int = 0, stop: int | None = None, *, size_px: tuple[int, int] | None = None
    ) -> UInt8[np.ndarray, "frames height width 3"]:
        """RGB frames ``start .. stop``; only the groups of pictures up to ``stop`` are read.

        ``size_px`` = (width, height) resizes. InputError for an empty window or size, or a window past the
        end.
        """
        return decode_video(self.take.video_start(self.camera, stop), start=start, stop=stop, size_px=size_px)

    def depth_m(self) -> Float[np.ndarray, "frames height width"]:
        """Planar depth in metres, float32; 0 means no surface. InputError if it was not filmed."""
        levels = decode_depth(self.take.content("depth", self.camera))
        return levels.astype(np.float32) * np.float32(self.take.row.depth_unit_m or DEPTH_UNIT_M)

    def mask(self) -> UInt8[np.ndarray, "frames height width 3"]:
        """Object colours. InputError if they were not filmed."""
        return decode_mask(self.take.content("mask", self.camera))

    def mask_of(self, name: str) -> Bool[np.ndarray, "frames height width"]:
        """Where an object of the take's legend is seen, such as ``character_1``.

        InputError if masks were not filmed, or for a name that is not in the legend.
        """
        return np.asarray((self.mask() == self.take.mask_colour(name)).all(axis=-1))

    def normals(
        self, start: int = 0, stop: int | None = None
    ) -> Float32[np.ndarray, "frames height width 3"]:
        """Unit normals of the surfaces (world); 0 where there is none. InputError if they were not filmed."""
        return decode_normals(self.take.content("normal", self.camera), start=start, stop=stop)

    def flow_px(
        self, start: int = 0, stop: int | None = None
    ) -> Float32[np.ndarray, "frames height width 2"]:
        """How far the point at each pixel's centre moves to the next frame, right and down; NaN if unknown.

        It is unknown where nothing is seen, and in the last frame. InputError if it was not filmed.
        """
        return decode_flow(self.take.content("flow", self.camera), start=start, stop=stop)

    def surface(self, start: int = 0, stop: int | None = None) -> UInt32[np.ndarray, "frames height width"]:
        """1 + the index in ``Take.surfaces`` of the triangle that each pixel shows, 0 for none.

        InputError if it was not filmed, or for an empty window or one past the end.
        """
        end = self.take.row.frames if stop is None else stop
        if not 0 <= start < end <= self.take.row.frames:
            what, fix = f"empty frame range {start}..{end}", f"choose from 0..{self.take.row.frames}"
            raise InputError(what, where=f"take {self.take.key}", fix=fix)
        return np.stack(list(self.surface_frames(range(start, end))))

    def surface_frames(self, frames: Collection[int]) -> Iterator[UInt32[np.ndarray, "height width"]]:
        """As ``surface``, of some frames one after the other, in their order in the take."""
        content = self.take.content("surface", self.camera)
        with self.take.parsing_member("surface", self.camera):
            yield from decode_surface(content, self.geometry, frames)

    @property
    def geometry(self) -> ClipGeometry:
        """This camera and the triangles of the take; InputError if they were not filmed."""
        return ClipGeometry(
            surfaces=self.take.surfaces, poses=self.poses, intrinsics=self.row.frame_intrinsics
        )

    def track(
        self,
        points_px: ArrayLike,
        frame: int,
        *,
        frames: Sequence[int] | None = None,
        cameras: Sequence[str] | None = None,
    ) -> Tracks:
        """Follow what a frame shows at positions in the image to all frames and cameras of the take.

        ``points_px`` are rows of (x, y); pixel edges are at integers, so the centre of the first pixel is
        (0.5, 0.5). ``frames`` (ascending) and ``cameras`` choose fewer. InputError if surfaces were not
        filmed, for points outside of the image, and for unknown frames and cameras.
        """
        return track(self, points_px, frame, frames=frames, cameras=cameras)


@dataclass(frozen=True, kw_only=True)
class _RowsAndPoses:
    """What is read of a take; the rows of its clips are parsed when they are used."""

    row: TakeRow
    clips: tuple[dict[str, Any], ...]
    poses: CameraPose


@dataclass(frozen=True, kw_only=True)
class Take:
    """One scene filmed once by one rig."""

    files: Files = field(repr=False)
    shard: int
    members: tuple[Member, ...] = field(repr=False)

    @property
    def key(self) -> str:
        """Its name."""
        return self.members[0].take

    @property
    def cameras(self) -> tuple[str, ...]:
        """Names of its cameras."""
        return tuple(member.camera for member in self.members if member.kind == "video")

    @property
    def row(self) -> TakeRow:
        """Its row of the take table."""
        return self._rows_and_poses.row

    @property
    def clip_rows(self) -> tuple[ClipRow, ...]:
        """The rows of its cameras in the clip table."""
        return tuple(map(self.clip_row, range(len(self._rows_and_poses.clips))))

    def clip_row(self, camera: int) -> ClipRow:
        """The row of one of its cameras, by its place in ``cameras``."""
        clips, parsed = self._rows_and_poses.clips, self.__dict__.setdefault("parsed", {})
        if camera not in parsed:
            with self.parsing_member("take"):
                parsed[camera] = ClipRow.of_json(clips[camera])
        return parsed[camera]

    @property
    def poses(self) -> CameraPose:
        """world_from_camera, batch (cameras, frames)."""
        return self._rows_and_poses.poses

    @cached_property
    def surfaces(self) -> Surfaces:
        """All triangles and how they move; InputError if they were not filmed."""
        content = self.content("surfaces")
        with self.parsing_member("surfaces"):
            return read_surfaces(content, self.row.frames)

    def joints(self, actor: str) -> Joints:
        """The joints of an actor of the take table, such as ``character_1``, and who sees them.

        InputError if they were not filmed, or for an unknown actor.
        """
        content, actors = self.content("joints"), [one.name for one in self.row.actors]
        if actor not in actors:
            fix = f"choose from {', '.join(actors)}"
            raise InputError(f"unknown actor {actor!r}", where=f"take {self.key}", fix=fix)
        with self.parsing_member("joints"):
            return read_joints(content, len(self.cameras), self.row.frames, actors)[actor]

    def clip(self, camera: str) -> Clip:
        """The recording of a camera; InputError for an unknown one."""
        self.member("video", camera)
        return Clip(take=self, camera=camera)

    def mask_of(self, name: str) -> Bool[np.ndarray, "cameras frames height width"]:
        """Where an object of the legend is seen by each camera. ``Clip.mask_of`` needs less memory.

        InputError as for ``Clip.mask_of``.
        """
        self.mask_colour(name)
        return np.stack([self.clip(camera).mask_of(name) for camera in self.cameras])

    def mask_colour(self, name: str) -> tuple[int, int, int]:
        """The colour of an object in the masks of this take; InputError for an unknown name."""
        legend = {one.name: one.colour for one in self.row.mask_objects}
        if name not in legend:
            fix = f"choose from {', '.join(legend)}" if legend else "film with the pass mask"
            raise InputError(f"no object {name!r} in the masks", where=f"take {self.key}", fix=fix)
        return legend[name]

    def member(self, kind: str, camera: str = "") -> Member:
        """The index row of a member; InputError if the take does not have it."""
        for member in self.members:
            if (member.kind, member.camera) == (kind, camera):
                return member
        where = f"take {self.key}"
        if kind in CLIP_ENDINGS and camera not in self.cameras:
            fix = f"choose from {', '.join(self.cameras)}"
            raise InputError(f"unknown camera {camera!r}", where=where, fix=fix)
        fix = f"film with the pass {'surface' if kind == 'surfaces' else kind}"
        raise InputError(f"{kind} was not filmed", where=where, fix=fix)

    def parsing_member(self, kind: str, camera: str = "") -> AbstractContextManager[None]:
        """A block that parses a member; whatever is invalid in it is an InputError that names the member."""
        return parsing("invalid content", where=self._place(self.member(kind, camera)), fix=RESTORE)

    def content(self, kind: str, camera: str = "") -> bytes:
        """A member's bytes, checked against the index."""
        member = self.member(kind, camera)
        return self._checked(member, self._read(member, member.size))

    def video_start(self, camera: str, stop: int | None) -> bytes:
        """The beginning of a camera's mp4 with all frames below ``stop``, checked against the index."""
        return self.video_starts((camera,), stop)[0]

    def video_starts(self, cameras: Sequence[str], stop: int | None) -> list[bytes]:
        """As ``video_start``, of several cameras; what is close together in the shard is read at once."""
        members = [self.member("video", camera) for camera in cameras]
        groups = None if stop is None else max(1, -(-stop // GOP_FRAMES))
        ends = [member.gop_ends[:groups] for member in members]
        starts = [member.offset for member in members]
        stops = [start + size[-1] for start, size in zip(starts, ends, strict=True)]
        videos = []
        for member, video, sizes in zip(members, self._read_ranges(starts, stops), ends, strict=True):
            if len(video) < sizes[-1]:
                raise self._truncated(member)
            if gop_checksums(video, sizes) != member.gop_crc32[: len(sizes)]:
                raise self._mismatch(member)
            videos.append(video)
        return videos

    @property
    def _rows_and_poses(self) -> _RowsAndPoses:
        # Not a cached_property: until Python 3.12, all instances of a class wait for one of them.
        if "rows_and_poses" not in self.__dict__:
            self.__dict__["rows_and_poses"] = self._read_rows_and_poses()
        return self.__dict__["rows_and_poses"]

    def _read_rows_and_poses(self) -> _RowsAndPoses:
        # The two members are next to each other: one read.
        rows_at, poses_at = self.member("take"), self.member("poses")
        to_poses = poses_at.offset - rows_at.offset
        both = self._read(rows_at, to_poses + poses_at.size)
        with self.parsing_member("take"):
            rows = json.loads(self._checked(rows_at, both[: rows_at.size]))
            row, clips = take_row(rows["take"]), tuple(rows["poses"])
        with self.parsing_member("poses"):
            array = read_pose_member(self._checked(poses_at, both[to_poses:]))
        poses = CameraPose(array.astype(np.float64)).checked(self._place(poses_at))
        return _RowsAndPoses(row=row, clips=clips, poses=poses)

    def _read(self, member: Member, size: int) -> bytes:
        (content,) = self._read_parts([(member.offset, member.offset + size)])
        if len(content) < size:
            raise self._truncated(member)
        return content

    def _read_parts(self, parts: Sequence[tuple[int, int]]) -> list[bytes]:
        path = shard_files(self.shard)["shards"]
        what, where = "cannot be read", self.files.address(path)
        with (
            parsing(what, where=where, fix=RESTORE, but=(StoreError, RunError)),
            outages(what, where=where),
        ):
            return self.files.read_ranges(path, parts)

    def _read_ranges(self, starts: Sequence[int], stops: Sequence[int]) -> list[bytes]:
        """Byte ranges of the shard, in their order; a gap that costs less than a request is read, too."""
        merged: list[tuple[int, int]] = []
        for start, stop in sorted(zip(starts, stops, strict=True)):
            if merged and start <= merged[-1][1] + _CLOSE_BYTES:
                merged[-1] = merged[-1][0], max(stop, merged[-1][1])
            else:
                merged.append((start, stop))
        contents = self._read_parts(merged)
        found = []
        for start, stop in zip(starts, stops, strict=True):
            place = next(n for n, part in enumerate(merged) if part[0] <= start and stop <= part[1])
            first = merged[place][0]
            is_all = merged[place] == (start, stop)
            found.append(contents[place] if is_all else contents[place][start - first : stop - first])
        return found

    def _truncated(self, member: Member) -> InputError:
        what = "the shard is truncated before this member ends"
        return InputError(what, where=self._place(member), fix=RESTORE)

    def _checked(self, member: Member, content: bytes) -> bytes:
        if zlib.crc32(content) != member.crc32:
            raise self._mismatch(member)
        return content

    def _mismatch(self, member: Member) -> InputError:
        return InputError("checksum mismatch", where=self._place(member), fix=RESTORE)

    def place(self, kind: str, camera: str = "") -> str:
        """Where a member is, for messages."""
        return self._place(self.member(kind, camera))

    def _place(self, member: Member) -> str:
        return f"{self.files.address(shard_files(self.shard)['shards'])}: {member.member}"


def member_of(record: dict[str, Any]) -> Member:
    """The member of an index row."""
    values = {f.name: record[f.name] for f in fields(Member)}
    return Member(**{**values, **{name: tuple(record[name] or ()) for name in ("gop_ends", "gop_crc32")}})
