"""Counts as people read them."""


def many(count: int, noun: str) -> str:
    """A count with its noun, such as ``1 take`` or ``2 takes``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
