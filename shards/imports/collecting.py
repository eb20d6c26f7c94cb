"""Collecting: each scene is staged as a take as soon as all of its files are there."""

from collections.abc import Callable, Container
from dataclasses import dataclass, field
from pathlib import Path

from multitake.errors import InputError
from multitake.progress import ProgressLine

from ..staging import FilmedTake
from .layout import CAMERA_FILE, SceneName
from .scenes import SceneReader
from .sources import Source


@dataclass(kw_only=True)
class Collected:
    """What a source had, in addition to the takes that were staged.

    Attributes:
        failed: reasons of scenes that are complete and cannot be takes, by name of the take.
        incomplete: files that scenes lack, by name of the take.
        surplus: videos that no camera file names, or of scenes that are complete without them.
        damage: how an archive is damaged; empty if it is not.
    """

    failed: dict[str, str] = field(default_factory=dict)
    incomplete: dict[str, str] = field(default_factory=dict)
    surplus: list[str] = field(default_factory=list)
    damage: str = ""


@dataclass(kw_only=True)
class _OpenScene:
    """A scene that is not complete: its files by camera, and its cameras if their file is there."""

    files: dict[str, Path] = field(default_factory=dict)
    cameras: tuple[str, ...] | None = None

    @property
    def missing(self) -> list[str]:
        """The files that it lacks."""
        if self.cameras is None:
            return [CAMERA_FILE]
        return [f"{camera}.mp4" for camera in self.cameras if camera not in self.files]


def collect(
    source: Source,
    reader: SceneReader,
    *,
    done: Container[str],
    stage: Callable[[FilmedTake], None],
    progress: ProgressLine | None = None,
) -> Collected:
    """Stage every scene of a source that is not ``done``; InputError for a source that is refused."""
    found, scenes, staged = Collected(), dict[SceneName, _OpenScene](), dict[str, SceneName]()

    def is_wanted(scene: SceneName) -> bool:
        # All files of a staged scene were there: this is another one.
        if is_staged := staged.get(scene.key) == scene:
            found.surplus.append(scene.path)
        return not is_staged and scene.key not in done and scene.key not in found.failed

    for piece, path in source.pieces(is_wanted):
        scene, key = scenes.setdefault(piece.scene, _OpenScene()), piece.scene.key
        scene.files[piece.camera] = path
        if staged.get(key, piece.scene) != piece.scene:
            what = f"{piece.scene.path} and {staged[key].path} would have one name, {key}"
            raise InputError(what, where=source.name, fix="rename one of them")
        try:
            if not piece.camera:
                scene.cameras = reader.cameras(path)
            if scene.missing:
                continue
            stage(reader.take(piece.scene, scene.files))
            staged[key] = piece.scene
            if progress:
                progress.show(f"{len(staged)} takes", done=len(staged), total=len(staged) + len(scenes) - 1)
        except InputError as error:
            found.failed[key] = f"{error.where}: {error.what}"
        surplus = scene.files.keys() - {"", *(scene.cameras or ())}
        found.surplus += [f"{piece.scene.path}/{camera}.mp4" for camera in sorted(surplus)]
        del scenes[piece.scene]
        source.release(piece.scene)
    found.incomplete = {scene.key: ", ".join(one.missing) for scene, one in scenes.items()}
    found.damage = source.damage
    return found
