"""Sampling rules: the ranges of ReCamMaster's Appendix B, and a named choice wherever it is silent."""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from .errors import InputError
from .lenses import Lens
from .motions import MOTIONS
from .settings import STRICT, validated
from .speed import TimeBase

Range = tuple[float, float]
MAX_CAMERAS = 99
MAX_WAYPOINTS = 3


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a rig is drawn from. Lengths in metres, angles in degrees, ratios relative to the start distance.

    Fields named in ``INFERRED`` are our reading: the paper gives no value for them.

    Attributes:
        radius_m: start distance from the pivot.
        elevation_deg: start elevation above the pivot.
        radius_measure: ``radius`` is uniform in distance, ``volume`` uniform in the hemisphere's volume.
        elevation_measure: ``area`` is uniform on the sphere, ``angle`` uniform in elevation.
        time_base: how frames map to eq. 10's time, see ``time_fractions``.
        speed_a: magnitude of eq. 10's ``a`` for cameras of variable speed; signs are even.
        aim_fraction: height of the pivot as a share of the subject's height.
        max_turn_deg: largest turn between successive steps of a random move.
        track_share: share of translations that keep aiming at the pivot.
        slots: motion of each camera, in order.
        layout: ``shared`` starts all cameras of a rig at one pose, ``independent`` each at its own.
    """

    __pydantic_config__ = STRICT
    name: str = "paper"
    radius_m: Range = (0.5, 10.0)
    elevation_deg: Range = (0.0, 45.0)
    pan_deg: Range = (5.0, 60.0)
    tilt_deg: Range = (5.0, 45.0)
    translation_ratio: Range = (0.25, 1.0)
    arc_deg: Range = (5.0, 60.0)
    random_ratio: Range = (0.25, 1.0)
    waypoints: tuple[int, int] = (1, MAX_WAYPOINTS)
    max_turn_deg: float = 100.0
    speed_a: Range = (2.0, 4.5)
    track_share: float = 0.85
    aim_fraction: float = 0.65
    radius_measure: Literal["radius", "volume"] = "radius"
    elevation_measure: Literal["area", "angle"] = "area"
    time_base: TimeBase = "closed"
    layout: Literal["shared", "independent"] = "shared"
    slots: tuple[str, ...] = (
        *("pan", "tilt"),
        *("translation",) * 3,
        *("arc",) * 2,
        *("random",) * 2,
        "static",
    )
    lenses: tuple[Lens, ...] = (
        Lens(focal_length_mm=35.0, f_number=2.8),
        Lens(focal_length_mm=24.0, f_number=10.0),
    )

    def checked(self, where: str) -> "Rules":
        """Return self, or raise InputError naming the first field whose value cannot be drawn from."""
        ranges = [f.name for f in fields(self) if f.type in (Range, tuple[int, int])]
        for name in ranges:
            low, high = getattr(self, name)
            if not low <= high:
                fix = "put the smaller number first"
                raise InputError(f"{low:g}..{high:g} is empty", where=f"{where}: {name}", fix=fix)
        for name, low, high in _LIMITS:
            value = getattr(self, name)
            smallest, largest = value if isinstance(value, tuple) else (value, value)
            if not low <= smallest <= largest <= high:
                what = f"{list(value) if isinstance(value, tuple) else value} is out of bounds"
                raise InputError(what, where=f"{where}: {name}", fix=f"keep it within {low:g}..{high:g}")
        if not 1 <= len(self.slots) <= MAX_CAMERAS:
            fix = f"give 1 to {MAX_CAMERAS}"
            raise InputError(f"{len(self.slots)} cameras are impossible", where=f"{where}: slots", fix=fix)
        for slot in self.slots:
            if slot not in MOTIONS:
                raise InputError(
                    f"unknown motion {slot!r}", where=f"{where}: slots", fix=f"use {', '.join(MOTIONS)}"
                )
        if not self.lenses:
            raise InputError("no lens", where=f"{where}: lenses", fix="give at least one")
        return self

    def within(self, radius_m: float) -> "Rules":
        """The same rules with starts no farther than ``radius_m`` from the pivot."""
        low, high = self.radius_m
        return replace(self, radius_m=(min(low, radius_m), min(high, radius_m)))


_LIMITS = (
    ("radius_m", 0.05, 1e4),
    ("elevation_deg", -45.0, 80.0),
    ("pan_deg", 0.0, 180.0),
    ("tilt_deg", 0.0, 90.0),
    ("translation_ratio", 0.0, 10.0),
    ("arc_deg", 0.0, 360.0),
    ("random_ratio", 0.01, 10.0),
    ("waypoints", 1, MAX_WAYPOINTS),
    ("speed_a", 0.0, 20.0),
    ("max_turn_deg", 0.0, 180.0),
    ("track_share", 0.0, 1.0),
    ("aim_fraction", 0.0, 1.0),
)

INFERRED = frozenset(
    {
        *("radius_measure", "elevation_measure", "time_base", "speed_a", "aim_fraction"),
        *("max_turn_deg", "track_share", "slots"),
    }
)

PRESETS: dict[str, Rules] = {"paper": Rules()}


def rules_named(name: str) -> Rules:
    """The preset of that name; InputError for an unknown one."""
    if name not in PRESETS:
        raise InputError(f"unknown preset {name!r}", where="rules", fix=f"use {', '.join(PRESETS)}")
    return PRESETS[name]


def rules_from(table: dict[str, Any], where: str) -> Rules:
    """Rules of a settings table: a ``preset`` (``paper`` if not named), ``cameras``, and any field to change.

    ``cameras`` repeats the layout's moving slots, and keeps its last one, for a smaller or larger rig.
    InputError names the key at fault.
    """
    changes = dict(table)
    preset = changes.pop("preset", "paper")
    cameras = changes.pop("cameras", None)
    rules = validated(Rules, {**asdict(rules_named(str(preset))), **changes}, where=where)
    if cameras is not None:
        rules = replace(rules, slots=_slots(rules.slots, cameras, f"{where}: cameras"))
    return rules.checked(where)


def rules_table(rules: Rules) -> dict[str, Any]:
    """All fields as a settings table; ``rules_from`` gives the rules back."""
    fields_ = asdict(rules)
    return {"preset": fields_.pop("name"), **fields_}


def _slots(slots: tuple[str, ...], cameras: Any, where: str) -> tuple[str, ...]:
    if not isinstance(cameras, int) or not 2 <= cameras <= MAX_CAMERAS:
        fix = f"give a whole number, 2 to {MAX_CAMERAS}"
        raise InputError(f"{cameras!r} cameras are impossible", where=where, fix=fix)
    moving = slots[:-1] or slots
    return (*(moving[i % len(moving)] for i in range(cameras - 1)), slots[-1])
