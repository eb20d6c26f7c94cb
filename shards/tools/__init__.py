"""Tools for whole data sets: info, filter, merge, split and repair."""

from .assembly import Assembled
from .merging import merge_datasets
from .selecting import Selection, filter_dataset
from .splitting import EqualParts, PartsByValue, RandomShares, shares_of, split_dataset

__all__ = [
    "Assembled",
    "EqualParts",
    "PartsByValue",
    "RandomShares",
    "Selection",
    "filter_dataset",
    "merge_datasets",
    "shares_of",
    "split_dataset",
]
