"""Pairs without torch: which ones a stream has, reading them ahead, and decoding them into shared memory."""

from .choice import PairChoice, Window
from .decoding import ClipMemory, clip_bytes, decode_into, fitted_video, keep_freed_memory
from .fetching import Cache, ReadCounts
from .field_types import whole_number
from .framing import Framing, framing
from .mixing import Mixture
from .plan import PairPlan, PlannedTake, open_plan
from .reading import MOST_REPLACEMENTS, FetchedPair, PairReader, PairRecord, SkippedTake, ahead, stored_pair
from .settings import (
    AdjacentPairs,
    MovingPairs,
    PairPolicy,
    PairSettings,
    PairSource,
    Pixels,
    UniformPairs,
    WeightedPairs,
    check_rank,
    pair_sources,
)
from .shuffling import MixingStatistic, distinct_over_shuffled
from .slots import SlotPool
from .workers import PairWorkers

__all__ = [
    "MOST_REPLACEMENTS",
    "AdjacentPairs",
    "Cache",
    "ClipMemory",
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
    "check_rank",
    "clip_bytes",
    "decode_into",
    "distinct_over_shuffled",
    "fitted_video",
    "framing",
    "keep_freed_memory",
    "open_plan",
    "pair_sources",
    "stored_pair",
    "whole_number",
]
