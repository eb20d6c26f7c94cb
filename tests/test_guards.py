"""The architecture as tests: imports, public names, and where randomness and clocks are used."""

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from jaxtyping import TypeCheckError

from multitake.cli import app

ROOT = Path(__file__).parent.parent
GROUND = {f"multitake.{path.stem}" for path in (ROOT / "multitake").glob("[a-z]*.py")} - {"multitake.cli"}
TRAJECTORIES = {"trajectories", "trajectories.sampling", "trajectories.formats", "trajectories.audit"}
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("*/README.md"), *ROOT.glob("docs/*.md")]
SHARDS = {"shards", "shards.pairs", "shards.streaming"}
COMMAND_LINE = {ROOT / "multitake" / name for name in ("cli.py", "__main__.py", "commands")}
# What each package may import from outside itself. Only the command line knows all packages.
MAY_IMPORT = {
    "multitake": set(),
    "trajectories": GROUND,
    "shards": GROUND | TRAJECTORIES,
    "datagen": GROUND | TRAJECTORIES | SHARDS,
    "training": GROUND | TRAJECTORIES | SHARDS,
}
PLAN = (
    *("datagen.batch", "datagen.batch_file", "datagen.extra_cameras", "datagen.catalog"),
    *("datagen.placing", "datagen.plan"),
)
SCENES = ("datagen.actor_paths", "datagen.mask_colours", "datagen.geometry")
DATAGEN = (
    *PLAN,
    *SCENES,
    *(f"datagen.{name}" for name in ("drive", "probed_rigs", "labels", "encoding", "film")),
    *(f"datagen.{name}" for name in ("ray_session", "ray_cluster", "worker_call", "worker_pool", "crew")),
    *(f"datagen.{name}" for name in ("generate", "run", "metrics", "run_log", "status", "plan_report")),
    "datagen.catalogs",
    *(f"datagen.{name}" for name in ("extra_clips", "refilm", "sealed_batch", "camera_file")),
)
# Each imports the ones before it at most, except that characters and what stands in levels do not meet.
CONTENT = ("shapes", "textures", "props", "levels", "characters", "animations")
PROGRAMS = ("datagen.engine.serve", "datagen.engine.doctor")
# Within a package: a module of the first kind imports none of the second.
NEVER_IMPORTS = (
    ("multitake", ("multitake.cli", "multitake.commands")),
    ("trajectories.sampling", ("trajectories.formats", "trajectories.audit")),
    ("trajectories.formats", ("trajectories.audit",)),
    ("datagen.engine", ("shards", *DATAGEN)),
    (
        "datagen.geometry",
        (
            *(name for name in DATAGEN if name not in ("datagen.geometry", "datagen.actor_paths")),
            *(f"datagen.engine.{name}" for name in ("render", "world", "protocol")),
        ),
    ),
    ("datagen.drive", tuple(name for name in DATAGEN if name not in ("datagen.drive", *PLAN, *SCENES))),
    (
        "datagen.engine.content",
        (
            "panda3d",
            *(f"datagen.engine.{name}" for name in ("assets", "imported", "world", "render", "protocol")),
        ),
    ),
    *(
        (f"datagen.engine.content.{name}", tuple(f"datagen.engine.content.{one}" for one in CONTENT[n + 1 :]))
        for n, name in enumerate(CONTENT[:-1])
    ),
    *(
        (f"datagen.engine.content.{name}", ("datagen.engine.content.props", "datagen.engine.content.levels"))
        for name in ("characters", "animations")
    ),
    (
        "datagen.engine.imported",
        (
            "panda3d",
            "datagen.engine.assets",
            *(f"datagen.engine.{name}" for name in ("world", "render", "protocol")),
        ),
    ),
    ("datagen.engine.render", ("datagen.engine.world", "datagen.engine.protocol", *PROGRAMS)),
    ("datagen.engine.world", ("datagen.engine.protocol", *PROGRAMS)),
    ("datagen.engine.protocol", PROGRAMS),
    ("training.models", ("training.loop", "training.run_folder", "training.reshoot")),
    ("training.run_folder", ("torch", "training.models", "training.encoders", "training.device")),
)
PLANNING = [
    *sorted((ROOT / "trajectories").rglob("*.py")),
    *(
        ROOT / "datagen" / name
        for name in ("batch.py", "batch_file.py", "catalog.py", "placing.py", "plan.py")
    ),
    *(ROOT / "datagen" / name for name in ("extra_cameras.py", "extra_clips.py", "sealed_batch.py")),
    *sorted((ROOT / "datagen").glob("*captions.py")),
    *sorted((ROOT / "datagen" / "geometry").glob("*.py")),
    ROOT / "multitake" / "randomness.py",
    ROOT / "shards" / "format.py",
]
CLOCKS_AND_RANDOMNESS = {"random", "time", "datetime", "uuid", "secrets"}
SEEDED = {"Generator", "Philox"}


