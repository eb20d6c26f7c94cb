"""The catalog's environments: how fast they load and draw, and whether others find our cameras in the images.

``load_s_median``: seconds to load an environment, each in a fresh process. ``lit_over_today``: speed of the
look ``lit`` per pixel, over that of the commit that had two environments, in the same two; both alternate in
one run, in CPU seconds. Without that commit in the repository the figure is left out. ``sfm_registered``: the
smallest share of images that a mapper of COLMAP registers, over environments; ``sfm_rotation_deg``: the
largest median error of rotations. The table of all is printed to standard error. They need pycolmap.
"""

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from datagen.batch import SceneChoice
from datagen.catalog import Catalog, load_catalog
from datagen.engine.render.looks import look_named
from datagen.engine.render.renderer import Renderer
from datagen.engine.world.world import World

from .figures import Figure
from .world_sfm import measure_environment

_ROOT = Path(__file__).parents[1]
# The last commit with two environments.
_TODAY = "2f9d3ffb5806"
_LEVELS = ("Street", "Room")
# One of each kind; all that a quick run measures.
_SFM_QUICK = ("park",)
_SFM_FAMILIES = (
    "street", "room", "cafe-brick", "kitchen-family", "living-loft", "office-open", "classroom", "library",
    "gallery", "stage", "fitness-room", "warehouse", "grocery", "station-hall", "old-town-street",
    "fountain-square", "market", "park", "forest-edge", "beach", "farm", "roof-terrace", "basketball-court",
    "desert", "winter-village", "toy-town",
)  # fmt: skip
_MAPPERS = ("incremental", "global")


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the figures."""
    catalog = load_catalog(SceneChoice(), folder=Path())
    yield from _loads(catalog, most=4 if quick else None)
    yield from _speed(rounds=3 if quick else 15)
    yield from _structure(catalog, quick)


def _loads(catalog: Catalog, most: int | None) -> Iterator[Figure]:
    program = str(Path(__file__).with_name("world_child.py"))
    names = [environment.asset.rpartition("/")[2] for environment in catalog.environments][:most]
    seconds = []
    for name in names:
        child = subprocess.run(
            [sys.executable, program, "load", name], capture_output=True, text=True, check=True
        )
        seconds.append(float(child.stdout))
    yield Figure(benchmark="world", figure="load_s_median", value=median(seconds), unit="s")
    yield Figure(benchmark="world", figure="load_s_max", value=max(seconds), unit="s")


def _speed(rounds: int) -> Iterator[Figure]:
    """Draws of both versions alternate; of each camera the fastest counts, as noise only adds time."""
    archive = subprocess.run(["git", "archive", _TODAY], cwd=_ROOT, capture_output=True, check=False)
    if archive.returncode:
        print(f"no commit {_TODAY} to compare with: lit_over_today is left out", file=sys.stderr)
        return
    with TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
            tar.extractall(folder, filter="data")
        for level in _LEVELS:
            children = [_Painter(tree, level) for tree in (_ROOT, Path(folder))]
            try:
                drawn = [[child.draw() for child in children] for _ in range(rounds)]
            finally:
                for child in children:
                    child.close()
            now, before = (sum(map(min, zip(*rows, strict=True))) for rows in zip(*drawn, strict=True))
            yield Figure(
                benchmark="world", figure=f"lit_over_today.{level}", value=1 / now, unit="draws/s",
                against="the commit with two environments", against_value=1 / before,
            )  # fmt: skip


class _Painter:
    """A process that draws a level with the code of a folder, when it is asked to."""

    def __init__(self, tree: Path, level: str) -> None:
        program = str(Path(__file__).with_name("world_child.py"))
        environment = {**os.environ, "PYTHONPATH": str(tree), "LP_NUM_THREADS": "1"}
        self._child = subprocess.Popen(
            [sys.executable, program, "draw", level],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=tree,
        )  # fmt: skip
        self.draw()

    def draw(self) -> list[float]:
        """CPU seconds of each camera."""
        assert self._child.stdin and self._child.stdout
        self._child.stdin.write("draw\n")
        self._child.stdin.flush()
        return [float(word) for word in self._child.stdout.readline().split()]

    def close(self) -> None:
        """End the process."""
        assert self._child.stdin and self._child.stdout
        self._child.stdin.close()
        self._child.wait()
        self._child.stdout.close()


def _structure(catalog: Catalog, quick: bool) -> Iterator[Figure]:
    if find_spec("pycolmap") is None:
        print("no pycolmap: sfm_registered and sfm_rotation_deg are left out", file=sys.stderr)
        return
    renderer = Renderer(look_named("lit"))
    world = World(renderer.scene)
    chosen = _SFM_QUICK if quick else _SFM_FAMILIES
    results = []
    for environment in (one for one in catalog.environments if one.name in chosen):
        for one in measure_environment(renderer, world, environment, views=36, mappers=_MAPPERS):
            results.append(one)
            print(
                f"{one.environment:20} {one.mapper:12} {one.registered:6.1%} {one.rotation_deg:7.3f} deg",
                file=sys.stderr,
            )
    for mapper in _MAPPERS:
        found = [one for one in results if one.mapper == mapper]
        yield Figure(
            benchmark="world",
            figure=f"sfm_registered.{mapper}",
            value=min(one.registered for one in found),
            unit="",
        )
        yield Figure(
            benchmark="world",
            figure=f"sfm_rotation_deg.{mapper}",
            value=max(one.rotation_deg for one in found),
            unit="deg",
        )
