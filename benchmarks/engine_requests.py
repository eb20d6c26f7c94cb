"""Random requests to the two servers of the embedded engine: valid, nearly valid, and nonsense."""

import json
import struct
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

MAGIC = 0x9E2B83C1
_Item = TypeVar("_Item")
_TEXTS = (
    "", "0", "1", "png", "bmp", "npy", "lit", "Sun", "PlayerPawn", "Car_0", "Walker", "Cube",
    "StaticMeshActor", "SkeletalMeshActor", "CubeActor", "/Game/Maps/Room", "/Game/Maps/Street", "Street",
    "a/b", "..", "x.png", "../x.png", "/etc/x.bmp", "ä", "漢字", "\x00", "\t", "\n", "%s%n", "nan", "{}",
    "[str]", "'", '"', "error", "perspective", "manual", "depth", "W" * 300,
)  # fmt: skip
_NUMBERS = (
    "0", "-0", "1", "-1", "2", "7", "16", "64", "90", "160", "255", "256", "999", "1e5", "1e-05", "nan",
    "inf", "-inf", ".5", "5.", "0.0001", "1000000000", "99999999999", "9" * 40, "9" * 400, "٣",
    "0x10", "--1", "",
)  # fmt: skip
_VERBS = ("GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "PATCH", "FROB")
_PATHS = (
    "/remote/info", "/remote/object/call", "/remote/object/property", "/remote/search/assets", "/", "/remote",
    "/remote/object/call/", "/remote/object/call?x=1", "/%00", "/remote/batch", "http://x/remote/info",
)  # fmt: skip
_FUNCTIONS = (
    "SetPosition", "SetSkeletalMeshAsset", "PlayAnimation", "GetNumBones", "GetBoneName", "GetPosition",
    "GetSocketLocation", "HideBoneByName", "SetPlayRate", "SetIntensity", "GetEngineVersion", "",
)  # fmt: skip
_KEYS = (
    "objectPath", "functionName", "parameters", "propertyName", "propertyValue", "access", "Query", "Filter",
    "ClassNames", "PackagePaths", "PackageNames", "Limit", "InPos", "NewMesh", "NewAnimToPlay", "bLooping",
    "BoneName", "BoneIndex", "InSocketName", "Rate", "Intensity", "NewIntensity", "x",
)  # fmt: skip
_OBJECTS = (
    "/Game/Maps/Street.Street:PersistentLevel.Walker.SkeletalMeshComponent0",
    "/Game/Maps/Room.Room:PersistentLevel.Walker.SkeletalMeshComponent0",
    "/Game/Maps/Street.Street:PersistentLevel.Sun.LightComponent0",
    "/Script/Engine.Default__KismetSystemLibrary", "", "Walker", "/Game", ":", ".",
)  # fmt: skip
_VALUES: tuple[object, ...] = (
    None, True, 0, -1, 1.5, 1e308, 10**40, "", "Walk", "head", "/Game/Characters/Ada.Ada", 
    "/Game/Animations/Walk.Walk", "READ_ACCESS", "WRITE_ACCESS", [], [1], {}, {"x": 1},
)  # fmt: skip
_WORST_BODIES = (
    b"", b"null", b"[]", b"{", b"\xff\xfe", b"[" * 3000, b'{"a":' * 3000, b"NaN", b"1" * 5000,
    b'{"objectPath": "\\ud800"}',
)  # fmt: skip


def random_command(rng: np.random.Generator, templates: Sequence[str]) -> str:
    """A text for UnrealCV: mostly one of the templates with arguments, sometimes changed, sometimes noise."""
    kind = rng.random()
    if kind < 0.05:
        return "".join(map(chr, rng.integers(32, 0x24F, size=int(rng.integers(0, 60))).tolist()))
    words = [_argument(rng, word) for word in _any(rng, templates).split(" ")]
    if kind < 0.15:
        words.insert(int(rng.integers(len(words) + 1)), _any(rng, _TEXTS))
    elif kind < 0.22:
        del words[int(rng.integers(len(words)))]
    elif kind < 0.23:
        words.append("1" * 5000)
    return " ".join(words)


def random_frames(rng: np.random.Generator) -> bytes:
    """Bytes that are not a sequence of UnrealCV requests."""
    garbage = rng.bytes(int(rng.integers(1, 200)))
    length = int(_any(rng, ("0", "1", str(2**31), str(2**32 - 1), str(len(garbage) + 9))))
    framed = struct.pack("<II", MAGIC, length) + garbage
    without_id = struct.pack("<II", MAGIC, len(garbage)) + garbage
    return (garbage, framed, framed[: int(rng.integers(1, 8))], without_id)[int(rng.integers(4))]


def random_http_request(rng: np.random.Generator) -> bytes:
    """The bytes of an HTTP request to Remote Control, with a body of the length that it states."""
    verb, path = _any(rng, _VERBS), _any(rng, _PATHS)
    if rng.random() < 0.7:
        verb, path = "PUT", _any(rng, _PATHS[1:4])
    body = _any(rng, _WORST_BODIES) if rng.random() < 0.2 else json.dumps(_random_body(rng)).encode()
    if verb == "GET" and rng.random() < 0.5:
        body = b""
    return f"{verb} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _random_body(rng: np.random.Generator) -> dict[str, object]:
    body: dict[str, object] = {
        "objectPath": _any(rng, _OBJECTS),
        "functionName": _any(rng, _FUNCTIONS),
        "parameters": _random_fields(rng),
        "propertyName": _any(rng, ("Intensity", "VisibilityBasedAnimTickOption", "x")),
        "propertyValue": _random_fields(rng),
        "access": _any(rng, ("READ_ACCESS", "WRITE_ACCESS", "WRITE_TRANSACTION_ACCESS", "x")),
        "Filter": _random_fields(rng),
    }
    if rng.random() < 0.4:
        del body[_any(rng, tuple(body))]
    return body if rng.random() < 0.7 else {**body, **_random_fields(rng)}


def _random_fields(rng: np.random.Generator) -> dict[str, object]:
    return {_any(rng, _KEYS): _any(rng, _VALUES) for _ in range(int(rng.integers(4)))}


def _argument(rng: np.random.Generator, word: str) -> str:
    """A value for a specifier: four in five are of its kind; other words stay."""
    if word not in ("[str]", "[uint]", "[float]"):
        return word
    of_kind = _TEXTS if word == "[str]" else _NUMBERS
    if word != "[str]" and rng.random() < 0.4:
        return str(int(rng.integers(0, 3)))
    return _any(rng, of_kind if rng.random() < 0.8 else (*_TEXTS, *_NUMBERS))


def _any(rng: np.random.Generator, items: Sequence[_Item]) -> _Item:
    return items[int(rng.integers(len(items)))]
