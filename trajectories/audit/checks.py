"""The checks of every rig and clip: codes of the errors, and what is true if there are none."""

CHECKS: dict[str, str] = {
    "missing_camera": "every rig has all its cameras",
    "surplus_camera": "no rig has a camera twice, or an unknown one",
    "slot_differs": "every camera has the motion of its slot",
    "improper_pose": "rotations are proper",
    "first_pose_differs": "shared rigs start from one pose",
    "start_out_of_bounds": "starts are within the hemisphere",
    "start_off_aim": "starts aim at the subject",
    "amplitude_out_of_bounds": "amplitudes are within their bounds",
    "speed_out_of_bounds": "speed parameters are within their bounds",
    "setting_differs": "lens, axes and time base are those of the rules",
    "intrinsics_differ": "focal lengths in pixels follow from the lens",
    "pose_disagrees": "poses agree with their columns",
    "duplicate_rig": "no rig is a copy of another",
    "split_leak": "splits have no rig in common",
}
