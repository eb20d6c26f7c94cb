"""The catalog's environments: how fast they load and draw, and whether others find our cameras in the images.

``load_s_median`` and ``load_s_max``: CPU seconds to load an environment and draw it once, each in a fresh
process, when the cache has it; ``load_cold_s_median`` and ``load_cold_s_max``: with an empty cache.
``lit_over_today``: speed of the look ``lit`` per pixel, over that of the commit that had two environments, in
CPU seconds; the smaller one of these two. Both versions alternate in one run. Without that commit in the
repository the figure is left out. ``sfm_registered``: the smallest share of images that a mapper of COLMAP
registers, over environments and mappers; ``sfm_rotation_deg``: the largest median error of rotations. The
table of all is printed to standard error. They need pycolmap.
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
from datagen.engine.content.disk_cache import VARIABLE
from datagen.engine.render.looks import look_named
from datagen.engine.render.renderer import Renderer
from datagen.engine.world.world import World

from .figures import Figure
from .world_child import CAMERAS
from .world_sfm import SfmResult, measure_environment

_ROOT = Path(__file__).parents[1]
_CHILD = str(Path(__file__).with_name("world_child.py"))
# The last commit with two environments.
_BASELINE_COMMIT = "2f9d3ffb5806"
_LEVELS = ("Street", "Room")
# One of each kind; all that a quick run measures.
_SFM_QUICK = ("park",)
_SFM_ENVIRONMENTS = (
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
    names = [environment.asset.rpartition("/")[2] for environment in catalog.environments][:most]
    cold_s, warm_s = [], []
    for name in names:
        with TemporaryDirectory() as cache:
            cold_s.append(_load_s(name, cache))
            warm_s.append(_load_s(name, cache))
        print(f"{name:20} cold {cold_s[-1]:6.2f} s, warm {warm_s[-1]:6.2f} s", file=sys.stderr, flush=True)
    for figure, seconds in (("load_cold_s", cold_s), ("load_s", warm_s)):
        yield Figure(benchmark="world", figure=f"{figure}_median", value=median(seconds), unit="CPU s")
        yield Figure(benchmark="world", figure=f"{figure}_max", value=max(seconds), unit="CPU s")


def _load_s(level: str, cache: str) -> float:
    """CPU seconds to load a level in a process of its own."""
    child = subprocess.run(
        [sys.executable, _CHILD, "load", level],
        capture_output=True, text=True, check=True, env={**os.environ, VARIABLE: cache},
    )  # fmt: skip
    return float(child.stdout)


def _speed(rounds: int) -> Iterator[Figure]:
    """Draws of both versions alternate; of each camera the fastest counts, as noise only adds time."""
    archive = subprocess.run(
        ["git", "archive", _BASELINE_COMMIT], cwd=_ROOT, capture_output=True, check=False
    )
    if archive.returncode:
        print(f"no commit {_BASELINE_COMMIT} to compare with: lit_over_today is left out", file=sys.stderr)
        return
    with TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
            tar.extractall(folder, filter="data")
        ratios = []
        for level in _LEVELS:
            children = [_DrawProcess(tree, level) for tree in (_ROOT, Path(folder))]
            try:
                drawn = [[child.draw() for child in children] for _ in range(rounds)]
            finally:
                for child in children:
                    child.close()
            now, before = (sum(map(min, zip(*rows, strict=True))) for rows in zip(*drawn, strict=True))
            ratios.append(before / now)
            yield Figure(
                benchmark="world", figure=f"lit_per_s.{level}", value=CAMERAS / now, unit="images/s",
                against="the commit with two environments", against_value=CAMERAS / before,
            )  # fmt: skip
        yield Figure(benchmark="world", figure="lit_over_today", value=min(ratios), unit="")


class _DrawProcess:
    """A process that draws a level with the code of a folder, when it is asked to."""

    def __init__(self, tree: Path, level: str) -> None:
        environment = {**os.environ, "PYTHONPATH": str(tree), "LP_NUM_THREADS": "1"}
        self._child = subprocess.Popen(
            [sys.executable, _CHILD, "draw", level],
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
    chosen = _SFM_QUICK if quick else _SFM_ENVIRONMENTS
    results = []
    for environment in (one for one in catalog.environments if one.name in chosen):
        for one in measure_environment(renderer, world, environment, views=36, mappers=_MAPPERS):
            results.append(one)
            print(
                f"{one.environment:20} {one.mapper:12} {one.registered:6.1%} {one.rotation_deg:7.3f} deg",
                file=sys.stderr,
            )
    for mapper in _MAPPERS:
        yield from _worst([one for one in results if one.mapper == mapper], f".{mapper}")
    yield from _worst(results, "")


def _worst(results: list[SfmResult], suffix: str) -> Iterator[Figure]:
    registered = min(one.registered for one in results)
    rotation_deg = max(one.rotation_deg for one in results)
    yield Figure(benchmark="world", figure=f"sfm_registered{suffix}", value=registered, unit="")
    yield Figure(benchmark="world", figure=f"sfm_rotation_deg{suffix}", value=rotation_deg, unit="deg")
