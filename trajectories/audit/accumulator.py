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

from multitake.counts import many

from ..clip_table import ClipTable
from ..sampling.rules import Rules
from .checks import Need, known_needs, not_applied
from .columns import ClipFormats
from .conformance import findings_of
from .findings import Finding
from .fit.accepted import AcceptedRigs
from .fit.question import Sample
from .fit.questions import fit_tests, questions_of
from .fit.samples import sample_of
from .from_trajectories import with_recovered_moves
from .layouts import Layouts
from .measured.comparison import Comparison
from .measured.copies import copy_findings
from .measured.features import Feature, feature_of
from .measured.fingerprints import Fingerprints
from .measured.images import ImageCounts
from .measured.measures import measure
from .measured.pairs import PairCounts
from .measured.quantities import Quantity, quantities_of
from .measured.redundancy import redundancy
from .measured.worst import WorstClips
from .method import METHOD
from .proposals import ProposalCounts
from .recovered.summary import RecoveryCounts
from .report import AuditReport
from .set_counts import SetCounts
from .shown_rigs import ShownRigs
from .steady import steady_clips
from .world_axes import WorldAxes

# A camera that is closer is probably inside the subject.
CLOSE_M = 0.5
_MOST_FINDINGS_OF_A_KIND = 1000


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
    counted: SetCounts = field(default_factory=SetCounts)
    close_clips: int = 0
    errors: Counter[str] = field(default_factory=Counter)
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
    formats: ClipFormats = field(default_factory=ClipFormats)
    known: set[Need] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.world_axes = None if self.rules is None else WorldAxes(self.rules)

    def add(self, clips: ClipTable, *, in_environments: bool = False) -> None:
        """Add clips. If no column describes their moves, these are recovered from the poses."""
        if not len(clips):
            return
        clips, states_moves = clips.grouped(), clips.states_moves
        if not states_moves:
            clips = with_recovered_moves(clips, self.rules)
        proper = clips.rows(clips.is_proper)
        steady = steady_clips(proper, self.rules) if states_moves else proper
        # Comparison and recovery need no measures, so they run in a second thread.
        with ThreadPoolExecutor(1) as threads:
            run_in_context = copy_context().run
            compared = threads.submit(
                run_in_context, self._compare_and_recover, proper, steady, states_moves=states_moves
            )
            self._measure(clips, proper, steady, states_moves=states_moves, in_environments=in_environments)
            compared.result()

    def _compare_and_recover(self, proper: ClipTable, steady: ClipTable, *, states_moves: bool) -> None:
        if self.depth == "full":
            self.pairs.add(proper)
            self.recovered.add(steady, states_moves=states_moves)

    def _measure(
        self,
        clips: ClipTable,
        proper: ClipTable,
        steady: ClipTable,
        *,
        states_moves: bool,
        in_environments: bool,
    ) -> None:
        """Add what is measured on each clip; ``steady`` are the proper ones without shake."""
        measures = measure(steady, self.rules if states_moves else None)
        layouts = Layouts.of(steady, is_exact=states_moves)
        self.counted.add(clips, proper, layouts, states_moves=states_moves)
        self.proposals.add(clips, () if self.rules is None else self.rules.validity.reject)
        found = [*self.counted.repeated_takes(clips)]
        found += findings_of(
            *(clips, proper, steady, measures, layouts, self.rules),
            states_moves=states_moves,
            in_environments=in_environments,
        )
        self._keep(found)
        self.close_clips += int((measures.closest_m < CLOSE_M).sum())
        for quantity in quantities_of(self.rules):
            self.values[quantity.name].append(quantity.of(steady, measures))
        self.formats.add(clips)
        self.known.update(
            known_needs(clips, self.rules, states_moves=states_moves, in_environments=in_environments)
        )
        if self.rules is not None and self.world_axes is not None:
            if self.rules.validity.reject:
                self.accepted.add(clips)
            self.world_axes.add(steady, measures, states_moves=states_moves)
            sample = sample_of(
                *(steady, measures, layouts, self.rules),
                states_moves=states_moves,
                in_environments=in_environments,
            )
            for name, array in sample.items():
                self.sample[name].append(array)
        if self.depth != "fit":
            self.fingerprints.append(Fingerprints.of(proper))
        if self.depth == "full":
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
        self._keep(copy_findings(found.copies if found else (), has_rules=self.rules is not None))
        if self.world_axes is not None:
            self._keep([*self.formats.findings(), *self.world_axes.findings()])
        sample = {name: np.concatenate(parts) for name, parts in self.sample.items()}
        return AuditReport(
            rules=self.rules,
            source=self.counted.source(self.name),
            counts=dict(self.counted.counts),
            motions=self.counted.motions(self.rules),
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
            flags=dict(sorted(self.counted.flags.items())),
            flagged=self.worst.flagged(),
            sampled_again=self.counted.sampled_again,
            proposals=self.proposals.by_motion(),
            method=METHOD,
            comparison=comparison,
            fail_on=self.fail_on,
        )

    def _accepted(self) -> Sample | None:
        """Values of accepted rigs, if the rules reject paths and columns state the moves of all clips."""
        return self.accepted.sample(self.rules) if self.rules and self.counted.states_moves else None

    def _keep(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.errors[finding.code] += 1
            if len(self.findings[finding.code]) < _MOST_FINDINGS_OF_A_KIND:
                self.findings[finding.code].append(finding)

    def _notes(self) -> Iterator[Finding]:
        yield from self.notes
        yield from self._fixed_targets()
        clips = self.counted.counts["clips"]
        for flag, count in sorted(self.counted.flags.items()):
            what = f"clips with this flag: {count:,} of {clips:,}"
            yield Finding(severity="note", code=flag, what=what, where="flags column")
        if self.counted.sampled_again:
            count = self.counted.sampled_again
            what = f"{count:,} of {many(clips, 'clip')}"
            yield Finding(severity="note", code="sampled_again", what=what, where="attempt column")
        if self.close_clips:
            what = f"within {CLOSE_M:g} m of the subject: {self.close_clips} of {many(clips, 'clip')}"
            yield Finding(severity="note", code="close_to_subject", what=what, where="poses")

    def _fixed_targets(self) -> Iterator[Finding]:
        """A note if rules want cameras that follow the subject, and poses show none of them."""
        targets = self.recovered.targets
        follows = self.rules is not None and self.rules.track_target == "subject"
        if follows and not self.counted.states_moves and targets["fixed"] and not targets["moving"]:
            count = many(targets["fixed"], "rig")
            what = f"tracking cameras aim at one fixed point in {count}, at a moving subject in none: "
            what += "either no subject moves, or the cameras aim at its start; poses do not show which"
            yield Finding(severity="note", code="no_subject_moves", what=what, where="poses")

    def _features(self, values: dict[str, np.ndarray]) -> Iterator[Feature]:
        for quantity in quantities_of(self.rules):
            found = values.get(quantity.name, np.zeros(0))
            feature = feature_of(quantity, found, self._sampled_per(quantity))
            if feature is not None:
                yield feature

    def _sampled_per(self, quantity: Quantity) -> Literal["rig", "camera", "start"]:
        if quantity.per == "camera" or set(self.counted.layouts) == {"independent"}:
            return "camera"
        return "start" if len(self.counted.layouts) > 1 else "rig"
