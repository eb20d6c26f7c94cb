"""Classes of findings that fail an audit if its caller asks for it, beyond the errors that always do."""

from collections.abc import Iterable

from multitake.errors import InputError

FAIL_ON: dict[str, str] = {
    "leaks": "rigs or clips that are copies of others in another split",
    "copies": "rigs that are copies of others",
    "near-duplicates": "clips with a near-duplicate",
    "too-few": "fit tests with too few values",
    "undecided": "clips whose images say too little to compare them with their poses",
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
