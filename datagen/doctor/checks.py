"""The checks of the doctor: each returns what it measured, or raises an EngineError that says why not."""

import time
from dataclasses import replace

import numpy as np

from trajectories import CameraPose

from ..drive.cameras import has_batched_capture
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
from ..drive.level import check_lights, level_path, set_light
from ..drive.looks import UnrealLook
from ..drive.remote_control_link import RemoteControlLink
from ..drive.settling import SettlingProbe, change, settled_after, views, warm_up_captures
from ..mask_colours import mask_objects
from .stage import AHEAD_M, CAMERAS, CUBE, CUBE_COLOUR, HEIGHT_PX, WIDTH_PX, Stage, pixels_of

_ECHOES = 100
_PROBE = "multitake_probe"
# Lumen lights scene captures since this version.
_LEAST_VERSION = (5, 5)
_DEPTH_TOLERANCE, _PIXEL_TOLERANCE = 0.01, 3.0
_BRIGHTER = 1.02
# How far the skin of a body can be from its middle.
_BODY_M = 1.0
_FRAMES = 4


def handshake(stage: Stage) -> str:
    """UnrealCV greets, and answers in order."""
    choice = stage.choice
    patience = Patience(start_timeout_s=choice.start_timeout_s, reply_timeout_s=choice.reply_timeout_s)
    unrealcv = connected_unrealcv(stage.address, patience)
    stage.links.callback(unrealcv.close)
    words = [f"word{number}" for number in range(_ECHOES)]
    began_s = time.monotonic()
    replies = unrealcv.ask_all([f"vget /unrealcv/echo {word}" for word in words])
    if replies != words:
        raise EngineError("echoes came back in another order")
    each_ms = 1000 * (time.monotonic() - began_s) / _ECHOES
    address = stage.address
    remote_control = RemoteControlLink(
        address.host, address.remote_control_port, timeout_s=choice.reply_timeout_s
    )
    stage.links.callback(remote_control.close)
    stage.driver = EngineDriver(
        unrealcv,
        remote_control,
        load_timeout_s=choice.load_timeout_s,
        settle_requests=choice.settle_requests,
        look=UnrealLook.of(choice),
    )
    return f"{unrealcv.address_text}, {_ECHOES} echoes, {each_ms:.2f} ms each"


def same_tick(stage: Stage) -> str:
    """The commands of a batch wait for each other."""
    if not stage.engine.unrealcv.holds_batches():
        raise EngineError("commands after vbatch do not wait for each other, so cameras see different ticks")
    return "the commands of a vbatch run in one tick"


def remote_control(stage: Stage) -> str:
    """Remote Control answers."""
    stage.engine.remote_control.wait_ready(stage.choice.reply_timeout_s)
    routes = stage.engine.remote_control.routes()
    needed = {"/remote/object/call", "/remote/object/property", "/remote/search/assets"}
    if not needed <= routes:
        raise EngineError(f"missing routes: {', '.join(sorted(needed - routes))}")
    return f"port {stage.address.remote_control_port}, {len(routes)} routes"


def versions(stage: Stage) -> str:
    """Engine and plugin are known, and new enough."""
    version = stage.engine.engine_version()
    number = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if len(number) == 2 and number < _LEAST_VERSION:
        raise EngineError(f"{version}: Lumen does not light scene captures before 5.5")
    return version


def assets(stage: Stage) -> str:
    """The engine has what the catalog names."""
    missing = stage.engine.missing_assets(stage.catalog)
    if missing is None:
        raise EngineError("the asset search finds none of the catalog's assets")
    if missing:
        raise EngineError(f"{len(missing)} missing: {', '.join(missing[:3])}")
    return f"{len(stage.catalog.assets)} of the catalog"


def level(stage: Stage) -> str:
    """A level opens, with a game and a player."""
    began_s = time.monotonic()
    objects = stage.engine.open_environment(stage.environment)
    seconds_s = time.monotonic() - began_s
    return f"{stage.environment.name}: {len(objects)} objects, {seconds_s:.1f} s"


def game(stage: Stage) -> str:
    """What UnrealCV spawns is found by Remote Control: both see the same world."""
    stage.engine.unrealcv.ask(f"vset /objects/spawn SkeletalMeshActor {_PROBE}")
    try:
        stage.engine.remote_control.call(_probe_path(stage), "GetNumBones")
    except RefusedError as error:
        if "not exist" in str(error):
            raise EngineError(f"Remote Control knows no actor of UnrealCV: {error}") from error
    return "UnrealCV and Remote Control see the same actors"


