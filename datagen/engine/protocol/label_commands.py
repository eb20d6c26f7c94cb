"""Commands for labels: optical flow, what surface ids mean, and where surfaces are."""

from collections.abc import Callable
from functools import partial

import numpy as np

from ..render.numbered_triangles import NumberedTriangles
from ..render.optical_flow import Moment, flow_image
from ..render.renderer import Renderer, View
from ..world.actors import WorldError
from ..world.world import World
from . import image_files
from .camera_commands import check_file_type, viewpoint
from .capture_folder import CaptureFolder
from .dispatch import Capture, Dispatcher, Encode, File, Reply, uint
from .wrong_images import wrong_encode


class LabelCommands:
    """Handlers for optical flow, and for the tables behind surface ids; for looks with shaders."""

    def __init__(self, world: World, renderer: Renderer, files: CaptureFolder) -> None:
        self._files = files
        self._world, self._scene, self._look = world, renderer.scene, renderer.look

    def bind(self, dispatcher: Dispatcher) -> None:
        """Bind every label command."""
        bind = partial(self._bind, dispatcher)
        bind(
            "vget /camera/[uint]/optical_flow [str]",
            self._files.saving(self._flow, image_files.IMAGES),
            "Capture optical_flow as bmp, png",
        )
        bind("vget /scene/surfaces [str]", self._surfaces, "The triangles that surface ids count, as npz")
        bind(
            "vget /scene/pieces [str]",
            self._pieces,
            "Transforms of pieces (props, bones) from the reference pose to the world, as npy",
        )

    def _bind(
        self, dispatcher: Dispatcher, template: str, handler: Callable[..., Reply], description: str
    ) -> None:
        def checked(*arguments: str) -> Reply:
            if not self._look.has_shaders:
                raise WorldError(f"the look '{self._look.name}' has no labels, use the look 'lit'")
            return handler(*arguments)

        dispatcher.bind(template, checked, description, is_listed=self._look.has_shaders)

    def _flow(self, index: str, file_type: str) -> Reply:
        """The motion since the camera's capture of flow in an earlier tick; without one, none."""
        camera = self._world.camera(uint(index))
        check_file_type(file_type, image_files.IMAGES)
        surfaces = self._scene.surfaces()
        matrices = dict(zip(surfaces.piece_names, self._scene.world_from_pieces(), strict=True))
        seen_from = viewpoint(camera, self._world.faults)
        now = Moment(tick=self._world.tick, viewpoint=seen_from, world_from_pieces=matrices)
        last, earlier = camera.flow_moments or (now, now)
        before = last if last.tick < now.tick else earlier
        camera.flow_moments = now, before
        encode = wrong_encode("flow", image_files.IMAGES[file_type], self._world.faults)
        return Capture(
            views=(View(image="surface", viewpoint=now.viewpoint),),
            encode=partial(_flow_file, encode, surfaces, before, now),
        )

    def _surfaces(self, file_type: str) -> File:
        check_file_type(file_type, ("npz",))
        surfaces = self._scene.surfaces()
        return image_files.npz(
            {
                "vertices_cm": surfaces.vertices_cm,
                "vertex_pieces": surfaces.vertex_pieces,
                "vertex_weights": surfaces.vertex_weights,
                "triangles": surfaces.triangles,
                "triangle_objects": surfaces.triangle_objects,
                "object_names": np.array(surfaces.object_names, dtype=np.str_),
            }
        )

    def _pieces(self, file_type: str) -> File:
        check_file_type(file_type, ("npy",))
        return image_files.npy(self._scene.world_from_pieces())


def _flow_file(
    encode: Encode, surfaces: NumberedTriangles, before: Moment, now: Moment, ids: np.ndarray
) -> File:
    return encode(flow_image(ids, surfaces, before, now))
