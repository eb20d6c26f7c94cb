"""Re-shooting with a tiny model."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from test_training_loop import CONFIG

from multitake.errors import InputError
from multitake.randomness import rng_for
from shards import MaskEncoder, decode_video, encode_video
from training.loop import train
from training.reshoot import reshoot_clip, reshoot_folder
from training.shot import Shot, camera_path
from trajectories import BASIC_MOVES, write_clips

# Operations are too small here to share between cores.
torch.set_num_threads(1)

FPS = 12.0


@pytest.fixture(scope="module")
def run(tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reshoot")
    (folder / "train.toml").write_text(CONFIG)
    return train(folder / "train.toml", data=str(tiny_dataset), out=folder / "run", steps=1).out


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    blocks = rng_for(0, "clip").integers(0, 256, (12, 6, 8, 3), dtype=np.uint8)
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    path.write_bytes(encode_video(blocks.repeat(12, axis=1).repeat(12, axis=2), fps=FPS))
    return path


@pytest.fixture
def table(tiny_takes, tmp_path: Path) -> Path:
    path = tmp_path / "clips.parquet"
    write_clips(path, tiny_takes[0].clips)
    return path


def reshot(
    run: Path, clip: Path | None, trajectory: str, out: Path, *, seed: int = 0, **options
) -> np.ndarray:
    options = {"steps": 3, "prompt": "Ada walks", **options}
    path = reshoot_clip(run, Shot(trajectory=trajectory, seed=seed, **options), video=clip, out=out)
    assert path == out
    return decode_video(out)


def poses_of(trajectory: str, frames: int, source_camera: str = "") -> np.ndarray:
    shot = Shot(trajectory=trajectory, source_camera=source_camera, seed=0)
    return camera_path(shot, frames, (48, 32)).part(slice(0, frames), "v2v")


def test_the_mp4_has_the_size_and_the_rate_of_the_window(run: Path, clip: Path, tmp_path: Path) -> None:
    import av

    frames = reshot(run, clip, "arc_left", tmp_path / "new" / "out.mp4")
    assert frames.shape == (5, 32, 48, 3)
    with av.open(str(tmp_path / "new" / "out.mp4")) as file:
        assert float(file.streams.video[0].average_rate) == 15.0
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["out.mp4"]


def test_it_depends_on_trajectory_source_prompt_seed_and_guidance_only(
    run: Path, clip: Path, table: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.mp4"
    first = reshot(run, clip, "arc_left", out)
    assert np.array_equal(reshot(run, clip, "arc_left", out), first)
    other = tmp_path / "other.mp4"
    other.write_bytes(encode_video(decode_video(clip)[:, ::-1], fps=FPS))
    changed = [
        reshot(run, clip, "zoom_out", out),
        reshot(run, clip, f"{table}:room_000000:cam01", out),
        reshot(run, other, "arc_left", out),
        reshot(run, clip, "arc_left", out, seed=1),
        reshot(run, clip, "arc_left", out, prompt="a street at night"),
        reshot(run, clip, "arc_left", out, guidance=4.0),
        reshot(run, clip, "arc_left", out, negative_prompt="a cat"),
        reshot(run, clip, "arc_left", out, source_noise=900),
        reshot(run, clip, "arc_left", out, mode="i2v"),
        reshot(run, clip, "arc_left", out, mode="t2v"),
        reshot(run, clip, "arc_left", out, fps=6),
        reshot(run, clip, f"{table}:room_000000:cam02", out),
    ]
    assert len({frames.tobytes() for frames in [first, *changed]}) == len(changed) + 1
    camera = f"{table}:room_000000:cam02"
    for recipe, move, source_camera in (
        ("zoom-in", "zoom_in", ""),
        ("outpaint", "zoom_out", ""),
        ("stabilize", f"smoothed:{camera}", camera),
    ):
        found = reshot(run, clip, "", out, recipe=recipe, source_camera=source_camera)
        assert np.array_equal(found, reshot(run, clip, move, out, source_camera=source_camera))


@pytest.mark.parametrize("name", BASIC_MOVES)
def test_trajectories_start_at_the_first_view(name: str) -> None:
    poses = poses_of(name, 5)
    assert poses.shape == (5, 3, 4)
    np.testing.assert_allclose(poses[0], np.eye(3, 4), atol=1e-12)
    assert np.abs(poses[-1] - np.eye(3, 4)).max() > 0.1


def test_filmed_trajectories_are_relative_to_their_first_frame(table: Path, tiny_takes) -> None:
    poses = poses_of(f"{table}:room_000000:cam02", 5)
    filmed = tiny_takes[0].clips.poses[1]
    np.testing.assert_allclose(poses, filmed.seen_from(filmed[0])[:5], atol=1e-5)


def test_invalid_input_is_refused(run: Path, clip: Path, table: Path, tmp_path: Path) -> None:
    fake, short, empty = tmp_path / "fake.mp4", tmp_path / "short.mp4", tmp_path / "empty"
    fake.write_text("not a video")
    short.write_bytes(encode_video(decode_video(clip, stop=3), fps=FPS))
    empty.mkdir()
    cases = [
        ("not a readable video", (run, fake, "arc_left", tmp_path / "out.mp4")),
        ("No such file", (run, tmp_path / "none.mp4", "arc_left", tmp_path / "out.mp4")),
        ("has no frame 3 (requested: 0..4)", (run, short, "arc_left", tmp_path / "out.mp4")),
        ("unknown trajectory", (run, clip, "loop", tmp_path / "out.mp4")),
        ("unknown clip 'room_000000:cam99'", (run, clip, f"{table}:room_000000:cam99", tmp_path / "out.mp4")),
        ("does not exist", (run, clip, f"{tmp_path}/none.parquet:a:b", tmp_path / "out.mp4")),
        ("not a run folder", (empty, clip, "arc_left", tmp_path / "out.mp4")),
        ("cannot be written", (run, clip, "arc_left", fake / "out.mp4")),
    ]
    for what, given in cases:
        with pytest.raises(InputError) as caught:
            reshot(*given)
        assert what in str(caught.value) and "\n" not in str(caught.value)
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize(
    ("what", "given"),
    [
        ("steps: must be at least 1, got 0", {"steps": 0}),
        ("seed: must not be negative, got -1", {"seed": -1}),
        ("guidance: must be 0 to 100, got nan", {"guidance": float("nan")}),
        ("source noise: must be 0 to 1000, got 1001", {"source_noise": 1001}),
        ("video: missing; give the video to re-shoot, as i2v needs it", {"video": None, "mode": "i2v"}),
        ("trajectory: is empty", {"trajectory": ""}),
        ("is not an mp4 file", {"out": "new.avi"}),
        ("trajectory: and a recipe are two paths", {"recipe": "outpaint"}),
        ("source camera: the recipe stabilize needs it", {"recipe": "stabilize", "trajectory": ""}),
        ("size: must be multiples of 16 pixels, got 50x32", {"size_px": (50, 32)}),
        ("frames: must not be negative", {"frames": -1}),
        ("frames: missing; give a number", {"frames": 0, "video": None, "mode": "t2v"}),
        ("fps: must be 0.1 to 1000, got nan", {"fps": float("nan")}),
        ("focal length: must be 0.01 to 100000 mm, got 0", {"focal_length_mm": 0}),
        ("side by side: there is no video", {"side_by_side": True, "mode": "t2v"}),
        ("has no frame 12", {"frames": 40}),
    ],
)
def test_invalid_arguments_are_refused(run: Path, clip: Path, tmp_path: Path, what: str, given: dict) -> None:
    given = {"trajectory": "arc_left", "seed": 0, **given, "out": tmp_path / given.get("out", "new.mp4")}
    with pytest.raises(InputError, match=what):
        reshot(run, given.pop("video", clip), **given)
    assert not list(tmp_path.iterdir())


def test_the_source_is_never_overwritten(run: Path, clip: Path, tmp_path: Path) -> None:
    before = clip.read_bytes()
    link = tmp_path / "link.mp4"
    link.symlink_to(clip)
    for out in (clip, clip.parent / ".." / clip.parent.name / clip.name, link):
        with pytest.raises(InputError, match="is the source clip"):
            reshot(run, clip, "arc_left", out)
    assert clip.read_bytes() == before


def test_a_video_is_shown_at_the_rate_of_the_window(run: Path, clip: Path, tmp_path: Path) -> None:
    """Of 12 frames per second, frames 0, 1, 2, 2 and 3 are shown in 15; of 30, every other one."""
    frames = decode_video(clip)
    results = []
    for name, shown, fps in (("slow", [0, 1, 2, 3], 12), ("fast", [0, 9, 1, 9, 2, 9, 2, 9, 3], 30)):
        path = tmp_path / f"{name}.mkv"
        encoder = MaskEncoder(frames.shape[2], frames.shape[1], fps)
        for frame in shown:
            encoder.add(frames[frame])
        path.write_bytes(encoder.finish())
        results.append(reshot(run, path, "arc_left", tmp_path / "out.mp4"))
    assert np.array_equal(*results)


def test_the_modes_hide_the_source(run: Path, clip: Path, tmp_path: Path) -> None:
    """The autoencoder is causal: the first latent frame is that of the first frame."""
    out = tmp_path / "out.mp4"
    frames = decode_video(clip)
    paths = {"one": frames, "other": np.concatenate([frames[:1], frames[1:, ::-1]])}
    for name, images in paths.items():
        (tmp_path / f"{name}.mkv").write_bytes(lossless(images))

    def results(mode: str) -> list[np.ndarray]:
        return [reshot(run, tmp_path / f"{name}.mkv", "arc_left", out, mode=mode) for name in paths]

    for mode, hides in (("v2v", False), ("i2v", True), ("t2v", True)):
        assert np.array_equal(*results(mode)) == hides, mode
    assert np.array_equal(reshot(run, None, "arc_left", out, mode="t2v"), results("t2v")[0])
    assert not np.array_equal(results("i2v")[0], results("t2v")[0])


def test_another_base_model_is_refused(run: Path, clip: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(run, tmp_path / "copy"))
    path = next((copy / "base" / "vae").glob("*.safetensors"))
    tensors = load_file(path)
    save_file({name: 2 * tensor for name, tensor in tensors.items()}, path, metadata={"format": "pt"})
    with pytest.raises(InputError, match="began with another base model"):
        reshot(copy, clip, "arc_left", tmp_path / "out.mp4")


def test_a_source_of_another_aspect_is_cropped(run: Path, tmp_path: Path) -> None:
    """What is outside of the crop changes nothing: 96x96 is scaled to 48x48, of which 48x32 remain."""
    frames = rng_for(1, "clip").integers(0, 256, (5, 96, 96, 3), dtype=np.uint8)
    outside = frames.copy()
    outside[:, :8] = outside[:, -8:] = 0
    results = []
    for name, images in (("whole", frames), ("outside", outside)):
        path = tmp_path / f"{name}.mkv"
        path.write_bytes(lossless(images))
        results.append(reshot(run, path, "arc_left", tmp_path / "out.mp4"))
    assert np.array_equal(*results)


def lossless(frames: np.ndarray) -> bytes:
    encoder = MaskEncoder(frames.shape[2], frames.shape[1], FPS)
    for frame in frames:
        encoder.add(frame)
    return encoder.finish()


def test_a_run_without_checkpoint_is_refused(run: Path, clip: Path, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text((run / "config.toml").read_text())
    with pytest.raises(InputError, match="no checkpoint"):
        reshot(tmp_path, clip, "arc_left", tmp_path / "out.mp4")


def test_a_trajectory_that_is_too_short_is_refused(table: Path) -> None:
    with pytest.raises(InputError, match="21 poses, 25 are needed"):
        poses_of(f"{table}:room_000000:cam01", 25)


def test_poses_can_be_relative_to_the_camera_of_the_source(table: Path, tiny_takes) -> None:
    source, target = tiny_takes[0].clips.poses[0], tiny_takes[0].clips.poses[1]
    poses = poses_of(f"{table}:room_000000:cam02", 5, f"{table}:room_000000:cam01")
    np.testing.assert_allclose(poses, target.seen_from(source[0])[:5], atol=1e-5)


def test_any_size_and_length(run: Path, clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    assert reshot(run, clip, "arc_left", out, size_px=(64, 48), frames=7).shape == (7, 48, 64, 3)
    assert reshot(run, clip, "arc_left", out, frames=3).shape == (3, 32, 48, 3)
    # 12 frames at 12 per second: the last one is shown at 11/12 s, which is frame 13 of 15 per second.
    assert reshot(run, clip, "arc_left", out, frames=0).shape == (14, 32, 48, 3)


def test_a_long_video_is_made_in_windows_that_overlap(
    run: Path, clip: Path, table: Path, tmp_path: Path
) -> None:
    """Windows of five frames begin at 0, 4 and 8: frames from 9 on are seen by the last one only."""
    frames = decode_video(clip, stop=12)
    frames = np.concatenate([frames, frames[-1:]])
    changed = np.concatenate([frames[:9], 255 - frames[9:]])
    results = {}
    for name, images in {"one": frames, "other": changed}.items():
        path = tmp_path / f"{name}.mkv"
        path.write_bytes(lossless(images))
        for count in (5, 13):
            results[name, count] = reshot(
                run,
                path,
                f"{table}:room_000000:cam02",
                tmp_path / "out.mp4",
                frames=count,
                fps=12,
                guidance=1,
            ).astype(int)

    def difference(one: np.ndarray, other: np.ndarray) -> float:
        return float(np.abs(one - other).mean())

    whole = results["one", 13]
    assert len(whole) == 13
    assert difference(whole[:5], results["one", 5]) < 0.05
    assert difference(whole[:9], results["other", 13][:9]) < 0.05
    assert difference(whole[9:], results["other", 13][9:]) > 0.2


def test_side_by_side(run: Path, clip: Path, tmp_path: Path) -> None:
    both = reshot(run, clip, "arc_left", tmp_path / "out.mp4", side_by_side=True, fps=12)
    assert both.shape == (5, 32, 96, 3)
    shown = decode_video(clip)[:5, 4:-4:2, ::2].astype(int)
    assert np.abs(both[:, :, :48] - shown).mean() < 20


def test_a_folder_of_videos(run: Path, clip: Path, tmp_path: Path) -> None:
    videos, out = tmp_path / "videos", tmp_path / "out"
    videos.mkdir()
    for name in ("one.mp4", "two.mp4"):
        shutil.copy(clip, videos / name)
    (videos / "two.txt").write_text("a street at night\n")
    (videos / "three.mov").write_text("not a video")
    shot = Shot(trajectory="arc_left", seed=0, steps=1, guidance=1)
    report = reshoot_folder(run, shot, videos=videos, out=out)
    assert report.written == (out / "one.mp4", out / "two.mp4")
    assert report.kept == () and list(report.failed) == [videos / "three.mov"]
    assert "three.mov: not a readable video" in report.lines()[0]
    assert report.lines()[-1] == "2 videos written, 0 kept, 1 failed"
    assert (out / "one.mp4").read_bytes() != (out / "two.mp4").read_bytes()
    single = reshoot_clip(run, shot, video=clip, out=tmp_path / "single.mp4")
    assert single.read_bytes() == (out / "one.mp4").read_bytes()
    again = reshoot_folder(run, shot, videos=videos, out=out)
    assert (again.written, again.kept) == ((), report.written)
    shutil.copy(clip, videos / "one.mkv")
    with pytest.raises(InputError, match="has two videos named one"):
        reshoot_folder(run, shot, videos=videos, out=out)
    with pytest.raises(InputError, match="has no videos"):
        reshoot_folder(run, shot, videos=run, out=out)
    with pytest.raises(InputError, match="is the folder of the videos"):
        reshoot_folder(run, shot, videos=videos, out=videos)
