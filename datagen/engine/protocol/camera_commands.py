"""UnrealCV's ``/cameras`` and ``/camera/[uint]/...`` commands."""

from collections.abc import Callable, Iterable
from functools import partial

from ..render.buffers import Viewpoint
from ..render.looks import Look
from ..render.renderer import View, planes_by_image
from ..world.actors import CAMERA_CLASS, CameraSensor, WorldError
from ..world.faults import Faults
from ..world.world import World
from .camera_settings import bind_settings
from .capture_folder import CaptureFolder, CaptureHandler
from .dispatch import Capture, Dispatcher, Reply, floats, triple, uint
from .image_files import ARRAYS, IMAGES
from .lagging_frames import LaggingFrames
from .wrong_images import image_size_px, wrong_encode

MAX_SIDE_PX = 8192
MOST_PIXELS = 2**24
# As a fault.
_STUCK_CAMERA = 2
# The kind of image of each command.
_KINDS = {
    "lit": "lit",
    "object_mask": "mask",
    "seg": "mask",
    "depth": "depth",
    "normal": "normal",
    "surface": "surface",
}
# The types of files of each kind.
_FILES = {"lit": IMAGES, "mask": IMAGES, "depth": ARRAYS, "normal": IMAGES, "surface": ARRAYS}


class CameraCommands:
    """Handlers for the cameras of a world. Moving a camera does not change the scene."""

    def __init__(self, world: World, look: Look, files: CaptureFolder, frames: LaggingFrames) -> None:
        self._world, self._look, self._files, self._frames = world, look, files, frames

    def bind(self, dispatcher: Dispatcher) -> None:
        """Bind every camera command."""
        bind, bind_action = dispatcher.bind, partial(dispatcher.bind_action, changes_scene=False)
        one, numbers = "/camera/[uint]", "[float] [float] [float]"
        bind("vget /cameras", self._names, "Sensor names, in order of camera id")
        bind("vset /cameras/spawn", lambda: self._world.spawn(CAMERA_CLASS).name, "Spawn a camera")
        bind(f"vget {one}/location", lambda i: triple(self._camera(i).actor.location), "Location, cm")
        bind(f"vget {one}/rotation", lambda i: triple(self._camera(i).actor.rotation), "Pitch yaw roll, deg")
        bind(f"vget {one}/fov", lambda i: f"{self._lens(i).fov_deg:f}", "Horizontal field of view, deg")
        bind(f"vget {one}/size", self._size, "Image width and height, pixels")
        bind_action(f"vset {one}/location {numbers}", self._setter("location"), "Set location, cm")
        bind_action(f"vset {one}/rotation {numbers}", self._setter("rotation"), "Set pitch yaw roll, deg")
        bind_action(f"vset {one}/fov [float]", self._set_fov, "Set the horizontal field of view, deg")
        bind_action(f"vset {one}/size [uint] [uint]", self._set_size, "Set the image size, pixels")
        bind_action(f"vset {one}/moveto {numbers}", self._move_to, "Move the player, cm; nothing stops it")
        bind_action(
            f"vset {one}/film_offset [float] [float]",
            self._set_film_offset,
            "Shift the camera's axis, pixels",
        )
        bind_settings(dispatcher, self._lens)
        for word, kind in _KINDS.items():
            is_listed = kind in planes_by_image(self._look)
            description = f"Capture {word} as {', '.join(_FILES[kind])}"
            bind(f"vget {one}/{word} [str]", self.capture_handler(kind), description, is_listed=is_listed)

    def capture_handler(self, kind: str) -> CaptureHandler:
        """Return the handler of captures of a kind, of a camera's id and a file type or name."""
        capture: CaptureHandler = partial(self._capture, kind)
        return self._files.saving(self._frames.lagging(capture) if kind == "lit" else capture, _FILES[kind])

    def view(self, kind: str, index: int) -> View:
        """Return what is rendered for a kind of image of a camera."""
        camera = self._world.camera(index)
        if kind not in planes_by_image(self._look):
            raise WorldError(f"the look '{self._look.name}' has no {kind}, use the look 'lit'")
        return View(image=kind, viewpoint=viewpoint(camera, self._world.faults))

    def _camera(self, index: str) -> CameraSensor:
        return self._world.camera(uint(index))

    def _lens(self, index: str) -> CameraSensor:
        """Like ``_camera``, for commands whose error the plugin words in another way."""
        if uint(index) >= len(self._world.cameras):
            raise WorldError("Argument Invalid")
        return self._camera(index)

    def _names(self) -> str:
        sensors = {CAMERA_CLASS: "FusionCameraSensor "}
        return "".join(sensors.get(one.actor.uclass, "PawnSensor ") for one in self._world.cameras)

    def _setter(self, member: str) -> Callable[..., None]:
        def set_member(index: str, *values: str) -> None:
            name = self._camera(index).actor.name
            if not (self._world.faults.stuck_camera and uint(index) == _STUCK_CAMERA):
                self._world.place(name, **{member: floats(values)})

        return set_member

    def _move_to(self, index: str, *location: str) -> None:
        if index != "0":
            raise WorldError("MoveTo only supports the player camera with id 0")
        self._world.place(self._camera(index).actor.name, location=floats(location))

    def _set_fov(self, index: str, fov_deg: str) -> None:
        camera = self._lens(index)
        if not 1.0 <= float(fov_deg) <= 170.0:
            raise WorldError("Argument Invalid")
        camera.fov_deg = float(fov_deg)

    def _set_film_offset(self, index: str, right_px: str, down_px: str) -> None:
        """Move the camera's axis right and down in the image, as the film back of a shift lens does."""
        x, y, _ = floats((right_px, down_px, "0"))
        self._lens(index).principal_offset_px = (x, y)

    def _size(self, index: str) -> str:
        camera = self._lens(index)
        return f"{camera.width_px} {camera.height_px}"

    def _set_size(self, index: str, width: str, height: str) -> None:
        camera = self._lens(index)
        sides = uint(width), uint(height)
        if not (min(sides) >= 1 and max(sides) <= MAX_SIDE_PX and sides[0] * sides[1] <= MOST_PIXELS):
            raise WorldError("Argument Invalid")
        camera.width_px, camera.height_px = sides

    def _capture(self, kind: str, index: str, file_type: str) -> Reply:
        view = self.view(kind, uint(index))
        check_file_type(file_type, _FILES[kind])
        encode = wrong_encode(kind, _FILES[kind][file_type], self._world.faults)
        return Capture(views=(view,), encode=encode)


def viewpoint(camera: CameraSensor, faults: Faults) -> Viewpoint:
    """Return the pose, lens and image size of a camera."""
    width_px, height_px = image_size_px(camera, faults)
    return Viewpoint(
        location_cm=camera.actor.location,
        rotation_deg=camera.actor.rotation,
        fov_deg=camera.fov_deg,
        width_px=width_px,
        height_px=height_px,
        principal_offset_px=camera.principal_offset_px,
    )


def check_file_type(file_type: str, known: Iterable[str]) -> None:
    """Raise WorldError for a type of file that is not among the known ones."""
    if not file_type:
        raise WorldError("Filename can not be empty")
    if file_type not in known:
        raise WorldError(f"Invalid filename type, filename {file_type}")
