"""A level from a glTF file: one prop for each object, with light from outside or from lamps."""

import re
from collections import defaultdict
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from ..content.environment import Environment, Lighting, Prop
from ..content.levels.outdoor_light import LIGHTS, light
from ..content.shapes.closed_parts import is_of_closed_part
from ..content.shapes.meshes import Mesh, Part, bounds_cm
from ..content.textures.catalog import add_texture
from ..content.unreal_space import CM_PER_M, Number
from .axes import unreal_directions, unreal_points
from .cutouts import cut_out
from .gltf_file import GltfFile
from .gltf_materials import Materials
from .gltf_meshes import MOST_TRIANGLES, RawMesh, meshes_of, moved, with_rows
from .gltf_nodes import NodeTree

INDOOR = "indoor"
LIGHTINGS = (*LIGHTS, INDOOR)
_MOST_PROPS = 1000
_SMALLEST_M, _LARGEST_M = 1.0, 2000.0
_RESERVED = re.compile(
    r"(Sun|SkyLight|HeightFog|PlayerPawn|multitake_marker|character_\d+)(\..*)?", re.IGNORECASE
)
_MOST_SHADOW_CM = 3000.0


def level_of(file: GltfFile, *, scale: Number, lighting: str) -> Environment:
    """The level of a file; ``scale`` is the length of its unit in metres."""
    tree, materials = NodeTree.of(file), Materials(file)
    groups = _groups(file, tree, _meshes(file, tree, materials))
    props = {name: _prop(meshes, scale) for name, meshes in groups.items()}
    for picture in materials.pictures:
        add_texture(picture.name, picture.pixels)
    bounds = bounds_cm([part.mesh for prop in props.values() for part in prop.parts])
    _check_size(file, bounds)
    low, high = (tuple(corner) for corner in bounds.tolist())
    space_cm = (low, high) if lighting == INDOOR else None
    return Environment(props=props, lighting=_lighting(lighting, bounds), space_cm=space_cm)


def engine_mesh(meshes: list[RawMesh], scale: Number) -> Mesh:
    """Meshes in the axes of the scene as one mesh of the engine."""
    starts = np.cumsum([0] + [len(mesh.positions) for mesh in meshes[:-1]])
    looks = [np.tile([mesh.look.gloss, mesh.look.glow], (len(mesh.positions), 1)) for mesh in meshes]
    triangles = np.concatenate([mesh.triangles + start for mesh, start in zip(meshes, starts, strict=True)])
    return Mesh(
        positions=unreal_points(np.concatenate([mesh.positions for mesh in meshes]), scale),
        normals=unreal_directions(np.concatenate([mesh.normals for mesh in meshes])),
        uvs=np.concatenate([mesh.uvs for mesh in meshes]),
        # The engine squares colours.
        colors=np.sqrt(np.concatenate([mesh.colors for mesh in meshes])),
        gloss_glow=np.concatenate(looks),
        # The axes mirror.
        triangles=triangles[:, ::-1],
    )


def with_backs(mesh: RawMesh) -> RawMesh:
    """The mesh as it is seen from both sides, if its look says so.

    Open parts get backs. Closed ones are seen from outside alone; those that are inside out are turned.
    """
    if not mesh.look.is_double_sided or not len(mesh.triangles):
        return mesh
    corners = mesh.positions[mesh.triangles]
    is_closed = is_of_closed_part(corners)
    volume = np.einsum("ti,ti->t", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))[is_closed].sum()
    if is_closed.all() and volume >= 0:
        return mesh
    count = len(mesh.positions)
    fronts = mesh.triangles
    if volume < 0:
        fronts = np.where(is_closed[:, None], fronts[:, ::-1] + count, fronts)
    backs = mesh.triangles[~is_closed][:, ::-1] + count
    both = with_rows(mesh, np.tile(np.arange(count), 2), np.concatenate([fronts, backs]))
    return replace(both, normals=np.concatenate([mesh.normals, -mesh.normals]))


