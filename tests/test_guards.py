"""The architecture, as tests: who imports whom, what is public, where randomness and clocks may be."""

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

import multitake

ROOT = Path(__file__).parent.parent
BELOW = {
    "trajectories": set(),
    "shards": {"trajectories"},
    "datagen": {"trajectories", "shards"},
    "training": {"trajectories", "shards"},
}
PLANNING = [
    *sorted((ROOT / "trajectories").rglob("*.py")),
    *(ROOT / "datagen" / name for name in ("batch.py", "catalog.py", "plan.py")),
    ROOT / "shards" / "format.py",
]
CLOCKS_AND_CHANCE = {"random", "time", "datetime", "uuid", "secrets"}
MOST_LINES_A_FILE, MOST_LINES_A_FUNCTION = 320, 60
SEEDED = {"Generator", "Philox"}


def sources(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Modules imported absolutely, each with the names taken from it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or "", tuple(alias.name for alias in node.names)


@pytest.mark.parametrize("room", BELOW)
def test_rooms_import_downwards_and_public_names_only(room: str) -> None:
    for path in sources(room):
        for module, names in imports(path):
            other, _, inside = module.partition(".")
            if other not in BELOW:
                continue
            assert other in BELOW[room], f"{path} imports {other}"
            assert not inside, f"{path} reaches into {module}"
            private = set(names) - set(importlib.import_module(other).__all__)
            assert not private, f"{path} takes private {private} from {other}"


@pytest.mark.parametrize("room", BELOW)
def test_public_names_are_unique_and_there(room: str) -> None:
    package = importlib.import_module(room)
    assert len(package.__all__) == len(set(package.__all__))
    for name in package.__all__:
        assert getattr(package, name) is not None


def test_light_rooms_load_neither_ray_nor_torch() -> None:
    code = "import sys, trajectories, shards; print({'ray', 'torch'} & set(sys.modules) or 'none')"
    assert _python(code) == "none"


def test_engine_processes_load_neither_ray_nor_torch() -> None:
    code = "import sys, datagen.engine; print({'ray', 'torch'} & set(sys.modules) or 'none')"
    assert _python(code) == "none"


def test_the_command_loads_no_room_for_its_help() -> None:
    rooms = {"numpy", *BELOW}
    code = f"import sys, multitake; print({rooms!r} & set(sys.modules) or 'none')"
    assert _python(code) == "none"


def test_training_and_datagen_never_meet() -> None:
    for room, stranger in (("datagen", "training"), ("training", "datagen")):
        for path in sources(room):
            assert all(module.partition(".")[0] != stranger for module, _ in imports(path)), path


@pytest.mark.parametrize("path", PLANNING, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_planning_has_no_clock_and_no_global_chance(path: Path) -> None:
    assert not CLOCKS_AND_CHANCE & {module.partition(".")[0] for module, _ in imports(path)}
    for node in ast.walk(ast.parse(path.read_text())):
        is_np_random = isinstance(node, ast.Attribute) and ast.unparse(node.value) == "np.random"
        assert not is_np_random or node.attr in SEEDED, f"{path}:{node.lineno} uses np.random.{node.attr}"


@pytest.mark.parametrize("room", [*BELOW, "benchmarks"])
def test_files_and_functions_stay_small(room: str) -> None:
    for path in sources(room):
        text = path.read_text()
        assert text.count("\n") <= MOST_LINES_A_FILE, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                assert lines <= MOST_LINES_A_FUNCTION, f"{path}: {node.name}"


def verbs() -> list[tuple[str, object]]:
    found = [(c.name or c.callback.__name__, c.callback) for c in multitake.app.registered_commands]
    for group in multitake.app.registered_groups:
        found += [(f"{group.name} {c.name}", c.callback) for c in group.typer_instance.registered_commands]
    return found


def test_every_verb_is_helped_and_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    assert isinstance(multitake.app, typer.Typer) and len(verbs()) >= 10
    for name, callback in verbs():
        assert callback.__doc__ and callback.__doc__.strip().endswith("."), name
        assert f"multitake {name}" in readme, f"README does not know `multitake {name}`"


def _python(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()
