"""The audit page: one file without outside references, which a real browser draws, rotates and searches."""

import base64
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import fields, replace
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from audit_examples import PAPER, sampled_clips, with_row
from html_tree import Element, tree_of
from scipy.spatial.transform import Rotation

from multitake.errors import InputError
from trajectories import MOTIONS, CameraPose, ClipTable, read_clips
from trajectories.audit import (
    AuditReport,
    Comparison,
    FeatureGap,
    FitTest,
    PairStatistics,
    Recovered,
    Redundancy,
    audit_clips,
    write_audit_page,
)
from trajectories.audit.accumulator import Accumulator
from trajectories.audit.page.svg import motion_colour
from trajectories.sampling import Limits, Shot, sample_table

_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
HOSTILE = "</script><script>document.title='owned'</script><!--<b>\"'&amp;{{ 7 * 7 }}"
needs_browser = pytest.mark.skipif(_CHROMIUM is None, reason="no chromium")


@cache
def six_rigs() -> ClipTable:
    return sampled_clips(6)


@cache
def six_rigs_report() -> AuditReport:
    return audit_clips(six_rigs(), PAPER)


def with_faults(table: ClipTable) -> ClipTable:
    """An amplitude out of bounds, a mirrored pose, another first pose, a missing camera, a flag."""
    table = with_row(with_row(table, 10, angle_deg=80.0), 55, flags=("below_ground",))
    poses = table.poses.world_from_camera.copy()
    poses[21, 4, :, 0] *= -1
    poses[38, 0, 0, 3] += 0.5
    return replace(table, poses=CameraPose(poses)).rows(np.arange(60) != 49)


def fit_test(
    name: str, verdict: Any, *, effect: float = 0.008, q: float = 0.4, inferred: bool = False
) -> FitTest:
    return FitTest(
        name=name,
        question=f"Does {name} follow its distribution?",
        motion=None,
        n=4321,
        unit="rig",
        method="KS",
        statistic=effect,
        p=q / 2,
        q=q,
        effect=effect,
        effect_name="D",
        largest_effect_allowed=0.02,
        detectable_effect=0.0176,
        verdict=verdict,
        inferred=inferred,
    )


def filled(report: AuditReport, *tests: FitTest, text: str = "other set") -> AuditReport:
    """The report with every optional part, as that of a large set that is compared with another."""
    shape = next(feature for feature in report.features if feature.rule_cdf is None)
    names = ("relative_rotation_deg", "baseline_over_distance", "baseline_angle_deg")
    last = {name: replace(shape, name=name, title=name, motion=None) for name in names}
    pairs = PairStatistics(
        n_rigs=7,
        frames=(0, 10, 20),
        overlap_mean=(1.0, 0.7, 0.4),
        overlap_quantiles=((1.0,) * 5, (0.3, 0.5, 0.7, 0.8, 0.9), (0.1, 0.2, 0.4, 0.6, 0.8)),
        subject_seen_by_both=(1.0, 0.8, 0.6),
        **last,
    )
    redundancy = Redundancy(
        n=40,
        distinct_trajectories=39,
        near_duplicates=(("street_000000/cam01", "street_000001/cam01", 0.004),),
        near_duplicate_share=0.05,
        nearest_neighbour=(0.2, 0.4, 0.6, 0.9, 1.7),
        leaked_pairs=(("street_000000/cam02", f"{text}/cam02", 0.003),),
        leaked_clips=1,
    )
    gaps = [
        ("pan_deg", "Pan", "deg", 12.5, 31.0, 15.25),
        ("start_radius_m", "Distance", "m", 0.375, 5.2, 5.1),
    ]
    keys = [field.name for field in fields(FeatureGap)]
    comparison = Comparison(
        name_a="/some/where/paper set",
        name_b=text,
        clips_a=60,
        clips_b=40,
        features=tuple(FeatureGap(**dict(zip(keys, gap, strict=True))) for gap in gaps),
        sliced_wasserstein=0.41,
        mmd=0.063,
        mmd_p=0.005,
        coverage=0.93,
        density=0.5,
        neighbours=5,
        seed=0,
    )
    recovered = Recovered(
        clips={"pan": 6, "arc_chord": 2},
        confusion=(("pan", "pan", 6), ("arc", "arc_chord", 1), ("arc", "random", 1)),
        agreement=0.875,
        speed_a_error=(-0.1, -0.01, 0.0, 0.01, 0.1),
        subject_gap_m=(0.0, 0.001, 0.002, 0.003, 0.004),
        subject_from="table",
        time_base="release",
        internal_frames=161.0,
        why="Because of the last step.",
        arc_path="chord",
        spline="unreal_keys",
        targets={"fixed": 8, "moving": 0, "unknown": 0},
        track_target="start",
        moves=(),
    )
    return replace(
        report,
        tests=tests,
        questions=len(tests),
        pairs=pairs,
        redundancy=redundancy,
        comparison=comparison,
        recovered=recovered,
        flags={"below_ground": 5},
        sampled_again=1,
        method={"fit": "A shared start counts once."},
    )


