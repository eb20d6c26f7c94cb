"""What shows how far a tool is."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class Progress(Protocol):
    """Such as ``multitake.progress.ProgressLine``."""

    def show(self, text: str, *, done: int, total: int) -> None:
        """Show ``text``, with ``done`` of a ``total`` of parts."""
