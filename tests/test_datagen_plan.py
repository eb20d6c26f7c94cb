"""Plans are pure: the same on every machine, in any order, and evenly spread over the catalog."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from datagen.batch import Batch, SceneChoice
from datagen.catalog import Catalog, load_catalog
from datagen.plan import plan_take, plan_takes, planned_poses, shard_keys, take_rig, take_rows
from trajectories.sampling import Rules


@pytest.fixture(scope="module")
def batch() -> Batch:
    return Batch(
        seed=11, takes=40, takes_per_shard=16, frames=9, scene=SceneChoice(characters_per_take=(1, 2))
    )


@pytest.fixture(scope="module")
def catalog(batch: Batch) -> Catalog:
    return load_catalog(batch.scene, beside=Path())


def test_a_take_depends_on_its_index_alone(batch: Batch, catalog: Catalog) -> None:
    forwards = list(plan_takes(batch, catalog))
    backwards = [plan_take(batch, catalog, index) for index in reversed(range(batch.takes))]
    assert forwards == backwards[::-1]
    assert forwards[:10] == list(plan_takes(replace(batch, takes=10), catalog))
    first, again = (take_rig(batch, forwards[5]).poses.world_from_camera for _ in range(2))
    assert np.array_equal(first, again)


def test_another_seed_is_another_batch(batch: Batch, catalog: Catalog) -> None:
    other = replace(batch, seed=12)
    assert list(plan_takes(batch, catalog)) != list(plan_takes(other, catalog))


def test_the_plan_does_not_drift(batch: Batch, catalog: Catalog) -> None:
    """Golden: a release that changes these lines changes everybody's data sets."""
    lines = [f"{take.key}: {take.caption}" for take in plan_takes(replace(batch, takes=4), catalog)]
    golden = Path(__file__).parent / "golden" / "plan.txt"
    assert "\n".join(lines) + "\n" == golden.read_text()


def test_the_catalog_comes_round_evenly(batch: Batch, catalog: Catalog) -> None:
    takes = list(plan_takes(batch, catalog))
    for name_of in (
        lambda take: take.environment.name,
        lambda take: take.performers[0].character.name,
        lambda take: take.light.name,
    ):
        counts = Counter(map(name_of, takes))
        assert max(counts.values()) - min(counts.values()) <= 1


def test_performers_are_different_people_who_stand_apart(batch: Batch, catalog: Catalog) -> None:
    pairs = [take.performers for take in plan_takes(batch, catalog) if len(take.performers) == 2]
    assert pairs
    for first, second in pairs:
        assert first.character.name != second.character.name
        gap_m = np.linalg.norm(np.subtract(first.position_m, second.position_m))
        assert 0.9 <= gap_m <= 1.6


def test_cameras_stay_within_the_room_there_is(batch: Batch, catalog: Catalog) -> None:
    for take in plan_takes(batch, catalog):
        start_m = take_rig(batch, take).focus_distance_m[:, 0]
        assert (start_m <= take.environment.radius_m + 1e-9).all()


def test_rows_say_what_the_rig_does(batch: Batch, catalog: Catalog) -> None:
    take = plan_take(batch, catalog, 3)
    rig = take_rig(batch, take)
    rows = take_rows(batch, take, rig)
    assert [row.camera for row in rows] == list(rig.cameras)
    assert [row.motion for row in rows] == list(batch.rules.slots)
    low = rig.poses.position_m[..., 2].min(axis=1) < 0.1
    assert ["below_ground" in row.flags for row in rows] == low.tolist()
    table = planned_poses(batch, [take])
    assert table.rows == rows and np.array_equal(table.poses.world_from_camera, rig.poses.world_from_camera)


def test_low_cameras_are_flagged(batch: Batch, catalog: Catalog) -> None:
    """Tilting down from the ground, a translation along -Z must meet it somewhere in forty takes."""
    low = replace(batch, rules=Rules(elevation_deg=(0.0, 1.0)))
    flags = [
        flag
        for take in plan_takes(low, catalog)
        for row in take_rows(low, take, take_rig(low, take))
        for flag in row.flags
    ]
    assert "below_ground" in flags


def test_shards_partition_the_takes(batch: Batch, catalog: Catalog) -> None:
    shards = [shard_keys(batch, catalog, shard) for shard in range(3)]
    assert [len(keys) for keys in shards] == [16, 16, 8]
    assert [key for keys in shards for key in keys] == [take.key for take in plan_takes(batch, catalog)]


def test_validation_takes_are_a_share_by_take(batch: Batch, catalog: Catalog) -> None:
    splits = Counter(
        take.split for take in plan_takes(replace(batch, takes=400, validation_share=0.25), catalog)
    )
    assert 70 <= splits["validation"] <= 130
