"""What an audit asks of every rig and clip: the codes of its errors, and what holds without them."""

CHECKS: dict[str, str] = {
    "missing_camera": "every rig has all its cameras",
    "surplus_camera": "no camera is there twice",
    "slot_differs": "every camera does its slot's motion",
    "improper_pose": "rotations are proper",
    "first_pose_differs": "shared rigs start from one pose",
    "start_out_of_bounds": "starts lie in the hemisphere",
    "start_off_aim": "starts aim at the subject",
    "amplitude_out_of_bounds": "amplitudes keep their bounds",
    "pace_out_of_bounds": "paces keep their bounds",
    "setting_differs": "lens, axes and time base are the rules'",
    "intrinsics_differ": "pixel focal lengths are the lens's",
    "pose_disagrees": "poses agree with their columns",
    "duplicate_rig": "no rig is there twice",
    "split_leak": "splits share no rig",
}
