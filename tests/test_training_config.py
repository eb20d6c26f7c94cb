"""Training configs: defaults, the resolved file, and invalid values."""

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


def test_an_empty_config_is_the_paper(tmp_path: Path) -> None:
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
        Config(seed=3, precision="fp32", model=Model(base='/models/wan "x"', source_rope="repeat")),
        Config(optimizer=Optimizer(lr=1e-5, betas=(0.5, 0.75)), noise=Noise(weighting="none")),
    ],
)
def test_the_resolved_file_gives_the_same_config(tmp_path: Path, config: Config) -> None:
    assert load_config(written(tmp_path, config_toml(config))) == config


def test_a_preset_gives_the_starting_values(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, 'preset = "release"\n[noise]\nt2v_share = 0.1'))
    assert (config.window.width_px, config.window.height_px, config.window.frames) == (832, 480, 81)
    assert (config.steps, config.optimizer.lr, config.optimizer.grad_clip) == (20_000, 1e-4, 0.0)
    assert (config.noise.source_steps, config.noise.t2v_share, config.noise.i2v_share) == ((0, 0), 0.1, 0.0)
    assert load_config(written(tmp_path, config_toml(config))) == config
    assert load_config(written(tmp_path, 'preset = "paper"')) == Config()


def test_the_example_is_valid() -> None:
    config = load_config(EXAMPLE)
    assert config.model.base == "tiny" and config.steps == 30


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("stepz = 3", "train.toml: stepz", "unknown key"),
        ("[model]\nlayers = 3", "train.toml: model.layers", "unknown key"),
        ('steps = "3"', "train.toml: steps", "whole number"),
        ("steps = 3.5", "train.toml: steps", "whole number"),
        ("steps = 0", "train.toml: steps", "must be at least 1, got 0"),
        ("noise = 3", "train.toml: noise", "table"),
        ("[window]\nframes = 20", "train.toml: window.frames", "4k+1 and at least 5, got 20"),
        ("[window]\nframes = 1", "train.toml: window.frames", "4k+1"),
        ("[window]\nwidth_px = 50", "train.toml: window.width_px", "multiple of 16"),
        ("[noise]\nsource_steps = [500, 200]", "train.toml: noise.source_steps", "empty range 500..200"),
        ("[noise]\nsource_steps = [0, 1001]", "train.toml: noise.source_steps.1", "at most 1000, got 1001"),
        ("[noise]\nt2v_share = 1.5", "train.toml: noise.t2v_share", "must be at most 1, got 1.5"),
        ("[noise]\nt2v_share = 0.7\ni2v_share = 0.7", "train.toml: noise", "more than 1"),
        ('[model]\nconditioning = "time"', "train.toml: model.conditioning", "unknown value 'time'"),
        (
            '[model]\nconditioning = "view"\nsource_rope = "repeat"',
            "train.toml: model",
            "source_rope has no effect with conditioning 'view'",
        ),
        (
            '[model]\nconditioning = "channel"\ncamera_tokens = "target"',
            "train.toml: model",
            "camera_tokens has no effect with conditioning 'channel'",
        ),
        ("[optimizer]\nlr = nan", "train.toml: optimizer.lr", "must be"),
        ("[optimizer]\nlr = inf", "train.toml: optimizer.lr", "must be finite"),
        ("[optimizer]\ngrad_clip = inf", "train.toml: optimizer.grad_clip", "must be finite"),
        ("[noise]\nshift = inf", "train.toml: noise.shift", "must be finite"),
        ("steps = ", "train.toml", "not TOML"),
        ('[pairs]\npolicy = "weighted"', "train.toml: pairs", "belong together"),
        ("[pairs]\nweights = { arc = 1.0 }", "train.toml: pairs", "belong together"),
        ("[window]\nfps = -1.0", "train.toml: window.fps", "must be at least 0"),
        ('preset = "mine"', "train.toml: preset", "unknown value 'mine'"),
        ("preset = 3", "train.toml: preset", "unknown value 3"),
        ('preset = "release"\nnoise = 3', "train.toml: noise", "table"),
        ('[model]\ntrained = "some"', "train.toml: model.trained", "unknown value 'some'"),
        ("[noise]\nno_text_share = 2", "train.toml: noise.no_text_share", "must be at most 1"),
    ],
)
def test_invalid_configs_are_refused_with_their_place(
    tmp_path: Path, text: str, where: str, what: str
) -> None:
    with pytest.raises(InputError) as caught:
        load_config(written(tmp_path, text))
    assert caught.value.where.endswith(where)
    assert what in caught.value.what
    assert "\n" not in str(caught.value)


def test_a_missing_config_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be read \(No such file"):
        load_config(tmp_path / "none.toml")


def test_the_base_model_is_found_from_any_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, '[model]\nbase = "../models/wan"')
    monkeypatch.chdir("/")
    assert load_config(path).model.base == str(tmp_path.parent / "models/wan")
    resolved = tmp_path / "resolved.toml"
    resolved.write_text(config_toml(load_config(path)))
    assert load_config(resolved) == load_config(path)


def test_what_changes_no_sample_may_change_within_a_run() -> None:
    config = Config()
    changed = replace(config, steps=5, device="cpu", loader_workers=0, microbatch_size=4)
    moved = replace(changed, gradient_checkpointing=True, model=Model(base="/elsewhere"))
    assert difference(config, changed) is None and difference(config, moved) is None
    other = replace(config, optimizer=Optimizer(lr=0.5))
    assert difference(config, other) == "optimizer.lr was 0.0001, is 0.5"
