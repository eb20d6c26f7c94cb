"""The engine as a Remote Control server: the form of its answers, and errors that name what is unknown."""

import http.client
import json

import pytest
from engine_child import Engine, running

LIBRARY = "/Script/Engine.Default__KismetSystemLibrary"


@pytest.fixture(scope="module")
def engine():
    with running("fast") as engine:
        engine.level("Street")
        engine.spawn_character("Hero")
        yield engine


def refused(engine: Engine, path: str, body: object, status: int = 400) -> str:
    """Return the message of a refused request."""
    code, answer = engine.http("PUT", path, body)
    assert code == status and set(answer) == {"errorMessage"}, answer
    return answer["errorMessage"]


def test_info_lists_the_routes(engine: Engine):
    status, answer = engine.http("GET", "/remote/info")
    paths = {route["Path"] for route in answer["HttpRoutes"]}
    assert status == 200 and {"/remote/info", "/remote/object/call", "/remote/search/assets"} <= paths


def test_the_engine_version_names_look_and_renderer(engine: Engine):
    body = {"objectPath": LIBRARY, "functionName": "GetEngineVersion"}
    status, answer = engine.http("PUT", "/remote/object/call", body)
    assert status == 200 and answer == {"ReturnValue": engine.announced["version"]}
    assert " fast panda3d 1.10" in answer["ReturnValue"] and "tinydisplay" in answer["ReturnValue"]


def test_assets_are_found_by_class_and_path(engine: Engine):
    def search(**wanted: object) -> list[dict]:
        return engine.http("PUT", "/remote/search/assets", {"Query": "", "Filter": wanted})[1]["Assets"]

    everything = search()
    assert len(everything) == 7
    characters = search(ClassNames=["/Script/Engine.SkeletalMesh"], RecursivePaths=True)
    ada = {"Name": "Ada", "Class": "/Script/Engine.SkeletalMesh", "Path": "/Game/Characters/Ada.Ada"}
    assert ada in characters and len(characters) == 2
    assert {asset["Name"] for asset in search(PackagePaths=["/Game/Animations"])} == {"Walk", "Wave", "Dance"}
    assert search(PackagePaths=["/Game/Nothing"]) == []


def test_properties_can_be_read_and_written(engine: Engine):
    body = {"objectPath": engine.path("Hero"), "propertyName": "VisibilityBasedAnimTickOption"}
    value = {"VisibilityBasedAnimTickOption": "OnlyTickPoseWhenRendered"}
    write = body | {"access": "WRITE_ACCESS", "propertyValue": value}
    assert engine.http("PUT", "/remote/object/property", write) == (200, None)
    assert engine.http("PUT", "/remote/object/property", body | {"access": "READ_ACCESS"}) == (200, value)
    sun = {
        "objectPath": engine.path("Sun", "LightComponent0"),
        "propertyName": "Intensity",
        "access": "READ_ACCESS",
    }
    assert engine.http("PUT", "/remote/object/property", sun) == (200, {"Intensity": 10.0})


def test_unknown_things_are_named(engine: Engine):
    hero, call = engine.path("Hero"), "/remote/object/call"
    walk = {"NewAnimToPlay": "/Game/Animations/Walk.Walk", "bLooping": True}
    elsewhere = "/Game/Maps/Room.Room:PersistentLevel.Hero.SkeletalMeshComponent0"
    cases = [
        (engine.path("Ghost"), "GetPosition", {}, "Ghost"),
        (elsewhere, "GetPosition", {}, "Room"),
        (hero, "Fly", {}, "Fly"),
        (hero, "SetPosition", {"InPos": 1}, "bFireNotifies"),
        (hero, "PlayAnimation", walk | {"Speed": 2}, "Speed"),
        (hero, "PlayAnimation", walk | {"bLooping": "yes"}, "bLooping"),
        (hero, "SetSkeletalMeshAsset", {"NewMesh": "/Game/Animations/Walk.Walk"}, "Walk"),
        (hero, "GetSocketLocation", {"InSocketName": "tail"}, "tail"),
        (LIBRARY, "QuitGame", {}, "QuitGame"),
    ]
    for path, function, parameters, named in cases:
        body = {"objectPath": path, "functionName": function, "parameters": parameters}
        assert named in refused(engine, call, body)
    assert "functionName" in refused(engine, call, {"objectPath": hero})
    sun = {"objectPath": engine.path("Sun", "LightComponent0"), "access": "WRITE_ACCESS"}
    assert "Colour" in refused(
        engine, "/remote/object/property", sun | {"propertyName": "Colour", "propertyValue": {"Colour": 1}}
    )
    bright = {"propertyName": "Intensity", "propertyValue": {"Intensity": "bright"}}
    assert "bright" in refused(engine, "/remote/object/property", sun | bright)
    assert "JSON object" in refused(engine, call, [])
    assert "/remote/preset" in refused(engine, "/remote/preset", {}, status=404)
    assert engine.http("GET", "/remote/nothing")[0] == 404


def test_invalid_json_is_refused_and_the_connection_stays_open(engine: Engine):
    link = http.client.HTTPConnection("127.0.0.1", engine.announced["remote_control_port"], timeout=10)
    try:
        for payload in (b"{", b'"text"'):
            link.request("PUT", "/remote/object/call", body=payload)
            response = link.getresponse()
            assert response.status == 400 and "errorMessage" in json.loads(response.read())
        link.request("GET", "/remote/info")
        response = link.getresponse()
        assert response.status == 200 and response.read()
    finally:
        link.close()
