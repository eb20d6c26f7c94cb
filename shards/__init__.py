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
    read_info,
)
from .peek import peek_take
from .reading import Clip, Dataset, Take, open_dataset
from .verify import Problem, verify_dataset
from .video import (
    DepthEncoder,
    MaskEncoder,
    VideoEncoder,
    decode_depth,
    decode_mask,
    decode_video,
    encode_video,
)
from .writing import ClipFiles, DatasetWriter, FilmedTake, stage_take

__all__ = [
    "CONVENTIONS",
    "DEPTH_UNIT_M",
    "FORMAT_VERSION",
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
    "read_info",
    "sealed_clips",
    "stage_take",
    "verify_dataset",
]
