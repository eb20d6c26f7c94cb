"""What the embedded engine's server costs, and what its ground truth costs.

All on one core, in CPU seconds of server and client together, with ten cameras in each tick. Each figure is
printed with the one that it is compared with; their ratio is what counts.

``served_over_bare.LOOK.WxH``: camera-frames per second over a unix socket, and without requests, replies and
copies: Panda draws the same scene into the same buffers in a bare loop. ``passes_over_picture.lit.WxH``: time
of image, depth and mask, and of the image alone. ``tracks_over_picture.lit.WxH``: time of image, depth and
surface ids, and of image and depth. ``tracks_bytes_over_picture``: bytes of the members ``surface`` and
``surfaces`` of a take, and of its video and depth. ``over_pyrender.LOOK``,
``over_workbench.LOOK``: camera-frames per second, and those of a peer, if the interpreter in PEERS_PYTHON has
it (``pip install pyrender``, ``pip install bpy``). pyrender draws shadows as ``lit`` does; Workbench has
neither shadows nor textures. ``memory_growth.sizes.LOOK``, ``memory_growth.takes.LOOK``: peak memory in the
second half of a run, and in the first.
"""

import io
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import CLOCK_PROCESS_CPUTIME_ID, clock_gettime, process_time

import numpy as np

from datagen.batch import Batch, EngineChoice
from datagen.catalog import load_catalog
from datagen.drive import RunningEngine
from datagen.engine.render.buffers import Viewpoint
from datagen.engine.render.looks import look_named
from datagen.engine.render.renderer import Renderer
from datagen.engine.world.actors import CUBE_CLASS
from datagen.engine.world.world import World
from datagen.film import film_take
from datagen.plan import plan_take
from multitake.errors import InputError
from multitake.randomness import rng_for
from trajectories import transforms_from_unreal, triangles_from_unreal, world_from_unreal

from . import soak_engine
from .figures import Figure, interleaved

CAMERAS = 10
SIZES_PX = ((672, 384), (1280, 720))
_FOV_DEG, _Y_CM, _Z_CM = 65.0, range(-135, 165, 30), 160.0
_PEERS = ("pyrender", "workbench")
_PICTURE, _DEPTH, _MASK, _SURFACE = "lit bmp", "depth npy", "object_mask bmp", "surface npy"


def measure(*, quick: bool) -> Iterator[Figure]:
    if shutil.which(_peers_python()) is None:
        raise InputError(f"no interpreter {_peers_python()}", where="PEERS_PYTHON", fix="give its path")
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    rounds = 3 if quick else 9
    try:
        for look in ("lit", "fast"):
            for size_px in SIZES_PX[: 1 if quick else None]:
                yield from _speeds(look, size_px, rounds)
        yield from _tracks_bytes(frames=21 if quick else 81)
        yield from _over_peers(rounds=1 if quick else 3)
        yield from _growth(takes=20 if quick else 200, sizes=100 if quick else 1000)
    finally:
        os.sched_setaffinity(0, cores)


def _speeds(look: str, size_px: tuple[int, int], rounds: int) -> Iterator[Figure]:
    name = f"{look}.{size_px[0]}x{size_px[1]}"
    with soak_engine.serving(look) as server:
        film = _Film(server, size_px)
        bare = _BareLoop(look, size_px)
        calls: dict[str, Callable[[], object]] = {"served": lambda: film.tick([_PICTURE]), "bare": bare.tick}
        if look == "lit":
            calls["passes"] = lambda: film.tick([_PICTURE, _DEPTH, _MASK])
            calls["depth"] = lambda: film.tick([_PICTURE, _DEPTH])
            calls["tracks"] = lambda: film.tick([_PICTURE, _DEPTH, _SURFACE])
        for call in calls.values():
            call()
        seconds = interleaved(calls, rounds, _clock(server))
    per_s = {name: CAMERAS / taken_s for name, taken_s in seconds.items()}
    yield _figure(f"served_over_bare.{name}", per_s["served"], "1/s", "bare loop", per_s["bare"])
    if look == "lit":
        yield _figure(
            f"passes_over_picture.{name}", seconds["passes"], "s", "the image alone", seconds["served"]
        )
        yield _figure(
            f"tracks_over_picture.{name}", seconds["tracks"], "s", "image and depth", seconds["depth"]
        )


