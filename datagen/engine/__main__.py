"""Run the embedded engine: ``python -m datagen.engine``."""

import argparse
import json
import sys
from pathlib import Path

from multitake.errors import InputError
from multitake.interruption import Interrupted, raise_on_signals

from .doctor import measure
from .serve import serve


def main() -> int:
    """Parse the command line and serve; return 2 for invalid input, 128 and the number of a signal."""
    parser = argparse.ArgumentParser(prog="python -m datagen.engine", description="Run the embedded engine.")
    add = parser.add_argument
    add("--look", default="lit", help="lit, cinematic (OpenGL through EGL) or fast (software, no shadows)")
    add("--unrealcv-port", type=int, default=0, metavar="PORT", help="TCP port, 0 for any free one")
    add("--unrealcv-socket", type=Path, metavar="PATH", help="also a unix socket at this path")
    add("--remote-control-port", type=int, default=0, metavar="PORT", help="HTTP port, 0 for any free one")
    add("--captures", type=Path, metavar="DIR", help="clients may write images below this folder")
    add("--log", type=Path, metavar="FILE", help="append messages to this file instead of standard error")
    add("--faults", default="", metavar="NAME[=VALUE],...", help="show faults of a real Unreal")
    add("--lychsim", action="store_true", help="also answer LychSim's commands for lit images")
    add("--assets", type=Path, metavar="FILE", help="list of the user's files, as a worker writes it")
    add("--until-stdin-closes", action="store_true", help="end when standard input closes")
    add("--measure", action="store_true", help="render for a second, print the speed, and end")
    options = vars(parser.parse_args())
    raise_on_signals()
    try:
        if options.pop("measure"):
            print(json.dumps(measure(options["look"])))
        else:
            serve(**options)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    except Interrupted as interrupted:
        return 128 + interrupted.number
    return 0


if __name__ == "__main__":
    sys.exit(main())
