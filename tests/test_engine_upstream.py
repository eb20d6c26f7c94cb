"""The API class of the unrealcv package on the engine: every method that UnrealCV's plugin can serve."""

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from engine_child import Engine, running
from plugin_commands import PLUGIN_COMMANDS
from unrealcv.api import UnrealCv_API

# The package expects another shape from cv2.findNonZero than version 5 of it returns.
FAULTS_OF_THE_PACKAGE = {"get_bbox", "get_obj_bboxes"}
ONLY_UNREALCV_PLUS = {
    "get_cine_camera",
    "get_cine_camera_enabled",
    "get_cine_intrinsics",
    "set_cine_camera_enabled",
    "set_cine_crop",
    "set_cine_exposure",
    "set_cine_filmback",
    "set_cine_focus",
    "set_cine_focus_mode",
    "set_cine_lens",
    "set_cine_lens_settings",
    "set_cine_near_clip",
    "set_cine_tracking_focus",
    "spawn_object_from_path",
}
PUBLIC = {
    name for name, _ in inspect.getmembers(UnrealCv_API, inspect.isfunction) if not name.startswith("_")
}
Check = Callable[[UnrealCv_API], None]
CHECKS: dict[str, Check] = {}
SIZE = (48, 64)


@pytest.fixture(scope="module")
def captures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("captures")


@pytest.fixture(scope="module")
def engine(captures: Path) -> Iterator[Engine]:
    with running("lit", "--captures", str(captures)) as engine:
        yield engine


@pytest.fixture(scope="module")
def api(engine: Engine) -> UnrealCv_API:
    """The API with a character, a cube that has a colour, and a second camera."""
    engine.level("Room")
    engine.run("vset /camera/0/size 64 48", "vset /camera/0/location -300 0 100")
    engine.run("vset /camera/0/rotation 0 0 0", "vset /objects/spawn_cube Box", "vset /cameras/spawn")
    engine.run("vset /object/Box/color 250 10 20", "vset /camera/1/size 64 48")
    engine.spawn_character("Hero")
    return UnrealCv_API(engine.announced["unrealcv_port"], "127.0.0.1", (64, 48))


def check(function: Check) -> Check:
    """Register the check of the method that it is named after."""
    CHECKS[function.__name__] = function
    return function


def test_every_public_method_is_checked_or_listed_with_its_reason() -> None:
    here = {"save_image", "set_map"}
    assert set(CHECKS) | FAULTS_OF_THE_PACKAGE | ONLY_UNREALCV_PLUS | here == PUBLIC


def test_the_commands_of_the_plugin_are_listed(api: UnrealCv_API) -> None:
    missing = PLUGIN_COMMANDS - set(api.client.request("vget /unrealcv/commands").split("\n"))
    of_editors = {"vget /object/[str]/material", "vset /object/[str]/material [uint] [str]"}
    assert missing == of_editors


def test_images_are_saved(api: UnrealCv_API, captures: Path) -> None:
    assert api.save_image(0, "lit", "x.png") == "x.png" and (captures / "x.png").stat().st_size > 100
    assert api.save_image(0, "depth", "x.npy") == "x.npy" and np.load(captures / "x.npy").shape == SIZE


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", sorted(ONLY_UNREALCV_PLUS))
def test_what_only_unrealcv_plus_has_is_not_listed(name: str, api: UnrealCv_API) -> None:
    parameters = inspect.signature(getattr(api, name)).parameters
    command = getattr(api, name)(*[0] * (len(parameters) - 1), return_cmd=True)
    assert not api.supports_command(command)
    assert str(api.client.request(command)).startswith("error No handler found")


@check
def connect(api: UnrealCv_API) -> None:
    client = api.connect(api.ip, api.client.endpoint[1])
    assert client.request("vget /unrealcv/echo here") == "here"
    client.disconnect()


@check
def check_connection(api: UnrealCv_API) -> None:
    api.check_connection()
    assert api.client.isconnected()


@check
def message_handler(api: UnrealCv_API) -> None:
    api.message_handler("shown")


@check
def config_ue(api: UnrealCv_API) -> None:
    api.config_ue((320, 240), low_quality=True)
    assert api.get_camera_num() == len(api.get_camera_list())


@check
def init_map(api: UnrealCv_API) -> None:
    api.init_map()
    assert set(api.obj_dict) == set(api.get_objects()) and len(api.cam) == api.get_camera_num()


