"""Work that Ray actors share."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError
from ray.util import ActorPool

from multitake.errors import LineError, RunError, one_line
from multitake.interruption import handlers_restored


def by_actors(
    kind: type, job: object, tasks: list[Any], *, workers: int, gpus: int, address: str | None
) -> Iterator[Any]:
    """What ``kind(job).write`` returns for each task, as they end; each actor has so many GPUs.

    An error of a task is raised here. RunError if an actor ends, or if the cluster cannot be used.
    """
    with _cluster(address):
        actor: Any = ray.remote(num_cpus=1, num_gpus=gpus)(kind)
        pool = ActorPool([actor.remote(job) for _ in range(workers)])
        yield from pool.map_unordered(lambda one, task: one.write.remote(task), tasks)


@contextmanager
def _cluster(address: str | None) -> Iterator[None]:
    """Ray, for a block that uses its actors; an error of one of them is that error. RunError if one ends."""
    address = address or os.environ.get("RAY_ADDRESS") or "local"
    try:
        with handlers_restored():
            ray.init(address=address, log_to_driver=False, logging_level=logging.CRITICAL)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise RunError(one_line(error), where=f"Ray at {address}", fix="see whether it runs") from error
    try:
        yield
    except RayTaskError as error:
        if isinstance(error.cause, LineError):
            raise error.cause from None
        raise RunError(one_line(error.cause), where="worker", fix="use --workers 0 to see where") from error
    except RayError as error:
        fix = "run the same command again, with fewer workers if memory is short"
        raise RunError("a worker process ended", where="Ray", fix=fix) from error
    finally:
        ray.shutdown()
