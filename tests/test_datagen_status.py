"""The command ``status``: its totals are those of the writer, and its page shows each take once."""

import base64
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from conftest import TINY_BATCH_FILES, TINY_KEYS, TINY_SHARDS, textured_frames, tiny_info
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from run_logs import START_S, record, simulated_run, write_log
from s3_server import BUCKET, s3_server
from typer.testing import CliRunner

from datagen.failure_groups import failure_groups, kind_of
from datagen.run_log import RunLog
from datagen.status import StatusPage, StatusReader, watch_status
from multitake.cli import app
from multitake.errors import InputError
from shards import (
    ClipFault,
    DatasetWriter,
    Failure,
    FilmedTake,
    ObjectStore,
    decode_video,
    store_at,
    take_images,
)

HOSTILE = '<script>alert("1")</script><img src=x onerror=alert(2)>\'"&amp;{{ 7 * 7 }}'


class Page(HTMLParser):
    """What a browser would find: texts, and the attributes of each element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def attributes(self, tag: str, name: str) -> list[str]:
        return [values[name] or "" for one, values in self.elements if one == tag and name in values]


def staged(root: Path | str | ObjectStore, takes: list[FilmedTake]) -> DatasetWriter:
    writer = DatasetWriter(root)
    writer.create(tiny_info(), TINY_BATCH_FILES)
    for take in takes:
        writer.stage(take)
    return writer


def status_json(*arguments: str | Path) -> dict:
    result = CliRunner().invoke(app, ["status", *map(str, arguments), "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def failure(index: int, reason: str = "no reply within 30 s") -> Failure:
    return Failure(take=TINY_KEYS[index], number=index, attempts=2, reason=reason)


@pytest.mark.parametrize("filmed", [(), (0,), (0, 1), (2,), (0, 2), (0, 1, 2)])
def test_totals_are_those_of_the_writer(
    filmed: tuple[int, ...], tiny_takes: list[FilmedTake], tmp_path: Path
) -> None:
    writer = staged(tmp_path / "data", [tiny_takes[index] for index in filmed])
    for index in set(range(3)) - set(filmed):
        writer.note_failed(failure(index))
    for shard, takes in enumerate(TINY_SHARDS):
        if writer.counts.staged.issuperset(takes):
            writer.seal(shard, takes)
    found, again = status_json(tmp_path / "data"), DatasetWriter(tmp_path / "data")
    assert found["done"] == again.counts.done == len(filmed)
    assert found["failed"] == len(again.counts.failures) == 3 - len(filmed)
    assert found["sealed"] == len(again.counts.sealed)
    assert found["done"] + found["failed"] + found["left"] == found["planned"] == 3


def test_what_a_killed_run_left_behind_is_counted_once(tiny_takes: list[FilmedTake], tmp_path: Path) -> None:
    root = tmp_path / "data"
    writer = staged(root, tiny_takes)
    kept = (root / f"staging/{TINY_KEYS[0]}.tar").read_bytes()
    for index in (0, 2):
        writer.note_failed(failure(index))
    failures = (root / "failures.jsonl").read_bytes()
    writer.seal(0, TINY_SHARDS[0])
    # Killed before the fragment was removed, and before the list of failures was written.
    (root / f"staging/{TINY_KEYS[0]}.tar").write_bytes(kept)
    (root / "failures.jsonl").write_bytes(failures)
    found, again = status_json(root), DatasetWriter(root)
    assert (found["done"], found["failed"], found["left"]) == (3, 0, 0)
    assert (again.counts.done, len(again.counts.failures)) == (3, 0)


def test_storage_of_objects_has_the_same_status(tiny_takes: list[FilmedTake], tmp_path: Path) -> None:
    address = f"memory://{tmp_path.name}"
    for root in (tmp_path / "data", address):
        writer = staged(root, tiny_takes[1:])
        writer.note_failed(failure(0))
        writer.seal(1, TINY_SHARDS[1])
    log = RunLog(store_at(address))
    about = {"host": "elsewhere", "process_id": 1, "workers": 1, "engine_version": "1"}
    log.begin(**about, takes=3, done=0, planned=3)
    folder, objects = status_json(tmp_path / "data"), status_json(address)
    for name in ("done", "failed", "left", "sealed", "failures"):
        assert folder[name] == objects[name], name
    # Its lock is gone.
    assert folder["run"] is None and objects["run"]["state"] == "killed"
    store_at(address).write(".lock", b"{}")
    assert status_json(address)["run"]["state"] == "running"
    reader = StatusReader(address)
    page = Page(StatusPage(reader, tmp_path / "p.html", newest=24).html(reader.read(time.time())))
    assert len(page.attributes("img", "src")) == 2 * 4


def test_a_status_changes_nothing_in_a_data_set(tiny_dataset: Path, tmp_path: Path) -> None:
    root = tmp_path / "data"
    shutil.copytree(tiny_dataset, root)
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    assert CliRunner().invoke(app, ["status", str(root), "--page", str(tmp_path / "p.html")]).exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


def test_runs_are_summed_and_the_newest_is_shown(tiny_dataset: Path, tmp_path: Path) -> None:
    root = tmp_path / "data"
    shutil.copytree(tiny_dataset, root)
    write_log(root, simulated_run(8, 2, lambda take: 5.0, fails=lambda take: take == 3).records, "b")
    later = simulated_run(4, 1, lambda take: 5.0).records
    # A file of the same name order as its start need not be the newest.
    write_log(root, [{**one, "time_s": one["time_s"] + 1000} for one in later], "a")
    write_log(root, [], "empty")
    (root / "runs" / "damaged.jsonl").write_bytes(b"\xff\x00{]\n")
    found = status_json(root)
    assert found["runs"]["runs"] == 2
    assert (found["runs"]["done"], found["runs"]["failed"]) == (11, 1)
    assert found["runs"]["seconds_s"] == pytest.approx(20 + 20)
    run = found["run"]
    assert (run["name"], run["state"], run["done"], run["takes"]) == ("a", "ended", 4, 4)


@given(st.integers(), st.integers(0, 10**6), st.floats(allow_nan=False, allow_infinity=False))
def test_reasons_that_differ_in_numbers_are_one_kind(port: int, index: int, seconds_s: float) -> None:
    def reason(port: int, take: str, seconds_s: float) -> str:
        return (
            f"take {take}: port {port} did not answer within {seconds_s} s (0x7f{index:08x}), cam{index:02d}"
        )

    take = f"street-03_{index:06d}"
    first = kind_of(reason(1, "room_000001", 2.5), "room_000001")
    found = kind_of(reason(port, take, seconds_s), take)
    assert found == first == "take TAKE: port # did not answer within # s (#), cam#"
    assert kind_of(found) == found


@given(st.lists(st.sampled_from(["no reply in 3 s", "no reply in 71 s", "black frames", "disk: 1.5e3"])))
def test_every_failure_is_in_one_group(reasons: list[str]) -> None:
    failures = [Failure(take=f"a_{n}", number=n, attempts=1, reason=one) for n, one in enumerate(reasons)]
    groups = failure_groups(failures)
    assert sum(group.count for group in groups) == len(failures)
    assert len({group.kind for group in groups}) == len(groups) <= 3
    assert [group.count for group in groups] == sorted((group.count for group in groups), reverse=True)
    assert all((group.take, group.reason) in {(one.take, one.reason) for one in failures} for group in groups)


def test_takes_with_the_same_faults_are_one_group() -> None:
    def failed(number: int, *found: tuple[str, str]) -> Failure:
        faults = tuple(
            ClipFault(camera=camera, reason=reason, figure="black_share", value=1.0, limit=0.0)
            for camera, reason in found
        )
        text = f"clips do not pass: {found}"
        return Failure(take=f"a_{number}", number=number, attempts=2, reason=text, faults=faults)

    groups = failure_groups(
        [
            failed(0, ("cam01", "black"), ("cam02", "black")),
            failed(1, ("cam03", "black")),
            failed(2, ("cam03", "repeated"), ("cam01", "black")),
            failed(3, ("cam01", "black"), ("cam04", "repeated")),
            failed(4, ("cam02", "black")),
        ]
    )
    assert [(one.kind, one.count) for one in groups] == [
        ("quality: black", 3),
        ("quality: black, repeated", 2),
    ]


def test_images_are_the_frames_of_the_cameras(tiny_takes: list[FilmedTake], tmp_path: Path) -> None:
    writer = staged(tmp_path / "data", tiny_takes)
    writer.seal(0, TINY_SHARDS[0])
    for index, shard in ((0, 0), (2, None)):
        found = take_images(tmp_path / "data", TINY_KEYS[index], shard, width_px=1000)
        cameras = [files.camera for files in tiny_takes[index].files]
        assert found.row == tiny_takes[index].row and [clip.camera for clip in found.clips] == cameras
        wanted = [textured_frames(index, camera)[10] for camera in cameras]
        for jpeg, frame in (
            (found.first, textured_frames(index, cameras[0])[0]),
            *zip(found.middle, wanted, strict=True),
        ):
            image = np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB")).astype(int)
            video_error = np.abs(decode_video(tiny_takes[index].files[0].members["video"])[0].astype(int))
            assert image.shape == frame.shape == video_error.shape
            # H.264 and JPEG at quality 70 blur colours of blocks; another frame differs by far more.
            assert np.abs(image - frame).mean() < 30
            assert np.abs(image - frame).mean() < np.abs(image - np.roll(frame, 5, axis=(0, 1))).mean() / 1.5


def test_the_page_shows_each_take_once_with_all_cameras(tiny_takes: list[FilmedTake], tmp_path: Path) -> None:
    root, page = tmp_path / "data", tmp_path / "status.html"
    writer = staged(root, tiny_takes[:2])
    writer.seal(0, TINY_SHARDS[0])
    writer.stage(tiny_takes[2])
    done = {"attempts": 2, "seconds_s": 4.0, "camera_frames": 63, "engine_starts": 1, "worker": 5}
    order = (1, 2, 0)
    write_log(
        root,
        [
            record(START_S + n, "take_done", take=TINY_KEYS[index], number=index, **done)
            for n, index in enumerate(order)
        ],
    )
    assert CliRunner().invoke(app, ["status", str(root), "--page", str(page)]).exit_code == 0
    shown = Page(page.read_text())
    assert shown.attributes("article", "id") == [TINY_KEYS[index] for index in reversed(order)]
    images = shown.attributes("img", "src")
    assert len(images) == 3 * (1 + 3) and all(src.startswith("data:image/jpeg;base64,") for src in images)
    sizes = {Image.open(io.BytesIO(base64.b64decode(src.partition(",")[2]))).size for src in images}
    assert sizes == {(64, 48)}
    assert all(f"Ada walks in the room, take {index}" in shown.text for index in order)
    assert shown.text.count("worker 5") == 3 and "staged" in shown.text and "shard 00000" in shown.text
    # It needs nothing else.
    assert not re.search(r"(src|href)=.(?!data:)", page.read_text()) and "url(" not in page.read_text()
    assert CliRunner().invoke(app, ["status", str(root), "--page", str(page), "--newest", "1"]).exit_code == 0
    assert Page(page.read_text()).attributes("article", "id") == [TINY_KEYS[0]]


def test_hostile_texts_are_shown_as_texts(tiny_takes: list[FilmedTake], tmp_path: Path) -> None:
    root = tmp_path / "<b>data"
    take = tiny_takes[0]
    writer = staged(root, [replace(take, row=replace(take.row, caption=HOSTILE))])
    writer.note_failed(failure(1, HOSTILE))
    about = {"take": HOSTILE, "number": 1, "worker": 1}
    write_log(
        root,
        [
            record(START_S, "worker_started", worker=1, node=HOSTILE),
            record(time.time(), "take_started", **about),
        ],
    )
    (root / "failed").mkdir()
    Image.new("RGB", (2000, 1000), "red").save(root / "failed" / f"{TINY_KEYS[1]}.png")
    reader = StatusReader(str(root))
    html = StatusPage(reader, tmp_path / "p.html", newest=24).html(reader.read(time.time()))
    page = Page(html)
    assert "script" not in [tag for tag, _ in page.elements] and not page.attributes("img", "onerror")
    assert page.text.count(HOSTILE) >= 3
    failed = page.attributes("img", "src")[0]
    assert Image.open(io.BytesIO(base64.b64decode(failed.partition(",")[2]))).size == (640, 320)


def test_a_damaged_take_costs_only_its_own_images(tiny_takes: list[FilmedTake], tmp_path: Path) -> None:
    root = tmp_path / "data"
    staged(root, tiny_takes)
    broken = root / "staging" / f"{TINY_KEYS[1]}.tar"
    broken.write_bytes(broken.read_bytes()[:-100])
    reader = StatusReader(str(root))
    page = Page(StatusPage(reader, tmp_path / "p.html", newest=24).html(reader.read(time.time())))
    assert sorted(page.attributes("article", "id")) == sorted(TINY_KEYS)
    assert (
        len(page.attributes("img", "src")) == 2 * 4 and "no images: the staged take is damaged" in page.text
    )


def test_a_take_that_is_sealed_meanwhile_is_read_from_its_shard(
    tiny_takes: list[FilmedTake], tmp_path: Path
) -> None:
    writer = staged(tmp_path / "data", tiny_takes)
    reader = StatusReader(str(tmp_path / "data"))
    status = reader.read(time.time())
    writer.seal(0, TINY_SHARDS[0])
    page = Page(StatusPage(reader, tmp_path / "p.html", newest=24).html(status))
    assert len(page.attributes("img", "src")) == 3 * 4
    assert sorted(page.attributes("article", "id")) == sorted(TINY_KEYS)


def test_a_page_that_cannot_be_written_is_one_line(tiny_dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for page in (tmp_path, tmp_path / "file" / "p.html"):
        result = CliRunner().invoke(app, ["status", str(tiny_dataset), "--page", str(page)])
        assert result.exit_code == 2 and len(result.stderr.splitlines()) == 1


def watching(root: Path, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "multitake", "status", str(root), "--watch"]
    return subprocess.Popen([*command, "--every", "0.1", *arguments], stdout=subprocess.PIPE, text=True)


def test_watch_prints_a_line_for_each_change_and_ends_with_the_run(
    tiny_takes: list[FilmedTake], tmp_path: Path
) -> None:
    root, page = tmp_path / "data", tmp_path / "status.html"
    writer = staged(root, tiny_takes[:1])
    run = simulated_run(3, 1, lambda take: 5.0)
    shift_s = time.time() - START_S
    records = [{**one, "time_s": one["time_s"] + shift_s} for one in run.records]
    path = write_log(root, records[:3])
    watch = watching(root, "--page", str(page))
    lines = [watch.stdout.readline()]
    writer.stage(tiny_takes[1])
    lines.append(watch.stdout.readline())
    # A line that is being written is not an event yet.
    path.write_text(path.read_text() + json.dumps(records[-1]))
    writer.seal(0, TINY_SHARDS[0])
    lines.append(watch.stdout.readline())
    path.write_text(path.read_text() + "\n")
    rest, _ = watch.communicate(timeout=60)
    assert watch.returncode == 0
    assert [re.search(r"\d done", line)[0] for line in lines] == ["1 done", "2 done", "2 done"]
    assert "1 of 2 shards" in lines[2] and "run running" in lines[2]
    assert len(rest.splitlines()) == 1 and "run ended" in rest
    assert len(Page(page.read_text()).attributes("article", "id")) == 2


def test_watch_ends_at_an_interruption_without_an_error(tiny_takes: list[FilmedTake], tmp_path: Path) -> None:
    root = tmp_path / "data"
    staged(root, tiny_takes[:1])
    records = simulated_run(3, 1, lambda take: 5.0).records[:3]
    write_log(root, [{**one, "time_s": time.time()} for one in records])
    watch = watching(root, "--json")
    assert json.loads(watch.stdout.readline())["is_running"]
    os.kill(watch.pid, signal.SIGINT)
    watch.communicate(timeout=30)
    assert watch.returncode == 0


def test_watch_continues_after_an_outage_of_storage(
    tiny_takes: list[FilmedTake], capsys: pytest.CaptureFixture[str]
) -> None:
    with s3_server() as server:
        store = ObjectStore(f"s3://{BUCKET}/watched", patience_s=0.2)
        staged(store, tiny_takes[:1])
        store.write(".lock", b"{}")
        log = RunLog(store)
        log.begin(host="elsewhere", process_id=1, workers=1, engine_version="1", takes=3, done=0, planned=3)
        watch = threading.Thread(target=watch_status, args=(store,), kwargs={"every_s": 0.1})
        watch.start()
        time.sleep(1.0)
        with server.outage():
            time.sleep(3.0)
        log.note("run_ended", filmed=1, failed=0, reason=None)
        log.write()
        watch.join(60.0)
    said = capsys.readouterr()
    assert [line.rpartition("| ")[2] for line in said.out.splitlines()] == ["run running", "run ended"]
    assert said.err.count("\n") == 1 and "; trying again" in said.err


def test_watch_ends_when_nobody_can_know_whether_the_run_films(
    tiny_takes: list[FilmedTake], tmp_path: Path
) -> None:
    staged(tmp_path / "data", tiny_takes[:1])
    # On another machine, long ago.
    write_log(
        tmp_path / "data",
        [{**one, "time_s": 1.0} for one in simulated_run(3, 1, lambda take: 5.0).records[:3]],
    )
    watch = watching(tmp_path / "data")
    (line,) = watch.communicate(timeout=60)[0].splitlines()
    assert watch.returncode == 0 and "run unknown (it ran on elsewhere, and its last event was" in line


def test_a_folder_without_a_data_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a data set"):
        StatusReader(str(tmp_path)).read(0.0)
