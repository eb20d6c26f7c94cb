"""Classes of findings that fail an audit if its caller asks for it, beyond the errors that always do."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from multitake.errors import InputError

if TYPE_CHECKING:
    from .report import AuditReport

FAIL_ON: dict[str, str] = {
    "leaks": "rigs or clips that are copies of others in another split",
    "copies": "rigs that are copies of others",
    "near-duplicates": "clips with a near-duplicate",
    "too-few": "fit tests with too few values",
    "notes": "notes",
}


def checked_policies(names: Iterable[str]) -> tuple[str, ...]:
    """The names of policies, each once; InputError for an unknown one."""
    found = tuple(dict.fromkeys(names))
    unknown = [name for name in found if name not in FAIL_ON]
    if unknown:
        what = f"unknown class of findings {unknown[0]!r}"
        raise InputError(what, where="--fail-on", fix=f"give one or more of {', '.join(FAIL_ON)}")
    return found


def policy_counts(report: "AuditReport") -> dict[str, int]:
    """How many findings of each class there are."""
    found = report.redundancy
    return {
        "leaks": max(found.leaks, sum(copy.is_leak for copy in found.copies)) if found else 0,
        "copies": len(found.copies) if found else 0,
        "near-duplicates": round(found.near_duplicate_share * found.n) if found else 0,
        "too-few": report.undecided,
        "notes": sum(finding.severity == "note" for finding in report.findings),
    }