def permissions(stage: Stage) -> str:
    """Remote Control allows all functions that the driver calls."""
    call, path = stage.engine.remote_control.call, _probe_path(stage)
    calls = {"GetNumBones": {}, "SetPlayRate": {"Rate": 0.0}, "GetPosition": {}}
    refused = []
    for function, parameters in calls.items():
        try:
            call(path, function, **parameters)
        except RefusedError as error:
            refused.append(str(error))
    if refused:
        raise EngineError("; ".join(refused))
    return f"{', '.join(calls)} may be called"


def _probe_path(stage: Stage) -> str:
    return f"{level_path(stage.environment.asset)}.{_PROBE}.SkeletalMeshComponent0"


def cameras(stage: Stage) -> str:
    """Ten cameras are spawned, posed, and where they should be."""
    stage.spawn_cameras(CAMERAS)
    poses = stage.looking_ahead(CAMERAS)
    stage.engine.cameras.pose(poses, warm_up=0)
    stage.engine.cameras.check(poses)
    return f"{CAMERAS} cameras, ids {stage.engine.cameras.ids[0]} to {stage.engine.cameras.ids[-1]}"


def show_flags(stage: Stage) -> str:
    """Cameras have the show flags of the look."""
    if stage.engine.has_show_flags is False:
        raise EngineError("the show flags TemporalAA, MotionBlur and DepthOfField of cameras cannot be set")
    return "set" if stage.engine.has_show_flags else f"the look {stage.choice.look} needs none"


def pictures(stage: Stage) -> str:
    """Images have the size that was set, and show something."""
    _, view = views(stage.environment)
    image = stage.captured_from(view, "video")
    if image.std() < 2:
        raise EngineError(f"the image at the first spot shows nothing (mean {image.mean():.0f} of 255)")
    way = "in one LychSim command" if has_batched_capture(stage.engine.links) else "one by one"
    return f"BMP {WIDTH_PX}x{HEIGHT_PX}, mean {image.mean():.0f} of 255, captured {way}"


def masks(stage: Stage) -> str:
    """A spawned cube is in masks, in its colour."""
    stage.spawn_cube()
    count = len(pixels_of(stage.mask_from(stage.looking_ahead(1)[0]), CUBE_COLOUR))
    if not count:
        raise EngineError(f"a cube {AHEAD_M:g} m in front of the camera is not in its mask")
    return f"a spawned cube has {count} pixels of its colour"


