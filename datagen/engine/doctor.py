"""``multitake engine doctor``: whether each look starts on this machine, on which renderer, and how fast."""

import json
import subprocess
import sys
import time

from .assets import START_CHARACTER
from .render.buffers import Viewpoint
from .render.looks import LOOKS, look_named
from .render.renderer import Renderer, View
from .world.actors import CHARACTER_CLASS
from .world.world import World

CAMERAS, WIDTH_PX, HEIGHT_PX = 10, 256, 144


def doctor(timeout_s: float = 120.0) -> list[tuple[str, bool, str]]:
    """Try every look in a child process and return (look, is_ok, detail) for each.

    ``detail`` states the renderer and its camera-frames/s, or the error.
    """
    return [(look, *_try_look(look, timeout_s)) for look in LOOKS]


def _try_look(look: str, timeout_s: float) -> tuple[bool, str]:
    command = [sys.executable, "-m", "datagen.engine", "--look", look, "--measure"]
    try:
        child = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        return False, f"no frame within {timeout_s:.0f} s"
    if child.returncode:
        last_lines = child.stderr.strip().splitlines()[-1:] or [f"ended with code {child.returncode}"]
        return False, last_lines[0]
    result = json.loads(child.stdout)
    speed = f"{result['camera_frames_per_s']:.0f} camera-frames/s at {WIDTH_PX}x{HEIGHT_PX}"
    return True, f"{result['renderer']}, {speed}"


def measure(look: str, seconds: float = 1.0) -> dict[str, str | float]:
    """Film a character in the street with ten cameras and count camera-frames per second."""
    renderer = Renderer(look_named(look))
    world = World(renderer.scene)
    world.spawn(CHARACTER_CLASS, "Walker")
    world.set_character("Walker", START_CHARACTER)
    viewpoints = [
        Viewpoint(location_cm=(-450.0, -135.0 + 30 * camera, 160.0), rotation_deg=(-5.0, 0.0, 0.0),
                  fov_deg=65.0, width_px=WIDTH_PX, height_px=HEIGHT_PX)
        for camera in range(CAMERAS)
    ]  # fmt: skip
    views = [View(image="lit", viewpoint=viewpoint) for viewpoint in viewpoints]
    renderer.render(views)
    start, frames = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        world.place("Walker", location=(frames % 100, 0.0, 0.0))
        renderer.render(views)
        frames += 1
    speed = CAMERAS * frames / (time.perf_counter() - start)
    return {"look": look, "renderer": renderer.description(), "camera_frames_per_s": speed}