def sources(package: str) -> list[Path]:
    """The files of a package, or the file of a module, without those of the command line."""
    files = [(ROOT / package).with_suffix(".py"), *(ROOT / package).rglob("*.py")]
    return sorted(path for path in files if path.is_file() and not COMMAND_LINE & {path, path.parent})


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Absolute names of the modules that a file imports, each with the names taken from it."""
    package = module_name(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield module, tuple(alias.name for alias in node.names)


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_packages_import_downwards_and_public_names_only(package: str) -> None:
    for path in sources(package):
        for module, names in imports(path):
            other = module.partition(".")[0]
            if other not in MAY_IMPORT or other == package:
                continue
            assert module in MAY_IMPORT[package], f"{path} imports {module}"
            imported = importlib.import_module(module)
            public = set(getattr(imported, "__all__", [name for name in dir(imported) if name[0] != "_"]))
            assert set(names) <= public, f"{path} takes private {set(names) - public} from {module}"


@pytest.mark.parametrize(("upper", "lower"), NEVER_IMPORTS, ids=lambda value: str(value))
def test_layers_within_a_package_import_downwards(upper: str, lower: tuple[str, ...]) -> None:
    for path in sources(upper.replace(".", "/")):
        for module, names in imports(path):
            for one in (module, *(f"{module}.{name}" for name in names)):
                assert not any(f"{one}.".startswith(f"{low}.") for low in lower), f"{path} imports {one}"


@pytest.mark.parametrize("package", sorted(TRAJECTORIES | {"shards", "datagen.drive"}))
def test_public_names_exist_once(package: str) -> None:
    module = importlib.import_module(package)
    assert len(module.__all__) == len(set(module.__all__))
    assert all(hasattr(module, name) for name in module.__all__)


def test_no_package_has_a_lazy_facade() -> None:
    for path in ROOT.rglob("__init__.py"):
        if path.relative_to(ROOT).parts[0] in MAY_IMPORT:
            assert "__getattr__" not in path.read_text(), path


def test_light_packages_load_neither_ray_nor_torch() -> None:
    assert _loaded("import trajectories, shards", {"ray", "torch"}) == "none"


def test_trajectories_load_neither_the_audit_nor_scipy_stats() -> None:
    heavy = {"trajectories.audit", "scipy.stats", "scipy.spatial", "ray", "torch"}
    assert _loaded("import trajectories", heavy) == "none"


def test_engine_processes_load_neither_ray_nor_torch() -> None:
    assert _loaded("import datagen.engine.serve", {"ray", "torch", "shards", "datagen.crew"}) == "none"


def test_the_help_of_the_command_loads_no_room() -> None:
    assert _loaded("import multitake.cli", {"numpy", "pydantic", *MAY_IMPORT} - {"multitake"}) == "none"


@pytest.mark.parametrize("path", PLANNING, ids=module_name)
def test_planning_uses_no_clock_and_no_global_randomness(path: Path) -> None:
    assert not CLOCKS_AND_RANDOMNESS & {module.partition(".")[0] for module, _ in imports(path)}
    for node in ast.walk(ast.parse(path.read_text())):
        is_np_random = isinstance(node, ast.Attribute) and ast.unparse(node.value) == "np.random"
        assert not is_np_random or node.attr in SEEDED, f"{path}:{node.lineno} uses np.random.{node.attr}"


@pytest.mark.parametrize("page", sorted(path.relative_to(ROOT) for path in PAGES), ids=str)
def test_lines_of_text_fit_on_a_screen(page: Path) -> None:
    """Tables, code and lines with an address are as long as they must be."""
    text = re.sub(r"^```.*?^```", "", (ROOT / page).read_text(), flags=re.MULTILINE | re.DOTALL)
    lines = [line for line in text.splitlines() if not line.startswith("|") and "](http" not in line]
    assert [line for line in lines if len(line) > 120] == []


def test_tests_use_no_private_members() -> None:
    for path in sources("tests"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) not in ("self", "cls"):
                names.append(node.attr)
            private = [name for name in names if name.startswith("_") and not name.endswith("_")]
            assert not private, f"{path}:{node.lineno} uses {private[0]}"


@pytest.mark.parametrize(
    "name", ["multitake.randomness.rng_for", "shards.forward_flow_px", "datagen.geometry.queries.is_crossed"]
)
def test_types_of_calls_are_checked_while_tests_run(name: str) -> None:
    module, _, function = name.rpartition(".")
    with pytest.raises(TypeCheckError):
        getattr(importlib.import_module(module), function)(b"", b"", b"")


def test_every_verb_has_help_and_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    verbs = [(c.name or c.callback.__name__, c.callback) for c in app.registered_commands]
    for group in app.registered_groups:
        verbs += [(f"{group.name} {c.name}", c.callback) for c in group.typer_instance.registered_commands]
    assert len(verbs) >= 10
    for name, callback in verbs:
        assert callback.__doc__ and callback.__doc__.strip().endswith("."), name
        assert f"multitake {name}" in readme, f"README has no `multitake {name}`"


def _loaded(code: str, modules: set[str]) -> str:
    """Which of ``modules`` are loaded after ``code``, in a new process."""
    code = f"import sys; {code}; print(*({modules!r} & set(sys.modules) or ['none']))"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()
