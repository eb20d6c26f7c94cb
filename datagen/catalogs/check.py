"""The command ``catalog check``: what is wrong with the levels, sizes and motions of a catalog."""

import os
import signal
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

from multitake.progress import ProgressLine

from ..catalog import Animation, Character, Environment
from ..engine import assets
from ..engine.assets import find_asset, mount, mounted_assets
from ..engine.content.animations.catalog import ANIMATIONS
from ..engine.content.animations.feet_check import check_feet
from ..engine.content.animations.motion_check import Broken, check_character, discontinuities
from ..engine.content.characters.catalog import CHARACTERS
from ..engine.imported.user_asset import UserAsset
from ..geometry import level_surfaces
from ..level_check import LEVEL_FINDINGS, check_level
from .items import CatalogItems, Item
from .sizes import measured_size_m

_SIZE_TOLERANCE_M = 0.02
# A process starts in about as much time as it needs for so many jobs.
_FEWEST_JOBS = 4


@dataclass(frozen=True, kw_only=True)
class CatalogFinding:
    """Something that is wrong with an asset of a catalog."""

    kind: str
    name: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind.removesuffix('s')} {self.name}: {self.what}"


@dataclass(frozen=True)
class _Job:
    """A part of the check, with what is shown before it ends."""

    shown: str
    find: partial[Iterator[CatalogFinding]]


def check_catalog(items: CatalogItems, progress: ProgressLine) -> Iterator[CatalogFinding]:
    """Check the chosen assets: levels at the spots of their entries, sizes, and animations on characters.

    The chosen animations are checked on the chosen characters, or on all if none is chosen; of motions and
    characters of files only the feet are. Uses all cores.
    """
    jobs = [*_asset_jobs(items), *_motion_jobs(items)]
    for done, (job, findings) in enumerate(zip(jobs, _found(jobs, items), strict=True)):
        progress.show(job.shown, done=done, total=len(jobs))
        yield from findings


def _found(jobs: list[_Job], items: CatalogItems) -> Iterator[list[CatalogFinding]]:
    """What each job finds; processes work on several jobs at once."""
    workers = min(len(os.sched_getaffinity(0)), len(jobs) // _FEWEST_JOBS)
    if workers < 2:
        yield from map(_run, jobs)
        return
    files = mounted_assets(items.catalog.assets)
    with ProcessPoolExecutor(workers, get_context("spawn"), _start, (files,)) as pool:
        yield from pool.map(_run, jobs)


def _start(files: tuple[UserAsset, ...]) -> None:
    """Prepare a process; an interruption is for the one that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    mount(files)


def _run(job: _Job) -> list[CatalogFinding]:
    return list(job.find())


def _asset_jobs(items: CatalogItems) -> Iterator[_Job]:
    for kind, some in items.by_kind.items():
        for item in some:
            yield _Job(item.name, partial(_asset_findings, kind, item))


def _motion_jobs(items: CatalogItems) -> Iterator[_Job]:
    """Each character with all animations; animations are continuous on all characters if on one."""
    animations = [one for one in items.by_kind.get("animations", ()) if isinstance(one, Animation)]
    chosen = [one for one in items.by_kind.get("characters", ()) if isinstance(one, Character)]
    characters = chosen or items.catalog.characters
    if not animations:
        return
    for character in characters:
        yield _Job(f"motions of {character.name}", partial(_motion_findings, character, animations))
    first = next((one for one in characters if _is_own(one)), None)
    if first:
        for animation in filter(_is_own, animations):
            yield _Job(f"motion {animation.name}", partial(_continuity_findings, first, animation))


def _asset_findings(kind: str, item: Item) -> Iterator[CatalogFinding]:
    for what in _faults(item):
        yield CatalogFinding(kind=kind, name=item.name, what=what)


def _motion_findings(character: Character, animations: Iterable[Animation]) -> Iterator[CatalogFinding]:
    """Those of the engine's own animations on its own characters; otherwise those of feet."""
    mesh = find_asset(character.asset, "SkeletalMesh")
    if mesh is None:
        return
    own: dict[str, Animation] = {}
    for one in animations:
        clip = find_asset(one.asset, "AnimSequence")
        if clip is None:
            continue
        if mesh.user or clip.user:
            for broken, time_s in check_feet(
                assets.body(mesh), assets.animation(clip), one.speed_m_per_s or 0.0
            ):
                yield _motion_finding(one, character, broken, time_s)
        else:
            own[clip.name] = one
    for name, broken, time_s in check_character(mesh.name, own) if own else ():
        yield _motion_finding(own[name], character, broken, time_s)


def _continuity_findings(character: Character, animation: Animation) -> Iterator[CatalogFinding]:
    mesh, clip = find_asset(character.asset, "SkeletalMesh"), find_asset(animation.asset, "AnimSequence")
    assert mesh and clip
    for broken, time_s in discontinuities(ANIMATIONS[clip.name], CHARACTERS[mesh.name].proportions):
        yield _motion_finding(animation, character, broken, time_s)


def _motion_finding(
    animation: Animation, character: Character, broken: Broken, time_s: float
) -> CatalogFinding:
    what = f"{broken} on {character.name} at {time_s:.2f} s"
    return CatalogFinding(kind="animations", name=animation.name, what=what)


def _is_own(item: Item) -> bool:
    """Whether an asset is one of the engine, and exists."""
    uclass = "SkeletalMesh" if isinstance(item, Character) else "AnimSequence"
    found = find_asset(item.asset, uclass)
    return found is not None and found.user is None


def _faults(item: Item) -> Iterator[str]:
    """What is wrong with an asset itself."""
    measured_m = measured_size_m(item)
    if measured_m is None:
        yield f"the embedded engine has no asset {item.asset}"
        return
    stated_m = item.size_m or measured_m
    if any(abs(a - b) > _SIZE_TOLERANCE_M for a, b in zip(stated_m, measured_m, strict=True)):
        yield f"size_m is {list(stated_m)}, but {list(measured_m)} is measured; correct size_m"
    if isinstance(item, Environment) and (surfaces := level_surfaces(item.asset)):
        for found in check_level(item, surfaces):
            yield f"{LEVEL_FINDINGS[found.reason]}: {found.where} at {list(found.place_m)} m, {found.detail}"