def _meshes(file: GltfFile, tree: NodeTree, materials: Materials) -> dict[int, list[RawMesh]]:
    """The meshes of each node that has some, in the axes of the scene."""
    found: dict[int, list[RawMesh]] = {}
    count, matrices = 0, tree.globals()
    for index in tree.parents:
        mesh = tree.nodes[index].mesh
        if mesh is None:
            continue
        raw = [with_backs(cut_out(one)) for one in meshes_of(file, mesh, materials)]
        if raw := [one for one in raw if len(one.triangles)]:
            tree.check_extent(file, index)
            found[index] = [moved(one, matrices[index]) for one in raw]
            count += sum(len(one.triangles) for one in raw)
        if count > MOST_TRIANGLES:
            raise file.invalid(f"it has more than {MOST_TRIANGLES} triangles", "simplify it")
    if not found:
        raise file.invalid("it has no triangles", "export it with its meshes")
    return found


def _groups(file: GltfFile, tree: NodeTree, meshes: dict[int, list[RawMesh]]) -> dict[str, list[RawMesh]]:
    """Meshes by the name of a prop: that of their node, or of an ancestor if there are too many."""
    chains = {index: tree.ancestors(index)[::-1] for index in meshes}
    depth = max(map(len, chains.values()))
    while depth > 1 and len({chain[:depth][-1] for chain in chains.values()}) > _MOST_PROPS:
        depth -= 1
    nodes: defaultdict[int, list[RawMesh]] = defaultdict(list)
    for index, chain in chains.items():
        nodes[chain[:depth][-1]] += meshes[index]
    if len(nodes) > _MOST_PROPS:
        raise file.invalid(f"it has more than {_MOST_PROPS} objects", "join some of them")
    named: dict[str, list[RawMesh]] = {}
    for index, group in nodes.items():
        named[_free_name(tree.nodes[index].name or f"Node_{index}", named)] = group
    return named


def _free_name(name: str, taken: dict[str, list[RawMesh]]) -> str:
    """A name of an actor: without spaces, and unlike all others."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "_", name)[:60].strip("_") or "Object"
    plain = f"{plain}_prop" if _RESERVED.fullmatch(plain) else plain
    if plain not in taken:
        return plain
    return next(free for number in range(2, 2 + len(taken)) if (free := f"{plain}_{number}") not in taken)


def _prop(meshes: list[RawMesh], scale: Number) -> Prop:
    """A prop with a part for each texture."""
    by_texture: defaultdict[tuple[str, str], list[RawMesh]] = defaultdict(list)
    for mesh in meshes:
        by_texture[mesh.look.texture_names].append(mesh)
    return Prop(
        [
            Part(mesh=engine_mesh(group, scale), texture=texture, normal_map=normals)
            for (texture, normals), group in by_texture.items()
        ]
    )


def _check_size(file: GltfFile, bounds: Float[np.ndarray, "2 3"]) -> None:
    size_m = float(np.linalg.norm(bounds[1] - bounds[0])) / CM_PER_M
    if not _SMALLEST_M <= size_m <= _LARGEST_M:
        what = f"the level is {size_m:.3g} m large instead of {_SMALLEST_M:g} to {_LARGEST_M:g} m"
        raise file.invalid(what, "give the key scale, e.g. scale = 0.01 for a file in centimetres")


def _lighting(name: str, bounds: Float[np.ndarray, "2 3"]) -> Lighting:
    center, half = bounds.mean(axis=0), (bounds[1] - bounds[0]) / 2
    radius_cm = min(float(np.linalg.norm(half)) + 60, _MOST_SHADOW_CM)
    lit = replace(
        light("summer" if name == INDOOR else name),
        shadow_center_cm=tuple(center.tolist()),
        shadow_radius_cm=radius_cm,
    )
    if name != INDOOR:
        return lit
    return replace(
        lit,
        sun_radiance=(3.0, 2.75, 2.4),
        sky_radiance=(0.76, 0.75, 0.73),
        ground_radiance=(0.60, 0.57, 0.53),
        fog_per_m=0.0,
        exposure=0.6,
    )
