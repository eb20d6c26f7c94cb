"""Faults of a real Unreal that the engine can show for tests: ``--faults NAME[=VALUE],...``.

| fault | what happens |
|---|---|
| ``late-first-tick=SECONDS`` | the server greets at once, but commands wait for the first tick |
| ``slow-level-loads=SECONDS`` | no command is answered while a level loads |
| ``idle-close=SECONDS`` | Remote Control closes a connection that was idle |
| ``lost-replies=N`` | every Nth UnrealCV reply is never sent |
| ``socket-switch`` | TCP serves one client; later clients use the socket ``/tmp/unrealcv_PORT.socket`` |
| ``history=N`` | N lit images of a camera after a cut are mixed with its image before |
| ``late-textures=N`` | the first N lit images of a level are blurred |
| ``drifting-exposure=N`` | the first N lit images of a camera are too dark |
"""

from dataclasses import dataclass
from typing import Any

from multitake.errors import InputError

_OPTION = "--faults"


@dataclass(frozen=True, kw_only=True)
class Faults:
    """The faults of an engine; by default none. Counts are of captures or replies."""

    late_first_tick_s: float = 0.0
    slow_level_loads_s: float = 0.0
    idle_close_s: float | None = None
    lost_replies: int = 0
    socket_switch: bool = False
    history: int = 0
    late_textures: int = 0
    drifting_exposure: int = 0


_SECONDS = ("late-first-tick", "slow-level-loads", "idle-close")
_COUNTS = ("lost-replies", "history", "late-textures", "drifting-exposure")
_SWITCHES = ("socket-switch",)
_MOST = 3600


def parse_faults(text: str) -> Faults:
    """Return the faults of an option; InputError for an unknown name or a value that is not positive."""
    values: dict[str, Any] = dict(_fault(part) for part in text.split(",") if part)
    return Faults(**{_field(name): value for name, value in values.items()})


def _field(name: str) -> str:
    return name.replace("-", "_") + ("_s" if name in _SECONDS else "")


def _fault(part: str) -> tuple[str, float | int]:
    name, equals, text = part.partition("=")
    if name not in (*_SECONDS, *_COUNTS, *_SWITCHES):
        known = ", ".join((*_SECONDS, *_COUNTS, *_SWITCHES))
        raise InputError(f"unknown fault '{name}'", where=_OPTION, fix=f"use one of {known}")
    if name in _SWITCHES:
        if equals:
            raise InputError(f"{name} has no value", where=_OPTION, fix=f"use {name}")
        return name, True
    try:
        value = float(text) if name in _SECONDS else int(text)
    except ValueError:
        value = 0
    if not 0 < value <= _MOST:
        is_time = name in _SECONDS
        kind = f"more than 0 and at most {_MOST} seconds" if is_time else f"a whole number from 1 to {_MOST}"
        what = f"{name} must be {kind}, not '{text[:40]}'"
        raise InputError(what, where=_OPTION, fix=f"use {name}=3")
    return name, value
