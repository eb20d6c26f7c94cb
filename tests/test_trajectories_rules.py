"""Rules come from presets, tables and files, and give them back; impossible rules are named."""

import math
from dataclasses import fields, replace
from pathlib import Path

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from multitake.errors import InputError
from trajectories import Lens
from trajectories.sampling import (
    INFERRED,
    PRESETS,
    REASONS,
    Limits,
    Rules,
    Shot,
    load_rules,
    rules_from,
    rules_table,
)

_PAPER = PRESETS["paper"]


def _ranges(low: float, high: float) -> st.SearchStrategy[tuple[float, float]]:
    return st.tuples(st.floats(low, high), st.floats(low, high)).map(lambda ends: (min(ends), max(ends)))


_CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "radius_m": _ranges(0.05, 1e4),
        "elevation_deg": _ranges(-45, 80),
        "tilt_deg": _ranges(0, 90),
        "constant_share": st.floats(0, 1),
        "amplitude_levels": st.lists(st.floats(0, 1), max_size=3).map(tuple),
        "translation_frame": st.sampled_from(["world", "camera", "subject"]),
        "layout": st.sampled_from(["shared", "independent", "mixed"]),
        "slots": st.lists(st.sampled_from(["pan", "arc", "static"]), min_size=1, max_size=5).map(tuple),
    },
)
_LENSES = st.lists(st.tuples(st.floats(0.1, 1e4), st.floats(0.1, 1e4)), min_size=1, max_size=3)
_LIMITS = st.fixed_dictionaries(
    {},
    optional={
        "reject": st.lists(st.sampled_from(list(REASONS)), max_size=2).map(tuple),
        "attempts": st.integers(1, 1000),
        "speed_m_per_s": st.floats(0, allow_nan=False),
    },
)


@given(name=st.sampled_from(list(PRESETS)), changes=_CHANGES, lenses=_LENSES, limits=_LIMITS)
def test_rules_come_back_from_their_table(
    name: str, changes: dict, lenses: list[tuple[float, float]], limits: dict
) -> None:
    rules = replace(
        PRESETS[name],
        lenses=tuple(Lens(focal_length_mm=focal_mm, f_number=number) for focal_mm, number in lenses),
        validity=Limits(**limits),
        **changes,
    )
    assert rules_from(rules_table(rules), "again") == rules


@pytest.mark.parametrize("name", PRESETS)
def test_presets_come_back_from_their_name_table_and_file(name: str, tmp_path: Path) -> None:
    rules = PRESETS[name]
    assert rules.name == name
    assert rules_from({"preset": name}, "rig") == rules == rules_from(rules_table(rules), "rig")
    assert load_rules(name) == (rules, Shot())
    path = tmp_path / "rules.toml"
    path.write_text(tomli_w.dumps({"rig": rules_table(rules)}))
    assert load_rules(str(path)) == (rules, Shot())


def test_inferred_fields_exist() -> None:
    assert {field.name for field in fields(Rules)} >= INFERRED


def test_limits_are_part_of_the_table() -> None:
    rules = rules_from({"validity": {"reject": ["too_close"], "distance_m": 1.0}}, "batch.toml: rig")
    assert rules.validity == Limits(reject=("too_close",), distance_m=1.0)
    assert rules.validity.policy("too_close") == "reject" and rules.validity.policy("too_fast") == "warn"
    assert Limits(warn=()).policy("too_fast") == "off"
    assert Limits().policy("engine:near_geometry") == "warn"
    assert Limits(reject=("engine:near_geometry",)).policy("engine:near_geometry") == "reject"


def test_the_number_of_cameras_repeats_the_moving_slots() -> None:
    for cameras in (2, 5, 10, 30, 99):
        slots = rules_from({"cameras": cameras}, "rig").slots
        assert len(slots) == cameras and slots[-1] == "static"
        assert slots[:-1] == tuple(_PAPER.slots[i % 9] for i in range(cameras - 1))
    assert rules_from({"cameras": 3, "slots": ["pan", "arc"]}, "rig").slots == ("pan", "pan", "arc")


