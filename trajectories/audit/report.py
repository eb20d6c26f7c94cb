"""The report of an audit: plain values with units in their names, which become JSON as they are."""

import json
from dataclasses import asdict, dataclass, fields
from typing import Literal

from ..sampling.rules import INFERRED, PRESETS, Rules
from .checks import CHECKS
from .doctor import DoctorReport
from .findings import Finding
from .fit.fit_test import FitTest
from .measured.comparison import Comparison
from .measured.features import Feature
from .measured.images import ImageStatistics
from .measured.pairs import PairStatistics
from .measured.redundancy import Redundancy
from .measured.scenes import SceneStatistics
from .measured.worst import Ranking
from .proposals import Proposals
from .recovered.summary import Recovered
from .report_lines import report_lines, rests_on
from .set_counts import SourceFacts


@dataclass(frozen=True, kw_only=True)
class AuditReport:
    """The result of an audit.

    Attributes:
        rules: the rules that were checked; None if there are none.
        counts: takes, clips, frames, and clips by speed class.
        motions: clips of each motion as (found, expected by the rules).
        features: histograms with the bounds and distributions of the rules.
        errors: number of errors of each check; ``findings`` has at most 1,000 of a kind.
        worst: the clips with the most extreme values, by quantity.
        flags: clips that were kept with each flag.
        flagged: the worst clips with each flag, as ``take/camera``, one per take.
        sampled_again: clips whose first path was rejected.
        proposals: sampled paths by motion.
        not_applied: checks that need what no clip has, such as columns, intrinsics or a split.
        questions: how many fit tests the rules have; ``tests`` has those with enough values to answer.
        method: definitions of the values.
        fail_on: names of ``FAIL_ON``: findings of these classes fail the audit too.
        scenes: what the takes of a filmed set show.
        doctor: faults of a set that others made.
    """

    rules: Rules | None
    source: SourceFacts
    counts: dict[str, int]
    motions: dict[str, tuple[int, int]]
    features: tuple[Feature, ...]
    findings: tuple[Finding, ...]
    errors: dict[str, int]
    not_applied: tuple[str, ...]
    tests: tuple[FitTest, ...]
    questions: int
    pairs: PairStatistics | None
    redundancy: Redundancy | None
    recovered: Recovered
    image: ImageStatistics | None
    worst: tuple[Ranking, ...]
    flags: dict[str, int]
    flagged: dict[str, tuple[str, ...]]
    sampled_again: int
    proposals: dict[str, Proposals]
    method: dict[str, str]
    comparison: Comparison | None = None
    fail_on: tuple[str, ...] = ()
    scenes: SceneStatistics | None = None
    doctor: DoctorReport | None = None

    @property
    def verdict(self) -> Literal["pass", "fail", "no rules"]:
        """``fail`` if there is an error, a fault, a failed fit test or policy; ``no rules`` without rules."""
        has_faults = self.doctor is not None and bool(self.doctor.faults)
        if any(self.errors.values()) or has_faults or self.failed_tests or self.failed_policies:
            return "fail"
        return "pass" if self.rules else "no rules"

    @property
    def is_ok(self) -> bool:
        """Whether the verdict is not ``fail``."""
        return self.verdict != "fail"

    @property
    def checked_against(self) -> str:
        """The name of the rules, and the fields that differ from the preset of that name."""
        if self.rules is None:
            return "no rules"
        preset = PRESETS.get(self.rules.name, self.rules)
        names = [field.name for field in fields(Rules)]
        changed = [name for name in names if getattr(self.rules, name) != getattr(preset, name)]
        return self.rules.name + (f", changed: {', '.join(changed)}" if changed else "")

    @property
    def failed_tests(self) -> tuple[FitTest, ...]:
        """The fit tests with verdict ``fail``."""
        return tuple(test for test in self.tests if test.verdict == "fail")

    @property
    def undecided(self) -> int:
        """Number of fit tests with too few values, those without any among them."""
        return self.questions - sum(test.verdict != "too few" for test in self.tests)

    @property
    def rests_on(self) -> str:
        """On how many checks and fit tests the verdict rests, in words; empty if there are no rules."""
        return rests_on(self)

    @property
    def policy_counts(self) -> dict[str, int]:
        """How many findings of each class of ``FAIL_ON`` there are."""
        found = self.redundancy
        return {
            "leaks": max(found.leaked_clips, sum(copy.is_leak for copy in found.copies)) if found else 0,
            "copies": len(found.copies) if found else 0,
            "near-duplicates": round(found.near_duplicate_share * found.n) if found else 0,
            "too-few": self.undecided,
            "undecided": self.doctor.undecided_clips if self.doctor else 0,
            "notes": sum(finding.severity == "note" for finding in self.findings),
        }

    @property
    def failed_policies(self) -> dict[str, int]:
        """The classes of ``fail_on`` that have findings, and how many."""
        counts = self.policy_counts
        return {name: counts[name] for name in self.fail_on if counts[name]}

    @property
    def errors_by_check(self) -> dict[str, int]:
        """Number of errors of each check, in the order of ``CHECKS``."""
        return {code: self.errors.get(code, 0) for code in CHECKS}

    def lines(self) -> list[str]:
        """The report in a few lines of text: counts, each failed check with its first finding, verdict."""
        return report_lines(self)

    def to_json(self) -> str:
        """The entire report, with verdict and inferred rules, as JSON."""
        extra = {"verdict": self.verdict, "rests_on": self.rests_on, "inferred_rules": sorted(INFERRED)}
        plain = asdict(self) | extra
        if self.doctor:
            plain["doctor"] = self.doctor.to_plain()
        if self.redundancy:
            for copy, found in zip(plain["redundancy"]["copies"], self.redundancy.copies, strict=True):
                copy["kind"] = found.kind
        return json.dumps(plain, indent=1, sort_keys=True)
