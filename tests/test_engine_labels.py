"""The labels of the look ``lit``: surface ids, depth, masks, normals and flow, against an oracle in NumPy."""

import io
import itertools
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from engine_child import Engine, need, npy, rgb, running
from PIL import Image

from multitake.randomness import rng_for

WIDTH_PX, HEIGHT_PX, FOV_DEG = 192, 108, 75.0
FOCAL_PX = WIDTH_PX / 2 / np.tan(np.radians(FOV_DEG) / 2)
NO_DEPTH_CM = 65504.0
CAPTURES = ("lit bmp", "object_mask bmp", "depth npy", "normal bmp", "surface npy")


@pytest.fixture(scope="module")
def engine():
    with running("lit") as engine:
        yield engine


@dataclass(frozen=True, kw_only=True)
class Camera:
    """A camera's place and its axes as rows: forward, right, up."""

    location: np.ndarray
    axes: np.ndarray
    commands: tuple[str, ...]

    def rays(self) -> np.ndarray:
        """World directions through the pixel centres; their part along the view is 1."""
        right = (np.arange(WIDTH_PX) + 0.5 - WIDTH_PX / 2) / FOCAL_PX
        down = (np.arange(HEIGHT_PX) + 0.5 - HEIGHT_PX / 2) / FOCAL_PX
        x, y = np.meshgrid(right, down)
        return np.stack([np.ones_like(x), x, -y], axis=-1) @ self.axes

    def project(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pixels (from the corner of the image) and planar depth of world points."""
        forward, right, up = ((points - self.location) @ self.axes.T).T
        pixels = np.stack([right, -up], axis=1) / forward[:, None] * FOCAL_PX
        return pixels + np.array([WIDTH_PX, HEIGHT_PX]) / 2, forward


def camera(index: int, location: tuple[float, float, float], target: tuple[float, float, float]) -> Camera:
    """A camera without roll that looks at a target."""
    forward = np.subtract(target, location) / np.linalg.norm(np.subtract(target, location))
    right = np.cross([0, 0, 1], forward) / np.linalg.norm(np.cross([0, 0, 1], forward))
    pitch, yaw = np.degrees([np.arcsin(forward[2]), np.arctan2(forward[1], forward[0])])
    one = f"vset /camera/{index}"
    return Camera(
        location=np.array(location, dtype=np.float64),
        axes=np.array([forward, right, np.cross(forward, right)]),
        commands=(
            f"{one}/size {WIDTH_PX} {HEIGHT_PX}",
            f"{one}/fov {FOV_DEG}",
            f"{one}/location {' '.join(f'{v:.6f}' for v in location)}",
            f"{one}/rotation {pitch:.6f} {yaw:.6f} 0",
        ),
    )


def scene(engine: Engine, level: str, cameras: int = 1) -> list[Camera]:
    """A character, a tilted cube, and cameras around them."""
    engine.level(level)
    engine.spawn_character("Hero", "Bruno", "Dance")
    engine.call("Hero", "SetPosition", InPos=0.7, bFireNotifies=False)
    engine.spawn_cube("Probe", -60, 110, 80)
    engine.run("vset /object/Hero/rotation 0 30 0", "vset /object/Probe/rotation 10 25 -15")
    engine.run("vset /object/Probe/scale 0.6 0.9 0.4", *["vset /cameras/spawn"] * (cameras - 1))
    placed = []
    for index in range(cameras):
        turn = 2 * np.pi * index / max(cameras, 2) + 0.4
        place = (260 * np.cos(turn), 260 * np.sin(turn), 130.0 + 12 * index)
        placed.append(camera(index, place, (-20, 40, 95)))
        engine.run(*placed[-1].commands)
    return placed


def world_triangles(engine: Engine) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The corners of all triangles in the world, and the arrays of the surfaces."""
    surfaces, pieces = engine.ask("vget /scene/surfaces npz", "vget /scene/pieces npy")
    assert isinstance(surfaces, bytes), surfaces
    table = dict(np.load(io.BytesIO(surfaces), allow_pickle=False))
    local = np.c_[table["vertices_cm"].astype(np.float64), np.ones(len(table["vertices_cm"]))]
    matrices, weights = npy(pieces)[table["vertex_pieces"]], table["vertex_weights"].astype(np.float64)
    assert (weights.sum(axis=1) == 1).all() and (weights >= 0).all()
    vertices = np.einsum("vk,vi,vkij->vj", weights, local, matrices)[:, :3]
    return vertices[table["triangles"]], table


def barycentric(rays: np.ndarray, eye: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Moeller and Trumbore: depth, u, v of each ray in each triangle that faces it, NaN for the others."""
    edge_1, edge_2 = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    across = np.cross(rays[:, None], edge_2)
    determinant = np.einsum("rti,ti->rt", across, edge_1)
    to_eye = eye - corners[:, 0]
    beside = np.cross(to_eye, edge_1)
    with np.errstate(divide="ignore", invalid="ignore"):
        u = np.einsum("rti,ti->rt", across, to_eye) / determinant
        v = np.einsum("ri,ti->rt", rays, beside) / determinant
        depth = np.einsum("ti,ti->t", edge_2, beside) / determinant
    faces = np.einsum("ri,ti->rt", rays, np.cross(edge_1, edge_2)) < 0
    return np.where(faces[..., None], np.stack([depth, u, v], axis=-1), np.nan)


def nearest(rays: np.ndarray, eye: np.ndarray, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The id of the nearest triangle that each ray hits, and its depth."""
    ids, depths = [], []
    for some in np.array_split(rays, max(1, len(rays) // 8)):
        depth, u, v = np.moveaxis(barycentric(some, eye, corners), -1, 0)
        is_hit = (u >= 0) & (v >= 0) & (u + v <= 1) & (depth > 10.0)
        depth = np.where(is_hit, depth, np.inf)
        ids.append(np.where(is_hit.any(axis=1), 1 + depth.argmin(axis=1), 0))
        depths.append(np.minimum(depth.min(axis=1), NO_DEPTH_CM))
    return np.concatenate(ids), np.concatenate(depths)


def is_inside(rays: np.ndarray, eye: np.ndarray, corners: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Whether each ray is at least 0.02 px inside the triangle that it hits."""
    inside = ids > 0
    for step in itertools.product((-0.02, 0.02), repeat=2):
        moved = rays + (np.array(step) / FOCAL_PX) @ np.array([[0, 1, 0], [0, 0, 1]])
        for place in np.flatnonzero(inside):
            _, u, v = barycentric(moved[place : place + 1], eye, corners[ids[place] - 1 :][:1])[0, 0]
            inside[place] &= min(u, v, 1 - u - v) >= 0
    return inside


@pytest.mark.parametrize("level", ["Street", "Room"])
def test_every_plane_agrees_with_rays_through_the_triangles(engine: Engine, level: str):
    one = scene(engine, level)[0]
    corners, table = world_triangles(engine)
    mask, depth, normal, ids = engine.tick(*(f"vget /camera/0/{kind}" for kind in CAPTURES[1:]))
    ids, depth, mask, normal = npy(ids), npy(depth), rgb(mask), rgb(normal)
    assert ids.dtype == np.uint32 and ids.shape == depth.shape == (HEIGHT_PX, WIDTH_PX)
    rows, columns = rng_for(3, "pixels", level).integers(0, (HEIGHT_PX, WIDTH_PX), (150, 2)).T
    rays = one.rays()[rows, columns]
    expected, expected_depth = nearest(rays, one.location, corners)
    # Away from edges, where rasterisation decides.
    tested = is_inside(rays, one.location, corners, expected) | (expected == 0)
    assert tested.mean() > 0.9 and len(set(table["triangle_objects"][expected[tested] - 1])) > 5
    assert (ids[rows, columns] == expected)[tested].all()
    assert np.allclose(depth[rows, columns][tested], expected_depth[tested], rtol=1e-5)
    colours = {name: engine.color(name) for name in table["object_names"]}
    seen = [table["object_names"][table["triangle_objects"][number - 1]] for number in expected[tested]]
    wanted = [
        colours[name] if number else (0, 0, 0) for name, number in zip(seen, expected[tested], strict=True)
    ]
    assert (mask[rows, columns][tested] == wanted).all()
    assert_normals(normal, ids, corners, table)


def assert_normals(normal: np.ndarray, ids: np.ndarray, corners: np.ndarray, table: dict) -> None:
    """Unit normals, near those of the triangles; exactly those on the flat faces of the cube."""
    assert (normal[ids == 0] == 0).all()
    unit = normal[ids > 0] / 127.5 - 1
    assert np.abs(np.linalg.norm(unit, axis=-1) - 1).max() < 0.007
    faces = corners[ids[ids > 0].astype(int) - 1]
    outward = np.cross(faces[:, 1] - faces[:, 0], faces[:, 2] - faces[:, 0])
    outward /= np.linalg.norm(outward, axis=-1, keepdims=True)
    cosines = np.einsum("pi,pi->p", unit, outward)
    assert np.median(cosines) > 0.999 and (cosines > 0.5).mean() > 0.98
    probe = list(table["object_names"]).index("Probe")
    on_probe = table["triangle_objects"][ids[ids > 0].astype(int) - 1] == probe
    assert on_probe.sum() > 100 and np.abs(unit - outward)[on_probe].max() < 0.006


def test_depth_of_one_camera_is_that_of_another_on_the_same_triangle(engine: Engine):
    a, b = scene(engine, "Street", cameras=8)[:2]
    replies = engine.tick(
        *(f"vget /camera/{i}/{kind}" for i in (0, 1) for kind in ("depth npy", "surface npy"))
    )
    depth_a, ids_a, depth_b, ids_b = (npy(reply) for reply in replies)
    rays = a.rays()[ids_a > 0]
    points = a.location + depth_a[ids_a > 0].astype(np.float64)[:, None] * rays
    pixels, depth = b.project(points)
    # Between four pixels of the same triangle, the reciprocal of depth is bilinear.
    columns, rows = np.floor(pixels - 0.5).astype(int).T
    kept = (depth > 10) & (rows >= 0) & (rows < HEIGHT_PX - 1) & (columns >= 0) & (columns < WIDTH_PX - 1)
    rows, columns, depth, pixels = rows[kept], columns[kept], depth[kept], pixels[kept]
    around = [(rows + down, columns + right) for down in (0, 1) for right in (0, 1)]
    is_same = np.all([ids_b[place] == ids_a[ids_a > 0][kept] for place in around], axis=0)
    x, y = (pixels - 0.5 - np.stack([columns, rows], axis=1)).T
    shares = [(1 - y) * (1 - x), (1 - y) * x, y * (1 - x), y * x]
    found = 1 / sum(share / depth_b[place] for share, place in zip(shares, around, strict=True))
    assert is_same.sum() > 1000
    assert np.abs(found[is_same] / depth[is_same] - 1).max() < 1e-5


def test_masks_and_ids_of_ten_cameras_name_the_same_objects_without_blending(engine: Engine):
    scene(engine, "Room", cameras=10)
    _, table = world_triangles(engine)
    colours = np.array([engine.color(name) for name in table["object_names"]])
    of_ids = np.concatenate([np.zeros((1, 3), dtype=int), colours[table["triangle_objects"]]])
    kinds = ("object_mask bmp", "surface npy", "depth npy")
    replies = engine.tick(*(f"vget /camera/{i}/{kind}" for i in range(10) for kind in kinds))
    objects = []
    for mask, ids, depth in zip(replies[0::3], replies[1::3], replies[2::3], strict=True):
        assert (rgb(mask) == of_ids[npy(ids)]).all()
        assert ((npy(ids) == 0) == (npy(depth) == np.float32(NO_DEPTH_CM))).all()
        objects.append(set(table["triangle_objects"][npy(ids)[npy(ids) > 0] - 1].tolist()))
    names = {str(table["object_names"][place]) for place in set.intersection(*objects)}
    assert "Hero" in names


@pytest.mark.parametrize("has_all_mask_colors", [True, False])
def test_any_captures_together_give_the_bytes_of_each_alone(engine: Engine, has_all_mask_colors: bool):
    scene(engine, "Street", cameras=2)
    if not has_all_mask_colors:
        engine.run("vset /objects/spawn_cube Stranger", "vset /object/Stranger/location 40 -40 100")
    commands = [f"vget /camera/0/{capture}" for capture in CAPTURES]
    alone = {command: engine.ask(command)[0] for command in commands}
    assert len(set(alone.values())) == len(commands)
    for count in range(2, len(commands) + 1):
        for some in itertools.combinations(commands, count):
            assert engine.tick(*some) == [alone[command] for command in some], some
    both = engine.tick(*commands, *(command.replace("/0/", "/1/") for command in commands))
    assert both[: len(commands)] == list(alone.values())


def test_spawned_actors_are_absent_from_masks_and_depth_until_they_have_a_colour(engine: Engine):
    scene(engine, "Street")
    kinds = [f"vget /camera/0/{capture}" for capture in CAPTURES]
    before = dict(zip(CAPTURES, engine.tick(*kinds), strict=True))
    engine.run("vset /objects/spawn_cube Stranger", "vset /object/Stranger/location 40 40 100")
    spawned = dict(zip(CAPTURES, engine.tick(*kinds), strict=True))
    for capture in ("object_mask bmp", "depth npy", "surface npy"):
        assert spawned[capture] == before[capture]
    for capture in ("lit bmp", "normal bmp"):
        assert spawned[capture] != before[capture]
    engine.run("vset /object/Stranger/color 3 5 7")
    coloured = dict(zip(CAPTURES, engine.tick(*kinds), strict=True))
    changed = (rgb(coloured["object_mask bmp"]) == (3, 5, 7)).all(axis=-1)
    assert changed.sum() > 100
    nearer = npy(coloured["depth npy"]) < npy(before["depth npy"])
    assert (nearer == changed).all()
    for capture in ("lit bmp", "normal bmp"):
        assert spawned[capture] == coloured[capture]


def test_fast_masks_omit_spawned_actors_until_they_have_a_colour():
    with running("fast") as engine:
        engine.level("Room")
        engine.run(*camera(0, (-300, 0, 150), (0, 0, 100)).commands)
        before = engine.image("object_mask")
        engine.run("vset /objects/spawn_cube Probe", "vset /object/Probe/location 0 0 100")
        assert (engine.image("object_mask") == before).all()
        engine.annotate("Probe")
        assert (engine.image("object_mask") == engine.color("Probe")).all(axis=-1).sum() > 100


def test_surfaces_change_with_actors_and_not_with_poses(engine: Engine):
    scene(engine, "Room")
    first, pieces = engine.ask("vget /scene/surfaces npz", "vget /scene/pieces npy")
    engine.run("vset /object/Probe/location 5 6 7", "vset /object/Hero/hide")
    engine.call("Hero", "SetPosition", InPos=0.1, bFireNotifies=False)
    again, moved = engine.ask("vget /scene/surfaces npz", "vget /scene/pieces npy")
    assert again == first and moved != pieces
    engine.run("vset /object/Probe/name Box")
    _, renamed = world_triangles(engine)
    assert "Box" in renamed["object_names"] and "Probe" not in renamed["object_names"]
    engine.run("vset /object/Hero/destroy")
    corners, table = world_triangles(engine)
    assert "Hero" not in table["object_names"] and len(corners) < len(renamed["triangles"])
    box = list(table["object_names"]).index("Box")
    assert np.allclose(corners[table["triangle_objects"] == box].mean(axis=(0, 1)), (5, 6, 7), atol=0.01)
    for command in ("surfaces npy", "pieces npz"):
        assert engine.ask(f"vget /scene/{command}")[0].startswith("error Invalid filename type")


def test_flow_is_the_motion_since_the_capture_of_an_earlier_tick(engine: Engine):
    one = scene(engine, "Street")[0]
    ask = "vget /camera/0/optical_flow bmp"
    assert (rgb(engine.ask(ask)[0]) == 0).all()
    turned = camera(0, tuple(one.location + np.array([3, -2, 1])), (-21, 41, 96))
    engine.run(*turned.commands, "vset /object/Probe/location -60 112 80")
    flow, twice, depth, mask = engine.tick(
        ask, ask, "vget /camera/0/depth npy", "vget /camera/0/object_mask bmp"
    )
    assert flow == twice
    points = turned.location + npy(depth).astype(np.float64)[..., None] * turned.rays()
    points[(rgb(mask) == engine.color("Probe")).all(axis=-1)] -= [0, 2, 0]
    points[npy(depth) > 60000] += 1e7 * turned.rays()[npy(depth) > 60000]
    places, _ = turned.project(turned.location + turned.rays().reshape(-1, 3))
    motion = (places - one.project(points.reshape(-1, 3))[0]) / WIDTH_PX
    expected, lengths = flow_colours(motion)
    assert lengths.max() > 0.3 and np.ptp(lengths) > 0.1
    assert np.abs(rgb(flow).astype(int) - expected).max() <= 2


def flow_colours(motion: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The image of the motion of all pixels (shares of its width), and the lengths that it shows."""
    value = np.clip(30 * np.linalg.norm(motion, axis=1), 0, 1)
    hue = np.arctan2(motion[:, 1], motion[:, 0]) / (2 * np.pi) % 1
    hsv = np.round(255 * np.stack([hue, np.ones_like(hue), value], axis=1)).astype(np.uint8)
    image = Image.fromarray(hsv.reshape(HEIGHT_PX, WIDTH_PX, 3), "HSV")
    return np.asarray(image.convert("RGB")), value


def test_flow_of_a_character_is_the_motion_of_its_skin(engine: Engine):
    one, ask = scene(engine, "Street")[0], "vget /camera/0/optical_flow bmp"
    corners_before, table = world_triangles(engine)
    engine.ask(ask)
    engine.call("Hero", "SetPosition", InPos=0.74, bFireNotifies=False)
    flow, surface = engine.tick(ask, "vget /camera/0/surface npy")
    corners, _ = world_triangles(engine)
    seen = npy(surface).ravel().astype(int) - 1
    is_hero = table["triangle_objects"][seen] == list(table["object_names"]).index("Hero")
    rays = one.rays().reshape(-1, 3)
    shares = np.einsum("pi,pij->pj", rays[is_hero], np.linalg.inv(corners[seen[is_hero]] - one.location))
    shares /= shares.sum(axis=1, keepdims=True)
    points = one.location + rays
    points[is_hero] = np.einsum("pj,pji->pi", shares, corners_before[seen[is_hero]])
    places, _ = one.project(one.location + rays)
    expected, lengths = flow_colours((places - one.project(points)[0]) / WIDTH_PX)
    assert is_hero.sum() > 500 and (lengths[is_hero] > 0.05).mean() > 0.5
    # PIL rounds the hue to one of 256.
    assert np.abs(rgb(flow).astype(int) - expected).max() <= 4


def test_two_processes_and_two_threads_give_the_same_bytes(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    def replies(each: Engine) -> list[str | bytes]:
        scene(each, "Street", cameras=2)
        commands = [f"vget /camera/{index}/{capture}" for index in (0, 1) for capture in CAPTURES]
        return each.tick(*commands, "vget /scene/surfaces npz", "vget /scene/pieces npy")

    expected = replies(engine)
    for threads in ("1", "2"):
        monkeypatch.setenv("LP_NUM_THREADS", threads)
        with running("lit") as another:
            assert replies(another) == expected


def test_every_shader_variant_compiles_and_draws():
    script = Path(__file__).with_name("shader_variants.py")
    need("lit")
    child = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120)
    assert child.returncode == 0, child.stderr
    # Panda reports shaders that do not compile, and goes on without them.
    assert "rror" not in child.stdout + child.stderr


def test_labels_of_many_sizes_take_no_more_memory(engine: Engine):
    def film(first_px: int) -> float:
        for width_px in range(first_px, first_px + 60):
            engine.run(f"vset /camera/0/size {width_px} {160 - width_px // 2}")
            some = CAPTURES[width_px % 5 :] + CAPTURES[: width_px % 3]
            engine.tick(*(f"vget /camera/0/{capture}" for capture in dict.fromkeys(some)))
        return engine.resident_mb()

    engine.level("Room")
    film(16)
    before = film(76)
    assert film(16) - before < 4.0
