"""UnrealCV's `/objects` and `/object/[str]/...` commands."""

from collections.abc import Callable

from ..world.world import CUBE_CLASS, World
from .dispatch import Dispatcher, floats, triple, uint


class ObjectCommands:
    """Handlers on the actors of a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def bind(self, to: Dispatcher) -> None:
        """Bind every object command."""
        world, one = self._world, "/object/[str]"
        to.bind("vget /objects", lambda: "".join(f"{name} " for name in world.actors), "Names of all actors")
        self._bind_spawning(to)
        for member, unit in (("location", "cm"), ("rotation", "pitch yaw roll, deg"), ("scale", "factors")):
            to.bind(f"vget {one}/{member}", self._getting(member), f"World {member}, {unit}")
            template = f"vset {one}/{member} [float] [float] [float]"
            to.act(template, self._setting(member), f"Set world {member}, {unit}")
        to.bind(f"vget {one}/bounds", self._bounds, "World box: smallest xyz, largest xyz, cm")
        to.bind(f"vget {one}/color", self._color, "Mask colour")
        to.act(f"vset {one}/color [uint] [uint] [uint]", self._paint, "Set the mask colour")
        to.bind(f"vget {one}/mobility", lambda name: world.actor(name).mobility, "Mobility")
        to.bind(f"vget {one}/uclass_name", lambda name: world.actor(name).uclass, "Class name")
        to.act(f"vset {one}/show", lambda name: world.show(name, True), "Show")
        to.act(f"vset {one}/hide", lambda name: world.show(name, False), "Hide")
        to.act(f"vset {one}/destroy", world.destroy, "Destroy")
        to.act(f"vset {one}/name [str]", world.rename, "Rename")

    def _bind_spawning(self, to: Dispatcher) -> None:
        spawn = self._world.spawn
        to.bind("vset /objects/spawn_cube", lambda: spawn(CUBE_CLASS).name, "Spawn a cube of 1 m", True)
        to.bind(
            "vset /objects/spawn_cube [str]", lambda n: spawn(CUBE_CLASS, n).name, "Spawn a named cube", True
        )
        to.bind("vset /objects/spawn [str]", lambda c: spawn(c).name, "Spawn an actor of a class", True)
        to.bind("vset /objects/spawn [str] [str]", lambda c, n: spawn(c, n).name, "Spawn a named actor", True)

    def _getting(self, member: str) -> Callable[[str], str]:
        return lambda name: triple(getattr(self._world.actor(name), member))

    def _setting(self, member: str) -> Callable[..., None]:
        return lambda name, *values: self._world.place(name, **{member: floats(values)})

    def _bounds(self, name: str) -> str:
        return " ".join(f"{value:.2f}" for value in self._world.bounds_cm(name).ravel())

    def _color(self, name: str) -> str:
        red, green, blue = self._world.actor(name).color
        return f"(R={red},G={green},B={blue},A=255)"

    def _paint(self, name: str, red: str, green: str, blue: str) -> None:
        self._world.paint(name, (uint(red), uint(green), uint(blue)))
