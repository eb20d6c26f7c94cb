"""The events of a run as metrics, which Ray offers to Prometheus where ``ray[default]`` is installed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from .failure_groups import kind_of

_SECONDS = [1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 3600.0]
# Reasons of failures become tags: each distinct one is a time series of its own.
_MOST_REASONS, _MOST_REASON_CHARACTERS, _OTHER = 30, 80, "other"
Kind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True)
class Metric:
    """A metric: its kind, what it counts, and the names of its tags. Ray puts ``ray_`` before its name."""

    kind: Kind
    description: str
    tags: tuple[str, ...] = ()


METRICS = {
    "multitake_takes_done": Metric("counter", "Takes that were filmed and staged.", ("worker",)),
    "multitake_takes_failed": Metric("counter", "Takes that failed.", ("reason",)),
    "multitake_takes_left": Metric("gauge", "Takes of this run that are neither done nor failed."),
    "multitake_takes_planned": Metric("gauge", "Takes of the batch."),
    "multitake_take_seconds": Metric("histogram", "Seconds to film a take, all attempts."),
    "multitake_film_seconds": Metric("counter", "Seconds that workers filmed the takes that are done."),
    "multitake_camera_frames": Metric("counter", "Frames of all cameras that were filmed."),
    "multitake_attempts": Metric("counter", "Attempts to film the takes that are done or failed."),
    "multitake_workers": Metric("gauge", "Workers that film or wait for a take."),
    "multitake_workers_lost": Metric("counter", "Worker processes that ended or hung, and were replaced."),
    "multitake_workers_given_up": Metric("counter", "Workers that are not started again."),
    "multitake_engine_starts": Metric("counter", "Engines that workers started."),
    "multitake_shards_sealed": Metric("counter", "Shards that were sealed."),
    "multitake_seal_seconds": Metric("counter", "Seconds in which shards were sealed."),
}


@dataclass(frozen=True)
class Sample:
    """A change of a metric: what a counter grows by, the value of a gauge, or an observation."""

    metric: str
    value: float | int
    tags: tuple[tuple[str, str], ...] = ()


class RunSamples:
    """Turns the events of one run, see ``run_log``, into samples."""

    def __init__(self) -> None:
        self._left = 0
        self._ready: set[int] = set()
        self._reasons: set[str] = set()

    def of(self, event: str, values: dict[str, Any]) -> Iterator[Sample]:
        """The samples of an event."""
        if event == "run_started":
            self._left = values["takes"]
            yield Sample("multitake_takes_left", self._left)
            yield Sample("multitake_takes_planned", values["planned"])
        elif event in ("take_done", "take_failed"):
            self._left = max(0, self._left - 1)
            yield Sample("multitake_takes_left", self._left)
            yield Sample("multitake_attempts", values["attempts"])
            yield Sample("multitake_engine_starts", values["engine_starts"])
            yield from self._done(values) if event == "take_done" else self._failed(values)
        elif event in ("worker_started", "worker_lost", "worker_given_up"):
            yield from self._worker(event, values["worker"])
        elif event == "shard_sealed":
            yield Sample("multitake_shards_sealed", 1)
            yield Sample("multitake_seal_seconds", values["seconds_s"])
        elif event == "run_ended":
            self._ready.clear()
            yield Sample("multitake_workers", 0)

    def _done(self, values: dict[str, Any]) -> Iterator[Sample]:
        yield Sample("multitake_takes_done", 1, (("worker", str(values["worker"])),))
        yield Sample("multitake_take_seconds", values["seconds_s"])
        yield Sample("multitake_film_seconds", values["seconds_s"])
        yield Sample("multitake_camera_frames", values["camera_frames"])

    def _failed(self, values: dict[str, Any]) -> Iterator[Sample]:
        kind = kind_of(values["reason"] or "", values["take"], values["faults"])
        reason = kind[:_MOST_REASON_CHARACTERS]
        if reason not in self._reasons and len(self._reasons) >= _MOST_REASONS:
            reason = _OTHER
        self._reasons.add(reason)
        yield Sample("multitake_takes_failed", 1, (("reason", reason),))

    def _worker(self, event: str, worker: int) -> Iterator[Sample]:
        if event == "worker_started":
            self._ready.add(worker)
            yield Sample("multitake_engine_starts", 1)
        else:
            self._ready.discard(worker)
            name = "multitake_workers_lost" if event == "worker_lost" else "multitake_workers_given_up"
            yield Sample(name, 1)
        yield Sample("multitake_workers", len(self._ready))


class RayMetrics:
    """Gives the events of a run to Ray. Without ``ray[default]`` nobody can read them."""

    def __init__(self) -> None:
        from ray.util import metrics

        self._samples = RunSamples()
        self._gauges: dict[str, float] = {}
        self._metrics: dict[str, Any] = {}
        for name, about in METRICS.items():
            if about.kind == "histogram":
                made: Any = metrics.Histogram(
                    name, about.description, boundaries=_SECONDS, tag_keys=about.tags
                )
            else:
                kind = metrics.Counter if about.kind == "counter" else metrics.Gauge
                made = kind(name, about.description, tag_keys=about.tags)
            self._metrics[name] = made

    def note(self, event: str, **values: Any) -> None:
        """Count an event."""
        for sample in self._samples.of(event, values):
            metric, tags = self._metrics[sample.metric], dict(sample.tags)
            kind = METRICS[sample.metric].kind
            if kind == "gauge":
                self._gauges[sample.metric] = sample.value
            elif kind == "histogram":
                metric.observe(sample.value, tags=tags)
            elif sample.value > 0:
                metric.inc(sample.value, tags=tags)
        # Ray drops a gauge some 20 s after it was set.
        for name, value in self._gauges.items():
            self._metrics[name].set(value)
