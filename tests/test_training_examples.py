"""The configs in examples/: each is valid, and a row of a table differs from the paper's in what it names."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from datagen.batch_file import load_batch
from training.config import load_config

FOLDER = Path(__file__).parents[1] / "examples" / "recammaster"
WITHOUT_NOISE: dict[str, Any] = {"noise.source_steps": (0, 0)}
NEVER_HIDDEN: dict[str, Any] = {"noise.t2v_share": 0.0, "noise.i2v_share": 0.0}
ALL_TRAINED: dict[str, Any] = {"model.trained": "all"}
ROWS = {
    "table-3-channel": {"model.conditioning": "channel"},
    "table-3-view": {"model.conditioning": "view"},
    "table-4-baseline": WITHOUT_NOISE | NEVER_HIDDEN | ALL_TRAINED,
    "table-4-source-noise": NEVER_HIDDEN | ALL_TRAINED,
    "table-4-self-attention": WITHOUT_NOISE | NEVER_HIDDEN,
    "table-4-dropped-source": WITHOUT_NOISE | ALL_TRAINED,
}


def values(name: str) -> dict[str, Any]:
    """All keys of a config but those of validation, such as ``noise.shift``."""
    found = {}
    for key, value in asdict(load_config(FOLDER / f"{name}.toml")).items():
        found |= (
            {f"{key}.{part}": one for part, one in value.items()} if isinstance(value, dict) else {key: value}
        )
    return {key: value for key, value in found.items() if not key.startswith("validation.")}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_differs_from_the_paper_in_what_it_names(row: str) -> None:
    paper, found = values("paper"), values(row)

    assert {key: value for key, value in found.items() if value != paper[key]} == ROWS[row]


def test_the_paper_and_the_release_are_as_published() -> None:
    paper, release = values("paper"), values("release")

    keys = ("window.frames", "window.width_px", "window.height_px", "steps", "batch_size", "optimizer.lr")
    assert [paper[key] for key in keys] == [81, 672, 384, 10_000, 40, 1e-4]
    assert [release[key] for key in keys] == [81, 832, 480, 20_000, 8, 1e-4]


def test_all_examples_are_tested() -> None:
    others = {"paper", "release", "laptop", "table-5-toy-batch"}

    assert {path.stem for path in FOLDER.glob("*.toml")} == others | ROWS.keys()
    assert values("laptop")["window.frames"] == 21
    batch = load_batch(FOLDER / "table-5-toy-batch.toml")
    assert (batch.takes, batch.rules.name, batch.scene.environments) == (500, "toy", ("street",))
