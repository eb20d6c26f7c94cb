"""The engine as a Remote Control server: the form of its answers, and errors that name what is unknown."""

import http.client
import json

import numpy as np
import pytest
from engine_child import Engine, running

from datagen.engine.assets import ASSETS
from datagen.engine.content.animations.catalog import ANIMATIONS
from datagen.engine.content.characters.catalog import CHARACTERS

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
    assert len(everything) == min(len(ASSETS), 100)
    characters = search(ClassNames=["/Script/Engine.SkeletalMesh"], RecursivePaths=True)
    ada = {"Name": "Ada", "Class": "/Script/Engine.SkeletalMesh", "Path": "/Game/Characters/Ada.Ada"}
    assert ada in characters and len(characters) == len(CHARACTERS)
    assert {asset["Name"] for asset in search(PackagePaths=["/Game/Animations"])} == set(ANIMATIONS)
    assert search(PackagePaths=["/Game/Nothing"]) == [] == search(PackagePaths=["/Game"])
    assert len(search(PackagePaths=["/game/"], RecursivePaths=True)) == len(search())


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


def test_parameters_that_are_not_given_are_zero_and_names_have_any_case(engine: Engine):
    engine.call("Hero", "setposition", INPOS=0.5)
    assert engine.call("Hero", "GetPosition") == {"ReturnValue": 0.5}
    engine.call("Hero", "SetPosition")
    assert engine.call("Hero", "GetPosition") == {"ReturnValue": 0.0}
    body = {"OBJECTPATH": engine.path("Hero"), "functionname": "GetBoneName", "Parameters": {}}
    assert engine.http("PUT", "/remote/object/call", body) == (200, {"ReturnValue": "root"})


def test_an_animation_has_a_length(engine: Engine):
    walk = {"objectPath": "/Game/Animations/Walk.Walk", "functionName": "GetPlayLength"}
    assert engine.http("PUT", "/remote/object/call", walk) == (200, {"ReturnValue": 1.0})
    assert "/Nap.Nap" in refused(
        engine, "/remote/object/call", walk | {"objectPath": "/Game/Animations/Nap.Nap"}
    )
    assert "Stop" in refused(engine, "/remote/object/call", walk | {"functionName": "Stop"})


def test_a_mesh_has_bones_once_it_is_set(engine: Engine):
    engine.run("vset /objects/spawn SkeletalMeshActor Nobody")
    assert engine.call("Nobody", "GetNumBones") == {"ReturnValue": 0}
    assert engine.call("Hero", "GetNumBones")["ReturnValue"] > 0
    assert engine.ask("vget /object/Nobody/bones") == ["[]"]


@pytest.mark.parametrize(
    ("actor", "component", "name", "parameter"),
    [
        ("Sun", "LightComponent0", "Intensity", "NewIntensity"),
        ("SkyLight", "SkyLightComponent0", "Intensity", "NewIntensity"),
        ("HeightFog", "HeightFogComponent0", "FogDensity", "Value"),
    ],
)
def test_the_function_of_a_light_sets_its_property(engine: Engine, actor, component, name, parameter):
    light, before = engine.path(actor, component), engine.image("lit")
    read = {"objectPath": light, "access": "READ_ACCESS"}
    was = engine.http("PUT", "/remote/object/property", read)[1]
    call = {"objectPath": light, "functionName": f"Set{name}", "parameters": {parameter: 0.5}}
    assert engine.http("PUT", "/remote/object/call", call) == (200, {})
    assert engine.http("PUT", "/remote/object/property", read) == (200, {name: 0.5})
    named = read | {"propertyName": name.lower()}
    assert engine.http("PUT", "/remote/object/property", named) == (200, {name: 0.5})
    assert not np.array_equal(engine.image("lit"), before)
    write = {"objectPath": light, "access": "WRITE_ACCESS", "propertyName": name}
    for value in (-1, "bright", None):
        body = write | {"propertyValue": {name: value}}
        assert name in refused(engine, "/remote/object/property", body)
    assert engine.http("PUT", "/remote/object/property", write | {"propertyValue": was}) == (200, None)
    assert np.array_equal(engine.image("lit"), before)
    assert str(engine.ask(f"vset /object/{actor}/destroy")[0]).startswith("error")
    engine.run("vset /objects/spawn SkyLight Second")
    other = call | {"objectPath": engine.path("Second", component)}
    assert "Second" in refused(engine, "/remote/object/call", other)
    engine.run("vset /object/Second/destroy")


def test_properties_of_an_object_are_listed_and_their_values_checked(engine: Engine):
    option = "VisibilityBasedAnimTickOption"
    body = {"objectPath": engine.path("Hero"), "access": "READ_ACCESS"}
    listed = engine.http("PUT", "/remote/object/property", body)[1]
    assert set(listed) == {option}
    for value in ("Sometimes", 3, None, True):
        write = {"propertyName": option, "propertyValue": {option: value}, "access": "WRITE_ACCESS"}
        assert option in refused(engine, "/remote/object/property", body | write)
    assert engine.http("PUT", "/remote/object/property", body)[1] == listed


def test_a_search_is_limited_and_finds_packages(engine: Engine):
    def search(body: dict) -> list[str]:
        return [asset["Name"] for asset in engine.http("PUT", "/remote/search/assets", body)[1]["Assets"]]

    everything = search({})
    assert search({"Limit": 3}) == everything[:3] and search({"limit": 0}) == []
    packages = ["/Game/Characters/Ada", "/Game/Animations/walk", "/Game/Nothing"]
    assert search({"Filter": {"PackageNames": packages}}) == ["Ada", "Walk"]
    both = {"PackageNames": packages, "PackagePaths": ["/Game/Animations"]}
    assert search({"Filter": both}) == ["Walk"]
    assert "Limit" in refused(engine, "/remote/search/assets", {"Limit": "all"})


def test_unknown_things_are_named(engine: Engine):
    hero, call = engine.path("Hero"), "/remote/object/call"
    walk = {"NewAnimToPlay": "/Game/Animations/Walk.Walk", "bLooping": True}
    elsewhere = "/Game/Maps/Room.Room:PersistentLevel.Hero.SkeletalMeshComponent0"
    cases = [
        (engine.path("Ghost"), "GetPosition", {}, "Ghost"),
        (elsewhere, "GetPosition", {}, "Room"),
        (hero, "Fly", {}, "Fly"),
        (engine.path("Sun", "LightComponent0"), "SetIntensity", {"NewIntensity": "bright"}, "NewIntensity"),
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
