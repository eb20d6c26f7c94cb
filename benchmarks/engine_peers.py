"""Other renderers on the scene of the benchmark ``engine``: a program for their own interpreters.

``PYTHON engine_peers.py (pyrender | workbench) SCENE.npz`` renders the frames of a scene with all cameras and
prints the camera-frames per second. It imports nothing of this project: pyrender and bpy need other versions
of NumPy. Vertices are in the frames of their pieces, in metres, right-handed with Z up; matrices are
column-vector; cameras look along -Z, as in OpenGL.
"""

import os
import sys
from collections.abc import Callable, Iterator
from time import process_time
from typing import Any

import numpy as np

_SUN = (0.4, 0.3, -0.86)


def pyrender_frame(scene: dict[str, np.ndarray]) -> Callable[[int], None]:
    """One sun with shadows, a colour for each piece, pixels in NumPy arrays."""
    os.environ["PYOPENGL_PLATFORM"] = "egl"
    import pyrender

    world = pyrender.Scene(ambient_light=(0.4, 0.4, 0.4))
    pieces = {piece: world.add(_pyrender_mesh(pyrender, *mesh)) for piece, mesh in _meshes(scene)}
    world.add(pyrender.DirectionalLight(intensity=4.0), pose=_looking(np.array(_SUN)))
    width, height = scene["size_px"].tolist()
    lens = pyrender.PerspectiveCamera(yfov=float(scene["yfov_rad"]), aspectRatio=width / height, znear=0.1)
    camera = world.add(lens)
    renderer = pyrender.OffscreenRenderer(width, height)
    flags = pyrender.RenderFlags.SHADOWS_DIRECTIONAL

    def frame(number: int) -> None:
        for piece, node in pieces.items():
            world.set_pose(node, scene["world_from_piece"][number, piece])
        for pose in scene["world_from_camera"]:
            world.set_pose(camera, pose)
            renderer.render(world, flags)

    return frame


def workbench_frame(scene: dict[str, np.ndarray]) -> Callable[[int], None]:
    """Blender's fastest engine, without anti-aliasing and shadows; its pixels come through a file."""
    import bpy

    bpy.ops.wm.read_factory_settings(use_empty=True)
    render, shading = bpy.context.scene.render, bpy.context.scene.display.shading
    render.engine, bpy.context.scene.display.render_aa = "BLENDER_WORKBENCH", "OFF"
    render.resolution_x, render.resolution_y = scene["size_px"].tolist()
    render.image_settings.file_format, render.filepath = "BMP", f"/dev/shm/peer-{os.getpid()}.bmp"
    shading.light, shading.color_type = "STUDIO", "OBJECT"
    pieces = {piece: _blender_object(bpy, *mesh) for piece, mesh in _meshes(scene)}
    lens = bpy.data.cameras.new("camera")
    lens.sensor_fit, lens.angle_y, lens.clip_end = "VERTICAL", float(scene["yfov_rad"]), 600.0
    camera = bpy.data.objects.new("camera", lens)
    bpy.context.scene.collection.objects.link(camera)
    bpy.context.scene.camera = camera
    from mathutils import Matrix

    def frame(number: int) -> None:
        for piece, placed in pieces.items():
            placed.matrix_world = Matrix(scene["world_from_piece"][number, piece].tolist())
        for pose in scene["world_from_camera"]:
            camera.matrix_world = Matrix(pose.tolist())
            bpy.ops.render.render(write_still=True)
        os.unlink(render.filepath)

    return frame


PEERS = {"pyrender": pyrender_frame, "workbench": workbench_frame}


def _meshes(scene: dict[str, np.ndarray]) -> Iterator[tuple[int, tuple[np.ndarray, np.ndarray, np.ndarray]]]:
    """Vertices, triangles and colour of every piece that has triangles."""
    of_triangle = scene["vertex_pieces"][scene["triangles"][:, 0]]
    for piece in np.unique(of_triangle).tolist():
        used, triangles = np.unique(scene["triangles"][of_triangle == piece], return_inverse=True)
        color = np.random.default_rng(piece).uniform(0.3, 0.9, size=3)
        yield piece, (scene["vertices_m"][used], triangles.reshape(-1, 3), color)


def _pyrender_mesh(pyrender: Any, vertices: np.ndarray, triangles: np.ndarray, color: np.ndarray) -> Any:
    corners = vertices[triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    material = pyrender.MetallicRoughnessMaterial(
        baseColorFactor=(*color, 1.0), metallicFactor=0.0, roughnessFactor=0.8
    )
    primitive = pyrender.Primitive(
        positions=corners.reshape(-1, 3), normals=np.repeat(normals, 3, axis=0), material=material
    )
    return pyrender.Mesh([primitive])


def _blender_object(bpy: Any, vertices: np.ndarray, triangles: np.ndarray, color: np.ndarray) -> Any:
    mesh = bpy.data.meshes.new("piece")
    mesh.from_pydata(vertices.tolist(), [], triangles.tolist())
    placed = bpy.data.objects.new("piece", mesh)
    placed.color = (*color, 1.0)
    bpy.context.scene.collection.objects.link(placed)
    return placed


def _looking(direction: np.ndarray) -> np.ndarray:
    """A pose that looks along a direction."""
    back = -direction / np.linalg.norm(direction)
    right = np.cross((0.0, 0.0, 1.0), back)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(back, right), back], axis=1)
    return pose


def main() -> None:
    name, path = sys.argv[1:]
    with np.load(path) as arrays:
        scene = {key: arrays[key] for key in arrays.files}
    frame = PEERS[name](scene)
    frame(0)
    start_s = process_time()
    frames = len(scene["world_from_piece"])
    for number in range(frames):
        frame(number)
    print(frames * len(scene["world_from_camera"]) / (process_time() - start_s))


if __name__ == "__main__":
    main()
