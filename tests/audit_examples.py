"""Clip tables for tests of the audit: sampled rigs, and changes to single clips."""

from dataclasses import replace

import numpy as np

from trajectories import CameraPose, ClipTable, clip_table_bytes, read_clips
from trajectories.audit import AuditReport
from trajectories.sampling import PRESETS, Rules, Shot, clips_of_rigs, sample_rigs

PAPER = PRESETS["paper"]


def sampled_clips(
    rigs: int, *, rules: Rules = PAPER, frames: int = 21, seed: int = 3, split: str = "train"
) -> ClipTable:
    """Rigs around different subjects, with the float32 poses that a file stores."""
    subjects_m = np.random.default_rng(seed).uniform([-9, -9, 1.0], [9, 9, 1.2], (rigs, 3))
    shot = Shot(frames=frames, width_px=256, height_px=144)
    batch = sample_rigs(rules, subjects_m, seed=seed, frames=frames)
    takes = [f"street_{rig:06d}" for rig in range(rigs)]
    return read_clips(clip_table_bytes(clips_of_rigs(batch, takes=takes, shot=shot, split=split)))


def with_row(table: ClipTable, index: int, **values) -> ClipTable:
    """The table with other values in the columns of one clip."""
    rows = list(table)
    rows[index] = replace(rows[index], **values)
    return ClipTable.of_rows(rows, table.poses)


def with_poses(table: ClipTable, index: int, world_from_camera: np.ndarray) -> ClipTable:
    """The table with other poses of one clip."""
    changed = table.poses.world_from_camera.copy()
    changed[index] = world_from_camera
    return replace(table, poses=CameraPose(changed))


def errors(report: AuditReport) -> set[tuple[str, str]]:
    """The code and the place of every error."""
    return {(f.code, f.where) for f in report.findings if f.severity == "error"}
