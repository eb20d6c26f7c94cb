"""What a set consists of, counted over all its tables."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..clip_table import ClipTable
from ..motions import MOTIONS
from ..sampling.rules import Rules
from .findings import Finding, error
from .layouts import Layouts


@dataclass(frozen=True, kw_only=True)
class SourceFacts:
    """What was audited. ``states_moves``: columns describe the move of each camera."""

    name: str
    states_moves: bool
    rigs: int
    cameras: tuple[int, int]
    clips: int
    frames: tuple[int, int]
    proper_clips: int
    shared_start_rigs: int
    splits: dict[str, int]


@dataclass(kw_only=True)
class SetCounts:
    """Counts over all clips so far.

    Attributes:
        counts: takes, clips, frames, and clips by speed class.
        layouts: clips of each layout in the column.
        cameras, frames: every number of cameras of a take, and of frames of a clip.
    """

    states_moves: bool = True
    counts: Counter[str] = field(
        default_factory=lambda: Counter(
            takes=0, clips=0, frames=0, constant_speed_clips=0, variable_speed_clips=0
        )
    )
    proper_clips: int = 0
    shared_start_rigs: int = 0
    sampled_again: int = 0
    motion_counts: Counter[str] = field(default_factory=Counter)
    splits: Counter[str] = field(default_factory=Counter)
    layouts: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    cameras: set[int] = field(default_factory=set)
    frames: set[int] = field(default_factory=set)
    takes: set[str] = field(default_factory=set)

    def add(self, clips: ClipTable, proper: ClipTable, layouts: Layouts, *, states_moves: bool) -> None:
        """Count clips; ``proper`` are those with proper poses, ``layouts`` theirs."""
        classes = Counter(clips["speed_class"].tolist())
        self.states_moves &= states_moves
        self.counts.update(
            takes=len(clips.take_starts),
            clips=len(clips),
            frames=len(clips) * clips.frames,
            constant_speed_clips=classes["constant"],
            variable_speed_clips=classes["variable"],
        )
        self.proper_clips += len(proper)
        self.shared_start_rigs += int((layouts.kind == "shared").sum())
        self.sampled_again += int((clips["attempt"] > 0).sum())
        self.motion_counts.update(clips["motion"].tolist())
        self.splits.update(clips["split"].tolist())
        self.layouts.update(clips["layout"].tolist())
        self.flags.update(clips.words("flags")[1].tolist())
        self.cameras.update(clips.take_sizes.tolist())
        self.frames.add(clips.frames)

    def repeated_takes(self, clips: ClipTable) -> Iterator[Finding]:
        """Findings about takes of an earlier table; each table once."""
        takes = clips["take"][clips.take_starts].tolist()
        for take in takes:
            if take in self.takes:
                yield error("repeated_take", "this take is in the input twice", take)
        self.takes.update(takes)

    def source(self, name: str) -> SourceFacts:
        """The facts of the report."""
        cameras, frames = self.cameras or {0}, self.frames or {0}
        return SourceFacts(
            name=name,
            states_moves=self.states_moves,
            rigs=self.counts["takes"],
            cameras=(min(cameras), max(cameras)),
            clips=self.counts["clips"],
            frames=(min(frames), max(frames)),
            proper_clips=self.proper_clips,
            shared_start_rigs=self.shared_start_rigs,
            splits=dict(self.splits),
        )

    def motions(self, rules: Rules | None) -> dict[str, tuple[int, int]]:
        """Clips of each motion: found, and expected by the rules."""
        shares, found = rules.motion_shares if rules else {}, self.motion_counts
        cameras = self.counts["takes"] * (len(rules.slots) if rules else 0)
        names = [name for name in {**MOTIONS, **found} if found[name] or name in shares]
        return {name: (found[name], round(shares.get(name, 0.0) * cameras)) for name in names}