@check
def get_server_version(api: UnrealCv_API) -> None:
    assert api.get_server_version() == "1.1.0"


@check
def get_server_version_tuple(api: UnrealCv_API) -> None:
    assert api.get_server_version_tuple() == (1, 1, 0)


@check
def is_unrealcv_plus(api: UnrealCv_API) -> None:
    assert not api.is_unrealcv_plus()


@check
def supports_command(api: UnrealCv_API) -> None:
    assert api.supports_command("vget /camera/0/depth npy")
    assert not api.supports_command("vget /camera/0/lit_shared bmp")


@check
def batch_cmd(api: UnrealCv_API) -> None:
    names, location = api.batch_cmd(
        ["vget /objects", "vget /camera/0/location"], [api.decoder.string2list, api.decoder.string2floats]
    )
    assert names == api.get_objects() and location == api.get_cam_location(0)


@check
def get_objects(api: UnrealCv_API) -> None:
    assert {"Box", "Hero", "Sun"} <= set(api.get_objects())


@check
def build_color_dict(api: UnrealCv_API) -> None:
    assert api.build_color_dict(["Box", "Hero"])["Box"] == [250, 10, 20]
    api.init_map()


@check
def get_obj_color(api: UnrealCv_API) -> None:
    assert api.get_obj_color("Box") == [250, 10], "the package drops the last channel"


@check
def set_obj_color(api: UnrealCv_API) -> None:
    api.set_obj_color("Hero", [1, 2, 3])
    assert api.client.request("vget /object/Hero/color") == "(R=1,G=2,B=3,A=255)"


@check
def build_pose_dic(api: UnrealCv_API) -> None:
    assert api.build_pose_dic(["Box"])["Box"] == api.get_obj_pose("Box")


@check
def get_obj_pose(api: UnrealCv_API) -> None:
    assert api.get_obj_pose("Box") == api.get_obj_location("Box") + api.get_obj_rotation("Box")


@check
def set_obj_location(api: UnrealCv_API) -> None:
    api.set_obj_location("Box", [10, 20.5, -30])
    assert api.get_obj_location("Box") == [10, 20.5, -30]
    api.set_obj_location("Box", [0, 0, 0])


@check
def get_obj_location(api: UnrealCv_API) -> None:
    assert len(api.get_obj_location("Box")) == 3


@check
def set_obj_rotation(api: UnrealCv_API) -> None:
    api.set_obj_rotation("Box", [5, 20, 10])
    assert api.get_obj_rotation("Box") == [10, 20, 5], "roll yaw pitch is set, pitch yaw roll is returned"
    api.set_obj_rotation("Box", [0, 0, 0])


@check
def get_obj_rotation(api: UnrealCv_API) -> None:
    assert len(api.get_obj_rotation("Box")) == 3


@check
def set_obj_scale(api: UnrealCv_API) -> None:
    api.set_obj_scale("Box", [1, 2, 3])
    assert api.get_obj_scale("Box") == [1, 2, 3]
    api.set_obj_scale("Box")


@check
def get_obj_scale(api: UnrealCv_API) -> None:
    assert api.get_obj_scale("Hero") == [1, 1, 1]


@check
def get_obj_bounds(api: UnrealCv_API) -> None:
    assert api.get_obj_bounds("Box") == [-50, -50, -50, 50, 50, 50]


@check
def get_obj_size(api: UnrealCv_API) -> None:
    assert api.get_obj_size("Box") == [100, 100, 100] and api.get_obj_size("Box", box=False) == 1e6


@check
def get_obj_uclass(api: UnrealCv_API) -> None:
    assert api.get_obj_uclass("Hero") == "SkeletalMeshActor"


@check
def get_vertex_locations(api: UnrealCv_API) -> None:
    # Every line ends, so the package finds an empty one at the end.
    *vertices, end = api.get_vertex_locations("Box")
    assert end == [] and np.abs(vertices).max() == 50


@check
def get_obj_bones(api: UnrealCv_API) -> None:
    bones = api.get_obj_bones("Hero")
    assert len(bones) > 10 and {"bone_name", "transform"} == set(bones[0])
    api.set_obj_location("Hero", [0, 200, 0])
    inner, world = (api.get_obj_bones("Hero", ["head"], space=space) for space in ("component", "world"))
    assert world[0]["transform"]["Y"] == pytest.approx(inner[0]["transform"]["Y"] + 200)
    assert len(api.get_obj_bones("Hero", space="world")) == len(bones)


