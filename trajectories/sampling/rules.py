"""Sampling rules: the ranges of ReCamMaster's Appendix B, and a named choice for what it does not state."""

from dataclasses import asdict, dataclass, field, fields, replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from multitake.errors import InputError
from multitake.settings import STRICT, Ordered, Share, validated

from ..lenses import Lens
from ..motions import ZOOMING
from ..shake import Handheld, HeadMounted, Shake
from ..speed import TimeBase
from ..splines import Spline
from .limits import Limits
from .slots import SLOTS, Slot

Range = tuple[float, float]
MAX_CAMERAS = 99
MAX_WAYPOINTS = 3
AXES = ("+x", "-x", "+y", "-y", "+z", "-z")
TrackTarget = Literal["start", "subject"]

_Metres = Annotated[float, Field(ge=0.05, le=1e4)]
_Elevation = Annotated[float, Field(ge=-45, le=80)]
_Angle = Annotated[float, Field(ge=0, le=180)]
_Tilt = Annotated[float, Field(ge=0, le=90)]
_Arc = Annotated[float, Field(ge=0, le=360)]
_Zoom = Annotated[float, Field(ge=1, le=20)]
_Ratio = Annotated[float, Field(ge=0, le=10)]
_PathRatio = Annotated[float, Field(ge=0.01, le=10)]
_Waypoints = Annotated[int, Field(ge=1, le=MAX_WAYPOINTS)]
_SpeedA = Annotated[float, Field(ge=0, le=20)]
_Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]


