"""Structure from motion on still images of one environment: how many images register, and how exact they are.

Cameras stand around a spot of the environment and look at it, as those of takes do. COLMAP
(``pip install pycolmap``) knows their intrinsics, which it keeps, and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image

from datagen.catalog import Environment
from datagen.engine.render.buffers import Viewpoint
from datagen.engine.render.renderer import Renderer, View
from datagen.engine.world.world import World
from multitake.randomness import rng_for
from trajectories import CameraPose, pose_from_unreal, unreal_from_world

SIZE_PX = (768, 432)
_FOV_DEG = 65.0
_LARGEST_RADIUS_M = 5.0
_SEED = 1


@dataclass(frozen=True, kw_only=True)
class SfmResult:
    """What a mapper made of the images of an environment: share registered, median error of rotation."""

    environment: str
    mapper: str
    images: int
    registered: float
    rotation_deg: float


def measure_environment(
    renderer: Renderer, world: World, environment: Environment, *, views: int, mappers: Sequence[str]
) -> list[SfmResult]:
    """Film an environment without actors, and reconstruct the cameras with each mapper."""
    world.request_level(environment.asset)
    world.begin_tick()
    viewpoints = _viewpoints(environment, views)
    poses = pose_from_unreal(
        np.array([one.location_cm for one in viewpoints]), np.array([one.rotation_deg for one in viewpoints])
    )
    with TemporaryDirectory() as folder:
        for index, viewpoint in enumerate(viewpoints):
            bgra = renderer.render([View(image="lit", viewpoint=viewpoint)])[0]
            Image.fromarray(bgra[..., 2::-1]).save(Path(folder) / f"{index:04d}.png")
        found = _mapped(Path(folder), viewpoints[0], mappers)
    results = []
    for mapper, rotations in found.items():
        error_deg = _rotation_errors_deg(poses, rotations)
        results.append(
            SfmResult(
                environment=environment.name,
                mapper=mapper,
                images=len(viewpoints),
                registered=len(rotations) / len(viewpoints),
                rotation_deg=float(np.median(error_deg)) if len(error_deg) else 180.0,
            )
        )
    return results


def _viewpoints(environment: Environment, views: int) -> list[Viewpoint]:
    """A ring around the first spot, whose distance and height vary, with random aims."""
    rng = rng_for(1, "sfm", environment.name)
    spot = np.array(environment.spots[0].position_m)
    radius_m = min(environment.radius_m, _LARGEST_RADIUS_M)
    found = []
    for index in range(views):
        turn = 2 * np.pi * (index + rng.uniform(-0.2, 0.2)) / views
        distance = radius_m * (0.75 + 0.15 * np.sin(3 * turn)) * rng.uniform(0.95, 1.05)
        height_m = 1.7 + 0.35 * np.sin(5 * turn) + rng.uniform(-0.1, 0.1)
        place = spot + np.array([distance * np.cos(turn), distance * np.sin(turn), height_m])
        aim = spot + rng.uniform(-0.3, 0.3, 3) + np.array([0.0, 0.0, 1.0])
        found.append(_looking(place, aim))
    return found


def _looking(place_m: np.ndarray, aim_m: np.ndarray) -> Viewpoint:
    location, target = unreal_from_world(place_m), unreal_from_world(aim_m)
    x, y, z = (target - location).tolist()
    pitch, yaw = np.degrees([np.arctan2(z, np.hypot(x, y)), np.arctan2(y, x)]).tolist()
    return Viewpoint(
        location_cm=tuple(location.tolist()),
        rotation_deg=(pitch, yaw, 0.0),
        fov_deg=_FOV_DEG,
        width_px=SIZE_PX[0],
        height_px=SIZE_PX[1],
    )


def _mapped(folder: Path, viewpoint: Viewpoint, mappers: Sequence[str]) -> dict[str, dict[int, np.ndarray]]:
    """World-to-camera rotations by image, for each mapper."""
    import pycolmap

    pycolmap.logging.minloglevel = 3
    database = folder / "database.db"
    focal = viewpoint.focal_px
    reader = pycolmap.ImageReaderOptions()
    reader.camera_model = "PINHOLE"
    reader.camera_params = f"{focal},{focal},{viewpoint.width_px / 2},{viewpoint.height_px / 2}"
    pycolmap.extract_features(
        database, folder, camera_mode=pycolmap.CameraMode.SINGLE, reader_options=reader,
        device=pycolmap.Device.cpu,
    )  # fmt: skip
    verification = pycolmap.TwoViewGeometryOptions()
    verification.ransac.random_seed = _SEED
    pycolmap.match_exhaustive(database, verification_options=verification, device=pycolmap.Device.cpu)
    found = {}
    for mapper in mappers:
        output = folder / mapper
        output.mkdir()
        models = _run(mapper, database, folder, output)
        best = max(models.values(), key=lambda model: model.num_reg_images(), default=None)
        images = best.images.values() if best is not None else ()
        found[mapper] = {
            int(Path(image.name).stem): image.cam_from_world().rotation.matrix()
            for image in images
            if image.has_pose
        }
    return found


def _run(mapper: str, database: Path, images: Path, output: Path) -> Any:
    """The models that a mapper makes of matched images, with the intrinsics held fixed."""
    import pycolmap

    if mapper == "incremental":
        incremental = pycolmap.IncrementalPipelineOptions()
        incremental.random_seed = _SEED
        incremental.ba_refine_focal_length = incremental.mapper.abs_pose_refine_focal_length = False
        return pycolmap.incremental_mapping(database, images, output, incremental)
    options = pycolmap.GlobalPipelineOptions()
    options.random_seed = _SEED
    options.mapper.bundle_adjustment.refine_focal_length = False
    return pycolmap.global_mapping(database, images, output, options)


def _rotation_errors_deg(poses: CameraPose, rotations: dict[int, np.ndarray]) -> np.ndarray:
    """Angles between true and found rotations, after the rotation of worlds that fits best."""
    if not rotations:
        return np.empty(0)
    true = poses.world_from_camera[list(rotations), :3, :3]
    relative = true @ np.array(list(rotations.values()))
    left, _, right = np.linalg.svd(relative.sum(axis=0))
    mean = left @ np.diag([1, 1, np.linalg.det(left @ right)]) @ right
    # From the length of the difference, which is exact for small angles.
    apart = np.linalg.norm(relative - mean, axis=(1, 2)) / np.sqrt(8)
    return np.degrees(2 * np.arcsin(np.clip(apart, 0, 1)))
