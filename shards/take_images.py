"""Small images of one take, staged or sealed: what each of its cameras saw in the middle."""

import io
import json
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from multitake.input_files import parsing
from trajectories import ClipRow

from .files import Files
from .format import RESTORE, TakeRow, member_parts, take_row
from .reading import take_of_shard
from .staging import staged_fragment, staged_path
from .stores import Store, store_at
from .tar import tar_members
from .video import decode_video

_QUALITY = 70


@dataclass(frozen=True, kw_only=True)
class TakeImages:
    """The rows of a take, and JPEGs: of the first frame of its first camera, and the middle frames of all."""

    row: TakeRow
    clips: tuple[ClipRow, ...]
    first: bytes
    middle: tuple[bytes, ...]


def take_images(address: str | Path | Store, take: str, shard: int | None, *, width_px: int) -> TakeImages:
    """The images, at most ``width_px`` wide, of a take in a sealed shard, or a staged one without ``shard``.

    InputError if it is not there, or if it is damaged. A run may write the data set meanwhile.
    """
    row, clips, videos = _staged(address, take) if shard is None else _sealed(address, take, shard)
    middle = row.frames // 2
    return TakeImages(
        row=row,
        clips=clips,
        first=_jpeg(videos[0], 0, width_px),
        middle=tuple(_jpeg(video, middle, width_px) for video in videos),
    )


def _sealed(
    address: str | Path | Store, key: str, shard: int
) -> tuple[TakeRow, tuple[ClipRow, ...], tuple[bytes, ...]]:
    """Rows and the beginnings of the videos up to the middle."""
    take = take_of_shard(Files(address), shard, key)
    stop = take.row.frames // 2 + 1
    return take.row, take.clip_rows, tuple(take.video_start(camera, stop) for camera in take.cameras)


def _staged(address: str | Path | Store, key: str) -> tuple[TakeRow, tuple[ClipRow, ...], tuple[bytes, ...]]:
    """Rows and videos."""
    store = store_at(address)
    fragment = staged_fragment(store, key)
    with parsing("not a staged take", where=f"{store}/{staged_path(key)}", fix=RESTORE):
        bodies = {
            member_parts(member.name)[1:]: fragment[member.offset : member.offset + member.size]
            for member in tar_members(fragment)
        }
        rows = json.loads(bodies["", "take"])
        clips = tuple(map(ClipRow.of_json, rows["poses"]))
        return take_row(rows["take"]), clips, tuple(bodies[clip.camera, "video"] for clip in clips)


def _jpeg(video: bytes, frame: int, width_px: int) -> bytes:
    image = Image.fromarray(decode_video(video, start=frame, stop=frame + 1)[0])
    image.thumbnail((width_px, width_px))
    jpeg = io.BytesIO()
    image.save(jpeg, format="jpeg", quality=_QUALITY, optimize=True)
    return jpeg.getvalue()
