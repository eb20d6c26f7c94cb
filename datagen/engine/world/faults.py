"""The faults of an engine as a value. ``protocol/faults.py`` says what each does."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Faults:
    """The faults of an engine; by default none. Counts are of captures, replies or levels of grey."""

    late_first_tick_s: float = 0.0
    slow_level_loads_s: float = 0.0
    idle_close_s: float | None = None
    lost_replies: int = 0
    socket_switch: bool = False
    no_vbatch: bool = False
    ignored_vbatch: bool = False
    no_remote_control: bool = False
    refused_functions: bool = False
    read_only_properties: bool = False
    editor_session: bool = False
    empty_search: bool = False
    no_show_flags: bool = False
    no_player: bool = False
    no_pawn: bool = False
    visible_pawn: bool = False
    static_sun: bool = False
    renamed_cubes: bool = False
    unlabelled_actors: bool = False
    missing_camera: bool = False
    stuck_camera: bool = False
    fixed_size: bool = False
    mirrored: bool = False
    depth_in_metres: bool = False
    null_mesh: bool = False
    frozen_animation: bool = False
    running_animation: bool = False
    drift_per_load: bool = False
    history: int = 0
    stale_camera: int = 0
    late_textures: int = 0
    drifting_exposure: int = 0
    grain: int = 0


NO_FAULTS = Faults()
