"""The actors of a take, at places where nothing is in their way."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from multitake.errors import InputError
from multitake.randomness import in_turn

from .actor_paths import Actor
from .batch import Batch
from .catalog import Catalog, Spot
from .geometry import LevelSurfaces, is_floor_free, is_path_free, level_surfaces

# Distance of further characters from the subject at mid-take, and the smallest distance at any time.
_BESIDE_M, _APART_M = (0.9, 2.1), 0.7
# How far limbs reach from the actor's place, as shares of the space of its animation, which a body of usual
# height takes: lying bodies are not in the middle of it. Limbs of two actors seldom point at each other.
_AHEAD, _ASIDE, _USUAL_HEIGHT_M, _REACH_SHARE = 0.75, 0.5, 1.7, 0.9
_MOST_PLACES, _MOST_ANIMATIONS = 50, 8
_TURNS_DEG = (0.0, 180.0, 90.0, 270.0, 45.0, 225.0, 135.0, 315.0)


def check_spots(catalog: Catalog) -> None:
    """InputError if a body of usual height cannot stand at a spot of a level from a file."""
    for environment in catalog.environments:
        surfaces = level_surfaces(environment.asset) if environment.file else None
        feet_m = np.array([spot.position_m for spot in environment.spots])
        if surfaces and not (is_free := is_floor_free(surfaces, feet_m, height_m=_USUAL_HEIGHT_M)).all():
            what = f"nobody can stand at the spot {is_free.argmin()}, which is in geometry or has no floor"
            where = f"environments.{environment.name} ({environment.file})"
            raise InputError(what, where=where, fix="move it; `multitake catalog check` says more")


def placed_actors(
    batch: Batch,
    catalog: Catalog,
    spots: Sequence[Spot],
    surfaces: LevelSurfaces | None,
    *,
    index: int,
    rng: np.random.Generator,
) -> tuple[Actor, ...]:
    """The actors of take ``index``: the subject at one of the spots, the others next to it.

    The path of an actor keeps away from the other actors, and from ``surfaces`` if they are known. If no path
    of its animation does, the next animations are tried; if none of theirs does, its first path stays.
    """
    subject = in_turn(batch.seed, "character", catalog.characters, index)
    others = [character for character in catalog.characters if character is not subject]
    first = int(rng.integers(len(spots)))
    spots = [*spots[first:], *spots[:first]]
    fewest, most = batch.scene.characters_per_take
    actors: list[Actor] = []
    for number in range(int(rng.integers(fewest, most + 1))):
        character = subject if number == 0 else others[(index + number - 1) % len(others)]
        phase_share = float(rng.random())
        acting = [
            Actor(
                character=character,
                animation=animation,
                position_m=(actors[0] if actors else spots[0]).position_m,
                heading_deg=spots[0].heading_deg,
                phase_s=phase_share * animation.duration_s,
            )
            for animation in (
                in_turn(batch.seed, f"animation {number}", catalog.animations, index + later)
                for later in range(_MOST_ANIMATIONS)
            )
        ]
        placed = (_beside(actor, rng) if actors else _at(actor, spots) for actor in acting)
        actors.append(_first_free(chain.from_iterable(placed), actors, batch, surfaces))
    return tuple(actors)


def _at(actor: Actor, spots: Sequence[Spot]) -> Iterator[Actor]:
    """The actor at each spot with the heading of the spot, then with other headings."""
    for turn_deg in _TURNS_DEG:
        for spot in spots:
            heading_deg = (spot.heading_deg + turn_deg) % 360 if turn_deg else spot.heading_deg
            yield replace(actor, position_m=spot.position_m, heading_deg=heading_deg)


def _beside(actor: Actor, rng: np.random.Generator) -> Iterator[Actor]:
    """The actor at random places next to its position."""
    x, y, z = actor.position_m
    for _ in range(_MOST_PLACES):
        angle, distance_m = rng.uniform(0, 2 * np.pi), rng.uniform(*_BESIDE_M)
        beside_m = (x + float(distance_m * np.cos(angle)), y + float(distance_m * np.sin(angle)), z)
        yield replace(actor, position_m=beside_m, heading_deg=float(rng.uniform(0, 360)))


def _first_free(
    candidates: Iterable[Actor], others: Sequence[Actor], batch: Batch, surfaces: LevelSurfaces | None
) -> Actor:
    """The first candidate with nothing in its way; without one, the first candidate."""
    first = None
    paths = [other.path(frames=batch.frames, fps=batch.fps) for other in others]
    for candidate in candidates:
        first = first or candidate
        path = candidate.path(frames=batch.frames, fps=batch.fps)
        is_apart = all(
            np.linalg.norm(path.feet_m - other_path.feet_m, axis=1).min() > _apart_m(candidate, other)
            for other, other_path in zip(others, paths, strict=True)
        )
        if is_apart and (surfaces is None or is_path_free(surfaces, path)):
            return candidate
    assert first is not None
    return first


def _apart_m(actor: Actor, other: Actor) -> float:
    """How far apart two actors stay, so that their limbs do not meet."""
    reach_m = [
        max(_AHEAD * one.animation.size_m[0], _ASIDE * one.animation.size_m[1])
        * (one.character.height_m / _USUAL_HEIGHT_M)
        for one in (actor, other)
        if one.animation.size_m
    ]
    return max(_APART_M, _REACH_SHARE * sum(reach_m))
