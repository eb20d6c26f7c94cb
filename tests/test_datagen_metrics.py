"""Events of runs as metrics of Ray: sums against the log, and a scrape where Ray's exporter is installed."""

import importlib.util
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from pathlib import Path

import pytest
from run_logs import gamma_durations, record, simulated_run

from datagen.metrics import METRICS, RayMetrics, RunSamples
from datagen.run_log import EVENTS, RunLog
from shards import FolderStore

RUN = simulated_run(60, 3, gamma_durations(20.0, 0.4), fails=lambda take: take % 7 == 0).records
SEALED = record(0.0, "shard_sealed", shard=0, takes=50, seconds_s=1.5)
LOST = record(0.0, "worker_lost", worker=1, reason="the worker process ended")
GIVEN_UP = record(0.0, "worker_given_up", worker=2, reason="no engine")


def values_of(event: dict) -> dict:
    return {name: event[name] for name in EVENTS[event["event"]]}


def summed(events: list[dict]) -> tuple[Counter[str], dict[str, float]]:
    """The sums of counters, and the last values of gauges."""
    samples, sums, gauges = RunSamples(), Counter(), {}
    for event in events:
        for sample in samples.of(event["event"], values_of(event)):
            if METRICS[sample.metric].kind == "gauge":
                gauges[sample.metric] = sample.value
            else:
                sums[sample.metric] += sample.value
    return sums, gauges


def test_counters_are_the_sums_of_the_log() -> None:
    sums, gauges = summed([*RUN[:-1], SEALED, LOST, GIVEN_UP])
    done = [event for event in RUN if event["event"] == "take_done"]
    failed = [event for event in RUN if event["event"] == "take_failed"]
    assert sums["multitake_takes_done"] == len(done) == 51
    assert sums["multitake_takes_failed"] == len(failed) == 9
    assert sums["multitake_film_seconds"] == pytest.approx(sum(event["seconds_s"] for event in done))
    assert sums["multitake_camera_frames"] == sum(event["camera_frames"] for event in done)
    assert sums["multitake_attempts"] == len(done) + 2 * len(failed)
    assert sums["multitake_engine_starts"] == 3 + len(failed), "one for each worker, and after failures"
    assert (sums["multitake_shards_sealed"], sums["multitake_seal_seconds"]) == (1, 1.5)
    assert (sums["multitake_workers_lost"], sums["multitake_workers_given_up"]) == (1, 1)
    assert gauges == {"multitake_takes_left": 0, "multitake_takes_planned": 60, "multitake_workers": 1}


def test_reasons_of_failures_are_few_tags() -> None:
    samples, tags = RunSamples(), Counter()
    for take in range(500):
        letters = "".join(chr(ord("a") + int(digit)) for digit in str(take))
        for reason in (f"no reply within {take} s", f"unknown asset {letters}" + 200 * "x"):
            values = {"worker": 0, "take": f"a_{take}", "number": take, "attempts": 1, "reason": reason}
            values |= {"faults": [], "engine_starts": 1}
            for sample in samples.of("take_failed", values):
                tags.update(sample.tags)
    assert tags["reason", "no reply within # s"] == 500
    assert len(tags) <= 31 and sum(tags.values()) == 1000
    assert max(len(reason) for _, reason in tags) <= 80


def test_ray_takes_every_event(tmp_path: Path) -> None:
    # Ray checks names and tags; without its exporter nobody can read the values.
    (tmp_path / "runs").mkdir()
    log = RunLog(FolderStore(tmp_path), also=RayMetrics().note)
    log.begin(**values_of(RUN[0]))
    others = [SEALED, LOST, GIVEN_UP, record(0.0, "interrupted", signal="SIGINT")]
    for event in (*RUN[1:], *others):
        log.note(event["event"], **values_of(event))
    (path,) = (tmp_path / "runs").iterdir()
    assert len(path.read_text().splitlines()) == len(RUN) + len(others)


def test_an_event_costs_little_time() -> None:
    metrics = RayMetrics()
    started_s = time.process_time()
    for event in 20 * RUN:
        metrics.note(event["event"], **values_of(event))
    # Two events per take; the driver has 30 ms for a take.
    assert (time.process_time() - started_s) / (20 * len(RUN)) < 0.002


SCRAPED = """
import ray
from datagen.metrics import RayMetrics
from test_datagen_metrics import RUN, values_of
ray.init(address="local", num_cpus=1, include_dashboard=False, log_to_driver=False)
metrics = RayMetrics()
for event in RUN:
    metrics.note(event["event"], **values_of(event))
node = ray.nodes()[0]
print(f"http://{node['NodeManagerAddress']}:{node['MetricsExportPort']}/metrics", flush=True)
input()
ray.shutdown()
"""


@pytest.mark.skipif(
    importlib.util.find_spec("prometheus_client") is None,
    reason="Ray offers metrics only with ray[default]: pip install 'multitake[metrics]'",
)
def test_prometheus_reads_what_the_log_says() -> None:
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    environment = {**os.environ, "PYTHONPATH": paths, "RAY_USAGE_STATS_ENABLED": "0"}
    command = [sys.executable, "-c", SCRAPED]
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True, env=environment
    )
    try:
        address, text, ends_s = child.stdout.readline().strip(), "", time.monotonic() + 90
        while "ray_multitake_takes_done" not in text and time.monotonic() < ends_s:
            time.sleep(2)
            try:
                text = urllib.request.urlopen(address, timeout=5).read().decode()
            except OSError:
                continue
    finally:
        child.communicate("\n", timeout=60)
    found = Counter()
    for name, value in re.findall(r"^ray_(multitake_\w+)\{[^}]*\} (\S+)$", text, re.MULTILINE):
        found[name] += float(value)
    sums, _ = summed(RUN)
    for name in sums:
        if METRICS[name].kind == "counter" and sums[name]:
            assert found[f"{name}_total"] == pytest.approx(sums[name]), name
    assert found["multitake_take_seconds_count"] == 51
    assert found["multitake_takes_planned"] == 60
