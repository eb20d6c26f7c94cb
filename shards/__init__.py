"""How takes are stored: the format, its writer, verify, plain and streaming readers, codecs."""

from .format import CONVENTIONS, DEPTH_UNIT_M, FORMAT_VERSION, DatasetInfo, EngineInfo, TakeRow, read_info
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
from .writing import (
    FilmedClip,
    FilmedTake,
    check_folder,
    clean_staging,
    commit_take,
    create_dataset,
    done_takes,
    seal_shard,
    sealed_shards,
)

__all__ = [
    "CONVENTIONS",
    "DEPTH_UNIT_M",
    "FORMAT_VERSION",
    "Clip",
    "Dataset",
    "DatasetInfo",
    "DepthEncoder",
    "EngineInfo",
    "FilmedClip",
    "FilmedTake",
    "MaskEncoder",
    "Problem",
    "Take",
    "TakeRow",
    "VideoEncoder",
    "check_folder",
    "clean_staging",
    "commit_take",
    "create_dataset",
    "decode_depth",
    "decode_mask",
    "decode_video",
    "done_takes",
    "encode_video",
    "open_dataset",
    "peek_take",
    "read_info",
    "seal_shard",
    "sealed_shards",
    "verify_dataset",
]
