"""The checks of the doctor: each returns what it measured, or raises an EngineError that says why not."""

import time
from dataclasses import replace
from typing import Any

import numpy as np

from trajectories import CameraPose

from ..drive.characters import (
    check_placed,
    colour_objects,
    placed_actors,
    placing_commands,
    set_animation,
    spawn_character,
)
from ..drive.connecting import Patience, connected_unrealcv
from ..drive.driver import EngineDriver
from ..drive.errors import EngineError, RefusedError
from ..drive.lights import check_lights, set_light
from ..drive.links import level_path
from ..drive.remote_control_link import RemoteControlLink
from ..drive.settling import SettlingLimits, change, settled_after, views, warm_up_captures
from ..drive.unrealcv_link import address_text
from ..mask_colours import mask_objects
from .examination import AHEAD_M, CAMERAS, CUBE, CUBE_COLOUR, HEIGHT_PX, WIDTH_PX, Examination, pixels_of

_ECHOES = 100
_ACTOR = "multitake_actor"
# Lumen lights scene captures since this version.
_LEAST_VERSION = (5, 5)
_DEPTH_TOLERANCE, _PIXEL_TOLERANCE = 0.01, 3.0
_BRIGHTER, _STRONGER = 1.02, (10.0, 100.0)
# How far the skin of a body can be from its middle.
_BODY_M = 1.0
_FRAMES = 4


def handshake(examined: Examination) -> str:
    """UnrealCV greets, and answers in order."""
    choice = examined.choice
    patience = Patience(start_timeout_s=choice.start_timeout_s, reply_timeout_s=choice.reply_timeout_s)
    unrealcv = connected_unrealcv(examined.address, patience)
    examined.links.callback(unrealcv.close)
    words = [f"word{number}" for number in range(_ECHOES)]
    began_s = time.monotonic()
    replies = unrealcv.ask_all([f"vget /unrealcv/echo {word}" for word in words])
    if replies != words:
        raise EngineError("echoes came back in another order")
    each_ms = 1000 * (time.monotonic() - began_s) / _ECHOES
    address = examined.address
    remote_control = RemoteControlLink(
        address.host, address.remote_control_port, timeout_s=choice.reply_timeout_s
    )
    examined.links.callback(remote_control.close)
    examined.driver = EngineDriver.of(unrealcv, remote_control, choice)
    return f"{address_text(unrealcv.address)}, {_ECHOES} echoes, {each_ms:.2f} ms each"


def same_tick(examined: Examination) -> str:
    """The commands of a batch wait for each other."""
    if not examined.engine.unrealcv.holds_batches():
        raise EngineError("commands after vbatch do not wait for each other, so cameras see different ticks")
    return "the commands of a vbatch run in one tick"


def remote_control(examined: Examination) -> str:
    """Remote Control answers."""
    examined.engine.remote_control.wait_ready(examined.choice.reply_timeout_s)
    routes = examined.engine.remote_control.routes()
    needed = {"/remote/object/call", "/remote/object/property", "/remote/search/assets"}
    if not needed <= routes:
        raise EngineError(f"missing routes: {', '.join(sorted(needed - routes))}")
    return f"port {examined.address.remote_control_port}, {len(routes)} routes"


def versions(examined: Examination) -> str:
    """Engine and plugin are known, and new enough."""
    version = examined.engine.engine_version()
    number = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if len(number) == 2 and number < _LEAST_VERSION:
        raise EngineError(f"{version}: Lumen does not light scene captures before 5.5")
    return version


def assets(examined: Examination) -> str:
    """The engine has what the catalog names."""
    missing = examined.engine.missing_assets(examined.catalog)
    if missing is None:
        raise EngineError("the asset search finds none of the catalog's assets")
    if missing:
        raise EngineError(f"{len(missing)} missing: {', '.join(missing[:3])}")
    return f"{len(examined.catalog.assets)} of the catalog"


def level(examined: Examination) -> str:
    """A level opens, with a game and a player."""
    began_s = time.monotonic()
    objects = examined.engine.open_environment(examined.environment)
    load_s = time.monotonic() - began_s
    return f"{examined.environment.name}: {len(objects)} objects, {load_s:.1f} s"


