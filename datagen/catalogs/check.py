"""The command ``catalog check``: what is wrong with the levels, sizes and motions of a catalog."""

from collections.abc import Iterator
from dataclasses import dataclass

from multitake.progress import ProgressLine

from ..catalog import Environment
from ..engine.content.assets import find_asset
from ..engine.content.motion_check import check_motions
from ..geometry import level_surfaces
from ..level_check import LEVEL_FINDINGS, check_level
from .items import CatalogItems, Item
from .sizes import measured_size_m

_SIZE_TOLERANCE_M = 0.02


@dataclass(frozen=True, kw_only=True)
class CatalogFinding:
    """Something that is wrong with an asset of a catalog."""

    kind: str
    name: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind.removesuffix('s')} {self.name}: {self.what}"


def check_catalog(items: CatalogItems, progress: ProgressLine) -> Iterator[CatalogFinding]:
    """Check the chosen assets: levels at the spots of their entries, sizes, and animations on characters.

    The chosen animations are checked on the chosen characters, or on one character if none is chosen.
    """
    assets = [(kind, item) for kind, some in items.by_kind.items() for item in some]
    motions = _engine_names(items.by_kind.get("animations", ()), "AnimSequence")
    bodies = _engine_names(
        items.by_kind.get("characters", ()) or items.catalog.characters[:1], "SkeletalMesh"
    )
    total = len(assets) + (len(bodies) if motions else 0)
    for done, (kind, item) in enumerate(assets):
        progress.show(item.name, done=done, total=total)
        for what in _faults(item):
            yield CatalogFinding(kind=kind, name=item.name, what=what)
    for done, (asset, name) in enumerate(bodies.items() if motions else ()):
        progress.show(f"motions of {name}", done=len(assets) + done, total=total)
        for found in check_motions([asset], motions, continuity=done == 0):
            what = f"{found.what} {found.amount:.1f} {found.unit} on {name} at {found.time_s:.2f} s"
            yield CatalogFinding(kind="animations", name=motions[found.animation], what=what)


def _engine_names(items: tuple[Item, ...], uclass: str) -> dict[str, str]:
    """The names in the catalog of assets of the engine, by their names there; without files of the user."""
    found = {item.name: find_asset(item.asset, uclass) for item in items}
    return {asset.name: name for name, asset in found.items() if asset and not asset.user}


def _faults(item: Item) -> Iterator[str]:
    """What is wrong with an asset itself."""
    measured_m = measured_size_m(item)
    if measured_m is None:
        yield f"the embedded engine has no asset {item.asset}"
        return
    stated_m = item.size_m or measured_m
    if any(abs(a - b) > _SIZE_TOLERANCE_M for a, b in zip(stated_m, measured_m, strict=True)):
        yield f"size_m is {list(stated_m)}, but its meshes measure {list(measured_m)}"
    if isinstance(item, Environment) and (surfaces := level_surfaces(item.asset)):
        for found in check_level(item, surfaces):
            yield f"{LEVEL_FINDINGS[found.reason]}: {found.where} at {list(found.place_m)} m, {found.detail}"
