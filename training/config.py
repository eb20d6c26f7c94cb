"""The config of a training run: TOML validated into frozen values, from a preset and the keys of a file."""

import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import tomli_w
from pydantic import AfterValidator, ConfigDict, Field, NonNegativeFloat, NonNegativeInt, PositiveFloat

from multitake.errors import InputError
from multitake.settings import FINITE, Ordered, Share, read_toml, validated

TINY = "tiny"

# The folder of the base model may move: a run knows its content.
_MAY_CHANGE = frozenset(
    {
        *("steps", "checkpoint_every", "keep_checkpoints", "device", "loader_workers"),
        *("microbatch_size", "gradient_checkpointing", "parallel", "model.base", "model.transformer"),
        *("attention", "compile", "memory_budget", "tracking.tensorboard", "tracking.wandb"),
        *("validation.every", "validation.clips_every", "validation.pairs"),
    }
)


# Starting values; the paper's are the defaults. The released code trained on 8 GPUs, one sample on each.
_PRESETS: dict[str, dict[str, Any]] = {
    "paper": {},
    "release": {
        "steps": 20_000,
        "batch_size": 8,
        "window": {"width_px": 832, "height_px": 480},
        "optimizer": {"grad_clip": 0.0},
        "noise": {"source_steps": (0, 0), "t2v_share": 0.0, "i2v_share": 0.0},
    },
}


def _four_k_plus_one(frames: int) -> int:
    if frames < 5 or frames % 4 != 1:
        below = max(frames - (frames - 1) % 4, 5)
        raise ValueError(f"must be 4k+1 and at least 5, got {frames}; use {below} or {below + 4}")
    return frames


CameraEncoding = Literal["poses", "poses_and_intrinsics", "pluecker", "prope", "relative_rays"]
Trained = Literal["camera_and_self_attention", "all"]
Positive = Annotated[int, Field(ge=1)]
SidePx = Annotated[int, Field(ge=16, multiple_of=16)]
Step = Annotated[int, Field(ge=0, le=1000)]
Beta = Annotated[float, Field(ge=0, lt=1)]


