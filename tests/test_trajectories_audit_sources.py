"""Sources of an audit: files and data sets, in tables of any size, several at once, and compared."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from audit_examples import PAPER, errors, sampled_clips, with_poses, with_row
from conftest import seal_again

from multitake.errors import InputError
from shards import clip_source
from trajectories import CameraPose, ClipSource, ClipTable, clip_table_bytes, read_clips, write_clips
from trajectories.audit import AuditReport, audit, audit_clips, file_source
from trajectories.audit.accumulator import Accumulator
from trajectories.audit.proposals import Proposals
from trajectories.formats import read_trajectories, write_trajectories
from trajectories.sampling import PRESETS, Limits, Rules, Shot, sample_table

# The slots of the tiny data set.
RULES = replace(PAPER, slots=("pan", "arc", "static"))
OWN_RULES = '[rig]\nslots = ["pan", "arc", "static"]\n'


def source(path: Path, rules: Rules = RULES) -> ClipSource:
    """A clip table as a source with these rules."""
    return replace(file_source(path), rules=rules)


def written(path: Path, table: ClipTable) -> Path:
    path.parent.mkdir(exist_ok=True)
    write_clips(path, table)
    return path


@pytest.fixture(scope="module")
def clips() -> ClipTable:
    return sampled_clips(6, rules=RULES)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return tmp_path / "out" / "audit.html"


# ---------------------------------------------------------------- tables of any size
def test_a_large_file_is_read_in_parts_with_complete_takes(tmp_path: Path):
    path = tmp_path / "clips.parquet"
    rules = replace(PAPER, slots=("static",) * 7)
    sample_table(rules, path, rigs=450, seed=4, shot=Shot(frames=1))
    parts = list(file_source(path).tables)
    assert len(parts) > 1
    takes = [set(part["take"].tolist()) for part in parts]
    assert sum(map(len, takes)) == len(set().union(*takes)) == 450
    assert clip_table_bytes(ClipTable.concatenated(parts)) == clip_table_bytes(read_clips(path))


def test_the_report_does_not_depend_on_the_tables(clips: ClipTable):
    # Copied and improper rigs are found in any table.
    copy = clips.rows(slice(0, 3)).replaced(take="copy")
    broken = with_poses(clips, 7, -clips.poses.world_from_camera[7])
    table = ClipTable.concatenated([broken, copy])
    reports = []
    for ends in ([21], [3, 12, 21], [6, 9, 18, 21]):
        accumulator = Accumulator(name="clips", rules=RULES)
        for first, end in zip([0, *ends], ends, strict=False):
            accumulator.add(table.rows(slice(first, end)))
        reports.append(accumulator.report())
    assert reports[0].errors == {"improper_pose": 1, "duplicate_rig": 1}
    assert reports[0].recovered.clips == {"static": 7, "pan": 7, "arc": 6}
    # The moves of the first table are listed one by one; sums of floats have rounding errors.
    plain = [
        json.loads(
            replace(report, recovered=replace(report.recovered, moves=())).to_json(),
            parse_float=lambda text: f"{float(text):.9g}",
        )
        for report in reports
    ]
    assert plain[0] == plain[1] == plain[2]


@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)])
def test_subjects_are_those_of_the_table_only_if_all_tables_state_them(clips: ClipTable, order: slice):
    stated, bare = clips.rows(slice(0, 9)), clips.rows(slice(9, 18))
    tables = [stated, ClipTable.of(bare.poses, take=bare["take"], camera=bare["camera"])]
    accumulator = Accumulator(name="clips", rules=None)
    for table in tables[order]:
        accumulator.add(table)
    report = accumulator.report()
    assert not report.source.states_moves
    assert report.recovered.subject_from == "optical axes"


def test_the_report_of_a_file_is_that_of_its_table(tmp_path: Path, page: Path, clips: ClipTable):
    path = written(tmp_path / "clips.parquet", clips)
    report = audit([source(path)], page=page)
    assert report == audit_clips(read_clips(path), RULES, name=str(path))
    assert page.with_suffix(".json").read_text() == report.to_json()
    assert 'data-verdict="pass"' in page.read_text("utf-8")
    assert report.is_ok


def test_an_improper_pose_in_a_file_is_an_error_of_the_report(tmp_path: Path, page: Path, clips: ClipTable):
    mirrored = clips.poses.world_from_camera[4].copy()
    mirrored[5, :, 1] *= -1
    path = written(tmp_path / "clips.parquet", with_poses(clips, 4, mirrored))
    assert errors(audit([source(path)], page=page)) == {("improper_pose", "street_000001/cam02")}


@pytest.mark.parametrize("improper", [[4], [3, 4, 5], list(range(18))])
def test_improper_poses_without_stated_moves_are_errors_of_the_report(clips: ClipTable, improper: list[int]):
    poses = clips.poses.world_from_camera.copy()
    poses[improper] = np.nan
    unknown = replace(clips, poses=CameraPose(poses)).replaced(motion="unknown", speed_class="unknown")
    report = audit_clips(unknown, None)
    assert errors(report) == {("improper_pose", clips.name(index)) for index in improper}
    # The other clips are recovered as they would be without them.
    proper = unknown.rows(np.setdiff1d(np.arange(len(clips)), improper))
    expected = audit_clips(proper, None).recovered
    assert (report.recovered.clips, report.recovered.moves) == (expected.clips, expected.moves)
    assert report.motions.get("unknown", (0, 0)) == (len(improper), 0)


def test_takes_that_are_not_contiguous_in_a_file_are_grouped(tmp_path: Path, page: Path, clips: ClipTable):
    by_camera = clips.rows(np.argsort(clips["camera"], kind="stable"))
    path = written(tmp_path / "clips.parquet", by_camera)
    assert audit([source(path)], page=page) == audit_clips(clips, RULES, name=str(path))


# ---------------------------------------------------------------- data sets
@pytest.fixture
def dataset(tmp_path: Path, tiny_dataset: Path) -> Path:
    """A copy of the tiny data set, with its rules."""
    copy = tmp_path / "dataset"
    shutil.copytree(tiny_dataset, copy)
    (copy / "batch.toml").write_text(OWN_RULES)
    seal_again(copy, 0)
    return copy


def test_a_data_set_is_checked_against_its_own_rules(dataset: Path, page: Path):
    report = audit([clip_source(dataset)], page=page)
    assert report.is_ok
    assert report.checked_against == "paper, changed: slots"
    assert (report.counts["takes"], report.counts["clips"]) == (3, 9)
    strict = audit([clip_source(dataset)], page=page, rules=replace(RULES, arc_deg=(5.0, 6.0)))
    assert set(strict.errors) == {"amplitude_out_of_bounds"}
    assert strict.lines()[-1].startswith("verdict: fail, based on ")
    assert json.loads(page.with_suffix(".json").read_text())["verdict"] == "fail"


def test_a_data_set_without_rules_is_checked_against_the_preset_paper(dataset: Path, page: Path):
    (dataset / "batch.toml").unlink()
    report = audit([clip_source(dataset)], page=page)
    assert report.checked_against == "paper"
    note = "batch.toml with the rules is missing: checked against the preset paper"
    assert f"note: rules_assumed: {note}" in report.lines()
    assert note in page.read_text("utf-8")
    given = audit([clip_source(dataset)], page=page, rules=RULES)
    assert given.is_ok
    assert not any("batch.toml" in line for line in given.lines())


def test_a_clip_table_is_checked_against_the_preset_paper(tmp_path: Path):
    path = written(tmp_path / "clips.parquet", sampled_clips(1))
    assert file_source(path).rules == PAPER


def test_files_without_stated_moves_have_no_rules(tmp_path: Path, clips: ClipTable):
    path = written(tmp_path / "clips.parquet", clips)
    for name in ("foreign.npz", "foreign.parquet"):
        write_trajectories(tmp_path / name, read_trajectories(path))
        assert file_source(tmp_path / name).rules is None


# ---------------------------------------------------------------- several sources
def test_several_sources_are_one_set(tmp_path: Path, page: Path, clips: ClipTable):
    """Takes of the same name remain different: each has the name of its source before its own."""
    first = written(tmp_path / "a.parquet", clips)
    other = sampled_clips(2, rules=RULES, seed=9, split="validation")
    second = written(tmp_path / "b.parquet", other)
    report = audit([source(first), source(second)], page=page)
    assert report.errors == {}
    assert report.source.rigs == 8
    assert report.source.splits == {"train": 18, "validation": 6}
    assert report.source.name == f"{first}, {second}"


def test_sources_of_one_name_have_their_path_before_each_take(tmp_path: Path, page: Path, clips: ClipTable):
    first = written(tmp_path / "a.parquet", clips)
    copy = written(tmp_path / "more" / "a.parquet", clips.rows(slice(0, 6)))
    report = audit([source(first), source(copy)], page=page)
    assert errors(report) == {("duplicate_rig", f"{copy}:street_00000{rig}") for rig in range(2)}


def test_one_source_twice_has_its_takes_twice(tmp_path: Path, page: Path, clips: ClipTable):
    path = written(tmp_path / "a.parquet", clips.rows(slice(0, 6)))
    assert audit([source(path), source(path)], page=page).errors["repeated_take"] == 2


def test_a_leak_between_the_splits_of_two_files_is_named(tmp_path: Path, page: Path, clips: ClipTable):
    first = written(tmp_path / "a.parquet", clips)
    copy = clips.rows(slice(6, 9)).replaced(take="other", split="validation")
    second = written(tmp_path / "b.parquet", copy)
    report = audit([source(first), source(second)], page=page)
    assert errors(report) == {("split_leak", "b.parquet:other")}
    assert report.redundancy is not None
    assert {clip.partition("/")[0] for clip, _, _ in report.redundancy.leaked_pairs} == {
        "a.parquet:street_000002"
    }
    assert any(line.startswith("split_leak: 1 error, first b.parquet:other") for line in report.lines())


def test_a_comparison_is_in_the_report(tmp_path: Path, page: Path, clips: ClipTable):
    first = written(tmp_path / "a.parquet", clips)
    second = written(tmp_path / "b.parquet", sampled_clips(6, rules=PRESETS["toy"]))
    report = audit([source(first)], page=page, against=file_source(second))
    assert report.verdict == "pass"
    assert report.comparison is not None
    assert (report.comparison.name_a, report.comparison.name_b) == (str(first), str(second))
    assert report.comparison.clips_a == 12
    plain = json.loads(page.with_suffix(".json").read_text())
    assert plain["comparison"]["mmd_p"] == report.comparison.mmd_p
    assert 'id="comparison"' in page.read_text("utf-8")


# ---------------------------------------------------------------- paths that were sampled again
@pytest.fixture(scope="module")
def rejected(tmp_path_factory: pytest.TempPathFactory):
    """The audit of rigs from rejection sampling, its page, and what the sampler counted."""
    folder = tmp_path_factory.mktemp("rejected")
    limits = Limits(reject=("aim_out_of_image", "too_close"), warn=("below_ground",), attempts=3)
    rules = replace(PAPER, slots=("pan", "translation", "static"), validity=limits)
    path = folder / "clips.parquet"
    acceptance = sample_table(rules, path, rigs=60, seed=1, shot=Shot(frames=9))
    report = audit([source(path, rules)], page=folder / "audit.html")
    return acceptance, report, read_clips(path), rules


def test_proposals_in_the_report_are_those_of_the_sampler(rejected):
    acceptance, report, _, rules = rejected
    expected = {
        motion: Proposals(
            proposed=acceptance.proposed[motion],
            accepted=acceptance.accepted[motion],
            rejected_for={
                reason: n for (kind, reason), n in sorted(acceptance.rejected.items()) if kind == motion and n
            },
        )
        for motion in sorted(set(rules.slots))
    }
    assert report.proposals == expected
    assert json.loads(report.to_json())["proposals"]["pan"]["rejected_for"] == expected["pan"].rejected_for
    # Some paths were rejected, and after the last attempt some were kept although they are invalid.
    pans = expected["pan"]
    assert pans.proposed > 60 > pans.accepted > 0
    assert "aim_out_of_image" in pans.rejected_for


def test_proposals_agree_with_the_clips(rejected):
    _, report, clips, rules = rejected
    for motion, found in report.proposals.items():
        rows = clips.rows(clips["motion"] == motion)
        is_kept_invalid = [bool(set(flags) & set(rules.validity.reject)) for flags in rows["flags"]]
        assert found.proposed == rows["proposals"].sum()
        assert found.accepted == len(rows) - sum(is_kept_invalid)
        assert sum(found.rejected_for.values()) == sum(map(len, rows["rejected_for"]))
        assert found.accepted <= len(rows) <= found.proposed
    assert report.sampled_again == (clips["attempt"] > 0).sum()


def test_without_rejection_every_path_is_accepted(clips: ClipTable):
    report = audit_clips(with_row(clips, 0, flags=("below_ground",)), RULES)
    assert report.proposals == {
        motion: Proposals(proposed=6, accepted=6, rejected_for={}) for motion in ("arc", "pan", "static")
    }


# ---------------------------------------------------------------- invalid input
def test_sources_that_cannot_be_read_are_refused(tmp_path: Path):
    with pytest.raises(InputError, match="known"):
        file_source(tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        file_source(tmp_path / "absent.parquet")
    (tmp_path / "text.parquet").write_text("text")
    with pytest.raises(InputError, match="not a readable clip table"):
        file_source(tmp_path / "text.parquet")
    with pytest.raises(InputError, match="not a data set"):
        clip_source(tmp_path)


def test_sources_that_do_not_fit_together_are_refused(tmp_path: Path, page: Path, clips: ClipTable):
    path = written(tmp_path / "clips.parquet", clips)
    with pytest.raises(InputError, match="no source"):
        audit([], page=page)
    with pytest.raises(InputError, match="sources have different rules"):
        audit([source(path), file_source(path)], page=page)
    tables = [sampled_clips(1, frames=frames) for frames in (5, 9)]
    with pytest.raises(InputError, match=r"clips of different lengths \(5, 9 frames\)"):
        audit([ClipSource(name="set", where="set", tables=tables)], page=page)
    assert not page.exists()


@pytest.mark.parametrize(
    ("name", "what"),
    [
        (".", "is a folder"),
        ("clips.parquet", "would overwrite its source"),
        ("audit.json", "the JSON file would replace the page"),
        ("clips.parquet/audit.html", "cannot be written"),
    ],
)
def test_pages_that_cannot_be_written_are_refused(tmp_path: Path, clips: ClipTable, name: str, what: str):
    path = written(tmp_path / "clips.parquet", clips.rows(slice(0, 3)))
    content = path.read_bytes()
    with pytest.raises(InputError, match=what):
        audit([source(path)], page=tmp_path / name)
    assert path.read_bytes() == content


def test_a_page_next_to_a_json_source_is_refused(tmp_path: Path):
    walk = ClipSource(name="walk.json", where=str(tmp_path / "walk.json"), tables=[])
    with pytest.raises(InputError, match="would overwrite its source"):
        audit([walk], page=tmp_path / "walk.html")


def test_a_source_without_clips_gives_an_empty_report(page: Path):
    empty = ClipTable.of(CameraPose(np.zeros((0, 9, 3, 4))))
    report: AuditReport = audit([ClipSource(name="none", where="none", tables=[empty])], page=page)
    assert report.counts["clips"] == 0
    assert report.verdict == "no rules"
