"""The look of lit images: relief, shadows, samples, lens and shutter, against independent geometry."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from engine_child import need

from datagen.engine.content.characters.catalog import character_skin
from datagen.engine.content.characters.skeleton import BONES
from datagen.engine.content.daylight import FOG_PER_M, Daylight, lit_by
from datagen.engine.content.environment import Environment
from datagen.engine.content.levels.room import LIGHTING as ROOM_LIGHTING
from datagen.engine.content.levels.street import LIGHTING
from datagen.engine.content.shapes.meshes import Paint, panelled_box, textured
from datagen.engine.content.textures.catalog import TEXTURES, texture_image
from datagen.engine.content.textures.relief import FLAT, SIZE_PX, relief_of_normals, relief_of_texture
from datagen.engine.render import node_cache
from datagen.engine.render.looks import look_named
from datagen.engine.render.node_cache import NodeCache
from datagen.engine.render.scene_graph import SceneGraph
from datagen.engine.world.world import World
from datagen.sub_frames import (
    MeanImages,
    lens_offset_m,
    moved_on_lens,
    poses_between,
    sub_frames,
    value_between,
)
from multitake.randomness import rng_for
from trajectories import CameraPose, Lens

LENS = Lens(focal_length_mm=50.0, f_number=2.0)


@pytest.mark.parametrize("look", ["lit", "cinematic"])
def test_the_look_in_a_process_of_its_own(look: str):
    need("lit")
    program = Path(__file__).with_name("look_variants.py")
    child = subprocess.run([sys.executable, str(program), look], capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr[-2000:]


@pytest.mark.parametrize("size", [256, 512, 1024])
def test_an_even_texture_has_no_bumps(size: int):
    relief = relief_of_texture("stucco", np.full((size, size, 3), 93, dtype=np.uint8))
    assert (relief.image[..., :2] == 128).all()
    assert relief.image[..., 3].std() > 2, "wear tells places apart"


def test_bumps_repeat_with_tiles_and_wear_does_not():
    relief = relief_of_texture("brick", texture_image("brick"))
    side = SIZE_PX // relief.tiles
    tiles = [relief.image[y : y + side, x : x + side] for y in (0, side) for x in (0, side)]
    assert relief.tiles >= 2 and tiles[0][..., :2].std() > 2
    for tile in tiles[1:]:
        assert (tile[..., :2] == tiles[0][..., :2]).all()
        worn = [one[..., 3].astype(float).ravel() for one in (tile, tiles[0])]
        assert abs(np.corrcoef(worn)[0, 1]) < 0.5


def test_slopes_are_those_of_a_normal_map_of_the_same_height():
    y, x = np.mgrid[0:256, 0:256] * (2 * np.pi / 256)
    height = 0.5 + 0.4 * np.sin(3 * x) * np.cos(2 * y)
    image = np.round(255 * np.repeat(height[..., None], 3, axis=2)).astype(np.uint8)
    slopes = relief_of_texture("stucco", image).image[:256, :256, :2].astype(float) - 128
    along_u, along_v = -np.gradient(height, axis=1), -np.gradient(height, axis=0)
    for found, true in ((slopes[..., 0], along_u), (slopes[..., 1], along_v)):
        assert np.corrcoef(found.ravel(), true.ravel())[0, 1] > 0.98
    normals = np.stack([along_u, along_v, np.ones_like(height)], axis=-1)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    own = relief_of_normals(np.round(127.5 * (normals + 1)).astype(np.uint8))
    assert own.tiles == 1 and np.abs(own.image[..., 0] - 128.0 - 127 * along_u).max() < 2
    assert (own.image[..., 2:] == 128).all()


def test_pictures_and_unknown_sizes_have_no_relief():
    for name, image in (("posters", texture_image("posters")), ("stucco", np.zeros((30, 40, 3), np.uint8))):
        assert relief_of_texture(name, image).image is FLAT
    assert sum(relief_of_texture(name, np.zeros((256, 256, 3), np.uint8)).tiles > 1 for name in TEXTURES) > 40


OUTDOORS = Environment(props={}, lighting=LIGHTING)
INDOORS = replace(OUTDOORS, space_cm=((-500, -500, 0), (500, 500, 300)))
NOON = Daylight(sun_rotation_deg=(-62.0, 35.0, 0.0), fog_density=LIGHTING.fog_per_m / FOG_PER_M)


def test_the_shadow_map_covers_a_character_of_any_size():
    """Reaches of a body at rest, 1, 2 and 4 m high; people of the catalog have one map for all."""
    scene = SceneGraph(look_named("fast"))
    World(scene).spawn("CubeActor", "Giant")
    radii_cm = []
    for scale in (0.5, 1.0, 2.2):
        body = character_skin("Henk")
        parts = [
            replace(one, mesh=replace(one.mesh, positions=scale * one.mesh.positions)) for one in body.parts
        ]
        scene.set_character("Giant", f"henk-{scale}", parts, BONES)
        farthest_cm = max(np.linalg.norm(part.mesh.positions, axis=1).max() for part in parts)
        radii_cm.append(scene.shadow_areas()[1].radius_cm)
        assert radii_cm[-1] >= 1.2 * farthest_cm
    assert radii_cm[0] == radii_cm[1] < radii_cm[2]


def test_the_evening_is_warmer_and_noon_is_as_the_level_says():
    noon, evening = (lit_by(OUTDOORS, replace(NOON, sun_rotation_deg=(p, 35.0, 0.0))) for p in (-62.0, -18.0))
    assert replace(noon, haze=LIGHTING.haze, fog_per_m=LIGHTING.fog_per_m) == LIGHTING
    assert np.isclose(noon.fog_per_m, LIGHTING.fog_per_m)
    warmth = [one.sun_radiance[0] / one.sun_radiance[2] for one in (noon, evening)]
    assert warmth[1] > 1.5 * warmth[0] and max(evening.sky_radiance) < max(LIGHTING.sky_radiance)


def test_clouds_take_shadows_and_hues_away():
    covered = lit_by(OUTDOORS, replace(NOON, sun_intensity=0.8, sky_intensity=1.6))
    assert max(covered.sun_radiance) < 0.3 * min(covered.sky_radiance)
    assert np.ptp(covered.sky_radiance) < 1e-9 and covered.sky_texture == "sky_overcast"


def test_fog_hides_the_sky_in_its_own_colour():
    thick, thin = (lit_by(OUTDOORS, replace(NOON, fog_density=density)) for density in (0.3, 0.04))
    assert thick.sky_texture is None and thin.sky_texture == LIGHTING.sky_texture
    assert thick.fog_per_m == pytest.approx(0.3 * np.log(2) / 10) and min(thick.sky_tint) > 0.5


def test_nights_are_dark_outdoors_and_lit_by_lamps_indoors():
    night = replace(NOON, sun_intensity=0.6, sky_intensity=0.14)
    room = replace(ROOM_LIGHTING, fog_per_m=0.0)
    for environment in (OUTDOORS, replace(INDOORS, lighting=room)):
        by_day = lit_by(environment, replace(NOON, fog_density=0.0))
        found = lit_by(environment, replace(night, fog_density=0.0))
        assert max(found.sky_tint) < 0.5 * min(by_day.sky_tint)
        ratio = np.array(found.sky_radiance) * found.exposure / by_day.sky_radiance / by_day.exposure
        if environment is OUTDOORS:
            assert ratio.max() < 0.7
        else:
            assert 0.4 < ratio.min() < ratio.max() < 0.8 and found.fog_per_m > 0
            for lamp, other in zip(found.lamps, by_day.lamps, strict=True):
                assert min(lamp.radiance) > 1.2 * min(other.radiance) > 0
            assert max(found.haze) < 0.2 * min(by_day.haze), "windows are dark"


def test_the_cache_of_nodes_is_bounded_and_keeps_what_was_used_last(monkeypatch: pytest.MonkeyPatch):
    cache = NodeCache(look_named("fast"))
    names = ("brick", "stucco", "planks", "asphalt")
    parts = {name: [textured(name, panelled_box((10, 10, 10), (0, 0, 0), Paint()))] for name in names}
    one_bytes = 52 * len(parts["brick"][0].mesh.positions)
    cache.node("brick", parts["brick"])
    monkeypatch.setattr(node_cache, "MOST_BYTES", 3 * one_bytes)
    monkeypatch.setattr(node_cache, "LEFT_BYTES", 2 * one_bytes)
    bricks = cache.texture("brick")
    for name in ("stucco", "planks", "brick", "asphalt"):
        cache.node(name, parts[name])
    assert cache.names() == ["brick", "asphalt"]
    assert cache.texture("brick") is bricks, "what is used is not made again"


@pytest.mark.parametrize("count", [1, 2, 8, 33])
def test_sub_frames_are_all_over_the_shutter_and_the_lens(count: int):
    found = sub_frames(count, shutter=0.5, depth_of_field=True)
    times = np.array([one.offset_frames for one in found])
    places = np.array([one.on_lens for one in found])
    assert len(found) == count and abs(times.mean()) < 1e-12 and np.abs(times).max() <= 0.25
    assert np.linalg.norm(places, axis=1).max() <= 1
    assert np.allclose(places.mean(axis=0), 0, atol=0.6 / count**0.5)
    assert all(one.on_lens == (0, 0) for one in sub_frames(count, shutter=0.5, depth_of_field=False))
    assert {one.offset_frames for one in sub_frames(count, shutter=0.0, depth_of_field=True)} == {0.0}


def test_circles_of_confusion_are_those_of_a_thin_lens():
    """Of a point at depth z, with a lens of diameter A that is focused at d: A f |z - d| / (z d) pixels."""
    rng, pose = rng_for(4, "lens"), CameraPose.of(np.eye(3)[None], np.zeros((1, 3)))
    focal_px, focus_m = 900.0, 3.0
    for depth_m in (1.5, 3.0, 12.0):
        point = np.array([*(rng.uniform(-0.4, 0.4, 2) * depth_m), depth_m])
        turn = rng.uniform(0, 2 * np.pi)
        offset = lens_offset_m(LENS, (float(np.cos(turn)), float(np.sin(turn))))
        seen = point - moved_on_lens(pose, offset[None]).position_m[0]
        pixel = focal_px * seen[:2] / seen[2] + focal_px * offset[:2] / focus_m
        radius_px = np.linalg.norm(pixel - focal_px * point[:2] / depth_m)
        expected_px = 0.025 * focal_px * abs(depth_m - focus_m) / (depth_m * focus_m) / 2
        assert np.isclose(radius_px, expected_px, atol=1e-9)


def test_poses_between_frames_are_those_of_the_motion():
    def motion(time: np.ndarray) -> CameraPose:
        turn = 0.03 * time + 0.2 * np.sin(0.05 * time)
        c, s, o, i = np.cos(turn), np.sin(turn), np.zeros_like(turn), np.ones_like(turn)
        rotation = np.stack([np.stack(r, -1) for r in ((c, -s, o), (s, c, o), (o, o, i))], axis=-2)
        place = np.stack([np.cos(0.04 * time), np.sin(0.04 * time), 0.01 * time], axis=-1)
        return CameraPose.of(rotation[None], place[None])

    poses = motion(np.arange(30.0))
    for frame in (0, 7, 29):
        assert (poses_between(poses, frame).world_from_camera == poses.world_from_camera[:, frame]).all()
    # Before the first frame and after the last, splines are extrapolated.
    for time, error in ((-0.25, 2e-4), (3.3, 5e-5), (28.5, 5e-5), (29.25, 2e-4)):
        found, true = poses_between(poses, time), motion(np.array([time]))[:, 0]
        assert np.abs(found.world_from_camera - true.world_from_camera).max() < error
    line = np.arange(5.0)[:, None] * np.array([1.0, -2.0])
    assert np.allclose(value_between(line, -0.25), [-0.25, 0.5]) and (value_between(line, 4) == line[4]).all()
    assert (value_between(line[:1], 0.2) == line[0]).all()


def test_means_are_of_light_and_equal_images_stay_as_they_are():
    rng = rng_for(2, "mean")
    images = [rng.integers(0, 256, (4, 5, 3), dtype=np.uint8) for _ in range(5)]
    mean, same = MeanImages(), MeanImages()
    for image in images:
        mean.add((image,))
        same.add((images[0],))
    assert (same.images()[0] == images[0]).all()
    light = np.mean([(image / 255.0) ** 2 for image in images], axis=0)
    assert np.abs(mean.images()[0] - 255 * light**0.5).max() <= 0.5 + 1e-9
