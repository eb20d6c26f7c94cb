"""Tools for whole data sets: parts of one, several in one; the same bytes whatever happens on the way."""

import errno
import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import TINY_BATCH_FILES, TINY_KEYS, tiny_info
from kills import killed_at_each_rename
from published_sets import SCENES, write_tree
from s3_server import BUCKET, objects, s3_server
from typer.testing import CliRunner

from multitake.cli import app
from multitake.errors import InputError
from multitake.settings import parsed_toml
from shards import (
    LOCK_FILE,
    DatasetWriter,
    EngineInfo,
    FilmedTake,
    FolderStore,
    clip_source,
    open_dataset,
    verify_dataset,
)
from shards.imports import ImportOptions, import_dataset
from shards.pairs import PairSettings
from shards.streaming import PairStream
from shards.tools import (
    EqualParts,
    PartsByValue,
    RandomShares,
    Selection,
    dataset_summary,
    filter_dataset,
    merge_datasets,
    shares_of,
    split_dataset,
)

CONDITIONS = (
    "take_index = 0",
    "take_index < 2",
    "take_index <> 1",
    "list_contains(passes, 'depth')",
    "take in (select take from clips where motion = 'pan' and angle_deg > 20)",
)


class Silent:
    """No progress is shown."""

    def show(self, text: str, *, done: int, total: int) -> None:
        assert 0 <= done < total, text


SILENT = Silent()


def files_of(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != LOCK_FILE
    }


def members_of(address: str | Path) -> dict[str, bytes]:
    """Every member of a data set by name, and the rows of its tables."""
    found: dict[str, bytes] = {}
    for take in open_dataset(address):
        for member in take.members:
            found[member.member] = take.content(member.kind, member.camera)
        found[f"{take.key} row"] = repr(take.row).encode()
        found |= {f"{take.key} {row.camera}": repr(row).encode() for row in take.clip_rows}
    return found


def filtered(dataset: Path, out: Path | str, condition: str) -> None:
    filter_dataset(dataset, str(out), Selection(where=condition), progress=SILENT)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_and_its_negation_divide_the_members(
    tiny_dataset: Path, tmp_path: Path, condition: str
) -> None:
    every = members_of(tiny_dataset)
    parts = []
    for name, where in (("yes", condition), ("no", f"not ({condition})")):
        filtered(tiny_dataset, tmp_path / name, where)
        assert verify_dataset(tmp_path / name) == []
        parts.append(members_of(tmp_path / name))
    assert not parts[0].keys() & parts[1].keys() and parts[0] | parts[1] == every


def test_whole_shards_keep_their_bytes_and_others_are_as_a_writer_seals_them(
    tiny_dataset: Path, tiny_takes: list[FilmedTake], tmp_path: Path
) -> None:
    filtered(tiny_dataset, tmp_path / "new", "take_index <> 0")
    sealed = tmp_path / "sealed"
    writer = DatasetWriter(sealed)
    writer.create(tiny_info(), TINY_BATCH_FILES)
    for shard, take in enumerate(tiny_takes[1:]):
        writer.stage(take)
        writer.seal(shard, [take.row.take])
    new, expected = files_of(tmp_path / "new"), files_of(sealed)
    assert {name for name in expected if new[name] != expected[name]} == {
        "dataset.json",
        "checksums/00000.sha256",
        "checksums/00001.sha256",
    }
    for folder in ("shards/00001.tar", "poses/00001.parquet", "takes/00001.parquet", "index/00001.parquet"):
        assert new[folder] == (tiny_dataset / folder).read_bytes()
    assert os.path.samefile(tmp_path / "new/shards/00001.tar", tiny_dataset / "shards/00001.tar")
    filtered(tiny_dataset, tmp_path / "last", "take_index = 2")
    writer = DatasetWriter(tmp_path / "alone")
    writer.create(tiny_info(), TINY_BATCH_FILES)
    writer.stage(tiny_takes[2])
    writer.seal(0, TINY_KEYS[2:])
    index = "index/00000.parquet"
    assert (tmp_path / "last" / index).read_bytes() == (tmp_path / "alone" / index).read_bytes()
    command = "sha256sum -c --quiet checksums/*.sha256"
    assert subprocess.run(command, shell=True, cwd=tmp_path / "new").returncode == 0


