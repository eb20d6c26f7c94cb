"""Streaming readers for torch: only this package of ``shards`` imports it."""

from .loader import PairLoader, StreamFigures
from .samples import ClipWindow, PairSample, StoredVideo, Yuv420
from .sequential import SequentialPairs
from .stream import ChangedTakes, PairStream

__all__ = [
    "ChangedTakes",
    "ClipWindow",
    "PairLoader",
    "PairSample",
    "PairStream",
    "SequentialPairs",
    "StoredVideo",
    "StreamFigures",
    "Yuv420",
]
