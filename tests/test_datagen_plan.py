"""Plans are the same on every machine and in any order, and use the catalog evenly."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from datagen.batch import Batch, EngineChoice, SceneChoice
from datagen.catalog import Catalog, load_catalog
from datagen.plan import TakeSpec, plan_take, plan_takes, shard_takes, take_clips, take_rigs
from trajectories import ClipTable
from trajectories.audit.accumulator import Accumulator
from trajectories.sampling import PRESETS, Rules

# Those of many sizes whose meshes are made soonest.
ENVIRONMENTS = ("street", "room", "kitchen-restaurant", "canyon", "pastel-studio", "office-studio", "park")


@pytest.fixture(scope="module")
def batch() -> Batch:
    scene = SceneChoice(environments=ENVIRONMENTS, characters_per_take=(1, 2))
    return Batch(seed=11, takes=40, takes_per_shard=16, frames=9, scene=scene)


@pytest.fixture(scope="module")
def catalog(batch: Batch) -> Catalog:
    return load_catalog(batch.scene, folder=Path())


@pytest.fixture(scope="module")
def takes(batch: Batch, catalog: Catalog) -> list[TakeSpec]:
    return list(plan_takes(batch, catalog))


def test_a_take_depends_on_its_index_alone(batch: Batch, catalog: Catalog, takes: list[TakeSpec]) -> None:
    backwards = [plan_take(batch, catalog, index) for index in reversed(range(12))]
    assert takes[:12] == backwards[::-1]
    assert takes[:5] == list(plan_takes(replace(batch, takes=5), catalog))
    first, again = (take_rigs(batch, takes[5]).poses.world_from_camera for _ in range(2))
    assert np.array_equal(first, again)


def test_another_seed_is_another_batch(batch: Batch, catalog: Catalog, takes: list[TakeSpec]) -> None:
    assert takes[:5] != list(plan_takes(replace(batch, seed=12, takes=5), catalog))


def test_the_plan_does_not_change() -> None:
    """A release that changes these lines changes the data sets of all users."""
    few = Batch(seed=11, takes=4, frames=9, scene=SceneChoice(characters_per_take=(1, 2)))
    catalog = load_catalog(few.scene, folder=Path())
    lines = [f"{take.key}: {take.caption}" for take in plan_takes(few, catalog)]
    golden = Path(__file__).parent / "golden" / "plan.txt"
    assert "\n".join(lines) + "\n" == golden.read_text()


def test_items_of_the_catalog_occur_equally_often(takes: list[TakeSpec]) -> None:
    for name_of in (
        lambda take: take.environment.name,
        lambda take: take.actors[0].character.name,
        lambda take: take.light.name,
    ):
        counts = Counter(map(name_of, takes))
        assert max(counts.values()) - min(counts.values()) <= 1


def test_actors_are_different_characters_next_to_each_other(takes: list[TakeSpec]) -> None:
    pairs = [take.actors for take in takes if len(take.actors) == 2]
    assert pairs
    for first, second in pairs:
        assert first.character.name != second.character.name
        gap_m = np.linalg.norm(np.subtract(first.position_m, second.position_m))
        assert 0.9 <= gap_m <= 2.1


def test_cameras_start_within_the_radius_of_the_environment(batch: Batch, takes: list[TakeSpec]) -> None:
    for take in takes[:12]:
        clips = take_clips(batch, take, take_rigs(batch, take))
        assert (clips["focus_distance_m"][:, 0] <= take.environment.radius_m + 1e-6).all()
        assert (clips["radius_limit_m"] <= take.environment.radius_m).all()


def test_planned_rigs_follow_their_rules_in_environments_of_many_sizes(
    batch: Batch, catalog: Catalog
) -> None:
    """The largest start distances of the preset are lowered to the space of the environments."""
    many = replace(batch, takes=120, frames=2, rules=PRESETS["release"])
    clips = [take_clips(many, take, take_rigs(many, take)) for take in plan_takes(many, catalog)]
    assert len(set(np.concatenate([table["radius_limit_m"] for table in clips]))) > 1
    accumulator = Accumulator(name="planned", rules=many.rules, depth="fit")
    accumulator.add(ClipTable.concatenated(clips), in_environments=True)
    report = accumulator.report()
    # The preset does not reject.
    assert report.failed_tests == () and set(report.errors) <= {"below_ground"}
    assert "start_radius_m" in {test.name for test in report.tests}


def test_clips_describe_the_rig(batch: Batch, catalog: Catalog) -> None:
    take = plan_take(batch, catalog, 3)
    rigs = take_rigs(batch, take)
    rig, clips = rigs.rig(0), take_clips(batch, take, rigs)
    assert clips["camera"].tolist() == list(rig.cameras)
    assert clips["motion"].tolist() == list(batch.rules.slots)
    assert set(clips["take"]) == {take.key} and set(clips["split"]) == {take.split}
    low = rig.poses.position_m[..., 2].min(axis=1) < 0.1
    assert ["below_ground" in flags for flags in clips["flags"]] == low.tolist()
    assert np.array_equal(clips.poses.world_from_camera, rig.poses.world_from_camera)


def test_low_cameras_are_flagged(batch: Batch, catalog: Catalog) -> None:
    """In twelve takes, at least one downward translation from near the ground reaches the ground."""
    low = replace(batch, takes=12, rules=Rules(elevation_deg=(0.0, 1.0)))
    flags = [
        flag
        for take in plan_takes(low, catalog)
        for flags in take_clips(low, take, take_rigs(low, take))["flags"]
        for flag in flags
    ]
    assert "below_ground" in flags


def test_shards_partition_the_takes(batch: Batch, catalog: Catalog, takes: list[TakeSpec]) -> None:
    shards = [shard_takes(batch, catalog, shard) for shard in range(3)]
    assert [len(keys) for keys in shards] == [16, 16, 8]
    assert [key for keys in shards for key in keys] == [take.key for take in takes]


def test_a_share_of_the_takes_is_for_validation(batch: Batch, catalog: Catalog) -> None:
    # Of an engine whose levels are unknown, so that nobody has to find a free floor.
    many = replace(batch, takes=400, validation_share=0.25, engine=EngineChoice(kind="unreal", look="gt"))
    splits = Counter(take.split for take in plan_takes(many, catalog))
    assert 70 <= splits["validation"] <= 130
