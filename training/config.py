"""What a training run is told: a TOML file, validated into frozen values. Defaults are ReCamMaster's."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import tomli_w
from pydantic import AfterValidator, ConfigDict, Field

from multitake.errors import InputError
from multitake.settings import STRICT, read_toml, validated

TINY = "tiny"

_OCCASION = frozenset({"steps", "checkpoint_every", "keep_checkpoints", "device", "loader_workers"})


def _whole_latent_frames(frames: int) -> int:
    if frames < 5 or frames % 4 != 1:
        below = max(frames - (frames - 1) % 4, 5)
        raise ValueError(f"should be 4k+1 frames, at least 5 (nearest: {below} and {below + 4})")
    return frames


def _ascending(steps: tuple[int, int]) -> tuple[int, int]:
    if not 0 <= steps[0] <= steps[1] <= 1000:
        raise ValueError("must be two rising numbers from 0 to 1000")
    return steps


Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[int, Field(ge=1)]
SidePx = Annotated[int, Field(ge=16, multiple_of=16)]


@dataclass(frozen=True, kw_only=True)
class Model:
    """The base model and how the camera and the source video enter it.

    Attributes:
        base: ``"tiny"`` (random weights, made from the seed) or a folder in diffusers layout holding
            Wan2.1-T2V weights (``transformer``, ``vae``, ``text_encoder``, ``tokenizer``).
        conditioning: ``"frame"``: source latents follow the target's along the frame axis (paper, eq. 8).
        projector_init: ``"identity"`` as in the released code; ``"zero"`` as in the paper's words, then on a
            branch beside the attention output. Both leave the base model's output unchanged at step 0.
        source_rope: temporal positions of the source half: ``"extend"`` counts on (released code),
            ``"repeat"`` shares the target's.
        text_tokens: length that captions are padded or cut to; Wan was trained with 512.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    base: str = TINY
    conditioning: Literal["frame"] = "frame"
    projector_init: Literal["identity", "zero"] = "identity"
    source_rope: Literal["extend", "repeat"] = "extend"
    text_tokens: Positive = 512


@dataclass(frozen=True, kw_only=True)
class Window:
    """The part of a clip that a sample shows: 4k+1 frames, resized to multiples of 16."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    frames: Annotated[int, AfterValidator(_whole_latent_frames)] = 81
    width_px: SidePx = 672
    height_px: SidePx = 384


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """AdamW at a constant learning rate; ``grad_clip`` bounds the gradient's norm."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    lr: Annotated[float, Field(gt=0)] = 1e-4
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    betas: tuple[Annotated[float, Field(ge=0, lt=1)], Annotated[float, Field(ge=0, lt=1)]] = (0.9, 0.999)
    grad_clip: Annotated[float, Field(gt=0)] = 1.0


@dataclass(frozen=True, kw_only=True)
class Noise:
    """How much noise goes where.

    Attributes:
        shift: of the 1000 training levels, sigma = shift s / (1 + (shift - 1) s); also used for sampling.
        source_steps: the source latent gets noise between these two of 1000 steps (paper, section 4.4).
        source_step_scale: the paper does not say how a step becomes a level: ``"timestep"`` reads step n as
            sigma = n / 1000, ``"index"`` as the n-th level of the shifted grid, counted from clean.
        t2v_share: share of samples whose source is noise throughout.
        i2v_share: share of samples whose source is noise but for its first latent frame.
        weighting: of the loss over noise levels: ``"gaussian"`` (released code) or ``"none"``.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    shift: Annotated[float, Field(gt=0)] = 5.0
    source_steps: Annotated[tuple[int, int], AfterValidator(_ascending)] = (200, 500)
    source_step_scale: Literal["timestep", "index"] = "timestep"
    t2v_share: Share = 0.2
    i2v_share: Share = 0.2
    weighting: Literal["gaussian", "none"] = "gaussian"


@dataclass(frozen=True, kw_only=True)
class Config:
    """A training run.

    Attributes:
        batch_size: samples of one step; ``microbatch_size`` of them pass the model at once.
        loader_workers: processes that decode ahead; 0 decodes between steps; the order is the same.
        device: ``"auto"``, or a name that torch knows.
        precision: ``"bf16"`` keeps trained weights in float32, all others and the arithmetic in bfloat16.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    seed: Annotated[int, Field(ge=0)] = 0
    steps: Positive = 10_000
    batch_size: Positive = 40
    microbatch_size: Positive = 1
    checkpoint_every: Positive = 500
    keep_checkpoints: Positive = 3
    loader_workers: Annotated[int, Field(ge=0)] = 4
    device: str = "auto"
    precision: Literal["fp32", "bf16"] = "bf16"
    gradient_checkpointing: bool = False
    model: Model = field(default_factory=Model)
    window: Window = field(default_factory=Window)
    optimizer: Optimizer = field(default_factory=Optimizer)
    noise: Noise = field(default_factory=Noise)


def load_config(path: Path) -> Config:
    """Read and validate a TOML file.

    Raises InputError naming ``file: key`` for a file that is missing or not TOML, an unknown key, a wrong
    type or a value out of range.
    """
    config = validated(Config, read_toml(path), where=str(path))
    if config.noise.t2v_share + config.noise.i2v_share > 1:
        raise InputError(
            "t2v_share and i2v_share add up to more than 1", where=f"{path}: noise", fix="lower one of them"
        )
    return config


def config_toml(config: Config) -> str:
    """The resolved file: every key; ``load_config`` gives the same value back."""
    return tomli_w.dumps(asdict(config))


def difference(old: Config, new: Config) -> str | None:
    """The first key whose change makes another run, with both values; None where the runs are the same.

    ``steps``, ``device``, ``loader_workers`` and which checkpoints are kept may change within a run.
    """
    before, after = _flat(asdict(old)), _flat(asdict(new))
    changed = (key for key in before if key not in _OCCASION and before[key] != after[key])
    return next((f"{key} was {before[key]!r}, is {after[key]!r}" for key in changed), None)


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat
