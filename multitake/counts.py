"""Counts as people read them."""


def many(count: int, noun: str) -> str:
    """A count with its noun, such as ``1 take`` or ``1,200 takes``."""
    return f"{count:,} {plural(count, noun)}"


def plural(count: int, noun: str) -> str:
    """The noun for so many."""
    return noun if count == 1 else f"{noun}s"