class _Film:
    """Ten cameras of a server in front of a cube that moves; the client keeps the bytes of one reply."""

    def __init__(self, server: soak_engine.Server, size_px: tuple[int, int]) -> None:
        self._link = server.unix_link()
        self._buffer = bytearray()
        self._ticks = 0
        self.ask(["vset /objects/spawn_cube Walker", "vset /object/Walker/color 255 127 1"])
        self.ask(["vset /cameras/spawn"] * CAMERAS)
        for camera, y_cm in enumerate(_Y_CM, start=1):
            one = f"vset /camera/{camera}"
            self.ask([f"{one}/size {size_px[0]} {size_px[1]}", f"{one}/fov {_FOV_DEG}"])
            self.ask([f"{one}/location -450 {y_cm} {_Z_CM}"])

    def tick(self, captures: Sequence[str]) -> None:
        """Move the cube, and capture with all cameras."""
        self._ticks += 1
        views = [f"vget /camera/{camera + 1}/{capture}" for capture in captures for camera in range(CAMERAS)]
        moved = f"vset /object/Walker/location {self._ticks % 100} 0 50"
        self.ask([f"vbatch {len(views) + 1}", moved, *views])

    def ask(self, commands: Sequence[str]) -> None:
        """Send commands and receive their replies."""
        self._link.sendall(soak_engine.requests_bytes(commands))
        for _ in commands:
            self._next_reply()

    def reply(self, command: str) -> bytes:
        """The reply to one command."""
        self._link.sendall(soak_engine.requests_bytes([command]))
        return bytes(self._next_reply()).partition(b":")[2]

    def _next_reply(self) -> memoryview:
        _, size = soak_engine.HEADER.unpack(self._received(soak_engine.HEADER.size))
        reply = self._received(size)
        if b":error" in bytes(reply[:40]):
            raise RuntimeError(bytes(reply[:200]).decode())
        return reply

    def _received(self, size: int) -> memoryview:
        if size > len(self._buffer):
            self._buffer = bytearray(size)
        view, filled = memoryview(self._buffer)[:size], 0
        while filled < size:
            filled += self._link.recv_into(view[filled:])
        return view


class _BareLoop:
    """The same ticks in this process: Panda draws into memory, without requests, replies and copies."""

    def __init__(self, look: str, size_px: tuple[int, int]) -> None:
        self._renderer = Renderer(look_named(look))
        self._world = World(self._renderer.scene)
        self._world.spawn(CUBE_CLASS, "Walker")
        self._world.paint("Walker", (255, 127, 1))
        self._renderer.scene.number_triangles()
        self._ticks = 0
        # The renderer's own buffers, without its bookkeeping.
        target = next(one for one in self._renderer._targets if one.planes == ("lit",))
        self._slots = [self._renderer._new_slot(target, size_px) for _ in _Y_CM]
        for slot, y_cm in zip(self._slots, _Y_CM, strict=True):
            viewpoint = Viewpoint(
                location_cm=(-450.0, float(y_cm), _Z_CM),
                rotation_deg=(0.0, 0.0, 0.0),
                fov_deg=_FOV_DEG,
                width_px=size_px[0],
                height_px=size_px[1],
            )
            slot.aim(viewpoint, self._renderer.look.film_offset_px)

    def tick(self) -> None:
        """Move the cube, and draw with all cameras."""
        self._ticks += 1
        self._world.place("Walker", location=(self._ticks % 100, 0.0, 50.0))
        scene = self._renderer.scene
        for shadow, area in zip(self._renderer._shadows, scene.shadow_areas(), strict=False):
            shadow.update(area, scene.to_sun)
        for slot in self._slots:
            slot.buffer.set_active(True)
        self._renderer._engine.render_frame()
        for slot in self._slots:
            slot.pixels("lit")
            slot.buffer.set_active(False)


def _tracks_bytes(frames: int) -> Iterator[Figure]:
    """Film a take with the passes depth and surface."""
    engine_choice = EngineChoice(look="lit")
    batch = Batch(
        seed=3,
        takes=1,
        frames=frames,
        width_px=SIZES_PX[0][0],
        height_px=SIZES_PX[0][1],
        passes=("depth", "surface"),
        engine=engine_choice,
    )
    catalog = load_catalog(batch.scene, folder=Path())
    engine = RunningEngine(batch.engine, worker=0)
    try:
        filmed = film_take(engine.driver, batch, plan_take(batch, catalog, 0))
    finally:
        engine.close()
    sizes = Counter({kind: len(content) for kind, content in filmed.members.items()})
    for clip in filmed.files:
        sizes.update({kind: len(content) for kind, content in clip.members.items()})
    tracks, filmed_alone = sizes["surface"] + sizes["surfaces"], sizes["video"] + sizes["depth"]
    yield _figure("tracks_bytes_over_picture", tracks, "bytes", "video and depth", filmed_alone)


