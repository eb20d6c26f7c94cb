"""How different the catalog's environments are from each other, and its characters, by their pictures.

``python -m benchmarks.variety PREVIEW OUT``: ``PREVIEW`` is a folder of ``multitake catalog preview``. A
picture is described by its shapes (histograms of gradients) and its colours (a Lab histogram), both of
scikit-image. The distance of two environments is that of their two most similar pictures; the distance of
two characters is the mean over pictures from the same side. Prints the distances, and writes the closest
pairs to ``OUT`` to be looked at. scikit-image comes with the extra ``bench``.
"""

import argparse
from itertools import combinations
from pathlib import Path

import numpy as np
from PIL import Image

_PAIRS = 6
# Width and height of one picture in the files of each kind, how many of the first ones are compared (those of
# the first light), and the size at which they are compared.
_SHOWN = {"environments": (384, 216, 4), "characters": (216, 288, 5)}
_COMPARED_PX = (96, 96)
_LAB_RANGES = ((0, 100), (-60, 60), (-60, 60))
_LAB_BINS = (5, 7, 7)


def main(preview: Path, out: Path) -> None:
    """Compare all assets of each kind."""
    out.mkdir(parents=True, exist_ok=True)
    for kind, (width_px, height_px, count) in _SHOWN.items():
        size = (height_px, width_px)
        paths = sorted((preview / kind).glob("*.jpg"))
        pictures = {path.stem: _pictures(path, size)[:count] for path in paths}
        described = {name: np.stack([_descriptor(one) for one in some]) for name, some in pictures.items()}
        same_side = kind == "characters"
        pairs = sorted(
            (_distance(described[a], described[b], same_side=same_side), a, b)
            for a, b in combinations(described, 2)
        )
        distances = np.array([distance for distance, _, _ in pairs])
        low, middle, high = np.percentile(distances, [1, 50, 99])
        print(f"{kind}: {len(pictures)}, distances of pairs: {low:.3f} (1 %) {middle:.3f} {high:.3f} (99 %)")
        for number, (distance, a, b) in enumerate(pairs[:_PAIRS]):
            print(f"  {distance:.3f}  {a} and {b}")
            sheet = np.concatenate([np.concatenate(pictures[name], axis=1) for name in (a, b)])
            Image.fromarray(sheet).save(out / f"{kind}_{number}_{a}_{b}.png")


def _pictures(path: Path, size_px: tuple[int, int]) -> list[np.ndarray]:
    """The pictures of an asset (height, width), which are in rows in its file."""
    sheet = np.asarray(Image.open(path).convert("RGB"))
    rows, columns = (length // one for length, one in zip(sheet.shape[:2], size_px, strict=True))
    return [tile for row in np.split(sheet, rows) for tile in np.split(row, columns, axis=1)]


def _descriptor(picture: np.ndarray) -> np.ndarray:
    """Shapes and colours, each of length 1."""
    from skimage.color import rgb2gray, rgb2lab
    from skimage.feature import hog

    small = np.asarray(Image.fromarray(picture).resize(_COMPARED_PX, Image.Resampling.BOX)) / 255
    shapes = hog(rgb2gray(small), pixels_per_cell=(16, 16), cells_per_block=(2, 2))
    colours, _ = np.histogramdd(rgb2lab(small).reshape(-1, 3), bins=_LAB_BINS, range=_LAB_RANGES)
    parts = [shapes, np.sqrt(colours.ravel())]
    return np.concatenate([part / np.linalg.norm(part) for part in parts])


def _distance(a: np.ndarray, b: np.ndarray, *, same_side: bool) -> float:
    """0 for equal pictures, at most 1."""
    likeness = a @ b.T / 2
    return float(1 - (np.diag(likeness).mean() if same_side else likeness.max()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure how different the pictures of assets are.")
    parser.add_argument("preview", type=Path)
    parser.add_argument("out", type=Path)
    main(**vars(parser.parse_args()))
