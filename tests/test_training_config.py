"""Orders of training: what is refused, and that the resolved file says everything."""

from dataclasses import replace
from pathlib import Path

import pytest

from multitake.errors import InputError
from training.config import Config, Model, Noise, Optimizer, config_toml, difference, load_config

EXAMPLE = Path(__file__).parent.parent / "examples" / "train-tiny.toml"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "train.toml"
    path.write_text(text)
    return path


def test_an_empty_order_is_the_paper(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, ""))
    assert config == Config()
    assert (config.window.width_px, config.window.height_px, config.window.frames) == (672, 384, 81)
    assert (config.optimizer.lr, config.batch_size, config.steps) == (1e-4, 40, 10_000)
    assert (config.noise.t2v_share, config.noise.i2v_share, config.noise.source_steps) == (
        0.2,
        0.2,
        (200, 500),
    )


@pytest.mark.parametrize(
    "config",
    [
        Config(),
        Config(seed=3, precision="fp32", model=Model(base='C:\\wan "x"', source_rope="repeat")),
        Config(optimizer=Optimizer(lr=1e-5, betas=(0.5, 0.75)), noise=Noise(weighting="none")),
    ],
)
def test_the_resolved_file_gives_the_order_back(tmp_path: Path, config: Config) -> None:
    assert load_config(written(tmp_path, config_toml(config))) == config


def test_the_example_is_valid() -> None:
    config = load_config(EXAMPLE)
    assert config.model.base == "tiny" and config.steps == 30


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("stepz = 3", "train.toml: stepz", "unknown key"),
        ("[model]\nlayers = 3", "train.toml: model.layers", "unknown key"),
        ('steps = "3"', "train.toml: steps", "integer"),
        ("steps = 3.5", "train.toml: steps", "integer"),
        ("steps = 0", "train.toml: steps", "greater"),
        ("noise = 3", "train.toml: noise", "object"),
        ("[window]\nframes = 20", "train.toml: window.frames", "4k+1"),
        ("[window]\nframes = 1", "train.toml: window.frames", "4k+1"),
        ("[window]\nwidth_px = 50", "train.toml: window.width_px", "multiple of 16"),
        ("[noise]\nsource_steps = [500, 200]", "train.toml: noise.source_steps", "rising"),
        ("[noise]\nt2v_share = 1.5", "train.toml: noise.t2v_share", "less than"),
        ("[noise]\nt2v_share = 0.7\ni2v_share = 0.7", "train.toml: noise", "more than 1"),
        ('[model]\nconditioning = "view"', "train.toml: model.conditioning", "frame"),
        ("[optimizer]\nlr = nan", "train.toml: optimizer.lr", "greater"),
        ("steps = ", "train.toml", "not TOML"),
    ],
)
def test_bad_orders_are_refused_with_their_place(tmp_path: Path, text: str, where: str, what: str) -> None:
    with pytest.raises(InputError) as caught:
        load_config(written(tmp_path, text))
    assert caught.value.where.endswith(where)
    assert what in caught.value.what
    assert "\n" not in str(caught.value)


def test_a_missing_order_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be read \(No such file"):
        load_config(tmp_path / "none.toml")


def test_only_what_makes_another_run_counts_as_a_difference() -> None:
    config = Config()
    assert difference(config, replace(config, steps=5, device="cpu", loader_workers=0)) is None
    other = replace(config, optimizer=Optimizer(lr=0.5))
    assert difference(config, other) == "optimizer.lr was 0.0001, is 0.5"
