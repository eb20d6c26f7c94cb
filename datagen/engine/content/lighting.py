"""The light of an environment, in Unreal's space (cm, degrees, linear radiance)."""

from dataclasses import dataclass

from ..unreal_space import Number, Triple

Rgb = Triple
DAYLIGHT_INTENSITY = 10.0


@dataclass(frozen=True, kw_only=True)
class Lamp:
    """A small light without shadow; `reach_cm` is where it has lost half of its strength."""

    location_cm: Triple
    radiance: Rgb
    reach_cm: Number


@dataclass(frozen=True, kw_only=True)
class Lighting:
    """Sun, sky and, indoors, two lamps. `sun_rotation_deg` is (pitch, yaw, roll) of where sunlight travels.

    `shadow_center_cm` and `shadow_radius_cm` bound what can cast or receive sun shadows.
    """

    sun_rotation_deg: Triple
    sun_radiance: Rgb
    sky_radiance: Rgb
    ground_radiance: Rgb
    fog_per_m: Number
    exposure: Number
    lamps: tuple[Lamp, Lamp] | None
    shadow_center_cm: Triple
    shadow_radius_cm: Number