def _is_seen(api: UnrealCv_API) -> bool:
    return bool(api.get_mask(api.get_image(0, "object_mask"), "Box").any())


@check
def get_mask(api: UnrealCv_API) -> None:
    api.init_map()
    assert _is_seen(api)


@check
def set_hide_obj(api: UnrealCv_API) -> None:
    api.set_hide_obj("Box")
    assert not _is_seen(api)
    api.set_show_obj("Box")


@check
def set_show_obj(api: UnrealCv_API) -> None:
    api.set_hide_obj("Box")
    api.set_show_obj("Box")
    assert _is_seen(api)


@check
def set_hide_objects(api: UnrealCv_API) -> None:
    api.set_hide_objects(["Box", "Hero"])
    assert not _is_seen(api)
    api.set_show_objects(["Box", "Hero"])


@check
def set_show_objects(api: UnrealCv_API) -> None:
    api.set_show_objects(["Box", "Hero"])
    assert _is_seen(api)


@check
def set_new_obj(api: UnrealCv_API) -> None:
    assert api.set_new_obj("CubeActor", "Crate", location=[100, 200.5, -300]) == "Crate"
    assert api.get_obj_location("Crate") == [100, 200.5, -300]
    assert api.get_obj_color("Crate") == api.obj_dict["Crate"][:2]
    assert api.set_new_obj("Dragon", "Smaug") is None
    api.destroy_obj("Crate")


@check
def destroy_obj(api: UnrealCv_API) -> None:
    api.set_new_obj("CubeActor", "Gone")
    api.destroy_obj("Gone")
    assert "Gone" not in api.get_objects()


@check
def get_image(api: UnrealCv_API) -> None:
    for kind in ("lit", "object_mask", "seg", "normal"):
        images = [api.get_image(0, kind, mode) for mode in ("bmp", "png")]
        np.testing.assert_array_equal(*images)
        assert images[0].shape == (*SIZE, 3) and images[0].std() > 1


@check
def get_depth(api: UnrealCv_API) -> None:
    depth = api.get_depth(0)
    assert depth.shape == (*SIZE, 1) and depth[34, 32, 0] == pytest.approx(250, abs=0.1)
    np.testing.assert_allclose(api.get_depth(0, inverse=True), 1 / depth)


@check
def get_optical_flow(api: UnrealCv_API) -> None:
    api.get_optical_flow(0)
    assert (api.get_optical_flow(0) == api.get_optical_flow(0)).all(), "nothing moves"
    location = api.get_obj_location("Box")
    api.set_obj_location("Box", [location[0], location[1] + 10, location[2]])
    is_box = api.get_mask(api.get_image(0, "object_mask"), "Box") > 0
    moved = api.get_optical_flow(0).astype(int).max(axis=-1)
    api.set_obj_location("Box", location)
    assert moved.shape == SIZE and moved[is_box].min() > moved[~is_box].max()


@check
def get_image_multicam(api: UnrealCv_API) -> None:
    first, second = api.get_image_multicam([0, 1])
    np.testing.assert_array_equal(first, api.get_image(0, "lit"))
    np.testing.assert_array_equal(second, api.get_image(1, "lit"))


@check
def get_image_multimodal(api: UnrealCv_API) -> None:
    assert api.get_image_multimodal(0).shape == (*SIZE, 4)


@check
def get_img_batch(api: UnrealCv_API) -> None:
    wanted = {0: {kind: {"mode": "bmp", "inverse": False, "img": None} for kind in ("lit", "object_mask")}}
    wanted[0]["depth"] = {"mode": "npy", "inverse": False, "img": None}
    found = api.get_img_batch(wanted)[0]
    np.testing.assert_array_equal(found["lit"]["img"], api.get_image(0, "lit"))
    np.testing.assert_array_equal(found["depth"]["img"], api.get_depth(0))


@check
def camera_info(api: UnrealCv_API) -> None:
    assert set(api.camera_info()[0]) >= {"location", "rotation", "fov"}


@check
def get_camera_config(api: UnrealCv_API) -> None:
    config = api.get_camera_config()
    assert len(config) == api.get_camera_num() and config[0]["location"] == api.get_cam_location(0)


@check
def get_camera_num(api: UnrealCv_API) -> None:
    assert api.get_camera_num() >= 2


