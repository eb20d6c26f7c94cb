"""The audit page: one file, offline, drawn by a real browser without a complaint."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from trajectories import (
    MOTIONS,
    PRESETS,
    CameraPose,
    PoseTable,
    audit_poses,
    rig_rows,
    sample_rigs,
    write_audit_page,
)

_PAPER = PRESETS["paper"]
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_QUIET = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


def sampled(rigs: int, *, frames: int = 21) -> PoseTable:
    batch = sample_rigs(_PAPER, np.tile([[2.0, 1.0, 1.1]], (rigs, 1)), seed=8, frames=frames)
    size = {"width_px": 256, "height_px": 144, "fps": 15.0, "split": "train"}
    rows = [row for r, rig in enumerate(batch) for row in rig_rows(rig, take=f"street_{r:06d}", **size)]
    poses = CameraPose(batch.poses.world_from_camera.reshape(-1, frames, 3, 4))
    return PoseTable(rows=tuple(rows), poses=poses)


def with_faults(table: PoseTable) -> PoseTable:
    """A pan past its bound, a mirrored pose, a first frame of its own, a camera lost."""
    rows, poses = list(table.rows), table.poses.world_from_camera.copy()
    rows[10] = replace(rows[10], angle_deg=80.0)
    poses[21, 4, :, 0] *= -1
    poses[38, 0, 0, 3] += 0.5
    keep = [i for i in range(len(rows)) if i != 49]
    return PoseTable(rows=tuple(rows[i] for i in keep), poses=CameraPose(poses[keep]))


def written(path: Path, table: PoseTable) -> str:
    write_audit_page(path, audit_poses(table, _PAPER), table)
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    return path.read_text("utf-8")


@pytest.mark.parametrize(("rigs", "frames"), [(1, 1), (3, 21), (70, 81), (2, 1000)])
def test_one_file_under_its_size_without_outside_references(tmp_path: Path, rigs: int, frames: int):
    html = written(tmp_path / "audit.html", sampled(rigs, frames=frames))
    assert len(html.encode()) < 1.5e6
    assert not re.search(r"""(src|href|action)\s*=|url\(|@import|https?://""", html)
    assert "default-src 'none'" in html
    assert "[[" not in html.split('id="rigs">')[0]


def test_it_says_which_rigs_fit(tmp_path: Path):
    html = written(tmp_path / "audit.html", sampled(70, frames=81))
    shown = re.search(r"<small>(\d+) of 70 fit this page", html)
    assert shown
    assert html.count('"metres_per_step"') == int(shown[1])


def test_planted_faults_stand_on_the_page(tmp_path: Path):
    html = written(tmp_path / "audit.html", with_faults(sampled(6)))
    assert 'data-verdict="fail"' in html
    for code, where in [
        ("amplitude_out_of_bounds", "street_000001/cam01"),
        ("improper_pose", "street_000002/cam02"),
        ("first_pose_differs", "street_000003/cam09"),
        ("missing_camera", "street_000004"),
    ]:
        assert re.search(rf'data-code="{code}".*?{where}', html, re.DOTALL), code
        assert f'class="bad" data-check="{code}"' in html
    assert 'class="good" data-check="setting_differs"' in html


def test_every_motion_has_its_own_colour_and_every_feature_its_chart(tmp_path: Path):
    table = sampled(6)
    html = written(tmp_path / "audit.html", table)
    report = audit_poses(table, _PAPER)
    charted = re.findall(r'data-feature="(\w+)"', html)
    assert sorted(charted) == sorted([*(f.name for f in report.features), "start_map"])
    colours = re.search(r'"colours": \{(.*?)\}', html)
    assert colours
    assert len(set(re.findall(r"#\w{6}", colours[1]))) == len(MOTIONS)


def test_an_empty_table_still_gives_a_page(tmp_path: Path):
    empty = PoseTable(rows=(), poses=CameraPose(np.zeros((0, 9, 3, 4))))
    assert 'data-verdict="pass"' in written(tmp_path / "audit.html", empty)


def _in_browser(page: Path, profile: Path) -> tuple[str, list[str]]:
    """The page's DOM after its script ran, and what the browser's console had to say."""
    order = [str(_CHROMIUM), *_QUIET, f"--user-data-dir={profile}", "--virtual-time-budget=2000"]
    run = subprocess.run(
        [*order, "--enable-logging=stderr", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return run.stdout, [line for line in run.stderr.splitlines() if "CONSOLE" in line]


@pytest.mark.skipif(_CHROMIUM is None, reason="no chromium")
def test_a_browser_draws_the_rig_without_a_complaint(tmp_path: Path):
    page = tmp_path / "audit.html"
    table = with_faults(sampled(6))
    write_audit_page(page, audit_poses(table, _PAPER), table)
    dom, console = _in_browser(page, tmp_path / "profile")
    assert console == []
    painted = re.search(r'data-painted-pixels="(\d+)"', dom)
    assert painted
    assert int(painted[1]) > 5000
    assert 'data-verdict="fail"' in dom
    assert len(re.findall(r"<option", dom)) == 6
    assert "frame 12 of 20" in dom
    assert "cam10" in dom.split('id="cameras"')[1].split("</ol>")[0]


@pytest.mark.skipif(_CHROMIUM is None, reason="no chromium")
def test_names_from_a_file_stay_text(tmp_path: Path):
    hostile = "</script><script>document.title='owned'</script><!--<b>[[script]]"
    table = sampled(1)
    table = replace(table, rows=tuple(replace(row, take=hostile, flags=("<img>",)) for row in table.rows))
    page = tmp_path / "audit.html"
    write_audit_page(page, audit_poses(table, _PAPER), table)
    dom, console = _in_browser(page, tmp_path / "profile")
    assert console == []
    assert "<title>Camera audit: pass</title>" in dom
    assert "<img>" not in dom
    assert "data-painted-pixels" in dom
