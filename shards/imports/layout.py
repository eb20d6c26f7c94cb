"""The layout of MultiCamVideo and SynCamVideo: which file belongs to which scene.

train/f18_aperture10/scene1/videos/cam01.mp4 ... cam10.mp4
train/f18_aperture10/scene1/cameras/camera_extrinsics.json
val/10basic_trajectories/...
"""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from trajectories.formats import natural_key

CAMERA_FILE = "camera_extrinsics.json"
SPLITS = ("train", "val", "test")
_LENS = re.compile(r"f\d{1,3}(?:\.\d{1,2})?_aperture\d{1,3}(?:\.\d{1,2})?")
_SCENE = re.compile(r"[A-Za-z0-9_-]{1,30}")
_VIDEO = re.compile(r"(cam\d{1,4})\.mp4")
_HARMLESS = re.compile(
    r"(?:readme|licen[cs]e|notice|changelog|citation).*|[.].*|.*[.](?:md|txt|csv|json|ya?ml|png|jpe?g|gif)"
)
_KEY = re.compile(
    r"(?P<split>(?:val|test)_)?(?P<lens>f\d+(?:p\d+)?_aperture\d+(?:p\d+)?_)?(?P<scene>[A-Za-z0-9_-]+)"
)


@dataclass(frozen=True, kw_only=True, order=True)
class SceneName:
    """A scene by the folders above it; ``lens`` is empty if it is unknown."""

    split: str
    lens: str
    scene: str

    @property
    def path(self) -> str:
        """Its folder, such as ``train/f35_aperture2.4/scene7``."""
        return "/".join(filter(None, (self.split, self.lens, self.scene)))

    @property
    def key(self) -> str:
        """The name of its take, such as ``f35_aperture2p4_scene7`` or ``val_10basic_trajectories``."""
        split = "" if self.split == "train" else self.split
        return "_".join(filter(None, (split, self.lens.replace(".", "p"), self.scene)))


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A file of a scene: the video of a camera, or the file of all cameras if ``camera`` is empty."""

    scene: SceneName
    camera: str = ""

    @property
    def path(self) -> str:
        """Its path in a data set."""
        file = f"videos/{self.camera}.mp4" if self.camera else f"cameras/{CAMERA_FILE}"
        return f"{self.scene.path}/{file}"


def piece_of(path: str) -> Piece | None:
    """The piece that a path ends with; None for another file. Scenes outside of splits are of ``train``."""
    *above, scene, folder, file = ("", "", "", *PurePosixPath(path).parts)
    video = _VIDEO.fullmatch(file)
    is_piece = (folder, file) == ("cameras", CAMERA_FILE) or (folder == "videos" and video)
    if not is_piece or not _SCENE.fullmatch(scene):
        return None
    lens = above.pop() if _LENS.fullmatch(above[-1]) else ""
    split = above[-1] if above[-1] in SPLITS else "train"
    camera = video[1] if video else ""
    return Piece(scene=SceneName(split=split, lens=lens, scene=scene), camera=camera)


def is_camera(name: str) -> bool:
    """Whether a camera has a name of this layout, such as ``cam01``."""
    return bool(_VIDEO.fullmatch(f"{name}.mp4"))


def is_harmless(path: str) -> bool:
    """Whether a file that is no piece is one of those that data sets are published with, such as a README."""
    return bool(_HARMLESS.fullmatch(PurePosixPath(path).name.lower()))


def scene_of_key(key: str) -> SceneName | None:
    """The scene that a take was imported from, by its name; None if that has no lens and no split."""
    found = _KEY.fullmatch(key)
    if not found or not (found["split"] or found["lens"]):
        return None
    lens = re.sub(r"(?<=\d)p(?=\d)", ".", (found["lens"] or "").rstrip("_"))
    return SceneName(split=(found["split"] or "train_").rstrip("_"), lens=lens, scene=found["scene"])


def in_order(keys: set[str]) -> list[str]:
    """Takes in the order of a data set: numbers in names count as numbers."""
    return sorted(keys, key=lambda key: (natural_key(key), key))
