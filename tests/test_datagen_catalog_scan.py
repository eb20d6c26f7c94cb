"""The command ``catalog scan``: what it proposes for the assets of a running engine."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from engine_child import Engine, running
from jaxtyping import Float
from typer.testing import CliRunner, Result
from unreal_runs import cells_loaded_soon

from datagen.batch import SceneChoice
from datagen.catalog import Catalog, Character, load_catalog
from datagen.catalogs.scan_actors import ActorScan
from datagen.catalogs.scan_levels import LIGHTS, LeftOutError, LevelScan
from datagen.catalogs.scan_names import new_name, noun_phrase, verb_phrase, words_of
from datagen.drive import EngineDriver
from datagen.drive.connecting import Patience, engine_links, parsed_address
from datagen.drive.errors import RefusedError
from datagen.drive.remote_control_link import RemoteControlLink
from datagen.drive.unrealcv_link import Reply, UnrealCvLink
from multitake.cli import app

EMBEDDED = load_catalog(SceneChoice(), folder=Path())
STREET, WAVE = "/Game/Maps/Street.Street", "/Game/Animations/Wave.Wave"
ADA = Character(name="ada", asset="/Game/Characters/Ada.Ada", caption="a woman", height_m=1.7)


def scan(engine: Engine, out: Path, *options: str) -> Result:
    ports = engine.announced
    address = [f"127.0.0.1:{ports['unrealcv_port']}", "--remote-control-port", ports["remote_control_port"]]
    return CliRunner().invoke(app, ["catalog", "scan", *map(str, address), "--out", str(out), *options])


def error_line(result: Result) -> str:
    assert result.exit_code == 2 and len(result.stderr.splitlines()) == 1, result.output
    return result.stderr


@contextmanager
def driver_of(engine: Engine, kind: type[EngineDriver] = EngineDriver) -> Iterator[EngineDriver]:
    address = parsed_address(str(engine.announced["unrealcv_port"]), engine.announced["remote_control_port"])
    with engine_links(address, Patience(start_timeout_s=20.0, reply_timeout_s=20.0)) as links:
        yield kind(*links, load_timeout_s=20.0, settle_requests=1)


@pytest.fixture(scope="module", autouse=True)
def quick_cells() -> Iterator[None]:
    """Levels of the embedded engine have no cells to wait for."""
    with cells_loaded_soon():
        yield


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with running("lit") as found:
        yield found


@pytest.fixture(scope="module")
def scanned(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    path = tmp_path_factory.mktemp("scan") / "own.toml"
    result = scan(engine, path, "--limit", "1")
    assert result.exit_code == 0, result.output
    return path, result


@pytest.fixture(scope="module")
def catalog(scanned: tuple[Path, Result]) -> Catalog:
    return load_catalog(SceneChoice(catalog=str(scanned[0])), folder=Path())


def test_a_scan_says_what_it_proposes(scanned: tuple[Path, Result]) -> None:
    path, result = scanned
    assert result.stdout.splitlines() == [
        "environments: 1", "characters: 1", "animations: 1", "lights: 4", str(path),
    ]  # fmt: skip
    comments = [line for line in path.read_text().splitlines() if line.startswith("#")]
    assert "multitake-embedded" in comments[1]
    for word in ("caption", "spots", "yaw_offset_deg", "speed_m_per_s", "licence"):
        assert any(word in line for line in comments)
    assert not list(path.parent.glob(".*")), "nothing is left beside the file"


def test_what_is_proposed_agrees_with_the_embedded_catalog(catalog: Catalog) -> None:
    known = {one.asset: one for one in (*EMBEDDED.environments, *EMBEDDED.characters, *EMBEDDED.animations)}
    for items in (catalog.environments, catalog.characters, catalog.animations):
        assert len({one.name for one in items}) == len(items)
        assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]*", one.name) for one in items)
        assert all(one.asset in known or one.asset.partition(".")[0] in known for one in items)
    for character in catalog.characters:
        expected = known[character.asset]
        assert character.height_m == pytest.approx(expected.height_m, rel=0.05)
        assert character.size_m and character.size_m[2] == character.height_m
        assert character.yaw_offset_deg == expected.yaw_offset_deg
    assert all(one.duration_s == known[one.asset].duration_s for one in catalog.animations)
    for environment in catalog.environments:
        expected = known[environment.asset.partition(".")[0]]
        assert environment.tags[0] in expected.tags
        assert (environment.sun, environment.sky_light, environment.fog) == ("Sun", "SkyLight", "HeightFog")
        assert environment.spots[0].position_m[:2] == (-5.0, 0.0), "where the player is"
        assert environment.spots[0].position_m[2] == pytest.approx(expected.ground_m, abs=0.05)
        assert 1.0 <= environment.radius_m <= 8.0
    assert catalog.lights == LIGHTS


def test_heights_and_lengths_are_those_of_the_embedded_catalog(engine: Engine) -> None:
    with driver_of(engine) as driver:
        driver.open_level(STREET)
        actors = ActorScan(driver, STREET)
        for known in EMBEDDED.characters[::12]:
            found = actors.character(known.asset, known.name)
            assert found.height_m == pytest.approx(known.height_m, rel=0.05)
            assert found.yaw_offset_deg == known.yaw_offset_deg
        for motion in EMBEDDED.animations[::12]:
            assert actors.animation(motion.asset, motion.name, ADA).duration_s == motion.duration_s


def test_plan_accepts_a_batch_with_the_proposed_catalog(scanned: tuple[Path, Result]) -> None:
    batch = scanned[0].with_name("batch.toml")
    batch.write_text('seed = 1\ntakes = 1\nframes = 5\n[scene]\ncatalog = "own.toml"\n')
    planned = CliRunner().invoke(app, ["plan", str(batch)])
    assert planned.exit_code == 0 and "1 takes" in planned.stdout, planned.output


def test_spots_are_below_the_starts_of_players(engine: Engine) -> None:
    with driver_of(engine) as driver:
        driver.open_level(STREET)
        for name, place, yaw_deg in (("Start_A", "100 200 92", "90"), ("Start_B", "0 -100 92", "0")):
            driver.unrealcv.ask(f"vset /objects/spawn PlayerStart {name}")
            driver.unrealcv.ask(f"vset /object/{name}/location {place}")
            driver.unrealcv.ask(f"vset /object/{name}/rotation 0 {yaw_deg} 0")
        levels = LevelScan(driver)
        street = levels.open_environment(STREET, "street")
    feet_m = np.array([spot.position_m for spot in street.spots])
    assert np.allclose(feet_m, [[1.0, -2.0, 0.0], [0.0, 1.0, 0.0]], atol=0.02)
    assert [spot.heading_deg for spot in street.spots] == [270.0, 0.0]
    assert street.tags == ("outdoor",) and not levels.notes


class Dark(EngineDriver):
    """A driver of an engine whose levels have no fog, and one of them no sun."""

    def move_player(self, place_m: Float[np.ndarray, "3"]) -> list[str]:
        is_dark = self.unrealcv.ask("vget /level/name") == "Street"
        hidden = {"HeightFog", "Sun" if is_dark else ""}
        return [name for name in super().move_player(place_m) if name not in hidden]


def test_levels_without_lights(engine: Engine) -> None:
    with driver_of(engine, Dark) as driver:
        levels = LevelScan(driver)
        with pytest.raises(LeftOutError, match="no actor of the class DirectionalLight"):
            levels.environment(STREET, "street")
        levels.environment("/Game/Maps/PastelStudio.PastelStudio", "studio")
    assert levels.missing == {"fog"} and [light.name for light in levels.lights] == [o.name for o in LIGHTS]
    assert all(light.fog_density is None for light in levels.lights)
    assert levels.lights[3].sky_intensity == LIGHTS[3].sky_intensity
    (note,) = levels.notes
    assert "ExponentialHeightFog" in note and "PastelStudio" in note


def test_facing_and_size_follow_from_bounds(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arms that are spread along X belong to somebody who faces +Y, as Epic's mannequins do."""
    bounds = ["-90 -20 0 90 20 180", "-20 -90 0 20 90 180", "-1 -1 0 1 1 20", "-100 -300 0 100 300 500"]
    ask_all = UnrealCvLink.ask_all

    def answered(self: UnrealCvLink, commands: list[str], *, timeout_s: float | None = None) -> list[Reply]:
        replies = ask_all(self, commands, timeout_s=timeout_s)
        return [bounds.pop(0)] if commands[0].endswith("/bounds") else replies

    monkeypatch.setattr(UnrealCvLink, "ask_all", answered)
    with driver_of(engine) as driver:
        driver.open_level(STREET)
        actors = ActorScan(driver, STREET)
        epic, own = (actors.character(ADA.asset, name) for name in ("epic", "own"))
        for high in ("0.2 m", "5 m"):
            with pytest.raises(LeftOutError, match=f"it is {high} high"):
                actors.character(ADA.asset, "other")
        with pytest.raises(LeftOutError, match="is not a SkeletalMesh that exists"):
            actors.character("/Game/Characters/Nobody.Nobody", "nobody")
        with pytest.raises(LeftOutError, match="refused"):
            actors.animation("/Game/Animations/Nothing.Nothing", "nothing", ADA)
        assert actors.animation(WAVE, "wave", ADA).caption == "waves"
        left = [name for name in driver.links.words("vget /objects") if name.startswith("multitake_scan")]
    assert (epic.yaw_offset_deg, own.yaw_offset_deg) == (-90.0, 0.0)
    assert epic.size_m == own.size_m == (0.4, 1.8, 1.8)
    assert len(left) == 1, "measured actors are gone"


