"""Faults of a real Unreal that the engine can show for tests: ``--faults NAME[=VALUE],...``.

| fault of the connection | what happens |
|---|---|
| ``late-first-tick=SECONDS`` | the server greets at once, but commands wait for the first tick |
| ``slow-level-loads=SECONDS`` | no command is answered while a level loads |
| ``idle-close=SECONDS`` | Remote Control closes a connection that was idle |
| ``lost-replies=N`` | every Nth UnrealCV reply is never sent |
| ``socket-switch`` | TCP serves one client; later clients use the socket ``/tmp/unrealcv_PORT.socket`` |
| ``no-vbatch`` | there is no command ``vbatch`` |
| ``ignored-vbatch`` | ``vbatch`` is answered, but each of its commands runs in a tick of its own |
| ``no-remote-control`` | nothing listens at the port of Remote Control |

| fault of the scene | what happens |
|---|---|
| ``refused-functions`` | Remote Control calls no function but ``GetEngineVersion`` |
| ``read-only-properties`` | Remote Control writes no property |
| ``editor-session`` | objects of a level are at ``/Game/Maps/UEDPIE_0_X.X:PersistentLevel...`` only |
| ``empty-search`` | the search for assets finds nothing |
| ``no-show-flags`` | Remote Control does not find the components of cameras |
| ``no-player`` | ``vrun``, ``vcmd``, pause and level commands: ``error No player controller`` |
| ``no-pawn`` | there is no camera until one is spawned, with the id 0 |
| ``visible-pawn`` | the player has a body |
| ``static-sun`` | the sun is ``Static``, and stays as it is |
| ``renamed-cubes`` | a spawned cube never takes its name |
| ``unlabelled-actors`` | spawned actors stay absent from masks and depth, whatever their colour |
| ``missing-camera`` | the third camera that is spawned in a level gets no id |
| ``stuck-camera`` | camera 2 does not move |
| ``null-mesh`` | ``SetSkeletalMeshAsset`` sets no mesh |
| ``frozen-animation`` | ``GetPosition`` returns what was set, but the body does not move |
| ``running-animation`` | each tick moves every animation on by 1/30 s |

| fault of images | what happens |
|---|---|
| ``fixed-size`` | all have 640x480 pixels |
| ``mirrored`` | all are flipped left to right |
| ``depth-in-metres`` | depth is in metres |
| ``drift-per-load`` | lit images are 5 % darker after each level that is loaded |
| ``history=N`` | N lit images of a camera after a cut are mixed with its image before |
| ``stale-camera=N`` | N lit images of a camera after a cut are its image before |
| ``late-textures=N`` | the first N lit images of a level are blurred |
| ``drifting-exposure=N`` | the first N lit images of a camera are too dark |
| ``grain=N`` | lit images have noise of N levels, another one in each |
"""

from dataclasses import fields
from typing import Any

from multitake.errors import InputError

from ..world.faults import Faults

__all__ = ["Faults", "parse_faults"]
_OPTION = "--faults"
_UNIT = "_s"
_FIELDS = {one.name.removesuffix(_UNIT).replace("_", "-"): one for one in fields(Faults)}
_MOST = 3600


def parse_faults(text: str) -> Faults:
    """Return the faults of an option; InputError for an unknown name or a value that is not positive."""
    values: dict[str, Any] = dict(_fault(part) for part in text.split(",") if part)
    return Faults(**values)


def _fault(part: str) -> tuple[str, float | int]:
    """The field of a fault, and its value."""
    name, equals, text = part.partition("=")
    if name not in _FIELDS:
        raise InputError(f"unknown fault '{name}'", where=_OPTION, fix=f"use one of {', '.join(_FIELDS)}")
    field = _FIELDS[name].name
    if _FIELDS[name].type is not bool:
        return field, _number(name, text, is_time=field.endswith(_UNIT))
    if equals:
        raise InputError(f"{name} has no value", where=_OPTION, fix=f"use {name}")
    return field, True


def _number(name: str, text: str, *, is_time: bool) -> float | int:
    try:
        value = float(text) if is_time else int(text)
    except ValueError:
        value = 0
    if not 0 < value <= _MOST:
        kind = f"more than 0 and at most {_MOST} seconds" if is_time else f"a whole number from 1 to {_MOST}"
        what = f"{name} must be {kind}, not '{text[:40]}'"
        raise InputError(what, where=_OPTION, fix=f"use {name}=3")
    return value
