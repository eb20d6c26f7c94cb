"""Counts of frames, and shares."""


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


def share(part: int, of: int) -> float:
    """A share with six digits."""
    return round(part / of, 6)
