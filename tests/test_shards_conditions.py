"""SQL conditions on the tables of a data set: what they choose, and what they may not do."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from conftest import TINY_KEYS

from multitake.errors import InputError
from shards import open_dataset, takes_where
from shards.conditions import values_of_takes


@pytest.fixture(scope="module")
def tables(tiny_dataset: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    return tuple(
        pd.concat([pd.read_parquet(path) for path in sorted((tiny_dataset / folder).glob("*.parquet"))])
        for folder in ("takes", "poses")
    )


def takes_with(clips: pd.DataFrame, chosen: pd.Series) -> set[str]:
    return set(clips[chosen]["take"])


CONDITIONS: dict[str, Callable[[pd.DataFrame, pd.DataFrame], set[str]]] = {
    "take_index >= 1": lambda takes, _: set(takes[takes.take_index >= 1]["take"]),
    "TAKE_INDEX % 2 = 0": lambda takes, _: set(takes[takes.take_index % 2 == 0]["take"]),
    "caption like '%take 2'": lambda takes, _: set(takes[takes.caption.str.endswith("take 2")]["take"]),
    "list_contains(passes, 'depth')": lambda takes, _: set(
        takes[[("depth" in passes) for passes in takes.passes]]["take"]
    ),
    "not list_contains(passes, 'depth') -- without": lambda takes, _: set(
        takes[[("depth" not in passes) for passes in takes.passes]]["take"]
    ),
    "take in (select take from clips where motion = 'pan' and angle_deg > 20)": lambda _, clips: takes_with(
        clips, (clips.motion == "pan") & (clips.angle_deg > 20)
    ),
    "(select avg(speed_a) from clips where clips.take = takes.take) > 0.5": lambda _, clips: set(
        (means := clips.groupby("take").speed_a.mean())[means > 0.5].index
    ),
    "take_index > (select avg(take_index) from takes)": lambda takes, _: set(
        takes[takes.take_index > takes.take_index.mean()]["take"]
    ),
    "take in (select take from clips where abs(position_m[1]) < 2 group by take having count(*) = 3)": (
        lambda _, clips: set(
            (counts := clips[[abs(p[0]) < 2 for p in clips.position_m]].groupby("take").size())[
                counts == 3
            ].index
        )
    ),
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_chooses_what_pandas_chooses(
    tiny_dataset: Path, tables: tuple[pd.DataFrame, pd.DataFrame], condition: str
) -> None:
    expected = CONDITIONS[condition](*tables)
    dataset = open_dataset(tiny_dataset)
    assert set(takes_where(dataset, f"take = '{TINY_KEYS[0]}' or ({condition}\n)")) == expected | {
        TINY_KEYS[0]
    }
    if expected:
        assert takes_where(dataset, condition) == tuple(key for key in TINY_KEYS if key in expected)
    else:
        with pytest.raises(InputError, match="no take has"):
            takes_where(dataset, condition)


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "true; select 1",
        "true); select (1",
        "true); drop table takes; --",
        "1=1) union all select take from takes where (true",
        "true) order by (1",
        "true) limit (1",
        "true) group by all having (true",
        "take in (delete from takes returning take)",
        "take in (from read_csv('/etc/passwd'))",
        "take in (select content from read_text('/etc/hostname'))",
        "take in (from '/etc/passwd')",
        "take in (select getenv('HOME'))",
        "take in (select name from tables)",
        "take",
        "'",
        "(",
        "\0",
        "take_index >",
        "nosuch(take)",
        "false",
    ],
)
def test_what_is_not_one_condition_that_chooses_takes_is_one_line(tiny_dataset: Path, condition: str) -> None:
    with pytest.raises(InputError, match=r"^--where: ") as caught:
        takes_where(open_dataset(tiny_dataset), condition)
    assert len(str(caught.value).splitlines()) == 1


def test_variables_of_the_program_are_no_tables(tiny_dataset: Path) -> None:
    mine = pd.DataFrame({"take": list(TINY_KEYS)})
    with pytest.raises(InputError, match="Table with name mine does not exist"):
        takes_where(open_dataset(tiny_dataset), "take in (select take from mine)")
    assert len(mine) == 3


@pytest.mark.parametrize(
    "condition", ["movement = 'arc'", "take in (select take from clips where movement = 1)"]
)
def test_an_unknown_column_is_named_with_the_columns(tiny_dataset: Path, condition: str) -> None:
    with pytest.raises(
        InputError, match=r"unknown column 'movement'; takes has take, split.*clips has take.*motion"
    ):
        takes_where(open_dataset(tiny_dataset), condition)


def test_an_expression_has_a_value_for_each_take(tiny_dataset: Path) -> None:
    dataset = open_dataset(tiny_dataset)
    values = values_of_takes(dataset, "environment || '-' || take_index % 2", option="--by")
    assert values == dict(zip(TINY_KEYS, ("room-0", "room-1", "room-0"), strict=True))
    for expression in (
        "nullif(take_index, 1)",
        "split)::varchar where (true",
        "count(*)",
        "take_index, split) (",
    ):
        with pytest.raises(InputError, match=r"^--by: "):
            values_of_takes(dataset, expression, option="--by")


@pytest.mark.parametrize(
    ("condition", "named"),
    [
        ("random() < 0.5", r"random\(\)"),
        ("RANDOM() < 2", r"random\(\)"),
        ("take_index < 9 and now() is not null", r"now\(\)"),
        ("current_date > date '2020-01-01'", "current_date"),
        ("LocalTime is not null", "LocalTime"),
        ("uuid() is not null", r"uuid\(\)"),
        ("take in (select take from takes using sample 1)", "a sample"),
        ("take in (select take from clips tablesample 50%)", "a sample"),
    ],
)
def test_a_condition_that_is_not_the_same_each_time_is_one_line(
    tiny_dataset: Path, condition: str, named: str
) -> None:
    with pytest.raises(InputError, match=rf"^--where: {named} is not the same each time; choose by columns"):
        takes_where(open_dataset(tiny_dataset), condition)


def test_a_share_of_takes_can_be_chosen_by_their_hash(tiny_dataset: Path) -> None:
    dataset = open_dataset(tiny_dataset)
    halves = [set(takes_where(dataset, f"hash(take) % 2 = {half}")) for half in (0, 1)]
    assert halves[0] | halves[1] == set(TINY_KEYS) and not halves[0] & halves[1]
