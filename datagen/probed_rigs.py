"""The rig of a take whose geometry only the engine knows: sampled when its scene is set."""

from collections.abc import Sequence

from shards import MaskObject
from trajectories.sampling import RigBatch

from .batch import Batch
from .drive import EngineDriver
from .drive.probes import probing
from .geometry import GeometryCheck
from .plan import TakeSpec, is_probed, take_rigs

# Each probed frame costs several ticks.
_FRAMES = 9


def rigs_in_scene(
    driver: EngineDriver, batch: Batch, take: TakeSpec, objects: Sequence[MaskObject]
) -> RigBatch:
    """The rig of a take; if its plan does not know the geometry, it is probed in the scene that is set."""
    if not is_probed(batch):
        return take_rigs(batch, take)
    actors = [one.name for one in objects if one.role != "environment"]
    with probing(driver, actors) as probes:
        return take_rigs(batch, take, GeometryCheck(probes, frames=_FRAMES))
