"""Format version 1: the files of a data set, and the values in them."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any

import pyarrow as pa
from pydantic import Field

from multitake.errors import InputError
from multitake.settings import STRICT, validated
from trajectories import CONVENTION

from .clip_quality import CLIP_QUALITY, ClipQuality

FORMAT_VERSION = 1
INDEX_VERSION = str(FORMAT_VERSION)
DEPTH_UNIT_M = 0.001
GOP_FRAMES = 20
RESTORE = "restore the original file; `multitake verify` lists all damage"
BATCH_FILES = ("batch.toml", "catalog.toml")
# Folders about how a data set was made, which are not part of it: logs of runs, and images of failed takes.
RUNS_FOLDER, FAILED_FOLDER = "runs", "failed"
# The kinds of members in the order of the tar: those of the take, then those of each camera.
TAKE_ENDINGS = {
    "take": "take.json",
    "poses": "poses.npy",
    "surfaces": "surfaces.npz",
    "joints": "joints.npz",
}
CLIP_ENDINGS = {
    "video": "mp4",
    "depth": "depth.mkv",
    "mask": "mask.mkv",
    "normal": "normal.mkv",
    "flow": "flow.mkv",
    "surface": "surface.npz",
}
MEMBER_ENDINGS = TAKE_ENDINGS | CLIP_ENDINGS
CONVENTIONS = {
    "world": "right-handed, Z up, metres",
    "camera": "OpenCV axes: x right, y down, z forward",
    "poses": CONVENTION,
    "pixels": "edges at integers: the first pixel's centre is (0.5, 0.5); square pixels",
    "video": f"H.264 yuv420p, BT.709 limited range, converted and tagged; closed GOPs of {GOP_FRAMES} frames",
    "depth": "FFV1 gray16le; planar z in units of depth_unit_m metres; 0: no surface, 65535: saturated",
    "mask": "FFV1 RGB, lossless; one colour per object, black is background",
    "normal": "FFV1 RGB, lossless; world normals n as round(255 (n / 2 + 1 / 2)); black is no surface",
    "flow": (
        "FFV1 gray16le of twice the height, lossless: motion to the next frame, to the right in the upper "
        "half, down in the lower half, as 64 x pixels + 32768; 0 is unknown"
    ),
    "surface": "1 + index of the triangle that is seen, 0 is none; see surfaces.npz",
    "time": "frame k is at k / fps seconds",
}
# The kind of engine of a data set that was imported, and the only table of its ``batch.toml``.
IMPORTED, IMPORT_TABLE = "imported", "import"
# Videos of an import that were kept as they were published.
KEPT_VIDEO = "as published, in the codec, colours and groups of pictures of each file; index in front"
_MAX_KEY = 64
_Count = Annotated[int, Field(ge=1, lt=2**31)]
_KEY = re.compile(rf"[A-Za-z0-9_-]{{1,{_MAX_KEY}}}")


@dataclass(frozen=True, kw_only=True)
class EngineInfo:
    """What rendered: ``kind`` (``embedded``, ``unreal`` or ``imported``), its look, and its version."""

    __pydantic_config__ = STRICT
    kind: str
    look: str
    version: str


@dataclass(frozen=True, kw_only=True)
class MadeFrom:
    """What a data set was made from: the name of a data set or archive, the sha256 of its ``dataset.json``
    (empty if it has none), and the command that made this one of it.
    """

    __pydantic_config__ = STRICT
    name: str
    sha256: str
    command: str


@dataclass(frozen=True, kw_only=True)
class DatasetInfo:
    """The content of ``dataset.json``; it follows from the batch alone, so equal batches give equal bytes.

    Attributes:
        cameras: cameras per take.
        planned_takes: takes of the batch; fewer are sealed if takes failed or are not filmed yet.
        counts: planned numbers of ``takes``, ``clips``, ``frames`` and ``shards``.
        made_from: other data sets, or an archive, that its takes are from; empty if they were filmed for it.
            Its shards may have any number of takes, and ``planned_takes`` is the number of takes in them and
            in ``failures.jsonl``.
    """

    __pydantic_config__ = STRICT
    format_version: int = FORMAT_VERSION
    conventions: Mapping[str, str] = field(default_factory=lambda: dict(CONVENTIONS))
    engine: EngineInfo
    fps: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    frames: _Count
    width_px: _Count
    height_px: _Count
    cameras: _Count
    takes_per_shard: _Count
    planned_takes: _Count
    batch_sha256: str
    catalog_sha256: str
    multitake_version: str
    counts: Mapping[str, int]
    made_from: tuple[MadeFrom, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ActorRow:
    """An actor of a take in each frame; world, metres.

    Attributes:
        name: its name in the engine, and in masks.
        role: ``subject``, whom the cameras film, or ``actor``.
        animation_start_s: the time in its animation, which loops, at the first frame.
        position_m: the point on the ground below it.
        heading_deg: where it faces, from +X, counter-clockwise.
        height_m: height of the top of its head above its position.
        aim_height_m: height above its position of the point that cameras aim at.
    """

    name: str
    role: str
    character: str
    animation: str
    animation_start_s: float
    position_m: tuple[tuple[float, float, float], ...]
    heading_deg: tuple[float, ...]
    height_m: tuple[float, ...]
    aim_height_m: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class MaskObject:
    """An object in masks: its name in the engine, its role (``subject``, ``actor`` or ``environment``), and
    its colour (RGB), which is the same in all takes of a data set.
    """

    name: str
    role: str
    colour: tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class Settling:
    """How the images of a take were settled, in an engine whose images depend on earlier ones.

    Attributes:
        settled_after: captures until a view of the environment that stands still changed no more.
        warm_up: captures that were thrown away at the start of the take and after cuts.
        change_limit: by how much a settled image may change, as a share of the range of values.
        checked_images: images that were captured again after twice the warm-up.
        largest_change: by how much they changed at most.
        drift: by how much the images of the first frame changed when they were captured after the last.
    """

    settled_after: int
    warm_up: int
    change_limit: float
    checked_images: int
    largest_change: float
    drift: float


@dataclass(frozen=True, kw_only=True)
class TakeRow:
    """One take's row of the take table.

    None, ``unknown`` and empty values of an imported take are what its data set does not say.

    Attributes:
        take_index: number of the take in its batch.
        attempt: sampling attempt of this rig; not a count of retries.
        subject_m: the point that the cameras aim at in the first frame, world.
        passes: what was filmed in addition to the video: of ``depth``, ``mask``, ``normal``, ``flow``,
            ``surface`` and ``joints``.
        depth_unit_m: metres per unit of the 16-bit depth; None without depth.
        actors: the actors, the subject first.
        mask_objects: the legend of masks, actors first; empty without masks. An object that is not in it is
            black, like the background.
        captions: sentences about the scene; the first is ``caption``. Empty if there are no others.
        settling: how its images were settled; None for an engine whose images do not depend on earlier ones.
        quality: figures of the images of each camera; empty if they were not measured.
    """

    take: str
    split: str
    environment: str
    characters: tuple[str, ...]
    animations: tuple[str, ...]
    light: str
    caption: str
    layout: str
    focal_length_mm: float | None
    f_number: float | None
    seed: int | None
    take_index: int | None
    attempt: int | None
    fps: float
    frames: int
    width_px: int
    height_px: int
    subject_m: tuple[float, float, float] | None
    look: str
    passes: tuple[str, ...] = ()
    depth_unit_m: float | None = None
    actors: tuple[ActorRow, ...] = ()
    mask_objects: tuple[MaskObject, ...] = ()
    captions: tuple[str, ...] = ()
    settling: Settling | None = None
    quality: tuple[ClipQuality, ...] = ()


_PER_FRAME = pa.list_(pa.float64())
_ACTOR = pa.struct(
    [
        *((name, pa.string()) for name in ("name", "role", "character", "animation")),
        ("animation_start_s", pa.float64()),
        ("position_m", pa.list_(pa.list_(pa.float64(), 3))),
        *((name, _PER_FRAME) for name in ("heading_deg", "height_m", "aim_height_m")),
    ]
)
_MASK_OBJECT = pa.struct([("name", pa.string()), ("role", pa.string()), ("colour", pa.list_(pa.uint8(), 3))])
_SETTLING = pa.struct(
    [
        *((name, pa.int32()) for name in ("settled_after", "warm_up")),
        ("change_limit", pa.float64()),
        ("checked_images", pa.int32()),
        ("largest_change", pa.float64()),
        ("drift", pa.float64()),
    ]
)
TAKE_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("take", "split", "environment")),
        *((name, pa.list_(pa.string())) for name in ("characters", "animations")),
        *((name, pa.string()) for name in ("light", "caption", "layout")),
        *((name, pa.float64()) for name in ("focal_length_mm", "f_number")),
        *((name, pa.int64()) for name in ("seed", "take_index", "attempt")),
        ("fps", pa.float64()),
        *((name, pa.int32()) for name in ("frames", "width_px", "height_px")),
        ("subject_m", pa.list_(pa.float64(), 3)),
        ("look", pa.string()),
        ("passes", pa.list_(pa.string())),
        ("depth_unit_m", pa.float64()),
        ("actors", pa.list_(_ACTOR)),
        ("mask_objects", pa.list_(_MASK_OBJECT)),
        ("captions", pa.list_(pa.string())),
        ("settling", _SETTLING),
        ("quality", pa.list_(CLIP_QUALITY)),
    ],
    metadata={"multitake.take_table": str(FORMAT_VERSION)},
)
INDEX_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("take", "camera", "member", "kind")),
        *((name, pa.int64()) for name in ("offset", "size", "crc32")),
        *((name, pa.list_(pa.int64())) for name in ("gop_ends", "gop_crc32")),
    ]
)


def take_row(record: Mapping[str, Any]) -> TakeRow:
    """A row from plain JSON or parquet values (lists become tuples)."""
    values: dict[str, Any] = {name: _tuples(value) for name, value in record.items()}
    values["actors"] = tuple(ActorRow(**one) for one in values.get("actors", ()))
    values["mask_objects"] = tuple(MaskObject(**one) for one in values.get("mask_objects", ()))
    values["quality"] = tuple(ClipQuality(**one) for one in values.get("quality", ()))
    settling = values.pop("settling", None)
    return TakeRow(**values, settling=Settling(**settling) if settling else None)


def conventions_of(*, keeps_videos: bool) -> dict[str, str]:
    """The texts under ``conventions`` in ``dataset.json``; ``keeps_videos``: of an import as published."""
    return {**CONVENTIONS, **({"video": KEPT_VIDEO} if keeps_videos else {})}


def _tuples(value: Any) -> Any:
    """The value with tuples in place of lists, at any depth."""
    if isinstance(value, dict):
        return {name: _tuples(one) for name, one in value.items()}
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value


def checked_key(key: str) -> str:
    """``key`` if it is a valid name of a take (letters, digits, ``-``, ``_``; at most 64); else InputError.

    For WebDataset readers a key ends at the first dot, and a slash would make folders.
    """
    if not _KEY.fullmatch(key):
        fix = f"use 1 to {_MAX_KEY} ASCII letters, digits, '-' and '_'"
        raise InputError(f"invalid name of a take {key!r}", where="take", fix=fix)
    return key


def member_name(take: str, kind: str, camera: str = "") -> str:
    """The name of a member, such as ``KEY.take.json``, ``KEY.camNN.mp4`` or ``KEY.camNN.depth.mkv``."""
    return ".".join(part for part in (take, camera, MEMBER_ENDINGS[kind]) if part)


def member_parts(member: str) -> tuple[str, str, str]:
    """(take, camera, kind) of a member's name; the camera is empty for a member of the take.

    ValueError for a name that is not one of version 1.
    """
    for kind, ending in MEMBER_ENDINGS.items():
        if member.endswith(f".{ending}"):
            take, _, camera = member.removesuffix(f".{ending}").partition(".")
            if bool(camera) == (kind in CLIP_ENDINGS) and "." not in camera:
                return take, camera, kind
    raise ValueError(f"{member!r} is not a member of format version 1")


def shard_files(shard: int) -> dict[str, str]:
    """Paths of a shard's files in a data set, by folder, in the order of writing."""
    endings = {
        "shards": "tar",
        "poses": "parquet",
        "takes": "parquet",
        "checksums": "sha256",
        "index": "parquet",
    }
    return {folder: f"{folder}/{shard:05d}.{ending}" for folder, ending in endings.items()}


