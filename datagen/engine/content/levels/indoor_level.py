"""From a hall, its furniture and its lamps to a level with baked light."""

from collections.abc import Sequence

import numpy as np

from ..environment import MOST_LAMPS, Environment, Lamp, Lighting, Prop
from ..shapes.meshes import Part, Rgb, facing
from ..unreal_space import Number, Triple
from .baked_light import baked
from .distinct import displaced
from .indoor_shell import Hall, shell

Rng = np.random.Generator
Props = dict[str, Prop]
DAYLIGHT: Rgb = (4.6, 4.2, 3.6)
WARM: Rgb = (1.0, 0.80, 0.55)
WHITE: Rgb = (0.96, 0.94, 0.88)


def level(
    hall: Hall,
    furniture: Props,
    rng: Rng,
    *,
    lamps_cm: Sequence[Triple],
    lamp: Rgb = WARM,
    lamp_reach_cm: Number = 230.0,
    sky: Rgb = (0.56, 0.56, 0.58),
    ground: Rgb = (0.50, 0.45, 0.40),
    sun: Rgb = DAYLIGHT,
    exposure: Number = 0.76,
) -> Environment:
    """The environment; of ``lamps_cm`` the first four are lights, and all of them brighten what is near."""
    top = hall.height
    props = baked(
        shell(hall, rng) | {name: displaced(prop, rng) for name, prop in furniture.items()},
        low_cm=(-hall.half_x, -hall.half_y, 0.0),
        high_cm=(hall.half_x, hall.half_y, top),
        lamps_cm=lamps_cm,
        lamp_reach_cm=lamp_reach_cm,
        stained=("Floor", "Ceiling", *(f"Wall_{side}" for side in hall.walls)),
    )
    lighting = Lighting(
        sun_rotation_deg=(-36.0, -68.0, 0.0),
        sun_radiance=sun,
        sky_radiance=sky,
        ground_radiance=ground,
        exposure=exposure,
        lamps=tuple(
            Lamp(location_cm=place, radiance=lamp, reach_cm=lamp_reach_cm) for place in lamps_cm[:MOST_LAMPS]
        ),
        shadow_center_cm=(0.0, 0.0, top / 2),
        shadow_radius_cm=float(np.hypot(np.hypot(hall.half_x, hall.half_y), top / 2)) + 60,
    )
    space_cm = ((-hall.half_x, -hall.half_y, 0.0), (hall.half_x, hall.half_y, top))
    return Environment(props=props, lighting=lighting, space_cm=space_cm)


def at(parts: list[Part], x: Number, y: Number, yaw_deg: Number = 0.0, z: Number = 0.0) -> Prop:
    """A prop at a place."""
    return Prop(parts, (x, y, z), yaw_deg)


def numbered(name: str, props: Sequence[Prop]) -> Props:
    """Props named ``NAME_0``, ``NAME_1``, and so on."""
    return {f"{name}_{index}": prop for index, prop in enumerate(props)}


def around(
    x: Number,
    y: Number,
    distance_cm: Number,
    angles_deg: Sequence[Number],
    parts: list[Part],
    rng: Rng,
) -> list[Prop]:
    """Seats around a place, each facing it, about where people leave them."""
    props = []
    for angle in angles_deg:
        turn = np.radians(angle)
        reach = distance_cm + rng.uniform(-4, 9)
        place = (float(x + reach * np.cos(turn)), float(y + reach * np.sin(turn)))
        props.append(at(parts, *place, angle + 180 + float(rng.uniform(-14, 14))))
    return props


def on(prop: Prop, parts: list[Part], dx: Number = 0.0, dy: Number = 0.0, yaw_deg: Number = 0.0) -> Prop:
    """The prop with further parts that stand on it, in its own frame."""
    return Prop([*prop.parts, *facing(parts, yaw_deg, dx, dy)], prop.location_cm, prop.yaw_deg)
