"""Where figures go besides ``metrics.jsonl``: TensorBoard, and Weights & Biases."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from multitake.errors import InputError

from .config import Tracking

# Called with a step and its figures, by name.
Tracker = Callable[[int, Mapping[str, float]], None]


@contextmanager
def trackers(tracking: Tracking, run: Path, *, after_step: int) -> Iterator[tuple[Tracker, ...]]:
    """The trackers of a run that goes on after a step. InputError if the package of one is missing."""
    with ExitStack() as stack:
        chosen = []
        if tracking.tensorboard:
            chosen.append(stack.enter_context(_tensorboard(run, after_step)))
        if tracking.wandb:
            chosen.append(stack.enter_context(_wandb(run, tracking.wandb)))
        yield tuple(chosen)


def flat(figures: Mapping[str, Any]) -> dict[str, float]:
    """Figures with those of lists and tables on their own, such as ``timing/seconds``, and without others."""
    found: dict[str, float] = {}
    for name, value in figures.items():
        if isinstance(value, Mapping):
            found |= {f"{name}/{key}": one for key, one in flat(value).items()}
        elif isinstance(value, (list, tuple)):
            found |= flat({f"{name}/{number}": one for number, one in enumerate(value)})
        elif isinstance(value, (int, float)):
            found[name] = float(value)
    return found


@contextmanager
def _tensorboard(run: Path, after_step: int) -> Iterator[Tracker]:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise _missing("tensorboard") from error
    with SummaryWriter(str(run / "tensorboard"), purge_step=after_step + 1) as writer:

        def track(step: int, figures: Mapping[str, float]) -> None:
            for name, value in figures.items():
                writer.add_scalar(name, value, step)

        yield track


@contextmanager
def _wandb(run: Path, project: str) -> Iterator[Tracker]:
    try:
        import wandb
    except ImportError as error:
        raise _missing("wandb") from error
    # A folder is a run: one that is resumed goes on there, too.
    name = hashlib.sha256(str(run.resolve()).encode()).hexdigest()[:16]
    with wandb.init(project=project, dir=run, id=name, name=run.name, resume="allow") as session:
        yield lambda step, figures: session.log(dict(figures), step=step)


def _missing(package: str) -> InputError:
    return InputError(
        "its package is missing", where=f"tracking.{package}", fix=f"pip install 'multitake[{package}]'"
    )
