"""The audit of clips that arrive table by table: a few numbers per clip are kept.

The report does not depend on how clips are divided into tables, with three exceptions: the rigs that the page
shows, the moves that are listed one by one, and the time base of poses alone, which are those of the first
table.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal

import numpy as np
from jaxtyping import Bool

from ..clip_table import ClipTable
from ..motions import MOTIONS
from ..sampling.rules import Rules
from .checks import Need, not_applied
from .columns import Recordings
from .conformance import findings_of
from .findings import Finding
from .fit.accepted import AcceptedRigs
from .fit.question import Sample
from .fit.questions import fit_tests, questions_of
from .fit.samples import sample_of
from .from_trajectories import with_recovered_moves
from .layouts import Layouts
from .measured.comparison import Comparison
from .measured.features import Feature, feature_of
from .measured.fingerprints import Fingerprints
from .measured.images import ImageCounts
from .measured.measures import measure
from .measured.pairs import PairCounts
from .measured.quantities import Quantity, quantities_of
from .measured.redundancy import Redundancy, redundancy
from .measured.worst import WorstClips
from .method import METHOD
from .proposals import ProposalCounts
from .recovered.summary import RecoveryCounts
from .report import AuditReport, SourceFacts
from .shown_rigs import ShownRigs
from .words import many
from .world_axes import WorldAxes

# A camera that is closer is probably inside the subject.
CLOSE_M = 0.5
_MOST_FINDINGS_OF_A_KIND = 1000
_COUNTS = ("takes", "clips", "frames", "constant_speed_clips", "variable_speed_clips")


def audit_clips(
    clips: ClipTable, rules: Rules | None, *, name: str = "clip table", in_environments: bool = False
) -> AuditReport:
    """Check every rig and clip of a table against ``rules``, and measure the distributions.

    ``in_environments`` is that of ``ClipSource``.
    """
    accumulator = Accumulator(name=name, rules=rules)
    accumulator.add(clips, in_environments=in_environments)
    return accumulator.report()


@dataclass(kw_only=True)
class Accumulator:
    """An audit in progress: add tables with complete takes, then call ``report``.

    Attributes:
        depth: ``fit`` keeps the values of fit tests and histograms only, ``comparison`` also fingerprints;
            ``full`` also recovers moves, compares cameras, and keeps rigs for the page.
        notes: remarks about the source.
        fail_on: that of the report.
    """

    name: str
    rules: Rules | None
    depth: Literal["fit", "comparison", "full"] = "full"
    notes: list[Finding] = field(default_factory=list)
    fail_on: tuple[str, ...] = ()
    states_moves: bool = True
    counts: Counter[str] = field(default_factory=Counter)
    motions: Counter[str] = field(default_factory=Counter)
    splits: Counter[str] = field(default_factory=Counter)
    layouts: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    cameras: set[int] = field(default_factory=set)
    frames: set[int] = field(default_factory=set)
    takes: set[str] = field(default_factory=set)
    findings: dict[str, list[Finding]] = field(default_factory=lambda: defaultdict(list))
    values: dict[str, list[np.ndarray]] = field(default_factory=lambda: defaultdict(list))
    sample: dict[str, list[np.ndarray]] = field(default_factory=lambda: defaultdict(list))
    fingerprints: list[Fingerprints] = field(default_factory=list)
    proposals: ProposalCounts = field(default_factory=ProposalCounts)
    pairs: PairCounts = field(default_factory=PairCounts)
    recovered: RecoveryCounts = field(default_factory=RecoveryCounts)
    images: ImageCounts = field(default_factory=ImageCounts)
    worst: WorstClips = field(default_factory=WorstClips)
    shown: ShownRigs = field(default_factory=ShownRigs)
    accepted: AcceptedRigs = field(default_factory=AcceptedRigs)
    recordings: Recordings = field(default_factory=Recordings)
    known: set[Need] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.world_axes = None if self.rules is None else WorldAxes(self.rules)

    def add(self, clips: ClipTable, *, in_environments: bool = False) -> None:
        """Add clips. If no column describes their moves, these are recovered from the poses."""
        if not len(clips):
            return
        clips, is_stated = clips.grouped(), clips.states_moves
        if not is_stated:
            clips = with_recovered_moves(clips, self.rules)
        is_proper = clips.is_proper
        proper = clips.rows(is_proper)
        self.states_moves &= is_stated
        self._count(clips, is_proper)
        # Cameras are compared while the rest is measured.
        with ThreadPoolExecutor(1) as beside:
            compared = (
                beside.submit(copy_context().run, self.pairs.add, proper) if self.depth == "full" else None
            )
            self._measure(clips, proper, is_stated=is_stated, in_environments=in_environments)
            if compared is not None:
                compared.result()

    def _measure(
        self, clips: ClipTable, proper: ClipTable, *, is_stated: bool, in_environments: bool
    ) -> None:
        """Add what is measured on each clip."""
        measures = measure(proper, self.rules if is_stated else None)
        layouts = Layouts.of(proper, is_exact=is_stated)
        self.counts["shared_start_rigs"] += int((layouts.kind == "shared").sum())
        found = [*self._seen_before(clips)]
        found += findings_of(
            *(clips, proper, measures, layouts, self.rules),
            is_stated=is_stated,
            in_environments=in_environments,
        )
        self._keep(found)
        self.counts["close"] += int((measures.closest_m < CLOSE_M).sum())
        for quantity in quantities_of(self.rules):
            self.values[quantity.name].append(quantity.of(proper, measures))
        self.recordings.add(clips)
        self.known.update(_known(clips, self.rules, is_stated=is_stated, in_environments=in_environments))
        if self.rules is not None and self.world_axes is not None:
            if self.rules.validity.reject:
                self.accepted.add(clips)
            self.world_axes.add(proper, measures, is_stated=is_stated)
            sample = sample_of(
                *(proper, measures, layouts, self.rules),
                is_stated=is_stated,
                in_environments=in_environments,
            )
            for name, array in sample.items():
                self.sample[name].append(array)
        if self.depth != "fit":
            self.fingerprints.append(Fingerprints.of(proper))
        if self.depth == "full":
            self.recovered.add(proper, is_stated=is_stated)
            self.images.add(proper, measures)
            self.worst.add(proper, measures)
            self.shown.add(clips, {finding.where for finding in found}, self.worst.takes)

    def gathered(self) -> tuple[dict[str, np.ndarray], Fingerprints]:
        """The values of every quantity, and the fingerprints of all moving clips."""
        values = {name: np.concatenate(parts) for name, parts in self.values.items()}
        self.fingerprints = [Fingerprints.joined(self.fingerprints)]
        return values, self.fingerprints[0]

    def report(self, comparison: Comparison | None = None) -> AuditReport:
        """The report about all clips so far."""
        values, fingerprints = self.gathered()
        found = redundancy(fingerprints)
        self._keep(_copies(found, self.rules))
        if self.world_axes is not None:
            self._keep([*self.recordings.findings(), *self.world_axes.findings()])
        sample = {name: np.concatenate(parts) for name, parts in self.sample.items()}
        return AuditReport(
            rules=self.rules,
            source=self._source(),
            counts={name: self.counts[name] for name in _COUNTS},
            motions=self._motions(),
            features=tuple(self._features(values)),
            findings=(*chain.from_iterable(self.findings.values()), *self._notes()),
            errors=dict(self.errors),
            not_applied=not_applied(self.known),
            tests=() if self.rules is None else fit_tests(sample, self.rules, self._accepted()),
            questions=0 if self.rules is None else len(list(questions_of(self.rules))),
            pairs=self.pairs.statistics(),
            redundancy=found,
            recovered=self.recovered.summary(),
            image=self.images.statistics(),
            worst=self.worst.rankings(),
            flags=dict(sorted(self.flags.items())),
            flagged=self.worst.flagged(),
            sampled_again=self.counts["sampled_again"],
            proposals=self.proposals.by_motion(),
            method=METHOD,
            comparison=comparison,
            fail_on=self.fail_on,
        )

    def _accepted(self) -> Sample | None:
        """Values of accepted rigs, if the rules reject paths and columns state the moves of all clips."""
        return self.accepted.sample(self.rules) if self.rules and self.states_moves else None

    def _count(self, clips: ClipTable, is_proper: Bool[np.ndarray, "clips"]) -> None:
        classes = Counter(clips["speed_class"].tolist())
        self.counts["takes"] += len(clips.take_starts)
        self.counts["clips"] += len(clips)
        self.counts["frames"] += len(clips) * clips.frames
        self.counts["constant_speed_clips"] += classes["constant"]
        self.counts["variable_speed_clips"] += classes["variable"]
        self.counts["proper"] += int(is_proper.sum())
        self.motions.update(clips["motion"].tolist())
        self.splits.update(clips["split"].tolist())
        self.layouts.update(clips["layout"].tolist())
        self.cameras.update(clips.take_sizes.tolist())
        self.frames.add(clips.frames)
        self.flags.update(clips.words("flags")[1].tolist())
        self.counts["sampled_again"] += int((clips["attempt"] > 0).sum())
        self.proposals.add(clips, () if self.rules is None else self.rules.validity.reject)

    def _seen_before(self, clips: ClipTable) -> Iterator[Finding]:
        """Findings about takes of an earlier table."""
        takes = clips["take"][clips.take_starts].tolist()
        for take in takes:
            if take in self.takes:
                what = "this take is in the input twice"
                yield Finding(severity="error", code="repeated_take", what=what, where=take)
        self.takes.update(takes)

    def _keep(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.errors[finding.code] += 1
            if len(self.findings[finding.code]) < _MOST_FINDINGS_OF_A_KIND:
                self.findings[finding.code].append(finding)

    def _notes(self) -> Iterator[Finding]:
        yield from self.notes
        clips = self.counts["clips"]
        for flag, count in sorted(self.flags.items()):
            what = f"kept with this flag: {count} of {many(clips, 'clip')}"
            yield Finding(severity="note", code=flag, what=what, where="flags column")
        if self.counts["sampled_again"]:
            count = self.counts["sampled_again"]
            what = f"the first path was rejected and replaced: {count} of {many(clips, 'clip')}"
            yield Finding(severity="note", code="sampled_again", what=what, where="attempt column")
        if self.counts["close"]:
            what = f"within {CLOSE_M:g} m of the subject: {self.counts['close']} of {many(clips, 'clip')}"
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
        """Clips of each motion: found, and expected by the rules."""
        shares = self.rules.motion_shares if self.rules else {}
        cameras = self.counts["takes"] * (len(self.rules.slots) if self.rules else 0)
        names = [name for name in {**MOTIONS, **self.motions} if self.motions[name] or name in shares]
        return {name: (self.motions[name], round(shares.get(name, 0.0) * cameras)) for name in names}

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


def _known(
    clips: ClipTable, rules: Rules | None, *, is_stated: bool, in_environments: bool
) -> Iterator[Need]:
    """What some clips have that checks need."""
    found: dict[Need, bool] = {
        "rules": rules is not None,
        "columns": is_stated,
        "rigs": bool((clips.take_sizes > 1).any()),
        "intrinsics": bool(np.isfinite(clips.intrinsics).all(axis=1).any()),
        "recordings": bool((np.isfinite(clips["fps"]) & (clips["width_px"] > 0)).any()),
        "focus": bool(np.isfinite(clips["focus_distance_m"]).any()),
        "splits": bool((clips["split"] != "unknown").any()),
        "filmed": in_environments and bool(np.isfinite(clips["ground_m"]).any()),
    }
    yield from (need for need, is_known in found.items() if is_known)


def _copies(found: Redundancy | None, rules: Rules | None) -> Iterator[Finding]:
    """Errors: copies of any kind between splits, and unchanged ones within a split if there are rules."""
    for copy in found.copies if found else ():
        if copy.is_leak:
            yield Finding(severity="error", code="split_leak", what=copy.what, where=copy.rig)
        elif copy.is_duplicate and rules is not None:
            yield Finding(severity="error", code="duplicate_rig", what=copy.what, where=copy.rig)
