"""UnrealCV's ``/objects`` and ``/object/[str]/...`` commands."""

from collections.abc import Callable

from ..content.unreal_space import Triple
from ..world.world import World
from .dispatch import Dispatcher, floats, triple, uint


class ObjectCommands:
    """Handlers for the actors of a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def bind(self, dispatcher: Dispatcher) -> None:
        """Bind every object command."""
        bind, bind_action = dispatcher.bind, dispatcher.bind_action
        world, one = self._world, "/object/[str]"
        bind("vget /objects", lambda: "".join(f"{name} " for name in world.actors), "Names of all actors")
        self._bind_spawn(dispatcher)
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
        bind(f"vset {one}/name [str]", self._rename, "Rename", changes_scene=True)
        bind(f"vget {one}/label", lambda name: world.actor(name).label or name, "Label, as of the editor")
        bind_action(f"vset {one}/label [str]", self._set_label, "Set the label", changes_scene=False)
        bind(f"vget {one}/vertex_location", self._vertices, "World location of every vertex, cm")

    def _bind_spawn(self, dispatcher: Dispatcher) -> None:
        """Bind the forms with and without name and location."""

        def spawn_cube(*words: str) -> str:
            return self._world.spawn_cube(*_name_and_location(words)).name

        def spawn(uclass: str, *words: str) -> str:
            return self._world.spawn(uclass, *_name_and_location(words)).name

        location = "[float] [float] [float]"
        for words in ("", " [str]", f" {location}", f" [str] {location}"):
            for template, handler, description in (
                ("vset /objects/spawn_cube", spawn_cube, "Spawn a cube of 1 m"),
                ("vset /objects/spawn [str]", spawn, "Spawn an actor of a class"),
            ):
                dispatcher.bind(template + words, handler, description, changes_scene=True)

    def _getter(self, member: str) -> Callable[[str], str]:
        return lambda name: triple(getattr(self._world.actor(name), member))

    def _setter(self, member: str) -> Callable[..., None]:
        return lambda name, *values: self._world.place(name, **{member: floats(values)})

    def _rename(self, name: str, new_name: str) -> str:
        if self._world.actor(name).name == new_name:
            return "The name has already been set"
        self._world.rename(name, new_name)
        return "ok"

    def _set_label(self, name: str, label: str) -> None:
        self._world.actor(name).label = label

    def _vertices(self, name: str) -> str:
        vertices_cm = self._world.actor(name).vertices_cm()
        return "%.5f     %.5f     %.5f\n" * len(vertices_cm) % tuple(vertices_cm.ravel().tolist())

    def _bounds(self, name: str) -> str:
        return " ".join(f"{value:.2f}" for value in self._world.actor(name).bounds_cm().ravel())

    def _color(self, name: str) -> str:
        red, green, blue = self._world.actor(name).color
        return f"(R={red},G={green},B={blue},A=255)"

    def _paint(self, name: str, red: str, green: str, blue: str) -> None:
        self._world.paint(name, (uint(red), uint(green), uint(blue)))


def _name_and_location(words: tuple[str, ...]) -> tuple[str | None, Triple]:
    """Parse an optional name and an optional location."""
    name = words[0] if len(words) in (1, 4) else None
    return name, floats(words[-3:]) if len(words) >= 3 else (0.0, 0.0, 0.0)