def game(examined: Examination) -> str:
    """What UnrealCV spawns is found by Remote Control: both see the same world."""
    examined.engine.unrealcv.ask(f"vset /objects/spawn SkeletalMeshActor {_ACTOR}")
    try:
        examined.engine.remote_control.call(_actor_path(examined), "GetNumBones")
    except RefusedError as error:
        if "not exist" in str(error):
            raise EngineError(f"Remote Control knows no actor of UnrealCV: {error}") from error
    return "UnrealCV and Remote Control see the same actors"


def permissions(examined: Examination) -> str:
    """Remote Control allows all functions that the driver calls."""
    path, character = _actor_path(examined), examined.character.asset
    environment, lights = examined.environment, examined.catalog.lights
    level = level_path(environment.asset)
    calls: tuple[tuple[str, str, dict[str, Any]], ...] = (
        (path, "SetSkeletalMeshAsset", {"NewMesh": character}),
        (path, "GetNumBones", {}),
        (path, "PlayAnimation", {"NewAnimToPlay": examined.animation.asset, "bLooping": True}),
        (path, "SetPlayRate", {"Rate": 0.0}),
        (path, "SetPosition", {"InPos": 0.0, "bFireNotifies": False}),
        (path, "GetPosition", {}),
        (f"{level}.{environment.sun}.LightComponent0", "SetIntensity", {"NewIntensity": lights[0].intensity}),
        (f"{level}.{environment.sky_light}.SkyLightComponent0", "SetIntensity", {"NewIntensity": 1.0}),
        (f"{level}.{environment.fog}.HeightFogComponent0", "SetFogDensity", {"Value": 0.0}),
    )
    refused: dict[str, str] = {}
    for one, function, parameters in calls:
        try:
            examined.engine.remote_control.call(one, function, **parameters)
        except RefusedError as error:
            # What does not exist is the matter of other checks.
            if "not exist" not in str(error):
                refused.setdefault(function, str(error))
    if refused:
        raise EngineError(f"refused: {', '.join(refused)} ({next(iter(refused.values()))})")
    return f"{len(calls)} functions may be called"


def _actor_path(examined: Examination) -> str:
    return f"{level_path(examined.environment.asset)}.{_ACTOR}.SkeletalMeshComponent0"


def cameras(examined: Examination) -> str:
    """Ten cameras are spawned, posed, and where they should be."""
    examined.spawn_cameras(CAMERAS)
    poses = examined.looking_ahead(CAMERAS)
    examined.engine.cameras.pose(poses, warm_up=0)
    examined.engine.cameras.check(poses)
    return f"{CAMERAS} cameras, ids {examined.engine.cameras.ids[0]} to {examined.engine.cameras.ids[-1]}"


def show_flags(examined: Examination) -> str:
    """Cameras have the show flags of the look."""
    if examined.engine.has_show_flags is False:
        raise EngineError("the show flags TemporalAA and MotionBlur of cameras cannot be set")
    return "set" if examined.engine.has_show_flags else f"the look {examined.choice.look} needs none"


def images(examined: Examination) -> str:
    """Images have the size that was set, and show something."""
    _, view = views(examined.environment)
    image = examined.captured_from(view, "video")
    if image.std() < 2:
        raise EngineError(f"the image at the first spot shows nothing (mean {image.mean():.0f} of 255)")
    way = "in one LychSim command" if examined.engine.is_batched else "one by one"
    return f"BMP {WIDTH_PX}x{HEIGHT_PX}, mean {image.mean():.0f} of 255, captured {way}"


def masks(examined: Examination) -> str:
    """A spawned cube is in masks, in its colour."""
    examined.spawn_cube()
    count = len(pixels_of(examined.mask_from(examined.looking_ahead(1)[0]), CUBE_COLOUR))
    if not count:
        raise EngineError(f"a cube {AHEAD_M:g} m in front of the camera is not in its mask")
    return f"a spawned cube has {count} pixels of its colour"


