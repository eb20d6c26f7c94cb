"""The rig of a take whose geometry only the engine knows: sampled when its scene is set."""

from collections.abc import Sequence

from shards import MaskObject
from trajectories.sampling import ENGINE_PREFIX, RigBatch

from .batch import Batch
from .drive import EngineDriver
from .drive.probes import probing
from .geometry import GeometryCheck, is_path_free
from .plan import TakeSpec, is_probed, take_rigs

# Each probed frame costs several ticks.
_FRAMES = 9
# A flag of the clip table: an actor stands in geometry, or walks through it.
ACTOR_IN_GEOMETRY = f"{ENGINE_PREFIX}actor_in_geometry"


def rigs_in_scene(
    driver: EngineDriver, batch: Batch, take: TakeSpec, objects: Sequence[MaskObject]
) -> tuple[RigBatch, tuple[str, ...]]:
    """The rig of a take, and flags of the take.

    If the plan does not know the geometry, it is probed in the scene that the driver has set.
    """
    if not is_probed(batch):
        return take_rigs(batch, take), ()
    actors = [one.name for one in objects if one.role != "environment"]
    with probing(driver, actors) as probes:
        rigs = take_rigs(batch, take, GeometryCheck(probes, frames=_FRAMES))
        is_free = all(is_path_free(probes, path) for path in take.paths)
    return rigs, () if is_free else (ACTOR_IN_GEOMETRY,)
