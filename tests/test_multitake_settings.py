"""Settings become typed values, or an error that names the key, the problem and what to do."""

import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from multitake.errors import InputError
from multitake.settings import STRICT, Ordered, Share, parsed_toml, read_toml, validated


@dataclass(frozen=True, kw_only=True)
class Lamp:
    __pydantic_config__ = STRICT
    name: str
    power_w: Annotated[float, Field(gt=0, lt=1000, allow_inf_nan=False)] = 60.0


@dataclass(frozen=True, kw_only=True)
class Scene:
    __pydantic_config__ = STRICT
    frames: Annotated[int, Field(ge=1, le=100)] = 10
    kind: Literal["room", "street"] = "room"
    pan_deg: Annotated[tuple[float, float], Ordered] = (5.0, 60.0)
    visible: Share = 1.0
    is_wet: bool = False
    main: Lamp = Lamp(name="main")
    lamps: tuple[Lamp, ...] = ()
    spare: Lamp | None = None
    title: str = ""
    caption: Annotated[str, Field(min_length=1)] = "none"
    stored_as: int = field(default=0, metadata={"key": "stored"})

    def __post_init__(self) -> None:
        if self.title == "bad":
            raise ValueError("the title is bad; choose a good one")
        if self.title == "worse":
            raise ValueError("the title is worse")


SCENES = st.builds(
    Scene,
    frames=st.integers(1, 100),
    kind=st.sampled_from(["room", "street"]),
    pan_deg=st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)).map(sorted).map(tuple),
    visible=st.floats(0, 1),
    is_wet=st.booleans(),
    lamps=st.lists(
        st.builds(Lamp, name=st.text(), power_w=st.floats(0, 1000, exclude_min=True, exclude_max=True)),
        max_size=2,
    ).map(tuple),
    title=st.sampled_from(["", "a", "ä"]),
)


@given(scene=SCENES)
def test_a_value_comes_back_from_its_own_table(scene: Scene) -> None:
    assert validated(Scene, asdict(scene), where="scene") == scene


@given(low=st.floats(-1e6, 1e6), high=st.floats(-1e6, 1e6))
def test_a_range_is_accepted_exactly_if_it_is_not_empty(low: float, high: float) -> None:
    if low <= high:
        assert validated(Scene, {"pan_deg": [low, high]}, where="scene").pan_deg == (low, high)
        return
    with pytest.raises(InputError) as error:
        validated(Scene, {"pan_deg": [low, high]}, where="scene")
    assert error.value.what == f"empty range {low:g}..{high:g}"
    assert error.value.where == "scene: pan_deg"
    assert error.value.fix == "put the smaller number first"


@given(frames=st.integers(-200, 200))
def test_bounds_are_part_of_the_allowed_values(frames: int) -> None:
    if 1 <= frames <= 100:
        assert validated(Scene, {"frames": frames}, where="scene").frames == frames
        return
    bound = "at least 1" if frames < 1 else "at most 100"
    with pytest.raises(InputError, match=f"^scene: frames: must be {bound}, got {frames}; correct"):
        validated(Scene, {"frames": frames}, where="scene")