def test_copies_share_no_file_with_their_source(tiny_dataset: Path, tmp_path: Path) -> None:
    linked, copied = tmp_path / "linked", tmp_path / "copied"
    for out, may_link in ((linked, True), (copied, False)):
        merge_datasets([tiny_dataset], str(out), progress=SILENT, may_link=may_link)
    assert files_of(linked) == files_of(copied)
    assert all((copied / name).stat().st_nlink == 1 for name in files_of(copied))


def test_copies_are_made_where_links_are_not_possible(
    tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: str, target: Path) -> None:
        raise OSError(errno.EXDEV, "another file system")

    monkeypatch.setattr(os, "link", refuse)
    filtered(tiny_dataset, tmp_path / "new", "true")
    assert members_of(tmp_path / "new") == members_of(tiny_dataset)
    damaged = tmp_path / "new/shards/00001.tar"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    with pytest.raises(
        InputError, match=r"00001\.tar: differs from its checksum; run `multitake shards repair`"
    ):
        filtered(tmp_path / "new", tmp_path / "again", "true")


@pytest.mark.parametrize(
    "division", [EqualParts(count=2), EqualParts(count=3), PartsByValue(expression="take_index")]
)
def test_what_was_split_and_merged_has_the_same_members(
    tiny_dataset: Path, tmp_path: Path, division: EqualParts | PartsByValue
) -> None:
    parts = split_dataset(tiny_dataset, str(tmp_path / "parts"), division, progress=SILENT)
    assert all(verify_dataset(part.address) == [] for part in parts)
    merge_datasets([part.address for part in parts], str(tmp_path / "merged"), progress=SILENT)
    assert verify_dataset(tmp_path / "merged") == []
    assert members_of(tmp_path / "merged") == members_of(tiny_dataset)
    filtered(tmp_path / "merged", tmp_path / "whole", "true")
    for name in TINY_BATCH_FILES:
        assert (tmp_path / "merged" / name).read_bytes() == (tiny_dataset / name).read_bytes()


def test_a_data_set_says_what_it_was_made_from(tiny_dataset: Path, tmp_path: Path) -> None:
    filtered(tiny_dataset, tmp_path / "new", "take_index < 2")
    info = open_dataset(tmp_path / "new").info
    (made,) = info.made_from
    assert (made.name, made.command) == ("dataset", "shards filter --where 'take_index < 2'")
    assert info.counts == {"takes": 2, "clips": 6, "frames": 126, "shards": 1} and info.planned_takes == 2
    assert next(iter(PairStream(tmp_path / "new", PairSettings(seed=0, frames=5)))).take in TINY_KEYS[:2]


def wrong_counts(record: dict) -> None:
    record["counts"]["shards"] = 2


def wrong_takes(record: dict) -> None:
    record["planned_takes"] = 3


@pytest.mark.parametrize("change", [wrong_counts, wrong_takes])
def test_verify_finds_contradictions_of_a_data_set_made_from_another(
    tiny_dataset: Path, tmp_path: Path, change: Callable[[dict], None]
) -> None:
    filtered(tiny_dataset, tmp_path / "new", "take_index < 2")
    path = tmp_path / "new/dataset.json"
    record = json.loads(path.read_text())
    change(record)
    path.unlink()
    path.write_text(json.dumps(record))
    found = [str(problem) for problem in verify_dataset(tmp_path / "new")]
    assert any(line.startswith("dataset.json: ") for line in found)
    assert not any("multitake generate" in line for line in found)