def test_without_depth_and_with_a_fixed_sun(tmp_path: Path) -> None:
    out = tmp_path / "own.toml"
    with running("fast", "--faults", "static-sun") as engine:
        ended = scan(engine, out, "--limit", "1")
    assert ended.exit_code == 0, ended.output
    assert "note: /Game/Maps/Arcade.Arcade: the sun 'Sun' of environment arcade is Static" in ended.stdout
    (arcade,) = load_catalog(SceneChoice(catalog=str(out)), folder=Path()).environments
    assert (arcade.radius_m, arcade.tags) == (4.0, ())
    assert arcade.spots[0].position_m == pytest.approx((-5.0, 0.0, 0.7)), "0.9 m below the player"


def test_no_game_is_one_line(tmp_path: Path) -> None:
    with running("fast", "--faults", "no-player") as engine:
        says = error_line(scan(engine, tmp_path / "own.toml", "--limit", "1"))
    assert "no level can be opened" in says and "run the project as a game" in says
    assert not list(tmp_path.iterdir())


def test_nothing_to_propose_is_one_line(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "own.toml"
    says = error_line(scan(engine, out, "--folder", "/Game/Nothing"))
    assert "the asset search finds no environments (/Script/Engine.World) in /Game/Nothing" in says

    def refused(*_: object, **__: object) -> dict[str, object]:
        raise RefusedError("Executing function 'GetNumBones' is not allowed")

    monkeypatch.setattr(RemoteControlLink, "call", refused)
    says = error_line(scan(engine, out, "--limit", "1"))
    assert "none of 1 characters can be proposed: /Game/Characters/Ada.Ada is left out" in says
    assert "'GetNumBones' is not allowed; allow the functions of docs/unreal.md" in says
    assert not list(tmp_path.iterdir())


def test_invalid_input_is_one_line(tmp_path: Path) -> None:
    out = tmp_path / "own.toml"
    command = ["catalog", "scan", "--out", str(out), "--timeout-s", "0.3"]
    for arguments, says in (
        (["nowhere"], "'nowhere' is not an address"),
        (["127.0.0.1:1"], "ADDRESS: no UnrealCV server at 127.0.0.1:1"),
        (["1", "--folder", "Game"], "--folder: 'Game' is not a folder of assets"),
    ):
        assert says in error_line(CliRunner().invoke(app, [*command, *arguments]))
    assert not out.exists()
    out.write_text("mine")
    assert "exists; give the path of a new file" in error_line(CliRunner().invoke(app, [*command, "1"]))
    assert out.read_text() == "mine"


@pytest.mark.parametrize(
    ("asset", "words"),
    [
        ("/Game/Characters/SKM_MannySimple.SKM_MannySimple", "manny simple"),
        ("/Game/Anims/AS_MM_Walk_Fwd.AS_MM_Walk_Fwd", "walk fwd"),
        ("/Game/Maps/L_UE5City02.L_UE5City02", "ue5 city02"),
        ("/Game/Maps/Map.Map", "map"),
        ("/Game/Maps/ThirdPersonMap", "third person map"),
        ("/Game/Anims/Anim_Breathing-Idle", "breathing idle"),
        ("/Game/Maps/東京.東京", ""),
    ],
)
def test_words_of_assets(asset: str, words: str) -> None:
    assert " ".join(words_of(asset)) == words


def test_names_are_new_and_phrases_are_english() -> None:
    used: list[str] = []
    for words in (["walk"], ["walk"], ["walk", "2"], [], []):
        used.append(new_name(words, used, kind="animation"))
    assert used == ["walk", "walk-2", "walk-2-2", "animation", "animation-2"]
    nouns = {"manny": "a manny", "adult": "an adult", "unicorn": "a unicorn", "hour": "an hour"}
    assert {word: noun_phrase([word]) for word in nouns} == nouns
    verbs = {
        "walk": "walks", "carry": "carries", "play": "plays", "punch": "punches", "go": "goes",
        "pass": "passes", "waves": "waves", "walking": "is walking", "sing": "sings", "swing": "swings",
    }  # fmt: skip
    assert {word: verb_phrase([word]) for word in verbs} == verbs
    assert verb_phrase(["walk", "briskly"]) == "walks briskly"
