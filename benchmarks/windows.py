"""What the checksums of groups of pictures cost when windows of a video are read.

``checked_over_unchecked``: processor time to read, check and decode the first 20 frames of a clip, over that
to read and decode them. 1 is no cost.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from multitake.randomness import rng_for
from shards import decode_video, encode_video
from shards.checksums import gop_checksums
from shards.files import Files
from shards.format import GOP_FRAMES, shard_files
from shards.takes import Clip, Member, Take
from shards.video import gop_ends

from .figures import Figure, interleaved

_SIZES_PX = ((384, 224), (1280, 1280))


def measure(*, quick: bool) -> Iterator[Figure]:
    with TemporaryDirectory() as folder:
        for size_px in _SIZES_PX[:1] if quick else _SIZES_PX:
            yield _figure(Path(folder), size_px, rounds=5 if quick else 40)


def _figure(folder: Path, size_px: tuple[int, int], *, rounds: int) -> Figure:
    clip = _clip(folder, size_px)
    member = clip.take.member("video", clip.camera)
    path = shard_files(0)["shards"]

    def checked() -> None:
        clip.frames(0, GOP_FRAMES)

    def unchecked() -> None:
        decode_video(clip.take.files.store.read(path, 0, member.gop_ends[0]), start=0, stop=GOP_FRAMES)

    seconds = interleaved({"checked": checked, "unchecked": unchecked}, rounds=rounds, clock=process_time)
    return Figure(
        benchmark="windows",
        figure=f"checked_over_unchecked_{size_px[0]}x{size_px[1]}",
        value=seconds["checked"] / seconds["unchecked"],
        unit="of the time without checksums",
        against="unchecked",
        against_value=1.0,
    )


def _clip(folder: Path, size_px: tuple[int, int]) -> Clip:
    """A clip of blocky noise that drifts, in a file of its own."""
    width, height = size_px
    texture = rng_for(0, "windows").integers(0, 256, (height // 8 + 8, width // 8 + 8, 3), "uint8")
    texture = texture.repeat(8, axis=0).repeat(8, axis=1)
    video = encode_video((texture[k : k + height, k : k + width] for k in range(41)), fps=15)
    path = folder / shard_files(0)["shards"]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(video)
    ends = gop_ends(video)
    member = Member(
        take="take",
        camera="cam01",
        member="take.cam01.mp4",
        kind="video",
        offset=0,
        size=len(video),
        crc32=0,
        gop_ends=ends,
        gop_crc32=gop_checksums(video, ends),
    )
    return Clip(take=Take(files=Files(folder), shard=0, members=(member,)), camera="cam01")
