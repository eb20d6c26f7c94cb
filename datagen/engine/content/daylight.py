"""What time of day and weather do to the light of a level.

Only what a client sets with Unreal's properties is known here: a low sun is warm; a sky that is bright beside
its sun is covered by clouds; under a dark sky it is night, and the lamps indoors are brighter.
"""

from dataclasses import dataclass, replace
from math import log, radians, sin

import numpy as np
from jaxtyping import Float

from .environment import Environment, Lighting
from .noise import smooth_step
from .shapes.meshes import Rgb
from .unreal_space import Number, Triple

DAYLIGHT_INTENSITY = 10.0
# Unreal's fog takes half of the light away after 10 m / FogDensity.
FOG_PER_M = log(2) / 10
# The sun is as at noon above the first height, and as in the evening below the second.
_HIGH_SUN, _LOW_SUN = 0.60, 0.38
# At sunset the sun is lower, and warmer; then the sky has another texture.
_SUNSET, _SUNSET_TINT = 0.25, (1.15, 0.80, 0.52)
# What the evening does to the light of the sun and of the sky, to both of them indoors, and to lamps.
_SUN_TINT, _SKY_TINT, _DIMMED, _LAMPS = (1.12, 0.84, 0.56), (0.98, 0.92, 0.96), 0.7, 1.35
# What the evening and the night do to the colours of the sky.
_EVENING_SKY, _NIGHT_SKY = (0.96, 0.87, 0.78), (0.11, 0.15, 0.30)
# Sun over sky, as shares of those of a clear day: clear above the first share, covered below the second.
_CLEAR, _COVERED = 0.5, 0.2
# The sky light: it is day above the first intensity, and night below the second.
_DAY, _NIGHT = 0.7, 0.15
# What night does to the light of the sun, which is the moon's, to that of the sky, and to the exposure.
_MOON_TINT, _NIGHT_TINT, _NIGHT_EXPOSURE = (0.62, 0.80, 1.15), (0.78, 0.94, 1.25), 2.8
# Indoors: what clouds do to ambient light, what night does to it, as it is that of lamps, and to lamps.
_CLOUDED, _LAMPLIGHT, _NIGHT_LAMPS = 0.85, (0.66, 0.58, 0.50), 1.5
# Thicker fog hides the sky.
_HIDES_SKY_PER_M = 0.008
# Darkness outdoors is like fog behind the windows; the colours of fog there, over those of ambient light.
_DARKNESS_PER_M, _DAY_HAZE, _NIGHT_HAZE = 0.12, (1.6, 1.6, 1.6), (0.03, 0.04, 0.08)


@dataclass(frozen=True, kw_only=True)
class Daylight:
    """What clients can set: rotation and Intensity of the sun, Intensity of the sky light, and FogDensity."""

    sun_rotation_deg: Triple
    sun_intensity: Number = DAYLIGHT_INTENSITY
    sky_intensity: Number = 1.0
    fog_density: Number = 0.0

    @property
    def evening(self) -> float:
        """0 by day to 1 in the evening."""
        return float(smooth_step(_HIGH_SUN, _LOW_SUN, self.sun_height))

    @property
    def is_sunset(self) -> bool:
        """Whether the sun is near the horizon."""
        return self.sun_height < _SUNSET

    @property
    def night(self) -> float:
        """0 by day to 1 at night."""
        return float(smooth_step(_DAY, _NIGHT, self.sky_intensity))

    @property
    def clouds(self) -> float:
        """0 with a clear sky to 1 if it is covered."""
        sky = max(self.sky_intensity, 1e-6)
        return float(smooth_step(_CLEAR, _COVERED, self.sun_scale / sky)) * (1 - self.night)

    @property
    def sun_height(self) -> float:
        """The sine of the sun's elevation."""
        return -sin(radians(self.sun_rotation_deg[0]))

    @property
    def sun_scale(self) -> Number:
        """The sun's strength; 1 is that of a clear day."""
        return self.sun_intensity / DAYLIGHT_INTENSITY


def lit_by(environment: Environment, day: Daylight) -> Lighting:
    """The light of a level at that time and in that weather."""
    level, is_indoors = environment.lighting, environment.space_cm is not None
    ambient = _mixed(_SKY_TINT, day.evening)
    sun = _mixed(_SUN_TINT, day.evening) * _mixed(_MOON_TINT, day.night) * day.sun_scale
    sun *= _mixed(_SUNSET_TINT, day.is_sunset)
    lamps = _mixed((_LAMPS,) * 3, day.evening) * _mixed((_NIGHT_LAMPS,) * 3, day.night)
    fog_per_m = day.fog_density * FOG_PER_M
    if is_indoors:
        ambient *= _mixed((_DIMMED,) * 3, day.evening) * _mixed(_LAMPLIGHT, day.night)
        ambient *= _mixed((_CLOUDED,) * 3, day.clouds)
        fog_per_m = max(fog_per_m, _DARKNESS_PER_M * day.night)
    else:
        ambient *= _mixed(_NIGHT_TINT, day.night) * day.sky_intensity
    lighting = replace(
        level,
        sun_radiance=_rgb(sun * level.sun_radiance),
        sky_radiance=_rgb(ambient * _greyed(level.sky_radiance, day.clouds)),
        ground_radiance=_rgb(ambient * _greyed(level.ground_radiance, day.clouds)),
        lamps=tuple(replace(one, radiance=_rgb(lamps * one.radiance)) for one in level.lamps),
        exposure=level.exposure * (1.0 if is_indoors else 1 + day.night * (_NIGHT_EXPOSURE - 1)),
        fog_per_m=fog_per_m,
    )
    return _with_sky(lighting, day, is_indoors)


def _with_sky(lighting: Lighting, day: Daylight, is_indoors: bool) -> Lighting:
    """The light with the sky and the haze that belong to it."""
    haze = 0.5 * (np.array(lighting.sky_radiance) + lighting.ground_radiance)
    if is_indoors:
        haze *= np.array(_DAY_HAZE) + day.night * np.subtract(_NIGHT_HAZE, _DAY_HAZE)
    else:
        haze += 0.25 * np.array(lighting.sun_radiance)
    evening = day.evening * (1 - day.night)
    texture, tint = lighting.sky_texture, _mixed(_EVENING_SKY, evening) * _mixed(_NIGHT_SKY, day.night)
    if day.is_sunset:
        texture = "sky_golden"
    elif day.clouds > 0.5:
        texture = "sky_overcast"
    if lighting.fog_per_m > _HIDES_SKY_PER_M:
        texture, tint = None, _toned(haze * lighting.exposure)
    return replace(lighting, haze=_rgb(haze), sky_texture=texture, sky_tint=_rgb(tint))


def _mixed(factors: Rgb, share: Number) -> Float[np.ndarray, "3"]:
    """Factors of which a share is applied."""
    return 1 + share * (np.array(factors) - 1)


def _greyed(color: Rgb, share: Number) -> Float[np.ndarray, "3"]:
    """A colour without a share of its hue."""
    rgb = np.array(color)
    return rgb + share * (rgb.mean() - rgb)


def _toned(radiance: Float[np.ndarray, "3"]) -> Float[np.ndarray, "3"]:
    """The display values of radiance, as in the shaders."""
    toned = radiance * (2.51 * radiance + 0.03) / (radiance * (2.43 * radiance + 0.59) + 0.14)
    return np.sqrt(np.clip(toned, 0, 1))


def _rgb(values: Float[np.ndarray, "3"]) -> Rgb:
    red, green, blue = values.tolist()
    return red, green, blue
