"""From a batch to takes: pure, ordered, and the same on every machine.

The *number* of a take counts the takes of its batch; runs, logs and shards use it. Its *index* is what its
scene, rig and name follow from: ``Batch.take_index(number)``. Both are equal unless the batch films takes of
another batch again: then the index is the number in that one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from multitake.randomness import in_turn, rng_for
from trajectories import ClipTable
from trajectories.sampling import (
    ENGINE_PREFIX,
    PATH_CHECKS,
    PathCheck,
    RigBatch,
    Shot,
    Subjects,
    clips_of_rigs,
    sample_checked_rigs,
)

from .actor_paths import Actor, ActorPath
from .batch import Batch
from .catalog import Catalog, Environment, Light
from .geometry import GeometryCheck, LevelSurfaces, level_surfaces
from .placing import placed_actors
from .scene_captions import SceneWords


@dataclass(frozen=True, kw_only=True)
class TakeSpec:
    """The scene of one take. Its rig follows from the batch and ``index``, see ``take_rigs``.

    The first actor is the subject of the cameras. ``frames`` and ``fps`` are those of the batch.
    """

    index: int
    key: str
    split: str
    environment: Environment
    actors: tuple[Actor, ...]
    light: Light
    frames: int
    fps: float

    @cached_property
    def paths(self) -> tuple[ActorPath, ...]:
        """Where each actor is in each frame."""
        return tuple(actor.path(frames=self.frames, fps=self.fps) for actor in self.actors)

    @property
    def words(self) -> SceneWords:
        """What captions say about the scene."""
        return SceneWords(
            actors=self.actors, paths=self.paths, environment=self.environment, light=self.light
        )

    @property
    def caption(self) -> str:
        """One plain sentence about the scene."""
        return self.words.plain


def plan_takes(batch: Batch, catalog: Catalog) -> Iterator[TakeSpec]:
    """All takes of a batch, in order."""
    return (plan_take(batch, catalog, number) for number in range(batch.takes))


def plan_take(batch: Batch, catalog: Catalog, number: int) -> TakeSpec:
    """Take ``number`` of a batch; environments, subjects, animations and lights occur equally often."""
    index = batch.take_index(number)
    rng = rng_for(batch.seed, "take", index)
    environment = _environment(batch, catalog, number)
    is_validation = rng_for(batch.seed, "split", index).random() < batch.validation_share
    return TakeSpec(
        index=index,
        key=take_key(batch, catalog, number),
        split="validation" if is_validation else "train",
        environment=environment,
        actors=placed_actors(
            batch,
            catalog,
            environment.spots,
            known_surfaces(batch, environment),
            index=index,
            rng=rng,
        ),
        light=in_turn(batch.seed, "light", catalog.lights, index),
        frames=batch.frames,
        fps=batch.fps,
    )


def take_rigs(batch: Batch, take: TakeSpec, geometry: GeometryCheck | None = None) -> RigBatch:
    """The rig of a take, as a batch of one: around the subject, within the radius of the environment.

    ``geometry`` checks its paths; without it, the meshes of the environment do, if they are known.
    """
    width_px, height_px = batch.sampled_size_px
    return sample_checked_rigs(
        batch.rules.within(take.environment.radius_m),
        take_subjects(batch, take),
        shot=replace(_shot(batch), width_px=width_px, height_px=height_px),
        seed=batch.seed,
        first_rig=take.index,
        checks=path_checks(batch, take, geometry),
    )


def path_checks(batch: Batch, take: TakeSpec, geometry: GeometryCheck | None = None) -> tuple[PathCheck, ...]:
    """The checks of camera paths in a take; ``geometry`` as for ``take_rigs``."""
    surfaces = known_surfaces(batch, take.environment)
    geometry = geometry or (GeometryCheck(surfaces) if surfaces else None)
    return (*PATH_CHECKS, *([geometry] if geometry else []))


def known_surfaces(batch: Batch, environment: Environment) -> LevelSurfaces | None:
    """The meshes of an environment; None if the engine of the batch is not the embedded one."""
    return level_surfaces(environment.asset) if batch.engine.kind == "embedded" else None


def is_probed(batch: Batch) -> bool:
    """Whether the batch asks about geometry that its engine alone knows, when a take is filmed."""
    limits = batch.rules.validity
    is_asked = any(reason.startswith(ENGINE_PREFIX) for reason in (*limits.reject, *limits.warn))
    return batch.engine.kind != "embedded" and is_asked


def take_subjects(batch: Batch, take: TakeSpec) -> Subjects:
    """The subject of a take and its other actors, as those of one rig."""
    return Subjects(
        points_m=take.paths[0].aim_m(batch.rules.aim_fraction)[None],
        bodies_m=np.stack([path.body_m for path in take.paths])[None],
        ground_m=np.array([take.environment.ground_m]),
    )


def take_clips(batch: Batch, take: TakeSpec, rigs: RigBatch) -> ClipTable:
    """The clips of the cameras of the rig of a take."""
    return clips_of_rigs(rigs, takes=[take.key], shot=_shot(batch), split=take.split)


def shard_takes(batch: Batch, catalog: Catalog, shard: int) -> tuple[str, ...]:
    """Keys of the takes of a shard, in order."""
    first = shard * batch.takes_per_shard
    last = min(first + batch.takes_per_shard, batch.takes)
    return tuple(take_key(batch, catalog, number) for number in range(first, last))


def take_key(batch: Batch, catalog: Catalog, number: int) -> str:
    """The key of a take."""
    return f"{environment_name(batch, catalog, number)}_{batch.take_index(number):06d}"


def environment_name(batch: Batch, catalog: Catalog, number: int) -> str:
    """The environment of a take."""
    return _environment(batch, catalog, number).name


def _environment(batch: Batch, catalog: Catalog, number: int) -> Environment:
    return in_turn(batch.seed, "environment", catalog.environments, batch.take_index(number))


def _shot(batch: Batch) -> Shot:
    return Shot(frames=batch.frames, fps=batch.fps, width_px=batch.width_px, height_px=batch.height_px)
