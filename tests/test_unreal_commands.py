"""Everything that Unreal's driver sends is known to the plugin, and listed in the page and its templates."""

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from engine_child import need
from engine_proxy import HOST, Recorded, proxied
from plugin_commands import PLUGIN_COMMANDS
from unreal_runs import (
    SCENE,
    attached,
    batch_of,
    catalog_of,
    cells_loaded_soon,
    choice_of,
    started,
    take_of,
)

from datagen.batch import UNREAL_LOOKS, EngineChoice
from datagen.catalogs.scan import scan_catalog
from datagen.doctor import examine
from datagen.drive.connecting import EngineAddress
from datagen.drive.environment_check import check_environment
from datagen.drive.looks import UnrealLook
from datagen.engine.protocol.dispatch import Dispatcher
from datagen.film import film_take
from multitake.progress import ProgressLine

DOCS = Path(__file__).parent.parent / "docs"
# Not in the plugin's schema: ``vbatch`` is bound in UnrealcvServer.cpp, and LychSim is another plugin.
SERVER_COMMAND, OTHER_PLUGIN = re.compile(r"vbatch \d+"), "lych status"


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    """A take with all passes, probes and settling, the other look, all checks of the doctor, and a scan."""
    catalog = catalog_of()
    with started(look=need("lit")) as announced, proxied(announced) as seen:
        batch = batch_of(seen.announced, passes=choice_of(announced).passes, is_probed=True)
        with attached(seen.announced) as driver:
            assert driver.missing_assets(catalog) == []
            check_environment(driver, catalog.environments[0], catalog)
            film_take(driver, batch, take_of(batch))
            driver.engine_version()
        with attached(seen.announced, look="cinematic") as driver:
            driver.open_environment(catalog.environments[0])
            driver.spawn_cameras(2, exposure_ev=-1.5, fps=24.0)
        address = EngineAddress(host=HOST, **seen.announced)
        lights = catalog_of(replace(SCENE, lights=("noon", "overcast")))
        with cells_loaded_soon():
            report = examine(address, choice_of(seen.announced), lights, progress=ProgressLine(sys.stderr))
        assert report.is_ok, report.json_text()
        with cells_loaded_soon(), ProgressLine(sys.stderr) as progress:
            scan_catalog(
                f"{HOST}:{seen.announced['unrealcv_port']}",
                tmp_path_factory.mktemp("scan") / "catalog.toml",
                remote_control_port=seen.announced["remote_control_port"],
                folder="/Game",
                limit=1,
                timeout_s=10.0,
                progress=progress,
            )
        yield seen


def templates() -> Dispatcher:
    """The plugin's templates, matched as CommandDispatcher.cpp does."""
    dispatcher = Dispatcher()
    for template in sorted(PLUGIN_COMMANDS):
        dispatcher.bind(template, lambda *words: "ok", "")
    return dispatcher


def ini(name: str) -> dict[str, list[tuple[str, str]]]:
    """Keys and values of each section, in order; Unreal's files repeat keys."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for line in (DOCS / "unreal" / name).read_text().splitlines():
        if line.startswith("["):
            sections[line.strip("[]")] = entries = []
        elif line and not line.startswith(";"):
            key, _, value = line.partition("=")
            entries.append((key, value))
    return sections


def test_every_command_matches_a_template_of_the_plugin(sent: Recorded) -> None:
    """Source: docs/reference/command_schema.json, and the specifiers of CommandDispatcher.cpp."""
    known, used = templates(), set()
    for command in sorted(set(sent.commands)):
        if command != OTHER_PLUGIN and not SERVER_COMMAND.fullmatch(command):
            found, _ = known.match(command)
            assert found, f"the plugin has no handler for {command!r}"
            used.add(found.template)
    captures = {f"vget /camera/[uint]/{one} [str]" for one in ("lit", "depth", "object_mask", "normal")}
    others = {f"vset /object/[str]/{one}" for one in ("hide", "show", "color [uint] [uint] [uint]")}
    assert captures | others | {"vget /object/[str]/bones [str]", "vrun [str] [str]"} < used


def test_numbers_and_words_are_those_of_the_template(sent: Recorded) -> None:
    """``[float]`` takes no exponent, and a search that is anchored at the end alone hides extra words."""
    known = templates()
    for command in set(sent.commands):
        found, arguments = known.match(command)
        if found and not command.startswith("vrun"):
            assert len(command.split()) == len(found.template.split()), command
            assert "" not in arguments and not re.search(r"\d[eE][-+]?\d|\bnan\b|\binf\b", command), command


def test_every_call_is_in_the_page(sent: Recorded) -> None:
    """docs/unreal.md, section 8: all calls with their documentation."""
    section = (DOCS / "unreal.md").read_text().partition("\n## 8. ")[2].partition("\n## 9. ")[0]
    for name in sent.functions():
        assert f".{name}(" in section or f"`{name}(" in section, name
    for name in sent.properties():
        assert f"`{name}`" in section, name
    for verb, route, body in sent.requests:
        assert f"{verb} {route}" in section and (verb != "GET" or not body)


def test_the_page_lists_no_call_that_is_not_made(sent: Recorded) -> None:
    section = (DOCS / "unreal.md").read_text().partition("\n## 8. ")[2].partition("\n## 9. ")[0]
    listed = set(re.findall(r"^\| `(?:\w+\.)?(\w+)\(", section, re.MULTILINE))
    assert listed == sent.functions()


def test_exactly_the_functions_that_are_called_are_allowed(sent: Recorded) -> None:
    """Epic: FRCAllowedRemoteFunctionCall."""
    (entries,) = ini("DefaultRemoteControl.ini").values()
    rules = [value for key, value in entries if key == "+CustomAllowedRemoteFunctionCalls"]
    allowed = [re.search(r"FunctionName=(\w+)", rule)[1] for rule in rules]  # type: ignore[index]
    assert set(allowed) == sent.functions()
    # The sun and the sky light have functions of one name.
    assert len(allowed) == len(set(allowed)) + 1 and len(set(rules)) == len(rules)


def test_the_template_has_the_variables_that_both_looks_set() -> None:
    looks = [UnrealLook(name=name, illumination="lumen", reflection="lumen") for name in UNREAL_LOOKS]
    shared = set.intersection(*(set(one.console_commands()) for one in looks))
    assert shared <= {f"vrun {key} {value}" for key, value in ini("DefaultEngine.ini")["SystemSettings"]}
    assert len(shared) >= 5


def test_the_ports_of_the_templates_are_those_of_a_batch() -> None:
    choice = EngineChoice(kind="unreal", look="gt")
    (control,) = ini("DefaultRemoteControl.ini").values()
    (plugin,) = ini("unrealcv.ini").values()
    assert dict(control)["RemoteControlHttpServerPort"] == str(choice.remote_control_port)
    assert dict(plugin)["Port"] == str(choice.unrealcv_port)
