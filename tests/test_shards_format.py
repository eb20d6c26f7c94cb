"""Names and values of the format, and the page that documents them."""

import json
from dataclasses import asdict, fields
from pathlib import Path

import pytest
from conftest import tiny_info
from hypothesis import given
from hypothesis import strategies as st

from multitake.errors import InputError
from shards import FORMAT_VERSION, Failure, FilmedTake, TakeRow
from shards.failures import failure_lines, read_failures
from shards.format import (
    CLIP_ENDINGS,
    INDEX_SCHEMA,
    MEMBER_ENDINGS,
    TAKE_SCHEMA,
    checked_key,
    info_bytes,
    member_name,
    member_parts,
    read_info,
    shard_files,
    shard_of,
    take_row,
)
from trajectories import ClipRow
from trajectories.rigs import camera_name

KEYS = st.text("abcXYZ019-_", min_size=1, max_size=64)


@given(key=KEYS, kind=st.sampled_from(sorted(MEMBER_ENDINGS)), camera=st.integers(0, 98).map(camera_name))
def test_member_names_contain_their_parts(key: str, kind: str, camera: str) -> None:
    camera = camera if kind in CLIP_ENDINGS else ""
    assert member_parts(member_name(checked_key(key), kind, camera)) == (key, camera, kind)


@pytest.mark.parametrize("name", ["a.cam01.flo", "a.mp4", "a.cam01.take.json", "a.b.cam01.mp4", "mp4"])
def test_names_of_other_members_are_errors(name: str) -> None:
    with pytest.raises(ValueError, match="is not a member of format version 1"):
        member_parts(name)


def test_values_survive_json(tiny_takes: list[FilmedTake]) -> None:
    assert read_info(info_bytes(tiny_info()), "dataset.json") == tiny_info()
    for take in tiny_takes:
        assert take_row(json.loads(json.dumps(asdict(take.row)))) == take.row


@given(shard=st.integers(0, 10**7))
def test_an_index_belongs_to_the_shard_of_its_name(shard: int) -> None:
    assert shard_of(shard_files(shard)["index"].removeprefix("index/")) == shard


@pytest.mark.parametrize(
    "name", ["7.parquet", "0000007.parquet", "-0001.parquet", "00001.tar", ".00001.parquet", "٠٠٠٠١.parquet"]
)
def test_other_names_are_not_those_of_an_index(name: str) -> None:
    assert shard_of(name) is None


def test_failures_survive_their_file_in_the_order_of_the_batch() -> None:
    failures = [Failure(take=f"room_{n}", number=n, attempts=2, reason='said "no"\n') for n in (2, 0, 1)]
    read = read_failures(failure_lines(failures).encode(), "failures.jsonl")
    assert list(read.values()) == sorted(failures, key=lambda failure: failure.number)


def test_the_take_table_has_the_columns_of_a_take() -> None:
    assert TAKE_SCHEMA.names == [field.name for field in fields(TakeRow)]


def test_the_page_names_all_columns_and_members() -> None:
    page = (Path(__file__).parent.parent / "shards" / "README.md").read_text()
    names = {*TAKE_SCHEMA.names, *INDEX_SCHEMA.names, *(field.name for field in fields(ClipRow))}
    members = {member_name("KEY", kind, "camNN" if kind in CLIP_ENDINGS else "") for kind in MEMBER_ENDINGS}
    missing = {name for name in names | members if f"`{name}`" not in page}
    assert not missing
    assert f"`format_version` is {FORMAT_VERSION}" in page


def test_a_missing_key_of_dataset_json_is_named() -> None:
    record = json.loads(info_bytes(tiny_info()))
    del record["fps"]
    with pytest.raises(InputError, match=r"dataset\.json: fps: missing"):
        read_info(json.dumps(record).encode(), "dataset.json")