def _over_peers(rounds: int) -> Iterator[Figure]:
    """Speed of the server, with both looks, over that of each peer that starts here."""
    interpreter = _peers_python()
    with (
        TemporaryDirectory() as folder,
        soak_engine.serving("lit") as lit,
        soak_engine.serving("fast") as fast,
    ):
        scene = Path(folder) / "scene.npz"
        films = {"lit": _Film(lit, SIZES_PX[0]), "fast": _Film(fast, SIZES_PX[0])}
        _save_scene(scene, films["lit"])
        clocks = {"lit": _clock(lit), "fast": _clock(fast)}
        for peer in _PEERS:
            speeds = [speed for _ in range(rounds) if (speed := _peer_speed(interpreter, peer, scene))]
            if not speeds:
                print(f"{peer} does not start with {interpreter}", file=sys.stderr)
                continue
            for look, film in films.items():
                call = partial(film.tick, [_PICTURE])
                call()
                taken_s = interleaved({look: call}, 3 * rounds, clocks[look])[look]
                yield _figure(f"over_{peer}.{look}", CAMERAS / taken_s, "1/s", peer, median(speeds))


def _peers_python() -> str:
    return os.environ.get("PEERS_PYTHON", sys.executable)


def _save_scene(path: Path, film: _Film) -> None:
    """The surfaces and the cameras of a film, as ``engine_peers`` reads them."""
    surfaces = np.load(io.BytesIO(film.reply("vget /scene/surfaces npz")))
    pieces = np.load(io.BytesIO(film.reply("vget /scene/pieces npy")))
    world_from_piece = np.tile(np.eye(4), (len(pieces), 1, 1))
    world_from_piece[:, :3] = transforms_from_unreal(pieces)
    axes = np.array([[0.0, 0.0, -1.0], [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    cameras = np.tile(np.eye(4), (CAMERAS, 1, 1))
    cameras[:, :3, :3] = axes
    cameras[:, :3, 3] = world_from_unreal(np.array([(-450.0, y_cm, _Z_CM) for y_cm in _Y_CM]))
    width, height = SIZES_PX[0]
    np.savez(
        path,
        vertices_m=world_from_unreal(surfaces["vertices_cm"]),
        # The others know rigid pieces only: each vertex follows its heaviest bone.
        vertex_pieces=surfaces["vertex_pieces"][:, 0],
        triangles=triangles_from_unreal(surfaces["triangles"]),
        world_from_piece=np.tile(world_from_piece, (3, 1, 1, 1)),
        world_from_camera=cameras,
        size_px=np.array([width, height]),
        yfov_rad=2 * np.arctan(np.tan(np.radians(_FOV_DEG) / 2) * height / width),
    )


def _peer_speed(interpreter: str, peer: str, scene: Path) -> float | None:
    """Camera-frames per CPU second of a peer; None if it does not start."""
    program = str(Path(__file__).with_name("engine_peers.py"))
    environment = {**os.environ, "LP_NUM_THREADS": "1"}
    child = subprocess.run(
        [interpreter, program, peer, str(scene)], capture_output=True, text=True, env=environment, check=False
    )
    return None if child.returncode else float(child.stdout.split()[-1])


def _growth(*, takes: int, sizes: int) -> Iterator[Figure]:
    for look in ("lit", "fast"):
        with soak_engine.serving(look) as server:
            soak_engine.capture_sizes(server, rng_for(0, "sizes"), sizes)
        memory_mb = {"sizes": server.memory_mb, "takes": soak_engine.film_takes(look, takes)}
        for name, over_time_mb in memory_mb.items():
            first_mb, second_mb = soak_engine.halves(over_time_mb)
            yield _figure(f"memory_growth.{name}.{look}", second_mb, "MiB", "first half", first_mb)


def _clock(server: soak_engine.Server) -> Callable[[], float]:
    """CPU seconds of this process and of a server."""
    server_clock = ~server.process.pid << 3 | CLOCK_PROCESS_CPUTIME_ID
    return lambda: process_time() + clock_gettime(server_clock)


def _figure(name: str, value: float, unit: str, against: str, against_value: float) -> Figure:
    return Figure(
        benchmark="engine", figure=name, value=value, unit=unit, against=against, against_value=against_value
    )
