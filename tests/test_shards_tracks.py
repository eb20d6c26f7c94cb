"""Surfaces, flow and tracks of a synthetic scene with closed-form answers, and the laws of their members."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import FRAMES, HEIGHT_PX, TINY_BATCH_FILES, TINY_KEYS, WIDTH_PX, tiny_info, tiny_take
from hypothesis import given, settings
from hypothesis import strategies as st

from multitake.errors import InputError
from multitake.randomness import rng_for
from shards import (
    ClipGeometry,
    DatasetWriter,
    FlowEncoder,
    Joints,
    JointState,
    NormalEncoder,
    SurfaceEncoder,
    Surfaces,
    Take,
    decode_flow,
    decode_normals,
    decode_surface,
    forward_flow_px,
    joint_states,
    joints_member,
    open_dataset,
    surfaces_member,
    verify_dataset,
)
from shards.arrays import npy_bytes, npz_bytes, read_npy, read_npz
from shards.joints import read_joints
from shards.surfaces import read_surfaces
from shards.triangles import nearest_triangles
from trajectories import CameraPose, Intrinsics

LENS = Intrinsics(fx_px=64.0, fy_px=64.0, cx_px=32.0, cy_px=24.0, width_px=WIDTH_PX, height_px=HEIGHT_PX)
WALL_M, CARD_M, STEP_M = 4.0, 2.0, 0.02


def random_view(seed: int, triangles: int = 60) -> ClipGeometry:
    """Random triangles around the camera, some of them behind it, and one below that crosses its plane."""
    rng = rng_for(seed, "triangles")
    centres = rng.uniform(-4, 4, (triangles, 1, 3))
    vertices = (centres + rng.normal(0, 0.8, (triangles, 3, 3))).reshape(-1, 3)
    ground = np.array([[-60.0, -60.0, -1.0], [60.0, -60.0, -1.0], [0.0, 80.0, -1.0]])
    vertices = np.concatenate([vertices, ground]).astype(np.float32)
    moves = np.zeros((3, 2, 3, 4))
    moves[..., :3] = np.eye(3)
    moves[:, 1, :, 3] = rng.normal(0, 0.1, (3, 3))
    pieces, weights = skinned(rng, len(vertices))
    surfaces = Surfaces(
        vertices_m=vertices,
        vertex_pieces=pieces,
        vertex_weights=weights,
        triangles=np.arange(len(vertices), dtype=np.int32).reshape(-1, 3),
        triangle_objects=np.zeros(triangles + 1, dtype=np.int32),
        object_names=("things",),
        world_from_piece=moves,
    )
    poses = CameraPose.looking(rng.uniform(-0.3, 0.3, (3, 3)), rng.normal(size=(3, 3)) * (1, 1, 0.3))
    return ClipGeometry(surfaces=surfaces, poses=poses, intrinsics=(LENS,) * len(poses.world_from_camera))


def skinned(rng: np.random.Generator, vertices: int) -> tuple[np.ndarray, np.ndarray]:
    """Vertices that follow two pieces: half of them one alone, the others both."""
    pieces = rng.integers(0, 2, (vertices, 4)).astype(np.int32)
    weights = rng.dirichlet(np.ones(4), vertices).astype(np.float32)
    weights[::2] = (1, 0, 0, 0)
    return pieces, weights


def test_vertices_are_where_their_pieces_take_them_on_average() -> None:
    surfaces = random_view(3).surfaces
    points = np.concatenate([surfaces.vertices_m, np.ones((len(surfaces.vertices_m), 1))], axis=1)
    for frame in range(3):
        of_pieces = np.einsum("pij,vj->vpi", surfaces.world_from_piece[frame], points)
        chosen = np.take_along_axis(of_pieces, surfaces.vertex_pieces[..., None].astype(int), axis=1)
        expected = (chosen * surfaces.vertex_weights[..., None]).sum(axis=1)[surfaces.triangles]
        found = surfaces.world_corners_m(frame, np.arange(len(surfaces.triangles)))
        np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_pixels_show_the_nearest_triangle_that_their_ray_meets(seed: int) -> None:
    view = random_view(seed)
    corners_m = view.camera_corners_m(0, np.arange(61))
    drawn = nearest_triangles(corners_m, LENS)
    x, y = np.meshgrid(np.arange(WIDTH_PX) + 0.5, np.arange(HEIGHT_PX) + 0.5)
    rays = np.stack([(x - 32) / 64, (y - 24) / 64, np.ones_like(x)], axis=-1).reshape(-1, 3)
    # Shares of the corners whose sum is the ray: (ray, triangle, corner).
    shares = np.einsum("tij,rj->rti", np.linalg.inv(np.swapaxes(corners_m, 1, 2)), rays)
    nearness = np.where((shares >= 0).all(axis=-1), shares.sum(axis=-1), 0)
    expected = np.where(nearness.max(axis=1) > 0, nearness.argmax(axis=1) + 1, 0)
    assert (expected > 0).mean() > 0.2
    assert (expected == drawn.ravel()).all()


@settings(max_examples=10)
@given(seed=st.integers(0, 10**6), share=st.floats(0, 1))
def test_surface_ids_survive_their_file_whatever_they_are(seed: int, share: float) -> None:
    """Also where the engine shows other triangles than their geometry: any ids can be stored."""
    view, rng = random_view(seed % 5), rng_for(seed, "ids")
    filmed = []
    for frame in range(3):
        ids = view.drawn(frame, np.arange(61))
        is_other = rng.random(ids.shape) < share
        filmed.append(np.where(is_other, rng.integers(0, 62, ids.shape), ids).astype(np.uint32))
    content = surface_member(view, filmed)
    assert all(map(np.array_equal, filmed, decode_surface(content, view, range(3))))
    (last,) = decode_surface(content, view, [2])
    assert np.array_equal(last, filmed[2])
    assert surface_member(view, filmed) == content


def surface_member(view: ClipGeometry, filmed: list[np.ndarray]) -> bytes:
    encoder = SurfaceEncoder()
    for frame, ids in enumerate(filmed):
        encoder.add(ids, view, frame)
    return encoder.finish()


def test_surface_ids_of_other_triangles_are_not_read() -> None:
    view, other = random_view(0), random_view(1)
    content = surface_member(view, [view.drawn(frame, np.arange(61)) for frame in range(3)])
    with pytest.raises(ValueError, match="the ids of frame 0 differ"):
        list(decode_surface(content, other, range(3)))
    with pytest.raises(ValueError, match=r"unknown triangle 61 \(there are 61\)"):
        SurfaceEncoder().add(np.full((HEIGHT_PX, WIDTH_PX), 62, dtype=np.uint32), view, 0)


def test_triangles_survive_their_file_and_numpy_reads_it(tmp_path: Path) -> None:
    surfaces = random_view(0).surfaces
    content = surfaces_member(surfaces)
    read = read_surfaces(content, 3)
    for name in ("vertices_m", "vertex_pieces", "vertex_weights", "triangles", "triangle_objects"):
        assert np.array_equal(getattr(read, name), getattr(surfaces, name))
    assert np.array_equal(read.world_from_piece, surfaces.world_from_piece)
    assert read.object_names == surfaces.object_names and surfaces_member(read) == content
    (tmp_path / "surfaces.npz").write_bytes(content)
    with np.load(tmp_path / "surfaces.npz", allow_pickle=False) as arrays:
        assert np.array_equal(arrays["triangles"], surfaces.triangles)


def test_headers_that_claim_too_much_are_errors_before_memory_is_used() -> None:
    honest = npy_bytes(np.zeros(4, dtype="<f4"))
    for claim in (b"(4000000000,)", b"(4, 1000, 10**9)"):
        lying = honest.replace(b"(4,)", claim).ljust(len(honest))
        with pytest.raises((ValueError, SyntaxError, TypeError)):
            read_npy(lying, "<f4", ("n",))
    with pytest.raises(ValueError, match="found object"):
        read_npy(honest.replace(b"'<f4'", b"'|O' "), "<f4", ("n",))
    small = npz_bytes({"a": np.zeros(1000, dtype=np.uint8)})
    bomb = small.replace((1128).to_bytes(4, "little"), (2**31 - 1).to_bytes(4, "little"))
    with pytest.raises(InputError, match="unpacks to 2147 MB"):
        read_npz(bomb, {"a": ("|u1", ("n",))}, {})
    with pytest.raises(ValueError, match="found uint8"):
        read_npz(npz_bytes({"a": np.zeros(3, "|u1")}), {"a": ("|u1", ("n",))}, {"n": 4})


def test_normals_and_flow_survive_their_videos() -> None:
    rng = rng_for(0, "normals")
    normals = rng.normal(size=(2, 48, 64, 3))
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    normals[:, :5] = 0
    encoder = NormalEncoder(64, 48, 15.0)
    for frame in normals:
        levels = np.where(frame.any(axis=-1, keepdims=True), np.rint(127.5 * frame + 127.5), 0)
        encoder.add(levels.astype(np.uint8))
    read = decode_normals(encoder.finish())
    assert np.abs(read - normals).max() < 0.006 and not read[:, :5].any()
    flow_px = rng.uniform(-500, 500, (2, 48, 64, 2)).astype(np.float32)
    flow_px[0, :5], flow_px[1, 3, 3] = np.nan, (600, 0)
    flow_encoder = FlowEncoder(64, 48, 15.0)
    for frame in flow_px:
        flow_encoder.add(frame)
    content = flow_encoder.finish()
    unknown = np.isnan(decode_flow(content))
    assert unknown[0, :5].all() and unknown[1, 3, 3].all() and unknown.sum() == 2 * (5 * 64 + 1)
    assert np.nanmax(np.abs(decode_flow(content) - flow_px)[~unknown]) <= 1 / 128 + 1e-4
    assert np.array_equal(decode_flow(content, start=1), decode_flow(content)[1:], equal_nan=True)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Take:
    """A wall of 4.4 m, 4 m before three cameras, and a card at 2 m that moves by 2 cm to the right."""
    root = tmp_path_factory.mktemp("scene") / "dataset"
    flat = tiny_take(0)
    # Cameras look along +Y with X to the right.
    rotation = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
    positions = np.zeros((3, FRAMES, 3))
    positions[1, :, 0] = 0.5
    positions[2, :, 2] = 0.25
    poses = CameraPose.of(np.broadcast_to(rotation, (3, FRAMES, 3, 3)), positions)
    numbers = {"fx_px": 64.0, "fy_px": 64.0, "cx_px": 32.0, "cy_px": 24.0}
    clips = type(flat.clips).of_rows([replace(row, **numbers) for row in flat.clips], poses)
    surfaces = Surfaces(
        vertices_m=np.concatenate([_square(2.2, WALL_M), _square(0.3, CARD_M)]).astype(np.float32),
        vertex_pieces=np.repeat([0, 1], 4).astype(np.int32)[:, None].repeat(4, axis=1),
        vertex_weights=np.eye(1, 4, dtype=np.float32).repeat(8, axis=0),
        triangles=np.array([[0, 1, 2], [0, 2, 3], [4, 5, 6], [4, 6, 7]], dtype=np.int32),
        triangle_objects=np.array([0, 0, 1, 1], dtype=np.int32),
        object_names=("Wall", "Card"),
        world_from_piece=_moves(),
    )
    members, files = {"surfaces": surfaces_member(surfaces)}, []
    for camera, one in enumerate(flat.files):
        view = ClipGeometry(surfaces=surfaces, poses=poses[camera], intrinsics=(LENS,) * FRAMES)
        content = surface_member(view, [view.drawn(k, np.arange(4)) for k in range(FRAMES)])
        files.append(replace(one, members={**one.members, "surface": content}))
    row = replace(flat.row, passes=("surface",))
    writer = DatasetWriter(root)
    counts = {"takes": 1, "clips": 3, "frames": 3 * FRAMES, "shards": 1}
    writer.create(replace(tiny_info(), planned_takes=1, counts=counts), TINY_BATCH_FILES)
    writer.stage(replace(flat, row=row, clips=clips, files=tuple(files), members=members))
    writer.seal(0, [TINY_KEYS[0]])
    assert verify_dataset(root) == []
    return open_dataset(root).take(TINY_KEYS[0])


def _square(half_m: float, distance_m: float) -> np.ndarray:
    corners = ((-half_m, -half_m), (half_m, -half_m), (half_m, half_m), (-half_m, half_m))
    return np.array([(x, distance_m, z) for x, z in corners])


def _moves() -> np.ndarray:
    moves = np.zeros((FRAMES, 2, 3, 4))
    moves[..., :3] = np.eye(3)
    moves[:, 1, 0, 3] = STEP_M * np.arange(FRAMES)
    return moves


def test_tracks_of_a_moving_card_and_its_wall_are_those_of_geometry(scene: Take) -> None:
    points_px = np.array([[32.25, 24.5], [39.0, 30.0], [44.5, 24.5], [5.0, 10.0]])
    tracks = scene.clip("cam01").track(points_px, 0)
    assert tracks.objects.tolist() == ["Card", "Card", "Wall", "Wall"]
    depth_m = np.array([CARD_M, CARD_M, WALL_M, WALL_M])
    x_m, z_m = (points_px[:, 0] - 32) / 64 * depth_m, -(points_px[:, 1] - 24) / 64 * depth_m
    for frame in range(FRAMES):
        moved_m = x_m + STEP_M * frame * (depth_m == CARD_M)
        expected = np.stack([moved_m, depth_m, z_m], axis=-1)
        np.testing.assert_allclose(tracks.world_m[frame], expected, atol=1e-6)
        for camera, (right_m, up_m) in enumerate(((0.0, 0.0), (0.5, 0.0), (0.0, 0.25))):
            columns, rows = (moved_m - right_m) / depth_m, (z_m - up_m) / depth_m
            image_px = np.stack([32 + 64 * columns, 24 - 64 * rows], axis=-1)
            np.testing.assert_allclose(tracks.image_px[camera, frame], image_px, atol=1e-3)
            inside = ((image_px >= 0) & (image_px < (WIDTH_PX, HEIGHT_PX))).all(axis=-1)
            # Where the line from the camera to a point of the wall meets the plane of the card.
            crossing_x = (moved_m + right_m) / 2 - STEP_M * frame
            crossing_z = (z_m + up_m) / 2
            is_covered = (np.abs(crossing_x) < 0.3) & (np.abs(crossing_z) < 0.3) & (depth_m == WALL_M)
            assert np.array_equal(tracks.is_visible[camera, frame], inside & ~is_covered)
    # The card passes before a point of the wall.
    assert tracks.is_visible[0, 0, 2] and not tracks.is_visible[0, -1, 2]
    chosen = scene.clip("cam01").track(points_px, 0, frames=(2, 7), cameras=("cam02",))
    assert chosen.frames == (2, 7) and chosen.cameras == ("cam02",)
    assert np.array_equal(chosen.image_px, tracks.image_px[1:2, [2, 7]])
    assert np.array_equal(chosen.is_visible, tracks.is_visible[1:2, [2, 7]])


def test_flow_of_what_shows_nothing_is_unknown() -> None:
    view = random_view(2)
    assert np.isnan(forward_flow_px(np.zeros((HEIGHT_PX, WIDTH_PX), dtype=np.uint32), view, 0)).all()


def test_tracks_of_what_shows_nothing_are_unknown(scene: Take) -> None:
    """The wall ends within the image of the second camera, which stands to the right of the first."""
    tracks = scene.clip("cam02").track(np.array([[60.5, 24.5], [40.5, 24.5]]), 0)
    assert tracks.objects.tolist() == ["", "Wall"] and tracks.triangles[0] == -1 != tracks.triangles[1]
    assert np.isnan(tracks.world_m[:, 0]).all() and not np.isnan(tracks.world_m[:, 1]).any()
    assert np.isnan(tracks.image_px[:, :, 0]).all() and not np.isnan(tracks.image_px[:, :, 1]).any()
    assert not tracks.is_visible[..., 0].any() and tracks.is_visible[1, 0, 1]


def test_flow_of_a_moving_card_is_its_motion(scene: Take) -> None:
    clip = scene.clip("cam03")
    (ids,) = clip.surface_frames([4])
    flow_px = forward_flow_px(ids, clip.geometry, 4)
    expected = np.where((ids > 2)[..., None], (64 * STEP_M / CARD_M, 0.0), 0.0)
    np.testing.assert_allclose(flow_px, expected, atol=1e-4)


def test_states_of_joints_follow_from_depth_and_mask() -> None:
    pose = CameraPose(np.eye(4)[:3])
    depth_m = np.full((HEIGHT_PX, WIDTH_PX), 3.0)
    mask = np.zeros((HEIGHT_PX, WIDTH_PX, 3), dtype=np.uint8)
    depth_m[:, 20:40], mask[:, 20:40] = 2.0, (1, 2, 3)
    depth_m[:, 50:] = 0.0
    points_m = np.array(
        [
            [0.0, 0.0, 2.1],  # within the body
            [0.0, 0.0, 2.3],  # behind the body
            [-0.8, 0.0, 3.2],  # behind something else
            [-0.8, 0.0, 2.0],  # before something else
            [0.9, 0.0, 2.0],  # before nothing
            [9.0, 0.0, 2.0],
            [0.0, 0.0, -2.0],
        ]
    )
    states = joint_states(points_m, pose, LENS, depth_m=depth_m, mask=mask, colour=(1, 2, 3))
    assert [JointState(state).name for state in states] == [
        *("VISIBLE", "HIDDEN_BY_OWN_BODY", "HIDDEN", "VISIBLE", "VISIBLE", "OUTSIDE", "OUTSIDE")
    ]


def test_joints_survive_their_file() -> None:
    rng = rng_for(0, "joints")
    joints = {
        f"character_{n}": Joints(
            names=tuple(f"bone_{k}" for k in range(n + 2)),
            positions_m=rng.normal(size=(4, n + 2, 3)),
            states=rng.integers(0, 4, (2, 4, n + 2)).astype(np.uint8),
        )
        for n in (1, 2)
    }
    read = read_joints(joints_member(joints), 2, 4, list(joints))
    for name, one in joints.items():
        assert read[name].names == one.names
        assert np.array_equal(read[name].positions_m, one.positions_m)
        assert np.array_equal(read[name].states, one.states)
    with pytest.raises(ValueError, match="expected the actors character_1, found character_1, character_2"):
        read_joints(joints_member(joints), 2, 4, ["character_1"])
