"""Captions of a vision-language model: a tiny one with random weights, through the real classes."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas
import pytest
import torch
from tiny_vlm import write_tiny_vlm
from typer.testing import CliRunner

from multitake.cli import app
from multitake.errors import InputError
from multitake.progress import ProgressLine
from shards import open_dataset, read_model_captions, verify_dataset
from training.captioning import CaptionReport, caption_dataset

torch.set_num_threads(1)

CAMERAS = ("cam01", "cam02", "cam03")


@pytest.fixture(scope="module")
def vlm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_vlm(tmp_path_factory.mktemp("vlm") / "tiny-vlm", seed=1)


@pytest.fixture
def dataset(tiny_dataset: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_dataset, tmp_path / "dataset"))


def caption(dataset: Path | str, vlm: Path, **choices) -> CaptionReport:
    choices = {"frames": 2, "prompt": "What happens?", "most_tokens": 12} | choices
    return caption_dataset(str(dataset), model=str(vlm), progress=ProgressLine(sys.stderr), **choices)


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != ".lock"}


def test_each_take_gets_a_caption_of_its_first_camera(dataset: Path, vlm: Path) -> None:
    report = caption(dataset, vlm)
    found = open_dataset(dataset).model_captions("tiny-vlm")
    assert (report.written, report.kept) == (3, 0)
    assert list(found.captions) == [(key, "cam01") for key in open_dataset(dataset).keys]
    assert len(set(found.captions.values())) == 3
    assert all(text and text.isprintable() for text in found.captions.values())
    assert (found.run.model, found.run.frames) == ("tiny-vlm", 2)
    assert not verify_dataset(dataset)


def test_tables_can_be_read_and_joined_without_this_package(dataset: Path, vlm: Path) -> None:
    caption(dataset, vlm, cameras=CAMERAS)
    folder = dataset / "captions" / "tiny-vlm"
    assert set(files_of(folder)) == {"run.json", "00000.parquet", "00001.parquet"}
    table = pandas.read_parquet(folder / "00000.parquet")
    assert table.columns.tolist() == ["take", "camera", "caption", "model", "revision", "prompt", "frames"]
    joined = table.merge(pandas.read_parquet(dataset / "poses" / "00000.parquet"), on=["take", "camera"])
    assert len(joined) == len(table) == 6
    assert table["prompt"].unique().tolist() == ["What happens?"]
    assert table["revision"].unique()[0] == json.loads((folder / "run.json").read_text())["revision"]


def test_captions_depend_on_images_prompt_and_weights_only(dataset: Path, vlm: Path, tmp_path: Path) -> None:
    other = write_tiny_vlm(tmp_path / "other", seed=2)
    folders = [tmp_path / name for name in ("first", "again", "prompt", "weights")]
    for folder, choices in zip(folders, ({}, {}, {"prompt": "Who?"}, {"vlm": other}), strict=True):
        caption(dataset, **{"vlm": vlm, "out": folder, **choices})
    first, again, prompt, weights = (read_model_captions(folder).captions for folder in folders)
    assert files_of(folders[0]) == files_of(folders[1])
    assert first == again != prompt
    assert first != weights


def test_more_cameras_are_added_and_nothing_is_written_twice(dataset: Path, vlm: Path) -> None:
    caption(dataset, vlm, takes="room_000001")
    folder = dataset / "captions" / "tiny-vlm"
    before = read_model_captions(folder).captions
    report = caption(dataset, vlm, cameras=["cam01", "cam03"])
    after = read_model_captions(folder).captions
    assert (report.written, report.kept) == (5, 1)
    assert before.items() <= after.items() and len(after) == 6
    unchanged = files_of(folder)
    assert caption(dataset, vlm).written == 0
    assert files_of(folder) == unchanged


def test_a_killed_run_is_resumed_and_gives_the_same_bytes(dataset: Path, vlm: Path, tmp_path: Path) -> None:
    choices = ["--frames", "2", "--prompt", "What happens?", "--max-tokens", "80"]
    cameras = [word for camera in CAMERAS for word in ("--camera", camera)]
    command = [sys.executable, "-m", "multitake", "caption", str(dataset), "--model", str(vlm)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen([*command, *choices, *cameras], env=environment, stderr=subprocess.PIPE) as run:
        partial = dataset / "captions" / "tiny-vlm" / "00000.jsonl"
        wait_until(lambda: partial.exists() and partial.read_bytes().count(b"\n") >= 1, run)
        run.send_signal(signal.SIGKILL)
    kept = partial.read_bytes().count(b"\n")
    assert 1 <= kept < 6
    # A line that was being written.
    partial.write_bytes(partial.read_bytes() + b'{"take": "room_0')
    report = caption(dataset, vlm, cameras=CAMERAS, most_tokens=80)
    assert (report.written, report.kept) == (9 - kept, kept)
    caption(dataset, vlm, cameras=CAMERAS, most_tokens=80, out=tmp_path / "undisturbed")
    assert files_of(dataset / "captions" / "tiny-vlm") == files_of(tmp_path / "undisturbed")


def wait_until(is_true, run: subprocess.Popen) -> None:
    end = time.monotonic() + 120
    while not is_true():
        assert run.poll() is None and time.monotonic() < end, run.stderr and run.stderr.read()
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"prompt": "Who?"}, "has captions with prompt 'What happens?', not 'Who?'"),
        ({"frames": 3}, "has captions with frames 2, not 3"),
        ({"most_tokens": 5}, "has captions with most_tokens 12, not 5"),
    ],
)
def test_captions_of_another_prompt_are_refused(changed: dict, what: str, dataset: Path, vlm: Path) -> None:
    caption(dataset, vlm)
    before = files_of(dataset / "captions" / "tiny-vlm")
    with pytest.raises(InputError, match="give another --name") as error:
        caption(dataset, vlm, **changed)
    assert what in str(error.value)
    assert files_of(dataset / "captions" / "tiny-vlm") == before
    assert caption(dataset, vlm, **changed, name="second").written == 3


def test_another_model_of_the_same_name_is_refused(dataset: Path, vlm: Path, tmp_path: Path) -> None:
    caption(dataset, vlm)
    other = write_tiny_vlm(tmp_path / "tiny-vlm", seed=2)
    with pytest.raises(InputError, match="has captions with revision 'sha256:"):
        caption(dataset, other)


@pytest.mark.parametrize(
    ("choices", "what"),
    [
        ({"takes": "nowhere_000001"}, "unknown take 'nowhere_000001'"),
        ({"takes": "2000000,1"}, "unknown take '2000000'"),
        ({"cameras": ["cam99"]}, "unknown camera 'cam99'"),
        ({"frames": 0}, "must be at least 1, got 0"),
        ({"prompt": " "}, "is empty"),
        ({"name": "../x"}, "invalid name of captions"),
        ({"name": ""}, "invalid name of captions"),
        ({"revision": "main"}, "a folder has no revision"),
        ({"device": "abacus"}, "is not available"),
    ],
)
def test_invalid_choices_are_errors_and_write_no_captions(
    choices: dict, what: str, dataset: Path, vlm: Path
) -> None:
    with pytest.raises(InputError, match=what):
        caption(dataset, vlm, **choices)
    assert not list(dataset.glob("captions/*/*.parquet"))


@pytest.mark.parametrize("folder", [".", "shards", "poses", "index", "captions", "captions/../new"])
def test_captions_are_never_written_among_other_files_of_the_data_set(
    folder: str, dataset: Path, vlm: Path, tmp_path: Path
) -> None:
    before = sorted(dataset.rglob("*"))
    with pytest.raises(InputError, match="is a folder of the data set itself"):
        caption(dataset, vlm, out=dataset / folder)
    (tmp_path / "link").symlink_to(dataset)
    with pytest.raises(InputError, match="is a folder of the data set itself"):
        caption(dataset, vlm, out=tmp_path / "link" / folder)
    assert sorted(dataset.rglob("*")) == before


def test_a_finished_run_still_checks_its_device_and_has_the_frames_that_were_seen(
    dataset: Path, vlm: Path
) -> None:
    caption(dataset, vlm, frames=999)
    found = open_dataset(dataset)
    assert found.model_captions("tiny-vlm").run.frames == found.take(found.keys[0]).row.frames
    assert caption(dataset, vlm, frames=999).written == 0
    with pytest.raises(InputError, match="is not available"):
        caption(dataset, vlm, frames=999, device="abacus")


def test_a_folder_that_is_no_model_is_an_error(dataset: Path, vlm: Path, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(vlm, tmp_path / "broken"))
    (broken / "model.safetensors").write_bytes(b"no weights")
    for folder in (broken, tmp_path):
        with pytest.raises(InputError, match="cannot be loaded"):
            caption(dataset, folder, name="x")


def test_damaged_captions_are_errors(dataset: Path, vlm: Path) -> None:
    caption(dataset, vlm)
    table = dataset / "captions" / "tiny-vlm" / "00000.parquet"
    table.write_bytes(table.read_bytes()[:-20])
    with pytest.raises(InputError, match="not a table of captions"):
        open_dataset(dataset).model_captions("tiny-vlm")
    with pytest.raises(InputError, match="no captions"):
        open_dataset(dataset).model_captions("other")


def test_the_verb_prints_where_captions_are(vlm: Path, dataset: Path) -> None:
    command = ["caption", str(dataset), "--model", str(vlm), "--frames", "1", "--max-tokens", "2"]
    done = CliRunner().invoke(app, [*command, "--name", "short", "--takes", "2"])
    folder = dataset / "captions" / "short"
    assert (done.exit_code, done.stdout) == (0, f"{folder}: captions written: 1, already there: 0\n")
    done = CliRunner().invoke(app, [*command, "--name", "short", "--takes", "1-2", "--takes", "room_000000"])
    assert done.stdout == f"{folder}: captions written: 2, already there: 1\n"
    refused = CliRunner().invoke(app, [*command, "--name", "short", "--prompt", "Who?"])
    assert refused.exit_code == 2 and len(refused.stderr.splitlines()) == 1
    assert "torchvision" not in sys.modules
