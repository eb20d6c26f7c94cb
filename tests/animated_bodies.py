"""Bodies of many shapes, and where an animation takes their joints, limbs and soles; shared by tests."""

from dataclasses import dataclass

import numpy as np

from datagen.engine.content.animations import ANIMATIONS
from datagen.engine.content.characters import CHARACTERS
from datagen.engine.content.skeleton import PARENTS, SIDES, BodyPose, JointTurn, Proportions

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


@dataclass(frozen=True, kw_only=True)
class Motion:
    """An animation of a body at equal times: poses, and per bone its axes and its joint's place (cm)."""

    body: Proportions
    times_s: np.ndarray
    poses: list[BodyPose]
    rows: dict[str, np.ndarray]
    at_cm: dict[str, np.ndarray]
    ahead_cm: np.ndarray

    def points_cm(self, bone: str, *points: tuple[float, float, float]) -> np.ndarray:
        """Return places of points of a bone: times x points x 3."""
        return np.array(points) @ self.rows[bone] + self.at_cm[bone][:, None]

    def soles_cm(self, side: str) -> np.ndarray:
        """Return the corners of a sole: times x 4 x 3."""
        return self.points_cm(f"foot_{side}", *self.body.sole_points_cm())


def motion(animation: str, body: str, phases: int) -> Motion:
    """Return an animation of one of ``BODIES`` at equal phases, the end not included."""
    clip, proportions = ANIMATIONS[animation], BODIES[body]
    times_s = clip.duration_s * np.arange(phases) / phases
    poses = [clip.at(float(time_s), True, proportions) for time_s in times_s]
    rows, at = _forward_kinematics(proportions, poses)
    return Motion(
        body=proportions, times_s=times_s, poses=poses, rows=rows, at_cm=at,
        ahead_cm=100 * clip.speed_m_per_s * times_s,
    )  # fmt: skip


def _forward_kinematics(body: Proportions, poses: list[BodyPose]) -> tuple[dict, dict]:
    """As ``actor_from_bones``, for all poses at once."""
    offsets, straight = body.offsets_cm(), JointTurn()
    rows, at = {}, {}
    for bone, parent in PARENTS.items():
        turns = [pose.turns.get(bone, straight) for pose in poses]
        local = _rows(np.radians([(turn.flex, turn.spread, turn.twist) for turn in turns]))
        if parent is None:
            rows[bone], at[bone] = local, np.zeros((len(poses), 3))
        else:
            rows[bone] = local @ rows[parent]
            at[bone] = at[parent] + np.einsum("j,tji->ti", np.array(offsets[bone], dtype=float), rows[parent])
    soles = body.sole_points_cm()
    feet = [soles @ rows[f"foot_{side}"] + at[f"foot_{side}"][:, None] for side in SIDES]
    lowest = np.concatenate(feet, axis=1)[..., 2].min(axis=1)
    shift = np.array([(pose.sway_ahead_cm, pose.sway_right_cm, pose.hop_cm) for pose in poses])
    shift[:, 2] -= lowest
    return rows, {bone: place + (shift if bone != "root" else 0) for bone, place in at.items()}


def _rows(angles: np.ndarray) -> np.ndarray:
    """Return the matrices of flex, spread and twist (radians)."""
    (sf, ss, st), (cf, cs, ct) = np.sin(angles).T, np.cos(angles).T
    zero, one = np.zeros_like(sf), np.ones_like(sf)
    flex = np.array([[cf, zero, sf], [zero, one, zero], [-sf, zero, cf]])
    spread = np.array([[one, zero, zero], [zero, cs, ss], [zero, -ss, cs]])
    twist = np.array([[ct, st, zero], [-st, ct, zero], [zero, zero, one]])
    first, second, third = (np.moveaxis(matrix, 2, 0) for matrix in (flex, spread, twist))
    return first @ second @ third


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
