"""Re-shooting: from a video and a camera trajectory to the video as seen along that trajectory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from multitake.atomic import write_file, writing_to
from multitake.counts import many
from multitake.errors import InputError
from multitake.input_files import is_same_file
from multitake.progress import ProgressLine
from shards import encode_video, frame_count, video_fps
from shards.pairs import fitted_video

from .computing import arithmetic
from .config import Config
from .denoising import Guidance, denoised
from .device import device_of, memory_of
from .encoders import WanEncoders, camera_rows, lens_rows
from .models.conditions import Conditions
from .models.recammaster import CamWanTransformer3DModel
from .objective import Corruption, corrupt_source, gaussian, sigma_grid, source_sigma
from .shot import CameraPath, Shot, camera_path
from .trained_model import open_trained

# Of runs that name no frame rate.
_FPS = 15.0
_VIDEOS = frozenset({".mp4", ".mov", ".mkv", ".avi", ".webm", ".m4v"})


@dataclass(frozen=True, kw_only=True)
class FolderReport:
    """What became of the videos of a folder: written, there already, or why not."""

    written: tuple[Path, ...]
    kept: tuple[Path, ...]
    failed: dict[Path, str]

    def lines(self) -> list[str]:
        """Return the report, a line for each failure."""
        counts = (
            f"{many(len(self.written), 'video')} written, {len(self.kept)} kept, {len(self.failed)} failed"
        )
        return [*(f"failed: {reason}" for reason in self.failed.values()), counts]


def reshoot_clip(
    model: Path, shot: Shot, *, video: Path | None, out: Path, progress: ProgressLine | None = None
) -> Path:
    """Re-shoot a video along another trajectory; returns ``out``.

    Args:
        model: a model folder, or the folder of a training run, whose newest checkpoint is used.
        shot: what is asked of it.
        video: the source; ``t2v`` needs none.
        out: the mp4 to write.
        progress: shows every step.

    InputError for a run without checkpoint, a video or trajectory that cannot be read or is too short, a
    focal length that is needed and unknown, or an ``out`` that is not an mp4 file or is the source.
    """
    _check_files(video, out, shot)
    shown = _Shown.of(video, shot, open_trained(model).config)
    images = _Studio.open(model).film(shot, shown, progress)
    return _write(images, shown.fps, out)


def reshoot_folder(
    model: Path, shot: Shot, *, videos: Path, out: Path, progress: ProgressLine | None = None
) -> FolderReport:
    """Re-shoot all videos of a folder; one that cannot be read does not stop the others.

    Args:
        model, shot: as for ``reshoot_clip``. The prompt of ``VIDEO.mp4`` is ``VIDEO.txt``, if there is one.
        videos: the folder.
        out: a folder for files of the same names, ``*.mp4``. Those that exist are kept.
        progress: shows every step.

    InputError for a model that cannot be loaded, and for a folder without videos or with two of one name.
    """
    if out.exists() and is_same_file(out, videos):
        raise InputError("is the folder of the videos", where=str(out), fix="give another --out")
    sources = _videos_of(videos)
    written, kept, failed = [], [], {}
    studio: _Studio | None = None
    for source in sources:
        result = out / f"{source.stem}.mp4"
        if result.exists():
            kept.append(result)
            continue
        studio = studio or _Studio.open(model)
        try:
            own = _with_own_prompt(shot, source)
            shown = _Shown.of(source, own, studio.config)
            written.append(_write(studio.film(own, shown, progress), shown.fps, result))
        except InputError as error:
            failed[source] = str(error)
    return FolderReport(written=tuple(written), kept=tuple(kept), failed=failed)


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """The frames of a source, as the model sees them, and the cameras; black without a source."""

    images: UInt8[np.ndarray, "frames height width 3"]
    path: CameraPath
    fps: float
    window_frames: int

    @classmethod
    def of(cls, video: Path | None, shot: Shot, config: Config) -> "_Shown":
        window = config.window
        fps = float(shot.fps or window.fps or (video_fps(video) if video else 0) or _FPS)
        size_px = shot.size_px or (window.width_px, window.height_px)
        rate = video_fps(video) / fps if video else 1.0
        count = window.frames if shot.frames is None else shot.frames
        if count == 0 and video is not None:
            count = int((frame_count(video) - 1) / rate) + 1
        if count == 0:
            fix = "give a number, as there is no video whose length it could be"
            raise InputError("missing", where="frames", fix=fix)
        path = camera_path(shot, count, size_px)
        if config.model.needs_intrinsics and np.isnan(path.intrinsics_px).any():
            what = "has no focal lengths, and the model knows lenses"
            raise InputError(what, where=shot.trajectory or str(shot.recipe), fix="give --focal-length-mm")
        images = np.zeros((count, size_px[1], size_px[0], 3), dtype=np.uint8)
        if video is not None:
            images = fitted_video(video, [round(frame * rate) for frame in range(count)], size_px)
        return cls(images=images, path=path, fps=fps, window_frames=window.frames)

    def parts(self) -> Iterator[slice]:
        """The windows of the model, of 4k+1 frames; they overlap by about a quarter, the last one by more."""
        frames, count = self.window_frames, len(self.images)
        if count <= frames:
            yield slice(0, count)
            return
        step = frames - _overlap(frames)
        for first in range(0, count - frames, step):
            yield slice(first, first + frames)
        yield slice(count - frames, count)


def _overlap(frames: int) -> int:
    """How many frames of a window the next one repeats: 4k+1."""
    return frames // 16 * 4 + 1


@dataclass(frozen=True, kw_only=True)
class _Studio:
    """A trained model, loaded."""

    config: Config
    encoders: WanEncoders
    transformer: CamWanTransformer3DModel

    @classmethod
    def open(cls, model: Path) -> "_Studio":
        trained = open_trained(model)
        encoders, transformer = trained.load(device_of(trained.config))
        return cls(config=trained.config, encoders=encoders, transformer=transformer.eval())

    def film(
        self, shot: Shot, shown: _Shown, progress: ProgressLine | None
    ) -> UInt8[np.ndarray, "frames height width 3"]:
        """The new video, part by part: each begins with the last frames of the one before."""
        parts = list(shown.parts())
        made = np.empty((0, *shown.images.shape[1:]), dtype=np.uint8)
        with memory_of(device_of(self.config), fix="give a smaller --size"):
            texts = self.encoders.texts([shot.prompt, shot.negative_prompt])
            for number, frames in enumerate(parts):
                show = _progress_of(progress, number, len(parts), shot.steps)
                part = self._film_part(shot, shown, frames, texts, made[frames], show)
                made = np.concatenate([made, part[len(made) - frames.start :]])
        return np.concatenate([shown.images, made], axis=2) if shot.side_by_side else made

    def _film_part(
        self,
        shot: Shot,
        shown: _Shown,
        frames: slice,
        texts: Float[Tensor, "2 tokens text_dim"],
        made: UInt8[np.ndarray, "known height width 3"],
        after_step: Callable[[], None],
    ) -> UInt8[np.ndarray, "part height width 3"]:
        """The frames of a window, whose first ones are known."""
        config, noise = self.config, self.config.noise
        latents = self._latents(_filled(shown.images[frames]))
        shape = tuple(latents.shape[1:])
        eps, source_eps = (
            gaussian(shape, seed=shot.seed, names=("reshoot", role, frames.start)).to(latents)
            for role in ("target", "source")
        )
        level = noise.source_steps[0] if shot.source_noise is None else shot.source_noise
        seen = Corruption(level=0, source_mode=shot.mode, source_sigma=source_sigma(noise, level))
        height_px, width_px = shown.images.shape[1:3]
        poses, lenses = (
            torch.from_numpy(_filled(rows))[None]
            for rows in (shown.path.part(frames, shot.mode), shown.path.intrinsics_px[frames])
        )
        conditions = Conditions(
            source_latents=corrupt_source(latents[0], source_eps, seen)[None],
            camera=camera_rows(poses).to(latents),
            intrinsics=lens_rows(lenses, torch.tensor([width_px, height_px])).to(latents),
            text=texts[:1],
        )
        with arithmetic(config, latents.device):
            target = denoised(
                self.transformer,
                eps[None],
                conditions,
                guidance=Guidance(scale=shot.guidance, negative_text=texts[1:]),
                sigmas=sigma_grid(shot.steps, shift=noise.shift),
                known=self._latents(made[: len(made) - (len(made) - 1) % 4]) if len(made) else None,
                after_step=after_step,
            )
        images = self.encoders.decode(target)[0].permute(0, 2, 3, 1).cpu().numpy()
        return images[: frames.stop - frames.start]

    def _latents(self, images: UInt8[np.ndarray, "frames height width 3"]) -> Tensor:
        return self.encoders.encode(torch.from_numpy(images).permute(0, 3, 1, 2)[None])


def _filled(rows: np.ndarray) -> np.ndarray:
    """4k+1 rows: the last one is repeated."""
    return np.concatenate([rows, np.repeat(rows[-1:], -(len(rows) - 1) % 4, axis=0)])


def _progress_of(progress: ProgressLine | None, part: int, parts: int, steps: int) -> Callable[[], None]:
    """What shows that a step is done."""
    if progress is None:
        return lambda: None
    count = iter(range(part * steps + 1, (part + 1) * steps + 1))

    def show() -> None:
        done = next(count)
        text = f"window {part + 1} of {parts} | step {done - part * steps} of {steps}"
        progress.show(text, done=done, total=parts * steps)

    return show


def _write(images: UInt8[np.ndarray, "frames height width 3"], fps: float, out: Path) -> Path:
    content = encode_video(images, fps=fps)
    with writing_to(out):
        write_file(out, content)
    return out


def _check_files(video: Path | None, out: Path, shot: Shot) -> None:
    if out.suffix.lower() != ".mp4":
        raise InputError("is not an mp4 file", where=str(out), fix="end --out in .mp4")
    if video is None and shot.mode != "t2v":
        raise InputError("missing", where="video", fix=f"give the video to re-shoot, as {shot.mode} needs it")
    if video is not None and is_same_file(out, video):
        raise InputError("is the source clip", where=str(out), fix="give another --out")


def _videos_of(folder: Path) -> list[Path]:
    """The videos of a folder; InputError if there is none, or two would have one name."""
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in _VIDEOS and path.is_file())
    if not found:
        fix = f"give a folder with videos ({', '.join(sorted(_VIDEOS))})"
        raise InputError("has no videos", where=str(folder), fix=fix)
    names = [path.stem for path in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"has two videos named {twice}", where=str(folder), fix="rename one")
    return found


def _with_own_prompt(shot: Shot, video: Path) -> Shot:
    """A shot with the prompt beside a video, if there is one."""
    text = video.with_suffix(".txt")
    if not text.is_file():
        return shot
    try:
        return replace(shot, prompt=text.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", where=str(text), fix="write it as UTF-8") from error
