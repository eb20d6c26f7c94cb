"""What a data set was filmed from: its batch and its catalog, checked against its ``dataset.json``."""

from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from multitake.errors import InputError
from multitake.settings import MOST_TOML_BYTES, parsed_toml, read_toml, validated
from shards import Dataset, open_dataset

from .batch import CONNECTION_KEYS, START_KEYS, Batch, EngineChoice
from .batch_file import batch_of, batch_sha256, located
from .catalog import Catalog, catalog_of, catalog_sha256
from .engine.assets import all_assets
from .plan import take_key


@dataclass(frozen=True, kw_only=True)
class SealedBatch:
    """A data set with the batch and the catalog of its sealed takes.

    Attributes:
        ignored: keys of its batch file that say how an engine is started.
    """

    dataset: Dataset
    batch: Batch
    catalog: Catalog
    ignored: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """The address of the data set."""
        return self.dataset.files.url

    @cached_property
    def planned(self) -> dict[str, int]:
        """The numbers of all takes of the batch, by key, in their order."""
        return {take_key(self.batch, self.catalog, number): number for number in range(self.batch.takes)}

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all takes of the batch, sealed or not."""
        return tuple(self.planned)


def read_sealed_batch(url: str, *, assets: Path | None = None) -> SealedBatch:
    """The batch of the data set at a folder or any fsspec address.

    It starts no engine: keys of its batch file that say how one is started are ignored. ``assets`` is the
    folder of the user's files in its catalog; without it, the folder of the data set. InputError if it is not
    a data set, if no shard is sealed, if batch or catalog are not those of ``dataset.json``, or if something
    of the catalog is missing here.
    """
    dataset = open_dataset(url)
    content = _table(dataset, "batch.toml")
    ignored = _without_connection(content)
    batch = batch_of(content, where=dataset.files.address("batch.toml"))
    if batch_sha256(batch) != dataset.info.batch_sha256:
        raise _differs(dataset, "batch.toml")
    if assets and not assets.is_dir():
        raise InputError("is not a folder", where=f"--assets {assets}", fix="give the folder of these files")
    folder = assets or Path(url)
    tables = _table(dataset, "catalog.toml")
    _check_files(tables, folder, where=dataset.files.address("catalog.toml"))
    catalog = catalog_of(tables, batch.scene, path=folder / "catalog.toml")
    if catalog_sha256(catalog) != dataset.info.catalog_sha256:
        raise _differs(dataset, "catalog.toml")
    if batch.engine.kind == "embedded":
        _check_assets(catalog, dataset)
    # Its catalog is what is sealed, not what the installed one is now.
    batch = replace(batch, scene=replace(batch.scene, catalog="catalog.toml"))
    sealed = SealedBatch(dataset=dataset, batch=batch, catalog=catalog, ignored=ignored)
    if unplanned := [key for key in dataset.keys if key not in sealed.planned]:
        what = f"its batch does not plan its take {unplanned[0]}"
        raise InputError(what, where=sealed.url, fix=_use_version(dataset))
    return sealed


def read_engine(path: Path, engine: EngineChoice) -> EngineChoice:
    """The engine with the keys in a file of the user that say how it is started and reached.

    InputError for any other key, or one that the engine does not have.
    """
    content = read_toml(path)
    for key in content:
        if key not in CONNECTION_KEYS:
            fix = f"use {', '.join(CONNECTION_KEYS)}; all else is that of the data set"
            raise InputError("unknown key", where=f"{path}: {key}", fix=fix)
    chosen = validated(EngineChoice, {**asdict(engine), **content}, where=str(path))
    return located(chosen, path.absolute().parent)


def _table(dataset: Dataset, name: str) -> dict[str, Any]:
    """The content of a file of the batch, as it was sealed."""
    where = dataset.files.address(name)
    content = dataset.files.sealed_content(name, dataset.shards[0])
    if len(content) > MOST_TOML_BYTES:
        raise InputError(f"larger than {MOST_TOML_BYTES} bytes", where=where, fix="give another data set")
    try:
        return parsed_toml(content.decode(), where=where)
    except UnicodeDecodeError as error:
        raise InputError("not a text file", where=where, fix="give another data set") from error


def _without_connection(content: dict[str, Any]) -> tuple[str, ...]:
    """Remove from a batch file how its engine is started and reached; the keys that start programs."""
    engine = content.get("engine")
    if not isinstance(engine, dict):
        return ()
    ignored = tuple(key for key in START_KEYS if engine.get(key))
    content["engine"] = {key: value for key, value in engine.items() if key not in CONNECTION_KEYS}
    return ignored


def _check_files(tables: dict[str, Any], folder: Path, *, where: str) -> None:
    """InputError if a file that a catalog names is not in the folder."""
    for kind, entries in tables.items():
        for entry in entries if isinstance(entries, list) else ():
            file = entry.get("file") if isinstance(entry, dict) else None
            if isinstance(file, str) and not (folder / file).is_file():
                fix = "give --assets FOLDER, the folder of the catalog that names it"
                raise InputError(f"no file {file} in {folder}", where=f"{where}: {kind}", fix=fix)


def _check_assets(catalog: Catalog, dataset: Dataset) -> None:
    """InputError if the embedded engine does not have an asset."""
    known = {asset.path for asset in all_assets()} | {asset.package for asset in all_assets()}
    for asset in catalog.assets:
        if asset not in known:
            what = f"the embedded engine has no asset {asset}"
            raise InputError(what, where=dataset.files.address("catalog.toml"), fix=_use_version(dataset))


def _differs(dataset: Dataset, name: str) -> InputError:
    what = "not the one that dataset.json has the hash of"
    fix = f"restore the original file, or {_use_version(dataset)}"
    return InputError(what, where=dataset.files.address(name), fix=fix)


def _use_version(dataset: Dataset) -> str:
    return f"use multitake {dataset.info.multitake_version}, which filmed it"
