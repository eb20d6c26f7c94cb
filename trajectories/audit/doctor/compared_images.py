"""Which images of a take are compared, and the matches between them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from multitake.randomness import rng_for

from ...videos import Recording
from .matching import LEAST_MATCHES, Points, matched, points_of
from .tracks import ImageGroups

LONGEST_PX = 480
# Frames of each clip: fewer if other cameras are compared with it.
_INSTANTS, _INSTANTS_ALONE = 6, 10
# Frames before the first compared one, about which nothing else could say that it is shifted.
_MARGIN = 2
# Images of one camera are this many instants apart, or the first and the last one.
_GAPS = (1, 2, 3)
# At each instant, a camera is compared with twice as many others, and so often at other times.
_NEXT, _OTHER_TIMES = 2, 6
_MATCHES = 32
_OWN_IN_TRIPLES, _WITH_OTHERS = 3, 2

# A camera (number) and an instant (number).
_Image = tuple[int, int]


def frames_to_examine(frames: int, cameras: int) -> tuple[int, ...]:
    """The frames of each clip of a take that are compared."""
    first, last = (_MARGIN, frames - 2) if frames > 2 * _MARGIN else (0, frames - 1)
    count = _INSTANTS if cameras > 1 else _INSTANTS_ALONE
    return tuple(sorted({round(frame) for frame in np.linspace(first, last, count).tolist()}))


@dataclass(frozen=True)
class Matches:
    """All matches of a take.

    Attributes:
        pairs, triples: groups of images that show the same things.
        compared: how many pairs of images were compared.
    """

    pairs: ImageGroups
    triples: ImageGroups
    compared: int


def matches_of(take: str, recordings: Sequence[Recording], *, seed: int) -> Matches:
    """The matches between the images of the cameras of a take."""
    points = {
        (camera, frame): points_of(image)
        for camera, recording in enumerate(recordings)
        for frame, image in zip(recording.shown, recording.images, strict=True)
    }
    rng = rng_for(seed, "doctor", take)
    candidates = list(_candidates(list(points), rng))
    found: dict[tuple[_Image, _Image], np.ndarray] = {}
    for first, second in candidates:
        indices = matched(points[first], points[second])
        if indices is not None:
            found[first, second] = indices
    return Matches(
        pairs=_groups(points, list(found), list(found.values()), views=2, rng=rng),
        triples=_groups(points, *_triples(found), views=3, rng=rng),
        compared=len(candidates),
    )


def _candidates(images: Sequence[_Image], rng: np.random.Generator) -> Iterator[tuple[_Image, _Image]]:
    """Pairs of images of one camera, of one instant, and some of other cameras at other times."""
    of_camera: dict[int, list[_Image]] = {}
    at_instant: dict[int, list[_Image]] = {}
    for image in images:
        of_camera.setdefault(image[0], []).append(image)
        at_instant.setdefault(image[1], []).append(image)
    for own in of_camera.values():
        for gap in sorted({*_GAPS, len(own) - 1}):
            yield from zip(own, own[gap:], strict=False)
    for together in at_instant.values():
        yield from _in_ring([together[one] for one in rng.permutation(len(together))])
    for camera in of_camera if len(of_camera) > 1 else ():
        for _ in range(_OTHER_TIMES):
            other = int(rng.choice([one for one in of_camera if one != camera]))
            first, second = (of_camera[one][rng.integers(len(of_camera[one]))] for one in (camera, other))
            if first[1] != second[1]:
                yield first, second


def _in_ring(images: Sequence[_Image]) -> Iterator[tuple[_Image, _Image]]:
    """Each image with the next ones, and the last ones with the first: each pair once."""
    count = len(images)
    for place, image in enumerate(images):
        for step in range(1, min(_NEXT, (count - 1) // 2) + 1):
            yield image, images[(place + step) % count]
    if count % 2 == 0 and count // 2 <= _NEXT:
        yield from zip(images[: count // 2], images[count // 2 :], strict=True)


def _triples(
    found: dict[tuple[_Image, _Image], np.ndarray],
) -> tuple[list[tuple[_Image, ...]], list[np.ndarray]]:
    """Images that share points with two other images, and these points."""
    from_image: dict[_Image, dict[_Image, np.ndarray]] = {}
    for (first, second), indices in found.items():
        from_image.setdefault(first, {})[second] = indices
        from_image.setdefault(second, {})[first] = indices[:, ::-1]
    images: list[tuple[_Image, ...]] = []
    points: list[np.ndarray] = []
    for image, others in from_image.items():
        for second, third in _two_others(image, list(others)):
            there, elsewhere = others[second], others[third]
            _, at, at_too = np.intersect1d(there[:, 0], elsewhere[:, 0], return_indices=True)
            if len(at) >= LEAST_MATCHES:
                images.append((image, second, third))
                points.append(np.stack([there[at, 0], there[at, 1], elsewhere[at_too, 1]], axis=1))
    return images, points


def _two_others(image: _Image, others: Sequence[_Image]) -> Iterator[tuple[_Image, _Image]]:
    """Two images to compare with a third one.

    Those of its own camera say how evenly it moved, those of another camera how far it moved.
    """
    own = [one for one in others if one[0] == image[0]]
    own.sort(key=lambda one: -abs(one[1] - image[1]))
    yield from combinations(own[:_OWN_IN_TRIPLES], 2)
    rest = [one for one in others if one[0] != image[0]]
    yield from product(own[:_WITH_OTHERS], rest[:_WITH_OTHERS])


def _groups(
    points: dict[_Image, Points],
    images: Sequence[tuple[_Image, ...]],
    indices: Sequence[np.ndarray],
    *,
    views: int,
    rng: np.random.Generator,
) -> ImageGroups:
    """Groups of images with the same number of matches each: some of them, or some twice."""
    positions = np.zeros((len(images), views, _MATCHES, 2))
    for group, (shown, found) in enumerate(zip(images, indices, strict=True)):
        kept = rng.permutation(len(found))[np.arange(_MATCHES) % len(found)]
        for view, image in enumerate(shown):
            positions[group, view] = points[image].position_px[found[kept, view]]
    return ImageGroups(np.array(images, dtype=np.int64).reshape(-1, views, 2), positions)
