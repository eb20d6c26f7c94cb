"""How takes are stored: the format, its writer, verify, plain and streaming readers, codecs."""

from .clip_source import clip_source, is_dataset, sealed_clips
from .format import (
    CONVENTIONS,
    DEPTH_UNIT_M,
    FORMAT_VERSION,
    ActorRow,
    DatasetInfo,
    EngineInfo,
    Failure,
    MaskObject,
    TakeRow,
)
from .peek import peek_take
from .reading import Clip, Dataset, Take, open_dataset
from .staging import ClipFiles, FilmedTake, stage_take
from .verify import NOT_CHECKED, verify_dataset
from .verify_shard import Problem
from .video import (
    DepthEncoder,
    MaskEncoder,
    VideoEncoder,
    decode_depth,
    decode_mask,
    decode_video,
    encode_video,
)
from .writing import DatasetWriter

__all__ = [
    "CONVENTIONS",
    "DEPTH_UNIT_M",
    "FORMAT_VERSION",
    "NOT_CHECKED",
    "ActorRow",
    "Clip",
    "ClipFiles",
    "Dataset",
    "DatasetInfo",
    "DatasetWriter",
    "DepthEncoder",
    "EngineInfo",
    "Failure",
    "FilmedTake",
    "MaskEncoder",
    "MaskObject",
    "Problem",
    "Take",
    "TakeRow",
    "VideoEncoder",
    "clip_source",
    "decode_depth",
    "decode_mask",
    "decode_video",
    "encode_video",
    "is_dataset",
    "open_dataset",
    "peek_take",
    "sealed_clips",
    "stage_take",
    "verify_dataset",
]
