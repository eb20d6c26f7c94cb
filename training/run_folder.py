"""The folder of a training run.

::

    RUN/config.toml          the resolved config
    RUN/data.json            which data set it trains on, and which of its takes; digest of the base model
    RUN/base/                the tiny base model, if the config chooses it
    RUN/metrics.jsonl        one line per step, one per measurement of the fixed loss, one per validation
    RUN/checkpoints/000030/  trained weights, their average if there is one, and optimizer moments
    RUN/clips/000030.mp4     a pair of the validation split: source, new video, true target
    RUN/model/transformer/   the trained transformer, in diffusers layout
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from multitake.atomic import remove_partials, write_file, writing_to
from multitake.errors import InputError
from multitake.input_files import parsing, read_utf8
from shards import DatasetInfo

from .config import Config, config_toml, difference, load_config
from .trackers import Tracker, flat

_LOSSES = ("loss", "loss_fixed")


@dataclass(frozen=True, kw_only=True)
class RunFolder:
    """A run on disk and its resolved config; ``record`` writes nothing unless this is a writer."""

    path: Path
    config: Config
    is_writer: bool = True
    trackers: tuple[Tracker, ...] = ()

    @classmethod
    def prepare(
        cls, path: Path, config: Config, info: DatasetInfo, takes: list[dict[str, Any]]
    ) -> "RunFolder":
        """Start a run, or open the one that was started with the same config and data set.

        ``takes`` are those of the stream, as its state has them; a run keeps those that it began with.
        InputError if the folder contains another run or other files, or cannot be written.
        """
        identity = {
            "batch_sha256": info.batch_sha256,
            "catalog_sha256": info.catalog_sha256,
            "engine_look": info.engine.look,
        }
        config_path, data_path = path / "config.toml", path / "data.json"
        about: dict[str, Any] = {**identity, "takes": takes}
        if config_path.exists():
            changed = difference(load_config(config_path), config)
            known = _read_json(data_path)
            is_same = isinstance(known, dict) and known.items() >= identity.items()
            if changed is None and not is_same:
                changed = "the data set is another one"
            if changed:
                fix = "give another --out, or the config and data set that this run began with"
                raise InputError(f"contains another run: {changed}", where=str(path), fix=fix)
            about |= known
        # A start that was killed leaves data.json and hidden files.
        elif path.is_dir() and any(p != data_path and p.name[0] != "." for p in path.iterdir()):
            raise InputError("is not empty and not a run folder", where=str(path), fix="give another --out")
        with writing_to(path):
            remove_partials(path)
            remove_partials(path / "checkpoints")
            write_file(data_path, _json(about))
            write_file(config_path, config_toml(config))
        return cls(path=path, config=config)

    @classmethod
    def open(cls, path: Path) -> "RunFolder":
        """Open a run that was started before; InputError if there is none."""
        if not (path / "config.toml").is_file():
            raise InputError("is not a run folder", where=str(path), fix="give the --out of `train`")
        return cls(path=path, config=load_config(path / "config.toml"))

    @property
    def takes(self) -> list[dict[str, Any]]:
        """The takes that the run trains on, as the state of a stream has them."""
        return _read_json(self._data_path)["takes"]

    def require_base(self, sha256: str) -> None:
        """Note the base model of a new run; InputError if the run began with another one."""
        known = _read_json(self._data_path)
        if "base_sha256" not in known:
            write_file(self._data_path, _json({**known, "base_sha256": sha256}))
        elif known["base_sha256"] != sha256:
            what = "contains a run that began with another base model: files of it have changed"
            fix = "restore the base model, or give another --out"
            raise InputError(what, where=str(self.path), fix=fix)

    def use_takes(self, takes: list[dict[str, Any]]) -> None:
        """Train on other takes from now on."""
        write_file(self._data_path, _json({**_read_json(self._data_path), "takes": takes}))

    @property
    def _data_path(self) -> Path:
        return self.path / "data.json"

    @property
    def _metrics_path(self) -> Path:
        return self.path / "metrics.jsonl"

    def record(self, step: int, **figures: object) -> None:
        """Append a line to ``metrics.jsonl``, and tell the trackers; RunError if the disk is full."""
        if not self.is_writer:
            return
        with writing_to(self._metrics_path), self._metrics_path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, **figures}) + "\n")
        for track in self.trackers:
            track(step, flat(figures))

    def metrics(self) -> list[dict[str, Any]]:
        """Return the complete lines of ``metrics.jsonl``; a killed run may leave an incomplete last one.

        InputError for any other line that ``record`` does not write.
        """
        if not self._metrics_path.exists():
            return []
        path, fix = self._metrics_path, "correct it, or delete it to resume without earlier figures"
        with parsing("cannot be read", where=str(path), fix=fix):
            text = read_utf8(path, fix=fix)
            lines = [line for line in text.splitlines(keepends=True) if line.endswith("\n")]
            return [_record(line, number) for number, line in enumerate(lines, start=1)]

    def drop_metrics_after(self, step: int) -> None:
        """Delete the lines of later steps; all lines if ``step`` is 0, which is recorded again."""
        kept = [line for line in self.metrics() if step and line["step"] <= step]
        write_file(self._metrics_path, "".join(json.dumps(line) + "\n" for line in kept))


def _json(record: dict[str, Any]) -> str:
    return json.dumps(record, sort_keys=True, indent=2) + "\n"


def _read_json(path: Path) -> Any:
    fix = "restore it, or give another --out"
    with parsing("cannot be read", where=str(path), fix=fix):
        return json.loads(read_utf8(path, fix=fix))


def _record(line: str, number: int) -> dict[str, Any]:
    """The figures of a line; ValueError if it has no step, or if a loss is not a number."""
    record = json.loads(line)
    losses = [record.get(name, 0.0) for name in _LOSSES] if isinstance(record, dict) else [None]
    if not all(isinstance(loss, int | float) for loss in losses) or type(record.get("step")) is not int:
        raise ValueError(f"line {number} is not the record of a step")
    return dict(record)
