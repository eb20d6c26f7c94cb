"""What an environment consists of: props and light."""

from dataclasses import dataclass

from .shapes.meshes import Part, Rgb
from .unreal_space import Number, Triple

# Shaders have room for no more.
MOST_LAMPS = 4
# The lowest and the highest corner.
Space = tuple[Triple, Triple]


@dataclass(frozen=True, kw_only=True)
class Lamp:
    """A small light that casts no shadow; it has half its strength at ``reach_cm``."""

    location_cm: Triple
    radiance: Rgb
    reach_cm: Number


@dataclass(frozen=True, kw_only=True)
class Lighting:
    """Sun, sky and, indoors, at most ``MOST_LAMPS`` lamps; radiance is linear.

    ``sun_rotation_deg`` is the (pitch, yaw, roll) of the direction in which sunlight travels. All props that
    cast or receive sun shadows are within ``shadow_radius_cm`` of ``shadow_center_cm``. Fog has the colour
    ``haze``. The sky has a texture with that tint, or the tint alone.
    """

    sun_rotation_deg: Triple
    sun_radiance: Rgb
    sky_radiance: Rgb
    ground_radiance: Rgb
    haze: Rgb = (0.0, 0.0, 0.0)
    fog_per_m: Number = 0.0
    exposure: Number
    lamps: tuple[Lamp, ...] = ()
    shadow_center_cm: Triple
    shadow_radius_cm: Number
    sky_texture: str | None = "sky"
    sky_tint: Rgb = (1.0, 1.0, 1.0)

    def __post_init__(self) -> None:
        if len(self.lamps) > MOST_LAMPS:
            raise ValueError(f"{len(self.lamps)} lamps; give at most {MOST_LAMPS}")


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
    space_cm: Space | None = None
