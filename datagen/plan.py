"""From a batch to takes: pure, ordered, the same on every machine. No clock, no global randomness."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from multitake.randomness import rng_for
from trajectories import CameraPose, PoseRow, PoseTable, Rig, rig_rows
from trajectories.sampling import Acceptance, SampledRigs, Shot, sample_checked_rigs

from .batch import Batch
from .catalog import Animation, Catalog, Character, Environment, Light, Point

_BESIDE_M = (0.9, 1.6)
_Item = TypeVar("_Item")


@dataclass(frozen=True, kw_only=True)
class Performer:
    """A character in a take: its place mid-take, its heading, what it plays and from which moment on."""

    character: Character
    animation: Animation
    position_m: Point
    heading_deg: float
    phase_s: float


@dataclass(frozen=True, kw_only=True)
class TakeSpec:
    """One take to be filmed: its scene. The rig follows from the batch and ``index`` (``take_rig``).

    The first performer is the subject that the cameras aim at.
    """

    index: int
    key: str
    split: str
    environment: Environment
    performers: tuple[Performer, ...]
    light: Light

    @property
    def caption(self) -> str:
        """One sentence about the scene, from the catalog's phrases."""
        acts = [f"{p.character.caption} {p.animation.caption}" for p in self.performers]
        sentence = f"{' while '.join(acts)} {self.environment.caption} {self.light.caption}."
        return sentence[0].upper() + sentence[1:]


def plan_takes(batch: Batch, catalog: Catalog) -> Iterator[TakeSpec]:
    """All takes of a batch, in order."""
    return (plan_take(batch, catalog, index) for index in range(batch.takes))


def plan_take(batch: Batch, catalog: Catalog, index: int) -> TakeSpec:
    """Take ``index`` of a batch; environments, subjects, animations and lights come round evenly."""
    rng = rng_for(batch.seed, "take", index)
    environment = _in_turn(batch.seed, "environment", catalog.environments, index)
    spot = environment.spots[int(rng.integers(len(environment.spots)))]
    fewest, most = batch.scene.characters_per_take
    performers = []
    for place in range(int(rng.integers(fewest, most + 1))):
        subject = _in_turn(batch.seed, "character", catalog.characters, index)
        others = [c for c in catalog.characters if c is not subject]
        chosen = subject if place == 0 else others[(index + place - 1) % len(others)]
        animation = _in_turn(batch.seed, f"animation {place}", catalog.animations, index)
        performers.append(
            Performer(
                character=chosen,
                animation=animation,
                position_m=spot.position_m if place == 0 else _beside(spot.position_m, rng),
                heading_deg=spot.heading_deg if place == 0 else float(rng.uniform(0, 360)),
                phase_s=float(rng.uniform(0, animation.duration_s)),
            )
        )
    is_validation = rng_for(batch.seed, "split", index).random() < batch.validation_share
    return TakeSpec(
        index=index,
        key=f"{environment.name}_{index:06d}",
        split="validation" if is_validation else "train",
        environment=environment,
        performers=tuple(performers),
        light=_in_turn(batch.seed, "light", catalog.lights, index),
    )


def take_rig(batch: Batch, take: TakeSpec) -> Rig:
    """The rig of a take: drawn around its subject, no farther out than the environment has room for."""
    return _sampled(batch, take).rigs.rig(0)


def acceptance(batch: Batch, takes: Iterable[TakeSpec]) -> Acceptance:
    """How many of the draws for these takes stand, where the batch's limits reject some."""
    return sum((_sampled(batch, take).acceptance for take in takes), Acceptance())


def _sampled(batch: Batch, take: TakeSpec) -> SampledRigs:
    subject = take.performers[0]
    x, y, z = subject.position_m
    pivot_m = np.array([[x, y, z + batch.rules.aim_fraction * subject.character.height_m]])
    shot = Shot(
        frames=batch.frames,
        fps=batch.fps,
        width_px=batch.width_px,
        height_px=batch.height_px,
        ground_m=take.environment.ground_m,
        subject_height_m=subject.character.height_m,
    )
    rules = batch.rules.within(take.environment.radius_m)
    return sample_checked_rigs(rules, pivot_m, shot=shot, seed=batch.seed, first_rig=take.index)


def take_rows(batch: Batch, take: TakeSpec, rig: Rig) -> tuple[PoseRow, ...]:
    """The pose-table rows of a take."""
    return rig_rows(
        rig,
        take=take.key,
        split=take.split,
        width_px=batch.width_px,
        height_px=batch.height_px,
        fps=batch.fps,
    )


def planned_poses(batch: Batch, takes: Sequence[TakeSpec]) -> PoseTable:
    """The pose table that filming these takes will store."""
    rigs = [take_rig(batch, take) for take in takes]
    rows = [row for take, rig in zip(takes, rigs, strict=True) for row in take_rows(batch, take, rig)]
    poses = np.concatenate([rig.poses.world_from_camera for rig in rigs])
    return PoseTable(rows=tuple(rows), poses=CameraPose(poses))


def shard_keys(batch: Batch, catalog: Catalog, shard: int) -> tuple[str, ...]:
    """Keys of the takes that belong into a shard, in order."""
    first = shard * batch.takes_per_shard
    last = min(first + batch.takes_per_shard, batch.takes)
    return tuple(plan_take(batch, catalog, index).key for index in range(first, last))


def _in_turn(seed: int, name: str, items: Sequence[_Item], index: int) -> _Item:
    """Item ``index`` of an endless sequence in which every round holds each item once, in its own order."""
    round_, place = divmod(index, len(items))
    return items[int(rng_for(seed, name, round_).permutation(len(items))[place])]


def _beside(position_m: Point, rng: np.random.Generator) -> Point:
    angle, distance_m = rng.uniform(0, 2 * np.pi), rng.uniform(*_BESIDE_M)
    x, y, z = position_m
    return (x + float(distance_m * np.cos(angle)), y + float(distance_m * np.sin(angle)), z)