def shard_of(index_name: str) -> int | None:
    """The shard whose index has that file name; None if it is not the name of an index."""
    number = index_name.removesuffix(".parquet")
    is_index = (
        number.isascii() and number.isdigit() and f"index/{index_name}" == shard_files(int(number))["index"]
    )
    return int(number) if is_index else None


def info_bytes(info: DatasetInfo) -> bytes:
    """``dataset.json``: sorted keys, two spaces, a final newline; without ``made_from`` if it is empty."""
    record = asdict(info)
    if not info.made_from:
        del record["made_from"]
    return (json.dumps(record, sort_keys=True, indent=2) + "\n").encode()


def read_info(content: bytes, where: str) -> DatasetInfo:
    """Parse a ``dataset.json``; InputError if it is invalid or of another version."""
    try:
        record = json.loads(content)
        version = record["format_version"]
        text = json.dumps(version)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            "not a multitake dataset.json", where=where, fix="give a data set's folder"
        ) from error
    if version != FORMAT_VERSION:
        fix = f"read it with a release for version {text}; this one reads {FORMAT_VERSION}"
        raise InputError(f"unsupported format version {text}", where=where, fix=fix)
    try:
        return validated(DatasetInfo, record, where=where)
    except InputError as error:
        raise InputError(error.what, where=error.where, fix=RESTORE) from error
