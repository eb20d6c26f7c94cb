"""Addresses that users give: empty ones, unknown protocols, and one data set within another."""

import os
from pathlib import Path

import pytest

from multitake.errors import InputError
from shards import check_new_address, is_dataset, is_inside, open_dataset

URLS = ("memory://a", "s3://bucket/data", "gs://bucket/a/b")


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("foo://bar", "--out foo://bar: unknown protocol 'foo'; give a folder, or an address such as"),
        ("simplecache::foo://bar", "unknown protocol 'foo'"),
        ("://bar", "unknown protocol ''"),
        ("", "--out: the address is empty"),
        (" ", "--out: the address is empty"),
        ("s3://", "--out s3://: the address names no folder"),
    ],
)
def test_an_address_that_cannot_be_written_is_an_error(address: str, says: str) -> None:
    with pytest.raises(InputError) as raised:
        check_new_address(address)
    assert says in str(raised.value)


@pytest.mark.parametrize("address", [*URLS, "data", "./a:b", "file:///tmp/x", "local:///tmp/x", Path("/x")])
def test_folders_and_known_protocols_are_addresses(address: str | Path) -> None:
    check_new_address(address)


def test_no_data_set_has_an_empty_address(tiny_dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tiny_dataset)
    assert is_dataset(".") and not is_dataset("")
    with pytest.raises(InputError, match="the address is empty"):
        open_dataset("")


@pytest.mark.parametrize("root", [*URLS, "data", "/data", "../data", "file:///data"])
def test_what_is_in_an_address_is_inside_however_it_is_written(root: str) -> None:
    for same in (root, f"{root}/", f"{root}/.", f"{root}/x/..", f"{root}//"):
        assert is_inside(same, root) and is_inside(root, same)
        assert is_inside(f"{same}/sub", root) and not is_inside(root, f"{same}/sub")
    assert not is_inside(f"{root}2", root) and not is_inside(root, f"{root}2"), "names, not characters"
    assert not is_inside(f"{root}/../other", root)


def test_links_and_protocols_of_one_place_are_one_place(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    assert is_inside(link / "sub", real) and is_inside(real / "sub", link) and is_inside(link, tmp_path)
    assert is_inside(f"file://{real}/sub", real) and is_inside(os.path.relpath(real / "sub"), real)
    assert is_inside("s3a://bucket/data/x", "s3://bucket/data") and is_inside("memory:///a/b", "memory://a")
    assert not is_inside("gs://bucket/data", "s3://bucket/data")
