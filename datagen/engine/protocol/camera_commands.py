"""UnrealCV's ``/cameras`` and ``/camera/[uint]/...`` commands."""

from collections.abc import Callable, Iterable
from functools import partial

from ..render.buffers import Viewpoint
from ..render.looks import Look
from ..render.renderer import View
from ..world.actors import CAMERA_CLASS, CameraSensor, WorldError
from ..world.world import World
from . import image_files
from .dispatch import Capture, Dispatcher, Encode, Reply, floats, triple, uint

MAX_SIDE_PX = 8192
_IMAGES: dict[str, Encode] = {"bmp": image_files.bmp, "png": image_files.png}
_ARRAYS: dict[str, Encode] = {"npy": image_files.npy}
# Kinds of images by the word of the command, and their files.
_KINDS: dict[str, tuple[str, dict[str, Encode]]] = {
    "lit": ("lit", _IMAGES), "object_mask": ("mask", _IMAGES), "seg": ("mask", _IMAGES),
    "depth": ("depth", _ARRAYS), "normal": ("normal", _IMAGES), "surface": ("surface", _ARRAYS),
}  # fmt: skip
_FAST_KINDS = ("lit", "mask")
# Settings that are accepted without effect, and their numbers of words.
_SETTINGS = {
    "projection_type": 1, "ortho_width": 1, "lit_source": 1, "reflection": 1, "illumination": 1,
    "exposure_method": 1, "exposure_bias": 1, "auto_speed": 2, "auto_brightness": 2, "physical_exposure": 1,
    "motion_blur": 4, "focal": 2,
}  # fmt: skip


class CameraCommands:
    """Handlers for the cameras of a world. Moving a camera does not change the scene."""

    def __init__(self, world: World, look: Look) -> None:
        self._world, self._look = world, look

    def bind(self, dispatcher: Dispatcher) -> None:
        """Bind every camera command."""
        bind, bind_action = dispatcher.bind, partial(dispatcher.bind_action, changes_scene=False)
        one, numbers = "/camera/[uint]", "[float] [float] [float]"
        bind("vget /cameras", self._names, "Sensor names, in order of camera id")
        bind("vset /cameras/spawn", lambda: self._world.spawn(CAMERA_CLASS).name, "Spawn a camera")
        bind(f"vget {one}/location", lambda i: triple(self._camera(i).actor.location), "Location, cm")
        bind(f"vget {one}/rotation", lambda i: triple(self._camera(i).actor.rotation), "Pitch yaw roll, deg")
        bind(f"vget {one}/fov", lambda i: f"{self._camera(i).fov_deg:f}", "Horizontal field of view, deg")
        bind(f"vget {one}/size", self._size, "Image width and height, pixels")
        bind_action(f"vset {one}/location {numbers}", self._setter("location"), "Set location, cm")
        bind_action(f"vset {one}/rotation {numbers}", self._setter("rotation"), "Set pitch yaw roll, deg")
        bind_action(f"vset {one}/fov [float]", self._set_fov, "Set the horizontal field of view, deg")
        bind_action(f"vset {one}/size [uint] [uint]", self._set_size, "Set the image size, pixels")
        for word, (kind, files) in _KINDS.items():
            handler = partial(self._capture, kind, files)
            is_listed = self._look.has_shaders or kind in _FAST_KINDS
            bind(
                f"vget {one}/{word} [str]", handler, f"Capture {word} as {', '.join(files)}", listed=is_listed
            )
        for setting, words in _SETTINGS.items():
            template = f"vset {one}/{setting}" + " [str]" * words
            bind_action(template, lambda i, *_: self._camera(i), f"Accept {setting}, without effect")

    def _camera(self, index: str) -> CameraSensor:
        return self._world.camera(uint(index))

    def _names(self) -> str:
        return "PawnSensor " + "FusionCameraSensor " * (len(self._world.cameras) - 1)

    def _setter(self, member: str) -> Callable[..., None]:
        def set_member(index: str, *values: str) -> None:
            self._world.place(self._camera(index).actor.name, **{member: floats(values)})

        return set_member

    def _set_fov(self, index: str, fov_deg: str) -> None:
        camera = self._camera(index)
        if not 1.0 <= float(fov_deg) <= 170.0:
            raise WorldError("Argument Invalid")
        camera.fov_deg = float(fov_deg)

    def _size(self, index: str) -> str:
        camera = self._camera(index)
        return f"{camera.width_px} {camera.height_px}"

    def _set_size(self, index: str, width: str, height: str) -> None:
        camera = self._camera(index)
        if not (1 <= uint(width) <= MAX_SIDE_PX and 1 <= uint(height) <= MAX_SIDE_PX):
            raise WorldError("Argument Invalid")
        camera.width_px, camera.height_px = uint(width), uint(height)

    def _capture(self, kind: str, files: dict[str, Encode], index: str, file_type: str) -> Reply:
        camera = self._camera(index)
        check_file_type(file_type, files)
        if not self._look.has_shaders and kind not in _FAST_KINDS:
            raise WorldError(f"the look '{self._look.name}' has no {kind}, use the look 'lit'")
        return Capture(view=View(kind=kind, viewpoint=viewpoint(camera)), encode=files[file_type])


def viewpoint(camera: CameraSensor) -> Viewpoint:
    """Return the pose, lens and image size of a camera."""
    return Viewpoint(
        location_cm=camera.actor.location,
        rotation_deg=camera.actor.rotation,
        fov_deg=camera.fov_deg,
        width_px=camera.width_px,
        height_px=camera.height_px,
    )


def check_file_type(file_type: str, known: Iterable[str]) -> None:
    """Raise WorldError for a type of file that is not among the known ones."""
    if not file_type:
        raise WorldError("Filename can not be empty")
    if file_type not in known:
        raise WorldError(f"Invalid filename type, filename {file_type}")
