"""The audit of clips that arrive part by part: what is kept of each is a few numbers a clip.

Whatever the parts, the report is the same, but for which rigs the page shows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

import numpy as np

from ..clip_table import PoseTable
from ..motions import MOTIONS
from ..poses import CameraPose
from ..sampling.rules import Rules
from .clips import Clips, clips_of_table
from .conformance import (
    clip_findings,
    first_pose_findings,
    improper_findings,
    proper,
    slots_of,
    stated_findings,
    structure_findings,
)
from .fit.questions import law_tests
from .fit.samples import law_sample
from .measured.features import Feature, feature_of
from .measured.images import PictureCounts
from .measured.measures import measure
from .measured.pairs import PairCounts
from .measured.quantities import Quantity, quantities_of
from .measured.redundancy import Fingerprints, copies, redundancy
from .method import METHOD
from .recovered.summary import RecoveryCounts
from .report import AuditReport, Comparison, Finding, LawTest, SourceFacts

# Nearer than this a camera is likely inside the subject.
CLOSE_M = 0.5
_MOST_FINDINGS_OF_A_KIND = 1000
_MOST_SHOWN = 600
_COUNTS = ("takes", "clips", "frames", "constant_speed_clips", "variable_speed_clips")


def audit_poses(table: PoseTable, rules: Rules | None, *, name: str = "pose table") -> AuditReport:
    """Check every rig and clip of a pose table against ``rules``, and measure their distributions."""
    audit = RunningAudit(name=name, rules=rules)
    audit.add(clips_of_table(table))
    return audit.report()


@dataclass(kw_only=True)
class RunningAudit:
    """An audit under way; add clips, whole takes together, then ask for the report.

    Attributes:
        depth: ``laws`` keeps nothing of a clip but the values that laws and histograms are about,
            ``comparison`` also its fingerprint; ``full`` recovers moves, compares cameras, keeps some rigs.
        places_limit_radius: see ``law_tests``.
        states_moves: no clip so far had its columns recovered from poses.
    """

    name: str
    rules: Rules | None
    depth: Literal["laws", "comparison", "full"] = "full"
    places_limit_radius: bool = False
    states_moves: bool = True
    counts: Counter[str] = field(default_factory=Counter)
    motions: Counter[str] = field(default_factory=Counter)
    splits: Counter[str] = field(default_factory=Counter)
    layouts: Counter[str] = field(default_factory=Counter)
    rejects: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    cameras: set[int] = field(default_factory=set)
    frames: set[int] = field(default_factory=set)
    takes: set[str] = field(default_factory=set)
    findings: dict[str, list[Finding]] = field(default_factory=lambda: defaultdict(list))
    values: dict[str, list[np.ndarray]] = field(default_factory=lambda: defaultdict(list))
    sample: dict[str, list[np.ndarray]] = field(default_factory=lambda: defaultdict(list))
    pairs: PairCounts = field(default_factory=PairCounts)
    recovered: RecoveryCounts = field(default_factory=RecoveryCounts)
    pictures: PictureCounts = field(default_factory=PictureCounts)
    prints: list[Fingerprints] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)
    shown: "ShownRigs" = field(default_factory=lambda: ShownRigs())

    def add(self, clips: Clips, *, is_stated: bool = True) -> None:
        """Take in some clips; ``is_stated``: their columns were not recovered from poses."""
        if not len(clips):
            return
        is_proper = proper(clips)
        self._count(clips, is_proper)
        sound = clips if is_proper.all() else clips[is_proper]
        self.states_moves &= is_stated
        measures = measure(sound, self.rules if is_stated else None)
        found = [*improper_findings(clips, is_proper), *self._again(clips), *stated_findings(clips)]
        if self.rules is not None:
            found += [*structure_findings(clips, self.rules), *first_pose_findings(sound)]
            found += clip_findings(sound, self.rules, measures, is_stated=is_stated)
            for name, array in law_sample(sound, measures, self.rules, is_stated=is_stated).items():
                self.sample[name].append(array)
        self._note(found)
        self.counts["close"] += int((measures.closest_m < CLOSE_M).sum())
        for quantity in quantities_of(self.rules):
            self.values[quantity.name].append(quantity.of(sound, measures))
        if self.depth != "laws":
            self.prints.append(Fingerprints.of(sound))
        if self.depth == "full":
            self.recovered.add(sound, is_stated=is_stated)
            self.pairs.add(sound)
            self.pictures.add(sound, measures)
            self.shown.add(clips, {f.where for f in found})

    def gathered(self) -> tuple[dict[str, np.ndarray], Fingerprints]:
        """The values of every quantity, and the fingerprints of all moving clips."""
        values = {name: np.concatenate(parts) for name, parts in self.values.items()}
        return values, Fingerprints.joined(self.prints)

    def report(self, comparison: Comparison | None = None) -> AuditReport:
        """What was found."""
        values, prints = self.gathered()
        if self.rules is not None:
            self._note(copies(prints))
        sample = {name: np.concatenate(parts) for name, parts in self.sample.items()}
        tests: tuple[LawTest, ...] = ()
        if self.rules is not None:
            tests = law_tests(sample, self.rules, places_limit_radius=self.places_limit_radius)
        return AuditReport(
            rules=self.rules,
            source=self._source(),
            counts={name: self.counts[name] for name in _COUNTS},
            motions=self._motions(),
            features=tuple(self._features(values)),
            findings=(*chain.from_iterable(self.findings.values()), *self._remarks()),
            errors=dict(self.errors),
            tests=tests,
            pairs=self.pairs.statistics(),
            redundancy=redundancy(prints),
            recovered=self.recovered.summary(),
            image=self.pictures.statistics(),
            rejects=dict(sorted(self.rejects.items())),
            method=METHOD,
            comparison=comparison,
        )

    def _count(self, clips: Clips, is_proper: np.ndarray) -> None:
        begins = np.flatnonzero(np.diff(clips.rig, prepend=-1))
        classes = Counter(clips.speed_class.tolist())
        self.counts["takes"] += len(begins)
        self.counts["clips"] += len(clips)
        self.counts["frames"] += len(clips) * clips.frames
        self.counts["constant_speed_clips"] += classes["constant"]
        self.counts["variable_speed_clips"] += classes["variable"]
        self.counts["proper"] += int(is_proper.sum())
        self.counts["shared_start_rigs"] += int((clips.layout[begins] == "shared").sum())
        self.motions.update(clips.motion.tolist())
        self.splits.update(clips.split.tolist())
        self.layouts.update(clips.layout.tolist())
        self.cameras.update(np.diff(begins, append=len(clips)).tolist())
        self.frames.add(clips.frames)
        self.rejects.update(flag for flags in clips.flags.tolist() for flag in flags)
        redrawn = int((clips.attempt > 0).sum())
        if redrawn:
            self.rejects["redrawn"] += redrawn

    def _again(self, clips: Clips) -> Iterator[Finding]:
        """Takes that were there in an earlier part."""
        takes = dict.fromkeys(clips.take.tolist())
        for take in takes:
            if take in self.takes:
                what = "the take is there again, apart from its other clips"
                yield Finding(severity="error", code="surplus_camera", what=what, where=take)
        self.takes.update(takes)

    def _note(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.errors[finding.code] += 1
            if len(self.findings[finding.code]) < _MOST_FINDINGS_OF_A_KIND:
                self.findings[finding.code].append(finding)

    def _remarks(self) -> Iterator[Finding]:
        yield from self.remarks
        clips = self.counts["clips"]
        for flag, count in sorted(self.rejects.items()):
            where = "attempt column" if flag == "redrawn" else "flags column"
            yield Finding(severity="note", code=flag, what=f"{count} of {clips} clips", where=where)
        if self.counts["close"]:
            what = f"{self.counts['close']} of {clips} clips come within {CLOSE_M:g} m of the subject"
            yield Finding(severity="note", code="close_to_subject", what=what, where="poses")

    def _source(self) -> SourceFacts:
        cameras, frames = self.cameras or {0}, self.frames or {0}
        return SourceFacts(
            name=self.name,
            states_moves=self.states_moves,
            rigs=self.counts["takes"],
            cameras=(min(cameras), max(cameras)),
            clips=self.counts["clips"],
            frames=(min(frames), max(frames)),
            proper_clips=self.counts["proper"],
            shared_start_rigs=self.counts["shared_start_rigs"],
            splits=dict(self.splits),
        )

    def _motions(self) -> dict[str, tuple[int, int]]:
        slots = slots_of(self.rules) if self.rules else ()
        names = [name for name in {**MOTIONS, **self.motions} if self.motions[name] or name in slots]
        return {name: (self.motions[name], slots.count(name) * self.counts["takes"]) for name in names}

    def _features(self, values: dict[str, np.ndarray]) -> Iterator[Feature]:
        for quantity in quantities_of(self.rules):
            found = values.get(quantity.name, np.zeros(0))
            feature = feature_of(quantity, found, self._sampled_per(quantity))
            if feature is not None:
                yield feature

    def _sampled_per(self, quantity: Quantity) -> Literal["rig", "camera", "start"]:
        if quantity.per == "camera" or set(self.layouts) == {"independent"}:
            return "camera"
        return "start" if len(self.layouts) > 1 else "rig"


class ShownRigs:
    """Rigs for the page: those with errors first, then as even a spread as a stream allows."""

    def __init__(self) -> None:
        self.wrong: list[Clips] = []
        self.spread: list[Clips] = []
        self.stride = 1
        self.seen = 0

    def add(self, clips: Clips, wrong: set[str]) -> None:
        """Keep some of these rigs; ``wrong`` are takes and ``take/camera`` with errors."""
        begins = np.flatnonzero(np.diff(clips.rig, prepend=-1)).tolist()
        for first, last in zip(begins, [*begins[1:], len(clips)], strict=True):
            places = {str(clips.take[first]), *map(clips.name, range(first, last))}
            is_wrong = not wrong.isdisjoint(places)
            if is_wrong and len(self.wrong) < _MOST_SHOWN // 2:
                self.wrong.append(clips[np.arange(first, last)])
            elif not is_wrong:
                if self.seen % self.stride == 0:
                    self.spread.append(clips[np.arange(first, last)])
                self.seen += 1
            if len(self.spread) > _MOST_SHOWN:
                self.spread, self.stride = self.spread[::2], self.stride * 2

    def table(self) -> PoseTable:
        """The kept rigs as a pose table."""
        kept = [*self.wrong, *self.spread]
        frames = max((clips.frames for clips in kept), default=1)
        same = [clips for clips in kept if clips.frames == frames]
        rows = tuple(row for clips in same for row in clips.rows(range(len(clips))))
        poses = [clips.poses.world_from_camera for clips in same] or [np.zeros((0, frames, 3, 4))]
        return PoseTable(rows=rows, poses=CameraPose(np.concatenate(poses)))
