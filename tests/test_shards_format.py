"""Names and values of the format, and the page that tells other teams about them."""

import json
from dataclasses import asdict, fields
from pathlib import Path

import pytest
from conftest import tiny_info
from hypothesis import given
from hypothesis import strategies as st

from multitake.errors import InputError
from shards import FORMAT_VERSION, FilmedTake, TakeRow
from shards.format import (
    INDEX_SCHEMA,
    MEMBER_ENDINGS,
    TAKE_SCHEMA,
    checked_key,
    info_bytes,
    member_name,
    member_parts,
    read_info,
    take_row,
)
from trajectories import PoseRow, camera_name

KEYS = st.text("abcXYZ019-_", min_size=1, max_size=64)


@given(key=KEYS, kind=st.sampled_from(sorted(MEMBER_ENDINGS)), camera=st.integers(0, 98).map(camera_name))
def test_member_names_tell_their_parts(key: str, kind: str, camera: str) -> None:
    camera = "" if kind in ("take", "poses") else camera
    assert member_parts(member_name(checked_key(key), kind, camera)) == (key, camera, kind)


@pytest.mark.parametrize("name", ["a.cam01.flo", "a.mp4", "a.cam01.take.json", "a.b.cam01.mp4", "mp4"])
def test_foreign_members_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no member of format version 1"):
        member_parts(name)


def test_values_survive_json(tiny_takes: list[FilmedTake]) -> None:
    assert read_info(info_bytes(tiny_info()), "dataset.json") == tiny_info()
    for take in tiny_takes:
        assert take_row(json.loads(json.dumps(asdict(take.row)))) == take.row


def test_the_take_table_has_the_columns_of_a_take() -> None:
    assert TAKE_SCHEMA.names == [field.name for field in fields(TakeRow)]


def test_the_page_names_everything_there_is() -> None:
    page = (Path(__file__).parent.parent / "shards" / "README.md").read_text()
    names = {*TAKE_SCHEMA.names, *INDEX_SCHEMA.names, *(field.name for field in fields(PoseRow))}
    members = {
        member_name("KEY", kind, "" if kind in ("take", "poses") else "camNN") for kind in MEMBER_ENDINGS
    }
    missing = {name for name in names | members if f"`{name}`" not in page}
    assert not missing
    assert f"`format_version` is {FORMAT_VERSION}" in page


def test_a_damaged_description_is_named() -> None:
    record = json.loads(info_bytes(tiny_info()))
    del record["fps"]
    with pytest.raises(InputError, match=r"dataset\.json: missing or unknown keys: fps"):
        read_info(json.dumps(record).encode(), "dataset.json")
