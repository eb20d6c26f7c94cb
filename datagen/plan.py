"""From a batch to takes: pure, ordered, and the same on every machine."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from multitake.randomness import rng_for
from trajectories import ClipTable
from trajectories.sampling import RigBatch, Shot, clips_of_rigs, sample_checked_rigs

from .batch import Batch
from .catalog import Animation, Catalog, Character, Environment, Light, Point

# Distance of further characters from the subject.
_BESIDE_M = (0.9, 1.6)
_Item = TypeVar("_Item")


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A character in a take: its position at mid-take, its heading, and its animation from ``phase_s`` on."""

    character: Character
    animation: Animation
    position_m: Point
    heading_deg: float
    phase_s: float


@dataclass(frozen=True, kw_only=True)
class TakeSpec:
    """The scene of one take. Its rig follows from the batch and ``index``, see ``take_rigs``.

    The first actor is the subject of the cameras.
    """

    index: int
    key: str
    split: str
    environment: Environment
    actors: tuple[Actor, ...]
    light: Light

    @property
    def caption(self) -> str:
        """One sentence about the scene, from the phrases of the catalog."""
        acts = [f"{actor.character.caption} {actor.animation.caption}" for actor in self.actors]
        sentence = f"{' while '.join(acts)} {self.environment.caption} {self.light.caption}."
        return sentence[0].upper() + sentence[1:]


def plan_takes(batch: Batch, catalog: Catalog) -> Iterator[TakeSpec]:
    """All takes of a batch, in order."""
    return (plan_take(batch, catalog, index) for index in range(batch.takes))


def plan_take(batch: Batch, catalog: Catalog, index: int) -> TakeSpec:
    """Take ``index`` of a batch; environments, subjects, animations and lights occur equally often."""
    rng = rng_for(batch.seed, "take", index)
    environment = _in_turn(batch.seed, "environment", catalog.environments, index)
    is_validation = rng_for(batch.seed, "split", index).random() < batch.validation_share
    return TakeSpec(
        index=index,
        key=f"{environment.name}_{index:06d}",
        split="validation" if is_validation else "train",
        environment=environment,
        actors=tuple(_actors(batch, catalog, environment, index, rng)),
        light=_in_turn(batch.seed, "light", catalog.lights, index),
    )


def take_rigs(batch: Batch, take: TakeSpec) -> RigBatch:
    """The rig of a take, as a batch of one: around the subject, within the radius of the environment."""
    subject = take.actors[0]
    x, y, z = subject.position_m
    subject_m = np.array([[x, y, z + batch.rules.aim_fraction * subject.character.height_m]])
    rules = batch.rules.within(take.environment.radius_m)
    return sample_checked_rigs(
        rules, subject_m, shot=_shot(batch, take), seed=batch.seed, first_rig=take.index
    )


def take_clips(batch: Batch, take: TakeSpec, rigs: RigBatch) -> ClipTable:
    """The clips of a take that is filmed by its rig."""
    return clips_of_rigs(rigs, takes=[take.key], shot=_shot(batch, take), split=take.split)


def shard_takes(batch: Batch, catalog: Catalog, shard: int) -> tuple[str, ...]:
    """Keys of the takes of a shard, in order."""
    first = shard * batch.takes_per_shard
    last = min(first + batch.takes_per_shard, batch.takes)
    return tuple(plan_take(batch, catalog, index).key for index in range(first, last))


def _shot(batch: Batch, take: TakeSpec) -> Shot:
    return Shot(
        frames=batch.frames,
        fps=batch.fps,
        width_px=batch.width_px,
        height_px=batch.height_px,
        ground_m=take.environment.ground_m,
        subject_height_m=take.actors[0].character.height_m,
    )


def _actors(
    batch: Batch, catalog: Catalog, environment: Environment, index: int, rng: np.random.Generator
) -> Iterator[Actor]:
    """The subject at a spot of the environment, and further characters next to it."""
    spot = environment.spots[int(rng.integers(len(environment.spots)))]
    subject = _in_turn(batch.seed, "character", catalog.characters, index)
    others = [character for character in catalog.characters if character is not subject]
    fewest, most = batch.scene.characters_per_take
    for place in range(int(rng.integers(fewest, most + 1))):
        animation = _in_turn(batch.seed, f"animation {place}", catalog.animations, index)
        yield Actor(
            character=subject if place == 0 else others[(index + place - 1) % len(others)],
            animation=animation,
            position_m=spot.position_m if place == 0 else _beside(spot.position_m, rng),
            heading_deg=spot.heading_deg if place == 0 else float(rng.uniform(0, 360)),
            phase_s=float(rng.uniform(0, animation.duration_s)),
        )


def _in_turn(seed: int, name: str, items: Sequence[_Item], index: int) -> _Item:
    """Item ``index`` of an endless sequence in which every round has each item once, in another order."""
    round_, place = divmod(index, len(items))
    return items[int(rng_for(seed, name, round_).permutation(len(items))[place])]


def _beside(position_m: Point, rng: np.random.Generator) -> Point:
    angle, distance_m = rng.uniform(0, 2 * np.pi), rng.uniform(*_BESIDE_M)
    x, y, z = position_m
    return (x + float(distance_m * np.cos(angle)), y + float(distance_m * np.sin(angle)), z)
