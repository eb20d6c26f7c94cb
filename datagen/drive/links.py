"""Both connections to an engine, how values are written and read, and what refusals mean."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from .errors import EngineError, EngineSetupError, RefusedError
from .remote_control_link import RemoteControlLink
from .unrealcv_link import UnrealCvLink

# What to do if no game runs.
GAME = "run the project as a game: packaged, or the editor with -game"


@dataclass(frozen=True, kw_only=True)
class EngineLinks:
    """Both connections to an engine, and how long it may take to load a level or an asset."""

    unrealcv: UnrealCvLink
    remote_control: RemoteControlLink
    load_timeout_s: float

    def text(self, command: str, *, timeout_s: float | None = None) -> str:
        """A reply as text."""
        reply = self.unrealcv.ask(command, timeout_s=timeout_s)
        return reply if isinstance(reply, str) else ""

    def floats(self, command: str, count: int) -> Float[np.ndarray, "count"]:
        """The numbers of a reply; EngineError if there are not as many."""
        reply = self.text(command)
        try:
            values = np.array(reply.split(), dtype=np.float64)
        except ValueError:
            values = np.empty(0)
        if len(values) != count:
            raise EngineError(f"{command!r} was answered with {reply[:80]!r} instead of {count} numbers")
        return values

    def words(self, command: str, *, timeout_s: float | None = None) -> list[str]:
        """The words of a reply."""
        return self.text(command, timeout_s=timeout_s).split()


@contextmanager
def refusals_explained(subject: str) -> Iterator[None]:
    """EngineSetupError with what to do, if Remote Control refuses a call on an actor of the level."""
    try:
        yield
    except RefusedError as error:
        fix = f"{GAME}, as an editor session has other paths"
        fix += "; lights must be actors of the classes DirectionalLight, SkyLight and ExponentialHeightFog"
        if "not allowed" in str(error) or "cannot be accessed" in str(error):
            fix = "allow the functions of docs/unreal.md in DefaultRemoteControl.ini"
        raise EngineSetupError(f"{subject}: {error}; {fix}") from error


@contextmanager
def bones_explained() -> Iterator[None]:
    """EngineSetupError with what to do, if UnrealCV refuses to tell the bones of an actor."""
    try:
        yield
    except RefusedError as error:
        fix = "update the UnrealCV plugin to version 1.1.0, or remove joints from passes"
        raise EngineSetupError(f"the plugin does not tell joints ({error}); {fix}") from error


def numbers(values: Sequence[float] | Float[np.ndarray, "_"]) -> str:
    """Fixed-point numbers, never ``-0``: UnrealCV does not parse exponents."""
    return " ".join(f"{value:.6f}" for value in np.round(np.asarray(values, dtype=np.float64), 6) + 0.0)


def level_path(asset: str) -> str:
    """The path of a level's actors in Remote Control, without their names."""
    package = asset.partition(".")[0]
    return f"{package}.{package.rpartition('/')[2]}:PersistentLevel"
