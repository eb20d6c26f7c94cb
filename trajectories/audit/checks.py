"""The checks of every rig and clip: codes of the errors, and what is true if there are none."""

from collections.abc import Iterator, Set
from typing import Literal

import numpy as np

from ..clip_table import ClipTable
from ..sampling.rules import Rules

# What a check needs beyond poses; a check does not apply to sets in which nothing has it.
Need = Literal["rules", "states_moves", "rigs", "intrinsics", "formats", "focus", "splits", "filmed"]

CHECKS: dict[str, str] = {
    "world_differs": "the world is Z up, in metres, and cameras are upright",
    "missing_camera": "every rig has all its cameras",
    "surplus_camera": "no rig has a camera twice, or an unknown one",
    "repeated_take": "every take occurs once",
    "slot_differs": "every camera has the motion and the shake of its slot",
    "improper_pose": "rotations are proper",
    "rolled": "the right axis of every camera that does not roll is horizontal",
    "time_reversed": "clips do not run backwards",
    "layout_differs": "the first poses of each rig have the layout of the rules and of the column",
    "first_pose_differs": "shared rigs start from one pose",
    "rig_differs": "the cameras of a rig have one lens and one subject",
    "start_out_of_bounds": "starts are within the hemisphere",
    "start_off_aim": "starts aim at the subject",
    "below_ground": "no camera is below the ground",
    "limits_broken": "no clip has a flag that the rules reject",
    "amplitude_out_of_bounds": "amplitudes are within their bounds",
    "speed_out_of_bounds": "speed parameters are within their bounds",
    "setting_differs": "lens, axes, arc path and time base are those of the rules",
    "track_target_differs": "tracking cameras aim at what the rules say: the subject, or where it starts",
    "focal_path_differs": "focal lengths change as the move in the columns says",
    "intrinsics_differ": "intrinsics follow from lens and image size",
    "format_differs": "all clips have one frame rate, image size and number of frames",
    "focus_differs": "the focus is on the subject",
    "pose_disagrees": "poses agree with their columns",
    "duplicate_rig": "no rig is a copy of another",
    "split_leak": "no rig and no take is in two splits",
}

_NEEDS: dict[str, tuple[Need, ...]] = {
    **dict.fromkeys(CHECKS, ("rules",)),
    **dict.fromkeys(("repeated_take", "improper_pose"), ()),
    "split_leak": ("splits",),
    "below_ground": ("filmed",),
    "limits_broken": ("rules", "states_moves", "filmed"),
    "intrinsics_differ": ("intrinsics",),
    "format_differs": ("rules", "formats"),
    "layout_differs": ("rules", "rigs"),
    "first_pose_differs": ("rules", "rigs"),
    "rig_differs": ("rules", "rigs", "states_moves"),
    "speed_out_of_bounds": ("rules", "states_moves"),
    "focal_path_differs": ("rules", "states_moves", "intrinsics"),
    "pose_disagrees": ("rules", "states_moves"),
    "focus_differs": ("rules", "states_moves", "focus"),
}


def not_applied(known: Set[Need]) -> tuple[str, ...]:
    """The checks that do not apply to a set which has only ``known``."""
    return tuple(code for code in CHECKS if not known >= set(_NEEDS[code]))


def known_needs(
    clips: ClipTable, rules: Rules | None, *, states_moves: bool, in_environments: bool
) -> Iterator[Need]:
    """What some clips have that checks need."""
    found: dict[Need, bool] = {
        "rules": rules is not None,
        "states_moves": states_moves,
        "rigs": bool((clips.take_sizes > 1).any()),
        "intrinsics": bool(np.isfinite(clips.intrinsics).all(axis=1).any()),
        "formats": bool((np.isfinite(clips["fps"]) & (clips["width_px"] > 0)).any()),
        "focus": bool(np.isfinite(clips["focus_distance_m"]).any()),
        "splits": bool((clips["split"] != "unknown").any()),
        "filmed": in_environments and bool(np.isfinite(clips["ground_m"]).any()),
    }
    yield from (need for need, is_known in found.items() if is_known)
