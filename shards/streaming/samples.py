"""What a stream gives: pairs of windows of clips, as tensors."""

from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from multitake.errors import InputError

from ..pairs import ClipMemory, Framing, PairRecord, Pixels, SkippedTake, Window, clip_bytes, decode_into
from .gpu_decoding import decode_on


@dataclass(frozen=True, kw_only=True)
class Yuv420:
    """Frames as they are stored: BT.709, limited range; U and V have half the width and height."""

    y: UInt8[Tensor, "frames height width"]
    u: UInt8[Tensor, "frames half_height half_width"]
    v: UInt8[Tensor, "frames half_height half_width"]

    def rgb(self, device: torch.device | str | None = None) -> UInt8[Tensor, "frames 3 height width"]:
        """The frames in RGB, converted on a device; the planes are half the bytes to copy there.

        ITU-R BT.709-6, section 3; each value of U and V is that of 2 x 2 pixels.
        """
        y, u, v = (plane.to(device, non_blocking=True) for plane in (self.y, self.u, self.v))
        luma = (y.float() - 16) * (255 / 219)
        u, v = (_doubled(plane.float() - 128) * (255 / 224) for plane in (u, v))
        red = luma + 1.5748 * v
        green = luma - 0.187324 * u - 0.468124 * v
        blue = luma + 1.8556 * u
        return torch.stack([red, green, blue], dim=1).round_().clamp_(0, 255).to(torch.uint8)


@dataclass(frozen=True, kw_only=True)
class StoredVideo:
    """The stored beginning of a clip, of which a window is to be decoded.

    Attributes:
        content: an mp4 file that ends after the window.
    """

    content: bytes = field(repr=False)
    window: Window
    framing: Framing

    def rgb(self, device: torch.device | str | None = None) -> UInt8[Tensor, "frames 3 height width"]:
        """The frames in RGB, scaled and cropped: decoded by a CUDA device, or else here and then copied.

        InputError if the video is damaged or too short, or if torchcodec is needed and cannot be used.
        """
        if torch.device(device or "cpu").type == "cuda":
            return decode_on(device, self.content, self.window, self.framing)
        frames, size_px = self.window.frames, self.framing.size_px
        memory = np.empty(clip_bytes(frames, size_px, "rgb"), dtype=np.uint8)
        clip = ClipMemory.within(memory, frames, size_px, "rgb")
        decode_into(clip, self.content, self.window, self.framing)
        return torch.from_numpy(clip.planes[0]).permute(0, 3, 1, 2).to(device)


@dataclass(frozen=True, kw_only=True)
class ClipWindow:
    """The window of one clip of a pair.

    Attributes:
        video: RGB frames; their planes if the settings say ``pixels="yuv420"``; what is stored; or None.
        source0_from_camera: poses relative to the source camera in the first frame of the window.
        intrinsics: fx, fy, cx, cy of each frame, in pixels of the delivered size; NaN if they are unknown.
    """

    camera: str
    video: UInt8[Tensor, "frames 3 height width"] | Yuv420 | StoredVideo | None
    source0_from_camera: Float[Tensor, "frames 3 4"]
    intrinsics: Float[Tensor, "frames 4"]

    def rgb(self, device: torch.device | str | None = None) -> UInt8[Tensor, "frames 3 height width"]:
        """The frames in RGB, on a device; InputError if the settings say ``pixels="none"``."""
        if self.video is None:
            raise InputError("no video was read", where="pixels", fix='use pixels="rgb"')
        return self.video.to(device) if isinstance(self.video, Tensor) else self.video.rgb(device)


@dataclass(frozen=True, kw_only=True)
class PairSample:
    """The same window of two or more clips of one take.

    The memory of the frames is used again when no tensor of the sample is left; ``clone`` what is to be kept.

    Attributes:
        sample_index: position in the stream, over all ranks.
        dataset: which data set of the stream, from 0.
        epoch: how often each take of that data set came before.
        first_frame: first frame of the window in the take; every ``stride``-th is used.
        fps: frames per second of the window.
        skipped: takes that could not be read, and that this one replaces.
    """

    sample_index: int
    dataset: int
    epoch: int
    take: str
    caption: str
    source: ClipWindow
    targets: tuple[ClipWindow, ...]
    first_frame: int
    stride: int
    fps: float
    skipped: tuple[SkippedTake, ...] = ()

    @property
    def target(self) -> ClipWindow:
        """The first target."""
        return self.targets[0]


def pair_sample(record: PairRecord, memory: np.ndarray, pixels: Pixels) -> PairSample:
    """The sample of a record whose frames are in some memory; its tensors are views of it."""
    clips = _videos(torch.from_numpy(memory), record, pixels)
    windows = [
        ClipWindow(
            camera=camera,
            video=clips[number],
            source0_from_camera=torch.from_numpy(record.source0_from_camera[number]),
            intrinsics=torch.from_numpy(record.intrinsics[number]),
        )
        for number, camera in enumerate(record.cameras)
    ]
    return PairSample(
        sample_index=record.sample_index,
        dataset=record.dataset,
        epoch=record.epoch,
        take=record.take,
        caption=record.caption,
        source=windows[0],
        targets=tuple(windows[1:]),
        first_frame=record.window.first,
        stride=record.window.stride,
        fps=record.fps,
        skipped=record.skipped,
    )


def _videos(
    memory: UInt8[Tensor, " bytes"], record: PairRecord, pixels: Pixels
) -> list[Tensor] | list[Yuv420] | list[StoredVideo] | list[None]:
    """The frames of each clip, as views of the memory unless they are stored; None without videos."""
    if pixels == "none":
        return [None] * len(record.cameras)
    if pixels == "stored":
        window, framing = record.window, record.framing
        return [StoredVideo(content=video, window=window, framing=framing) for video in record.videos]
    (width, height), frames, clips = record.framing.size_px, record.window.frames, len(record.cameras)
    size = frames * height * width
    if pixels == "rgb":
        rgb = memory[: clips * size * 3].view(clips, frames, height, width, 3)
        return list(rgb.permute(0, 1, 4, 2, 3))
    quarter = size // 4
    half = (frames, height // 2, width // 2)
    found = []
    for clip in memory[: clips * 6 * quarter].view(clips, 6 * quarter):
        y, u, v = clip.split((4 * quarter, quarter, quarter))
        found.append(Yuv420(y=y.view(frames, height, width), u=u.view(half), v=v.view(half)))
    return found


def _doubled(plane: Float[Tensor, "frames height width"]) -> Float[Tensor, "frames height2 width2"]:
    return plane.repeat_interleave(2, dim=-1).repeat_interleave(2, dim=-2)