@check
def get_camera_list(api: UnrealCv_API) -> None:
    assert api.get_camera_list()[:2] == ["PawnSensor", "FusionCameraSensor"]


@check
def set_new_camera(api: UnrealCv_API) -> None:
    before = api.get_camera_num()
    assert api.set_new_camera().startswith("FusionCameraActor_")
    assert api.get_camera_num() == before + 1 == len(api.cam)


@check
def register_camera(api: UnrealCv_API) -> None:
    api.register_camera(1, "FusionCameraActor_0")
    assert api.cam[1]["obj_name"] == "FusionCameraActor_0"


@check
def set_cam_location(api: UnrealCv_API) -> None:
    api.set_cam_location(1, [1.5, 2, -3])
    assert api.get_cam_location(1) == [1.5, 2, -3]


@check
def get_cam_location(api: UnrealCv_API) -> None:
    assert api.get_cam_location(1) == api.get_cam_location(1, newest=False)


@check
def set_cam_rotation(api: UnrealCv_API) -> None:
    api.set_cam_rotation(1, [10, 20, 30])
    assert api.get_cam_rotation(1) == [10, 20, 30]
    api.set_cam_rotation(1, [30, 20, 10], rpy=True)
    assert api.get_cam_rotation(1) == [10, 20, 30]


@check
def get_cam_rotation(api: UnrealCv_API) -> None:
    assert api.get_cam_rotation(1) == api.get_cam_rotation(1, newest=False)


@check
def set_cam_pose(api: UnrealCv_API) -> None:
    api.set_cam_pose(1, [1, 2, 3, 10, 20, 30])
    assert api.get_cam_location(1) == [1, 2, 3] and api.get_cam_rotation(1) == [10, 20, 30]


@check
def get_cam_pose(api: UnrealCv_API) -> None:
    hard = api.get_cam_pose(1)
    assert hard == api.get_cam_location(1) + api.get_cam_rotation(1)
    assert api.get_cam_pose(1, mode="soft") == hard


@check
def set_cam_fov(api: UnrealCv_API) -> None:
    api.set_cam_fov(1, 60)
    assert api.get_cam_fov(1) == "60.000000"


@check
def get_cam_fov(api: UnrealCv_API) -> None:
    assert api.get_cam_fov(0) == "90.000000"


@check
def move_cam(api: UnrealCv_API) -> None:
    before = api.get_cam_location(0)
    api.move_cam(0, [-290, 10, 110])
    assert api.get_cam_location(0) == [-290, 10, 110]
    api.move_cam(0, before)


@check
def move_cam_forward(api: UnrealCv_API) -> None:
    before = api.get_cam_location(0)
    assert api.move_cam_forward(0, 0, 50) is False, "true would mean that something is in the way"
    assert api.get_cam_location(0) == [before[0] + 50, *before[1:]]
    api.set_cam_location(0, before)


@check
def get_distance(api: UnrealCv_API) -> None:
    assert api.get_distance([0, 0, 9], [3, 4, 0]) == 5


@check
def set_keyboard(api: UnrealCv_API) -> None:
    api.set_keyboard("Up", 0.1)
    assert api.client.request("vset /action/keyboard Up 0.1") == "ok"


@check
def set_pause(api: UnrealCv_API) -> None:
    api.set_pause()
    assert api.get_is_paused()


@check
def set_resume(api: UnrealCv_API) -> None:
    api.set_pause()
    api.set_resume()
    assert not api.get_is_paused()


@check
def get_is_paused(api: UnrealCv_API) -> None:
    assert api.get_is_paused() is (api.client.request("vget /action/game/is_paused") == "true")


@check
def set_global_time_dilation(api: UnrealCv_API) -> None:
    api.set_global_time_dilation(0.5)
    assert api.client.request(api.set_global_time_dilation(0.5, return_cmd=True)) == "ok"


@check
def set_max_FPS(api: UnrealCv_API) -> None:  # noqa: N802
    api.set_max_FPS(30)
    assert api.client.request(api.set_max_FPS(30, return_cmd=True)) == "ok"


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", sorted(CHECKS))
def test_a_method_works(name: str, api: UnrealCv_API) -> None:
    CHECKS[name](api)


def test_a_level_is_loaded(api: UnrealCv_API) -> None:
    assert "Hero" in api.obj_dict
    api.set_map("Street")
    assert "Car_0" in api.obj_dict and "Hero" not in api.obj_dict
