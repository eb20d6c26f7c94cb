"""Decoding on a CUDA device by its own decoder (NVDEC), through torchcodec where that is installed."""

import torch
from jaxtyping import UInt8
from torch import Tensor
from torch.nn.functional import interpolate

from multitake.errors import InputError

from ..pairs import Framing, Window
from ..video import video_frames


def decode_on(
    device: torch.device | str | None, video: bytes, window: Window, framing: Framing
) -> UInt8[Tensor, "frames 3 height width"]:
    """The frames of a window in RGB, decoded, scaled and cropped on a device.

    InputError if the video is damaged or too short, or if torchcodec cannot decode it; the error of torch if
    there is not enough memory.
    """
    try:
        from torchcodec.decoders import VideoDecoder
    except (ImportError, OSError, RuntimeError) as error:
        fix = "install a torchcodec that fits your torch, and FFmpeg; or use pixels='yuv420'"
        raise _unusable("be used", error, fix) from error
    try:
        # Exact, because the file may end before the last frame that its header promises.
        decoder = VideoDecoder(video, device=device, seek_mode="exact", num_ffmpeg_threads=1)
        frames = decoder.get_frames_in_range(window.first, window.stop, window.stride).data
    except torch.OutOfMemoryError:
        raise
    except (RuntimeError, ValueError, IndexError) as error:
        _check(video, window)
        raise _unusable(f"decode on {device}", error, "use pixels='yuv420'") from error
    if len(frames) < window.frames:
        _check(video, window)
    return _fitted(frames, framing)


def _check(video: bytes, window: Window) -> None:
    """InputError unless the frames of a window can be decoded without torchcodec."""
    for _ in video_frames(video, window.first, window.stop):
        pass


def _unusable(what: str, error: Exception, fix: str) -> InputError:
    reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return InputError(f"torchcodec cannot {what} ({reason})", where="pixels", fix=fix)


def _fitted(
    frames: UInt8[Tensor, "frames 3 filmed_height filmed_width"], framing: Framing
) -> UInt8[Tensor, "frames 3 height width"]:
    if framing.scaled_px != framing.filmed_px:
        width, height = framing.scaled_px
        scaled = interpolate(frames.float(), (height, width), mode="bicubic", antialias=True)
        frames = scaled.round_().clamp_(0, 255).to(torch.uint8)
    (left, top), (width, height) = framing.corner_px, framing.size_px
    return frames[:, :, top : top + height, left : left + width]
