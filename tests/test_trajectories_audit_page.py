"""The audit page: one file, offline, that a real browser draws, turns, scrubs and searches."""

import base64
import json
import re
import shutil
import subprocess
from dataclasses import fields, replace
from functools import cache
from html import escape, unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from multitake.errors import InputError
from trajectories import MOTIONS, CameraPose, PoseTable, rig_rows
from trajectories.audit import AuditReport, audit_poses, write_audit_page
from trajectories.audit.page.svg import motion_colour
from trajectories.audit.report import Comparison, FeatureGap, LawTest, PairStatistics, Recovered, Redundancy
from trajectories.sampling import PRESETS, sample_rigs

_PAPER = PRESETS["paper"]
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_QUIET = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
_HOSTILE = "</script><script>document.title='owned'</script><!--<b>\"'&[[script]]"
needs_browser = pytest.mark.skipif(_CHROMIUM is None, reason="no chromium")


@cache
def sampled(rigs: int, *, frames: int = 21) -> PoseTable:
    batch = sample_rigs(_PAPER, np.tile([[2.0, 1.0, 1.1]], (rigs, 1)), seed=8, frames=frames)
    size = {"width_px": 256, "height_px": 144, "fps": 15.0, "split": "train"}
    rows = [row for r, rig in enumerate(batch) for row in rig_rows(rig, take=f"street_{r:06d}", **size)]
    poses = CameraPose(batch.poses.world_from_camera.reshape(-1, frames, 3, 4))
    return PoseTable(rows=tuple(rows), poses=poses)


@cache
def clean_report(rigs: int) -> AuditReport:
    return audit_poses(sampled(rigs), _PAPER)


def with_faults(table: PoseTable) -> PoseTable:
    """A pan past its bound, a mirrored pose, a first frame of its own, a camera lost, a flag."""
    rows, poses = list(table.rows), table.poses.world_from_camera.copy()
    rows[10] = replace(rows[10], angle_deg=80.0)
    rows[55] = replace(rows[55], flags=("below_ground",))
    poses[21, 4, :, 0] *= -1
    poses[38, 0, 0, 3] += 0.5
    keep = [i for i in range(len(rows)) if i != 49]
    return PoseTable(rows=tuple(rows[i] for i in keep), poses=CameraPose(poses[keep]))


