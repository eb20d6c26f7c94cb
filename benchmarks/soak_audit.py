"""Does the audit find planted faults, and does it raise no false alarm? Run by hand, seeded; minutes long.

``python -m benchmarks.soak_audit`` prints a line for each fault planted in a set of 2,000 rigs, with the
findings and tests that fail, and whether one of the expected names is among them; then the clean sets, also
as poses only through files of 6 digits. Exit code 1 if a fault is missed or a clean set fails.
``--rigs``, ``--clean``, ``--only`` make it smaller.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from trajectories.audit import AuditReport
from trajectories.sampling import PRESETS

from .planted_faults import FAULTS, audited, found_in, plant, sampled, through_file


def planted(rigs: int, only: str) -> Iterator[bool]:
    """Whether each fault is found and named."""
    for number, (name, fault) in enumerate(FAULTS.items()):
        if only not in name:
            continue
        found = found_in(plant(fault, rigs=rigs, seed=100 + number))
        is_named = not set(fault.names).isdisjoint(found)
        print(
            f"{'ok  ' if is_named else 'MISS'} {name:42s} {' or '.join(fault.names):32s} {', '.join(found)}",
            flush=True,
        )
        yield is_named


def clean_sets(count: int) -> Iterator[tuple[str, AuditReport]]:
    """Reports about sets that follow their rules, with columns or as poses only through a file."""
    rng = np.random.default_rng(11)
    for number in range(count):
        preset, layout = (
            ("paper", "release", "toy")[number % 3],
            ("shared", "independent", "mixed")[number // 3 % 3],
        )
        rules = replace(PRESETS[preset], layout=layout)
        rigs = int(np.exp(rng.uniform(np.log(50), np.log(2000))))
        if number % 5 == 4:
            format_ = ("tum", "kitti", "multicamvideo", "realestate10k", "npz")[number // 5 % 5]
            rigs = min(rigs, 150)
            clips = sampled(rules, rigs, 1000 + number)
            yield (
                f"{preset} {layout} {rigs} rigs, poses only from {format_}",
                through_file(clips, rules, format_),
            )
        else:
            yield (
                f"{preset} {layout} {rigs} rigs",
                audited(sampled(rules, rigs, 1000 + number), rules, depth="comparison"),
            )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rigs", type=int, default=2000)
    parser.add_argument("--clean", type=int, default=50)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    began = time.perf_counter()
    named = list(planted(options.rigs, options.only))
    alarms = 0
    for name, report in clean_sets(options.clean):
        found = found_in(report)
        alarms += bool(found)
        print(f"{'ALARM' if found else 'clean'} {name}: {', '.join(found) or report.rests_on}", flush=True)
    seconds = time.perf_counter() - began
    print(f"found and named: {sum(named)} of {len(named)} faults")
    print(f"false alarms: {alarms} of {options.clean} clean sets; {seconds:.0f} s")
    return int(alarms > 0 or not all(named))


if __name__ == "__main__":
    sys.exit(main())
