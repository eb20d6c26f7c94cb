"""``python -m benchmarks [NAME ...] [--quick]``: run some benchmarks, or all of them."""

import argparse
import sys
from importlib import import_module

from multitake.errors import InputError

from .figures import print_figures

NAMES = (
    *("overlap", "sampling", "classifying", "audit", "windows", "engine", "world", "settle", "scale"),
    *("stream", "storage", "codecs", "poses", "doctor"),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(NAMES)}; default: all")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and smaller inputs")
    chosen = parser.parse_args()
    unknown = set(chosen.names) - set(NAMES)
    if unknown:
        parser.error(f"unknown benchmark {', '.join(sorted(unknown))}; use {', '.join(NAMES)}")
    try:
        for name in chosen.names or NAMES:
            print_figures(import_module(f".{name}", __package__).measure(quick=chosen.quick))
    except InputError as error:
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