def test_takes_are_chosen_by_name_and_left_out_by_a_file(tiny_dataset: Path, tmp_path: Path) -> None:
    listed = tmp_path / "damaged.txt"
    for content, expected in (("", TINY_KEYS), (f"{TINY_KEYS[1]}\n", (TINY_KEYS[0], TINY_KEYS[2]))):
        listed.write_text(content)
        out = str(tmp_path / str(len(expected)))
        filter_dataset(tiny_dataset, out, Selection(exclude=f"@{listed}"), progress=SILENT)
        assert open_dataset(out).keys == expected
    filter_dataset(
        tiny_dataset, str(tmp_path / "one"), Selection(takes="0-1", where="take_index > 0"), progress=SILENT
    )
    assert open_dataset(tmp_path / "one").keys == TINY_KEYS[1:2]
    with pytest.raises(InputError, match="no take is left"):
        filter_dataset(tiny_dataset, str(tmp_path / "no"), Selection(takes="0", exclude="0"), progress=SILENT)
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize("late", [False, True])
def test_a_killed_tool_is_finished_by_the_same_command(
    tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    def run(root: Path) -> None:
        filtered(tiny_dataset, root, "take_index <> 0")

    run(tmp_path / "whole")
    expected, kills = files_of(tmp_path / "whole"), 0
    for root in killed_at_each_rename(tmp_path, monkeypatch, run, late=late):
        kills += 1
        run(root)
        assert files_of(root) == expected
    assert kills >= len(expected) - 1


def test_a_repeated_command_changes_nothing_and_says_so(tiny_dataset: Path, tmp_path: Path) -> None:
    selection = Selection(where="take_index <> 0")
    first = filter_dataset(tiny_dataset, str(tmp_path / "new"), selection, progress=SILENT)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "new").rglob("[!.]*.*")}
    again = filter_dataset(tiny_dataset, str(tmp_path / "new"), selection, progress=SILENT)
    assert (first.copied, first.sealed, first.found) == (1, 1, 0)
    assert (again.copied, again.sealed, again.found) == (0, 0, 2)
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "new").rglob("[!.]*.*")}
    with pytest.raises(InputError, match="there is another data set"):
        filtered(tiny_dataset, tmp_path / "new", "take_index <> 1")
    with DatasetWriter(tmp_path / "new").locked(), pytest.raises(InputError, match="another run writes"):
        filtered(tiny_dataset, tmp_path / "new", "take_index <> 0")


@pytest.mark.parametrize("inner", ["{0}/new", "{0}", "{0}/..", "{0}/../dataset/."])
def test_a_data_set_is_never_written_into_its_source(tiny_dataset: Path, inner: str) -> None:
    with pytest.raises(InputError, match="is in the data set"):
        filtered(tiny_dataset, inner.format(tiny_dataset), "true")


def test_equal_names_are_refused_or_renamed(tiny_dataset: Path, tmp_path: Path) -> None:
    sources = [tiny_dataset, tiny_dataset]
    with pytest.raises(
        InputError, match=r"both have take room_000000, room_000001, room_000002; add --rename"
    ):
        merge_datasets(sources, str(tmp_path / "new"), progress=SILENT)
    done = merge_datasets(sources, str(tmp_path / "new"), progress=SILENT, rename=True)
    assert (done.copied, done.sealed) == (2, 2) and verify_dataset(tmp_path / "new") == []
    merged = open_dataset(tmp_path / "new")
    assert merged.keys == (*TINY_KEYS, *(f"set2-{key}" for key in TINY_KEYS))
    for key in TINY_KEYS:
        old, new = merged.take(key), merged.take(f"set2-{key}")
        assert new.row == replace(old.row, take=new.key)
        assert all(row.take == new.key for row in new.clip_rows)
        for member in old.members:
            if member.kind != "take":
                assert old.content(member.kind, member.camera) == new.content(member.kind, member.camera)
    with pytest.raises(InputError, match="both have take set2-room"):
        merge_datasets(
            [tmp_path / "new", tiny_dataset], str(tmp_path / "again"), progress=SILENT, rename=True
        )


def another_dataset(root: Path, **changes: object) -> Path:
    """An unfinished data set with one take, whose ``dataset.json`` differs."""
    writer = DatasetWriter(root)
    writer.create(
        replace(tiny_info(), **changes), {name: f"# other\n{text}" for name, text in TINY_BATCH_FILES.items()}
    )
    return root


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"fps": 30.0}, "fps is 15 in .* and 30 in"),
        ({"frames": 41}, "frames is 21 in .* and 41 in"),
        ({"width_px": 128}, "width_px is 64 in .* and 128 in"),
        ({"cameras": 4}, "cameras is 3 in .* and 4 in"),
        (
            {"engine": EngineInfo(kind="embedded", look="lit", version="test")},
            "look is embedded fast .* embedded lit",
        ),
        ({"engine": EngineInfo(kind="unreal", look="", version="5")}, "look is embedded fast .* unreal in"),
    ],
)
def test_data_sets_that_do_not_fit_together_are_refused(
    tiny_dataset: Path, tiny_takes: list[FilmedTake], tmp_path: Path, changes: dict, what: str
) -> None:
    other = another_dataset(tmp_path / "other", **changes)
    writer = DatasetWriter(other)
    writer.stage(tiny_takes[0])
    writer.seal(0, TINY_KEYS[:1])
    with pytest.raises(InputError, match=what):
        merge_datasets([tiny_dataset, other], str(tmp_path / "new"), progress=SILENT, rename=True)
    assert not (tmp_path / "new").exists()
    if "engine" in changes:
        options = {"progress": SILENT, "rename": True, "may_mix_looks": True}
        merge_datasets([tiny_dataset, other], str(tmp_path / "new"), **options)
        assert open_dataset(tmp_path / "new").info.engine.look in ("fast, lit", "fast, ")