def law(name: str, verdict: Any, *, effect: float = 0.008, q: float = 0.4, inferred: bool = False) -> LawTest:
    return LawTest(
        name=name,
        question=f"Does {name} keep to its law?",
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


def filled(report: AuditReport, *tests: LawTest) -> AuditReport:
    """The report with every optional part, as a large set compared with another would have."""
    shape = next(feature for feature in report.features if feature.rule_cdf is None)
    names = ("relative_rotation_deg", "baseline_over_distance", "baseline_angle_deg")
    apart = {name: replace(shape, name=name, title=name, motion=None) for name in names}
    pairs = PairStatistics(
        n_rigs=7,
        frames=(0, 10, 20),
        overlap_mean=(1.0, 0.7, 0.4),
        overlap_quantiles=((1.0,) * 5, (0.3, 0.5, 0.7, 0.8, 0.9), (0.1, 0.2, 0.4, 0.6, 0.8)),
        subject_seen_by_both=(1.0, 0.8, 0.6),
        **apart,
    )
    redundancy = Redundancy(
        n=40,
        distinct_trajectories=39,
        near_duplicates=(("street_000000/cam01", "street_000001/cam01", 0.004),),
        near_duplicate_share=0.05,
        nearest_neighbour=(0.2, 0.4, 0.6, 0.9, 1.7),
        leaked=(("street_000000/cam02", f"{_HOSTILE}/cam02", 0.003),),
        leaks=1,
    )
    gaps = [
        ("pan_deg", "Pan", "deg", 12.5, 31.0, 15.25),
        ("start_radius_m", "Distance", "m", 0.375, 5.2, 5.1),
    ]
    keys = [field.name for field in fields(FeatureGap)]
    comparison = Comparison(
        name_a="/some/where/paper set",
        name_b=_HOSTILE,
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
        moves=(),
    )
    return replace(
        report,
        tests=tests,
        pairs=pairs,
        redundancy=redundancy,
        comparison=comparison,
        recovered=recovered,
        rejects={"below_ground": 5, "drawn_again": 2},
        method={"laws": "A shared start counts once."},
    )


def written(path: Path, table: PoseTable, *, report: AuditReport | None = None) -> str:
    write_audit_page(path, report or audit_poses(table, _PAPER), table)
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    return path.read_text("utf-8")


def browser_rigs(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="rigs">(.*?)</script>', html, re.DOTALL)
    assert found
    return json.loads(found[1])


# ---------------------------------------------------------------- the file
@pytest.mark.parametrize(("rigs", "frames"), [(1, 1), (1, 2), (3, 21), (2, 1000)])
def test_one_file_under_its_size_without_outside_references(tmp_path: Path, rigs: int, frames: int):
    html = written(tmp_path / "audit.html", sampled(rigs, frames=frames))
    assert len(html.encode()) < 1.5e6
    assert not re.search(r"""(src|action|poster|data)\s*=\s*["']|url\((?!#)|@import|https?://""", html)
    assert all(target.startswith("#") for target in re.findall(r'href="([^"]*)"', html))
    assert "default-src 'none'" in html
    assert "[[" not in html.split('id="rigs">')[0]
    assert "nan" not in re.sub(r"<script.*", "", html, flags=re.DOTALL)


def test_it_says_which_rigs_fit(tmp_path: Path):
    html = written(tmp_path / "audit.html", sampled(90, frames=81))
    assert 0.9e6 < len(html.encode()) < 1.5e6
    shown = re.search(r"a sample: (\d+) of 90 rigs", html)
    assert shown
    assert len(browser_rigs(html)["rigs"]) == int(shown[1]) < 90


def test_a_part_of_the_poses_is_a_sample_of_the_whole(tmp_path: Path):
    table = sampled(6)
    part = PoseTable(rows=table.rows[:20], poses=table.poses[:20])
    html = written(tmp_path / "audit.html", part, report=clean_report(6))
    assert "a sample: 2 of 6 rigs" in html
    assert "20 of 60 clips" in html


def test_embedded_poses_are_the_tables(tmp_path: Path):
    table = sampled(1)
    page = browser_rigs(written(tmp_path / "audit.html", table))
    rig = page["rigs"][0]
    numbers = np.frombuffer(base64.b64decode(rig["poses"]), "<i2").reshape(10, 21, 6)
    position_m = numbers[..., :3] * rig["metres_per_step"] + np.array(rig["subject_m"])
    rotation = Rotation.from_rotvec(numbers[..., 3:].reshape(-1, 3) * np.pi / 32767).as_matrix()
    assert np.abs(position_m - table.poses.position_m).max() < 1e-3
    assert np.abs(rotation.reshape(10, 21, 3, 3) - table.poses.rotation).max() < 2e-4


def test_every_chart_says_n_and_its_unit(tmp_path: Path):
    table = sampled(6)
    report = filled(clean_report(6), law("start_radius", "pass"))
    html = written(tmp_path / "audit.html", table, report=report)
    figures = re.findall(r'<figure .*?data-feature="(\w+)".*?</figure>', html, re.DOTALL)
    counted = re.findall(r'<figure .*?<span class="n">n = [\d,]+ [\w ]+</span>.*?</figure>', html, re.DOTALL)
    assert len(figures) == len(counted) == html.count("<figure") > 15
    assert {feature.name for feature in report.features} <= set(figures)
    assert {"start_above", "aim_map", "pair_overlap", "gaps", "rejects", "slots"} <= set(figures)


def test_every_motion_has_its_own_colour(tmp_path: Path):
    assert len({motion_colour(name) for name in MOTIONS}) == len(MOTIONS)
    assert motion_colour("arc_chord") == motion_colour("arc") != motion_colour("unheard_of")


# ---------------------------------------------------------------- what it says
def test_planted_faults_stand_on_the_page(tmp_path: Path):
    html = written(tmp_path / "audit.html", with_faults(sampled(6)))
    assert 'data-verdict="fail"' in html
    for code, where in [
        ("amplitude_out_of_bounds", "street_000001/cam01"),
        ("improper_pose", "street_000002/cam02"),
        ("first_pose_differs", "street_000003/cam09"),
        ("missing_camera", "street_000004"),
    ]:
        group = re.search(rf'<details data-code="{code}" open>.*?</details>', html)
        assert group and f">{where}</a>" in group[0], code
    for chip in ("bounds", "slots", "columns", "handedness"):
        assert f'class="bad" data-check="{chip}"' in html
    assert 'class="none" data-check="leak"' in html or 'class="good" data-check="leak"' in html
    first = [rig["take"] for rig in browser_rigs(html)["rigs"][:4]]
    assert first == [f"street_{i:06d}" for i in (1, 2, 3, 4)]


def test_many_findings_are_folded_and_counted(tmp_path: Path):
    table = sampled(6)
    table = replace(table, rows=tuple(replace(row, f_number=16.0) for row in table.rows))
    html = written(tmp_path / "audit.html", table)
    group = re.search(r'<details data-code="setting_differs">.*?</details>', html)
    assert group and "60 errors" in group[0] and "30 more" in group[0]


def test_a_failed_law_fails_the_page(tmp_path: Path):
    table = sampled(3)
    tests = (
        law("start_radius", "pass", inferred=True),
        law("start_elevation", "fail", effect=0.13, q=1e-9),
        law("speed_a", "too few", effect=float("nan"), q=float("nan")),
    )
    html = written(tmp_path / "audit.html", table, report=filled(clean_report(3), *tests))
    assert 'data-verdict="fail"' in html
    assert '<li class="bad" data-check="laws"><a href="#laws"><b>laws</b> 1 of 3 fail, 1 too few' in html
    rows = {name: row for row, name in re.findall(r'(<tr>(?:(?!</tr>).)*data-law="(\w+)".*?</tr>)', html)}
    assert "verdict-fail" in rows["start_elevation"] and "&lt; 0.0001" in rows["start_elevation"]
    assert "4,321<small>rigs" in rows["start_radius"] and "0.0176" in rows["start_radius"]
    assert ">inferred<" in rows["start_radius"] and ">inferred<" not in rows["start_elevation"]


def _gap_bars(html: str) -> list[tuple[str, str]]:
    chart = html.split('data-feature="gaps"')[1].split("</figure>")[0]
    return re.findall(r'class="strong">(Pan|Distance)</text><rect [^>]*?width="([\d.]+)"', chart)


def test_comparison_redundancy_and_recovery_are_told(tmp_path: Path):
    table = sampled(3)
    html = written(tmp_path / "audit.html", table, report=filled(clean_report(3)))
    assert "median 31 → 15.2" in html and ">12.5 deg<" in html and "93.0%" in html
    wide = {name: float(width) for name, width in _gap_bars(html)}
    spread = {f.name: f.quantiles[3] - f.quantiles[1] for f in audit_poses(table, _PAPER).features}
    shares = {"Pan": 12.5 / spread["pan_deg"], "Distance": 0.375 / spread["start_radius_m"]}
    assert wide["Pan"] / wide["Distance"] == pytest.approx(shares["Pan"] / shares["Distance"], rel=0.05)
    assert "<b>39</b> of 40 trajectories are distinct" in html
    assert "release, f = 161" in html and "87.50% of clips" in html
    assert "A shared start counts once." in html
    assert "paper set against" in html and "/some/where" not in html
    bare = written(tmp_path / "audit.html", table)
    assert 'id="compare"' not in bare and 'href="#compare"' not in bare
    assert '<a href="#compare">' in html.split("</nav>")[0]
    for page, sections in ((bare, 10), (html, 11)):
        numbers = re.findall(r"<h2[^>]*><span>(\d*)</span>", page)
        assert numbers == [str(k + 1) for k in range(sections)]


def test_few_values_claim_nothing(tmp_path: Path):
    tests = (law("start_radius", "pass"), law("speed_a", "too few"))
    report = filled(clean_report(3), *tests)
    html = written(tmp_path / "audit.html", sampled(3), report=report)
    assert '<li class="note" data-check="laws"><a href="#laws"><b>laws</b> 1 hold, 1 too few' in html
    assert "<div><b>1</b>laws hold, 1 too few</div>" in html
    small = clean_report(9)
    assert max(test.detectable_effect for test in small.tests) == 1.0
    assert '<td class="num">none</td>' in written(tmp_path / "audit.html", sampled(9), report=small)


def test_changed_rules_are_named(tmp_path: Path):
    report = audit_poses(sampled(1), replace(_PAPER, radius_m=(0.5, 11.0), waypoints=(1, 2)))
    html = written(tmp_path / "audit.html", sampled(1), report=report)
    assert "held to the rules “paper, changed: radius_m, waypoints”" in html
    assert "rules paper, changed: radius_m, waypoints" in report.lines()[0]
    assert clean_report(3).held_to == "paper"


@pytest.mark.parametrize("place", [".", "file/audit.html", "file"])
def test_a_page_without_a_place_is_refused(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").mkdir() if place == "file" else (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"is a folder|cannot be written"):
        write_audit_page(Path(place), clean_report(3), sampled(3))


def test_empty_and_tiny_inputs_still_give_a_page(tmp_path: Path):
    empty = PoseTable(rows=(), poses=CameraPose(np.zeros((0, 9, 3, 4))))
    assert 'data-verdict="pass"' in written(tmp_path / "audit.html", empty)
    broken = sampled(1, frames=2)
    poses = np.full_like(broken.poses.world_from_camera, np.nan)
    html = written(tmp_path / "audit.html", replace(broken, poses=CameraPose(poses)))
    assert 'data-verdict="fail"' in html
    assert browser_rigs(html)["rigs"] == []


def test_what_is_unknown_is_left_out(tmp_path: Path):
    table, unknown = sampled(2), float("nan")
    optics = {"fx_px": unknown, "fy_px": unknown, "width_px": 0, "height_px": 0, "focal_length_mm": unknown}
    blind = {**optics, "f_number": unknown, "fps": unknown, "subject_m": (unknown,) * 3}
    bare = replace(table, rows=tuple(replace(row, **blind) for row in table.rows))
    report = replace(audit_poses(table, None), image=None)
    html = written(tmp_path / "audit.html", bare, report=report)
    assert "no rules declared" in html and "lens unknown" in html and '<div class="verdict none">' in html
    for chart in ("aim_map", "in_frame", "start_above"):
        assert f'data-feature="{chart}"' not in html
    assert [rig["is_placed"] for rig in browser_rigs(html)["rigs"]] == [False, False]
    assert "nan" not in re.sub(r"<script.*", "", html, flags=re.DOTALL)


# ---------------------------------------------------------------- in a browser
def in_browser(page: Path, profile: Path, *, fragment: str = "") -> tuple[str, list[str]]:
    """The page's DOM after its script ran, and what the browser's console had to say."""
    order = [str(_CHROMIUM), *_QUIET, f"--user-data-dir={profile}", "--virtual-time-budget=3000"]
    run = subprocess.run(
        [*order, "--window-size=1280,900", "--enable-logging=stderr", "--dump-dom", page.as_uri() + fragment],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return run.stdout, [line for line in run.stderr.splitlines() if "CONSOLE" in line]


# Acts on the page as a hand would, and notes after each act what the canvas says and shows.
_HAND = """
const notes = {}, stage = document.getElementById("view");
const key = (name, more) => stage.dispatchEvent(new KeyboardEvent("keydown", { key: name, ...more }));
const typed = (id, value) => {
  const field = document.getElementById(id);
  field.value = value;
  field.dispatchEvent(new Event("input"));
};
const listed = () => [...document.querySelectorAll("#takes li button")].map((b) => b.firstChild.textContent);
const pixels = () => [...stage.toDataURL()].reduce((hash, c) => (hash * 31 + c.charCodeAt(0)) | 0, 0);
const note = (name) => {
  draw();
  const dim = document.querySelectorAll("#cameras .dim").length;
  notes[name] = { ...stage.dataset, pixels: pixels(), listed: listed(), dim };
};
note("start");
stage.dispatchEvent(new PointerEvent("pointermove", { buttons: 1, movementX: 100, movementY: 0 }));
note("dragged");
stage.dispatchEvent(new WheelEvent("wheel", { deltaY: -400, cancelable: true }));
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


@pytest.fixture(scope="module")
def handled(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str, list[str]]:
    """What a hand saw on a page with faults; its DOM afterwards; the console."""
    if _CHROMIUM is None:
        pytest.skip("no chromium")
    folder = tmp_path_factory.mktemp("page")
    table = with_faults(sampled(6))
    page = folder / "audit.html"
    report = filled(audit_poses(table, _PAPER), law("start_radius", "pass"))
    write_audit_page(page, report, table)
    html = page.read_text("utf-8")
    page.write_text(html.replace("</body>", f"<script>{{{_HAND}}}</script></body>"), "utf-8")
    dom, console = in_browser(page, folder / "profile")
    title = re.search(r"<title>(.*?)</title>", dom, re.DOTALL)
    assert title
    return json.loads(unescape(title[1])), dom, console


def test_the_browser_has_no_complaint(handled: tuple[dict[str, Any], str, list[str]]):
    _, dom, console = handled
    assert console == []
    assert 'data-verdict="fail"' in dom


def test_the_stage_turns_and_zooms(handled: tuple[dict[str, Any], str, list[str]]):
    seen, _, _ = handled
    turn = [float(seen[act]["turn"]) for act in ("start", "dragged", "stepped", "turned")]
    assert turn[1] - turn[0] == pytest.approx(np.degrees(-0.7), abs=0.2)
    assert turn[3] - turn[2] == pytest.approx(np.degrees(-0.1), abs=0.2)
    assert float(seen["zoomed"]["away"]) == pytest.approx(
        float(seen["dragged"]["away"]) * np.exp(-0.4), rel=1e-2
    )
    acts = ("start", "dragged", "zoomed", "scrubbed", "stepped", "turned", "hovered", "picked")
    assert len({seen[act]["pixels"] for act in acts}) == len(acts)


def test_the_stage_scrubs_and_plays(handled: tuple[dict[str, Any], str, list[str]]):
    seen, _, _ = handled
    assert [seen[act]["frame"] for act in ("start", "scrubbed", "stepped")] == ["12", "3", "4"]
    assert (seen["playing"], seen["paused"]) == ("Pause", "Play")


def test_a_card_highlights_its_camera(handled: tuple[dict[str, Any], str, list[str]]):
    seen, _, _ = handled
    assert seen["turned"]["lit"] == ""
    assert seen["hovered"]["lit"] == seen["pinned"]["lit"] == "cam05"
    assert seen["hovered"]["pixels"] == seen["pinned"]["pixels"] != seen["turned"]["pixels"]


def test_search_filters_takes_and_dims_cameras(handled: tuple[dict[str, Any], str, list[str]]):
    seen, dom, _ = handled
    assert len(seen["start"]["listed"]) == len(seen["all"]["listed"]) == 6
    # The flag is on a random or arc move: no pan carries it.
    assert seen["no_such_pan"]["listed"] == []
    assert seen["flagged"]["listed"] == ["street_000005"]
    assert seen["picked"]["rig"] == "street_000004"
    # Rig 4 has lost its static camera; the others keep theirs.
    assert len(seen["statics"]["listed"]) == 5 and seen["statics"]["dim"] == 9
    assert seen["all"]["dim"] == 0
    assert "9 cameras" in dom


@needs_browser
def test_an_address_opens_its_rig(tmp_path: Path):
    page = tmp_path / "audit.html"
    table = sampled(3)
    write_audit_page(page, clean_report(3), table)
    dom, console = in_browser(page, tmp_path / "profile", fragment="#rig=street_000002&cam=cam03&frame=7")
    assert console == []
    stage = re.search(r'<canvas id="view"[^>]*>', dom)
    assert stage
    for said in ('data-rig="street_000002"', 'data-frame="7"', 'data-lit="cam03"'):
        assert said in stage[0]


@needs_browser
def test_names_from_a_file_stay_text(tmp_path: Path):
    table = sampled(1)
    rows = tuple(replace(row, take=_HOSTILE, flags=("<img>",), split="<u>") for row in table.rows)
    table = replace(table, rows=rows)
    report = filled(audit_poses(table, _PAPER), replace(law("<i>x", "fail"), question="<img>?"))
    report = replace(report, source=replace(report.source, name="<img>"), rejects={"<img>": 1})
    page = tmp_path / "audit.html"
    write_audit_page(page, report, table)
    dom, console = in_browser(page, tmp_path / "profile")
    assert console == []
    assert "<title>Camera audit: fail</title>" in dom
    assert "<img>" not in dom and "<i>x" not in dom
    assert escape(_HOSTILE, quote=False) in dom
