"""A worker replaces its engine when it is old or has grown, and nobody can tell from its takes."""

from pathlib import Path

import pytest

from datagen.batch import Batch, EngineChoice, SceneChoice
from datagen.catalog import load_catalog
from datagen.film_worker import FilmJob, FilmWorker
from trajectories.sampling import rules_from


@pytest.fixture(scope="module")
def kept_engine(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return filmed(tmp_path_factory.mktemp("kept"), EngineChoice(look="fast"), starts=[1, 1, 1])


@pytest.mark.parametrize(
    ("choice", "starts"),
    [
        ({"recycle_takes": 1}, [1, 2, 3]),
        ({"recycle_takes": 2}, [1, 1, 2]),
        ({"recycle_takes": 0}, [1, 1, 1]),
        ({"recycle_growth_mb": 1e-9, "recycle_takes": 0}, [1, 1, 2]),
    ],
)
def test_takes_do_not_depend_on_when_an_engine_is_replaced(
    kept_engine: dict[str, bytes], tmp_path: Path, choice: dict[str, float], starts: list[int]
) -> None:
    assert filmed(tmp_path, EngineChoice(look="fast", **choice), starts=starts) == kept_engine


def filmed(folder: Path, engine: EngineChoice, *, starts: list[int]) -> dict[str, bytes]:
    """Three staged takes, whose worker had started so many engines when each was filmed."""
    batch = Batch(
        seed=3,
        takes=3,
        frames=5,
        width_px=32,
        height_px=32,
        scene=SceneChoice(environments=("street",)),
        engine=engine,
        rules=rules_from({"cameras": 2}, "rig"),
    )
    (folder / "staging").mkdir()
    (folder / "dataset.json").touch()
    catalog = load_catalog(batch.scene, folder=folder)
    worker = FilmWorker(FilmJob(batch=batch, catalog=catalog, dataset=folder), 0)
    try:
        outcomes = [worker.film(number) for number in range(batch.takes)]
    finally:
        worker.close()
    assert [outcome.reason for outcome in outcomes] == [None] * 3
    assert [outcome.engine_starts for outcome in outcomes] == starts
    assert all(outcome.seconds_s > 0 for outcome in outcomes)
    return {path.name: path.read_bytes() for path in (folder / "staging").iterdir()}
