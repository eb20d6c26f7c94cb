"""Cameras to caption: clips of the presets at any frame rate, and moves made by hand."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from caption_oracle import Filmed
from scipy.spatial.transform import Rotation

from multitake.randomness import rng_for
from trajectories.sampling import Rules, Shot, Subjects, clips_of_rigs, sample_rigs

# Looks along +y, level, at the subject at the origin.
_LEVEL = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
_START_M = (0.0, -4.0, 0.0)


def sampled(
    rules: Rules, *, frames: int, fps: float, speed_m_per_s: float, seed: int, rigs: int = 1
) -> Iterator[tuple[str, str, Filmed]]:
    """Motion, speed class and numbers of clips around subjects that walk along the x axis."""
    feet_m = np.zeros((rigs, 1, frames, 3))
    feet_m[..., 0] = speed_m_per_s * (np.arange(frames) / fps - frames / fps / 2)
    up = np.array([0.0, 0.0, 1.0])
    subjects = Subjects(
        points_m=feet_m[:, 0] + 1.1 * up,
        bodies_m=np.stack([feet_m, feet_m + 1.7 * up], axis=-2),
        ground_m=np.zeros(rigs),
    )
    found = sample_rigs(rules, subjects, seed=seed, frames=frames)
    takes = [f"rig_{n}" for n in range(rigs)]
    clips = clips_of_rigs(found, takes=takes, shot=Shot(frames=frames, fps=fps))
    for number, row in enumerate(clips):
        poses = clips.poses[number]
        filmed = Filmed(
            rotation=poses.rotation,
            position_m=poses.position_m,
            focal_mm=row.focal_length_mm * clips.focal_ratios[number],
            subject_m=clips.subject_points_m[number],
            fps=row.fps,
            is_shaken=row.shake != "none",
            sensor_mm=row.sensor_mm,
        )
        yield row.motion, row.speed_class, filmed


def by_hand(name: str, *, frames: int = 61, fps: float = 15.0) -> Filmed:
    """A move of ``BY_HAND``, from 4 m before the subject."""
    time = np.linspace(0, 1, frames)
    still = Filmed(
        rotation=np.tile(_LEVEL, (frames, 1, 1)),
        position_m=np.tile(_START_M, (frames, 1)),
        focal_mm=np.full(frames, 35.0),
        subject_m=np.zeros((frames, 3)),
        fps=fps,
    )
    return replace(still, **BY_HAND[name](still, time))


def _turned(axis: str, angle_deg: np.ndarray) -> dict:
    """Of the world z axis (Z), or of the axes of the camera: right (x) and forward (z)."""
    turn = Rotation.from_euler(axis.lower(), angle_deg[:, None], degrees=True).as_matrix()
    return {"rotation": turn @ _LEVEL if axis == "Z" else _LEVEL @ turn}


def _at(*offset_m: np.ndarray | float) -> dict:
    shape = np.broadcast_shapes(*(np.shape(one) for one in offset_m))
    return {"position_m": _START_M + np.stack([np.broadcast_to(one, shape) for one in offset_m], axis=-1)}


def _zoomed(factor: np.ndarray) -> dict:
    return {"focal_mm": 35.0 * factor}


def _walking(speed_m: np.ndarray) -> dict:
    return {"subject_m": np.stack([speed_m, 0 * speed_m, 0 * speed_m], axis=-1)}


def _dolly_zoom(travel_m: np.ndarray) -> dict:
    return _at(0.0, travel_m, 0.0) | _zoomed((4 - travel_m) / 4)


def _hand_held(still: Filmed, position_m: np.ndarray, *, rms_m: float, rms_deg: float) -> dict:
    random, shape = rng_for(3, "hand held"), position_m.shape
    turns = Rotation.from_euler("xyz", random.normal(0, rms_deg, shape), degrees=True).as_matrix()
    return {
        "rotation": still.rotation @ turns,
        "position_m": position_m + random.normal(0, rms_m, shape),
        "is_shaken": True,
    }


def _ahead(still: Filmed, travel_m: np.ndarray) -> np.ndarray:
    return still.position_m + travel_m[:, None] * [0.0, 1.0, 0.0]


BY_HAND: dict[str, Callable[[Filmed, np.ndarray], dict]] = {
    "roll_clockwise": lambda _, t: _turned("z", 20 * t),
    "roll_counterclockwise": lambda _, t: _turned("z", -20 * t),
    "roll_over": lambda _, t: _turned("z", 180 * t),
    "zoom_in": lambda _, t: _zoomed(1.6**t),
    "zoom_out": lambda _, t: _zoomed(1.6**-t),
    "zoom_slightly": lambda _, t: _zoomed(1.03**t),
    "zoom_forth_and_back": lambda _, t: _zoomed(2 ** np.sin(np.pi * t)),
    "zoom_on_a_walk": lambda _, t: _zoomed(1.4**t) | _walking(0.1 * (t - 0.5)) | _at(0.0, -5.0, 0.0 * t),
    "zoom_on_an_approach": lambda _, t: _zoomed(1.4**t) | {"subject_m": np.outer(t, [0, -2, 0])},
    "dolly_zoom_in": lambda _, t: _dolly_zoom(1.5 * t),
    "dolly_zoom_out": lambda _, t: _dolly_zoom(-1.5 * t),
    "dolly_on_an_approach": lambda _, t: _at(0.0, t, 0.0) | {"subject_m": np.outer(t, [0, 0.9, 0])},
    "follow": lambda _, t: _at(2 * t, 0.0, 0.0) | _walking(2 * t),
    "forth_and_back": lambda _, t: _at(0.0, 0.5 * (1 - abs(2 * t - 1)), 0.8 * (1 - abs(2 * t - 1))),
    "sway": lambda _, t: _at(0.3 * np.sin(8 * np.pi * t), 0.0, 0.0),
    "sway_of_pan": lambda _, t: _turned("Z", 30 * np.sin(6 * np.pi * t)),
    "circle": lambda _, t: _at(np.sin(2 * np.pi * t), 1 - np.cos(2 * np.pi * t), 0.0),
    "stairs": lambda _, t: _at(np.floor(5 * t) / 2.5, 0.0, 0.0),
    "stop": lambda _, t: _at(np.minimum(3 * t, 1.0), 0.0, 0.0),
    "whip": lambda _, t: _turned("Z", 170 * (1 - np.exp(-20 * t))),
    "whip_late": lambda _, t: _turned("Z", 12 * np.clip(30 * (t - 0.5), 0, 1)),
    "tilt_over": lambda _, t: _turned("x", 120 * t),
    "upside_down": lambda _, t: _turned("z", 180 + 0 * t) | _at(2 * t, 0.0, 0.0),
    "hand_held": lambda s, t: _hand_held(s, s.position_m, rms_m=0.004, rms_deg=0.3),
    "hand_held_turns": lambda s, t: _hand_held(s, s.position_m, rms_m=0.0, rms_deg=0.4),
    "hand_held_dolly": lambda s, t: _hand_held(s, _ahead(s, 1.5 * t), rms_m=0.004, rms_deg=0.3),
}
