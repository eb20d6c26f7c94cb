"""Takes drawn from the whole embedded catalog, each clip probed in two ways, and contact sheets to look at.

``python -m benchmarks.soak_world OUT [--takes 200] [--seed 1]``. The probes of images (video, depth, masks)
know nothing of the level's meshes, and those of geometry nothing of the images. Prints each clip that is
black, empty, below the ground, inside of geometry or without its subject, and how often a joint is hidden for
the one and seen for the other.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from datagen.actor_paths import ActorPath
from datagen.batch import SceneChoice
from datagen.catalog import load_catalog
from datagen.generate import generate
from datagen.geometry import LevelSurfaces, is_path_free, level_surfaces
from datagen.geometry.queries import has_line_of_sight, heights_above_ground_m
from datagen.run import RunOptions
from multitake.progress import ProgressLine
from shards import ActorRow, Clip, JointState, Take, open_dataset
from shards.peek_tiles import grid

BATCH = """
seed = {seed}
takes = {takes}
fps = 4
frames = 21
width_px = 320
height_px = 240
passes = ["depth", "mask", "joints"]
[scene]
characters_per_take = [1, 3]
"""
# A black image, one without any detail, and how much of it may show something nearer than a camera may be.
_BLACK, _FLAT, _NEAR_M, _NEAR_SHARE = 10.0, 4.0, 0.1, 0.002
_TAKES_PER_SHEET, _LATE_CAMERAS = 8, 5
_SUBJECT, _WORDS = "character_1", ("hidden", "seen")


def main(*, out: Path, takes: int, seed: int) -> int:
    """Film and probe the takes; returns how many clips and actors are bad."""
    out.mkdir(parents=True, exist_ok=True)
    batch = out / "batch.toml"
    batch.write_text(BATCH.format(takes=takes, seed=seed))
    with ProgressLine(sys.stderr) as progress:
        options = RunOptions(workers=2, accept_failures=True)
        report = generate(batch, out=out / "data", options=options, progress=progress)
    print(*report.lines(), sep="\n")
    seen: Counter[str] = Counter()
    bad: set[tuple[str, str]] = set()
    rows = []
    catalog = load_catalog(SceneChoice(), folder=Path())
    levels = {one.name: one.asset for one in catalog.environments}
    for take in open_dataset(out / "data"):
        surfaces = level_surfaces(levels[take.row.environment])
        assert surfaces is not None, take.row.environment
        for name, what in _faults(take, surfaces, seen):
            bad.add((take.key, name))
            print(f"{take.key}/{name}: {what}", flush=True)
        rows.append(_row_of_sheet(take))
    for number in range(0, len(rows), _TAKES_PER_SHEET):
        sheet = np.concatenate(rows[number : number + _TAKES_PER_SHEET])
        Image.fromarray(sheet).save(out / f"sheet_{number // _TAKES_PER_SHEET:02d}.png")
    joints = sum(seen.values())
    print(f"{len(rows)} takes, {len(bad)} bad clips and actors, {joints} joints in images")
    for state, count in sorted(seen.items()):
        print(f"  {state}: {count} ({count / joints:.3%})")
    return len(bad)


def _faults(take: Take, surfaces: LevelSurfaces, seen: Counter[str]) -> Iterator[tuple[str, str]]:
    """The camera or actor, and what is wrong with it."""
    for actor in take.row.actors:
        if not is_path_free(surfaces, _path(actor)):
            yield actor.name, "is in geometry"
    for camera in take.cameras:
        clip = take.clip(camera)
        for what in (*_of_images(clip), *_of_geometry(clip, surfaces)):
            yield camera, what
        seen.update(_compared(clip, surfaces))


def _path(actor: ActorRow) -> ActorPath:
    return ActorPath(
        feet_m=np.array(actor.position_m),
        heading_deg=np.array(actor.heading_deg),
        height_m=np.array(actor.height_m),
    )


def _of_images(clip: Clip) -> Iterator[str]:
    frames, depth_m = clip.frames(), clip.depth_m()
    if (darkest := frames.mean(axis=(1, 2, 3)).min()) < _BLACK:
        yield f"black, brightness {darkest:.1f}"
    if (flattest := frames.std(axis=(1, 2, 3)).min()) < _FLAT:
        yield f"empty, deviation {flattest:.1f}"
    if not (depth_m > 0).any(axis=(1, 2)).all():
        yield "a frame shows no surface"
    is_near = ((depth_m > 0) & (depth_m < _NEAR_M)).mean(axis=(1, 2))
    if is_near.max() > _NEAR_SHARE:
        yield f"{is_near.max():.1%} of frame {is_near.argmax()} is nearer than {_NEAR_M} m"
    if not clip.mask_of(_SUBJECT)[0].any():
        yield "the first image does not show the subject"


def _of_geometry(clip: Clip, surfaces: LevelSurfaces) -> Iterator[str]:
    position_m = clip.poses.position_m
    if surfaces.is_inside(position_m).any():
        yield "inside of geometry"
    if not (heights_above_ground_m(surfaces, position_m) > 0).all():
        yield "no ground below the camera"


def _compared(clip: Clip, surfaces: LevelSurfaces) -> Counter[str]:
    """For the joints of the subject that no other actor hides: what images and geometry say."""
    subject = clip.take.joints(_SUBJECT)
    states = subject.states[clip.take.cameras.index(clip.camera)]
    joints_m = subject.positions_m.reshape(-1, 3)
    cameras_m = np.broadcast_to(clip.poses.position_m[:, None], subject.positions_m.shape).reshape(-1, 3)
    is_free = has_line_of_sight(surfaces, cameras_m, joints_m)
    is_counted = (states != JointState.OUTSIDE) & ~_behind_others(clip, subject.positions_m)
    # It is on the ground.
    is_counted &= np.array(subject.names) != "root"
    is_seen = (states != JointState.HIDDEN).ravel()
    pairs = zip(is_seen[is_counted.ravel()].tolist(), is_free[is_counted.ravel()].tolist(), strict=True)
    return Counter(f"{_WORDS[image]} in the image, {_WORDS[free]} by geometry" for image, free in pairs)


def _behind_others(clip: Clip, joints_m: np.ndarray) -> np.ndarray:
    """Whether the pixel of each joint in each frame shows another actor."""
    found = np.zeros(joints_m.shape[:2], dtype=bool)
    others = [one.name for one in clip.take.row.actors if one.name != _SUBJECT]
    masks = [clip.mask_of(name) for name in others]
    for frame, points_m in enumerate(joints_m if masks else ()):
        pixels = clip.intrinsics.project(clip.poses[frame].camera_points(points_m))
        column, row = np.nan_to_num(pixels, nan=-1.0).astype(np.int64).T
        height, width = masks[0].shape[1:]
        is_inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        place = (frame, row[is_inside], column[is_inside])
        found[frame, is_inside] = np.any([mask[place] for mask in masks], axis=0)
    return found


def _row_of_sheet(take: Take) -> np.ndarray:
    """The first image, which all cameras share, and the last ones of some cameras."""
    first = take.clip(take.cameras[0]).frames(0, 1)[0]
    late = [take.clip(camera).frames()[-1] for camera in take.cameras[:: len(take.cameras) // _LATE_CAMERAS]]
    return grid([first, *late], 1 + len(late))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Probe takes of the whole catalog.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--takes", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    sys.exit(1 if main(**vars(parser.parse_args())) else 0)
