"""`python -m datagen.engine`: run the embedded engine as a process of its own."""

import argparse
import json
import sys

from multitake.errors import InputError

from .doctor import measure
from .serve import serve


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and serve; the exit code is 2 for bad input."""
    parser = argparse.ArgumentParser(prog="python -m datagen.engine", description=__doc__)
    parser.add_argument(
        "--look", default="lit", help="lit (OpenGL through EGL) or fast (software, no shadows)"
    )
    parser.add_argument(
        "--unrealcv-port", type=int, default=0, metavar="PORT", help="TCP port, 0 for any free one"
    )
    parser.add_argument(
        "--remote-control-port", type=int, default=0, metavar="PORT", help="HTTP port, 0 for any"
    )
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when standard input does")
    parser.add_argument("--measure", action="store_true", help="draw for a second, print the speed, and end")
    options = parser.parse_args(arguments)
    try:
        if options.measure:
            print(json.dumps(measure(options.look)))
            return 0
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
