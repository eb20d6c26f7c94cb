"""What an environment consists of: props and light."""

from dataclasses import dataclass, replace

from .meshes import Part, Rgb
from .unreal_space import Number, Triple

DAYLIGHT_INTENSITY = 10.0
# The sun is as at noon above the first height, and as in the evening below the second.
_HIGH_SUN, _LOW_SUN = 0.60, 0.38
# What the evening does to the light of the sun and of the sky, to both of them behind windows, and to lamps.
_SUN_TINT, _SKY_TINT, _LAMPS = (1.12, 0.84, 0.56), (0.98, 0.92, 0.96), 1.35


@dataclass(frozen=True, kw_only=True)
class Lamp:
    """A small light that casts no shadow; it has half its strength at ``reach_cm``."""

    location_cm: Triple
    radiance: Rgb
    reach_cm: Number


@dataclass(frozen=True, kw_only=True)
class Lighting:
    """Sun, sky and, indoors, up to four lamps; radiance is linear.

    ``sun_rotation_deg`` is the (pitch, yaw, roll) of the direction in which sunlight travels. All props that
    cast or receive sun shadows are within ``shadow_radius_cm`` of ``shadow_center_cm``.
    """

    sun_rotation_deg: Triple
    sun_radiance: Rgb
    sky_radiance: Rgb
    ground_radiance: Rgb
    fog_per_m: Number = 0.0
    exposure: Number
    lamps: tuple[Lamp, ...] = ()
    shadow_center_cm: Triple
    shadow_radius_cm: Number
    sky_texture: str = "sky"


def evening_share(sun_height: Number) -> float:
    """0 by day to 1 in the evening; ``sun_height`` is the sine of the sun's elevation."""
    share = min(max((_HIGH_SUN - sun_height) / (_HIGH_SUN - _LOW_SUN), 0.0), 1.0)
    return share * share * (3 - 2 * share)


def at_time_of_day(lighting: Lighting, sun_height: Number) -> Lighting:
    """The light when the sun is lower: warmer and dimmer, and lamps are brighter."""
    share = evening_share(sun_height)
    dimmed = 1 - 0.3 * share if lighting.lamps else 1.0
    return replace(
        lighting,
        sun_radiance=_tinted(lighting.sun_radiance, _SUN_TINT, share),
        sky_radiance=_tinted(lighting.sky_radiance, _SKY_TINT, share, dimmed),
        ground_radiance=_tinted(lighting.ground_radiance, _SKY_TINT, share, dimmed),
        lamps=tuple(
            replace(lamp, radiance=_tinted(lamp.radiance, (_LAMPS,) * 3, share)) for lamp in lighting.lamps
        ),
    )


def _tinted(color: Rgb, tint: Rgb, share: Number, factor: Number = 1.0) -> Rgb:
    """A colour, multiplied by a share of a tint and by a factor."""
    red, green, blue = (c * factor * (1 + share * (t - 1)) for c, t in zip(color, tint, strict=True))
    return (red, green, blue)


@dataclass(frozen=True)
class Prop:
    """A thing that belongs to the level; its parts are in its own frame (cm, Z up, origin on the ground)."""

    parts: list[Part]
    location_cm: Triple = (0.0, 0.0, 0.0)
    yaw_deg: Number = 0.0


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A level: its props by actor name, and its light. Characters are on the ground, z = 0.

    ``space_cm`` are the lowest and the highest corner of the room of an indoor level: cameras stay in it.
    """

    props: dict[str, Prop]
    lighting: Lighting
    space_cm: tuple[Triple, Triple] | None = None