@given(weights=st.dictionaries(st.sampled_from(["pan", "arc", "static"]), st.floats(0.01, 100), min_size=1))
def test_slot_chances_are_shares_of_the_weights(weights: dict[str, float]) -> None:
    rules = replace(_PAPER, slot_layout="iid", weights=weights)
    assert sum(rules.slot_chances) == pytest.approx(1.0)
    for motion, share in rules.motion_shares.items():
        assert share == pytest.approx(weights.get(motion, 0.0) / sum(weights.values()))


@given(radius_m=st.floats(0.05, 100))
def test_within_lowers_all_distances_to_the_radius(radius_m: float) -> None:
    for rules in PRESETS.values():
        near = rules.within(radius_m)
        assert max(*near.radius_m, *near.largest_radii_m) <= radius_m
        assert near.within(radius_m) == near and rules.within(1e4) == rules
        assert replace(near, radius_m=rules.radius_m, radius_limits_m=rules.radius_limits_m) == rules
    assert Rules().within(4.0).radius_m == (0.5, 4.0)
    assert Rules().within(0.2).radius_m == (0.2, 0.2)


_IID = {"slot_layout": "iid"}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"preset": "papper"}, "rig.preset: unknown preset 'papper'; use paper, release, toy"),
        ({"pan": 3}, "rig: pan: unknown key; did you mean pan_deg?"),
        ({"arc_deg": [75, 15]}, "rig: arc_deg: empty range 75..15; put the smaller number first"),
        ({"pan_deg": [5, math.nan]}, "rig: pan_deg.1: must be at most 180, got nan"),
        ({"radius_m": [0, 10]}, "rig: radius_m.0: must be at least 0.05, got 0"),
        ({"radius_limits_m": [3, 0]}, "rig: radius_limits_m.1: must be at least 0.05, got 0"),
        ({"random_ratio": [0, 0]}, "rig: random_ratio.0: must be at least 0.01, got 0"),
        ({"elevation_deg": [-50, 0]}, "rig: elevation_deg.0: must be at least -45, got -50"),
        ({"waypoints": [1, 4]}, "rig: waypoints.1: must be at most 3, got 4"),
        ({"speed_a": [2, 21]}, "rig: speed_a.1: must be at most 20, got 21"),
        ({"track_share": 1.5}, "rig: track_share: must be at most 1, got 1.5"),
        ({"layout": "split"}, "rig: layout: unknown value 'split'; use 'shared', 'independent' or 'mixed'"),
        ({"slots": []}, "rig: slots: must have at least 1 item, got []"),
        ({"slots": ["pan"] * 100}, "rig: slots: must have at most 99 items"),
        ({"slots": ["pan", "swirl"]}, "rig: slots.1: unknown value 'swirl'; use pan, tilt"),
        ({"translation_axes": []}, "rig: translation_axes: must have at least 1 item"),
        ({"lenses": []}, "rig: lenses: must have at least 1 item"),
        (
            {"lenses": [{"focal_length_mm": 35.0, "f_number": 0.0}]},
            "rig: lenses.0: f_number must be from 0.1 to 10000, got 0; correct the value",
        ),
        ({"lenses": [{"focal_length_mm": 35.0}]}, "rig: lenses.0.f_number: missing"),
        ({"cameras": 1}, "rig.cameras: invalid number of cameras 1; give a whole number from 2 to 99"),
        ({"cameras": "four"}, "rig.cameras: invalid number of cameras 'four'"),
        ({"weights": {"pan": 1.0}}, 'rig: weights need slot_layout = "iid"; set it'),
        (
            {**_IID, "weights": {"swirl": 1.0}},
            "rig: weight of unknown slot 'swirl'; use pan, tilt, translation",
        ),
        ({**_IID, "weights": {"pan": -1.0}}, "rig: weights.pan: must be at least 0, got -1"),
        ({**_IID, "weights": {"pan": math.inf}}, "rig: weights.pan: must be finite, got inf"),
        ({**_IID, "weights": {"pan": 0.0}}, "rig: all weights are 0; give a positive weight"),
        (
            {"validity": {"reject": ["too_near"]}},
            "rig: validity.reject.0: unknown reason 'too_near'; use too_fast",
        ),
        ({"validity": {"warn": ["too_near"]}}, "rig: validity.warn.0: unknown reason 'too_near'"),
        ({"validity": {"speed_m_per_s": -1.0}}, "rig: validity.speed_m_per_s: must be at least 0, got -1"),
        ({"validity": {"height_m": math.nan}}, "rig: validity.height_m: must be at least 0, got nan"),
        ({"validity": {"attempts": 0}}, "rig: validity.attempts: must be at least 1, got 0"),
        ({"validity": {"attempts": 1001}}, "rig: validity.attempts: must be at most 1000, got 1001"),
        ({"validity": {"subject_scale": [1.0, 0.5]}}, "rig: validity.subject_scale: empty range 1..0.5"),
        ({"validity": {"speed": 3.0}}, "rig: validity.speed: unknown key; use one of warn, reject, attempts"),
    ],
)
def test_impossible_rules_are_named(table: dict, message: str) -> None:
    with pytest.raises(InputError) as error:
        rules_from(table, "rig")
    assert str(error.value).startswith(message)


