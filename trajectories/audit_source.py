"""From what the command line names to an audit: find the poses, find their rules, write the page."""

from pathlib import Path

import numpy as np

from .audit import AuditReport, audit_poses
from .audit_page import write_audit_page
from .errors import InputError
from .poses import CameraPose
from .rules import Rules, rules_from, rules_named
from .settings import read_toml
from .table import PoseTable, read_poses


def audit(source: str | Path, *, page: Path, rules: str | None = None) -> AuditReport:
    """Audit a data set's folder or one pose parquet; write ``page`` and the same report as JSON beside it.

    A data set is held to the ``[rig]`` table of its own ``batch.toml``, a bare pose table to the preset
    ``rules`` (``paper`` if not named), which also overrides a data set's own. InputError where there are no
    poses to audit, or the page cannot be written.
    """
    place = Path(source)
    table = _dataset_poses(place) if place.is_dir() else read_poses(place)
    report = audit_poses(table, _rules(place, rules))
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        write_audit_page(page, report, table)
        page.with_suffix(".json").write_text(report.to_json(), "utf-8")
    except OSError as error:
        fix = "name a place that can be written"
        raise InputError(f"cannot be written ({error.strerror})", where=str(page), fix=fix) from error
    return report


def _rules(place: Path, preset: str | None) -> Rules:
    batch = place / "batch.toml"
    if preset is not None or not batch.is_file():
        return rules_named(preset or "paper")
    return rules_from(read_toml(batch).get("rig", {}), f"{batch}: rig")


def _dataset_poses(folder: Path) -> PoseTable:
    paths = sorted((folder / "poses").glob("*.parquet"))
    if not paths:
        fix = "give a data set with at least one sealed shard, or a pose parquet"
        raise InputError("no poses/*.parquet", where=str(folder), fix=fix)
    tables = [read_poses(path) for path in paths]
    frames = {table.poses.world_from_camera.shape[1] for table in tables}
    if len(frames) > 1:
        what = f"clips of different lengths ({', '.join(map(str, sorted(frames)))} frames)"
        raise InputError(what, where=str(folder / "poses"), fix="audit its pose tables one by one")
    return PoseTable(
        rows=tuple(row for table in tables for row in table.rows),
        poses=CameraPose(np.concatenate([table.poses.world_from_camera for table in tables])),
    )
