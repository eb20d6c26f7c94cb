"""Tools for whole data sets: info, filter, merge, split and repair."""

from ..selection import Selection
from .assembly import Assembled
from .merging import merge_datasets
from .repairing import Repaired, repair_dataset
from .selecting import filter_dataset
from .splitting import EqualParts, PartsByValue, RandomShares, shares_of, split_dataset
from .summary import Summary, dataset_summary

__all__ = [
    "Assembled",
    "EqualParts",
    "PartsByValue",
    "RandomShares",
    "Repaired",
    "Selection",
    "Summary",
    "dataset_summary",
    "filter_dataset",
    "merge_datasets",
    "repair_dataset",
    "shares_of",
    "split_dataset",
]
