"""The layout of MultiCamVideo, which the authors' own loader reads.

    train/f24_aperture5/scene1/videos/cam01.mp4, cameras/camera_extrinsics.json
    metadata.csv

Videos are the stored bytes. Takes that were imported get the folders that they had; others are numbered in
the order of the data set, within their lens. Takes of other splits than ``train`` are in folders of these.
``metadata.csv`` has a caption for every video below ``train/``: that of its take, or else that of its clip.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from multitake.atomic import replacing, write_file
from multitake.errors import InputError
from trajectories.formats import TrajectorySet, write_trajectories

from ..format import TakeRow
from ..imports.captions import captions_csv
from ..imports.layout import SceneName, is_camera, scene_of_key
from .chosen import Chosen, named_trajectories

_UNKNOWN_LENS = "unknown_lens"


class MultiCamVideoExport:
    """One folder for each take."""

    def __init__(self, choice: Chosen) -> None:
        if odd := next((name for name in choice.cameras if not is_camera(name)), None):
            what, fix = f"this layout has no camera {odd!r}", "choose cameras with --cameras cam01,cam02"
            raise InputError(what, where="--cameras", fix=fix)
        self._choice = choice
        self._scenes = scene_folders(choice.dataset.takes)

    def left_out(self) -> dict[str, str]:
        """None: each unit is written alone."""
        return {}

    def units(self) -> Sequence[str]:
        """The takes."""
        return [row.take for row in self._choice.rows]

    def place(self, unit: str) -> Path:
        """The folder of a take."""
        return self._choice.out / self._scenes[unit].path

    def write(self, unit: str) -> None:
        """Write the videos and the cameras of a take; InputError if one zooms."""
        clips = self._choice.clips(unit)
        trajectories = TrajectorySet(trajectories=tuple(named_trajectories(clips)))
        with replacing(self.place(unit)) as folder:
            write_trajectories(
                folder / "cameras" / "camera_extrinsics.json", trajectories, format="multicamvideo"
            )
            (folder / "videos").mkdir()
            for clip in clips:
                (folder / "videos" / f"{clip.camera}.mp4").write_bytes(clip.video_bytes())

    def finish(self) -> None:
        """Write ``metadata.csv``."""
        write_file(self._choice.out / "metadata.csv", captions_csv(self._captions()))

    def _captions(self) -> Iterator[tuple[str, str]]:
        for row in self._choice.rows:
            scene = self._scenes[row.take]
            if scene.split == "train" and self.place(row.take).exists():
                folder = scene.path.removeprefix("train/")
                for clip in self._choice.clips(row.take):
                    yield f"{folder}/videos/{clip.camera}.mp4", clip.caption


def scene_folders(rows: Sequence[TakeRow]) -> dict[str, SceneName]:
    """The scene that each take of a data set becomes, by name of the take; all are different."""
    found: dict[str, SceneName] = {}
    numbers: dict[tuple[str, str], int] = {}
    known = {row.take: _known_scene(row) for row in rows}
    used, given = {scene for scene in known.values() if scene}, set[SceneName]()
    for row in rows:
        scene = known[row.take]
        if scene is None or scene in given:
            scene = _next_scene(row, numbers, used)
            used.add(scene)
        given.add(scene)
        found[row.take] = scene
    return found


def _known_scene(row: TakeRow) -> SceneName | None:
    """The scene that a take was imported from, in the folder of its split."""
    scene = scene_of_key(row.take)
    return scene and replace(scene, split=row.split)


def _next_scene(row: TakeRow, numbers: dict[tuple[str, str], int], used: set[SceneName]) -> SceneName:
    """The next scene of a lens that is not ``used``; ``numbers`` are counted."""
    lens = _UNKNOWN_LENS
    if row.focal_length_mm and row.f_number:
        lens = f"f{row.focal_length_mm:g}_aperture{row.f_number:g}"
    while True:
        number = numbers[row.split, lens] = numbers.get((row.split, lens), 0) + 1
        scene = SceneName(split=row.split, lens=lens, scene=f"scene{number}")
        if scene not in used:
            return scene
