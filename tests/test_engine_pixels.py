"""The engine's images: geometry, depth, masks, and the same bytes for the same commands."""

import hashlib
import io

import numpy as np
import pytest
from engine_child import Engine, npy, rgb, running
from PIL import Image

WIDTH_PX, HEIGHT_PX, FOV_DEG = 320, 180, 70.0
LOOKS = ("lit", "fast")


@pytest.fixture(scope="module", params=LOOKS)
def engine(request: pytest.FixtureRequest):
    with running(request.param) as engine:
        yield engine


@pytest.fixture(scope="module")
def lit_engine():
    with running("lit") as engine:
        yield engine


def camera(location: tuple[float, ...], rotation: tuple[float, ...], index: int = 0) -> list[str]:
    """Return commands that set up a camera of the test size."""
    return [
        f"vset /camera/{index}/size {WIDTH_PX} {HEIGHT_PX}",
        f"vset /camera/{index}/fov {FOV_DEG}",
        f"vset /camera/{index}/location {' '.join(f'{v:.4f}' for v in location)}",
        f"vset /camera/{index}/rotation {' '.join(f'{v:.4f}' for v in rotation)}",
    ]


def camera_from_world(
    points_cm: np.ndarray, location: np.ndarray, rotation_deg: tuple[float, ...]
) -> np.ndarray:
    """Return right, down, forward of points seen from a camera, by rotating about one axis after another."""
    pitch, yaw, roll = np.radians(rotation_deg)
    about_z = np.array([[np.cos(yaw), -np.sin(yaw), 0], [np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
    about_y = np.array([[np.cos(pitch), 0, -np.sin(pitch)], [0, 1, 0], [np.sin(pitch), 0, np.cos(pitch)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(roll), np.sin(roll)], [0, -np.sin(roll), np.cos(roll)]])
    local = (points_cm - location) @ (about_z @ about_y @ about_x)
    return np.stack([local[:, 1], -local[:, 2], local[:, 0]], axis=1)


def project(points_cm: np.ndarray, location: np.ndarray, rotation_deg: tuple[float, ...]) -> np.ndarray:
    """Return pixels of Unreal points: focal length (W/2)/tan(fov/2), principal point (W/2, H/2)."""
    x, y, z = camera_from_world(points_cm, location, rotation_deg).T
    focal_px = WIDTH_PX / 2 / np.tan(np.radians(FOV_DEG) / 2)
    return np.stack([WIDTH_PX / 2 + focal_px * x / z, HEIGHT_PX / 2 + focal_px * y / z], axis=1)


def covered(mask: np.ndarray, color: tuple[int, ...]) -> np.ndarray:
    """Return the left, top, right and bottom pixel edges of a colour in a mask."""
    rows, columns = np.nonzero((mask == color).all(axis=-1))
    assert len(rows), f"nothing has the colour {color}"
    return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], dtype=np.float64)


@pytest.mark.parametrize(
    ("location", "rotation"),
    [
        ((-400, 0, 150), (0, 0, 0)),
        ((-350, -120, 260), (-20, 15, 0)),
        ((300, 250, 320), (-25, -140, 12)),
        ((60, -420, 120), (5, 97, -30)),
    ],
)
@pytest.mark.parametrize("cube", [(0, 0, 150), (-30, 40, 120)])
def test_a_cube_covers_the_pixels_of_its_pinhole_projection(engine: Engine, location, rotation, cube):
    engine.level("Street")
    cube_rotation, scale = (10.0, 25.0, -15.0), (0.6, 0.9, 0.4)
    engine.spawn_cube("Probe", *cube)
    engine.run(*camera(location, rotation))
    for member, values in (("rotation", cube_rotation), ("scale", scale)):
        engine.run(f"vset /object/Probe/{member} {' '.join(map(str, values))}")
    mask = engine.image("object_mask")
    corners = 50.0 * np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * scale
    pixels = project(rotated(corners, cube_rotation) + np.array(cube), np.array(location), rotation)
    expected = np.concatenate([pixels.min(axis=0), pixels.max(axis=0)])
    # A pixel shows what covers its centre: an error of half a pixel, and more at acute corners.
    # The software renderer also snaps corners to whole pixels.
    tolerance_px = {"lit": 0.75, "fast": 1.0}[engine.announced["look"]]
    error_px = covered(mask, engine.color("Probe")) - expected
    assert np.abs(error_px).max() < tolerance_px
    assert np.abs(error_px[:2] + error_px[2:]).max() / 2 < 0.5


def rotated(points_cm: np.ndarray, rotation_deg: tuple[float, ...]) -> np.ndarray:
    """Rotate points by an Unreal rotator: the inverse of ``camera_from_world``."""
    basis = camera_from_world(np.eye(3), np.zeros(3), rotation_deg)
    local_from_world = np.stack([basis[:, 2], basis[:, 0], -basis[:, 1]], axis=1)
    return points_cm @ np.linalg.inv(local_from_world)


def test_lit_images_change_where_the_mask_shows_an_object(engine: Engine):
    engine.level("Room")
    engine.spawn_cube("Probe", 0, 0, 150)
    engine.run(*camera((-300, 0, 150), (0, 0, 0)))
    lit, mask = engine.image("lit"), engine.image("object_mask")
    engine.run("vset /object/Probe/hide")
    without = engine.image("lit")
    inside = (mask == engine.color("Probe")).all(axis=-1)
    changed = np.abs(lit.astype(int) - without).max(axis=-1) > 8
    assert (changed & inside).sum() > 0.9 * inside.sum()
    assert lit.std() > 25


def test_masks_have_the_colours_that_objects_report(engine: Engine):
    engine.level("Street")
    engine.spawn_cube("Probe", 0, 0, 100)
    engine.run(*camera((-600, 0, 220), (-8, 0, 0)))
    names = engine.ask("vget /objects")[0].split()
    drawn = set(names) - {"Sun", "SkyLight", "HeightFog", "PlayerPawn"}
    known = {engine.color(name) for name in drawn}
    assert len(known) == len(drawn) == len(names) - 4
    mask = engine.image("object_mask")
    seen = {tuple(color) for color in np.unique(mask.reshape(-1, 3), axis=0).tolist()}
    assert seen - {(0, 0, 0)} <= known and len(seen) > 5
    engine.run("vset /object/Probe/color 1 254 77")
    again, seg = engine.tick("vget /camera/0/object_mask png", "vget /camera/0/seg bmp")
    png = np.asarray(Image.open(io.BytesIO(again)))
    assert png.shape == (HEIGHT_PX, WIDTH_PX, 4) and (png[..., :3] == rgb(seg)).all()
    assert covered(rgb(seg), (1, 254, 77)) is not None
    engine.run("vset /object/Probe/hide")
    assert not (engine.image("seg") == (1, 254, 77)).all(axis=-1).any()


def test_depth_is_planar_and_in_centimetres(lit_engine: Engine):
    lit_engine.level("Street")
    lit_engine.spawn_cube("Probe", 0, 0, 150)
    lit_engine.run(*camera((-400, 0, 150), (0, 0, 0)))
    depth = npy(lit_engine.ask("vget /camera/0/depth npy")[0])
    assert depth.shape == (HEIGHT_PX, WIDTH_PX) and depth.dtype == np.float32
    focal_px = WIDTH_PX / 2 / np.tan(np.radians(FOV_DEG) / 2)
    half = int(49 * focal_px / 350)
    face = depth[HEIGHT_PX // 2 - half : HEIGHT_PX // 2 + half, WIDTH_PX // 2 - half : WIDTH_PX // 2 + half]
    assert np.abs(face - 350.0).max() < 0.05
    rows = np.arange(HEIGHT_PX - 20, HEIGHT_PX) + 0.5
    ground = 150.0 * focal_px / (rows - HEIGHT_PX / 2)
    assert np.abs(depth[-20:, 5] - ground).max() < 1.0
    lit_engine.run("vset /camera/0/rotation 89 0 0")
    assert (npy(lit_engine.ask("vget /camera/0/depth npy")[0]) > 60000).all()


def image_hashes(engine: Engine) -> list[str]:
    """Load a level, build a small scene, and return the hashes of every kind of image."""
    engine.level("Street")
    engine.spawn_character("Hero", "Bruno", "Dance")
    engine.call("Hero", "SetPosition", InPos=0.7, bFireNotifies=False)
    engine.run("vset /cameras/spawn", "vset /object/Hero/rotation 0 30 0")
    engine.run(*camera((-400, 60, 150), (-3, -8, 0)), *camera((350, -100, 190), (-6, 165, 0), index=1))
    kinds = ["lit bmp", "object_mask bmp"] + ["depth npy"] * (engine.announced["look"] == "lit")
    replies = engine.tick(*(f"vget /camera/{index}/{kind}" for kind in kinds for index in (0, 1)))
    assert all(isinstance(reply, bytes) for reply in replies), replies
    return [hashlib.sha256(reply).hexdigest() for reply in replies]


def test_the_same_commands_give_the_same_bytes_after_any_others(engine: Engine):
    first = image_hashes(engine)
    engine.level("Room")
    engine.spawn_character("Other", "Ada", "Wave")
    engine.run("vset /object/Sun/rotation -20 100 0", "vset /camera/0/size 96 54")
    engine.set_sun_intensity(2.0)
    engine.run("vget /camera/0/lit bmp")
    assert image_hashes(engine) == first
    assert len(set(first)) == len(first)
    with running(engine.announced["look"]) as another:
        assert image_hashes(another) == first


def test_one_tick_or_many_give_the_same_bytes(engine: Engine):
    engine.level("Room")
    engine.run("vset /objects/spawn_cube Probe", *camera((-300, 0, 150), (0, 0, 0)))
    places = [f"vset /object/Probe/location 0 {y} 150" for y in (-60, 0, 60)]
    script = [command for place in places for command in (place, "vget /camera/0/lit bmp")]
    together = engine.tick(*script)
    assert together == engine.ask(*script)
    assert len({together[1], together[3], together[5]}) == 3


def test_memory_does_not_grow_with_frames_and_level_loads(engine: Engine):
    def film_take(level: str) -> None:
        engine.level(level)
        engine.spawn_character("Hero")
        engine.run("vset /cameras/spawn", *camera((-300, 0, 150), (0, 0, 0), index=1))
        for x in range(12):
            capture = ("vget /camera/1/lit bmp", "vget /camera/1/seg bmp")
            engine.tick(f"vset /object/Hero/location {x} 0 0", *capture)

    for level in ("Street", "Room"):
        film_take(level)
    before = engine.resident_mb()
    for level in ("Street", "Room") * 4:
        film_take(level)
    assert engine.resident_mb() - before < 4.0


def test_the_sun_has_a_direction_and_a_strength(engine: Engine):
    engine.level("Street")
    engine.run(*camera((-400, 0, 200), (-15, 0, 0)))
    noon = engine.image("lit").astype(float)
    engine.run("vset /object/Sun/rotation -25 -120 0")
    turned = engine.image("lit").astype(float)
    assert np.abs(turned - noon).mean() > 2
    engine.set_sun_intensity(1.0)
    assert engine.image("lit").mean() < turned.mean() - 4


def test_a_camera_outside_the_room_sees_into_it(engine: Engine):
    engine.level("Room")
    engine.spawn_cube("Probe", 0, 0, 150)
    engine.run(*camera((900, -40, 150), (0, 180, 0)))
    mask = engine.image("object_mask")
    assert (mask == engine.color("Probe")).all(axis=-1).sum() > 200
