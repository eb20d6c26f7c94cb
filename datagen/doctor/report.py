"""Examine an engine: run the checks in order, and say what to do about those that fail."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from multitake.errors import one_line
from multitake.progress import ProgressLine
from multitake.settings import validated

from ..batch import EngineChoice, SceneChoice
from ..catalog import Catalog, load_catalog
from ..drive.connecting import EngineAddress, parsed_address
from ..drive.errors import EngineError
from . import checks
from .examination import Examination

Outcome = Literal["ok", "failed", "not checked"]
_PAGE = "docs/unreal.md"


@dataclass(frozen=True, kw_only=True)
class Check:
    """A check, the checks without which it means nothing, and what to do if it fails."""

    name: str
    run: Callable[[Examination], str]
    needs: tuple[str, ...] = ()
    remedy: str


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """What a check measured, or why it failed, and then what to do."""

    name: str
    outcome: Outcome
    detail: str
    remedy: str = ""


@dataclass(frozen=True, kw_only=True)
class DoctorReport:
    """The results of all checks, in order."""

    results: tuple[CheckResult, ...]

    @property
    def is_ok(self) -> bool:
        """Whether every check was made, and none failed."""
        return all(one.outcome == "ok" for one in self.results)

    def lines(self) -> Iterator[tuple[Outcome, str]]:
        """Each result as text, with its outcome."""
        width = max(len(one.name) for one in self.results)
        for one in self.results:
            yield one.outcome, f"{one.outcome:11}  {one.name:{width}}  {one.detail}"
            if one.remedy:
                yield one.outcome, f"{'':11}  {'':{width}}  -> {one.remedy}"

    def json_text(self) -> str:
        """The report for programs."""
        return json.dumps({"ok": self.is_ok, "checks": [asdict(one) for one in self.results]}, indent=2)


CHECKS = (
    Check(
        name="handshake",
        run=checks.handshake,
        remedy="start the engine with the UnrealCV plugin, give the port of its unrealcv.ini, and end other "
        "clients: it serves one, and on Linux TCP serves only the first",
    ),
    Check(
        name="same tick",
        run=checks.same_tick,
        needs=("handshake",),
        remedy="update the UnrealCV plugin to branch 5.2 of March 2026 or later",
    ),
    Check(
        name="remote control",
        run=checks.remote_control,
        needs=("handshake",),
        remedy="enable the plugin Remote Control API, start the engine with -RCWebControlEnable, and give "
        "its port with --remote-control-port",
    ),
    Check(
        name="versions",
        run=checks.versions,
        needs=("remote control",),
        remedy="use Unreal Engine 5.5 or later",
    ),
    Check(
        name="assets",
        run=checks.assets,
        needs=("remote control",),
        remedy="give your own catalog with --catalog, correct its paths, or cook the assets; an editor with "
        "-game may list none, then look at the checks below",
    ),
    Check(
        name="level",
        run=checks.level,
        needs=("same tick",),
        remedy="run the project as a game with a player: packaged, or the editor with -game; give a catalog "
        "of its levels with --catalog; raise --timeout-s for a large level",
    ),
    Check(
        name="game",
        run=checks.game,
        needs=("level", "remote control"),
        remedy="end the editor session; run the project as a game: packaged, or the editor with -game",
    ),
    Check(
        name="permissions",
        run=checks.permissions,
        needs=("game",),
        remedy="copy the allow-list of docs/unreal/DefaultRemoteControl.ini into the project's Config folder",
    ),
    Check(
        name="cameras",
        run=checks.cameras,
        needs=("level",),
        remedy="remove actors with a FusionCamSensor from the level, and update the UnrealCV plugin",
    ),
    Check(
        name="show flags",
        run=checks.show_flags,
        needs=("cameras", "permissions"),
        remedy="allow SetShowFlagSettings, and update the UnrealCV plugin; or use the look gt",
    ),
    Check(
        name="images",
        run=checks.images,
        needs=("cameras",),
        remedy="give a first spot in the catalog from which something is to be seen, and exposure_ev; if "
        "the size is wrong, update the UnrealCV plugin",
    ),
    Check(
        name="masks",
        run=checks.masks,
        needs=("images",),
        remedy="update the UnrealCV plugin: objects must be in masks after `vset /object/NAME/color`",
    ),
    Check(
        name="depth",
        run=checks.depth,
        needs=("masks",),
        remedy="update the UnrealCV plugin: depth must be planar, in centimetres",
    ),
    Check(
        name="handedness",
        run=checks.handedness,
        needs=("masks",),
        remedy="update the UnrealCV plugin; poses of data sets would not be those of their images",
    ),
    Check(
        name="settling",
        run=checks.settling,
        needs=("images",),
        remedy="stop what moves in the level (wind, water, particles), or raise engine.settle_captures and "
        "engine.settle_change in the batch",
    ),
    Check(
        name="determinism",
        run=checks.determinism,
        needs=("settling",),
        remedy="stop what differs from load to load in the level (random placement, time of day)",
    ),
    Check(
        name="characters",
        run=checks.characters,
        needs=("depth", "permissions"),
        remedy="see the message; correct the character and the animation in the catalog",
    ),
    Check(
        name="time control",
        run=checks.time_control,
        needs=("characters",),
        remedy="use an animation sequence for the character's skeleton, and raise engine.settle_requests",
    ),
    Check(
        name="light",
        run=checks.light,
        needs=("masks", "settling", "permissions"),
        remedy="make sun and sky light Movable in the level, and give their internal names in the catalog",
    ),
    Check(
        name="speed",
        run=checks.speed,
        needs=("images",),
        remedy="raise --timeout-s",
    ),
)  # fmt: skip


def doctor_report(
    address: str,
    *,
    catalog: str,
    remote_control_port: int,
    look: str,
    timeout_s: float,
    progress: ProgressLine,
) -> DoctorReport:
    """Examine the engine at ``HOST:PORT`` with the first entries of a catalog.

    InputError if the address, the look or the catalog is invalid.
    """
    choice = validated(
        EngineChoice,
        {
            "kind": "unreal",
            "look": look,
            "start_timeout_s": timeout_s,
            "load_timeout_s": timeout_s,
            "reply_timeout_s": min(timeout_s, EngineChoice.reply_timeout_s),
        },
        where="--look",
    )
    chosen = load_catalog(SceneChoice(catalog=catalog), folder=Path())
    engine = parsed_address(address, remote_control_port)
    return examine(engine, choice, chosen, progress=progress)


def examine(
    address: EngineAddress, choice: EngineChoice, catalog: Catalog, *, progress: ProgressLine
) -> DoctorReport:
    """Run all checks on a running engine; it is left with a level open, and without connections."""
    results: dict[str, CheckResult] = {}
    with ExitStack() as links:
        examination = Examination(address=address, choice=choice, catalog=catalog, links=links)
        for number, check in enumerate(CHECKS):
            progress.show(f"doctor: {check.name}", done=number, total=len(CHECKS))
            results[check.name] = _result(check, examination, results)
    return DoctorReport(results=tuple(results.values()))


def _result(check: Check, examination: Examination, results: dict[str, CheckResult]) -> CheckResult:
    missing = [name for name in check.needs if results[name].outcome != "ok"]
    if examination.driver and examination.driver.unrealcv.is_lost:
        missing = ["a connection, which was closed after a reply that did not come"]
    if missing:
        return CheckResult(name=check.name, outcome="not checked", detail=f"needs {', '.join(missing)}")
    try:
        return CheckResult(name=check.name, outcome="ok", detail=check.run(examination))
    except Exception as error:  # what an engine answers can be anything, and the other checks go on
        is_expected = isinstance(error, EngineError)
        detail = one_line(error) if is_expected else f"{type(error).__name__}: {one_line(error)}"
        return CheckResult(
            name=check.name, outcome="failed", detail=detail, remedy=f"{check.remedy}; see {_PAGE}"
        )
