"""What an environment is: props at places, and light."""

from dataclasses import dataclass

from ..unreal_space import Number, Triple
from .lighting import Lighting
from .meshes import Part


@dataclass(frozen=True, kw_only=True)
class Prop:
    """A named, placed thing of a level; its parts are in its own frame (cm, Z up, origin on the ground)."""

    parts: list[Part]
    location_cm: Triple = (0.0, 0.0, 0.0)
    yaw_deg: Number = 0.0


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A level: its props by actor name and its light. The ground is z = 0 wherever figures may stand."""

    props: dict[str, Prop]
    lighting: Lighting
