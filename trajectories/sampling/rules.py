"""Sampling rules: the ranges of ReCamMaster's Appendix B, and a named choice wherever it is silent."""

import math
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal

from multitake.errors import InputError
from multitake.settings import STRICT, validated

from ..lenses import Lens
from ..motions import MOTIONS
from ..speed import TimeBase
from ..splines import Spline
from .limits import Limits

Range = tuple[float, float]
MAX_CAMERAS = 99
MAX_WAYPOINTS = 3
AXES = ("+x", "-x", "+y", "-y", "+z", "-z")


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a rig is drawn from. Lengths in metres, angles in degrees, ratios relative to the start distance.

    Fields named in ``INFERRED`` are our reading: the paper gives no value for them.

    Attributes:
        radius_m: start distance from the pivot.
        radius_limits_m: a rig's largest start distance is one of these; empty means that of ``radius_m``.
        elevation_deg: start elevation above the pivot.
        radius_measure: ``radius`` is uniform in distance, ``volume`` in the hemisphere's volume, ``log`` in
            the distance's logarithm.
        elevation_measure: ``area`` is uniform on the sphere, ``angle`` uniform in elevation.
        aim_fraction: height of the pivot as a share of the subject's height; 0 is its feet.
        time_base: how frames map to eq. 10's time, see ``time_fractions``.
        speed_a: magnitude of eq. 10's ``a`` for cameras of variable speed; signs are even.
        constant_share: share of cameras of constant speed (Appendix B: half).
        pace: ``stratified`` keeps that share within each rig and motion, ``iid`` tosses for each camera.
        pan_tilt: ``separate`` turns about one axis; ``joint`` makes every pan or tilt slot do both.
        translation_frame: whose axes a translation follows: ``world``, the start ``camera`` (x right, y down,
            z forward) or the ``subject`` (x away from it, y around it, z up).
        translation_axes: the directions a translation is drawn from.
        track_share: share of translations that keep aiming at the pivot.
        arc_path: ``circle`` about the pivot, or the ``chord`` that the published files show.
        spline: the curve of a random move and its pace, see ``splines``.
        max_turn_deg: largest turn between successive steps of a random move.
        amplitude_levels: amplitudes are drawn from these fractions of their range; empty is the whole range.
        slots: motion of each camera, in order.
        slot_layout: ``stratified`` gives camera i slot i; ``iid`` draws each camera's slot with replacement.
        weights: with ``iid``, how often each motion of the slots is drawn; empty is as often as it has slots.
        layout: ``shared`` starts all cameras of a rig at one pose, ``independent`` each at its own, ``mixed``
            makes a share ``independent_share`` of rigs independent (Appendix C.4: 27K of 163K videos).
        validity: what paths may do, and what becomes of those that do not.
    """

    __pydantic_config__ = STRICT
    name: str = "paper"
    radius_m: Range = (0.5, 10.0)
    radius_limits_m: tuple[float, ...] = ()
    elevation_deg: Range = (0.0, 45.0)
    pan_deg: Range = (5.0, 60.0)
    tilt_deg: Range = (5.0, 45.0)
    translation_ratio: Range = (0.25, 1.0)
    arc_deg: Range = (5.0, 60.0)
    random_ratio: Range = (0.25, 1.0)
    waypoints: tuple[int, int] = (1, MAX_WAYPOINTS)
    max_turn_deg: float = 100.0
    speed_a: Range = (2.0, 4.5)
    constant_share: float = 0.5
    track_share: float = 0.85
    aim_fraction: float = 0.65
    independent_share: float = 27 / 163
    amplitude_levels: tuple[float, ...] = ()
    radius_measure: Literal["radius", "volume", "log"] = "radius"
    elevation_measure: Literal["area", "angle"] = "area"
    time_base: TimeBase = "closed"
    pace: Literal["stratified", "iid"] = "stratified"
    pan_tilt: Literal["separate", "joint"] = "separate"
    translation_frame: Literal["world", "camera", "subject"] = "world"
    translation_axes: tuple[str, ...] = AXES
    arc_path: Literal["circle", "chord"] = "circle"
    spline: Spline = "catmull_rom"
    slot_layout: Literal["stratified", "iid"] = "stratified"
    layout: Literal["shared", "independent", "mixed"] = "shared"
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
    weights: dict[str, float] = field(default_factory=dict)
    validity: Limits = field(default_factory=Limits)

    def checked(self, where: str) -> "Rules":
        """Return self, or raise InputError naming the first field whose value cannot be drawn from."""
        for name, low, high in _LIMITS:
            _check_range(getattr(self, name), low, high, f"{where}: {name}")
        if not 1 <= len(self.slots) <= MAX_CAMERAS:
            fix = f"give 1 to {MAX_CAMERAS}"
            raise InputError(f"{len(self.slots)} cameras are impossible", where=f"{where}: slots", fix=fix)
        _check_names(self.slots, MOTIONS, "motion", f"{where}: slots")
        _check_names(self.translation_axes, AXES, "axis", f"{where}: translation_axes")
        for name in ("lenses", "translation_axes"):
            if not getattr(self, name):
                raise InputError(f"no {name}", where=f"{where}: {name}", fix="give at least one")
        for index, lens in enumerate(self.lenses):
            for name, value in asdict(lens).items():
                _check_range(value, 0.1, 1e4, f"{where}: lenses.{index}.{name}")
        _check_weights(self, f"{where}: weights")
        self.validity.checked(f"{where}: validity")
        return self

    def within(self, radius_m: float) -> "Rules":
        """The same rules with starts no farther than ``radius_m`` from the pivot."""
        low, high = self.radius_m
        limits = tuple(min(limit, radius_m) for limit in self.radius_limits_m)
        return replace(self, radius_m=(min(low, radius_m), min(high, radius_m)), radius_limits_m=limits)


_LIMITS = (
    ("radius_m", 0.05, 1e4),
    ("radius_limits_m", 0.05, 1e4),
    ("elevation_deg", -45.0, 80.0),
    ("pan_deg", 0.0, 180.0),
    ("tilt_deg", 0.0, 90.0),
    ("translation_ratio", 0.0, 10.0),
    ("arc_deg", 0.0, 360.0),
    ("random_ratio", 0.01, 10.0),
    ("waypoints", 1.0, float(MAX_WAYPOINTS)),
    ("speed_a", 0.0, 20.0),
    ("max_turn_deg", 0.0, 180.0),
    ("constant_share", 0.0, 1.0),
    ("track_share", 0.0, 1.0),
    ("aim_fraction", 0.0, 1.0),
    ("independent_share", 0.0, 1.0),
    ("amplitude_levels", 0.0, 1.0),
)

INFERRED = frozenset(
    {
        *("radius_measure", "elevation_measure", "time_base", "speed_a", "pace", "aim_fraction"),
        *("pan_tilt", "translation_frame", "track_share", "arc_path", "spline", "max_turn_deg"),
        *("slots", "slot_layout"),
    }
)

PRESETS: dict[str, Rules] = {
    "paper": Rules(),
    # The published MultiCamVideo card, and what its camera files show.
    "release": Rules(
        name="release",
        radius_limits_m=(3.0, 5.0, 7.0, 10.0),
        pan_deg=(5.0, 45.0),
        tilt_deg=(5.0, 30.0),
        arc_deg=(15.0, 75.0),
        time_base="release",
        arc_path="chord",
        spline="unreal_keys",
        lenses=(
            Lens(focal_length_mm=18.0, f_number=10.0),
            Lens(focal_length_mm=24.0, f_number=5.0),
            Lens(focal_length_mm=35.0, f_number=2.4),
            Lens(focal_length_mm=50.0, f_number=2.4),
        ),
    ),
    # Twenty moves made by hand (Appendix C.1): the basic evaluation moves at half and at full size.
    "toy": Rules(
        name="toy",
        pan_deg=(10.0, 20.0),
        tilt_deg=(5.0, 10.0),
        arc_deg=(15.0, 30.0),
        translation_ratio=(0.25, 0.5),
        amplitude_levels=(0.0, 1.0),
        constant_share=1.0,
        track_share=1.0,
        translation_frame="camera",
        translation_axes=("+z", "-z", "+y", "-y"),
        slot_layout="iid",
        slots=("pan", "tilt", "translation", "translation", "arc") * 2,
    ),
}


def rules_named(name: str, *, where: str = "rules") -> Rules:
    """The preset of that name; InputError for an unknown one."""
    if name not in PRESETS:
        raise InputError(f"unknown preset {name!r}", where=where, fix=f"use {', '.join(PRESETS)}")
    return PRESETS[name]


def rules_from(table: dict[str, Any], where: str) -> Rules:
    """Rules of a settings table: a ``preset`` (``paper`` if not named), ``cameras``, and any field to change.

    ``cameras`` repeats the layout's moving slots, and keeps its last one, for a smaller or larger rig.
    InputError names the key at fault.
    """
    changes = dict(table)
    preset = rules_named(str(changes.pop("preset", "paper")), where=f"{where}: preset")
    cameras = changes.pop("cameras", None)
    rules = validated(Rules, {**asdict(preset), **changes}, where=where)
    if cameras is not None:
        rules = replace(rules, slots=_slots(rules.slots, cameras, f"{where}: cameras"))
    return rules.checked(where)


def rules_table(rules: Rules) -> dict[str, Any]:
    """All fields as a settings table; ``rules_from`` gives the rules back."""
    values = {field.name: getattr(rules, field.name) for field in fields(rules)}
    lenses = [asdict(lens) for lens in rules.lenses]
    return {"preset": values.pop("name"), **values, "lenses": lenses, "validity": asdict(rules.validity)}


def _slots(slots: tuple[str, ...], cameras: Any, where: str) -> tuple[str, ...]:
    if not isinstance(cameras, int) or not 2 <= cameras <= MAX_CAMERAS:
        fix = f"give a whole number, 2 to {MAX_CAMERAS}"
        raise InputError(f"{cameras!r} cameras are impossible", where=where, fix=fix)
    moving = slots[:-1] or slots
    return (*(moving[i % len(moving)] for i in range(cameras - 1)), slots[-1])


def _check_range(value: float | tuple[float | int, ...], low: float, high: float, where: str) -> None:
    values = value if isinstance(value, tuple) else (value, value)
    is_range = len(values) == 2 and where.rpartition(" ")[2] not in ("radius_limits_m", "amplitude_levels")
    if is_range and not values[0] <= values[1]:
        what = f"{values[0]:g}..{values[1]:g} is empty"
        raise InputError(what, where=where, fix="put the smaller number first")
    if values and not low <= min(values) <= max(values) <= high:
        what = f"{list(values) if isinstance(value, tuple) else value} is out of bounds"
        raise InputError(what, where=where, fix=f"keep it within {low:g}..{high:g}")


def _check_weights(rules: Rules, where: str) -> None:
    _check_names(tuple(rules.weights), rules.slots, "slot", where)
    if rules.weights and rules.slot_layout != "iid":
        fix = 'write slot_layout = "iid", or leave the weights out'
        raise InputError("stratified slots have no weights", where=where, fix=fix)
    if rules.weights and not (min(rules.weights.values()) >= 0 < sum(rules.weights.values()) < math.inf):
        raise InputError("weights that cannot be drawn from", where=where, fix="give numbers from 0 on")


def _check_names(names: tuple[str, ...], known: Any, noun: str, where: str) -> None:
    for name in names:
        if name not in known:
            raise InputError(f"unknown {noun} {name!r}", where=where, fix=f"use {', '.join(known)}")
