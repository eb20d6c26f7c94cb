"""What pairs are sampled, and how they are delivered: the settings of a stream."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from multitake.errors import InputError
from trajectories import MOTIONS

from ..selection import Selection
from ..video import checked_size
from .field_types import check_types, whole_number
from .framing import Size

Starts = Literal["gop", "any", "first"]
Crop = Literal["centre", "seeded"]
Pixels = Literal["rgb", "yuv420", "stored", "none"]
Damage = Literal["stop", "skip"]
# Beyond these, sums and sizes of images overflow.
_LARGEST_WEIGHT = 1e9
_LONGEST_PX = 16384


@dataclass(frozen=True, kw_only=True)
class UniformPairs:
    """Source and targets are any different cameras of the take."""


@dataclass(frozen=True, kw_only=True)
class MovingPairs:
    """As ``UniformPairs``, of cameras that move: without the motions ``static`` and ``unknown``.

    Data sets and takes of which all motions are unknown are refused, as are imported ones.
    """


@dataclass(frozen=True, kw_only=True)
class WeightedPairs:
    """The probability of a camera to be a target is proportional to the weight of its motion.

    Motions that are not named have weight 1. The source is any other camera. Data sets and takes of which all
    motions are unknown are refused, unless ``unknown`` has a weight.
    """

    weights: Mapping[str, float | int]

    def __post_init__(self) -> None:
        check_types(self, weights='motions with numbers, such as {"arc": 2}')
        for motion, weight in self.weights.items():
            where = f"weights of motions: {motion}"
            if motion not in (*MOTIONS, "unknown"):
                raise InputError("unknown motion", where=where, fix=f"choose from {', '.join(MOTIONS)}")
            if not 0 <= weight < float("inf"):
                raise InputError(f"must not be negative, got {weight}", where=where, fix="give 0 or more")
            if weight > _LARGEST_WEIGHT:
                raise InputError("too large", where=where, fix=f"give {_LARGEST_WEIGHT:g} or less")


@dataclass(frozen=True, kw_only=True)
class AdjacentPairs:
    """Targets start near the source: in the first frame of the take, seen from the subject, the two cameras
    are at most so far apart in azimuth and elevation.

    The default is the rule of SynCamMaster. A source with fewer such neighbours than targets are needed is
    paired with the nearest cameras.
    """

    azimuth_deg: float | int = 30
    elevation_deg: float | int = 15

    def __post_init__(self) -> None:
        check_types(self, azimuth_deg="a number", elevation_deg="a number")
        for name in ("azimuth_deg", "elevation_deg"):
            if not 0 < getattr(self, name) <= 180:
                what = f"must be above 0 and at most 180, got {getattr(self, name)}"
                raise InputError(what, where=name, fix="give an angle in degrees")


PairPolicy = UniformPairs | MovingPairs | WeightedPairs | AdjacentPairs


@dataclass(frozen=True, kw_only=True)
class PairSettings:
    """Which pairs a stream has.

    Attributes:
        seed: of all random choices.
        frames: frames of a window; None is the entire clip.
        strides: every n-th frame of the clip is used, where n is one of these, sampled for each pair.
        starts: windows start at a group of pictures (``gop``, which wastes no decoding), at ``any`` frame, or
            at the ``first``.
        size_px: (width, height) of the delivered frames, even; None is as filmed.
        crop: the part of the frames that is kept if the aspect differs: the ``centre``, or ``seeded``: a
            place is sampled for each pair, the same for all of its clips.
        targets: target clips for each source.
        policy: how the cameras of a pair are chosen.
        split: takes of this split only; None is all.
        pixels: ``rgb``; ``yuv420``: the stored planes, half the bytes, to be converted on the GPU; or
            ``stored``: the videos, to be decoded on the GPU; or ``none``: no video is read.
        damage: what is done about a sample that cannot be read: ``stop`` with an error, or ``skip`` it: it is
            replaced by one of another take, and counted.
    """

    seed: int
    frames: int | None = None
    strides: tuple[int, ...] = (1,)
    starts: Starts = "gop"
    size_px: Size | None = None
    crop: Crop = "centre"
    targets: int = 1
    policy: PairPolicy = field(default_factory=UniformPairs)
    split: str | None = "train"
    pixels: Pixels = "rgb"
    damage: Damage = "stop"

    def order(self) -> dict[str, Any]:
        """What decides which takes, cameras and windows the samples have, as plain values."""
        names = ("seed", "frames", "strides", "starts", "targets", "split")
        policy = {"policy": type(self.policy).__name__, **asdict(self.policy)}
        plain: dict[str, Any] = json.loads(json.dumps({name: getattr(self, name) for name in names} | policy))
        return plain

    def __post_init__(self) -> None:
        check_types(
            self,
            seed="a whole number",
            frames="a whole number or None",
            strides="a tuple of whole numbers, such as (1, 2)",
            size_px="(width, height) or None",
            targets="a whole number",
            policy="a policy, such as UniformPairs()",
            split="the name of a split or None",
        )
        checked_size(self.size_px, "size_px")
        if self.size_px and max(self.size_px) > _LONGEST_PX:
            what = f"size is above {_LONGEST_PX}, got {self.size_px[0]}x{self.size_px[1]}"
            raise InputError(what, where="size_px", fix="give a smaller size")
        if self.size_px and any(side % 2 for side in self.size_px):
            what = f"size must be even, got {self.size_px[0]}x{self.size_px[1]}"
            raise InputError(what, where="size_px", fix="use even width and height")
        if self.seed < 0:
            raise InputError(
                f"seed must not be negative, got {self.seed}", where="seed", fix="give 0 or more"
            )
        if self.targets < 1:
            raise InputError(
                f"pairs need a target, got {self.targets}", where="targets", fix="give 1 or more"
            )
        if not self.strides or min(self.strides) < 1:
            what = f"strides must be 1 or more, got {self.strides}"
            raise InputError(what, where="strides", fix="give (1,) for every frame")
        for name, kind in (("starts", Starts), ("crop", Crop), ("pixels", Pixels), ("damage", Damage)):
            known = get_args(kind)
            if getattr(self, name) not in known:
                what = f"unknown value {getattr(self, name)!r}"
                raise InputError(what, where=name, fix=f"choose from {', '.join(known)}")


@dataclass(frozen=True, kw_only=True)
class PairSource:
    """One data set of a stream.

    Attributes:
        url: its folder or address.
        weight: its share of the samples, in proportion to the weights of the others.
        where: use the takes for which this SQL condition holds, see ``takes_where``.
        takes: use these takes only, as ``chosen_takes`` reads them, such as ``0-99`` or ``@FILE``.
        exclude: do not use these takes; ``@FILE`` of the list that `multitake verify` writes.
    """

    url: str | Path
    weight: float | int = 1
    where: str | None = None
    takes: str | None = None
    exclude: str | None = None

    def __post_init__(self) -> None:
        text = "a text or None"
        check_types(
            self, url="a folder or an address", weight="a number", where=text, takes=text, exclude=text
        )

    @property
    def selection(self) -> Selection:
        """Which of its takes are used."""
        return Selection(where=self.where, takes=self.takes, exclude=self.exclude)


def pair_sources(
    sources: str | Path | PairSource | Sequence[str | Path | PairSource],
) -> tuple[PairSource, ...]:
    """One data set or several, each by its address or with its weight."""
    several = (sources,) if isinstance(sources, str | Path | PairSource) else sources
    return tuple(one if isinstance(one, PairSource) else PairSource(url=one) for one in several)


def check_rank(rank: int, world_size: int) -> None:
    """InputError unless it is one of so many ranks."""
    for name, value in (("rank", rank), ("world_size", world_size)):
        whole_number(name, value)
    if not 0 <= rank < world_size:
        fix = "ranks are 0 to world_size - 1"
        raise InputError(f"rank {rank} of {world_size}", where="rank", fix=fix)
