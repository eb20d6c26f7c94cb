"""Pairs without torch: which ones a stream has, reading them ahead, and decoding them into shared memory."""

from .choice import PairChoice, Window
from .fetching import Cache, ReadCounts
from .framing import Framing, framing
from .mixing import Mixture
from .plan import PairPlan, PlannedTake, open_plan
from .reading import FetchedPair, PairReader, PairRecord, SkippedTake, ahead
from .settings import (
    AdjacentPairs,
    MovingPairs,
    PairPolicy,
    PairSettings,
    PairSource,
    Pixels,
    UniformPairs,
    WeightedPairs,
)
from .shuffling import MixingStatistic, distinct_over_shuffled
from .slots import SlotPool
from .workers import PairWorkers

__all__ = [
    "AdjacentPairs",
    "Cache",
    "FetchedPair",
    "Framing",
    "MixingStatistic",
    "Mixture",
    "MovingPairs",
    "PairChoice",
    "PairPlan",
    "PairPolicy",
    "PairReader",
    "PairRecord",
    "PairSettings",
    "PairSource",
    "PairWorkers",
    "Pixels",
    "PlannedTake",
    "ReadCounts",
    "SkippedTake",
    "SlotPool",
    "UniformPairs",
    "WeightedPairs",
    "Window",
    "ahead",
    "distinct_over_shuffled",
    "framing",
    "open_plan",
]
