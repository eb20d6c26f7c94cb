"""Statistics of features as LeRobot has them: per number, or per channel of images in 0 .. 1."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, UInt8

Stats = dict[str, np.ndarray]
_QUANTILES = {"q01": 0.01, "q10": 0.1, "q50": 0.5, "q90": 0.9, "q99": 0.99}


def number_stats(values: Float[np.ndarray, "frames numbers"] | np.ndarray) -> Stats:
    """Statistics of each number over the frames of an episode."""
    exact = values.astype(np.float64)
    quantiles = np.quantile(exact, list(_QUANTILES.values()), axis=0)
    return {
        "min": exact.min(axis=0),
        "max": exact.max(axis=0),
        "mean": exact.mean(axis=0),
        "std": exact.std(axis=0),
        "count": np.array([len(exact)]),
        **dict(zip(_QUANTILES, quantiles, strict=True)),
    }


def image_stats(images: UInt8[np.ndarray, "frames height width 3"]) -> Stats:
    """Statistics of each channel, in the shape ``(3, 1, 1)``."""
    stats = number_stats(images.reshape(-1, 3) / 255)
    shaped = {name: value.reshape(3, 1, 1) for name, value in stats.items() if name != "count"}
    return {**shaped, "count": np.array([len(images)])}


def joined_stats(episodes: Sequence[dict[str, Stats]]) -> dict[str, dict[str, list[float]]]:
    """The statistics of all episodes, as plain JSON; quantiles are means of those of the episodes."""
    found = {}
    for feature in episodes[0]:
        parts = [episode[feature] for episode in episodes]
        counts = np.array([part["count"][0] for part in parts], dtype=np.float64)

        def mean(values: Sequence[np.ndarray], counts: np.ndarray = counts) -> np.ndarray:
            return np.tensordot(counts / counts.sum(), np.stack(values), axes=1)

        average = mean([part["mean"] for part in parts])
        variance = mean([part["std"] ** 2 + (part["mean"] - average) ** 2 for part in parts])
        joined = {
            "min": np.min([part["min"] for part in parts], axis=0),
            "max": np.max([part["max"] for part in parts], axis=0),
            "mean": average,
            "std": np.sqrt(variance),
            "count": np.array([int(counts.sum())]),
            **{name: mean([part[name] for part in parts]) for name in _QUANTILES},
        }
        found[feature] = {name: value.tolist() for name, value in joined.items()}
    return found
