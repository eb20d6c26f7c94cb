"""Seeded damage to files, for soak runs and tests: what disks, copies and people do to them."""

from pathlib import Path

import numpy as np

KINDS = ("flip", "byte", "cut", "append", "zeros", "swap", "delete", "duplicate", "remove")


def damage(files: list[Path], rng: np.random.Generator, kinds: tuple[str, ...] = KINDS) -> str:
    """Change one of ``files``, or swap two; return what was done. At least one byte or name changes."""
    while True:
        kind, path = str(rng.choice(kinds)), files[rng.integers(len(files))]
        before = path.read_bytes()
        if kind == "swap":
            other = files[rng.integers(len(files))]
            if other.read_bytes() != before:
                path.write_bytes(other.read_bytes())
                other.write_bytes(before)
                return f"swap {path.name} of {path.parent.name} and {other.name} of {other.parent.name}"
        elif kind == "delete":
            path.unlink()
            return f"delete {path.name} of {path.parent.name}"
        elif kind == "duplicate":
            copy = path.with_name(f"{rng.integers(10**5):05d}{path.suffix}")
            if not copy.exists():
                copy.write_bytes(before)
                return f"duplicate {path.name} of {path.parent.name} as {copy.name}"
        else:
            after = _changed(before, kind, rng)
            if after != before:
                path.write_bytes(after)
                return f"{kind} in {path.name} of {path.parent.name}"


def _changed(content: bytes, kind: str, rng: np.random.Generator) -> bytes:
    """The content with a flipped bit, another byte, another end, or a range that is zero or removed."""
    if kind == "append":
        return content + rng.bytes(int(rng.integers(1, 100)))
    if not content:
        return content
    place, changed = int(rng.integers(len(content))), bytearray(content)
    if kind == "cut":
        return content[:place]
    if kind == "remove":
        return content[:place] + content[place + int(rng.integers(1, 2000)) :]
    if kind == "flip":
        changed[place] ^= 1 << int(rng.integers(8))
    elif kind == "byte":
        changed[place] = int(rng.integers(256))
    else:
        end = min(len(content), place + int(rng.integers(1, 2000)))
        changed[place:end] = bytes(end - place)
    return bytes(changed)
