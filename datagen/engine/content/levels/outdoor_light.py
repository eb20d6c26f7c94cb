"""Light of outdoor levels: what times of day and weather look like."""

from dataclasses import replace

from ..environment import Lighting
from ..unreal_space import Number

_SUMMER = Lighting(
    sun_rotation_deg=(-46.0, 38.0, 0.0),
    sun_radiance=(4.1, 3.75, 3.2),
    sky_radiance=(0.84, 0.90, 1.04),
    ground_radiance=(0.46, 0.45, 0.40),
    fog_per_m=0.0014,
    exposure=0.57,
    shadow_center_cm=(0.0, 0.0, 200.0),
    shadow_radius_cm=2600.0,
    sky_texture="sky_summer",
)
LIGHTS = {
    "summer": _SUMMER,
    "clear": replace(_SUMMER, sky_texture="sky_clear", fog_per_m=0.0010),
    "overcast": replace(
        _SUMMER,
        sun_radiance=(1.9, 1.9, 1.9),
        sky_radiance=(1.05, 1.10, 1.18),
        ground_radiance=(0.56, 0.56, 0.55),
        sky_texture="sky_overcast",
        fog_per_m=0.0026,
        exposure=0.66,
    ),
    "golden": replace(
        _SUMMER,
        sun_rotation_deg=(-24.0, -50.0, 0.0),
        sun_radiance=(4.6, 3.5, 2.2),
        sky_radiance=(0.84, 0.83, 0.92),
        ground_radiance=(0.54, 0.47, 0.39),
        sky_texture="sky_golden",
        fog_per_m=0.0022,
    ),
    "desert": replace(
        _SUMMER,
        sun_radiance=(4.4, 3.9, 3.1),
        sky_radiance=(0.82, 0.84, 0.92),
        ground_radiance=(0.66, 0.56, 0.44),
        sky_texture="sky_desert",
        fog_per_m=0.0016,
        exposure=0.56,
    ),
    "winter": replace(
        _SUMMER,
        sun_radiance=(3.1, 2.9, 2.7),
        sky_radiance=(0.74, 0.84, 1.05),
        ground_radiance=(0.60, 0.64, 0.72),
        sky_texture="sky_winter",
        fog_per_m=0.0030,
        exposure=0.52,
    ),
    "pastel": replace(
        _SUMMER,
        sun_radiance=(2.6, 2.4, 2.3),
        sky_radiance=(0.92, 0.92, 1.04),
        ground_radiance=(0.70, 0.64, 0.64),
        sky_texture="sky_pastel",
        fog_per_m=0.0010,
        exposure=0.50,
    ),
}


def light(name: str, *, shadow_radius_cm: Number = 2600.0) -> Lighting:
    """A light by name."""
    return replace(LIGHTS[name], shadow_radius_cm=shadow_radius_cm)
