"""The light of a level: inputs of the shaders, or Panda's lights in a look without shaders."""

import numpy as np
from jaxtyping import Float
from panda3d.core import (
    AmbientLight,
    DirectionalLight,
    LVecBase3f,
    LVecBase4f,
    LVector3f,
    NodePath,
    PointLight,
)

from ..content.environment import Lamp, Lighting, Space
from ..content.unreal_space import CM_PER_M, Number
from . import shaders
from .looks import Look
from .panda_space import panda_point


class Lights:
    """Lights everything below a node."""

    def __init__(self, root: NodePath, look: Look) -> None:
        self._root, self._look = root, look
        self._lights: list[NodePath] = []

    def set(self, lighting: Lighting, to_sun: LVector3f, space_cm: Space | None) -> None:
        """Replace the light; fog is outside of the space, if there is one."""
        if self._look.has_shaders:
            self._set_shader(lighting, to_sun, space_cm)
        else:
            self._set_lights(lighting, to_sun)

    def _set_shader(self, lighting: Lighting, to_sun: LVector3f, space_cm: Space | None) -> None:
        program = shaders.lit_program(
            len(lighting.lamps),
            fog=None if lighting.fog_per_m == 0 else "everywhere" if space_cm is None else "outside",
            is_soft=self._look.has_soft_shadows,
        )
        self._root.set_shader(program)
        exposure = lighting.exposure
        colors = {
            "sun": lighting.sun_radiance, "sky": lighting.sky_radiance, "ground": lighting.ground_radiance,
            "haze": lighting.haze,
        }  # fmt: skip
        inputs: dict[str, object] = {name: LVecBase3f(*rgb) * exposure for name, rgb in colors.items()}
        low, high = (panda_point(*corner) for corner in space_cm or ((0, 0, 0), (0, 0, 0)))
        inputs |= {
            "to_sun": to_sun, "fog_per_m": lighting.fog_per_m, "space_low": low, "space_high": high,
        }  # fmt: skip
        for name, lamp in zip(shaders.LAMPS[: len(lighting.lamps)], lighting.lamps, strict=True):
            place = LVecBase4f(panda_point(*lamp.location_cm), _attenuation(lamp))
            inputs |= {name: place, f"{name}_radiance": LVecBase3f(*lamp.radiance) * exposure}
        self._root.set_shader_inputs(**inputs)

    def _set_lights(self, lighting: Lighting, to_sun: LVector3f) -> None:
        """Set Panda's fixed-function lights. They work on display values, hence the square roots.

        Their sum has the power of the look's tone: exactly in the shade and where sun or lamp are brightest.
        """
        for light in self._lights:
            self._root.clear_light(light)
            light.remove_node()
        ambient = AmbientLight("sky")
        mean = [
            0.5 * (s + g) * lighting.exposure
            for s, g in zip(lighting.sky_radiance, lighting.ground_radiance, strict=True)
        ]
        shade = np.array([min(0.9, 1.3 * m**0.5) for m in mean])
        ambient.set_color(LVecBase4f(*(shade**self._look.tone_exponent).tolist(), 1))
        sun = DirectionalLight("sun")
        sun.set_direction(-to_sun)
        strength = 0.34 * lighting.exposure**0.5
        sun.set_color(self._on_top(shade, strength * np.sqrt(lighting.sun_radiance)))
        self._lights = [self._root.attach_new_node(light) for light in (ambient, sun)]
        self._lights += [self._add_lamp(lamp, lighting.exposure, shade) for lamp in lighting.lamps]
        for order, light in enumerate(self._lights):
            # Add up the lights in this order, not in that of their addresses in memory.
            light.node().set_priority(len(self._lights) - order)
            self._root.set_light(light)

    def _on_top(self, shade: Float[np.ndarray, "3"], light: Float[np.ndarray, "3"]) -> LVecBase4f:
        """Return the colour of a light that is added to the shade."""
        exponent = self._look.tone_exponent
        return LVecBase4f(*((shade + light) ** exponent - shade**exponent).tolist(), 1)

    def _add_lamp(self, lamp: Lamp, exposure: Number, shade: Float[np.ndarray, "3"]) -> NodePath:
        point = PointLight("lamp")
        point.set_color(self._on_top(shade, 0.5 * np.sqrt(exposure * np.array(lamp.radiance))))
        point.set_attenuation(LVecBase3f(1, 0, _attenuation(lamp)))
        light = self._root.attach_new_node(point)
        light.set_pos(panda_point(*lamp.location_cm))
        return light


def _attenuation(lamp: Lamp) -> float:
    """The factor of the squared distance in metres."""
    return (CM_PER_M / lamp.reach_cm) ** 2
