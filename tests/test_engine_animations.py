"""The animations of the catalog: entries that fit them, bodies of any proportions, and clips that loop."""

from pathlib import Path

import numpy as np
import pytest

from datagen.batch import SceneChoice
from datagen.catalog import load_catalog
from datagen.engine.content.animations.catalog import ANIMATIONS, REST
from datagen.engine.content.animations.motion import motion_at
from datagen.engine.content.animations.motion_check import joint_ranges, slides
from datagen.engine.content.characters.catalog import CHARACTERS
from datagen.engine.content.characters.skeleton import Proportions, actor_from_bones

_ADA, _BRUNO = CHARACTERS["Ada"].proportions, CHARACTERS["Bruno"].proportions
# Of the head's joint, in the reference pose.
CROWN_CM = (0.0, 0.0, 20.5)


def scaled(body: Proportions, scale: float, **shares: float) -> Proportions:
    """Scale all lengths of a body, and some of them further."""
    return Proportions(**{name: value * scale * shares.get(name, 1) for name, value in vars(body).items()})


ODD_BODIES = {
    "child": scaled(_ADA, 0.66, girth=0.73 / 0.66),
    "giant": scaled(_BRUNO, 1.14, thigh_cm=1.04, lowerarm_cm=1.05, girth=0.975),
    "stout": scaled(_ADA, 0.94, hip_half_cm=1.25, shoulder_half_cm=1.15, girth=1.36),
    "long limbs": scaled(
        _ADA, 1.05, thigh_cm=1.12, calf_cm=1.12, upperarm_cm=1.1, lowerarm_cm=1.12, girth=0.9
    ),
    "short legs": scaled(_BRUNO, 0.9, thigh_cm=0.78, calf_cm=0.78, girth=1.03),
}


def test_there_are_a_hundred_animations_and_each_is_in_the_catalog():
    catalog = load_catalog(SceneChoice(), folder=Path()).animations
    assert len(ANIMATIONS) == 100
    assert {item.asset for item in catalog} == {f"/Game/Animations/{name}.{name}" for name in ANIMATIONS}
    for item in catalog:
        clip = ANIMATIONS[item.asset.rsplit(".")[-1]]
        assert (item.duration_s, item.speed_m_per_s or 0.0) == (clip.duration_s, clip.speed_m_per_s)
    assert len({item.caption for item in catalog}) > 95


def test_heights_in_the_catalog_are_those_of_the_heads():
    bodies = [CHARACTERS[name].proportions for name in ("Ada", "Pedro", "Timo", "Viktor")]
    for item in load_catalog(SceneChoice(), folder=Path()).animations:
        clip, shares = ANIMATIONS[item.asset.rsplit(".")[-1]], []
        for body in bodies:
            heads = motion_at(clip, body, clip.duration_s * np.arange(4) / 4).points_cm("head", CROWN_CM)
            shares.append(heads[:, 0, 2] / crown_cm(actor_from_bones(body, REST)["head"]))
        stated = item.height_shares_at(item.duration_s * np.arange(4) / 4)
        assert np.abs(stated - np.mean(shares, axis=0)).max() < 0.1, item.name


def crown_cm(actor_from_head: np.ndarray) -> float:
    """Return the height of the top of the head."""
    return float((np.array(CROWN_CM) @ actor_from_head[:3, :3] + actor_from_head[3, :3])[2])


@pytest.mark.parametrize("body", ODD_BODIES)
def test_bodies_of_odd_proportions_stand_firmly_and_bend_as_people_do(body: str):
    """Those of the catalog are checked with their skin."""
    first = list(ODD_BODIES).index(body)
    for name in list(ANIMATIONS)[first :: len(ODD_BODIES)]:
        clip = ANIMATIONS[name]
        motion = motion_at(clip, ODD_BODIES[body], clip.duration_s * np.arange(12) / 12)
        found = [*slides(motion, clip), *joint_ranges(motion)]
        assert [f"{name}: {broken}" for broken in found] == []


@pytest.mark.parametrize("animation", ["Walk", "Jump", "TurnLeft"])
def test_a_clip_wraps_if_it_loops_and_stops_if_not(animation: str):
    clip, body = ANIMATIONS[animation], _ADA
    length_s = clip.duration_s
    first, wrapped = (
        actor_from_bones(body, clip.at(rounds * length_s, True, body)) for rounds in (0.25, 1.25)
    )
    assert all(np.allclose(first[bone], wrapped[bone]) for bone in first)
    assert clip.time_inside_s(1.25 * length_s, True) == pytest.approx(0.25 * length_s)
    assert [clip.time_inside_s(time_s, False) for time_s in (-1.0, 9 * length_s)] == [0.0, length_s]
    assert clip.at(9 * length_s, False, body) == clip.at(length_s, False, body)
    start, end = (actor_from_bones(body, clip.at(time_s, True, body)) for time_s in (0.0, length_s - 1e-6))
    assert all(np.allclose(start[bone], end[bone], atol=1e-2) for bone in start)
