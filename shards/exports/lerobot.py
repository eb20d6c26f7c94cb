"""LeRobot's layout, version 3.0: a take is an episode, and its cameras are features.

``observation.images.CAMERA`` are videos: the stored packets of several takes, one after the other, in one
mp4. ``observation.extrinsics.CAMERA`` is ``world_from_camera`` of each frame (3 x 4, row-major, metres; world
right-handed, Z up; camera x right, y down, z forward), ``observation.intrinsics.CAMERA`` is fx, fy, cx, cy in
pixels. There is no robot, so there is no ``action``. The task of a take is its caption.

A chunk is the unit of work: its files have the takes of one split until the videos of a camera exceed a size.
Its table below ``meta/episodes/`` is written last.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from multitake.atomic import replacing, write_file
from multitake.errors import InputError

from ..format import TakeRow
from ..remux import joined, video_facts
from .chosen import Chosen
from .lerobot_stats import Stats, image_stats, joined_stats, number_stats

VERSION = "v3.0"
NO_CAPTION = "no caption"
_VIDEO_FILE_MB, _DATA_FILE_MB, _CHUNK_FILES = 100, 100, 1000
_PATHS = {
    "data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
    "video_path": "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4",
}
_EPISODES = "meta/episodes/chunk-{chunk_index:03d}/file-000.parquet"
_INDEX_COLUMNS = ("timestamp", "frame_index", "episode_index", "index", "task_index")
_EXTRINSICS = [f"world_from_camera_{row}{column}" for row in range(3) for column in range(4)]
_INTRINSICS = ["fx_px", "fy_px", "cx_px", "cy_px"]


@dataclass(frozen=True, kw_only=True)
class _Episode:
    """A take, its number, and its task."""

    number: int
    row: TakeRow
    task: int


class LeRobotExport:
    """One chunk of files for some takes of one split."""

    def __init__(self, choice: Chosen) -> None:
        self._choice = choice
        self._info = choice.dataset.info
        if self._info.fps != round(self._info.fps):
            fix = "this layout has whole frame rates only"
            raise InputError(f"{self._info.fps:g} frames per second", where=str(choice.out), fix=fix)

    def left_out(self) -> dict[str, str]:
        """Takes with a damaged member: episodes have consecutive numbers, so all are read once before."""
        return self._left_out

    def units(self) -> Sequence[str]:
        """Numbers of the chunks."""
        return [str(number) for number in range(len(self._chunks))]

    def place(self, unit: str) -> Path:
        """The table of the episodes of a chunk."""
        return self._choice.out / _EPISODES.format(chunk_index=int(unit))

    def write(self, unit: str) -> None:
        """Write the files of a chunk; its table of episodes is last."""
        chunk = int(unit)
        episodes = self._chunks[chunk]
        tables = [self._frames(episode) for episode in episodes]
        records = [
            self._record(chunk, episode, table) for episode, table in zip(episodes, tables, strict=True)
        ]
        for camera in self._choice.cameras:
            self._write_videos(chunk, camera, episodes, records)
        data = self._choice.out / _PATHS["data_path"].format(chunk_index=chunk, file_index=0)
        with replacing(data) as partial:
            pq.write_table(pa.concat_tables(tables), partial)
        with replacing(self.place(unit)) as partial:
            pq.write_table(pa.Table.from_pylist(records), partial)

    def finish(self) -> None:
        """Write what is about all episodes, if all are there."""
        places = [self.place(unit) for unit in self.units()]
        if not all(place.exists() for place in places):
            return
        out = self._choice.out
        stats = joined_stats(
            [_stats_of(record) for place in places for record in pq.read_table(place).to_pylist()]
        )
        tasks = pd.DataFrame(
            {"task_index": range(len(self._tasks))}, index=pd.Index(self._tasks, name="task")
        )
        with replacing(out / "meta/tasks.parquet") as partial:
            tasks.to_parquet(partial)
        write_file(out / "meta/stats.json", json.dumps(stats, indent=4))
        write_file(out / "meta/info.json", json.dumps(self._description(), indent=4))

    @cached_property
    def _left_out(self) -> dict[str, str]:
        reasons = {row.take: _damage(self._choice, row.take) for row in self._choice.rows}
        return {take: reason for take, reason in reasons.items() if reason}

    @cached_property
    def _rows(self) -> list[TakeRow]:
        """The takes that can be read, with those of a split together."""
        rows = [row for row in self._choice.rows if row.take not in self._left_out]
        splits = list(dict.fromkeys(row.split for row in rows))
        return sorted(rows, key=lambda row: splits.index(row.split))

    @cached_property
    def _captions(self) -> list[str]:
        return [self._choice.clips(row.take)[0].caption or NO_CAPTION for row in self._rows]

    @cached_property
    def _tasks(self) -> list[str]:
        return list(dict.fromkeys(self._captions))

    @cached_property
    def _chunks(self) -> list[list[_Episode]]:
        """The episodes of each chunk."""
        tasks = {task: number for number, task in enumerate(self._tasks)}
        chunks: list[list[_Episode]] = []
        sizes = np.zeros(len(self._choice.cameras))
        for number, (row, caption) in enumerate(zip(self._rows, self._captions, strict=True)):
            take = self._choice.dataset.take(row.take)
            sizes += (own := [take.member("video", camera).size for camera in self._choice.cameras])
            is_other = not chunks or chunks[-1][-1].row.split != row.split
            if is_other or sizes.max() > _VIDEO_FILE_MB * 2**20:
                chunks.append([])
                sizes[:] = own
            chunks[-1].append(_Episode(number=number, row=row, task=tasks[caption]))
        return chunks

    @cached_property
    def _has_intrinsics(self) -> bool:
        """Whether all clips have intrinsics: features are the same in all episodes."""
        return all(row.focal_length_mm is not None for row in self._rows)

    def _frames(self, episode: _Episode) -> pa.Table:
        """The rows of an episode: one for each frame."""
        clips, frames = self._choice.clips(episode.row.take), self._info.frames
        numbers = np.arange(frames)
        columns: dict[str, np.ndarray] = {}
        for clip in clips:
            columns[f"observation.extrinsics.{clip.camera}"] = clip.poses.world_from_camera.reshape(
                frames, 12
            )
            if self._has_intrinsics:
                columns[f"observation.intrinsics.{clip.camera}"] = np.array(
                    [one.numbers[:4] for one in clip.frame_intrinsics]
                )
        indices = {
            "timestamp": (numbers / self._info.fps).astype(np.float32),
            "frame_index": numbers,
            "episode_index": np.full(frames, episode.number),
            "index": episode.number * frames + numbers,
            "task_index": np.full(frames, episode.task),
        }
        arrays = [
            pa.FixedSizeListArray.from_arrays(pa.array(values.astype(np.float32).ravel()), values.shape[1])
            for values in columns.values()
        ]
        return pa.Table.from_arrays(
            [*arrays, *(pa.array(indices[name]) for name in _INDEX_COLUMNS)],
            names=[*columns, *_INDEX_COLUMNS],
        )

    def _record(self, chunk: int, episode: _Episode, frames: pa.Table) -> dict[str, object]:
        """The row of an episode; the places of its videos are added when they are written."""
        first = episode.number * self._info.frames
        record: dict[str, object] = {
            "episode_index": episode.number,
            "tasks": [self._tasks[episode.task]],
            "length": self._info.frames,
            "take": episode.row.take,
            "data/chunk_index": chunk,
            "data/file_index": 0,
            "dataset_from_index": first,
            "dataset_to_index": first + self._info.frames,
            "meta/episodes/chunk_index": chunk,
            "meta/episodes/file_index": 0,
        }
        for name in frames.column_names:
            values = np.stack(frames[name].to_numpy(zero_copy_only=False))
            _add_stats(record, name, number_stats(values.reshape(len(values), -1)))
        return record

    def _write_videos(
        self, chunk: int, camera: str, episodes: Sequence[_Episode], records: Sequence[dict[str, object]]
    ) -> None:
        """Write the videos of a camera: a new file begins where a decoder would need other parameters."""
        key, files = f"observation.images.{camera}", list[list[bytes]]()
        last: tuple[str, bytes] | None = None
        for episode, record in zip(episodes, records, strict=True):
            clip = self._choice.dataset.take(episode.row.take).clip(camera)
            video = clip.video_bytes()
            facts = video_facts(video)
            if last != (facts.codec, facts.parameters):
                last = (facts.codec, facts.parameters)
                files.append([])
            start_s = len(files[-1]) * self._info.frames / self._info.fps
            files[-1].append(video)
            record |= {
                f"videos/{key}/chunk_index": chunk,
                f"videos/{key}/file_index": len(files) - 1,
                f"videos/{key}/from_timestamp": start_s,
                f"videos/{key}/to_timestamp": start_s + self._info.frames / self._info.fps,
            }
            _add_stats(record, key, image_stats(clip.frames(0, 1)))
        for number, videos in enumerate(files):
            path = _PATHS["video_path"].format(video_key=key, chunk_index=chunk, file_index=number)
            write_file(self._choice.out / path, joined(videos))

    def _description(self) -> dict[str, object]:
        """The content of ``meta/info.json``."""
        splits: dict[str, list[int]] = {}
        for number, row in enumerate(self._rows):
            splits.setdefault(row.split, []).append(number)
        return {
            "codebase_version": VERSION,
            "robot_type": None,
            "total_episodes": len(self._rows),
            "total_frames": len(self._rows) * self._info.frames,
            "total_tasks": len(self._tasks),
            "chunks_size": _CHUNK_FILES,
            "data_files_size_in_mb": _DATA_FILE_MB,
            "video_files_size_in_mb": _VIDEO_FILE_MB,
            "fps": round(self._info.fps),
            "splits": {split: f"{found[0]}:{found[-1] + 1}" for split, found in splits.items()},
            **_PATHS,
            "features": self._features(),
        }

    def _features(self) -> dict[str, object]:
        facts = video_facts(self._choice.clips(self._rows[0].take)[0].video_bytes())
        video = {
            "video.height": facts.height_px,
            "video.width": facts.width_px,
            "video.codec": facts.codec,
            "video.pix_fmt": facts.pixels,
            "video.is_depth_map": False,
            "video.fps": round(facts.fps),
            "video.channels": 3,
            "has_audio": False,
        }
        shape = [facts.height_px, facts.width_px, 3]
        features: dict[str, object] = {}
        for camera in self._choice.cameras:
            features[f"observation.images.{camera}"] = {
                "dtype": "video",
                "shape": shape,
                "names": ["height", "width", "channels"],
                "info": video,
            }
        for camera in self._choice.cameras:
            features[f"observation.extrinsics.{camera}"] = _numbers(_EXTRINSICS)
            if self._has_intrinsics:
                features[f"observation.intrinsics.{camera}"] = _numbers(_INTRINSICS)
        kinds = dict.fromkeys(_INDEX_COLUMNS, "int64") | {"timestamp": "float32"}
        return features | {name: {"dtype": kind, "shape": [1], "names": None} for name, kind in kinds.items()}


def _damage(choice: Chosen, take: str) -> str:
    """Why a take cannot be read; empty if it can."""
    try:
        for clip in choice.clips(take):
            assert clip.row and clip.video_bytes()
    except InputError as error:
        return f"{error.what} ({error.where})"
    return ""


def _numbers(names: Sequence[str]) -> dict[str, object]:
    return {"dtype": "float32", "shape": [len(names)], "names": list(names)}


def _add_stats(record: dict[str, object], feature: str, stats: Stats) -> None:
    record |= {f"stats/{feature}/{name}": value.tolist() for name, value in stats.items()}


def _stats_of(record: dict[str, object]) -> dict[str, Stats]:
    """The stats in the row of an episode, by feature."""
    found: dict[str, Stats] = {}
    for name, value in record.items():
        if name.startswith("stats/"):
            feature, _, figure = name.removeprefix("stats/").rpartition("/")
            found.setdefault(feature, {})[figure] = np.asarray(value)
    return found
