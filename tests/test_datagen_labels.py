"""All passes of a small take, filmed once: they agree with each other, and with independent geometry."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from datagen.batch import Batch, EngineChoice, SceneChoice
from datagen.catalog import load_catalog
from datagen.drive import RunningEngine
from datagen.engine.content.animations.catalog import ANIMATIONS
from datagen.engine.content.animations.motion import motion_at
from datagen.engine.content.characters.catalog import CHARACTERS
from datagen.film import film_take
from datagen.film_worker import FilmJob
from datagen.generate import batch_files, dataset_info
from datagen.plan import plan_take
from multitake.errors import InputError
from shards import Clip, DatasetWriter, FilmedTake, JointState, Take, open_dataset, verify_dataset
from shards.arrays import npz_bytes
from trajectories import Lens, world_from_unreal
from trajectories.sampling import Rules

PASSES = ("depth", "mask", "normal", "flow", "surface", "joints")
FRAMES, WIDTH_PX, HEIGHT_PX = 5, 128, 96
SOCKETS, SOCKETS_FRAME = ("head", "hand_l", "calf_r"), 3
COMPONENT = "/Game/Maps/Room.Room:PersistentLevel.{}.SkeletalMeshComponent0"


@dataclass(frozen=True, kw_only=True)
class Filmed:
    """A take that was filmed twice, and where some joints of the engine were in one frame."""

    job: FilmJob
    once: FilmedTake
    again: FilmedTake
    sockets_m: dict[str, np.ndarray]

    def sealed(self, root: Path, **changed: bytes) -> Path:
        """A data set of the take; ``changed`` replaces members of the take, or of its first camera."""
        of_take = {kind: changed.get(kind, content) for kind, content in self.once.members.items()}
        first, *others = self.once.files
        of_camera = {kind: changed.get(kind, content) for kind, content in first.members.items()}
        take = replace(self.once, members=of_take, files=(replace(first, members=of_camera), *others))
        writer = DatasetWriter(root)
        writer.create(dataset_info(self.job, engine_version="test"), batch_files(self.job))
        writer.stage(take)
        writer.seal(0, [take.row.take])
        return root


@pytest.fixture(scope="module")
def filmed() -> Iterator[Filmed]:
    batch = Batch(
        seed=3,
        takes=1,
        frames=FRAMES,
        fps=30.0,
        width_px=WIDTH_PX,
        height_px=HEIGHT_PX,
        passes=PASSES,
        # In close clothes, whose surface moves as the joints below it.
        scene=SceneChoice(
            environments=("room",),
            characters=("ada", "bruno"),
            animations=("walk",),
            characters_per_take=(2, 2),
        ),
        engine=EngineChoice(look="lit"),
        rules=Rules(
            radius_m=(2.5, 3.5),
            slots=("translation", "arc", "static"),
            layout="independent",
            lenses=(Lens(focal_length_mm=18.0, f_number=8.0),),
        ),
    )
    job = FilmJob(batch=batch, catalog=load_catalog(batch.scene, folder=Path()), dataset=Path())
    take = plan_take(batch, job.catalog, 0)
    engine = RunningEngine(batch.engine, worker=0)
    try:
        once, again = (film_take(engine.driver, batch, take) for _ in range(2))
        engine.driver.set_time(SOCKETS_FRAME, SOCKETS_FRAME / batch.fps)
        yield Filmed(job=job, once=once, again=again, sockets_m=_sockets_m(engine, once))
    finally:
        engine.close()


@pytest.fixture(scope="module")
def root(filmed: Filmed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filmed.sealed(tmp_path_factory.mktemp("labels") / "dataset")


@pytest.fixture(scope="module")
def take(root: Path) -> Take:
    return next(iter(open_dataset(root)))


def _sockets_m(engine: RunningEngine, filmed: FilmedTake) -> dict[str, np.ndarray]:
    return {
        actor.name: world_from_unreal(
            np.array(
                [
                    list(
                        engine.driver.remote_control.call(
                            COMPONENT.format(actor.name), "GetSocketLocation", InSocketName=name
                        )["ReturnValue"].values()
                    )
                    for name in SOCKETS
                ]
            )
        )
        for actor in filmed.row.actors
    }


def centres() -> np.ndarray:
    """Centres of all pixels, in order of rows."""
    x, y = np.meshgrid(np.arange(WIDTH_PX) + 0.5, np.arange(HEIGHT_PX) + 0.5)
    return np.stack([x.ravel(), y.ravel()], axis=-1)


def world_points(clip: Clip, frame: int, points_px: np.ndarray) -> np.ndarray:
    """Where the rays of points in the image meet the planes of the triangles that their pixels show."""
    surfaces, ids = clip.take.surfaces, clip.surface(frame, frame + 1)[0]
    x, y = points_px.astype(int).T
    corners = []
    for vertex in surfaces.triangles[np.maximum(ids[y, x].astype(int) - 1, 0)].T:
        corners.append(_vertices_m(clip.take, frame, vertex))
    first, second, third = corners
    normals = np.cross(second - first, third - first)
    k = clip.intrinsics
    rays = np.stack(
        [
            (points_px[:, 0] - k.cx_px) / k.fx_px,
            (points_px[:, 1] - k.cy_px) / k.fy_px,
            np.ones(len(points_px)),
        ],
        axis=1,
    )
    matrix = clip.poses.world_from_camera[frame]
    rays = rays @ matrix[:, :3].T
    distance = ((first - matrix[:, 3]) * normals).sum(axis=1) / (rays * normals).sum(axis=1)
    return matrix[:, 3] + distance[:, None] * rays


def projected(clip: Clip, frame: int, points_m: np.ndarray) -> np.ndarray:
    """Pixels (x, y) and depth of world points."""
    matrix, k = clip.poses.world_from_camera[frame], clip.intrinsics
    x, y, z = ((points_m - matrix[:, 3]) @ matrix[:, :3]).T
    return np.stack([k.fx_px * x / z + k.cx_px, k.fy_px * y / z + k.cy_px, z], axis=-1)


def test_a_take_with_all_passes_has_no_problem_and_equal_bytes_when_it_is_filmed_again(
    filmed: Filmed, root: Path
) -> None:
    assert filmed.once.files == filmed.again.files and filmed.once.members == filmed.again.members
    assert verify_dataset(root) == []


def test_depth_of_one_camera_is_that_of_another(take: Take) -> None:
    one, other = take.clip("cam01"), take.clip("cam02")
    for frame in (0, FRAMES - 1):
        ids, seen = (clip.surface(frame, frame + 1)[0] for clip in (one, other))
        depth_m, other_m = (clip.depth_m()[frame] for clip in (one, other))
        points_m = world_points(one, frame, centres())
        own = projected(one, frame, points_m)
        np.testing.assert_allclose(
            own[ids.ravel() > 0, 2], depth_m.ravel()[ids.ravel() > 0], rtol=1e-3, atol=1e-3
        )
        x, y, z = projected(other, frame, points_m).T
        inside = (ids.ravel() > 0) & (z > 0) & (x > 0) & (x < WIDTH_PX) & (y > 0) & (y < HEIGHT_PX)
        column, row = x[inside].astype(int), y[inside].astype(int)
        same = seen[row, column] == ids.ravel()[inside]
        assert same.mean() > 0.5
        # Depth is that of the pixel's centre, up to 0.7 pixels away on surfaces that are seen at an angle.
        apart = np.abs(z[inside][same] / other_m[row, column][same] - 1)
        assert np.quantile(apart, 0.95) < 0.01 and apart.max() < 0.05


def test_masks_are_the_objects_of_surfaces(take: Take) -> None:
    colours = {one.name: one.colour for one in take.row.mask_objects}
    table = np.array([(0, 0, 0), *(colours[name] for name in take.surfaces.object_names)], dtype=np.uint8)
    for camera in take.cameras:
        ids, mask = take.clip(camera).surface(), take.clip(camera).mask()
        objects = np.concatenate([[-1], take.surfaces.triangle_objects])[ids] + 1
        assert np.array_equal(table[objects], mask)


def test_normals_point_to_the_camera_and_those_of_the_floor_up(take: Take) -> None:
    floor = take.surfaces.object_names.index("Floor")
    clip = take.clip("cam01")
    normals, ids = clip.normals(), clip.surface()
    objects = np.concatenate([[-1], take.surfaces.triangle_objects])[ids]
    assert np.array_equal(ids > 0, normals.any(axis=-1))
    up = normals[objects == floor]
    assert len(up) > 100 and np.abs(up - (0, 0, 1)).max() < 0.01
    for frame in range(FRAMES):
        points_m = world_points(clip, frame, centres())[ids[frame].ravel() > 0]
        towards = clip.poses.position_m[frame] - points_m
        facing = (normals[frame][ids[frame] > 0] * towards).sum(axis=1) / np.linalg.norm(towards, axis=1)
        # Normals are smoothed over the facets of round bodies.
        assert (facing > -0.05).mean() > 0.99
        corners_m = take.surfaces.world_corners_m(frame, ids[frame][ids[frame] > 0].astype(int) - 1)
        outward = np.cross(corners_m[:, 1] - corners_m[:, 0], corners_m[:, 2] - corners_m[:, 0])
        assert ((outward * towards).sum(axis=1) > 0).all()


def test_tracked_pixels_are_the_projected_surface_points(take: Take) -> None:
    clip = take.clip("cam01")
    tracks = clip.track(centres(), 0)
    found = tracks.triangles >= 0
    assert np.array_equal(found, clip.surface(0, 1)[0].ravel() > 0)
    assert tracks.is_visible[0, 0][found].all() and not tracks.is_visible[..., ~found].any()
    start = world_points(clip, 0, centres())[found]
    np.testing.assert_allclose(tracks.world_m[0, found], start, atol=1e-5)
    surfaces = take.surfaces
    vertices = surfaces.triangles[tracks.triangles[found]]

    def corners(frame: int) -> np.ndarray:
        return _vertices_m(take, frame, vertices.ravel()).reshape(-1, 3, 3)

    # Shares of the corners, whose sums are the points; in the axes of the triangle, so that none is singular.
    one, two, three = np.moveaxis(corners(0), 1, 0)
    normal = np.cross(two - one, three - one)
    axes = np.stack([two - one, three - one, normal], axis=1)
    shares = np.einsum("ni,nij->nj", start - one, np.linalg.inv(axes))
    for frame in range(FRAMES):
        now = corners(frame)
        points_m = (
            now[:, 0] + shares[:, :1] * (now[:, 1] - now[:, 0]) + shares[:, 1:2] * (now[:, 2] - now[:, 0])
        )
        for number, camera in enumerate(take.cameras):
            expected = projected(take.clip(camera), frame, points_m)
            ahead = expected[:, 2] > 0.05
            apart = tracks.image_px[number, frame, found][ahead] - expected[ahead, :2]
            near = (np.abs(expected[ahead, :2]) < 1000).all(axis=1)
            assert np.abs(apart[near]).max() < 0.005
    actors = np.isin(tracks.objects, [actor.name for actor in take.row.actors])
    walked = np.linalg.norm(tracks.world_m[-1] - tracks.world_m[0], axis=1)
    assert np.median(walked[actors]) > 0.08 and walked[found & ~actors].max() < 1e-6


def test_visibility_is_the_depth_test_of_the_image(take: Take) -> None:
    tracks = take.clip("cam01").track(centres(), 2)
    for number, camera in enumerate(take.cameras):
        clip = take.clip(camera)
        depth_m = clip.depth_m()
        for frame in range(FRAMES):
            points_m = tracks.world_m[frame].astype(float)
            x, y, z = np.nan_to_num(projected(clip, frame, points_m), nan=-1.0).T
            inside = (z > 0) & (x >= 0) & (x < WIDTH_PX) & (y >= 0) & (y < HEIGHT_PX)
            flags = tracks.is_visible[number, frame]
            assert not flags[~inside].any()
            column, row = x[inside].astype(int), y[inside].astype(int)
            # The largest and the smallest depth that the image has within a pixel of the point.
            windows = [
                depth_m[frame][np.clip(row + dy, 0, HEIGHT_PX - 1), np.clip(column + dx, 0, WIDTH_PX - 1)]
                for dy in (-1, 0, 1)
                for dx in (-1, 0, 1)
            ]
            farthest, nearest = np.max(windows, axis=0), np.min(windows, axis=0)
            seen = flags[inside]
            assert seen[z[inside] < 0.99 * nearest].all()
            assert not seen[z[inside] > 1.02 * farthest].any()
            # The depth of the plane that the pixel shows: at the point or at its centre, the larger one.
            at_point, at_centre = (
                projected(clip, frame, world_points(clip, frame, places_px))[:, 2]
                for places_px in (np.stack([x, y], axis=1)[inside], np.stack([column, row], axis=1) + 0.5)
            )
            passes_test = z[inside] <= np.maximum(at_point, at_centre) * 1.001 + 0.002
            is_shown = clip.surface(frame, frame + 1)[0][row, column] > 0
            # Planes of small triangles end at their farthest corner, which is not computed here.
            assert (seen == (passes_test | ~is_shown)).mean() > 0.985


def test_flow_is_the_motion_of_tracks_and_of_the_vertices_of_characters(take: Take) -> None:
    surfaces = take.surfaces
    characters = np.isin(surfaces.object_names, [actor.name for actor in take.row.actors])
    of_vertex = np.zeros(len(surfaces.vertices_m), dtype=bool)
    of_vertex[surfaces.triangles[characters[surfaces.triangle_objects]]] = True
    compared = 0
    for camera in take.cameras:
        clip = take.clip(camera)
        flow_px, ids = clip.flow_px(), clip.surface()
        assert np.isnan(flow_px[-1]).all()
        for frame in range(FRAMES - 1):
            tracks = clip.track(centres(), frame, frames=(frame, frame + 1), cameras=(camera,))
            moved = (tracks.image_px[0, 1] - tracks.image_px[0, 0]).reshape(HEIGHT_PX, WIDTH_PX, 2)
            np.testing.assert_array_equal(np.isnan(moved), np.isnan(flow_px[frame]))
            assert np.nanmax(np.abs(moved - flow_px[frame])) < 1 / 128 + 1e-4
            vertices = np.flatnonzero(of_vertex)
            places = [projected(clip, k, _vertices_m(take, k, vertices)) for k in (frame, frame + 1)]
            x, y, z = places[0].T
            inside = (z > 0) & (x > 0) & (x < WIDTH_PX) & (y > 0) & (y < HEIGHT_PX)
            column, row = x[inside].astype(int), y[inside].astype(int)
            shown = np.maximum(ids[frame, row, column].astype(int) - 1, 0)
            is_corner = (surfaces.triangles[shown] == vertices[inside, None]).any(axis=1)
            apart = (places[1] - places[0])[inside, :2] - flow_px[frame, row, column]
            compared += is_corner.sum()
            # Flow is that of the pixel's centre, and in these five frames cameras fly their entire paths.
            limit_px = 0.25 if clip.row.motion == "static" else 0.7
            assert np.abs(apart[is_corner]).max(initial=0) < limit_px
    assert compared > 100


def _vertices_m(take: Take, frame: int, vertices: np.ndarray) -> np.ndarray:
    surfaces = take.surfaces
    pieces = surfaces.world_from_piece[frame, surfaces.vertex_pieces[vertices]]
    local = np.c_[surfaces.vertices_m[vertices], np.ones(len(vertices))]
    return np.einsum("nk,nkij,nj->ni", surfaces.vertex_weights[vertices].astype(float), pieces, local)


def test_joints_are_the_bones_and_their_states_agree_with_masks(filmed: Filmed, take: Take) -> None:
    for actor in take.row.actors:
        joints = take.joints(actor.name)
        places = [joints.names.index(name) for name in SOCKETS]
        np.testing.assert_allclose(
            joints.positions_m[SOCKETS_FRAME, places], filmed.sockets_m[actor.name], atol=1e-5
        )
        for number, camera in enumerate(take.cameras):
            clip = take.clip(camera)
            own = clip.mask_of(actor.name)
            for frame in range(FRAMES):
                states = joints.states[number, frame]
                x, y, z = projected(clip, frame, joints.positions_m[frame]).T
                inside = (z > 0) & (x >= 0) & (x < WIDTH_PX) & (y >= 0) & (y < HEIGHT_PX)
                assert np.array_equal(states != JointState.OUTSIDE, inside)
                is_own = own[frame, y[inside].astype(int), x[inside].astype(int)]
                assert not is_own[states[inside] == JointState.HIDDEN].any()
                assert is_own[states[inside] == JointState.HIDDEN_BY_OWN_BODY].all()
    counts = np.sum(
        [np.bincount(take.joints(one.name).states.ravel(), minlength=4) for one in take.row.actors], 0
    )
    assert counts[JointState.VISIBLE] > counts.sum() / 4
    assert min(counts[JointState.HIDDEN], counts[JointState.HIDDEN_BY_OWN_BODY]) > 0


def test_joints_are_those_of_the_animation_from_its_start(take: Take) -> None:
    """A user finds them from the take table alone: heights above the ground, here."""
    catalog = load_catalog(SceneChoice(), folder=Path())
    assets = {one.name: one.asset.rpartition(".")[2] for one in (*catalog.characters, *catalog.animations)}
    for actor in take.row.actors:
        joints = take.joints(actor.name)
        clip, body = ANIMATIONS[assets[actor.animation]], CHARACTERS[assets[actor.character]].proportions
        times_s = (actor.animation_start_s + np.arange(FRAMES) / take.row.fps) % clip.duration_s
        height_m = motion_at(clip, body, times_s).points_cm("head", (0.0, 0.0, 0.0))[:, 0, 2] / 100
        feet_m = np.array(actor.position_m)[:, 2]
        found_m = joints.positions_m[:, joints.names.index("head"), 2] - feet_m
        np.testing.assert_allclose(found_m, height_m, atol=2e-3)


def test_joints_are_fixed_to_the_pieces_that_move_the_skin_and_move_as_it_does(take: Take) -> None:
    compared = 0
    for actor in take.row.actors:
        names, positions_m = take.joints(actor.name).names, take.joints(actor.name).positions_m
        moves = _is_fixed_to(take, actor.name, positions_m)
        # No skin follows the root, which is below the hips on the ground.
        assert [name for name, one in zip(names, moves, strict=True) if not one.any()] == ["root"]
        # Of a wrong skeleton, hardly a joint is fixed to anything.
        wrong_m = np.random.default_rng(2).permuted(positions_m, axis=1)
        assert _is_fixed_to(take, actor.name, wrong_m).any(axis=1).mean() < 0.1
        for camera in take.cameras:
            # Joints are behind the surface, so only a camera that stands still shows their motion.
            if take.clip(camera).row.motion == "static":
                apart_px = _joints_against_flow_px(take.clip(camera), actor.name, moves)
                assert np.abs(apart_px).max(initial=0) < 0.4
                compared += len(apart_px)
    assert compared > 10


def _pieces_of(take: Take, actor: str) -> np.ndarray:
    """The pieces that move the surface of an actor."""
    surfaces = take.surfaces
    of_actor = surfaces.triangle_objects == surfaces.object_names.index(actor)
    vertices = np.unique(surfaces.triangles[of_actor])
    return np.unique(surfaces.vertex_pieces[vertices][surfaces.vertex_weights[vertices] > 0])


def _is_fixed_to(take: Take, actor: str, positions_m: np.ndarray) -> np.ndarray:
    """Whether joints stay where they are in the frames of pieces: joints x all pieces."""
    pieces = _pieces_of(take, actor)
    world = take.surfaces.world_from_piece[:, pieces].astype(float)
    offsets = positions_m[:, :, None] - world[:, None, :, :, 3]
    local = np.linalg.solve(world[:, None, :, :, :3], offsets[..., None])[..., 0]
    is_fixed = np.zeros((positions_m.shape[1], take.surfaces.world_from_piece.shape[1]), dtype=bool)
    is_fixed[:, pieces] = np.abs(local - local[:1]).max(axis=(0, 3)) < 1e-4
    return is_fixed


def _joints_against_flow_px(clip: Clip, actor: str, moves: np.ndarray) -> np.ndarray:
    """Motion of joints less the flow of their pixels, where the same piece moves both."""
    joints, surfaces, apart = clip.take.joints(actor), clip.take.surfaces, []
    number = clip.take.cameras.index(clip.row.camera)
    for frame in range(FRAMES - 1):
        visible = np.flatnonzero(joints.states[number, frame] == JointState.VISIBLE)
        now, then = (projected(clip, k, joints.positions_m[k, visible])[:, :2] for k in (frame, frame + 1))
        x, y = now.astype(int).T
        vertices = surfaces.triangles[clip.surface(frame, frame + 1)[0][y, x].astype(int) - 1]
        is_rigid = (surfaces.vertex_weights[vertices, 0] > 0.95).all(axis=1)
        is_rigid &= moves[visible[:, None], surfaces.vertex_pieces[vertices, 0]].all(axis=1)
        apart.append((then - now - clip.flow_px(frame, frame + 1)[0, y, x])[is_rigid])
    return np.concatenate(apart)


def test_what_was_not_filmed_is_an_error_of_the_user(tiny_dataset: Path, take: Take) -> None:
    other = open_dataset(tiny_dataset).take("room_000000")
    clip = other.clip("cam01")
    for kind, read in (
        ("normal", clip.normals),
        ("flow", clip.flow_px),
        ("surface", clip.surface),
        ("surfaces", lambda: other.surfaces),
        ("joints", lambda: other.joints("character_1")),
        ("surfaces", lambda: clip.track(np.array([[1.0, 1.0]]), 0)),
    ):
        with pytest.raises(InputError, match=rf"{kind} was not filmed"):
            read()
    with pytest.raises(InputError, match="unknown actor 'character_9'"):
        take.joints("character_9")
    for points, frame, frames, message in (
        ([[1.0, 96.5]], 0, None, r"point \(1, 96.5\) is outside of the image"),
        ([[1.0, np.nan]], 0, None, "is outside of the image"),
        ([[1.0, 1.0]], 5, None, "unknown frame 5"),
        ([[1.0, 1.0]], 0, (0, 7), "unknown frame 7"),
        ([[1.0, 1.0]], 0, (3, 1), "frames must ascend"),
    ):
        with pytest.raises(InputError, match=message):
            take.clip("cam01").track(points, frame, frames=frames)
    for points in ([1.0, 1.0], [[1.0, 1.0, 1.0]], [["a", "b"]]):
        with pytest.raises(InputError, match="expected points of shape"):
            take.clip("cam01").track(points, 0)
    for cameras, message in (([], "no camera was given"), (["cam99"], "unknown camera 'cam99'")):
        with pytest.raises(InputError, match=message):
            take.clip("cam01").track(np.array([[1.0, 1.0]]), 0, cameras=cameras)


def test_damage_in_each_member_is_named(filmed: Filmed, take: Take, tmp_path: Path) -> None:
    clip = filmed.once.files[0].members
    whole = filmed.once.members
    arrays = dict(_arrays(whole["surfaces"]))
    joints = dict(_arrays(whole["joints"]))
    lists = dict(_arrays(clip["surface"]))
    damaged = {
        "surfaces": [
            (whole["surfaces"][:-30], "not a zip file"),
            (
                npz_bytes(arrays | {"triangles": arrays["triangles"] + 1}),
                "triangles has numbers outside of 0",
            ),
            (
                npz_bytes(arrays | {"vertex_weights": arrays["vertex_weights"] * np.float32(0.9)}),
                "rows that do not add up to 1",
            ),
            (npz_bytes(arrays | {"vertices_m": np.full_like(arrays["vertices_m"], np.nan)}), "not finite"),
            (
                npz_bytes(arrays | {"world_from_piece": arrays["world_from_piece"][:3]}),
                "found float64 of shape",
            ),
        ],
        "joints": [
            (npz_bytes(joints | {"states": joints["states"] + np.uint8(4)}), "state 7"),
            (npz_bytes(joints | {"states": joints["states"][:2]}), "found uint8 of shape"),
            (npz_bytes({name: joints[name] for name in list(joints)[:3]}), "arrays actor_names"),
        ],
        "surface": [
            (npz_bytes(lists | {"crc32": lists["crc32"] + np.uint32(1)}), "the ids of frame 0 differ"),
            (npz_bytes(lists | {"values": lists["values"] + np.uint32(10**6)}), "not in its list"),
            (npz_bytes(lists | {"changes": lists["changes"] + np.uint32(10**6)}), "do not ascend"),
        ],
        "depth": [(_changed(clip["depth"]), "CRC mismatch")],
        "normal": [
            (_changed(clip["normal"]), "CRC mismatch"),
            (clip["normal"][: len(clip["normal"]) // 2], ""),
            (clip["depth"][:100], "not a readable"),
        ],
        "flow": [(clip["depth"], "frames, height and width are (5, 96, 128)")],
    }
    for kind, variants in damaged.items():
        for number, (content, finding) in enumerate(variants):
            root = filmed.sealed(tmp_path / f"{kind}{number}", **{kind: content})
            found = [problem.what for problem in verify_dataset(root)]
            member = f"{kind}." if kind in whole else f"cam01.{kind}."
            assert found and member in found[0] and finding in found[0], (kind, number, found)


def _changed(video: bytes) -> bytes:
    """The video with one other byte in the middle."""
    middle = len(video) // 2
    return video[:middle] + bytes([video[middle] ^ 0x41]) + video[middle + 1 :]


def _arrays(content: bytes) -> Iterator[tuple[str, np.ndarray]]:
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        yield from file.items()
