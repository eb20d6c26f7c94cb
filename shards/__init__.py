"""How takes are stored: the format, its writer, verify, plain and streaming readers, codecs."""

from multitake.folder_lock import LOCK_FILE

from .addresses import check_new_address, is_inside
from .clip_quality import ClipQuality
from .clip_source import SealedClips, clip_source, is_dataset, sealed_clips
from .conditions import takes_where
from .failure_sheets import sheet_path, write_sheet
from .failures import ClipFault, Failure
from .fault_sheet import fault_sheet
from .flow import forward_flow_px
from .folder_store import FolderStore
from .format import (
    CONVENTIONS,
    DEPTH_UNIT_M,
    FORMAT_VERSION,
    RUNS_FOLDER,
    ActorRow,
    DatasetInfo,
    EngineInfo,
    MadeFrom,
    MaskObject,
    Settling,
    TakeRow,
)
from .joints import Joints, JointState, joint_states, joints_member
from .model_captions import (
    CaptionRun,
    CaptionWriter,
    ModelCaptions,
    checked_name,
    read_model_captions,
)
from .object_lock import LEASE_S
from .object_store import STORING_LIMIT_S, ObjectStore
from .patience import StoreError
from .peek import peek_take
from .pose_member import stored_poses
from .problems import Problem, damaged_takes
from .reading import Dataset, open_dataset
from .staging import ClipFiles, FilmedTake, StagedTakeError, stage_take
from .stores import Store, store_at
from .surface_ids import ClipGeometry, SurfaceEncoder, decode_surface
from .surfaces import Surfaces, surfaces_member
from .tables import ShardPoses
from .take_choice import chosen_takes
from .take_counts import TakeCounts
from .take_images import TakeImages, take_images
from .takes import Clip, Take
from .tracks import Tracks
from .verify import FULL, NOT_CHECKED, QUICK, Extent, verify_dataset
from .video import (
    DepthEncoder,
    FlowEncoder,
    MaskEncoder,
    NormalEncoder,
    VideoEncoder,
    decode_depth,
    decode_flow,
    decode_mask,
    decode_normals,
    decode_video,
    encode_video,
    frame_count,
    video_fps,
)
from .writing import DatasetWriter

__all__ = [
    "CONVENTIONS",
    "DEPTH_UNIT_M",
    "FORMAT_VERSION",
    "FULL",
    "LEASE_S",
    "LOCK_FILE",
    "NOT_CHECKED",
    "QUICK",
    "RUNS_FOLDER",
    "STORING_LIMIT_S",
    "ActorRow",
    "CaptionRun",
    "CaptionWriter",
    "Clip",
    "ClipFault",
    "ClipFiles",
    "ClipGeometry",
    "ClipQuality",
    "Dataset",
    "DatasetInfo",
    "DatasetWriter",
    "DepthEncoder",
    "EngineInfo",
    "Extent",
    "Failure",
    "FilmedTake",
    "FlowEncoder",
    "FolderStore",
    "JointState",
    "Joints",
    "MadeFrom",
    "MaskEncoder",
    "MaskObject",
    "ModelCaptions",
    "NormalEncoder",
    "ObjectStore",
    "Problem",
    "SealedClips",
    "Settling",
    "ShardPoses",
    "StagedTakeError",
    "Store",
    "StoreError",
    "SurfaceEncoder",
    "Surfaces",
    "Take",
    "TakeCounts",
    "TakeImages",
    "TakeRow",
    "Tracks",
    "VideoEncoder",
    "check_new_address",
    "checked_name",
    "chosen_takes",
    "clip_source",
    "damaged_takes",
    "decode_depth",
    "decode_flow",
    "decode_mask",
    "decode_normals",
    "decode_surface",
    "decode_video",
    "encode_video",
    "fault_sheet",
    "forward_flow_px",
    "frame_count",
    "is_dataset",
    "is_inside",
    "joint_states",
    "joints_member",
    "open_dataset",
    "peek_take",
    "read_model_captions",
    "sealed_clips",
    "sheet_path",
    "stage_take",
    "store_at",
    "stored_poses",
    "surfaces_member",
    "take_images",
    "takes_where",
    "verify_dataset",
    "video_fps",
    "write_sheet",
]
