"""Byte ranges of S3 by obstore, if it is installed: a fifth of the processor time of other clients."""

import os
from collections.abc import Sequence
from typing import Any

import fsspec

Part = tuple[int, int]
_CLOSE_BYTES = 2**17
_TIMEOUT = "30s"


class S3Ranges:
    """Reads parts of objects below an address of S3, all at the same time.

    It knows the credentials of the environment only, see ``usable``.
    """

    def __init__(self, url: str) -> None:
        self._bucket, _, self._prefix = url.partition("://")[2].partition("/")
        self._store: tuple[int, Any] | None = None

    @staticmethod
    def usable(url: str) -> bool:
        """Whether obstore is installed, and would find the same storage as fsspec."""
        if not url.startswith(("s3://", "s3a://")) or fsspec.config.conf.get("s3"):
            return False
        if "AWS_ACCESS_KEY_ID" not in os.environ:
            return False
        try:
            import obstore  # noqa: F401
        except ImportError:
            return False
        return True

    def read(self, path: str, parts: Sequence[Part]) -> list[bytes] | None:
        """The bytes of some parts, fewer where the object ends before; None if they cannot be read."""
        import obstore
        from obstore.exceptions import BaseError

        try:
            found = obstore.get_ranges(
                self._connected(),
                f"{self._prefix}/{path}",
                starts=[start for start, _ in parts],
                ends=[stop for _, stop in parts],
                coalesce=_CLOSE_BYTES,
            )
        except (BaseError, OSError):
            return None
        return [bytes(one) for one in found]

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_store": None}

    def _connected(self) -> Any:
        """The client of this process."""
        if self._store is None or self._store[0] != os.getpid():
            from obstore.store import S3Store

            endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL", "")
            options: Any = {"allow_http": endpoint.startswith("http://"), "timeout": _TIMEOUT}
            # Whoever asks waits for outages, and knows how long.
            retry: Any = {"max_retries": 0}
            store = S3Store(
                self._bucket, endpoint=endpoint or None, client_options=options, retry_config=retry
            )
            self._store = (os.getpid(), store)
        return self._store[1]