def test_batches_of_merged_data_sets_are_kept_and_their_rules_audited(
    tiny_takes: list[FilmedTake], tmp_path: Path
) -> None:
    texts = {
        "a": 'takes = 2\n[rig]\npreset = "paper"\n',
        "b": 'takes = 3\n# "quoted" and \'\'\' and """ and \\ signs\n[rig]\npreset = "paper"\n',
        "c": 'takes = 4\n[rig]\npreset = "release"\n',
    }
    for number, (name, text) in enumerate(texts.items()):
        writer = DatasetWriter(tmp_path / name)
        info = replace(tiny_info(), planned_takes=1, batch_sha256=str(number) * 64, counts={})
        writer.create(info, {"batch.toml": text, "catalog.toml": f'[[environments]]\nname = "{name}"\n'})
        writer.stage(tiny_takes[number])
        writer.seal(0, TINY_KEYS[number : number + 1])
    merge_datasets([tmp_path / "a", tmp_path / "b"], str(tmp_path / "ab"), progress=SILENT)
    merge_datasets([tmp_path / "ab", tmp_path / "c"], str(tmp_path / "abc"), progress=SILENT)
    assert verify_dataset(tmp_path / "abc") == []
    entries = parsed_toml((tmp_path / "abc/batch.toml").read_text(), where="batch.toml")["merged"]
    assert {entry["name"]: entry["text"] for entry in entries} == texts
    same, different = clip_source(tmp_path / "ab"), clip_source(tmp_path / "abc")
    assert same.rules == clip_source(tmp_path / "a").rules and same.rules is not None
    assert different.rules is None and "different rules" in different.notes[0]
    assert same.footage is not None and same.footage.scenes().choices["environments"] == ("a", "b")
    ended = CliRunner().invoke(
        app, ["audit", str(tmp_path / "abc"), "--report", str(tmp_path / "audit.html")]
    )
    assert ended.exit_code in (0, 1) and "verdict" in ended.output


def test_shares_keep_groups_together_and_come_near(tiny_dataset: Path, tmp_path: Path) -> None:
    for seed in range(6):
        division = RandomShares(shares={"train": 0.7, "val": 0.3}, together="take_index % 2", seed=seed)
        done = split_dataset(tiny_dataset, str(tmp_path / str(seed)), division, progress=SILENT)
        keys = [set(open_dataset(part.address).keys) for part in done]
        assert keys[0] | keys[1] == set(TINY_KEYS) and {TINY_KEYS[1]} in keys
    with pytest.raises(InputError, match="1 value of environment for 2 parts"):
        split_dataset(
            tiny_dataset, str(tmp_path / "x"), RandomShares(shares={"a": 0.5, "b": 0.5}), progress=SILENT
        )


@pytest.mark.parametrize(
    "text", ["train", "train=1,train=0", "train=x", "", "train=0.5,val=0.4", "a=-1,b=2", "a/b=1"]
)
def test_invalid_shares_are_one_line(tiny_dataset: Path, tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"^--shares: "):
        division = RandomShares(shares=shares_of(text), together="take")
        split_dataset(tiny_dataset, str(tmp_path / "x"), division, progress=SILENT)


@pytest.mark.parametrize(
    "division", [EqualParts(count=4), EqualParts(count=0), PartsByValue(expression="'../x'")]
)
def test_parts_that_cannot_be_made_are_one_line(
    tiny_dataset: Path, tmp_path: Path, division: EqualParts | PartsByValue
) -> None:
    with pytest.raises(InputError, match=r"^--(parts|by): "):
        split_dataset(tiny_dataset, str(tmp_path / "x"), division, progress=SILENT)
    assert not (tmp_path / "x").exists()


