"""What the page needs to know of a take, as plain values."""

import math
from typing import Any

import numpy as np

from trajectories.audit import motion_colour

from ..peek_tiles import half_image, label_of
from ..takes import Clip, Take

_LAYERS = ("depth", "mask")


def take_json(take: Take) -> dict[str, Any]:
    """Texts, time and size of a take, and its rig; InputError if a table or the poses are damaged."""
    row = take.row
    return {
        "take": take.key,
        "shard": take.shard,
        "frames": row.frames,
        "fps": row.fps,
        "width_px": row.width_px,
        "height_px": row.height_px,
        "facts": _facts(take),
        "captions": [text for text in dict.fromkeys((row.caption, *row.captions)) if text],
        "layers": [kind for kind in _LAYERS if _has(take, kind)],
        "has_tracks": _has(take, "surface") and any(one.kind == "surfaces" for one in take.members),
        "legend": [
            {"name": one.name, "role": one.role, "colour": list(one.colour)} for one in row.mask_objects
        ],
        "rig": _rig(take),
    }


def _has(take: Take, kind: str) -> bool:
    return any(one.kind == kind for one in take.members)


def _facts(take: Take) -> dict[str, str]:
    """What the take table says, without what is unknown."""
    row = take.row
    lens = "" if row.focal_length_mm is None else f"{row.focal_length_mm:g} mm"
    facts = {
        "split": row.split,
        "environment": row.environment,
        "light": row.light,
        "characters": ", ".join(row.characters),
        "animations": ", ".join(row.animations),
        "layout": row.layout,
        "lens": lens,
        "look": row.look,
        "video": f"{row.frames} frames, {row.fps:g} frames/s, {row.width_px}x{row.height_px}",
        "passes": ", ".join(row.passes),
    }
    return {name: text for name, text in facts.items() if text and text != "unknown"}


def _rig(take: Take) -> dict[str, Any]:
    """Poses relative to the subject in the first frame; to the middle of the rig if it is unknown."""
    first, positions_m = take.clip_rows[0], take.poses.position_m
    is_placed = bool(np.isfinite(first.subject_m).all())
    centre_m = np.array(first.subject_m) if is_placed else positions_m.mean(axis=(0, 1))
    path_m = np.reshape(first.subject_path_m or (), (-1, 3)) - centre_m
    half_width, half_height = half_image(first)
    offsets_m = positions_m - centre_m
    return {
        "subject_m": centre_m.tolist(),
        "is_placed": is_placed,
        "subject_height_m": _known(first.subject_height_m),
        "ground": (first.ground_m if math.isfinite(first.ground_m) else 0.0) - float(centre_m[2]),
        "half_width": half_width,
        "half_height": half_height,
        "far": max(0.5, float(np.linalg.norm(offsets_m, axis=-1).max())),
        "subject": path_m.round(4).tolist(),
        "cameras": [
            _camera(take.clip(camera), offsets_m[number]) for number, camera in enumerate(take.cameras)
        ],
    }


def _camera(clip: Clip, offsets_m: np.ndarray) -> dict[str, Any]:
    row, rotation = clip.row, clip.poses.rotation
    return {
        "name": row.camera,
        "motion": row.motion,
        "label": label_of(row),
        "colour": motion_colour(row.motion),
        "moves": list(row.move),
        "flags": list(row.flags),
        "captions": list(row.captions),
        "position": offsets_m.round(4).tolist(),
        **{
            name: rotation[:, :, axis].round(5).tolist()
            for axis, name in enumerate(("right", "down", "ahead"))
        },
    }


def _known(value: float) -> float:
    return value if math.isfinite(value) else 0.0
