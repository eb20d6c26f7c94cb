"""Sentences about a scene, from the phrases of the catalog and the lengths of the actors' paths."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .actor_paths import Actor, ActorPath
from .catalog import Environment, Light

# {acts} is a clause such as "a woman waves", {place} such as "in a street", {light} such as "at noon". A name
# with a capital starts a sentence. The first is the plain caption of a take.
_SCENES = (
    "{Acts} {place} {light}.",
    "{Light}, {acts} {place}.",
    "{Place}, {acts} {light}.",
    "{Place} {light}, {acts}.",
    "{Acts}. The scene is {place} {light}.",
    "The scene is {place} {light}. {Acts}.",
    "A video in which {acts} {place} {light}.",
    "A video filmed {place} {light}: {acts}.",
)
# Of two actors, the subject first; with more of them their clauses are a list.
_TWO = ("{0} while {1}", "{0}, and {1}", "{1} while {0}")
_DISTANCES = ("about {}", "roughly {}", "")
# A verb phrase with more words takes the distance as a clause of its own.
_SHORT_PHRASE = 2
_ATTEMPTS = 40


@dataclass(frozen=True, kw_only=True)
class SceneWords:
    """What the sentences about a scene can say: its actors, the subject first, its place and its light."""

    actors: tuple[Actor, ...]
    paths: tuple[ActorPath, ...]
    environment: Environment
    light: Light

    @property
    def plain(self) -> str:
        """The plain caption."""
        return self._sentence(_SCENES[0], _TWO[0], _DISTANCES[0])

    def captions(self, count: int, rng: np.random.Generator) -> tuple[str, ...]:
        """``count`` different sentences, the plain one first; fewer if there are not so many."""
        found = {self.plain: None}
        for attempt in range(_ATTEMPTS * count):
            if len(found) == count:
                break
            # Every round has each sentence once.
            if attempt % len(_SCENES) == 0:
                order = rng.permutation(len(_SCENES))
            scene = _SCENES[order[attempt % len(_SCENES)]]
            found[self._sentence(scene, _chosen(_TWO, rng), _chosen(_DISTANCES, rng))] = None
        return tuple(found)

    def _sentence(self, scene: str, two: str, distance: str) -> str:
        clauses = [
            _clause(actor, path, distance) for actor, path in zip(self.actors, self.paths, strict=True)
        ]
        words = {
            "acts": _joined(clauses, two),
            "place": self.environment.caption,
            "light": self.light.caption_in(self.environment),
        }
        capitals = {name.capitalize(): word[:1].upper() + word[1:] for name, word in words.items()}
        return _tidied(scene.format(**words, **capitals))


def _clause(actor: Actor, path: ActorPath, distance: str) -> str:
    """What an actor does; it ends in a comma if more may only follow after one."""
    act = f"{actor.character.caption} {actor.animation.caption}"
    walked_m = round(path.walked_m)
    if not (walked_m and distance):
        return act
    length = distance.format(f"{walked_m} metre{'s' if walked_m > 1 else ''}")
    is_short = len(actor.animation.caption.split()) <= _SHORT_PHRASE
    return f"{act} {length}" if is_short else f"{act}, covering {length},"


def _joined(clauses: Sequence[str], two: str) -> str:
    if len(clauses) == 1:
        return clauses[0]
    if len(clauses) == 2:
        return two.format(*clauses)
    return f"{', '.join(clauses[:-1])}, and {clauses[-1]}"


def _tidied(text: str) -> str:
    """Without what remains around words that are empty: spaces, and commas at the start or before a stop."""
    text = " ".join(text.split()).strip(" ,")
    text = re.sub(r"\s+([.,:])", r"\1", re.sub(r",\s*(?=[.,:])", "", text))
    return text[:1].upper() + text[1:]


def _chosen(phrases: Sequence[str], rng: np.random.Generator) -> str:
    return phrases[int(rng.integers(len(phrases)))]
