"""How takes are stored: the format, its writer, verify, plain and streaming readers, codecs."""

from .format import CONVENTIONS, DEPTH_UNIT_M, FORMAT_VERSION, DatasetInfo, EngineInfo, TakeRow
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
    "DatasetInfo",
    "DepthEncoder",
    "EngineInfo",
    "FilmedClip",
    "FilmedTake",
    "MaskEncoder",
    "TakeRow",
    "VideoEncoder",
    "clean_staging",
    "commit_take",
    "create_dataset",
    "decode_depth",
    "decode_mask",
    "decode_video",
    "done_takes",
    "encode_video",
    "seal_shard",
    "sealed_shards",
]
