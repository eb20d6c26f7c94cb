"""Counts of frames, and frames that repeat earlier ones."""

from collections.abc import Callable


class FrameCounts:
    """Which frames have a property, by its name; a frame counts once."""

    def __init__(self) -> None:
        self._frames: dict[str, dict[int, None]] = {}

    def add(self, name: str, frame: int) -> None:
        """Count a frame."""
        self._frames.setdefault(name, {})[frame] = None

    def frames(self, name: str) -> tuple[int, ...]:
        """The frames with this property, ascending."""
        return tuple(sorted(self._frames.get(name, ())))

    def all_frames(self) -> dict[str, tuple[int, ...]]:
        """The frames with each property."""
        return {name: self.frames(name) for name in self._frames}

    def share(self, name: str, of: int) -> float:
        """Their share."""
        return share(len(self._frames.get(name, ())), of)


class Repeats:
    """Finds values that equal earlier ones; ``has_moved`` says whether the view of two frames differs."""

    def __init__(self, has_moved: Callable[[int, int], bool]) -> None:
        self._has_moved = has_moved
        self._frames: dict[bytes, tuple[int, int]] = {}

    def add(self, frame: int, mark: bytes) -> bool:
        """Whether the view moved since the first or the last earlier frame with an equal mark."""
        first, last = self._frames.get(mark, (frame, frame))
        self._frames[mark] = first, frame
        return any(self._has_moved(earlier, frame) for earlier in {first, last} - {frame})


def share(part: int, of: int) -> float:
    """A share with six digits."""
    return round(part / of, 6)
