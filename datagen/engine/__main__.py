"""Run the embedded engine: ``python -m datagen.engine``."""

import argparse
import json
import sys

from multitake.errors import InputError

from .doctor import measure
from .serve import serve


def main() -> int:
    """Parse the command line and serve; return 2 for invalid input."""
    parser = argparse.ArgumentParser(prog="python -m datagen.engine", description="Run the embedded engine.")
    add = parser.add_argument
    add("--look", default="lit", help="lit (OpenGL through EGL) or fast (software, no shadows)")
    add("--unrealcv-port", type=int, default=0, metavar="PORT", help="TCP port, 0 for any free one")
    add("--remote-control-port", type=int, default=0, metavar="PORT", help="HTTP port, 0 for any free one")
    add("--until-stdin-closes", action="store_true", help="end when standard input closes")
    add("--measure", action="store_true", help="render for a second, print the speed, and end")
    options = parser.parse_args()
    try:
        if options.measure:
            print(json.dumps(measure(options.look)))
        else:
            serve(
                look=options.look,
                unrealcv_port=options.unrealcv_port,
                remote_control_port=options.remote_control_port,
                until_stdin_closes=options.until_stdin_closes,
            )
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