def test_the_summary_counts_what_the_files_have(tiny_dataset: Path) -> None:
    summary = dataset_summary(tiny_dataset)
    members = members_of(tiny_dataset)
    videos = sum(len(content) for name, content in members.items() if name.endswith(".mp4"))
    assert (summary.shards, summary.takes, summary.clips) == (2, 3, 9)
    assert summary.member_bytes["video"] == videos
    assert (
        summary.counts["motion"] == {"pan": 3, "arc": 3, "static": 3}
        and summary.counts["passes"]["depth"] == 1
    )
    ended = CliRunner().invoke(app, ["shards", "info", str(tiny_dataset), "--json"])
    assert json.loads(ended.stdout)["info"]["frames"] == 21


def test_tools_work_between_folders_and_storage_of_objects(tiny_dataset: Path, tmp_path: Path) -> None:
    filtered(tiny_dataset, tmp_path / "expected", "take_index <> 0")
    merge_datasets([tiny_dataset], str(tmp_path / "whole"), progress=SILENT)
    with s3_server():
        bucket = f"s3://{BUCKET}/tools"
        merge_datasets([tiny_dataset], f"{bucket}/dataset", progress=SILENT)
        assert objects(f"{bucket}/dataset") == files_of(tmp_path / "whole")
        filtered(tiny_dataset, f"{bucket}/up", "take_index <> 0")
        assert objects(f"{bucket}/up") == files_of(tmp_path / "expected")
        merge_datasets([f"{bucket}/up"], f"{bucket}/there", progress=SILENT)
        merge_datasets([f"{bucket}/up"], str(tmp_path / "down"), progress=SILENT)
        assert objects(f"{bucket}/there") == files_of(tmp_path / "down")
        assert verify_dataset(f"{bucket}/there") == []
        assert dataset_summary(f"{bucket}/there").takes == 2
    assert members_of(tmp_path / "down") == members_of(tmp_path / "expected")


def test_the_command_line_filters_merges_and_splits(tiny_dataset: Path, tmp_path: Path) -> None:
    def run(*words: object) -> str:
        ended = CliRunner().invoke(app, ["shards", *map(str, words)])
        assert ended.exit_code == 0, ended.output
        return ended.stdout

    assert "2 takes in 2 shards" in run(
        "filter", tiny_dataset, "--out", tmp_path / "f", "--where", "take_index > 0"
    )
    assert "resumed: 2" in run("filter", tiny_dataset, "--out", tmp_path / "f", "--where", "take_index > 0")
    run("filter", tiny_dataset, "--out", tmp_path / "g", "--takes", "0")
    assert "3 takes" in run("merge", tmp_path / "f", tmp_path / "g", "--out", tmp_path / "m")
    assert "1 take in 1 shard" in run("split", tmp_path / "m", "--out", tmp_path / "s", "--by", "take_index")
    assert "3 takes of 3 cameras" in run("info", tmp_path / "m")
    ended = CliRunner().invoke(app, ["shards", "split", str(tmp_path / "m"), "--out", str(tmp_path / "s")])
    assert ended.exit_code == 2 and "give exactly one of --parts, --by and --shares" in ended.stderr


def test_links_of_a_store_are_made_once(tmp_path: Path) -> None:
    one, other = FolderStore(tmp_path / "one"), FolderStore(tmp_path / "other")
    for store in (one, other):
        store.prepare(["a"])
    one.write("a/b", b"content")
    for _ in range(2):
        assert other.link(one, "a/b", "a/c")
    assert sorted(path.name for path in (tmp_path / "other/a").iterdir()) == ["c"]


def test_conventions_of_a_merge_hold_for_all_of_it(tmp_path: Path) -> None:
    for number, (scene, options) in enumerate(
        ((SCENES[0], ImportOptions(reencodes=True)), (SCENES[1], ImportOptions()))
    ):
        tree = write_tree(tmp_path / f"tree{number}", [scene])
        import_dataset([str(tree)], out=tmp_path / f"set{number}", options=options)
    merge_datasets([tmp_path / "set0", tmp_path / "set1"], str(tmp_path / "both"), progress=SILENT)
    texts = [open_dataset(tmp_path / name).info.conventions["video"] for name in ("set0", "set1", "both")]
    assert texts[0] != texts[1] == texts[2]
    assert not verify_dataset(tmp_path / "both")
