"""Times and rates as people read them."""

import time

_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def duration(seconds_s: float) -> str:
    """A duration in its two largest units, such as ``3 h 20 min``; below ten seconds with one decimal."""
    if seconds_s < 9.95:
        return f"{seconds_s:.1f} s"
    left = round(seconds_s)
    for place, (unit, size) in enumerate(_UNITS[:-1]):
        if left >= size:
            smaller, smaller_size = _UNITS[place + 1]
            rest = left % size // smaller_size
            # Seconds say nothing beside many minutes.
            is_short = unit == "min" and left >= 600
            return f"{left // size} {unit}" + (f" {rest} {smaller}" if rest and not is_short else "")
    return f"{left} s"


def moment(time_s: float) -> str:
    """A time of this machine's time zone."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(time_s))