@dataclass(frozen=True, kw_only=True)
class Model:
    """The base model and how the camera and the source video enter it.

    Attributes:
        base: ``"tiny"`` (random weights, made from the seed) or a folder in diffusers layout with
            Wan2.1-T2V weights (``transformer``, ``vae``, ``text_encoder``, ``tokenizer``); relative to the
            folder of the config file.
        transformer: weights of the base model in one file of the original release (``*.safetensors``), in the
            place of those in the folder ``base``; "" are those in the folder.
        conditioning: how the source enters (paper, section 4.2 and Table 3). ``"frame"``: the tokens of both
            videos follow each other along the frame axis (eq. 8). ``"channel"``: the patch embedding has
            channels for the source, which begin as zero (eq. 5). ``"view"``: both are sequences of their own,
            and in each block every frame sees the same frame of the other one (eq. 7), first with weight 0.
        projector_init: ``"identity"`` as in the released code; ``"zero"`` as in the paper, with the projector
            on a residual branch. Both leave the base model's output unchanged at step 0.
        source_rope: temporal positions with ``frame``: ``"extend"`` continues from the first video to the
            second (released code), ``"repeat"`` has the same for both.
        token_order: which tokens are first with ``frame``: ``"target_first"`` (released code), or
            ``"source_first"`` (paper, eq. 8).
        camera_encoding: what of the camera enters. Added to tokens: ``"poses"``, twelve numbers of each
            latent frame (paper); ``"poses_and_intrinsics"``, sixteen; ``"pluecker"``, the ray of each token.
            As relation of two tokens in an attention of its own, with ``frame`` only: ``"prope"``, between
            their images; ``"relative_rays"``, between their rays. All but the first need focal lengths.
        camera_tokens: where the target's camera enters, with ``frame`` and ``view``: at the tokens of
            ``"both"`` videos (released code), or of the ``"target"``; relations then take the source as a
            camera that stands still.
        trained: ``"camera_and_self_attention"``: camera encoders, projectors and self-attention (paper); or
            ``"all"`` weights of the transformer.
        text_tokens: length to which captions are padded or cut; Wan was trained with 512.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FINITE
    base: str = TINY
    transformer: str = ""
    conditioning: Literal["frame", "channel", "view"] = "frame"
    projector_init: Literal["identity", "zero"] = "identity"
    source_rope: Literal["extend", "repeat"] = "extend"
    token_order: Literal["target_first", "source_first"] = "target_first"
    camera_encoding: CameraEncoding = "poses"
    camera_tokens: Literal["both", "target"] = "both"
    trained: Trained = "camera_and_self_attention"
    text_tokens: Positive = 512

    def __post_init__(self) -> None:
        frame_only = {"source_rope": "extend", "token_order": "target_first"}
        unused = {} if self.conditioning == "frame" else frame_only
        if self.conditioning == "channel":
            unused = {**frame_only, "camera_tokens": "both"}
        for key, default in unused.items():
            if getattr(self, key) != default:
                raise ValueError(f"{key} has no effect with conditioning {self.conditioning!r}; remove it")
        if self.conditioning != "frame" and self.camera_encoding in ("prope", "relative_rays"):
            raise ValueError(
                f"camera_encoding {self.camera_encoding!r} relates source and target in one sequence; "
                'use conditioning = "frame"'
            )

    @property
    def needs_intrinsics(self) -> bool:
        """Whether the model uses focal lengths."""
        return self.camera_encoding != "poses"

    @property
    def options(self) -> dict[str, str]:
        """What distinguishes the architecture from that of the base model."""
        keys = ("conditioning", "projector_init", "source_rope", "token_order")
        return {key: getattr(self, key) for key in (*keys, "camera_encoding", "camera_tokens")}


@dataclass(frozen=True, kw_only=True)
class Window:
    """The part of a clip in a sample: 4k+1 frames, resized to sides that are multiples of 16 pixels.

    Attributes:
        fps: frames per second: that of the data set, divided by a whole number n for every n-th frame. 0 is
            that of the data set; a run notes which one it is.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FINITE
    frames: Annotated[int, AfterValidator(_four_k_plus_one)] = 81
    width_px: SidePx = 672
    height_px: SidePx = 384
    fps: NonNegativeFloat = 0.0


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Which cameras of a take are paired.

    Attributes:
        policy: ``"uniform"``: any two; ``"moving"``: without those that stand still; ``"weighted"``: the
            probability of a target is in proportion to the weight of its motion; ``"adjacent"``: two that
            start near each other.
        weights: of motions, for ``"weighted"``, such as ``{ arc = 2.0, static = 0.0 }``; others have 1.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FINITE
    policy: Literal["uniform", "moving", "weighted", "adjacent"] = "uniform"
    weights: dict[str, NonNegativeFloat] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if bool(self.weights) != (self.policy == "weighted"):
            raise ValueError('weights and policy = "weighted" belong together; give both, or none')


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """AdamW, its learning rate, and an average of the weights.

    Attributes:
        grad_clip: the largest norm of the gradient; 0 is any.
        warmup_steps: in these steps the learning rate rises linearly to ``lr``.
        schedule: then it is ``"constant"`` (paper and released code), or falls to 0 at step
            ``schedule_steps``: ``"linear"`` or as half a ``"cosine"``.
        average_decay: of the exponential moving average of the trained weights, such as 0.9999, which is
            exported and used by ``reshoot``; 0 is none.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FINITE
    lr: PositiveFloat = 1e-4
    weight_decay: NonNegativeFloat = 0.01
    betas: tuple[Beta, Beta] = (0.9, 0.999)
    grad_clip: NonNegativeFloat = 1.0
    warmup_steps: NonNegativeInt = 0
    schedule: Literal["constant", "linear", "cosine"] = "constant"
    schedule_steps: NonNegativeInt = 0
    average_decay: Beta = 0.0

    def __post_init__(self) -> None:
        if (self.schedule == "constant") == (self.schedule_steps > 0):
            raise ValueError("schedule_steps and a schedule that falls belong together; give both, or none")
        if self.schedule != "constant" and self.schedule_steps <= self.warmup_steps:
            raise ValueError("schedule_steps must be more than warmup_steps; raise it")


@dataclass(frozen=True, kw_only=True)
class Validation:
    """Pairs of the split ``validation``, on which a model is tried while it is trained.

    Attributes:
        every: measure the errors every so many steps; 0 is never.
        clips_every: write a video every so many steps; 0 is never.
        pairs: how many pairs.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FINITE
    every: NonNegativeInt = 0
    clips_every: NonNegativeInt = 0
    pairs: Positive = 8


