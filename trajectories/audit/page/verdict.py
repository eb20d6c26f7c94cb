"""The top of the page: what was audited, the verdict in parts, and the findings behind it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from multitake.counts import many, plural

from ..checks import CHECKS
from ..findings import Finding
from ..fit.fit_test import FitTest
from ..measured.redundancy import Redundancy
from ..report import AuditReport
from ..words import span

_MOST_FINDINGS = 30
# Groups with no more findings than this are unfolded.
_UNFOLDED = 4
# Checks that are shown together, and the section of the page about them.
_GROUPS = (
    (
        "bounds",
        ("start_out_of_bounds", "start_off_aim", "amplitude_out_of_bounds", "speed_out_of_bounds"),
        "amplitudes",
    ),
    (
        "slots",
        ("missing_camera", "surplus_camera", "repeated_take", "slot_differs", "layout_differs"),
        "motions",
    ),
    (
        "columns",
        (
            *("pose_disagrees", "setting_differs", "track_target_differs", "intrinsics_differ"),
            *("first_pose_differs", "rig_differs", "format_differs", "focus_differs"),
            "focal_path_differs",
        ),
        "motions",
    ),
    ("world", ("world_differs", "rolled", "time_reversed", "below_ground", "limits_broken"), "starts"),
)


@dataclass(frozen=True, kw_only=True)
class VerdictPart:
    """One part of the verdict; ``section`` of the page has the details."""

    name: str
    result: str
    state: Literal["good", "note", "bad", "none"]
    section: str


@dataclass(frozen=True, kw_only=True)
class FindingGroup:
    """The findings of one check, the first of ``count``."""

    code: str
    severity: str
    count: int
    expected: str
    shown: tuple[Finding, ...]

    @property
    def is_unfolded(self) -> bool:
        """Whether the group is short enough to show all its findings at once."""
        return self.count <= _UNFOLDED


def figures(report: AuditReport) -> list[tuple[str, str]]:
    """The size of what was audited, as (figure, what it counts)."""
    source = report.source
    found = [
        (f"{source.rigs:,}", plural(source.rigs, "rig")),
        (span(source.cameras), f"{plural(source.cameras[1], 'camera')} each"),
        (f"{source.clips:,}", plural(source.clips, "clip")),
        (span(source.frames), f"{plural(source.frames[1], 'frame')} each"),
        (f"{source.shared_start_rigs:,}", f"{plural(source.shared_start_rigs, 'rig')} with a shared start"),
    ]
    if len(source.splits) > 1:
        found.append((" / ".join(f"{n:,}" for n in source.splits.values()), " / ".join(source.splits)))
    if report.tests:
        verdicts = Counter(test.verdict for test in report.tests)
        failed = f", {verdicts['fail']} failed" if verdicts["fail"] else ""
        few = f", {report.undecided} too few" if report.undecided else ""
        found.append((f"{verdicts['pass']:,}", f"{plural(verdicts['pass'], 'fit test')} passed{failed}{few}"))
    errors = sum(report.errors_by_check.values())
    return [*found, (f"{errors:,}", plural(errors, "error"))]


def verdict_parts(report: AuditReport) -> list[VerdictPart]:
    """The verdict in parts."""
    errors = report.errors_by_check
    bounds, *others = (_checks(report, *group) for group in _GROUPS)
    flags, improper = sum(report.flags.values()), errors["improper_pose"]
    return [
        bounds,
        _fit_tests(report.tests, report.undecided),
        *others,
        VerdictPart(
            name="validity",
            result=many(flags, "flag") if flags else "OK",
            state="note" if flags else "good",
            section="flagged",
        ),
        *_redundancy(report.redundancy, errors),
        VerdictPart(
            name="rotations",
            result=f"{improper:,} not proper" if improper else "proper",
            state="bad" if improper else "good",
            section="findings" if improper else "method",
        ),
    ]


def finding_groups(report: AuditReport) -> list[FindingGroup]:
    """All findings by check, errors first."""
    by_code: dict[str, list[Finding]] = {}
    for finding in sorted(report.findings, key=lambda f: f.severity):
        by_code.setdefault(finding.code, []).append(finding)
    errors = report.errors_by_check
    return [
        FindingGroup(
            code=code,
            severity=found[0].severity,
            count=errors.get(code, 0) or len(found),
            expected=CHECKS.get(code, ""),
            shown=tuple(found[:_MOST_FINDINGS]),
        )
        for code, found in by_code.items()
    ]


def _checks(report: AuditReport, name: str, codes: tuple[str, ...], section: str) -> VerdictPart:
    count = sum(report.errors_by_check[code] for code in codes)
    if count:
        return VerdictPart(name=name, result=many(count, "error"), state="bad", section=section)
    if report.rules is None:
        return VerdictPart(name=name, result="no rules", state="none", section=section)
    return VerdictPart(name=name, result="OK", state="good", section=section)


def _fit_tests(tests: Sequence[FitTest], undecided: int) -> VerdictPart:
    if not tests:
        return VerdictPart(name="fit", result="not tested", state="none", section="fit")
    found = Counter(test.verdict for test in tests)
    result = f"{found['fail']} of {len(tests)} fail" if found["fail"] else f"{found['pass']} pass"
    few = f", {undecided} too few" if undecided else ""
    state: Literal["good", "note", "bad"] = "bad" if found["fail"] else "note" if few else "good"
    return VerdictPart(name="fit", result=result + few, state=state, section="fit")


def _redundancy(found: Redundancy | None, errors: dict[str, int]) -> list[VerdictPart]:
    if found is None:
        return [
            VerdictPart(name=name, result="not measured", state="none", section="pairs")
            for name in ("duplicates", "leaks")
        ]
    rigs = sum(not copy.is_leak for copy in found.copies)
    share, leaked_rigs = found.near_duplicate_share, errors["split_leak"]
    duplicates = many(rigs, "rig") if rigs else f"{share:.2%} of clips" if share else "0"
    leaks = (
        many(leaked_rigs, "rig")
        if leaked_rigs
        else many(found.leaked_clips, "clip")
        if found.leaked_clips
        else "0"
    )
    return [
        VerdictPart(
            name="duplicates",
            result=duplicates,
            state="bad" if errors["duplicate_rig"] else "note" if rigs or share else "good",
            section="redundancy",
        ),
        VerdictPart(
            name="leaks",
            result=leaks,
            state="bad" if leaked_rigs else "note" if found.leaked_clips else "good",
            section="redundancy",
        ),
    ]