def written(path: Path, table: ClipTable, report: AuditReport) -> str:
    write_audit_page(path, report, table)
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    return path.read_text("utf-8")


def page_of(path: Path, table: ClipTable, report: AuditReport) -> Element:
    return tree_of(written(path, table, report))


def browser_of(page: Element) -> dict[str, Any]:
    """The content of the rig browser."""
    (content,) = page.one("script", id="rigs").children
    return json.loads(str(content))


def chip(page: Element, name: str) -> tuple[str | None, str]:
    """The state and the text of one part of the verdict."""
    part = page.one("li", data_check=name)
    return part.attributes["class"], part.text


def figure(page: Element, name: str) -> Element:
    return page.one("figure", data_feature=name)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.html"


EMPTY = ClipTable.of(CameraPose(np.zeros((0, 9, 3, 4))))
TESTS = (
    fit_test("start_radius", "pass", inferred=True),
    fit_test("start_elevation", "fail", effect=0.13, q=1e-9),
    fit_test("speed_a", "too few", effect=float("nan"), q=float("nan")),
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Element]:
    """Pages that several tests read: rigs without errors, faults, a filled report, and no clips."""

    @cache
    def page(kind: str) -> Element:
        tables = {"faults": with_faults(six_rigs()), "empty": EMPTY}
        table = tables.get(kind, six_rigs())
        report = audit_clips(table, PAPER) if kind in tables else six_rigs_report()
        report = filled(report, *TESTS) if kind == "filled" else report
        return page_of(tmp_path_factory.mktemp(kind) / "audit.html", table, report)

    return page


# ---------------------------------------------------------------- the file
@pytest.mark.parametrize(("rigs", "frames"), [(1, 1), (1, 2), (3, 21), (2, 1000)])
def test_the_page_is_one_small_file_without_outside_references(path: Path, rigs: int, frames: int):
    table = sampled_clips(rigs, frames=frames)
    html = written(path, table, audit_clips(table, PAPER))
    assert len(html.encode()) < 1.5e6
    assert not re.search(r"""(src|action|poster|data)\s*=\s*["']|url\((?!#)|@import|https?://""", html)
    assert "default-src 'none'" in html
    page = tree_of(html)
    assert all((link.attributes["href"] or "").startswith("#") for link in page.all("a"))
    assert not {"link", "img", "iframe", "object"} & {element.tag for element in page}
    assert not re.search(r"\bnan\b|\bNone\b|\binf\b|{{|{%", page.text)


