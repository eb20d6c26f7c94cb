"""Bodies of many shapes, and where an animation takes their joints, limbs and soles; shared by tests."""

import numpy as np

from datagen.engine.content.animations.catalog import ANIMATIONS
from datagen.engine.content.animations.motion import Motion, motion_at
from datagen.engine.content.characters.catalog import CHARACTERS
from datagen.engine.content.characters.skeleton import SIDES, Proportions

_ADA, _BRUNO = CHARACTERS["Ada"], CHARACTERS["Bruno"]


def _scaled(body: Proportions, scale: float, **shares: float) -> Proportions:
    """Scale all lengths of a body, and some of them further."""
    return Proportions(**{name: value * scale * shares.get(name, 1) for name, value in vars(body).items()})


# From the catalog: usual ones, the heaviest, roundest, smallest, tallest and thinnest.
BODIES = {
    name: CHARACTERS[name].proportions
    for name in ("Ada", "Bruno", "Pedro", "Otto", "Timo", "Lamar", "Viktor")
} | {
    "child": _scaled(_ADA.proportions, 0.66, girth=0.73 / 0.66),
    "giant": _scaled(_BRUNO.proportions, 1.14, thigh_cm=1.04, lowerarm_cm=1.05, girth=0.975),
    "stout": _scaled(_ADA.proportions, 0.94, hip_half_cm=1.25, shoulder_half_cm=1.15, girth=1.36),
    "long limbs": _scaled(
        _ADA.proportions, 1.05, thigh_cm=1.12, calf_cm=1.12, upperarm_cm=1.1, lowerarm_cm=1.12, girth=0.9
    ),
    "short legs": _scaled(_BRUNO.proportions, 0.9, thigh_cm=0.78, calf_cm=0.78, girth=1.03),
}


def motion(animation: str, body: str, phases: int) -> Motion:
    """Return an animation of one of ``BODIES`` at equal phases, the end not included."""
    clip = ANIMATIONS[animation]
    return motion_at(clip, BODIES[body], clip.duration_s * np.arange(phases) / phases)


Capsule = tuple[np.ndarray, np.ndarray, float]


def capsules(one: Motion) -> dict[str, Capsule]:
    """Return capsules (start, end, radius) in the limbs and the trunk, over time.

    The arm begins below the shoulder, the leg below the hip: there, skin meets the trunk.
    """
    body, bulk = one.body, float(one.body.girth)
    shapes: dict[str, Capsule] = {}

    def add(name: str, bone: str, start: tuple, end: tuple, radius_cm: float) -> None:
        points = one.points_cm(bone, start, end)
        shapes[name] = (points[:, 0], points[:, 1], radius_cm)

    for side in SIDES:
        add(
            f"upperarm_{side}",
            f"upperarm_{side}",
            (0, 0, -0.5 * body.upperarm_cm),
            (0, 0, -body.upperarm_cm),
            4.4 * bulk,
        )
        add(f"lowerarm_{side}", f"lowerarm_{side}", (0, 0, 0), (0, 0, -body.lowerarm_cm), 3.6 * bulk)
        add(f"hand_{side}", f"hand_{side}", (0, 0, -2), (0, 0, -13), 2.2)
        add(
            f"thigh_{side}", f"thigh_{side}", (0, 0, -0.3 * body.thigh_cm), (0, 0, -body.thigh_cm), 6.2 * bulk
        )
        add(f"calf_{side}", f"calf_{side}", (0, 0, 0), (0, 0, -body.calf_cm), 4.2 * bulk)
        add(
            f"foot_{side}",
            f"foot_{side}",
            (-0.1 * body.foot_cm, 0, -0.5 * body.ankle_cm),
            (0.6 * body.foot_cm, 0, -0.6 * body.ankle_cm),
            3.4,
        )
    hips, chest, height = body.hip_half_cm, 0.84 * body.shoulder_half_cm, body.torso_cm
    for name, bone, z, half, depth in (
        ("hips", "pelvis", 0.0, hips + 6.5 * bulk, 10.0 * bulk),
        ("waist", "spine_01", 0.1 * height, hips + 4.4 * bulk, 9.4 * bulk),
        ("chest", "spine_02", 0.12 * height, chest, 10.6 * bulk),
    ):
        y = max(half - depth, 0.1)
        add(name, bone, (0, -y, z), (0, y, z), min(depth, half))
    add("head", "head", (1.2, 0, 4), (0.5, 0, 13), 7.2)
    return shapes


def depth_cm(first: Capsule, second: Capsule) -> np.ndarray:
    """Return how deep two capsules are in each other, over time; negative: how far apart."""
    (a, b, r), (c, d, s) = first, second
    u, v, w = b - a, d - c, a - c
    uu, uv, vv, uw, vw = ((p * q).sum(axis=1) for p, q in ((u, u), (u, v), (v, v), (u, w), (v, w)))
    flat = uu * vv - uv * uv
    along_u = np.clip(np.where(flat > 1e-9, (uv * vw - vv * uw) / np.maximum(flat, 1e-9), 0), 0, 1)
    along_v = np.clip((uv * along_u + vw) / vv, 0, 1)
    along_u = np.clip((uv * along_v - uw) / uu, 0, 1)
    gap = w + along_u[:, None] * u - along_v[:, None] * v
    return r + s - np.linalg.norm(gap, axis=1)
