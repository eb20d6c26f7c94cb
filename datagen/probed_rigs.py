"""The rig of a take whose geometry only the engine knows: sampled when its scene is set."""

from collections.abc import Sequence

from shards import MaskObject
from trajectories import ClipTable
from trajectories.sampling import ENGINE_PREFIX, RigBatch

from .batch import Batch
from .drive import EngineDriver
from .drive.probes import probing
from .extra_clips import all_clips
from .geometry import GeometryCheck, is_path_free
from .plan import TakeSpec, is_probed, take_rigs

# Each probed frame costs several ticks.
_FRAMES = 9
# A flag of the clip table: an actor stands in geometry, or walks through it.
ACTOR_IN_GEOMETRY = f"{ENGINE_PREFIX}actor_in_geometry"


def rigs_in_scene(
    driver: EngineDriver, batch: Batch, take: TakeSpec, objects: Sequence[MaskObject]
) -> tuple[RigBatch, ClipTable, tuple[str, ...]]:
    """The rig of a take, the clips of all its cameras, and flags of the take.

    If the plan does not know the geometry, it is probed in the scene that the driver has set.
    """
    if not is_probed(batch):
        rigs = take_rigs(batch, take)
        return rigs, all_clips(batch, take, rigs), ()
    actors = [one.name for one in objects if one.role != "environment"]
    with probing(driver, actors) as probes:
        geometry = GeometryCheck(probes, frames=_FRAMES)
        rigs = take_rigs(batch, take, geometry)
        clips = all_clips(batch, take, rigs, geometry)
        is_free = all(is_path_free(probes, path) for path in take.paths)
    return rigs, clips, () if is_free else (ACTOR_IN_GEOMETRY,)