def _file(folder: Path, text: str) -> str:
    path = folder / "rules.toml"
    path.write_text(text)
    return str(path)


def test_a_file_has_rules_and_a_shot(tmp_path: Path) -> None:
    rig = "[rig]\npan_deg = [5, 10]\nslots = ['pan', 'arc']\n[rig.validity]\nreject = ['too_fast']\n"
    rules, shot = load_rules(_file(tmp_path, "frames = 49\nfps = 24.0\n" + rig))
    assert shot == Shot(frames=49, fps=24.0)
    validity = Limits(reject=("too_fast",))
    assert rules == replace(_PAPER, pan_deg=(5.0, 10.0), slots=("pan", "arc"), validity=validity)


def test_the_other_keys_of_a_batch_file_are_ignored(tmp_path: Path) -> None:
    batch = "seed = 1\ntakes = 5\nfps = 12.0\n[rig]\npreset = 'release'\n[scene]\ncatalog = 'embedded'\n"
    assert load_rules(_file(tmp_path, batch)) == (PRESETS["release"], Shot(fps=12.0))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("frame = 49\n", "frame: unknown key; did you mean frames?"),
        ("frames = 0\n", "frames: must be at least 1, got 0"),
        ("fps = 2000.0\n", "fps: must be at most 1000, got 2000.0"),
        ("width_px = 8\n", "width_px: must be at least 16, got 8"),
        ("ground_m = inf\n", "ground_m: must be finite, got inf"),
        ("subject_height_m = 0.0\n", "subject_height_m: must be at least 0.01, got 0.0"),
        ("rig = 3\n", "rig: rules must be a table; write [rig]"),
        ("[rig]\npan_deg = [9, 5]\n", "rig.pan_deg: empty range 9..5; put the smaller number first"),
        ("[rig]\nslots = []\n", "rig.slots: must have at least 1 item"),
        ("[rig]\npreset = 'papper'\n", "rig.preset: unknown preset 'papper'"),
    ],
)
def test_invalid_files_are_named(text: str, message: str, tmp_path: Path) -> None:
    path = _file(tmp_path, text)
    with pytest.raises(InputError) as error:
        load_rules(path)
    assert str(error.value).startswith(f"{path}: {message}")


def test_a_name_is_a_preset_or_a_file() -> None:
    for name, message in (
        ("papper", "rules: unknown rules 'papper'; use paper, release, toy, handheld"),
        ("none.toml", "none.toml: cannot be read (No such file or directory)"),
    ):
        with pytest.raises(InputError) as error:
            load_rules(name)
        assert str(error.value).startswith(message)
