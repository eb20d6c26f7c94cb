"""The batch: frozen values with all defaults; ``batch_file`` reads them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from string import Formatter
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field

from multitake.settings import STRICT, Ordered, Share
from trajectories.sampling import Frames, FramesPerSecond, Limits, Rules, SidePx

from .extra_cameras import ExtraCamera
from .quality.limits import QualityLimits

CINEMATIC = "cinematic"
EMBEDDED_LOOKS = ("lit", "fast", CINEMATIC)
UNREAL_LOOKS = ("gt", CINEMATIC)
# The keys that say how an Unreal Engine is started.
START_KEYS = ("program", "project", "gpus", "arguments", "command")
# The keys on which no image depends: how an engine is started, reached and replaced.
CONNECTION_KEYS = (
    *START_KEYS,
    *("unrealcv_port", "remote_control_port", "start_timeout_s", "load_timeout_s", "reply_timeout_s"),
    *("recycle_takes", "recycle_growth_mb"),
)
MAX_CHARACTERS = 8
MAX_CAPTIONS = 16
# The default of batches; `[]` films all paths of the rules.
FILMED_LIMITS = Limits(
    reject=(
        "below_ground",
        "too_close",
        "subject_out_of_first_image",
        "engine:inside_geometry",
        "engine:near_geometry",
        "engine:crosses_geometry",
        "engine:subject_blocked",
    ),
    attempts=100,
)

Port = Annotated[int, Field(ge=1, le=65535)]
# Methods of global illumination and of reflections.
Lighting = Literal["lumen", "screen_space", "none"]
Timeout = Annotated[float, Field(ge=0.1, le=3600)]
Characters = Annotated[int, Field(ge=1, le=MAX_CHARACTERS)]
# H.264 with 4:2:0 needs even sizes.
EvenSidePx = Annotated[SidePx, Field(multiple_of=2)]
Pass = Literal["depth", "mask", "normal", "flow", "surface", "joints"]


def _distinct(passes: tuple[Pass, ...]) -> tuple[Pass, ...]:
    if len(set(passes)) < len(passes):
        raise ValueError("duplicate pass; give each pass once")
    return passes


def _fillable(command: tuple[str, ...]) -> tuple[str, ...]:
    for part in command:
        try:
            fields = {field for _, field, _, _ in Formatter().parse(part) if field is not None}
        except ValueError:
            fields = {part}
        if not fields <= {"unrealcv_port", "remote_control_port"}:
            fix = "use {unrealcv_port} and {remote_control_port}, and write {{ and }} for other braces"
            raise ValueError(f"unknown placeholder in {part!r}; {fix}")
    return command


@dataclass(frozen=True, kw_only=True)
class SceneChoice:
    """What to film: names of the catalog; an empty list means all of the catalog.

    ``tag:indoor`` in place of a name means everything with the tag ``indoor``.
    ``catalog`` is ``embedded`` or the path of a catalog file, relative to the batch file.
    """

    __pydantic_config__ = STRICT
    catalog: str = "embedded"
    environments: tuple[str, ...] = ()
    characters: tuple[str, ...] = ()
    animations: tuple[str, ...] = ()
    lights: tuple[str, ...] = ()
    characters_per_take: Annotated[tuple[Characters, Characters], Ordered] = (1, 1)


@dataclass(frozen=True, kw_only=True)
class EngineChoice:
    """Which engine films, and how it is started.

    ``embedded`` starts the engine that is part of multitake, with one of its looks. ``unreal`` starts once
    per worker: ``program``, which is a packaged project, or the editor together with its ``project``, with
    all flags that it needs and ``arguments``, on the worker's one of ``gpus``; or else ``command`` as it is,
    in which ``{unrealcv_port}`` and ``{remote_control_port}`` are replaced. Worker n takes both ports plus n,
    or others if they are used. Without both, one worker connects to an engine that is running.

    A started engine is replaced after ``recycle_takes`` takes (0: never), and when its memory has grown by
    more than ``recycle_growth_mb`` since its first take.

    ``settle_change`` is by how much an image of Unreal may still change when it is captured again, as a share
    of its range, and ``settle_captures`` after how many captures it must be settled.

    The look ``cinematic`` films each image as the mean of ``sub_frames``: they sample the time for which the
    shutter is open (a share of the frame), and, with ``depth_of_field``, the lens; each of their pixels has
    ``msaa`` samples.
    """

    __pydantic_config__ = STRICT
    kind: Literal["embedded", "unreal"] = "embedded"
    look: str = "lit"
    sub_frames: Annotated[int, Field(ge=1, le=256)] = 8
    shutter: Share = 0.5
    depth_of_field: bool = True
    msaa: Literal[1, 2, 4] = 4
    program: str = ""
    project: str = ""
    gpus: tuple[Annotated[int, Field(ge=0, le=255)], ...] = ()
    arguments: tuple[str, ...] = ()
    command: Annotated[tuple[str, ...], AfterValidator(_fillable)] = ()
    unrealcv_port: Port = 9000
    remote_control_port: Port = 30010
    start_timeout_s: Timeout = 60.0
    load_timeout_s: Timeout = 60.0
    reply_timeout_s: Timeout = 30.0
    recycle_takes: Annotated[int, Field(ge=0)] = 500
    recycle_growth_mb: Annotated[float, Field(gt=0)] = 4000.0
    settle_requests: Annotated[int, Field(ge=0, le=10)] = 1
    settle_change: Annotated[float, Field(gt=0, le=0.1)] = 0.005
    settle_captures: Annotated[int, Field(ge=16, le=10_000)] = 256
    illumination: Lighting = "lumen"
    reflection: Lighting = "lumen"

    @property
    def passes(self) -> tuple[Pass, ...]:
        """The passes that it can film; surfaces are known to the embedded engine alone."""
        if self.kind == "unreal":
            return ("depth", "mask", "normal", "joints")
        return ("mask",) if self.look == "fast" else get_args(Pass)

    def check_passes(self, passes: Sequence[Pass]) -> None:
        """ValueError for a pass that it cannot film."""
        missing = [one for one in passes if one not in self.passes]
        if missing:
            engine = "Unreal Engine" if self.kind == "unreal" else f"the look {self.look}"
            what = f"{engine} cannot film {missing[0]}, only {', '.join(('video', *self.passes))}"
            fix = f"use the embedded engine with the look lit, or remove {missing[0]} from passes"
            raise ValueError(f"{what}; {fix}")

    @property
    def is_cinematic(self) -> bool:
        """Whether its images are those of a lens and a shutter."""
        return self.kind == "embedded" and self.look == CINEMATIC

    @property
    def is_started(self) -> bool:
        """Whether each worker starts an engine of its own."""
        return self.kind == "embedded" or bool(self.program or self.command)

    def __post_init__(self) -> None:
        looks = EMBEDDED_LOOKS if self.kind == "embedded" else UNREAL_LOOKS
        if self.look not in looks:
            raise ValueError(f"unknown look {self.look!r}; use {' or '.join(looks)}")
        given = [key for key in START_KEYS if getattr(self, key)]
        if self.kind == "embedded" and given:
            raise ValueError(f'{given[0]} is a key of Unreal Engine; write kind = "unreal", or remove it')
        if self.command and len(given) > 1:
            raise ValueError(f"{given[0]} and command; give program with its keys, or command alone")
        if self.unrealcv_port == self.remote_control_port:
            raise ValueError("unrealcv_port and remote_control_port are the same; give two ports")
        if given and not (self.program or self.command):
            raise ValueError(f"{given[0]} without program; give the packaged project or the editor")


@dataclass(frozen=True, kw_only=True)
class Refilm:
    """Which takes of another batch are filmed again; that batch has the same seed, scene and rules.

    Attributes:
        takes: their numbers in that batch, ascending; empty if they are the first ones, which are all that it
            has.
        sampled_size_px: width and height of its images: they decide which paths its rigs could keep.
    """

    __pydantic_config__ = STRICT
    takes: tuple[Annotated[int, Field(ge=0, lt=1_000_000)], ...] = ()
    sampled_size_px: tuple[EvenSidePx, EvenSidePx] | None = None

    def __post_init__(self) -> None:
        if any(one >= other for one, other in pairwise(self.takes)):
            raise ValueError("takes are not ascending; sort them, and give each once")


@dataclass(frozen=True, kw_only=True)
class CaptionChoice:
    """How many sentences each take has about its scene, and each clip about the move of its camera."""

    __pydantic_config__ = STRICT
    per_take: Annotated[int, Field(ge=1, le=MAX_CAPTIONS)] = 4
    per_camera: Annotated[int, Field(ge=0, le=MAX_CAPTIONS)] = 4


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Which takes to make. ``passes`` are filmed in addition to the video.

    ``extra_cameras`` film each take beside its rig, with the same lens. ``refilm``: the takes are those of
    another batch.
    """

    __pydantic_config__ = STRICT
    seed: Annotated[int, Field(ge=0, le=2**63)]
    takes: Annotated[int, Field(ge=1, le=1_000_000)]
    takes_per_shard: Annotated[int, Field(ge=1, le=10_000)] = 50
    fps: FramesPerSecond = 15.0
    frames: Frames = 81
    width_px: EvenSidePx = 1280
    height_px: EvenSidePx = 1280
    passes: Annotated[tuple[Pass, ...], AfterValidator(_distinct)] = ()
    validation_share: Share = 0.0
    scene: SceneChoice = field(default_factory=SceneChoice)
    engine: EngineChoice = field(default_factory=EngineChoice)
    captions: CaptionChoice = field(default_factory=CaptionChoice)
    rules: Rules = field(default_factory=lambda: Rules(validity=FILMED_LIMITS), metadata={"key": "rig"})
    quality: QualityLimits = field(default_factory=QualityLimits)
    extra_cameras: tuple[ExtraCamera, ...] = ()
    refilm: Refilm = field(default_factory=Refilm)

    def __post_init__(self) -> None:
        self.engine.check_passes(self.passes)
        if len(self.refilm.takes) not in (0, self.takes):
            what = f"takes is {self.takes}, but refilm.takes has {len(self.refilm.takes)} numbers"
            raise ValueError(f"{what}; give the same number")

    @property
    def cameras(self) -> int:
        """Cameras of each take."""
        return len(self.rules.slots) + len(self.extra_cameras)

    @property
    def sampled_size_px(self) -> tuple[int, int]:
        """Width and height of the images for which rigs are sampled."""
        return self.refilm.sampled_size_px or (self.width_px, self.height_px)

    def take_index(self, number: int) -> int:
        """The index that take ``number`` of this batch has in the batch from which scenes and rigs follow."""
        return self.refilm.takes[number] if self.refilm.takes else number

    @property
    def shards(self) -> int:
        """Shards of the data set."""
        return -(-self.takes // self.takes_per_shard)
