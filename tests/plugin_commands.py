"""The command templates of UnrealCV's plugin, as its ``docs/reference/command_schema.json`` lists them."""

_XYZ = "[float] [float] [float]"
_CAMERA = {
    "vget": (
        "location rotation fov size depth=[str] lit=[str] normal=[str] object_mask=[str] optical_flow=[str] "
        "seg=[str]"
    ),
    "vset": (
        f"location={_XYZ} rotation={_XYZ} moveto={_XYZ} fov=[float] size=[uint]_[uint] ortho_width=[float] "
        "projection_type=[str] lit_source=[str] reflection=[str] illumination=[str] exposure_method=[str] "
        "exposure_bias=[float] auto_speed=[float]_[float] auto_brightness=[float]_[float] "
        "physical_exposure=[uint] motion_blur=[float]_[float]_[float]_[uint] focal=[float]_[float]"
    ),
}
_OBJECT = {
    "vget": (
        "location rotation scale bounds vertex_location color mobility uclass_name label material bones "
        "bones=[str] bones=[str]_[str]"
    ),
    "vset": (
        f"location={_XYZ} rotation={_XYZ} scale={_XYZ} color=[uint]_[uint]_[uint] show hide destroy "
        "name=[str] label=[str] material=[uint]_[str]"
    ),
}
_OTHERS = """
vget /unrealcv/status
vget /unrealcv/help
vget /unrealcv/echo [str]
vget /unrealcv/version
vget /scene/name
vget /level/name
vget /persistent_level/id
vget /persistent_level/level_script_actor/id
vget /cameras
vset /cameras/spawn
vget /screenshot [str]
vget /viewmode
vset /viewmode [str]
vget /objects
vset /action/game/pause
vset /action/game/resume
vget /action/game/is_paused
vset /action/game/level [str]
vset /action/input/enable
vset /action/input/disable
vset /action/keyboard [str] [float]
vset /action/eyes_distance [float]
vcmd [str]
"""


def _of(one: str, parts: dict[str, str]) -> set[str]:
    """Templates of commands of a camera or object; ``name=[str]_[str]`` has arguments."""
    return {
        f"{verb} /{one}/{part.replace('=', ' ').replace('_[', ' [')}"
        for verb, listed in parts.items()
        for part in listed.replace(_XYZ, _XYZ.replace(" ", "_")).split()
    }


def _words(verb: str, fewest: int, most: int) -> set[str]:
    return {verb + " [str]" * words for words in range(fewest, most + 1)}


_SPAWN = {
    f"vset /objects/{what}{words}"
    for what in ("spawn_cube", "spawn [str]")
    for words in ("", " [str]", f" {_XYZ}", f" [str] {_XYZ}")
}
PLUGIN_COMMANDS = (
    {line for line in _OTHERS.splitlines() if line}
    | _of("camera/[uint]", _CAMERA)
    | _of("object/[str]", _OBJECT)
    | _words("vrun", 2, 6)
    | _words("vbp", 2, 11)
    | _words("vexec", 2, 7)
    | _SPAWN
)
