"""From a batch to takes: pure, ordered, and the same on every machine."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np

from multitake.randomness import rng_for
from trajectories import ClipTable
from trajectories.sampling import (
    ENGINE_PREFIX,
    PATH_CHECKS,
    RigBatch,
    Shot,
    Subjects,
    clips_of_rigs,
    sample_checked_rigs,
)

from .actor_paths import Actor, ActorPath
from .batch import Batch
from .catalog import Catalog, Environment, Light
from .geometry import GeometryCheck, LevelSurfaces, is_path_free, level_surfaces

# Distance of further characters from the subject at mid-take, and the smallest distance at any time.
_BESIDE_M, _APART_M = (0.9, 1.6), 0.7
_MOST_PLACES = 50
_Item = TypeVar("_Item")


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
    def caption(self) -> str:
        """One sentence about the scene, from the phrases of the catalog and the lengths of the paths."""
        acts = [_act(actor, path) for actor, path in zip(self.actors, self.paths, strict=True)]
        sentence = f"{' while '.join(acts)} {self.environment.caption} {self.light.caption}."
        return sentence[0].upper() + sentence[1:]


def plan_takes(batch: Batch, catalog: Catalog) -> Iterator[TakeSpec]:
    """All takes of a batch, in order."""
    return (plan_take(batch, catalog, index) for index in range(batch.takes))


def plan_take(batch: Batch, catalog: Catalog, index: int) -> TakeSpec:
    """Take ``index`` of a batch; environments, subjects, animations and lights occur equally often."""
    rng = rng_for(batch.seed, "take", index)
    environment = _environment(batch, catalog, index)
    is_validation = rng_for(batch.seed, "split", index).random() < batch.validation_share
    return TakeSpec(
        index=index,
        key=take_key(batch, catalog, index),
        split="validation" if is_validation else "train",
        environment=environment,
        actors=_actors(batch, catalog, environment, index, rng),
        light=_in_turn(batch.seed, "light", catalog.lights, index),
        frames=batch.frames,
        fps=batch.fps,
    )


def take_rigs(batch: Batch, take: TakeSpec, geometry: GeometryCheck | None = None) -> RigBatch:
    """The rig of a take, as a batch of one: around the subject, within the radius of the environment.

    ``geometry`` checks its paths; without it, the meshes of the environment do, if they are known.
    """
    surfaces = known_surfaces(batch, take.environment)
    geometry = geometry or (GeometryCheck(surfaces) if surfaces else None)
    return sample_checked_rigs(
        batch.rules.within(take.environment.radius_m),
        take_subjects(batch, take),
        shot=_shot(batch),
        seed=batch.seed,
        first_rig=take.index,
        checks=(*PATH_CHECKS, *([geometry] if geometry else [])),
    )


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
        points_m=take.paths[0].point_m(batch.rules.aim_fraction)[None],
        bodies_m=np.stack([path.body_m for path in take.paths])[None],
        ground_m=np.array([take.environment.ground_m]),
    )


def take_clips(batch: Batch, take: TakeSpec, rigs: RigBatch) -> ClipTable:
    """The clips of a take that is filmed by its rig."""
    return clips_of_rigs(rigs, takes=[take.key], shot=_shot(batch), split=take.split)


def shard_takes(batch: Batch, catalog: Catalog, shard: int) -> tuple[str, ...]:
    """Keys of the takes of a shard, in order."""
    first = shard * batch.takes_per_shard
    last = min(first + batch.takes_per_shard, batch.takes)
    return tuple(take_key(batch, catalog, index) for index in range(first, last))


def take_key(batch: Batch, catalog: Catalog, index: int) -> str:
    """The key of a take."""
    return f"{_environment(batch, catalog, index).name}_{index:06d}"


def _environment(batch: Batch, catalog: Catalog, index: int) -> Environment:
    return _in_turn(batch.seed, "environment", catalog.environments, index)


def _act(actor: Actor, path: ActorPath) -> str:
    walked_m = round(path.walked_m)
    distance = f" about {walked_m} metre{'s' if walked_m > 1 else ''}" if walked_m else ""
    return f"{actor.character.caption} {actor.animation.caption}{distance}"


def _shot(batch: Batch) -> Shot:
    return Shot(frames=batch.frames, fps=batch.fps, width_px=batch.width_px, height_px=batch.height_px)


def _actors(
    batch: Batch, catalog: Catalog, environment: Environment, index: int, rng: np.random.Generator
) -> tuple[Actor, ...]:
    """The subject at a spot of the environment, and further characters next to it."""
    spot = environment.spots[int(rng.integers(len(environment.spots)))]
    subject = _in_turn(batch.seed, "character", catalog.characters, index)
    others = [character for character in catalog.characters if character is not subject]
    fewest, most = batch.scene.characters_per_take
    actors: list[Actor] = []
    for place in range(int(rng.integers(fewest, most + 1))):
        animation = _in_turn(batch.seed, f"animation {place}", catalog.animations, index)
        actor = Actor(
            character=subject if place == 0 else others[(index + place - 1) % len(others)],
            animation=animation,
            position_m=spot.position_m,
            heading_deg=spot.heading_deg,
            phase_s=float(rng.uniform(0, animation.duration_s)),
        )
        actors.append(_beside(actor, actors, batch, environment, rng) if actors else actor)
    return tuple(actors)


def _in_turn(seed: int, name: str, items: Sequence[_Item], index: int) -> _Item:
    """Item ``index`` of an endless sequence in which every round has each item once, in another order."""
    round_, place = divmod(index, len(items))
    return items[int(rng_for(seed, name, round_).permutation(len(items))[place])]


def _beside(
    actor: Actor,
    others: Sequence[Actor],
    batch: Batch,
    environment: Environment,
    rng: np.random.Generator,
) -> Actor:
    """The actor next to its position; if possible, its path keeps away from the others and from geometry."""
    surfaces, (x, y, z) = known_surfaces(batch, environment), actor.position_m
    for _ in range(_MOST_PLACES):
        angle, distance_m = rng.uniform(0, 2 * np.pi), rng.uniform(*_BESIDE_M)
        beside_m = (x + float(distance_m * np.cos(angle)), y + float(distance_m * np.sin(angle)), z)
        placed = replace(actor, position_m=beside_m, heading_deg=float(rng.uniform(0, 360)))
        path, *paths = (one.path(frames=batch.frames, fps=batch.fps) for one in (placed, *others))
        apart_m = min(np.linalg.norm(path.feet_m - one.feet_m, axis=1).min() for one in paths)
        if apart_m > _APART_M and (surfaces is None or is_path_free(surfaces, path)):
            break
    return placed