def depth(examined: Examination) -> str:
    """Depth is planar, in centimetres: that of the cube's front."""
    pose = examined.looking_ahead(1)[0]
    found_m = float(examined.captured_from(pose, "depth")[HEIGHT_PX // 2, WIDTH_PX // 2])
    expected_m = float(examined.bounds_m(CUBE)[0, 0] - pose.position_m[0])
    if abs(found_m - expected_m) > _DEPTH_TOLERANCE * expected_m:
        raise EngineError(f"the cube's front is {expected_m:.3f} m away, but depth says {found_m:.3f} m")
    return f"{found_m:.3f} m to a front at {expected_m:.3f} m"


def handedness(examined: Examination) -> str:
    """The cube is where its position projects, from several poses: units, axes and angles."""
    ahead = examined.looking_ahead(1)[0]
    centre_m = examined.bounds_m(CUBE).mean(axis=0)
    turns = {
        "moved 1 m to the right": ((0.0, -1.0, 0.0), (0.0, 0.0, 0.0)),
        "moved 0.5 m up": ((0.0, 0.0, 0.5), (0.0, 0.0, 0.0)),
        "turned 10 degrees to the right": ((0.0, 0.0, 0.0), (0.0, -0.18, 0.0)),
        "turned 8 degrees up": ((0.0, 0.0, 0.0), (0.0, 0.0, 0.14)),
    }
    largest_px = 0.0
    for name, (moved_m, turned) in turns.items():
        pose = CameraPose.looking(ahead.position_m + moved_m, np.array([1.0, 0.0, 0.0]) + turned)
        seen_px = pixels_of(examined.mask_from(pose), CUBE_COLOUR)
        if not len(seen_px):
            raise EngineError(f"the camera {name} does not see the cube any more")
        # The middle of what is seen, because sides of the cube come into view.
        middle_px = (seen_px.min(axis=0) + seen_px.max(axis=0)) / 2
        corners_m = np.array(np.meshgrid(*examined.bounds_m(CUBE).T)).reshape(3, -1).T
        corners_px = examined.intrinsics.project(pose.camera_points(corners_m))
        expected_px = (corners_px.min(axis=0) + corners_px.max(axis=0)) / 2
        off_px = float(np.abs(middle_px - expected_px).max())
        largest_px = max(largest_px, off_px)
        if off_px > _PIXEL_TOLERANCE:
            what = f"the camera {name} sees the cube at {middle_px.round(1).tolist()}"
            raise EngineError(f"{what} instead of {expected_px.round(1).tolist()} px")
    return f"the cube at {centre_m.round(2).tolist()} m is within {largest_px:.1f} px from {len(turns)} poses"


def settling(examined: Examination) -> str:
    """A view that stands still changes no more after some captures."""
    examined.open_level()
    limits = SettlingLimits(change=examined.choice.settle_change, captures=examined.choice.settle_captures)
    settled = settled_after(examined.engine, *views(examined.environment), limits)
    examined.engine.warm_up = warm_up_captures(settled)
    (examined.settled_image,) = examined.engine.cameras.images(("video",))["video"]
    return f"after {settled} captures, so {examined.engine.warm_up} warm a camera up"


def determinism(examined: Examination) -> str:
    """The level gives the settled image again when it is opened again."""
    examined.open_level()
    again = examined.captured_from(views(examined.environment)[1], "video")
    changed = change(examined.settled_image, again, None)
    if changed > examined.choice.settle_change:
        raise EngineError(f"the same view differs by {100 * changed:.2f} % when its level is opened again")
    return f"a view of the level that is opened again differs by {100 * changed:.2f} %"


def characters(examined: Examination) -> str:
    """A character gets its mesh, stands where it is placed, and is in masks and depth.

    The level has no cube any more: the check of settling has opened it again.
    """
    actor = examined.standing_actor()
    placed = placed_actors(examined.environment.asset, [actor], [actor.path(frames=1, fps=15.0)])
    objects, links = mask_objects([placed[0].name], ()), examined.engine.links
    pose = examined.looking_ahead(1)[0]
    spawn_character(links, placed[0])
    examined.engine.unrealcv.ask_all(placing_commands(placed, 0))
    check_placed(links, placed)
    colour_objects(links, objects)
    examined.actors = placed
    is_actor = (examined.captured_from(pose, "mask") == objects[0].colour).all(axis=-1)
    if not is_actor.any():
        raise EngineError(f"{examined.character.name} is not in masks {AHEAD_M:g} m in front of the camera")
    depth_m = float(np.median(examined.captured_from(pose, "depth")[is_actor]))
    if abs(depth_m - AHEAD_M) > _BODY_M:
        raise EngineError(f"{examined.character.name} is {AHEAD_M:g} m away, but depth says {depth_m:.2f} m")
    return f"{examined.character.name} has {is_actor.sum()} pixels in masks, and {depth_m:.2f} m in depth"


def time_control(examined: Examination) -> str:
    """The pixels of the character follow its time, and return with it."""
    duration_s, pose = examined.animation.duration_s, examined.looking_ahead(1)[0]
    set_animation(examined.engine.links, examined.actors[0])
    examined.engine.adopt(examined.actors)
    seen = []
    for share in (0.0, 0.25, 0.5, 0.0):
        examined.engine.set_time(0, share * duration_s)
        seen.append(examined.mask_from(pose))
    if np.array_equal(seen[0], seen[1]) and np.array_equal(seen[0], seen[2]):
        raise EngineError(f"{examined.animation.name} looks the same at three times: it is not posed")
    if not np.array_equal(seen[0], seen[3]):
        raise EngineError("the same time does not give the same pixels: the animation runs by itself")
    return f"{examined.animation.name} moves with its time, and returns"


def light(examined: Examination) -> str:
    """The sun turns, and its strength changes images: a cube is brighter with it, from the front."""
    check_lights(examined.engine.links, examined.environment, examined.catalog.lights)
    examined.spawn_cube()
    brightest = max(one.intensity for one in examined.catalog.lights) or 1.0
    means = [0.0, 0.0, 0.0]
    # The light of the sky, and the exposure, may hide a weak sun.
    for intensity in (brightest, *(brightest * factor for factor in _STRONGER)):
        suns = ((0.0, intensity), (0.0, 0.0), (180.0, intensity))
        means = [_brightness(examined, yaw_deg, strength) for yaw_deg, strength in suns]
        if min(means[0] / max(mean, 1.0) for mean in means[1:]) > _BRIGHTER:
            return f"a cube has {means[0]:.0f} of 255 with the sun, {means[1]:.0f} without it"
    what = f"a cube has {means[0]:.0f} of 255 with the sun in front of it"
    raise EngineError(f"{what}, {means[1]:.0f} without, and {means[2]:.0f} with the sun behind it")


def _brightness(examined: Examination, yaw_deg: float, intensity: float) -> float:
    """The mean of the cube's pixels in the light of a sun."""
    sun = replace(examined.catalog.lights[0], pitch_deg=-30.0, yaw_deg=yaw_deg, intensity=intensity)
    set_light(examined.engine.links, examined.environment, sun)
    pose = examined.looking_ahead(1)[0]
    is_cube = (examined.mask_from(pose) == CUBE_COLOUR).all(axis=-1)
    if not is_cube.any():
        raise EngineError("the cube is not in its mask any more")
    return float(examined.captured_from(pose, "video")[is_cube].mean())


def speed(examined: Examination) -> str:
    """How many images ten cameras make in a second."""
    examined.spawn_cameras(CAMERAS)
    poses = examined.looking_ahead(CAMERAS)
    examined.engine.film_frame(poses, ())
    began_s = time.monotonic()
    for _ in range(_FRAMES):
        examined.engine.film_frame(poses, ())
    per_s = CAMERAS * _FRAMES / (time.monotonic() - began_s)
    return f"{per_s:.0f} camera-frames/s at {WIDTH_PX}x{HEIGHT_PX}, {CAMERAS} cameras"