def _possible(lens: Lens) -> Lens:
    for name, value in asdict(lens).items():
        if not 0.1 <= value <= 1e4:
            raise ValueError(f"{name} must be from 0.1 to 10000, got {value:g}; correct the value")
    return lens


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How rigs are sampled. Lengths in metres, angles in degrees, ratios relative to the start distance.

    The fields in ``INFERRED`` are our interpretation: the paper gives no value for them.

    Attributes:
        radius_m: distance of the start from the subject.
        radius_limits_m: the largest start distance of a rig is one of these; empty means that of
            ``radius_m``.
        elevation_deg: elevation of the start above the subject point.
        radius_measure: ``radius`` is uniform in distance, ``volume`` in the volume of the hemisphere, ``log``
            in the logarithm of the distance.
        elevation_measure: ``area`` is uniform on the sphere, ``angle`` uniform in elevation.
        aim_fraction: height of the subject point as a share of the subject's height; 0 is the feet.
        time_base: how frames map to the time of eq. 10, see ``time_fractions``.
        speed_a: magnitude of ``a`` of eq. 10 for cameras of variable speed; both signs are equally likely.
        constant_share: share of cameras with constant speed (Appendix B: half).
        speed_sampling: ``stratified`` keeps that share within each rig and motion, ``iid`` samples each
            camera.
        pan_tilt: ``separate`` rotates about one axis; ``joint`` does both in every pan or tilt slot.
        translation_frame: the frame of ``translation_axes``: ``world``, the start ``camera`` (x right, y
            down, z forward) or the ``subject`` (x away from it, y around it, z up).
        translation_axes: the directions of translations.
        track_share: share of translations that keep aiming at the subject.
        track_target: what those translations, arcs and random moves aim at over time: the subject's point at
            the ``start`` of the clip, or the ``subject`` where it is in each frame. The paper takes the
            character's position as one point.
        arc_path: ``circle`` around the subject, or ``chord``, as in the published files.
        spline: the curve of a random move and its timing, see ``splines``.
        max_turn_deg: largest change of direction between the steps of a random move.
        amplitude_levels: amplitudes are one of these fractions of their range; empty is the entire range.
        roll_deg: angle of rolls.
        zoom_ratio: factor of the focal length of zooms, in or out; uniform in its logarithm.
        dolly_zoom_ratio: the same of dolly zooms, away from the subject or towards it.
        handheld, head_mounted: the spectra of shakes, see ``Shake``.
        slots: what each camera does, in order; see ``SLOTS``.
        slot_layout: ``stratified`` gives camera i slot i; ``iid`` samples the slot of each camera.
        weights: with ``iid``, how often each motion of the slots occurs; empty is as often as it has slots.
        layout: ``shared`` starts all cameras of a rig at one pose, ``independent`` each at another, ``mixed``
            makes a share ``independent_share`` of rigs independent (Appendix C.4: 27K of 163K videos).
        validity: limits of camera paths, and what happens to paths that break them.
    """

    __pydantic_config__ = STRICT
    name: str = field(default="paper", metadata={"key": "preset"})
    radius_m: Annotated[tuple[_Metres, _Metres], Ordered] = (0.5, 10.0)
    radius_limits_m: tuple[_Metres, ...] = ()
    elevation_deg: Annotated[tuple[_Elevation, _Elevation], Ordered] = (0.0, 45.0)
    pan_deg: Annotated[tuple[_Angle, _Angle], Ordered] = (5.0, 60.0)
    tilt_deg: Annotated[tuple[_Tilt, _Tilt], Ordered] = (5.0, 45.0)
    translation_ratio: Annotated[tuple[_Ratio, _Ratio], Ordered] = (0.25, 1.0)
    arc_deg: Annotated[tuple[_Arc, _Arc], Ordered] = (5.0, 60.0)
    random_ratio: Annotated[tuple[_PathRatio, _PathRatio], Ordered] = (0.25, 1.0)
    roll_deg: Annotated[tuple[_Angle, _Angle], Ordered] = (5.0, 30.0)
    zoom_ratio: Annotated[tuple[_Zoom, _Zoom], Ordered] = (1.5, 3.0)
    dolly_zoom_ratio: Annotated[tuple[_Zoom, _Zoom], Ordered] = (1.5, 2.5)
    waypoints: Annotated[tuple[_Waypoints, _Waypoints], Ordered] = (1, MAX_WAYPOINTS)
    max_turn_deg: _Angle = 100.0
    speed_a: Annotated[tuple[_SpeedA, _SpeedA], Ordered] = (2.0, 4.5)
    constant_share: Share = 0.5
    track_share: Share = 0.85
    aim_fraction: Share = 0.65
    independent_share: Share = 27 / 163
    amplitude_levels: tuple[Share, ...] = ()
    radius_measure: Literal["radius", "volume", "log"] = "radius"
    elevation_measure: Literal["area", "angle"] = "area"
    time_base: TimeBase = "closed"
    speed_sampling: Literal["stratified", "iid"] = "stratified"
    pan_tilt: Literal["separate", "joint"] = "separate"
    track_target: TrackTarget = "start"
    translation_frame: Literal["world", "camera", "subject"] = "world"
    translation_axes: Annotated[
        tuple[Literal["+x", "-x", "+y", "-y", "+z", "-z"], ...], Field(min_length=1)
    ] = ("+x", "-x", "+y", "-y", "+z", "-z")
    arc_path: Literal["circle", "chord"] = "circle"
    spline: Spline = "catmull_rom"
    slot_layout: Literal["stratified", "iid"] = "stratified"
    layout: Literal["shared", "independent", "mixed"] = "shared"
    slots: Annotated[tuple[Slot, ...], Field(min_length=1, max_length=MAX_CAMERAS)] = (
        *("pan", "tilt"),
        *("translation",) * 3,
        *("arc",) * 2,
        *("random",) * 2,
        "static",
    )
    lenses: Annotated[tuple[Annotated[Lens, AfterValidator(_possible)], ...], Field(min_length=1)] = (
        Lens(focal_length_mm=35.0, f_number=2.8),
        Lens(focal_length_mm=24.0, f_number=10.0),
    )
    weights: dict[str, _Weight] = field(default_factory=dict)
    handheld: Handheld = field(default_factory=Handheld)
    head_mounted: HeadMounted = field(default_factory=HeadMounted)
    validity: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if not self.weights:
            return
        if self.slot_layout != "iid":
            raise ValueError('weights need slot_layout = "iid"; set it, or remove the weights')
        unknown = [name for name in self.weights if name not in self.slots]
        if unknown:
            raise ValueError(
                f"weight of unknown slot {unknown[0]!r}; use {', '.join(dict.fromkeys(self.slots))}"
            )
        if not sum(self.weights.values()):
            raise ValueError("all weights are 0; give a positive weight")

    @property
    def motions(self) -> tuple[str, ...]:
        """The motion of each slot; with ``pan_tilt`` joint, pans and tilts are ``pan_tilt``."""
        joint = {"pan": "pan_tilt", "tilt": "pan_tilt"} if self.pan_tilt == "joint" else {}
        return tuple(joint.get(SLOTS[slot][0], SLOTS[slot][0]) for slot in self.slots)

    @property
    def shakes(self) -> tuple[str, ...]:
        """The shake of each slot."""
        return tuple(SLOTS[slot][1] for slot in self.slots)

    @property
    def has_zooms(self) -> bool:
        """Whether the focal length of any slot changes."""
        return not set(ZOOMING).isdisjoint(self.motions)

    def shake(self, name: str) -> Shake:
        """The spectrum of a shake that is not ``none``."""
        return {"handheld": self.handheld, "head_mounted": self.head_mounted}[name]

    @property
    def slot_chances(self) -> tuple[float, ...]:
        """How often each slot occurs with ``slot_layout`` iid; the sum is 1."""
        slots = self.slots
        chances = [self.weights.get(slot, 0.0) / slots.count(slot) if self.weights else 1.0 for slot in slots]
        return tuple(chance / sum(chances) for chance in chances)

    @property
    def motion_shares(self) -> dict[str, float]:
        """How often each motion occurs with ``slot_layout`` iid."""
        shares = dict.fromkeys(self.motions, 0.0)
        for motion, chance in zip(self.motions, self.slot_chances, strict=True):
            shares[motion] += chance
        return shares

    @property
    def largest_radii_m(self) -> tuple[float, ...]:
        """The values, equally likely, of a rig's largest start distance."""
        return self.radius_limits_m or self.radius_m[1:]

    def within(self, radius_m: float) -> "Rules":
        """The same rules with starts no farther than ``radius_m`` from the subject."""
        low, high = self.radius_m
        limits = tuple(min(limit, radius_m) for limit in self.radius_limits_m)
        return replace(self, radius_m=(min(low, radius_m), min(high, radius_m)), radius_limits_m=limits)