@pytest.mark.parametrize("kind", ["sound", "faults", "filled", "empty"])
def test_every_link_leads_to_a_place_on_the_page(pages: Callable[[str], Element], kind: str):
    page = pages(kind)
    ids = [element.attributes["id"] for element in page if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    takes = {rig["take"] for rig in browser_of(page)["rigs"]}
    for link in page.all("a"):
        target = (link.attributes["href"] or "").removeprefix("#")
        rig = re.fullmatch(r"rig=(\w+)(&cam=cam\d\d)?", target)
        assert rig[1] in takes if rig else target in ids, target


@pytest.mark.parametrize(
    ("kind", "verdict"), [("sound", "pass"), ("faults", "fail"), ("filled", "fail"), ("empty", "pass")]
)
def test_the_verdict_is_at_the_top_and_in_the_title(pages: Callable[[str], Element], kind: str, verdict: str):
    page = pages(kind)
    assert page.one("header").attributes["data-verdict"] == verdict
    assert page.one("head").one("title").text == f"Camera audit: {verdict}"
    assert page.one("div", **{"class": f"verdict {verdict}"}).text == verdict.upper()


def test_the_page_states_how_many_rigs_fit(path: Path):
    rules = replace(PAPER, slots=("static",) * 40)
    table = sampled_clips(15, rules=rules, frames=121)
    accumulator = Accumulator(name="clips", rules=rules, depth="fit")
    accumulator.add(table)
    html = written(path, table, accumulator.report())
    assert 0.9e6 < len(html.encode()) < 1.5e6
    page = tree_of(html)
    shown = len(browser_of(page)["rigs"])
    assert 10 <= shown < 15
    assert f"{shown} of 15 rigs: those with errors and those linked" in page.one("section", id="browser").text


def test_some_of_the_clips_are_shown_as_such(path: Path):
    page = page_of(path, six_rigs().rows(slice(0, 20)), six_rigs_report())
    assert "2 of 6 rigs:" in page.one("h2", id="rigs-heading").text
    assert "20 of 60 clips" in page.one("h2", id="image").text


def test_embedded_poses_are_those_of_the_table(pages: Callable[[str], Element]):
    table, page = six_rigs(), browser_of(pages("sound"))
    assert len(page["rigs"]) == 6
    for rig in page["rigs"]:
        clips = table.rows(table["take"] == rig["take"])
        numbers = np.frombuffer(base64.b64decode(rig["poses"]), "<i2").reshape(10, 21, 6)
        position_m = numbers[..., :3] * rig["metres_per_step"] + np.array(rig["subject_m"])
        rotation = Rotation.from_rotvec(numbers[..., 3:].reshape(-1, 3) * np.pi / 32767).as_matrix()
        assert np.abs(position_m - clips.poses.position_m).max() < 1e-3
        assert np.abs(rotation.reshape(10, 21, 3, 3) - clips.poses.rotation).max() < 2e-4
        assert [camera["motion"] for camera in rig["cameras"]] == clips["motion"].tolist()


def test_takes_that_are_not_contiguous_are_grouped(pages: Callable[[str], Element], path: Path):
    by_camera = six_rigs().rows(np.argsort(six_rigs()["camera"], kind="stable"))
    assert page_of(path, by_camera, six_rigs_report()) == pages("sound")


def test_every_chart_states_n_and_its_unit(pages: Callable[[str], Element]):
    page = pages("filled")
    charts = {one.attributes["data-feature"]: one for one in page.all("figure")}
    assert len(charts) == len(page.all("figure")) > 15
    for name, chart in charts.items():
        (n,) = chart.all("span", **{"class": "n"})
        assert re.fullmatch(r"n = [\d,]+ [\w ]+", n.text), name
    assert {feature.name for feature in six_rigs_report().features} <= set(charts)
    assert {"start_above", "subject_map", "in_image", "pair_overlap", "gaps", "flags", "slots"} <= set(charts)


def test_every_motion_has_another_colour():
    assert len({motion_colour(name) for name in MOTIONS}) == len(MOTIONS)
    assert motion_colour("arc_chord") == motion_colour("arc") != motion_colour("unheard_of")


# ---------------------------------------------------------------- the verdict and the findings
def test_planted_errors_are_on_the_page(pages: Callable[[str], Element]):
    page = pages("faults")
    for code, where in [
        ("amplitude_out_of_bounds", "street_000001/cam01"),
        ("improper_pose", "street_000002/cam02"),
        ("first_pose_differs", "street_000003/cam09"),
        ("missing_camera", "street_000004"),
    ]:
        group = page.one("details", data_code=code)
        assert "open" in group.attributes
        assert where in [link.text for link in group.all("a")]
    for name in ("bounds", "slots", "columns", "rotations"):
        assert chip(page, name)[0] == "bad"
    assert chip(page, "validity") == ("note", "validity 1 flag")
    assert chip(page, "leaks") == ("good", "leaks 0")
    # Rigs with errors are first in the browser.
    assert [rig["take"] for rig in browser_of(page)["rigs"][:4]] == [f"street_{i:06d}" for i in (1, 2, 3, 4)]


def test_many_findings_are_folded_and_counted(path: Path):
    table = six_rigs().replaced(f_number=16.0)
    page = page_of(path, table, audit_clips(table, PAPER))
    group = page.one("details", data_code="setting_differs")
    assert "open" not in group.attributes
    assert group.text.startswith("60 errors setting_differs")
    assert len(group.all("tr")) == 30
    assert "30 more; the JSON report has" in group.text


def test_a_failed_fit_test_fails_the_page(pages: Callable[[str], Element]):
    page = pages("filled")
    assert chip(page, "fit") == ("bad", "fit 1 of 3 fail, 1 too few")
    assert "1 fit test passed, 1 failed, 1 too few" in page.one("header").text
    rows = {row.all("b")[0].text: row for row in page.one("table", **{"class": "tests"}).all("tr")[1:]}
    assert list(rows) == [test.name for test in TESTS]
    marks = {name: row.one("span", data_test=name).attributes["class"] for name, row in rows.items()}
    assert list(marks.values()) == ["verdict-pass", "verdict-fail", "verdict-too-few"]
    assert "< 0.0001" in rows["start_elevation"].text
    assert "4,321 rigs" in rows["start_radius"].text and "0.0176" in rows["start_radius"].text
    assert [name for name, row in rows.items() if "inferred" in row.text.split()] == ["start_radius"]
    assert "D 0.13, allowed 0.02, 4,321 rigs." in page.one("div", id="findings").text


def test_few_values_are_neither_passed_nor_failed(path: Path):
    tests = (fit_test("start_radius", "pass"), replace(TESTS[-1], detectable_effect=1.0))
    page = page_of(path, six_rigs(), filled(six_rigs_report(), *tests))
    assert chip(page, "fit") == ("note", "fit 1 pass, 1 too few")
    assert "1 fit test passed, 1 too few" in page.one("header").text
    smallest = [
        row.all("td", **{"class": "num"})[-1].text
        for row in page.one("table", **{"class": "tests"}).all("tr")[1:]
    ]
    assert smallest == ["0.0176", "none"]


def test_changed_rules_are_named(path: Path):
    table = six_rigs().rows(slice(0, 10))
    report = audit_clips(table, replace(PAPER, radius_m=(0.5, 11.0), waypoints=(1, 2)))
    page = page_of(path, table, report)
    assert "rules: paper, changed: radius_m, waypoints" in page.one("header").text
    assert "rules paper, changed: radius_m, waypoints" in report.lines()[0]
    assert six_rigs_report().checked_against == "paper"


# ---------------------------------------------------------------- the other sections
def test_comparison_redundancy_and_recovered_moves_are_on_the_page(pages: Callable[[str], Element]):
    page, bare = pages("filled"), pages("sound")
    assert "paper set with other set" in page.one("h2", id="comparison").text
    assert "/some/where" not in page.text
    assert "93.0% of other set is covered by paper set (k = 5)" in page.text
    assert "39 of 40 trajectories are distinct (97.5%)" in page.one("section", id="redundancy").text
    assert "leak street_000000/cam02 other set/cam02 0.30%" in page.one("section", id="redundancy").text
    recovered = page.one("section", id="recovered").text
    assert "release, f = 161" in recovered and "87.50% of clips" in recovered
    assert "A shared start counts once." in page.text
    assert not bare.all("h2", id="comparison")
    assert "Comparison" in page.one("nav").text and "Comparison" not in bare.one("nav").text


def test_bars_of_a_comparison_are_shares_of_the_first_sets_range(pages: Callable[[str], Element]):
    gaps, features = figure(pages("filled"), "gaps"), six_rigs_report().features
    assert "median 31 → 15.2" in gaps.text and "12.5 deg" in gaps.text
    widths = [float(bar.attributes["width"] or 0) for bar in gaps.all("rect")]
    spread = {feature.name: feature.quantiles[3] - feature.quantiles[1] for feature in features}
    shares = [12.5 / spread["pan_deg"], 0.375 / spread["start_radius_m"]]
    assert widths[0] / widths[1] == pytest.approx(shares[0] / shares[1], rel=0.05)


def test_accepted_and_proposed_paths_are_on_the_page(tmp_path: Path, path: Path):
    limits = Limits(reject=("aim_out_of_image",), attempts=3)
    rules = replace(PAPER, slots=("pan", "translation", "static"), validity=limits)
    clips = tmp_path / "clips.parquet"
    sample_table(rules, clips, rigs=40, seed=1, shot=Shot(frames=9))
    table = read_clips(clips)
    clips.unlink()
    report = audit_clips(table, rules)
    page = page_of(path, table, report)
    chart = figure(page, "proposals")
    texts, bars = [one.text for one in chart.all("text")], iter(chart.all("rect"))
    proposed = sum(one.proposed for one in report.proposals.values())
    assert f"n = {proposed} proposed paths" in chart.text
    for motion, found in report.proposals.items():
        place = texts.index(motion)
        assert texts[place + 1] == f"{found.accepted / found.proposed:.0%} of {found.proposed}"
        widths = [float(next(bars).attributes["width"] or 0) for _ in range(2)]
        assert widths[1] / widths[0] == pytest.approx(found.accepted / found.proposed, rel=0.02)
    assert report.proposals["pan"].accepted < 40 < report.proposals["pan"].proposed
    rejected = figure(page, "rejected_for")
    count = sum(one.rejected_for.get("aim_out_of_image", 0) for one in report.proposals.values())
    assert [one.text for one in rejected.all("text")] == ["aim out of image", str(count)]
    assert f"n = {count} reasons" in rejected.text


def test_a_page_without_flagged_clips_and_rejected_paths_states_so(pages: Callable[[str], Element]):
    page = pages("sound")
    assert not page.all("figure", data_feature="proposals") + page.all("figure", data_feature="flags")
    assert "No clip has a flag." in page.text and "No path was rejected." in page.text


def test_clips_that_were_kept_and_paths_that_were_rejected_are_apart(pages: Callable[[str], Element]):
    page = pages("filled")
    assert [one.text for one in figure(page, "flags").all("text")] == ["below ground", "5"]
    assert "1 clip of 60: the first path was rejected." in page.text
    flagged = pages("faults").one("ul", **{"class": "shots"})
    assert "street_000005/cam06" in [link.text for link in flagged.all("a")]
    assert "comes too close to the ground" in flagged.text


def test_the_page_links_the_worst_clips(pages: Callable[[str], Element]):
    page = pages("sound")
    for ranking in six_rigs_report().worst:
        rows = page.one("section", id=ranking.name).all("tr")[1:]
        assert [row.one("a").text for row in rows] == [clip.name for clip in ranking.clips]


# ---------------------------------------------------------------- the worst clips
def test_the_worst_clips_are_those_of_all_clips():
    # More rigs than are kept for the page, in tables of 70.
    rules = replace(PAPER, slots=("arc", "translation"))
    table = sampled_clips(700, rules=rules, frames=3)
    table = table.replaced(flags=[("too_close",) if row % 3 < 2 else () for row in range(len(table))])
    reports = []
    for rigs in (70, 700):
        accumulator = Accumulator(name="clips", rules=rules)
        for first in range(0, len(table), 2 * rigs):
            accumulator.add(table.rows(slice(first, first + 2 * rigs)))
        reports.append(accumulator.report())
    report = reports[0]
    assert (report.worst, report.flagged) == (reports[1].worst, reports[1].flagged)
    steps_m = np.linalg.norm(np.diff(table.poses.position_m, axis=1), axis=-1)
    distance_m = np.linalg.norm(table.poses.position_m - table["subject_m"][:, None], axis=-1).min(axis=1)
    worst = {one.name: [clip.name for clip in one.clips] for one in report.worst}
    for name, ranks in (("fastest", -steps_m.max(axis=1) * 15), ("closest", distance_m)):
        assert worst[name] == [table.name(i) for i in np.argsort(ranks, kind="stable")[:8]]
    peak = next(feature for feature in report.features if feature.name == "peak_speed_m_per_s")
    assert report.worst[0].clips[0].value == pytest.approx(peak.quantiles[-1])
    near = [table.name(i) for i in np.argsort(distance_m, kind="stable") if i % 3 < 2]
    one_per_take = {name.split("/")[0]: name for name in reversed(near)}
    assert report.flagged == {"too_close": tuple(n for n in near if n in one_per_take.values())[:3]}
    # The page gets their rigs.
    shown = set(accumulator.shown.table()["take"].tolist())
    assert len(shown) < 700
    assert {
        clip.split("/")[0] for clips in (*worst.values(), *report.flagged.values()) for clip in clips
    } <= shown


def test_clips_without_a_proper_pose_have_a_page(path: Path):
    broken = replace(six_rigs(), poses=CameraPose(np.full((60, 2, 3, 4), np.nan)))
    broken = broken.replaced(frames=2, focus_distance_m=None, focal_path_mm=None)
    page = page_of(path, broken, audit_clips(broken, PAPER))
    assert chip(page, "rotations") == ("bad", "rotations 60 not proper")
    assert browser_of(page)["rigs"] == []


def test_unknown_values_are_left_out(path: Path):
    unknown = float("nan")
    table = six_rigs().replaced(
        **dict.fromkeys(("fx_px", "fy_px", "cx_px", "cy_px", "focal_length_mm", "f_number", "fps"), unknown),
        width_px=0,
        height_px=0,
        subject_m=(unknown,) * 3,
    )
    page = page_of(path, table, audit_clips(table, None))
    assert "no rules" in page.one("header").text and "lens unknown" in figure(page, "lenses").text
    assert page.one("div", **{"class": "verdict none"}).text == "NO RULES"
    for name in ("subject_map", "in_image", "start_above", "pair_overlap"):
        assert not page.all("figure", data_feature=name)
    assert not any(rig["is_placed"] for rig in browser_of(page)["rigs"])
    assert not re.search(r"\bnan\b", page.text)


@pytest.mark.parametrize("place", [".", "file/audit.html", "file"])
def test_a_page_that_cannot_be_written_is_refused(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").mkdir() if place == "file" else (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"is a folder|cannot be written"):
        write_audit_page(Path(place), six_rigs_report(), six_rigs())


# ---------------------------------------------------------------- names from files
def named_by(text: str) -> tuple[ClipTable, AuditReport]:
    """Two rigs with ``text`` in every name that a file can contain, and their report."""
    table = six_rigs().rows(slice(0, 20))
    plain = text.replace("/", "")
    table = table.replaced(
        take=np.char.add(table["take"], text),
        camera=np.where(table["camera"] == "cam03", f"cam03{plain}", table["camera"]),
        motion=np.where(table["camera"] == "cam04", f"swirl{plain}", table["motion"]),
        split=f"train{text}",
        layout=f"shared{text}",
        flags=[(f"below{text}",)] * 20,
        rejected_for=[(f"far{text}",)] * 20,
        proposals=2,
    )
    report = audit_clips(table, replace(PAPER, name=f"mine{text}"), name=f"clips{text}")
    test = replace(fit_test(f"x{text}", "fail"), question=f"Is it {text}?")
    full = filled(report, test, text=f"set{text}")
    return table, replace(full, flags={f"below{text}": 3}, source=report.source)


def test_names_do_not_change_the_structure_of_the_page(tmp_path: Path):
    pages = {}
    for kind, text in (("plain", "xyz"), ("hostile", HOSTILE)):
        (tmp_path / kind).mkdir()
        pages[kind] = page_of(tmp_path / kind / "audit.html", *named_by(text))
    plain, hostile = ([(one.tag, list(one.attributes)) for one in page] for page in pages.values())
    assert len(plain) > 500
    assert hostile == plain
    text = pages["hostile"].text
    for name in ("street_000000", "mine", "below", "far", "x", "set"):
        assert " ".join(f"{name}{HOSTILE}".split()) in text, name
    assert [rig["take"] for rig in browser_of(pages["hostile"])["rigs"]] == [
        rig["take"].replace("xyz", HOSTILE) for rig in browser_of(pages["plain"])["rigs"]
    ]


# ---------------------------------------------------------------- in a browser
def in_browser(page: Path, profile: Path, *, fragment: str = "") -> tuple[str, list[str]]:
    """The DOM after the scripts ran, and the messages of the browser's console."""
    command = [str(_CHROMIUM), *_FLAGS, f"--user-data-dir={profile}", "--virtual-time-budget=3000"]
    run = subprocess.run(
        [
            *command,
            "--window-size=1280,900",
            "--enable-logging=stderr",
            "--dump-dom",
            page.as_uri() + fragment,
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return run.stdout, [line for line in run.stderr.splitlines() if "CONSOLE" in line]


# Acts like a user, and notes after each act what the canvas states and shows.
_USER = """
const notes = {}, view = document.getElementById("view");
const key = (name, more) => view.dispatchEvent(new KeyboardEvent("keydown", { key: name, ...more }));
const typed = (id, value) => {
  const field = document.getElementById(id);
  field.value = value;
  field.dispatchEvent(new Event("input"));
};
const listed = () => [...document.querySelectorAll("#takes li button")].map((b) => b.firstChild.textContent);
const pixels = () => [...view.toDataURL()].reduce((hash, c) => (hash * 31 + c.charCodeAt(0)) | 0, 0);
const note = (name) => {
  draw();
  const dim = document.querySelectorAll("#cameras .dim").length;
  notes[name] = { ...view.dataset, pixels: pixels(), listed: listed(), dim };
};
note("start");
view.dispatchEvent(new PointerEvent("pointermove", { buttons: 1, movementX: 100, movementY: 0 }));
note("dragged");
view.dispatchEvent(new WheelEvent("wheel", { deltaY: -400, cancelable: true }));
note("zoomed");
typed("frame", 3);
note("scrubbed");
key("ArrowRight");
note("stepped");
key("ArrowLeft", { shiftKey: true });
note("turned");
key(" ");
notes.playing = document.getElementById("play").textContent;
key(" ");
notes.paused = document.getElementById("play").textContent;
const card = document.querySelectorAll("#cameras button")[4];
card.dispatchEvent(new PointerEvent("pointerenter"));
note("hovered");
card.dispatchEvent(new PointerEvent("pointerleave"));
card.click();
note("pinned");
card.click();
typed("search", "pan below_ground");
note("no_such_pan");
typed("search", "below_ground");
note("flagged");
typed("search", "street_000004");
document.querySelector("#takes button").click();
note("picked");
typed("search", "static");
note("statics");
typed("search", "");
note("all");
document.title = JSON.stringify(notes);
"""
Used = tuple[dict[str, Any], str, list[str]]


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Used:
    """What a user saw on a page with errors; its DOM afterwards; the console."""
    if _CHROMIUM is None:
        pytest.skip("no chromium")
    folder = tmp_path_factory.mktemp("page")
    table = with_faults(six_rigs())
    page = folder / "audit.html"
    write_audit_page(page, filled(audit_clips(table, PAPER), fit_test("start_radius", "pass")), table)
    html = page.read_text("utf-8")
    page.write_text(html.replace("</body>", f"<script>{{{_USER}}}</script></body>"), "utf-8")
    dom, console = in_browser(page, folder / "profile")
    title = re.search(r"<title>(.*?)</title>", dom, re.DOTALL)
    assert title
    return json.loads(unescape(title[1])), dom, console


def test_the_browser_reports_no_error(used: Used):
    _, dom, console = used
    assert console == []
    assert 'data-verdict="fail"' in dom


def test_the_view_rotates_and_zooms(used: Used):
    seen, _, _ = used
    turn = [float(seen[act]["turn"]) for act in ("start", "dragged", "stepped", "turned")]
    assert turn[1] - turn[0] == pytest.approx(np.degrees(-0.7), abs=0.2)
    assert turn[3] - turn[2] == pytest.approx(np.degrees(-0.1), abs=0.2)
    distance = [float(seen[act]["distance"]) for act in ("dragged", "zoomed")]
    assert distance[1] == pytest.approx(distance[0] * np.exp(-0.4), rel=1e-2)
    acts = ("start", "dragged", "zoomed", "scrubbed", "stepped", "turned", "hovered", "picked")
    assert len({seen[act]["pixels"] for act in acts}) == len(acts)


def test_the_view_scrubs_and_plays(used: Used):
    seen, _, _ = used
    assert [seen[act]["frame"] for act in ("start", "scrubbed", "stepped")] == ["12", "3", "4"]
    assert (seen["playing"], seen["paused"]) == ("Pause", "Play")


def test_a_card_highlights_its_camera(used: Used):
    seen, _, _ = used
    assert seen["turned"]["chosen"] == ""
    assert seen["hovered"]["chosen"] == seen["pinned"]["chosen"] == "cam05"
    assert seen["hovered"]["pixels"] == seen["pinned"]["pixels"] != seen["turned"]["pixels"]


def test_search_filters_takes_and_dims_cameras(used: Used):
    seen, dom, _ = used
    assert len(seen["start"]["listed"]) == len(seen["all"]["listed"]) == 6
    # The flag is on an arc: no pan has it.
    assert seen["no_such_pan"]["listed"] == []
    assert seen["flagged"]["listed"] == ["street_000005"]
    assert seen["picked"]["rig"] == "street_000004"
    # The static camera of rig 4 is missing; the others have one.
    assert len(seen["statics"]["listed"]) == 5 and seen["statics"]["dim"] == 9
    assert seen["all"]["dim"] == 0
    assert "9 cameras" in dom


@needs_browser
def test_an_address_opens_its_rig_and_hostile_names_stay_text(path: Path, tmp_path: Path):
    table, report = named_by(HOSTILE)
    write_audit_page(path, report, table)
    group = tree_of(path.read_text("utf-8")).one("details", data_code="slot_differs")
    address = group.all("a")[-1].attributes["href"]
    dom, console = in_browser(path, tmp_path / "profile", fragment=f"{address}&frame=7")
    assert console == []
    assert "<title>Camera audit: fail</title>" in dom
    page = tree_of(dom.replace("<!DOCTYPE html>", ""))
    view = page.one("canvas", id="view").attributes
    assert (view["data-rig"], view["data-chosen"]) == (f"street_000001{HOSTILE}", "cam04")
    assert view["data-frame"] == "7"
    assert page.one("b", id="take").text == " ".join(f"street_000001{HOSTILE}".split())
    assert not [one for one in page.all("b") if not one.text]
