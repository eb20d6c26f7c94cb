"""UnrealCV's ``/objects`` and ``/object/[str]/...`` commands."""

from collections.abc import Callable

from ..world.actors import CUBE_CLASS
from ..world.world import World
from .dispatch import Dispatcher, floats, triple, uint


class ObjectCommands:
    """Handlers for the actors of a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def bind(self, dispatcher: Dispatcher) -> None:
        """Bind every object command."""
        bind, bind_action = dispatcher.bind, dispatcher.bind_action
        world, spawn, one = self._world, self._world.spawn, "/object/[str]"
        bind("vget /objects", lambda: "".join(f"{name} " for name in world.actors), "Names of all actors")
        bind("vset /objects/spawn_cube", lambda: spawn(CUBE_CLASS).name, "Spawn a cube of 1 m", True)
        bind(
            "vset /objects/spawn_cube [str]", lambda n: spawn(CUBE_CLASS, n).name, "Spawn a named cube", True
        )
        bind("vset /objects/spawn [str]", lambda c: spawn(c).name, "Spawn an actor of a class", True)
        bind("vset /objects/spawn [str] [str]", lambda c, n: spawn(c, n).name, "Spawn a named actor", True)
        for member, unit in (("location", "cm"), ("rotation", "pitch yaw roll, deg"), ("scale", "factors")):
            bind(f"vget {one}/{member}", self._getter(member), f"World {member}, {unit}")
            template = f"vset {one}/{member} [float] [float] [float]"
            bind_action(template, self._setter(member), f"Set world {member}, {unit}")
        bind(f"vget {one}/bounds", self._bounds, "World box: smallest xyz, largest xyz, cm")
        bind(f"vget {one}/color", self._color, "Mask colour")
        bind_action(f"vset {one}/color [uint] [uint] [uint]", self._paint, "Set the mask colour")
        bind(f"vget {one}/mobility", lambda name: world.actor(name).mobility, "Mobility")
        bind(f"vget {one}/uclass_name", lambda name: world.actor(name).uclass, "Class name")
        bind_action(f"vset {one}/show", lambda name: world.show(name, True), "Show")
        bind_action(f"vset {one}/hide", lambda name: world.show(name, False), "Hide")
        bind_action(f"vset {one}/destroy", world.destroy, "Destroy")
        bind_action(f"vset {one}/name [str]", world.rename, "Rename")

    def _getter(self, member: str) -> Callable[[str], str]:
        return lambda name: triple(getattr(self._world.actor(name), member))

    def _setter(self, member: str) -> Callable[..., None]:
        return lambda name, *values: self._world.place(name, **{member: floats(values)})

    def _bounds(self, name: str) -> str:
        return " ".join(f"{value:.2f}" for value in self._world.actor(name).bounds_cm().ravel())

    def _color(self, name: str) -> str:
        red, green, blue = self._world.actor(name).color
        return f"(R={red},G={green},B={blue},A=255)"

    def _paint(self, name: str, red: str, green: str, blue: str) -> None:
        self._world.paint(name, (uint(red), uint(green), uint(blue)))