INFERRED = frozenset(
    {
        *("radius_measure", "elevation_measure", "time_base", "speed_a", "speed_sampling", "aim_fraction"),
        *(
            "pan_tilt",
            "translation_frame",
            "track_share",
            "track_target",
            "arc_path",
            "spline",
            "max_turn_deg",
        ),
        *("slots", "slot_layout"),
    }
)


def _shaken(shake: str) -> tuple[str, ...]:
    """The slots of the paper with a shake."""
    return tuple(shake if slot == "static" else f"{shake}_{slot}" for slot in Rules().slots)


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
    # Not of the paper. Its motions, each by someone who holds the camera, or who walks with it on the head.
    "handheld": Rules(name="handheld", slots=_shaken("handheld"), validity=Limits(jerk_m_per_s3=60.0)),
    "head_mounted": Rules(
        name="head_mounted",
        elevation_deg=(0.0, 15.0),
        slots=_shaken("head_mounted"),
        validity=Limits(jerk_m_per_s3=120.0),
    ),
    "zoom": Rules(name="zoom", slots=("zoom",) * 9 + ("static",)),
    # A move towards the subject ends at 2 m / 2.5.
    "dolly_zoom": Rules(name="dolly_zoom", radius_m=(2.0, 8.0), slots=("dolly_zoom",) * 9 + ("static",)),
    "roll": Rules(name="roll", slots=("roll",) * 9 + ("static",)),
}


def rules_from(table: dict[str, Any], where: str) -> Rules:
    """Rules of a settings table: a ``preset`` (default ``paper``), ``cameras``, and any field to change.

    ``cameras`` repeats the moving slots of the preset, and keeps its last slot, for a smaller or larger rig.
    InputError names the invalid key.
    """
    changes = dict(table)
    name, cameras = changes.pop("preset", "paper"), changes.pop("cameras", None)
    if not isinstance(name, str) or name not in PRESETS:
        raise InputError(f"unknown preset {name!r}", where=f"{where}.preset", fix=f"use {', '.join(PRESETS)}")
    values = {**asdict(PRESETS[name]), **changes}
    if cameras is not None:
        values["slots"] = _repeated(values["slots"], cameras, f"{where}.cameras")
    return validated(Rules, values, where=where)


def rules_table(rules: Rules) -> dict[str, Any]:
    """All fields as a settings table; ``rules_from`` gives the rules back."""
    values = {field.name: getattr(rules, field.name) for field in fields(rules)}
    lenses = [asdict(lens) for lens in rules.lenses]
    tables = {name: asdict(getattr(rules, name)) for name in ("validity", "handheld", "head_mounted")}
    return {"preset": values.pop("name"), **values, "lenses": lenses, **tables}


def _repeated(slots: Any, cameras: Any, where: str) -> Any:
    if not isinstance(cameras, int) or not 2 <= cameras <= MAX_CAMERAS:
        fix = f"give a whole number from 2 to {MAX_CAMERAS}"
        raise InputError(f"invalid number of cameras {cameras!r}", where=where, fix=fix)
    if not isinstance(slots, tuple | list) or not slots:
        return slots
    moving = slots[:-1] or slots
    return (*(moving[i % len(moving)] for i in range(cameras - 1)), slots[-1])
