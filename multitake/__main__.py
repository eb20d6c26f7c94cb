"""The console script, and ``python -m multitake``."""

import os
import sys

from .exit_notice import exit_of_process
from .interruption import Interrupted, raise_on_signals


@exit_of_process()
def main() -> None:
    """The console script; signals and invalid command lines also give one line."""
    raise_on_signals()
    try:
        # Takes most of a second, in which signals can come.
        from .cli import app

        sys.exit(app(standalone_mode=False))
    except Interrupted as interrupted:
        print(f"multitake: {interrupted}; run the same command again", file=sys.stderr)
        sys.exit(128 + interrupted.number)
    except BrokenPipeError:
        # The reader of the output, such as `head`, has ended.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        message_of = getattr(error, "format_message", None)
        if message_of is None:
            raise
        message = message_of()
        if message.startswith("Usage:"):
            print(message, file=sys.stderr)
        elif message:
            print(f"multitake: {message.rstrip('.')}; see --help", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
