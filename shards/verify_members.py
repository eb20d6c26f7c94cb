"""Verify the contents of the members of a take whose checksums are right."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trajectories import CameraPose, ClipRow

from .checksums import gop_checksums
from .format import TakeRow
from .joints import read_joints
from .surface_ids import ClipGeometry, decode_surface
from .surfaces import Surfaces, read_surfaces
from .takes import Member
from .video import gop_ends, video_format, video_shape

# The format of the passes that are videos.
_FORMATS = {"depth": "ffv1 gray16le", "mask": "ffv1 bgr0", "normal": "ffv1 bgr0", "flow": "ffv1 gray16le"}


@dataclass(kw_only=True)
class TakeParts:
    """What is known about a take while its members are checked in their order; poses: (cameras, frames)."""

    row: TakeRow
    clips: Sequence[ClipRow]
    poses: CameraPose
    surfaces: Surfaces | None = None

    def problems(self, member: Member, content: bytes) -> Iterator[str]:
        """Problems of one member; any error for one that cannot be read."""
        if member.kind == "surfaces":
            self.surfaces = read_surfaces(content, self.row.frames)
        elif member.kind == "joints":
            read_joints(content, len(self.clips), self.row.frames, [one.name for one in self.row.actors])
        elif member.kind == "surface":
            self._check_surface(member.camera, content)
        elif member.camera:
            yield from self._video_problems(member, content)

    def _check_surface(self, camera: str, content: bytes) -> None:
        """Check all lists of triangles, and draw two frames. Drawing all takes one second per 30 frames."""
        if self.surfaces is None:
            raise ValueError("the triangles of the take cannot be read")
        place = [clip.camera for clip in self.clips].index(camera)
        intrinsics = self.clips[place].frame_intrinsics
        view = ClipGeometry(surfaces=self.surfaces, poses=self.poses[place], intrinsics=intrinsics)
        list(decode_surface(content, view, (0, self.row.frames - 1)))

    def _video_problems(self, member: Member, content: bytes) -> Iterator[str]:
        found = video_format(content)
        if found != _FORMATS.get(member.kind, found):
            yield f"expected {_FORMATS[member.kind]}, found {found}"
            return
        shape, halves = video_shape(content), 2 if member.kind == "flow" else 1
        if shape != (self.row.frames, halves * self.row.height_px, self.row.width_px):
            yield f"frames, height and width are {shape}"
        elif member.kind == "video":
            ends = gop_ends(content)
            if (ends, gop_checksums(content, ends)) != (member.gop_ends, member.gop_crc32):
                yield "its groups of pictures differ from the index"
