"""Damaged glTF and BVH files, through the import of levels, characters and animations.

``python -m benchmarks.soak_user_files [--mutations 5000] [--seed 0]``: every file must end in an asset or in
one line of InputError, within seconds. Prints what does not, how often each happened, and the slowest.
"""

import argparse
import json
import struct
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

import numpy as np

from datagen.engine.imported.user_asset import (
    Kind,
    UserAsset,
    clear_files,
    user_animation,
    user_character,
    user_level,
)
from multitake.errors import InputError
from multitake.randomness import rng_for

_MOST_SECONDS = 20.0
_ODD: tuple[Any, ...] = (
    *(-1, 0, 1, 2**31 - 1, 2**63, 1e308, -1e308, 0.5, None, True, "", "x", [], {}, [0] * 16, [1e200] * 3),
    *("data:,", "../../etc/passwd", "/dev/zero", "MASK", "CUBICSPLINE", "MAT4", 5120, 5126),
)
_TEXTS = ("nan", "inf", "-1", "0", "1e308", "9" * 400, "{", "}", "JOINT", "End", "CHANNELS", "\0", "Frames:")


def outcome(path: Path, kind: Kind) -> str:
    """What becomes of a file: ``read``, ``refused``, or a text that begins with ``FAILED``."""
    make: Callable[[UserAsset], object] = {
        "World": user_level,
        "SkeletalMesh": user_character,
        "AnimSequence": user_animation,
    }[kind]
    started_s = process_time()
    try:
        make(UserAsset(kind=kind, name="some", file=str(path), where="here", clip=None))
        result = "read"
    except InputError as error:
        text = str(error)
        is_line = text.isprintable() and text.startswith("here: ") and len(text) < 5000
        result = "refused" if is_line else f"FAILED: {text[:300]!r} is not one line about the file"
    except Exception:
        result = f"FAILED: {traceback.format_exc()[-1500:]}"
    finally:
        clear_files()
    taken_s = process_time() - started_s
    return result if taken_s < _MOST_SECONDS else f"FAILED: took {taken_s:.0f} s"


def mutated(content: bytes, is_text: bool, rng: np.random.Generator) -> bytes:
    """A file with some damage: bytes, words, or values of its description."""
    choice = rng.integers(4)
    if choice == 0:
        return content[: int(rng.integers(len(content)))]
    if choice == 1:
        damaged = bytearray(content)
        for _ in range(int(rng.integers(1, 8))):
            damaged[int(rng.integers(len(damaged)))] = int(rng.integers(256))
        return bytes(damaged)
    if is_text:
        words = content.decode().split(" ")
        for _ in range(int(rng.integers(1, 4))):
            words[int(rng.integers(len(words)))] = _TEXTS[int(rng.integers(len(_TEXTS)))]
        return " ".join(words).encode()
    return _with_odd_values(content, rng)


def _with_odd_values(content: bytes, rng: np.random.Generator) -> bytes:
    """A GLB file whose description has other values at some places."""
    (size,) = struct.unpack_from("<I", content, 12)
    described = json.loads(content[20 : 20 + size])
    for _ in range(int(rng.integers(1, 4))):
        place = described
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = keys[int(rng.integers(len(keys)))]
            if not isinstance(place[key], dict | list) or not place[key] or rng.random() < 0.1:
                place[key] = _ODD[int(rng.integers(len(_ODD)))]
                break
            place = place[key]
    text = json.dumps(described).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text + content[20 + size :]
    return struct.pack("<III", 0x46546C67, 2, 12 + len(chunks)) + chunks


def soak(files: dict[str, tuple[Kind, bytes]], folder: Path, *, mutations: int, seed: int) -> Counter[str]:
    """The outcomes of so many mutations of each file."""
    counts: Counter[str] = Counter()
    for name, (kind, content) in files.items():
        for number in range(mutations):
            path = folder / name
            path.write_bytes(
                mutated(content, name.endswith(".bvh"), rng_for(seed, "user file", name, number))
            )
            counts[f"{name} {outcome(path, kind)}"] += 1
    return counts


def main() -> int:
    """Print the outcomes; 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutations", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
    from user_files import damaged_examples

    with TemporaryDirectory() as folder:
        counts = soak(damaged_examples(), Path(folder), mutations=options.mutations, seed=options.seed)
    for text, count in counts.most_common():
        print(f"{count:6d}  {text}")
    return int(any("FAILED" in text for text in counts))


if __name__ == "__main__":
    sys.exit(main())
