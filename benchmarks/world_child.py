"""One process of the benchmark ``world``: loads a level, or draws it whenever a line comes.

It uses only what the engine has had since its first version, because it runs with older code, too.
"""

import math
import sys
import time

from datagen.engine.render.buffers import Viewpoint
from datagen.engine.render.looks import look_named
from datagen.engine.render.renderer import Renderer, View
from datagen.engine.world.world import World

CAMERAS, _SIZE_PX = 4, (672, 384)
_FIRST_LEVEL = "Street"


def main(task: str, level: str) -> None:
    """Do the task."""
    renderer = Renderer(look_named("lit"))
    start_s = time.process_time()
    world = World(renderer.scene)
    # A new world loads the first level.
    if level != _FIRST_LEVEL:
        start_s = time.process_time()
    world.request_level(level)
    world.begin_tick()
    if task == "load":
        renderer.render(views()[:1])
        print(time.process_time() - start_s)
        return
    world.spawn("CubeActor", "Probe")
    world.place("Probe", location=(0.0, 0.0, 60.0))
    for _ in sys.stdin:
        print(*(draw_s(renderer, view) for view in views()), flush=True)


def draw_s(renderer: Renderer, view: View) -> float:
    """CPU seconds of one image."""
    start_s = time.process_time()
    renderer.render([view])
    return time.process_time() - start_s


def views() -> list[View]:
    """Cameras around the origin."""
    found = []
    for camera in range(CAMERAS):
        turn = 2 * math.pi * (camera + 0.3) / CAMERAS
        found.append(
            Viewpoint(
                location_cm=(280 * math.cos(turn), 280 * math.sin(turn), 150.0),
                rotation_deg=(-8.0, math.degrees(turn) + 180, 0.0),
                fov_deg=65.0,
                width_px=_SIZE_PX[0],
                height_px=_SIZE_PX[1],
            )
        )
    return [View(image="lit", viewpoint=viewpoint) for viewpoint in found]


if __name__ == "__main__":
    main(*sys.argv[1:])
