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
    driver: EngineDriver, batch: Batch, take: TakeSpec, planned: RigBatch, objects: Sequence[MaskObject]
) -> RigBatch:
    """The planned rig, or one whose paths were checked with probes in the scene that the driver has set."""
    if not is_probed(batch):
        return planned
    actors = [one.name for one in objects if one.role != "environment"]
    with probing(driver, actors) as probes:
        rigs = take_rigs(batch, take, GeometryCheck(probes, frames=_FRAMES))
    # Not that of the planned rig: one that was sampled again can have another lens.
    fov_deg = rigs.rig(0).lens.horizontal_fov_deg(batch.width_px, batch.height_px)
    driver.set_lens(batch.width_px, batch.height_px, fov_deg)
    return rigs
