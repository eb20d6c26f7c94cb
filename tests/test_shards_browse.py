"""The server of `multitake browse`: its answers over a real socket, to good and to bad requests."""

import http.client
import io
import json
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import numpy as np
import pytest
from conftest import TINY_KEYS, tiny_take, write_tiny_dataset
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from typer.testing import CliRunner

from multitake.cli import app
from shards import open_dataset
from shards.browse import BrowseServer
from shards.browse.layers import depth_colours

LAST = TINY_KEYS[2]


@contextmanager
def serving(url: Path) -> Iterator[str]:
    """The address of a server of a data set."""
    with BrowseServer(open_dataset(url)) as server:
        threading.Thread(target=server.serve, daemon=True).start()
        yield server.url
        server.close()


@pytest.fixture(scope="module")
def root(tiny_dataset: Path) -> Iterator[str]:
    with serving(tiny_dataset) as url:
        yield url


def request(
    root: str, path: str, *, method: str = "GET", at_root: bool = False, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and content of the answer at an address below the root, or below the host."""
    parts = urlsplit(root)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    connection.request(method, path if at_root else parts.path + path, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.headers.items()}, content


def asked(root: str, path: str, status: int = 200) -> Any:
    found, headers, content = request(root, path)
    assert (found, headers["content-type"]) == (status, "application/json")
    return json.loads(content)


# ---------------------------------------------------------------- what there is
def test_the_page_has_all_its_files_and_no_address_outside(root: str) -> None:
    status, headers, page = request(root, "")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'self'" in headers["content-security-policy"]
    named = [part.split('"')[0] for part in page.decode().replace('href="', 'src="').split('src="')[1:]]
    assert len(named) == 7
    for name in named:
        if not name.startswith("data:"):
            status, _, content = request(root, name)
            assert status == 200 and content
            assert b"//" not in content.replace(b"// ", b"").replace(b"http://www.w3.org", b"")


def test_the_list_is_searched_by_words_and_by_a_condition(root: str) -> None:
    def found(query: str) -> list[str]:
        return [one["take"] for one in asked(root, f"takes?{query}")["takes"]]

    assert found("") == list(TINY_KEYS)
    assert found("words=ADA+take+1") == [TINY_KEYS[1]]
    assert found("words=nobody") == []
    assert found(f"where={quote('take_index > 0')}") == list(TINY_KEYS[1:])
    assert found(f"where={quote('take_index > 0')}&words=take+2") == [LAST]
    assert found("offset=1&most=1") == [TINY_KEYS[1]]
    assert asked(root, "takes?most=1")["total"] == 3


def test_the_list_is_searched_in_all_captions(tmp_path: Path) -> None:
    take = tiny_take(0)
    captions = (take.row.caption, "Somebody strolls about")
    take = replace(take, row=replace(take.row, captions=captions))
    with serving(write_tiny_dataset(tmp_path / "dataset", [take, tiny_take(1), tiny_take(2)])) as root:
        assert [one["take"] for one in asked(root, "takes?words=STROLLS")["takes"]] == [TINY_KEYS[0]]


def test_a_take_is_described_as_its_tables_do(root: str, tiny_dataset: Path) -> None:
    take = open_dataset(tiny_dataset).take(LAST)
    about = asked(root, f"take/{LAST}")
    assert (about["frames"], about["fps"], about["layers"]) == (21, 15.0, ["depth", "mask"])
    assert about["captions"] == [take.row.caption]
    assert not about["has_tracks"]
    rig = about["rig"]
    positions_m = np.array([camera["position"] for camera in rig["cameras"]]) + rig["subject_m"]
    axes = np.array([[camera[name] for name in ("right", "down", "ahead")] for camera in rig["cameras"]])
    np.testing.assert_allclose(positions_m, take.poses.position_m, atol=1e-4)
    np.testing.assert_allclose(np.moveaxis(axes, 1, -1), take.poses.rotation, atol=1e-4)
    assert [camera["name"] for camera in rig["cameras"]] == list(take.cameras)


def test_layers_are_those_of_the_frame(root: str, tiny_dataset: Path) -> None:
    clip = open_dataset(tiny_dataset).take(LAST).clip("cam02")
    for kind, expected in (("mask", clip.mask()), ("depth", depth_colours(clip.depth_m()))):
        for frame in (0, 13):
            status, headers, content = request(root, f"layer/{LAST}/cam02/{kind}?frame={frame}")
            assert (status, headers["content-type"]) == (200, "image/png")
            assert np.array_equal(np.asarray(Image.open(io.BytesIO(content))), expected[frame])


def test_colours_of_depth_tell_distances_apart() -> None:
    depth_m = np.geomspace(0.5, 50, 200)[None]
    colours = depth_colours(depth_m)[0].astype(int)
    assert len({tuple(colour) for colour in colours.tolist()}) > 190
    # From red to blue.
    assert colours[10, 0] > 100 > colours[10, 2] and colours[160, 2] > 100 > colours[160, 0]
    assert not depth_colours(np.zeros((1, 1))).any()


# ---------------------------------------------------------------- parts of videos
@given(first=st.integers(0, 40_000), size=st.integers(1, 40_000))
def test_parts_of_a_video_are_its_bytes(root: str, tiny_dataset: Path, first: int, size: int) -> None:
    video = open_dataset(tiny_dataset).take(LAST).clip("cam01").video_bytes()
    status, headers, content = request(root, f"video/{LAST}/cam01", Range=f"bytes={first}-{first + size - 1}")
    expected = video[first : first + size]
    if first >= len(video):
        assert (status, headers["content-range"], content) == (416, f"bytes */{len(video)}", b"")
    else:
        assert (status, content) == (206, expected)
        assert headers["content-range"] == f"bytes {first}-{first + len(expected) - 1}/{len(video)}"


@pytest.mark.parametrize(
    ("asked_range", "part"),
    [("bytes=100-", slice(100, None)), ("bytes=-50", slice(-50, None)), ("bytes=-9999999", slice(None))],
)
def test_open_parts_of_a_video(root: str, tiny_dataset: Path, asked_range: str, part: slice) -> None:
    video = open_dataset(tiny_dataset).take(LAST).clip("cam01").video_bytes()
    status, _, content = request(root, f"video/{LAST}/cam01", Range=asked_range)
    assert (status, content) == (206, video[part])


@pytest.mark.parametrize(
    "odd", ["", "bytes=", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6", f"bytes={'9' * 5000}-"]
)
def test_other_ranges_give_the_entire_video(root: str, tiny_dataset: Path, odd: str) -> None:
    video = open_dataset(tiny_dataset).take(LAST).clip("cam01").video_bytes()
    status, headers, content = request(root, f"video/{LAST}/cam01", Range=odd)
    assert (status, content, headers["accept-ranges"]) == (200, video, "bytes")


def test_head_has_no_content(root: str, tiny_dataset: Path) -> None:
    video = open_dataset(tiny_dataset).take(LAST).clip("cam01").video_bytes()
    status, headers, content = request(root, f"video/{LAST}/cam01", method="HEAD")
    assert (status, content, headers["content-length"]) == (200, b"", str(len(video)))


# ---------------------------------------------------------------- who may ask, and for what
def test_requests_for_another_host_are_refused(root: str) -> None:
    for host in ("evil.example", "127.0.0.1", "127.0.0.1.evil.example:80"):
        assert request(root, "dataset", Host=host)[0] == 403
    port = urlsplit(root).port
    assert request(root, "dataset", Host=f"localhost:{port}")[0] == 200


@pytest.mark.parametrize("path", ["/", "/dataset", "/x/dataset", "/%C3%A4/dataset", "//dataset"])
def test_requests_without_the_token_are_refused(root: str, path: str) -> None:
    assert request(root, path, at_root=True)[0] == 403


def test_the_server_listens_on_the_loopback_interface_alone(root: str) -> None:
    assert urlsplit(root).hostname == "127.0.0.1"
    outside = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in outside - {"127.0.0.1", "127.0.1.1"}:
        with pytest.raises(OSError):
            socket.create_connection((address, urlsplit(root).port), timeout=5)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("nothing", 404),
        ("../server.py", 404),
        ("..%2f..%2fserver.py", 404),
        ("assets/page.js", 404),
        ("take/room_000009", 404),
        ("take", 404),
        ("take/", 404),
        (f"take/{LAST}/more", 404),
        (f"take/..%2F{LAST}", 404),
        (f"video/{LAST}/cam09", 404),
        (f"video/{LAST}", 404),
        (f"layer/{LAST}/cam01/normal?frame=0", 404),
        (f"layer/{TINY_KEYS[0]}/cam01/depth?frame=0", 404),
        (f"layer/{LAST}/cam01/depth?frame=21", 404),
        (f"layer/{LAST}/cam01/depth?frame=-1", 400),
        ("takes?offset=x", 400),
        ("takes?most=99999999999", 400),
        (f"takes?{'&'.join(f'name{k}=1' for k in range(30))}", 400),
        (f"takes?where={quote('no_column = 1')}", 422),
        (f"takes?where={quote('1=1; drop table takes')}", 422),
        (f"track/{LAST}/cam01?to=cam09&frame=0&x=1&y=1", 404),
        (f"track/{LAST}/cam01?to=cam02&frame=0&x=99&y=1", 400),
        (f"track/{LAST}/cam01?to=cam02&frame=0&x=nan&y=1", 400),
        (f"track/{LAST}/cam01?to=cam02&frame=0&x=1&y=1", 422),
    ],
)
def test_invalid_requests_get_one_line(root: str, path: str, status: int) -> None:
    error = asked(root, path, status)["error"]
    assert error and "\n" not in error
    # The server goes on.
    assert asked(root, "dataset")["takes"] == 3


def test_an_invalid_address_is_refused(root: str) -> None:
    parts = urlsplit(root)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        connection.sendall(f"GET http://[ HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")


def test_other_methods_are_refused(root: str) -> None:
    assert request(root, "dataset", method="POST")[0] == 501


def test_a_damaged_video_is_one_line_and_the_rest_is_shown(tiny_dataset: Path, tmp_path: Path) -> None:
    url = Path(shutil.copytree(tiny_dataset, tmp_path / "dataset"))
    member = open_dataset(url).take(TINY_KEYS[0]).member("video", "cam02")
    shard = url / "shards" / "00000.tar"
    content = bytearray(shard.read_bytes())
    content[member.offset + member.size // 2] ^= 0xFF
    shard.write_bytes(content)
    with serving(url) as root:
        error = asked(root, f"video/{TINY_KEYS[0]}/cam02", 422)["error"]
        assert "checksum mismatch" in error and "cam02" in error
        assert request(root, f"video/{TINY_KEYS[0]}/cam01")[0] == 200
        assert asked(root, f"take/{TINY_KEYS[0]}")["frames"] == 21


# ---------------------------------------------------------------- the command
def test_the_command_prints_its_address_and_ends_quietly(tiny_dataset: Path) -> None:
    command = [sys.executable, "-m", "multitake", "browse", str(tiny_dataset), "--no-open"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stderr
        root = process.stdout.readline().strip()
        assert asked(root, "dataset")["takes"] == 3
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert process.stderr.read() == ""


def test_a_browser_that_drops_its_connections_prints_nothing(tiny_dataset: Path) -> None:
    command = [sys.executable, "-m", "multitake", "browse", str(tiny_dataset), "--no-open"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stderr
        root = process.stdout.readline().strip()
        parts = urlsplit(root)
        for _ in range(5):
            connection = socket.create_connection((parts.hostname, parts.port), timeout=20)
            address = f"{parts.path}video/{LAST}/cam01"
            connection.sendall(f"GET {address} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
            assert connection.recv(100)
            # Closed with a reset, as browsers close a connection whose content they do not want.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
        assert asked(root, "dataset")["takes"] == 3
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert process.stderr.read() == ""


def test_bad_input_is_one_line(tiny_dataset: Path, tmp_path: Path, root: str) -> None:
    for arguments, said in (
        ([str(tmp_path)], "dataset.json is missing"),
        ([str(tiny_dataset), "--port", str(urlsplit(root).port)], "port"),
    ):
        result = CliRunner().invoke(app, ["browse", *arguments, "--no-open"])
        assert result.exit_code == 2
        assert said in result.stderr and result.stderr.count("\n") == 1
