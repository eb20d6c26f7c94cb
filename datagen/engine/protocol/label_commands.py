"""Commands for ground truth that UnrealCV does not have: what surface ids mean, and where surfaces are."""

from collections.abc import Callable

import numpy as np

from ..render.renderer import Renderer
from ..world.actors import WorldError
from ..world.world import World
from . import image_files
from .camera_commands import check_file_type
from .dispatch import Dispatcher


class LabelCommands:
    """Handlers for the surfaces of a world. Only a look with shaders has them."""

    def __init__(self, world: World, renderer: Renderer) -> None:
        self._world, self._scene, self._look = world, renderer.scene, renderer.look

    def bind(self, dispatcher: Dispatcher) -> None:
        """Bind every label command."""
        commands: dict[str, tuple[Callable[[str], bytes], str]] = {
            "vget /scene/surfaces [str]": (self._surfaces, "The triangles that surface ids count, as npz"),
            "vget /scene/pieces [str]": (self._pieces, "World transforms of the pieces of surfaces, as npy"),
        }
        for template, (handler, description) in commands.items():
            dispatcher.bind(template, self._checked(handler), description, listed=self._look.has_shaders)

    def _checked(self, handler: Callable[[str], bytes]) -> Callable[[str], bytes]:
        def checked(*arguments: str) -> bytes:
            if not self._look.has_shaders:
                raise WorldError(f"the look '{self._look.name}' has no surfaces, use the look 'lit'")
            return handler(*arguments)

        return checked

    def _surfaces(self, file_type: str) -> bytes:
        check_file_type(file_type, ("npz",))
        surfaces = self._scene.surfaces()
        return image_files.npz(
            {
                "vertices_cm": surfaces.vertices_cm,
                "vertex_pieces": surfaces.vertex_pieces,
                "triangles": surfaces.triangles,
                "triangle_objects": surfaces.triangle_objects,
                "object_names": np.array(surfaces.object_names, dtype=np.str_),
            }
        )

    def _pieces(self, file_type: str) -> bytes:
        check_file_type(file_type, ("npy",))
        return image_files.npy(self._scene.world_from_pieces())