ALL_KEYS = "frames, kind, pan_deg, visible, is_wet, main, lamps, spare, title, caption, stored"
ROOM = "'room' or 'street'"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"colour": 3}, f"s.toml: colour: unknown key; use one of {ALL_KEYS}"),
        ({"frame": 3}, "s.toml: frame: unknown key; did you mean frames?"),
        ({"main": {"name": "a", "power": 1}}, "s.toml: main.power: unknown key; did you mean power_w?"),
        ({"lamps": [{"name": "a"}, {"power_w": 1}]}, "s.toml: lamps.1.name: missing; add this key"),
        ({"spare": {"nam": "b"}}, "s.toml: spare.nam: unknown key; did you mean name?"),
        ({"lamps": [{"nam": "b"}]}, "s.toml: lamps.0.nam: unknown key; did you mean name?"),
        (
            {"lamps": [{"name": "a"}, {"name": "b", "watt": 1}]},
            "s.toml: lamps.1.watt: unknown key; use one of name, power_w",
        ),
        ({"kind": "castle"}, f"s.toml: kind: unknown value 'castle'; use {ROOM}"),
        ({"visible": 1.5}, "s.toml: visible: must be at most 1, got 1.5; correct the value"),
        ({"visible": -1}, "s.toml: visible: must be at least 0, got -1; correct the value"),
        (
            {"lamps": [{"name": "a", "power_w": 0}]},
            "s.toml: lamps.0.power_w: must be greater than 0, got 0; correct the value",
        ),
        (
            {"lamps": [{"name": "a", "power_w": 1000}]},
            "s.toml: lamps.0.power_w: must be less than 1000, got 1000; correct the value",
        ),
        (
            {"lamps": [{"name": "a", "power_w": math.inf}]},
            "s.toml: lamps.0.power_w: must be finite, got inf; correct the value",
        ),
        (
            {"lamps": [{"name": "a", "power_w": math.nan}]},
            "s.toml: lamps.0.power_w: must be finite, got nan; correct the value",
        ),
        (
            {"pan_deg": [5, math.nan]},
            "s.toml: pan_deg: empty range 5..nan; put the smaller number first",
        ),
        ({"title": "bad"}, "s.toml: the title is bad; choose a good one"),
        ({"title": "worse"}, "s.toml: the title is worse; correct the value"),
    ],
)
def test_messages(table: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        validated(Scene, table, where="s.toml")
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("table", "place", "given"),
    [
        ({"frames": "3"}, "frames", "'3'"),
        ({"frames": 3.5}, "frames", "3.5"),
        ({"frames": True}, "frames", "True"),
        ({"is_wet": 1}, "is_wet", "1"),
        ({"pan_deg": [1, 2, 3]}, "pan_deg", "[1, 2, 3]"),
        ({"pan_deg": [1, "2"]}, "pan_deg.1", "'2'"),
        ({"title": 7}, "title", "7"),
        ({"caption": ""}, "caption", "''"),
        ({"lamps": {"name": "a"}}, "lamps", "{'name': 'a'}"),
    ],
)
def test_values_of_another_type_are_never_converted(table: dict[str, Any], place: str, given: str) -> None:
    with pytest.raises(InputError) as error:
        validated(Scene, table, where="s.toml")
    assert error.value.where == f"s.toml: {place}"
    assert error.value.what.endswith(f", got {given}") and "\n" not in str(error.value)
    assert error.value.what.count("got") == 1, "the value is given once"


def test_a_long_value_is_cut() -> None:
    with pytest.raises(InputError, match=r"must be .*, got '1{79}\.\.\.; correct the value$"):
        validated(Scene, {"visible": "1" * 10_000}, where="s.toml")


def test_a_whole_number_is_a_number() -> None:
    assert validated(Scene, {"visible": 1}, where="s.toml").visible == 1.0


def test_a_place_within_a_file_is_extended_with_a_dot() -> None:
    with pytest.raises(InputError) as error:
        validated(Scene, {"main": {"name": "a", "power_w": -2}}, where="batch.toml: scene")
    assert error.value.where == "batch.toml: scene.main.power_w"


def test_only_the_first_of_several_problems_is_reported() -> None:
    with pytest.raises(InputError, match=r"^s\.toml: frames: ") as error:
        validated(Scene, {"frames": 0, "kind": "castle"}, where="s.toml")
    assert "castle" not in str(error.value)


def test_a_toml_file_gives_its_values(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text('frames = 3\ntitle = "Zürich"\n[[lamps]]\nname = "a"\n', encoding="utf-8")
    table = {"frames": 3, "title": "Zürich", "lamps": [{"name": "a"}]}
    assert read_toml(path) == parsed_toml(path.read_text(encoding="utf-8"), where="text") == table
    assert validated(Scene, read_toml(path), where=str(path)).lamps == (Lamp(name="a"),)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read (No such file or directory); give a readable TOML file"),
        (b"title = '\xff'", "cannot be read (not a text file)"),
        (b"a = 1\nb =\n", "not TOML (Invalid value (at line 2, column 4)); correct that line"),
        (b"a = 1\na = 2\n", "not TOML (Cannot overwrite a value (at line 2, column 6)); correct that line"),
        (b"a = 1\nb = " + b"9" * 5000, "a number has too many digits (at line 2); correct that line"),
        (b"\na = 0x" + b"f" * 5000, "a number has too many digits (at line 2); correct that line"),
        (b"\n\na = " + b"[" * 2000, "a list is nested too deeply (at line 3); correct that line"),
        (b"a = " + b"{b = " * 2000, "a table is nested too deeply (at line 1); correct that line"),
        (b"a = 1\nb" + b".b" * 2000 + b" = 1", "a key is nested too deeply (at line 2); correct that line"),
    ],
)
def test_a_file_that_is_not_toml_is_named(content: bytes | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as error:
        read_toml(path)
    assert str(error.value).startswith(f"{path}: {message}")


def test_a_date_is_read_as_text() -> None:
    table = parsed_toml("title = 2024-05-01\n", where="text")
    assert validated(Scene, table, where="text").title == "2024-05-01"
    with pytest.raises(InputError, match=r"^text: frames: "):
        validated(Scene, {"frames": table["title"]}, where="text")