def depth(stage: Stage) -> str:
    """Depth is planar, in centimetres: that of the cube's front."""
    pose = stage.looking_ahead(1)[0]
    found_m = float(stage.captured_from(pose, "depth")[HEIGHT_PX // 2, WIDTH_PX // 2])
    expected_m = float(stage.bounds_m(CUBE)[0, 0] - pose.position_m[0])
    if abs(found_m - expected_m) > _DEPTH_TOLERANCE * expected_m:
        raise EngineError(f"the cube's front is {expected_m:.3f} m away, but depth says {found_m:.3f} m")
    return f"{found_m:.3f} m to a front at {expected_m:.3f} m"


def handedness(stage: Stage) -> str:
    """The cube is where its position projects, from several poses: units, axes and angles."""
    ahead = stage.looking_ahead(1)[0]
    centre_m = stage.bounds_m(CUBE).mean(axis=0)
    turns = {
        "moved 1 m to the right": ((0.0, -1.0, 0.0), (0.0, 0.0, 0.0)),
        "moved 0.5 m up": ((0.0, 0.0, 0.5), (0.0, 0.0, 0.0)),
        "turned 10 degrees to the right": ((0.0, 0.0, 0.0), (0.0, -0.18, 0.0)),
        "turned 8 degrees up": ((0.0, 0.0, 0.0), (0.0, 0.0, 0.14)),
    }
    largest_px = 0.0
    for name, (moved_m, turned) in turns.items():
        pose = CameraPose.looking(ahead.position_m + moved_m, np.array([1.0, 0.0, 0.0]) + turned)
        seen_px = pixels_of(stage.mask_from(pose), CUBE_COLOUR)
        if not len(seen_px):
            raise EngineError(f"the camera {name} does not see the cube any more")
        # The middle of what is seen, because sides of the cube come into view.
        middle_px = (seen_px.min(axis=0) + seen_px.max(axis=0)) / 2
        corners_m = np.array(np.meshgrid(*stage.bounds_m(CUBE).T)).reshape(3, -1).T
        corners_px = stage.intrinsics.project(pose.camera_points(corners_m))
        expected_px = (corners_px.min(axis=0) + corners_px.max(axis=0)) / 2
        off_px = float(np.abs(middle_px - expected_px).max())
        largest_px = max(largest_px, off_px)
        if off_px > _PIXEL_TOLERANCE:
            what = f"the camera {name} sees the cube at {middle_px.round(1).tolist()}"
            raise EngineError(f"{what} instead of {expected_px.round(1).tolist()} px")
    return f"the cube at {centre_m.round(2).tolist()} m is within {largest_px:.1f} px from {len(turns)} poses"


def settling(stage: Stage) -> str:
    """A view that stands still changes no more after some captures."""
    stage.open_level()
    limits = SettlingProbe(change=stage.choice.settle_change, captures=stage.choice.settle_captures)
    stage.settled = settled_after(stage.engine, *views(stage.environment), limits)
    stage.engine.warm_up = warm_up_captures(stage.settled)
    (stage.settled_image,) = stage.engine.cameras.images(("video",))["video"]
    return f"after {stage.settled} captures, so {stage.engine.warm_up} warm a camera up"


def determinism(stage: Stage) -> str:
    """The level gives the settled image again when it is opened again."""
    stage.open_level()
    again = stage.captured_from(views(stage.environment)[1], "video")
    changed = change(stage.settled_image, again, None)
    if changed > stage.choice.settle_change:
        raise EngineError(f"the same view differs by {100 * changed:.2f} % when its level is opened again")
    return f"a view of the level that is opened again differs by {100 * changed:.2f} %"


def characters(stage: Stage) -> str:
    """A character gets its mesh, stands where it is placed, and is in masks and depth.

    The level has no cube any more: the check of settling has opened it anew.
    """
    actor = stage.standing_actor()
    placed = placed_actors(stage.environment.asset, [actor], [actor.path(frames=1, fps=15.0)])
    objects, links, pose = mask_objects([placed[0].name], ()), stage.engine.links, stage.looking_ahead(1)[0]
    spawn_character(links, placed[0])
    stage.engine.unrealcv.ask_all(placing_commands(placed, 0))
    check_placed(links, placed)
    colour_objects(links, objects)
    stage.actors = placed
    is_actor = (stage.captured_from(pose, "mask") == objects[0].colour).all(axis=-1)
    if not is_actor.any():
        raise EngineError(f"{stage.character.name} is not in masks {AHEAD_M:g} m in front of the camera")
    depth_m = float(np.median(stage.captured_from(pose, "depth")[is_actor]))
    if abs(depth_m - AHEAD_M) > _BODY_M:
        raise EngineError(f"{stage.character.name} is {AHEAD_M:g} m away, but depth says {depth_m:.2f} m")
    return f"{stage.character.name} has {is_actor.sum()} pixels in masks, and {depth_m:.2f} m in depth"


def time_control(stage: Stage) -> str:
    """The pixels of the character follow its time, and return with it."""
    duration_s, pose = stage.animation.duration_s, stage.looking_ahead(1)[0]
    set_animation(stage.engine.links, stage.actors[0])
    stage.engine.adopt(stage.actors)
    seen = []
    for share in (0.0, 0.25, 0.5, 0.0):
        stage.engine.set_time(0, share * duration_s)
        seen.append(stage.mask_from(pose))
    if np.array_equal(seen[0], seen[1]) and np.array_equal(seen[0], seen[2]):
        raise EngineError(f"{stage.animation.name} looks the same at three times: it is not posed")
    if not np.array_equal(seen[0], seen[3]):
        raise EngineError("the same time does not give the same pixels: the animation runs by itself")
    return f"{stage.animation.name} moves with its time, and returns"


def light(stage: Stage) -> str:
    """The sun turns, and its strength changes images."""
    check_lights(stage.engine.links, stage.environment, stage.catalog.lights)
    stage.spawn_cube()
    means = []
    brightest = max(stage.catalog.lights, key=lambda one: one.intensity)
    for intensity in (brightest.intensity, 0.0):
        set_light(stage.engine.links, stage.environment, replace(brightest, intensity=intensity))
        pose = stage.looking_ahead(1)[0]
        image = stage.captured_from(pose, "video")
        rows_columns = (stage.mask_from(pose) == CUBE_COLOUR).all(axis=-1)
        means.append(float(image[rows_columns].mean()))
    if means[0] < _BRIGHTER * means[1]:
        raise EngineError(f"without the sun's light a cube has {means[1]:.0f} of 255, with it {means[0]:.0f}")
    return f"a cube has {means[0]:.0f} of 255 with the sun's light and {means[1]:.0f} without"


def speed(stage: Stage) -> str:
    """Ten cameras in a second; nothing that can fail."""
    stage.spawn_cameras(CAMERAS)
    poses = stage.looking_ahead(CAMERAS)
    stage.engine.film_frame(poses, ())
    began_s = time.monotonic()
    for _ in range(_FRAMES):
        stage.engine.film_frame(poses, ())
    per_s = CAMERAS * _FRAMES / (time.monotonic() - began_s)
    stage.notes["camera_frames_per_s"] = round(per_s, 1)
    return f"{per_s:.0f} camera-frames/s at {WIDTH_PX}x{HEIGHT_PX}, {CAMERAS} cameras"