@dataclass(frozen=True, kw_only=True)
class Noise:
    """The noise of target and source, and what of the source and of the caption is hidden from the model.

    Attributes:
        shift: the 1000 training levels are sigma = shift s / (1 + (shift - 1) s); also used to re-shoot.
        source_steps: the noise of the source latents is between these two of 1000 steps (paper, section 4.4).
        source_step_scale: noise level of a step, which the paper leaves open: for step n ``"timestep"`` is
            sigma = n / 1000, ``"index"`` is the n-th level of the shifted grid, counted from clean.
        t2v_share: share of samples whose source is pure noise.
        i2v_share: share of samples whose source is pure noise except its first latent frame.
        no_text_share: share of samples whose caption is empty, for guidance when re-shooting.
        weighting: loss weight by noise level: ``"gaussian"`` (released code) or ``"none"``.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FINITE
    shift: PositiveFloat = 5.0
    source_steps: Annotated[tuple[Step, Step], Ordered] = (200, 500)
    source_step_scale: Literal["timestep", "index"] = "timestep"
    t2v_share: Share = 0.2
    i2v_share: Share = 0.2
    no_text_share: Share = 0.0
    weighting: Literal["gaussian", "none"] = "gaussian"

    def __post_init__(self) -> None:
        if self.t2v_share + self.i2v_share > 1:
            raise ValueError("t2v_share and i2v_share add up to more than 1; lower one of them")


@dataclass(frozen=True, kw_only=True)
class Tracking:
    """Where figures go besides ``metrics.jsonl``.

    Attributes:
        tensorboard: to ``RUN/tensorboard``.
        wandb: the project of Weights & Biases; "" is none.
    """

    tensorboard: bool = False
    wandb: str = ""


@dataclass(frozen=True, kw_only=True)
class Config:
    """A training run.

    Attributes:
        preset: the starting values: those of the ``"paper"``, which are the defaults here, or those of the
            ``"release"``: 480x832, no noise of the source, nothing hidden, no clipping, 20,000 steps.
        batch_size: samples of one step, in parts of ``microbatch_size``.
        loader_workers: processes that decode in advance; with 0 the main process decodes. The samples and
            their order are the same.
        device: ``"auto"``, or a device of torch, e.g. ``"cuda:1"``.
        parallel: what several processes, started by torchrun or Ray Train, share: each has all weights, with
            ``"replicated"``; with ``"sharded"`` they are divided between them (FSDP2), as are gradients and
            moments. A run can go on with another number of them.
        gradient_checkpointing: compute each block again in the backward pass, which needs less memory; with
            ``"keep_attention"`` all of it but attention, the slowest part.
        attention: which kernels compute it; ``"auto"`` is the fastest that there is of the first three, and
            on a CPU what torch chooses. ``"math"`` is for few tokens.
        compile: compile each block with this backend of torch.compile: ``"inductor"`` is faster,
            ``"aot_eager"`` is for tests; "" is not at all.
        memory_budget: with ``compile``, the share of intermediate results kept for the backward pass.
        precision: with ``"bf16"`` trained weights are float32, frozen weights and arithmetic bfloat16.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FINITE
    preset: Literal["paper", "release"] = "paper"
    seed: NonNegativeInt = 0
    steps: Positive = 10_000
    batch_size: Positive = 40
    microbatch_size: Positive = 1
    checkpoint_every: Positive = 500
    keep_checkpoints: Positive = 3
    loader_workers: NonNegativeInt = 4
    device: str = "auto"
    parallel: Literal["replicated", "sharded"] = "replicated"
    precision: Literal["fp32", "bf16"] = "bf16"
    gradient_checkpointing: bool | Literal["keep_attention"] = False
    attention: Literal["auto", "cudnn", "flash", "efficient", "math"] = "auto"
    compile: Literal["", "inductor", "aot_eager"] = ""
    memory_budget: Annotated[float, Field(gt=0, le=1)] = 1.0
    model: Model = field(default_factory=Model)
    window: Window = field(default_factory=Window)
    pairs: Pairs = field(default_factory=Pairs)
    optimizer: Optimizer = field(default_factory=Optimizer)
    noise: Noise = field(default_factory=Noise)
    validation: Validation = field(default_factory=Validation)
    tracking: Tracking = field(default_factory=Tracking)


def load_config(path: Path) -> Config:
    """Read and validate a TOML file; InputError names the file and the first invalid key.

    Paths of the base model are absolute then.
    """
    given = read_toml(path)
    preset = _PRESETS.get(str(given.get("preset")), {})
    config = validated(Config, _merged(preset, given), where=str(path))
    model = config.model
    if model.base == TINY and model.transformer:
        fix = "give a folder as model.base"
        raise InputError("has no place in the tiny model", where=f"{path}: model.transformer", fix=fix)
    base = TINY if model.base == TINY else os.path.abspath(path.parent / model.base)
    transformer = os.path.abspath(path.parent / model.transformer) if model.transformer else ""
    return replace(config, model=replace(model, base=base, transformer=transformer))


def preset(name: str) -> Config:
    """Return the starting values of a preset."""
    return validated(Config, _merged(_PRESETS[name], {"preset": name}), where=f"preset {name}")


def _merged(values: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """``values`` with those of ``other`` in their place, table by table."""
    merged = {**values, **other}
    for key in values.keys() & other.keys():
        if isinstance(values[key], dict) and isinstance(other[key], dict):
            merged[key] = _merged(values[key], other[key])
    return merged


def config_toml(config: Config) -> str:
    """Return the resolved file with every key, from which ``load_config`` reads the same value."""
    return tomli_w.dumps(asdict(config))


def difference(old: Config, new: Config) -> str | None:
    """Return the first key that must not change within a run but differs, with both values.

    Numbers of steps, of checkpoints, of workers and of samples at once may change, as may the device,
    gradient checkpointing, and where the base model is.
    """
    before, after = _flat(asdict(old)), _flat(asdict(new))
    changed = (key for key in before if key not in _MAY_CHANGE and before[key] != after[key])
    return next((f"{key} was {before[key]!r}, is {after[key]!r}" for key in changed), None)


def _flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat
