"""Files of a user, written by hand: a GLB level, a skinned GLB character with two clips, a BVH motion."""

import io
import json
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

COMPONENT_TYPES = {"|i1": 5120, "|u1": 5121, "<i2": 5122, "<u2": 5123, "<u4": 5125, "<f4": 5126}
TYPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}
# Joints of a Mixamo character that spreads its arms, in metres: X is its left, Y up, Z ahead.
HERO_JOINTS: dict[str, tuple[str | None, tuple[float, float, float]]] = {
    "Hips": (None, (0.0, 1.0, 0.0)),
    "Spine": ("Hips", (0.0, 1.1, 0.0)),
    "Spine1": ("Spine", (0.0, 1.22, 0.0)),
    "Spine2": ("Spine1", (0.0, 1.34, 0.0)),
    "Neck": ("Spine2", (0.0, 1.52, 0.0)),
    "Head": ("Neck", (0.0, 1.6, 0.02)),
    **{
        f"{side}{bone}": (parent if parent in ("Hips", "Spine2") else f"{side}{parent}", (sign * x, y, z))
        for side, sign in (("Left", 1), ("Right", -1))
        for bone, parent, (x, y, z) in (
            ("Shoulder", "Spine2", (0.06, 1.46, 0.0)),
            ("Arm", "Shoulder", (0.18, 1.46, 0.0)),
            ("ForeArm", "Arm", (0.46, 1.46, 0.0)),
            ("Hand", "ForeArm", (0.71, 1.46, 0.0)),
            ("UpLeg", "Hips", (0.1, 0.95, 0.0)),
            ("Leg", "UpLeg", (0.1, 0.52, 0.01)),
            ("Foot", "Leg", (0.1, 0.09, -0.01)),
            ("ToeBase", "Foot", (0.1, 0.02, 0.13)),
        )
    },
}
# From one joint to the next, or to a tip.
_TIPS = {
    "Head": (0.0, 1.8, 0.02),
    "LeftHand": (0.88, 1.46, 0.0),
    "RightHand": (-0.88, 1.46, 0.0),
    "LeftToeBase": (0.1, 0.02, 0.2),
    "RightToeBase": (-0.1, 0.02, 0.2),
}
PREFIX = "mixamorig:"


class Glb:
    """A GLB file that is being written."""

    def __init__(self) -> None:
        self.binary = b""
        self.content: dict[str, Any] = {"asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": []}]}

    def add(self, kind: str, **values: Any) -> int:
        """Add an item to a list of the description."""
        items = self.content.setdefault(kind, [])
        items.append({key: value for key, value in values.items() if value is not None})
        return len(items) - 1

    def view(self, content: bytes) -> int:
        """Add bytes."""
        self.binary += b"\0" * (-len(self.binary) % 4)
        view = self.add("bufferViews", buffer=0, byteOffset=len(self.binary), byteLength=len(content))
        self.binary += content
        return view

    def array(self, values: np.ndarray, dtype: str = "<f4", *, normalized: bool = False) -> int:
        """Add an array: rows of numbers, or single numbers."""
        array = np.ascontiguousarray(np.asarray(values), dtype=np.dtype(dtype))
        rows = array.reshape(len(array), -1)
        return self.add(
            "accessors",
            bufferView=self.view(rows.tobytes()),
            componentType=COMPONENT_TYPES[np.dtype(dtype).str],
            count=len(rows),
            type=TYPES[rows.shape[1]],
            normalized=normalized or None,
        )

    def values(self, accessor: int) -> np.ndarray:
        """The rows of an array of floats."""
        item = self.content["accessors"][accessor]
        view = self.content["bufferViews"][item["bufferView"]]
        start, size = view["byteOffset"], view["byteLength"]
        return np.frombuffer(self.binary[start : start + size], "<f4").reshape(item["count"], -1)

    def picture(self, pixels: np.ndarray) -> int:
        """Add a PNG as a texture."""
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        image = self.add("images", bufferView=self.view(file.getvalue()), mimeType="image/png")
        return self.add("textures", source=image)

    def material(self, texture: int | None = None, color: Sequence[float] = (1, 1, 1, 1), **more: Any) -> int:
        """Add a material without metal."""
        pbr: dict[str, Any] = {"baseColorFactor": list(color), "metallicFactor": 0.0, "roughnessFactor": 0.8}
        if texture is not None:
            pbr["baseColorTexture"] = {"index": texture}
        return self.add("materials", pbrMetallicRoughness=pbr, **more)

    def mesh(
        self, positions: np.ndarray, triangles: np.ndarray, material: int | None = None, **attributes: int
    ) -> int:
        """Add a mesh; attributes are accessors."""
        primitive = {
            "attributes": {"POSITION": self.array(positions), **attributes},
            "indices": self.array(np.asarray(triangles).ravel(), "<u4"),
        }
        if material is not None:
            primitive["material"] = material
        return self.add("meshes", primitives=[primitive])

    def node(self, *, is_root: bool = True, **values: Any) -> int:
        """Add a node, to the scene if it is a root."""
        index = self.add("nodes", **values)
        if is_root:
            self.content["scenes"][0]["nodes"].append(index)
        return index

    def bytes(self) -> bytes:
        """The file."""
        content = dict(self.content)
        if self.binary:
            content["buffers"] = [{"byteLength": len(self.binary)}]
        return _packed(content, self.binary + b"\0" * (-len(self.binary) % 4))


def _packed(content: dict[str, Any], binary: bytes) -> bytes:
    text = json.dumps(content).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text
    chunks += struct.pack("<II", len(binary), 0x004E4942) + binary if binary else b""
    return struct.pack("<III", 0x46546C67, 2, 12 + len(chunks)) + chunks


def edited(file: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """A GLB file after a change of its description."""
    (size,) = struct.unpack_from("<I", file, 12)
    content = json.loads(file[20 : 20 + size])
    change(content)
    return _packed(content, file[28 + size :])


def box_mesh(size: Sequence[float], center: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Corners and outward triangles of a box."""
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    triangles = [three for a, b, c, d in faces for three in ((a, b, c), (a, c, d))]
    return np.array(center) + signs * np.array(size) / 2, np.array(triangles)


def cafe_glb() -> bytes:
    """A room of 8 x 6 m: a floor with tiles, four walls, a table, and a plant whose leaves are a mask."""
    glb, rng = Glb(), np.random.default_rng(3)
    tiles = rng.integers(120, 255, (16, 16, 3), dtype=np.uint8).repeat(16, axis=0).repeat(16, axis=1)
    floor = glb.material(glb.picture(tiles))
    corners = np.array([[-4, 0, -3], [-4, 0, 3], [4, 0, 3], [4, 0, -3]], dtype=float)
    two = np.array([[0, 1, 2], [0, 2, 3]])
    uvs = glb.array(np.array([[0, 0], [0, 3], [4, 3], [4, 0]], dtype=float))
    up = glb.array(np.tile([0.0, 1.0, 0.0], (4, 1)))
    glb.node(name="Floor", mesh=glb.mesh(corners, two, floor, TEXCOORD_0=uvs, NORMAL=up))
    bricks = glb.material(glb.picture(tiles[:, :, ::-1] // 2 + 60), doubleSided=True)
    for name, size, center in (
        ("Wall North", (8.2, 3, 0.1), (0, 1.5, -3.05)), ("Wall South", (8.2, 3, 0.1), (0, 1.5, 3.05)),
        ("Wall West", (0.1, 3, 6), (-4.05, 1.5, 0)), ("Wall East", (0.1, 3, 6), (4.05, 1.5, 0)),
    ):  # fmt: skip
        positions, triangles = box_mesh(size, center)
        uvs = glb.array((positions[:, :2] + positions[:, 2:]) / 2)
        glb.node(name=name, mesh=glb.mesh(positions, triangles, bricks, TEXCOORD_0=uvs))
    table = glb.mesh(*box_mesh((1.0, 0.05, 0.8), (0, 0.75, 0)), glb.material(color=(0.4, 0.1, 0.05, 1)))
    leg = glb.mesh(*box_mesh((0.1, 0.75, 0.1), (0, 0.375, 0)))
    legs = [
        glb.node(is_root=False, name=f"Leg {x} {z}", mesh=leg, translation=[x * 0.4, 0, z * 0.3])
        for x in (-1, 1)
        for z in (-1, 1)
    ]
    glb.node(
        name="Table",
        mesh=table,
        children=legs,
        translation=[2.5, 0, 1.5],
        rotation=[0, 0.3826834, 0, 0.9238795],
    )
    y, x = np.mgrid[0:64, 0:64] / 32 - 1
    leaf = np.dstack(
        [np.full((64, 64), 40), np.full((64, 64), 140), np.full((64, 64), 50), 255 * (x**2 + y**2 < 0.8)]
    ).astype(np.uint8)
    leaves = glb.material(glb.picture(leaf), alphaMode="MASK", doubleSided=True)
    card = np.array([[-0.4, 0, 0], [0.4, 0, 0], [0.4, 0.8, 0], [-0.4, 0.8, 0]], dtype=float)
    uvs = glb.array(np.array([[0, 1], [1, 1], [1, 0], [0, 0]], dtype=float))
    glb.node(name="Plant", mesh=glb.mesh(card, two, leaves, TEXCOORD_0=uvs), translation=[-3, 0, -2])
    return glb.bytes()


def hero_glb(
    *,
    scale: float = 1.0,
    prefix: str = PREFIX,
    is_skinned: bool = True,
    clips: Sequence[str] = ("Wave", "March"),
    from_blender: bool = False,
) -> bytes:
    """A character of boxes along its bones: 1.8 m high, with the clips "Wave" (2 s) and "March" (1 s).

    ``from_blender`` is the same as Blender writes it after it has read an FBX file of Mixamo.
    """
    glb, names = Glb(), list(HERO_JOINTS)
    places = {name: scale * np.array(place) for name, (_, place) in HERO_JOINTS.items()}
    nodes: dict[str, int] = {}
    for name, (parent, _) in HERO_JOINTS.items():
        offset = places[name] - (places[parent] if parent else 0)
        nodes[name] = glb.node(is_root=parent is None, name=f"{prefix}{name}", translation=offset.tolist())
        if parent:
            glb.content["nodes"][nodes[parent]].setdefault("children", []).append(nodes[name])
    positions, triangles, joints, weights = hero_body(places, scale)
    inverse = np.tile(np.eye(4), (len(names), 1, 1))
    inverse[:, :3, 3] = [-places[name] for name in names]
    attributes = {"COLOR_0": glb.array(hero_colors(joints))}
    skin = None
    if is_skinned:
        attributes |= {"JOINTS_0": glb.array(joints, "|u1"), "WEIGHTS_0": glb.array(weights)}
        matrices = glb.array(inverse.transpose(0, 2, 1).reshape(-1, 16))
        skin = glb.add("skins", joints=[nodes[name] for name in names], inverseBindMatrices=matrices)
    glb.node(name="Body", mesh=glb.mesh(positions, triangles, glb.material(), **attributes), skin=skin)
    for clip in clips:
        if clip == "Stroll":
            _add_stroll(glb, nodes, places)
            continue
        {"Wave": _add_wave, "March": _add_march, "Still": _add_still}[clip](glb, nodes)
    if from_blender:
        _convert_as_blender(glb, nodes)
    return glb.bytes()


def _convert_as_blender(glb: Glb, nodes: dict[str, int]) -> None:
    """Joints in cm, Z up, below an armature that turns and scales them; time starts at frame 1 of 24 in 1 s.

    Children come before their parents.
    """
    content, hips = glb.content, nodes["Hips"]
    for name, node in nodes.items():
        x, y, z = (100 * v for v in content["nodes"][node]["translation"])
        content["nodes"][node]["translation"] = [x, z, -y] if name == "Hips" else [x, y, z]
    content["nodes"][hips]["rotation"] = turn((1, 0, 0), -90)
    for skin in content["skins"]:
        matrices = glb.values(skin["inverseBindMatrices"]).reshape(-1, 4, 4).copy()
        matrices[:, :, :3] *= 100
        skin["inverseBindMatrices"] = glb.array(matrices.reshape(-1, 16))
    for clip in content["animations"]:
        for channel in clip["channels"]:
            sampler = clip["samplers"][channel["sampler"]]
            sampler["input"] = glb.array(glb.values(sampler["input"])[:, 0] + 1 / 24)
            if channel["target"] == {"node": hips, "path": "translation"}:
                x, y, z = 100 * glb.values(sampler["output"]).T
                sampler["output"] = glb.array(np.stack([x, z, -y], axis=1))
    roots = content["scenes"][0]["nodes"]
    content["scenes"][0]["nodes"] = []
    glb.node(name="Armature", children=roots, rotation=turn((1, 0, 0), 90), scale=[0.01] * 3)
    _reverse_nodes(content)


def _reverse_nodes(content: dict[str, Any]) -> None:
    """All nodes but the last one in the other order."""
    last = len(content["nodes"]) - 1
    content["nodes"][:last] = reversed(content["nodes"][:last])
    for node in content["nodes"]:
        node["children"] = [last - 1 - child for child in node.pop("children", [])]
    for skin in content["skins"]:
        skin["joints"] = [last - 1 - joint for joint in skin["joints"]]
    for target in (channel["target"] for clip in content["animations"] for channel in clip["channels"]):
        target["node"] = last - 1 - target["node"]


def hero_body(
    places: dict[str, np.ndarray], scale: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A box along each bone; its far half follows the next joint by a third."""
    names, parts = list(HERO_JOINTS), []
    for name in names:
        children = [child for child, (parent, _) in HERO_JOINTS.items() if parent == name]
        end = places[children[0]] if children else scale * np.array(_TIPS[name])
        middle, along = (places[name] + end) / 2, np.abs(end - places[name])
        thick = 0.09 if name in ("Hips", "Spine", "Spine1", "Spine2", "Head") else 0.06
        positions, triangles = box_mesh(np.maximum(along, scale * thick * (2 if thick > 0.08 else 1)), middle)
        joints = np.tile([names.index(name), names.index(children[0] if children else name), 0, 0], (8, 1))
        is_far = ((positions - middle) @ (end - places[name])) > 0
        weights = np.where(is_far[:, None], [2 / 3, 1 / 3, 0, 0], [1.0, 0, 0, 0])
        parts.append((positions, triangles, joints, weights))
    positions, joints, weights = (np.concatenate([part[i] for part in parts]) for i in (0, 2, 3))
    positions[:, 1] = np.maximum(positions[:, 1], 0)
    triangles = np.concatenate([part[1] + 8 * place for place, part in enumerate(parts)])
    return positions, triangles, joints, weights


def hero_colors(joints: np.ndarray) -> np.ndarray:
    """A colour for each bone."""
    colors = np.random.default_rng(5).uniform(0.1, 0.9, (len(HERO_JOINTS), 3))
    return colors[joints[:, 0]]


def turn(axis: Sequence[float], degrees: float) -> list[float]:
    """A quaternion (x y z w)."""
    half = np.radians(degrees) / 2
    return [*(np.sin(half) * np.array(axis)).tolist(), float(np.cos(half))]


def _clip(glb: Glb, name: str, tracks: Sequence[tuple[int, str, np.ndarray, Sequence, str]]) -> None:
    samplers, channels = [], []
    for node, path, times, values, interpolation in tracks:
        samplers.append(
            {
                "input": glb.array(np.asarray(times)),
                "output": glb.array(np.asarray(values)),
                "interpolation": interpolation,
            }
        )
        channels.append({"sampler": len(samplers) - 1, "target": {"node": node, "path": path}})
    glb.add("animations", name=name, samplers=samplers, channels=channels)


def _add_wave(glb: Glb, nodes: dict[str, int]) -> None:
    """Arms down, the right one up and waving; a cubic spline moves the hips."""
    times = np.linspace(0, 2, 9)
    right = [turn((0, 0, 1), -20 + 25 * np.sin(np.pi * t)) for t in times]
    fore = [turn((0, 1, 0), 60 + 20 * np.cos(2 * np.pi * t)) for t in times]
    zero = [0.0, 0.0, 0.0]
    hips = [row for y in (1.0, 0.98, 1.0) for row in (zero, [0.0, y, 0.0], zero)]
    _clip(glb, "Wave", [
        (nodes["LeftArm"], "rotation", times[[0, -1]], [turn((0, 0, 1), -70)] * 2, "LINEAR"),
        (nodes["RightArm"], "rotation", times, right, "LINEAR"),
        (nodes["RightForeArm"], "rotation", times, fore, "LINEAR"),
        (nodes["Hips"], "translation", [0.0, 1.0, 2.0], hips, "CUBICSPLINE"),
    ])  # fmt: skip


def _add_march(glb: Glb, nodes: dict[str, int]) -> None:
    """Steps ahead: 1.2 m in a second."""
    times = np.linspace(0, 1, 9)
    tracks = [(nodes["Hips"], "translation", [0.0, 1.0], [[0, 1, 0], [0, 1, 1.2]], "LINEAR")]
    for side, sign in (("Left", 1), ("Right", -1)):
        swing = sign * np.sin(2 * np.pi * times)
        tracks.append(
            (nodes[f"{side}UpLeg"], "rotation", times, [turn((1, 0, 0), -25 * s) for s in swing], "LINEAR")
        )
        tracks.append(
            (nodes[f"{side}Leg"], "rotation", times, [turn((1, 0, 0), 15 - 12 * s) for s in swing], "LINEAR")
        )
        tracks.append(
            (nodes[f"{side}Arm"], "rotation", [0.0, 1.0], [turn((0, 0, 1), -sign * 75)] * 2, "LINEAR")
        )
    _clip(glb, "March", tracks)


def _add_stroll(glb: Glb, nodes: dict[str, int], places: dict[str, np.ndarray]) -> None:
    """A walk on flat feet, two steps in a second; a metre high hips travel a metre in it.

    Complex numbers are heights (real) and ways ahead (imaginary).
    """
    times, speed = np.linspace(0, 1, 121), float(places["Hips"][1])
    sunk = 0.06 * speed
    hips = [[0.0, speed - sunk, speed * time] for time in times]
    tracks = [(nodes["Hips"], "translation", times, hips, "LINEAR")]
    for side, start in (("Left", 0.0), ("Right", 0.5)):
        hip, knee, ankle = (places[f"{side}{bone}"] @ [0, 1, 1j] for bone in ("UpLeg", "Leg", "Foot"))
        thigh, calf, phase = knee - hip, ankle - knee, (times + start) % 1.0
        swing = np.maximum(2 * phase - 1, 0.0)
        ahead = speed * np.where(phase < 0.5, 0.25 - phase, swing**2 * (3 - 2 * swing) - 0.5 * swing - 0.25)
        way = ankle - hip + sunk + 1j * ahead + 0.12 * speed * np.sin(np.pi * swing)
        cosine = (abs(way) ** 2 - abs(thigh) ** 2 - abs(calf) ** 2) / (2 * abs(thigh) * abs(calf))
        bend = np.arccos(cosine) - np.angle(calf / thigh)
        lift = np.angle(way / (thigh + np.exp(1j * bend) * calf))
        for bone, angles in (("UpLeg", lift), ("Leg", bend), ("Foot", -lift - bend)):
            turns = [turn((1, 0, 0), float(np.degrees(angle))) for angle in angles]
            tracks.append((nodes[f"{side}{bone}"], "rotation", times, turns, "LINEAR"))
    _clip(glb, "Stroll", tracks)


def _add_still(glb: Glb, nodes: dict[str, int]) -> None:
    """One key only."""
    _clip(glb, "Still", [(nodes["Hips"], "translation", [0.0], [[0, 1, 0]], "LINEAR")])


def jump_bvh(*, frames: int = 31, fps: float = 30.0, names: dict[str, str] | None = None) -> str:
    """Someone 180 units high, arms spread at rest, who lets the arms hang, and jumps once."""
    names = names or {}
    children: dict[str | None, list[str]] = {}
    for name, (parent, _) in HERO_JOINTS.items():
        children.setdefault(parent, []).append(name)
    lines = ["HIERARCHY"]

    def write(name: str, depth: int) -> None:
        pad, (parent, place) = "\t" * depth, HERO_JOINTS[name]
        start = np.array(HERO_JOINTS[parent][1]) if parent else np.zeros(3)
        x, y, z = (100 * (np.array(place) - start)).tolist()
        lines.append(f"{pad}{'JOINT' if parent else 'ROOT'} {names.get(name, name)}")
        channels = "3 Zrotation Xrotation Yrotation"
        if not parent:
            channels = "6 Xposition Yposition Zposition Zrotation Xrotation Yrotation"
        lines.extend([f"{pad}{{", f"{pad}\tOFFSET {x:.4f} {y:.4f} {z:.4f}", f"{pad}\tCHANNELS {channels}"])
        for child in children.get(name, []):
            write(child, depth + 1)
        if name not in children:
            x, y, z = (100 * (np.array(_TIPS[name]) - np.array(place))).tolist()
            lines.extend(
                [f"{pad}\tEnd Site", f"{pad}\t{{", f"{pad}\t\tOFFSET {x:.4f} {y:.4f} {z:.4f}", f"{pad}\t}}"]
            )
        lines.append(f"{pad}}}")

    write("Hips", 0)
    lines += ["MOTION", f"Frames: {frames}", f"Frame Time: {1 / fps:.6f}"]
    order = [line.split()[1] for line in lines if line.split()[0] in ("ROOT", "JOINT")]
    own = {names.get(name, name): name for name in HERO_JOINTS}
    for frame in range(frames):
        share = frame / (frames - 1)
        hop = max(0.0, 4 * (share - 0.3) * (0.7 - share) / 0.16) * 40
        values: list[float] = [300.0, 100.0 + hop, -50.0]
        for name in order:
            angles = {"LeftArm": (-75, 0, 0), "RightArm": (75, 0, 0), "LeftForeArm": (0, 0, -20)}
            values += [float(v) for v in angles.get(own[name], (0, 0, 0))]
        lines.append(" ".join(f"{value:.4f}" for value in values))
    return "\n".join(lines) + "\n"


CATALOG = """
[[environments]]
name = "cafe"
file = "assets/cafe.glb"
licence = "CC-BY-4.0"
caption = "in a small cafe"
radius_m = 2.5
lighting = "indoor"
spots = [{ position_m = [-0.5, 0.0, 0.0], heading_deg = 90.0 }]

[[characters]]
name = "hero"
file = "assets/hero.glb"
licence = "CC0-1.0"
caption = "a hero"

[[characters]]
name = "ada"
asset = "/Game/Characters/Ada.Ada"
caption = "a young woman"
height_m = 1.64

[[animations]]
name = "hero-wave"
file = "assets/hero.glb"
clip = "Wave"
licence = "CC0-1.0"
caption = "waves"

[[animations]]
name = "jump"
file = "assets/jump.bvh"
licence = "CC0-1.0"
caption = "jumps"

[[animations]]
name = "dance"
asset = "/Game/Animations/Dance.Dance"
caption = "dances"
duration_s = 2.0

[[lights]]
name = "noon"
caption = "at noon"
pitch_deg = -46.0
yaw_deg = 38.0
intensity = 10.0
"""


def write_user_files(folder: Path) -> Path:
    """Write the three files, and a catalog of them; returns the catalog."""
    (folder / "assets").mkdir(parents=True, exist_ok=True)
    (folder / "assets" / "cafe.glb").write_bytes(cafe_glb())
    (folder / "assets" / "hero.glb").write_bytes(hero_glb())
    (folder / "assets" / "jump.bvh").write_text(jump_bvh())
    catalog = folder / "catalog.toml"
    catalog.write_text(CATALOG)
    return catalog


def damaged_examples() -> dict[str, tuple[Any, bytes]]:
    """The files that tests damage, with the kind of asset that each is."""
    return {
        "cafe.glb": ("World", cafe_glb()),
        "hero.glb": ("SkeletalMesh", hero_glb()),
        "clip.glb": ("AnimSequence", hero_glb(clips=("Wave",))),
        "jump.bvh": ("AnimSequence", jump_bvh(frames=5).encode()),
    }
