"""What the doctor found, as plain values and in a few lines of text."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

from multitake.counts import many

from .faults import FAULTS, Fault

ImageState = Literal["examined", "not filmed", "not asked for", "no OpenCV"]
_STATES = get_args(ImageState)
_WHY_NOT: dict[ImageState, str] = {
    "not filmed": "images were not examined: there are no videos; camera files need `multitake import` first",
    "not asked for": "images were not examined: add --images",
    "no OpenCV": 'images were not examined: OpenCV is missing; run pip install "multitake[doctor]"',
}
# Faults of a kind that the JSON report lists.
_MOST_LISTED = 1000


@dataclass(frozen=True, kw_only=True)
class DoctorReport:
    """The faults of a source.

    Attributes:
        images: whether videos were compared with poses, or why not.
        faults: each with its place, evidence, figure and what to do: in the order of ``FAULTS``, those of the
            entire set first.
        clips_compared: clips whose images share enough points with others to say anything.
        unknown_intrinsics: clips that state no intrinsics, whose images cannot be compared with poses.
        undecided: for each kind of fault that only images show, the number of clips of which it is neither
            found nor excluded.
    """

    clips: int
    takes: int
    images: ImageState
    faults: tuple[Fault, ...]
    clips_compared: int
    undecided: dict[str, int]
    unknown_intrinsics: int = 0

    @property
    def undecided_clips(self) -> int:
        """How many clips could not be compared; 0 if images were not examined."""
        return self.clips - self.clips_compared if self.images == "examined" else 0

    @property
    def counts(self) -> dict[str, int]:
        """How many faults of each kind there are, in the order of ``FAULTS``."""
        found = Counter(fault.kind for fault in self.faults)
        return {kind: found[kind] for kind in FAULTS if found[kind]}

    @property
    def summary(self) -> str:
        """Whether images were examined, and how many of them could be compared."""
        if self.images != "examined":
            return f"note: {_WHY_NOT[self.images]}"
        known = (
            f"images of {self.clips_compared} of {many(self.clips, 'clip')} share enough points to compare"
        )
        unknown = self.unknown_intrinsics
        return known if not unknown else f"{known}; {many(unknown, 'clip')} state no intrinsics"

    @property
    def groups(self) -> dict[str, tuple[Fault, ...]]:
        """The faults of each kind, in the order of ``FAULTS``."""
        return {kind: tuple(one for one in self.faults if one.kind == kind) for kind in self.counts}

    def to_plain(self) -> dict[str, Any]:
        """Plain values; at most 1,000 faults of each kind are listed, each with its place and what to do."""
        listed = [
            asdict(fault) | {"where": fault.where, "what": fault.what, "fix": fault.fix}
            for faults in self.groups.values()
            for fault in faults[:_MOST_LISTED]
        ]
        return asdict(self) | {"faults": listed, "counts": self.counts}

    def lines(self) -> Iterator[str]:
        """One line for each kind of fault, one about what was not decided."""
        for kind, count in self.counts.items():
            first = next(fault for fault in self.faults if fault.kind == kind)
            yield (
                f"fault {kind}: {many(count, 'place')}, first {first.where}: {first.what}; {first.fix} "
                f"[from {first.evidence}]"
            )
        yield self.summary
        if self.images == "examined" and self.undecided:
            shares = ", ".join(f"{kind} {count}" for kind, count in self.undecided.items())
            yield f"undecided from images, clips for each fault: {shares}"


def joined(reports: Sequence[tuple[str, DoctorReport]]) -> DoctorReport:
    """One report of several sources; the names of their takes get a prefix."""
    parts = [report for _, report in reports]
    faults = [replace(one, take=label + one.take) for label, report in reports for one in report.faults]
    undecided: Counter[str] = Counter()
    for report in parts:
        undecided.update(report.undecided)
    states = [report.images for report in parts]
    return DoctorReport(
        clips=sum(report.clips for report in parts),
        takes=sum(report.takes for report in parts),
        images=min(states, key=_STATES.index),
        faults=tuple(faults),
        clips_compared=sum(report.clips_compared for report in parts),
        unknown_intrinsics=sum(report.unknown_intrinsics for report in parts),
        undecided=dict(undecided),
    )
