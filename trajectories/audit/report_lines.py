"""The report of an audit in a few lines of text."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from multitake.counts import many

from .checks import CHECKS
from .fit.fit_test import FitTest
from .measured.copies import copy_lines
from .measured.redundancy import leak_lines
from .policies import FAIL_ON

if TYPE_CHECKING:
    from .report import AuditReport

_LEAST_SHIFT, _SHIFTS_NAMED = 0.02, 3


def report_lines(report: "AuditReport") -> list[str]:
    """Counts, each failed check with its first finding, copies, failed tests, notes, and the verdict."""
    counts, found = report.counts, report.redundancy
    checked_against = f"rules {report.checked_against}" if report.rules else report.checked_against
    size = f"{many(counts['takes'], 'take')}, {many(counts['clips'], 'clip')}, {checked_against}"
    return [
        size,
        *_error_lines(report),
        *(report.doctor.lines() if report.doctor else ()),
        *([*copy_lines(found.copies), *leak_lines(found)] if found else []),
        *_failed_test_lines(report.failed_tests),
        *(f"failed on {name}: {count} {FAIL_ON[name]}" for name, count in report.failed_policies.items()),
        *(f"note: {f.code}: {f.what}" for f in report.findings if f.severity == "note"),
        *shift_lines(report.tests),
        f"verdict: {report.verdict}" + f", {rests_on(report)}" * bool(rests_on(report)),
    ]


def rests_on(report: "AuditReport") -> str:
    """On how many checks and fit tests the verdict rests; empty if there are no rules."""
    if report.rules is None:
        return ""
    few, missing = report.undecided, len(report.not_applied)
    have, do = "has" if few == 1 else "have", "does" if missing == 1 else "do"
    tests = f"based on {report.questions - few} of {report.questions} fit tests"
    tests += f" ({few} {have} too few values)" * (few > 0)
    checks = f"{len(CHECKS) - missing} of {len(CHECKS)} checks"
    return f"{tests} and {checks}" + f" ({missing} {do} not apply)" * (missing > 0)


def shift_lines(tests: Sequence[FitTest]) -> list[str]:
    """One line about the distributions that rejection moves most; none if it moves none."""
    shifts = [(test.accepted_shift, test) for test in tests if test.accepted_shift is not None]
    large = [(shift, test) for shift, test in shifts if shift > _LEAST_SHIFT]
    large.sort(key=lambda one: -one[0])
    shown = large[:_SHIFTS_NAMED]
    named = ", ".join(f"{test.name} ({test.effect_name} {shift:.2g})" for shift, test in shown)
    return [f"rejection changes these distributions most: {named}"] if named else []


def _error_lines(report: "AuditReport") -> Iterator[str]:
    first = {finding.code: finding for finding in reversed(report.findings)}
    for code, errors in report.errors_by_check.items():
        if errors:
            yield f"{code}: {many(errors, 'error')}, first {first[code].where}: {first[code].what}"


def _failed_test_lines(tests: Sequence[FitTest]) -> Iterator[str]:
    for test in tests:
        yield (
            f"failed fit test {test.name}: {test.effect_name} {test.effect:.3g}, allowed "
            f"{test.largest_effect_allowed:.3g} ({many(test.n, test.unit)}, {test.method}, q = {test.q:.2g})"
        )
