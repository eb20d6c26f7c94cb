"""Clips whose poses the page draws from, and what their cameras see of the subject."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from ...clip_table import PoseRow, PoseTable
from ...poses import CameraPose

_MOST_CLIPS = 3000


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Evenly spread clips of whole rigs with proper poses, and where they see the subject's aim point.

    Attributes:
        knows_picture: which clips have known optics and a known subject.
        aim_x, aim_y: place in the picture in half pictures, right and up from its middle; nan behind.
        depth_m: distance along the optical axis; nan behind.
        peak_m_per_s, peak_deg_per_s: largest step and turn between frames; nan without a frame rate.
    """

    rows: tuple[PoseRow, ...]
    poses: CameraPose
    knows_picture: Bool[np.ndarray, "clips"]
    aim_x: Float[np.ndarray, "clips frames"]
    aim_y: Float[np.ndarray, "clips frames"]
    depth_m: Float[np.ndarray, "clips frames"]
    peak_m_per_s: Float[np.ndarray, "clips"]
    peak_deg_per_s: Float[np.ndarray, "clips"]

    @property
    def starts(self) -> list[int]:
        """One clip for each start that was drawn: the first of a shared rig, every one of the others."""
        seen: set[str] = set()
        found = []
        for index, row in enumerate(self.rows):
            if row.layout != "shared" or row.take not in seen:
                found.append(index)
            seen.add(row.take)
        return found

    @property
    def start_unit(self) -> str:
        """What one of the starts stands for."""
        return "rig" if all(row.layout == "shared" for row in self.rows) else "start"

    @property
    def rigs(self) -> int:
        """How many takes the clips are of."""
        return len({row.take for row in self.rows})

    def lenses_and_layouts(self) -> dict[str, int]:
        """Rigs of each lens and of each kind of start."""
        first = {row.take: row for row in reversed(self.rows)}.values()
        lenses = [lens_of(row) for row in first]
        layouts = [f"{row.layout} start" for row in first]
        return {kind: kinds.count(kind) for kinds in (lenses, layouts) for kind in sorted(set(kinds))}


def sample_of(table: PoseTable, takes: dict[str, list[int]]) -> Sample:
    """Up to about 3,000 clips of ``table``; ``takes`` are its rows by take."""
    index = _evenly_spread(list(takes.values()))
    matrices = table.poses.world_from_camera[index]
    is_proper = np.isfinite(matrices).all(axis=(1, 2, 3))
    is_proper[is_proper] &= (np.linalg.det(matrices[is_proper][..., :3]) > 0.5).all(axis=1)
    rows, poses = tuple(table.rows[i] for i in index[is_proper]), CameraPose(matrices[is_proper])
    subject_m = np.array([row.subject_m for row in rows]).reshape(-1, 1, 3)
    seen_m = np.einsum("cfij,cfi->cfj", poses.rotation, subject_m - poses.position_m)
    depth_m = np.where(seen_m[..., 2] > 1e-3, seen_m[..., 2], np.nan)
    zoom = np.array([half_picture(row) or (np.nan, np.nan) for row in rows]).reshape(-1, 2) ** -1
    fps = np.array([row.fps for row in rows])
    steps_m = np.linalg.norm(np.diff(poses.position_m, axis=1), axis=-1)
    return Sample(
        rows=rows,
        poses=poses,
        knows_picture=np.isfinite(zoom[:, 0]) & np.isfinite(subject_m[:, 0, 0]),
        aim_x=zoom[:, :1] * seen_m[..., 0] / depth_m,
        aim_y=-zoom[:, 1:] * seen_m[..., 1] / depth_m,
        depth_m=depth_m,
        peak_m_per_s=steps_m.max(axis=1, initial=0.0) * fps,
        peak_deg_per_s=_turns_deg(poses.rotation).max(axis=1, initial=0.0) * fps,
    )


def largest(values: Float[np.ndarray, "clips"], count: int) -> list[int]:
    """Where the largest of the known values are, the largest first."""
    return [i for i in np.argsort(-values, kind="stable")[:count].tolist() if np.isfinite(values[i])]


def half_picture(row: PoseRow) -> tuple[float, float] | None:
    """Half the picture's width and height at distance 1; None where the optics are unknown."""
    if not (
        np.isfinite([row.fx_px, row.fy_px]).all()
        and min(row.fx_px, row.fy_px, row.width_px, row.height_px) > 0
    ):
        return None
    return row.width_px / 2 / row.fx_px, row.height_px / 2 / row.fy_px


def lens_of(row: PoseRow) -> str:
    """The lens in words."""
    if not np.isfinite(row.focal_length_mm):
        return "lens unknown"
    stop = f" f/{row.f_number:.3g}" if np.isfinite(row.f_number) else ""
    return f"{row.focal_length_mm:.3g} mm{stop}"


def _evenly_spread(rigs: list[list[int]]) -> np.ndarray:
    """Row numbers of whole rigs, evenly chosen."""
    if not rigs:
        return np.zeros(0, dtype=np.int64)
    wanted = max(1, _MOST_CLIPS * len(rigs) // sum(map(len, rigs)))
    chosen = np.unique(np.linspace(0, len(rigs) - 1, min(wanted, len(rigs))).round().astype(int))
    return np.array([i for k in chosen for i in rigs[k]], dtype=np.int64)


def _turns_deg(rotation: Float[np.ndarray, "clips frames 3 3"]) -> Float[np.ndarray, "clips steps"]:
    """Angles between successive frames; the chord keeps small ones that an arc cosine would lose."""
    chord = np.linalg.norm(np.diff(rotation, axis=1), axis=(-2, -1)) / np.sqrt(8)
    return np.degrees(2 * np.arcsin(np.minimum(chord, 1.0)))
