"""Draws shadows, relief and multisampled images, and compares them with geometry. A process of its own."""

import sys
from dataclasses import replace

import numpy as np

from datagen.engine.content.daylight import Daylight
from datagen.engine.content.environment import Environment, Lighting, Prop
from datagen.engine.content.shapes.meshes import Paint, panel, panelled_box, textured
from datagen.engine.content.unreal_space import rotation_rows
from datagen.engine.render.buffers import Viewpoint
from datagen.engine.render.looks import look_named
from datagen.engine.render.renderer import Renderer, View

VIEWPOINT = Viewpoint(
    location_cm=(-520.0, 40.0, 420.0),
    rotation_deg=(-38.0, 0.0, 0.0),
    fov_deg=60.0,
    width_px=320,
    height_px=180,
)
SUN_DEG = (-40.0, 65.0, 0.0)
CUBE_CM = (0.0, 0.0, 120.0)
MASKS = {"Floor": (10, 20, 30), "Cube": (40, 50, 60)}
WHITE = Paint(color=(0.9, 0.9, 0.9), gloss=0.0)


def main(look: str) -> None:
    """Check the shadow of a movable cube and of one of the level; of soft shadows' look also its samples."""
    renderer = Renderer(look_named(look))
    for is_movable in (False, True):
        check_shadow(renderer, is_movable, margin_cm=9.0 if look == "cinematic" else 5.0)
    if look == "cinematic":
        check_multisamples(renderer)
        check_film_offset(renderer)


def show(renderer: Renderer, props: dict[str, Prop], movable: dict[str, Prop]) -> None:
    """Replace what is in the scene."""
    scene = renderer.scene
    for name in list(scene.mask_colors):
        scene.remove(name)
    lighting = Lighting(
        sun_rotation_deg=SUN_DEG, sun_radiance=(3.0, 3.0, 3.0), sky_radiance=(0.3, 0.3, 0.3),
        ground_radiance=(0.3, 0.3, 0.3), exposure=0.5, shadow_center_cm=(0.0, 0.0, 0.0),
        shadow_radius_cm=1000.0,
    )  # fmt: skip
    for group, is_movable in ((props, False), (movable, True)):
        for name, prop in group.items():
            scene.add(name, f"{len(props)}.{is_movable}.{name}", prop.parts, is_movable)
            scene.move(name, np.block([[np.eye(3), np.zeros((3, 1))], [np.array(prop.location_cm), 1.0]]))
            scene.paint_mask(name, MASKS[name])
    scene.light(Environment(props=props, lighting=lighting), Daylight(sun_rotation_deg=SUN_DEG))


def drawn(renderer: Renderer, *kinds: str, viewpoint: Viewpoint = VIEWPOINT) -> list[np.ndarray]:
    """Copies of the images."""
    return [one.copy() for one in renderer.render([View(image=kind, viewpoint=viewpoint) for kind in kinds])]


def ground() -> Prop:
    """A floor of 12 m."""
    return Prop([textured("skin", panel((-600, -600, 0), (1200, 0, 0), (0, 1200, 0), WHITE))])


def check_shadow(renderer: Renderer, is_movable: bool, margin_cm: float) -> None:
    """Floor is dark where the ray to the sun meets the cube, else bright, but for the edge."""
    renderer.multisamples = 1
    cube = {"Cube": Prop([textured("skin", panelled_box((100, 100, 100), (0, 0, 0), WHITE))], CUBE_CM)}
    show(renderer, {"Floor": ground()} | ({} if is_movable else cube), cube if is_movable else {})
    lit, mask, depth = drawn(renderer, "lit", "mask", "depth")
    rows, columns = np.nonzero((mask[..., 2::-1] == MASKS["Floor"]).all(axis=-1))
    forward, right, up = rotation_rows(*VIEWPOINT.rotation_deg)
    x, y = (columns + 0.5 - 160) / VIEWPOINT.focal_px, (rows + 0.5 - 90) / VIEWPOINT.focal_px
    rays = forward + x[:, None] * right - y[:, None] * up
    points = np.array(VIEWPOINT.location_cm) + depth[rows, columns][:, None] * rays
    assert np.abs(points[:, 2]).max() < 0.5, "these pixels show the floor"
    to_sun = -rotation_rows(*SUN_DEG)[0]
    inside = shadow_depth_cm(points, to_sun)
    bright = lit[rows, columns, 1].astype(float)
    dark, light = np.median(bright[inside > margin_cm]), np.median(bright[inside < -margin_cm])
    assert (inside > margin_cm).sum() > 300 and light > dark + 60
    assert (np.abs(bright[inside > margin_cm] - dark) < 12).all(), "the middle of the shadow is dark"
    assert (np.abs(bright[inside < -margin_cm] - light) < 12).all(), "no stripes outside of the shadow"


def shadow_depth_cm(points: np.ndarray, to_sun: np.ndarray) -> np.ndarray:
    """How far inside the cube's shadow points of the floor are; negative outside: by widening the cube."""
    sizes = np.arange(-30.0, 30.5, 1.0)
    hits = [hits_box(points, to_sun, np.array(CUBE_CM), 50.0 + size) for size in sizes]
    first = np.array(hits).argmax(axis=0)
    return np.where(np.any(hits, axis=0), -sizes[first], -100.0)


def hits_box(points: np.ndarray, direction: np.ndarray, center: np.ndarray, half: float) -> np.ndarray:
    """Whether rays hit a box, by slabs."""
    near, far = (center - half - points) / direction, (center + half - points) / direction
    return np.minimum(near, far).max(axis=1) < np.maximum(near, far).min(axis=1)


def check_multisamples(renderer: Renderer) -> None:
    """Labels are those of single samples; lit images differ at edges alone, and have colours between."""
    cube = {"Cube": Prop([textured("skin", panelled_box((100, 100, 100), (0, 0, 0), WHITE))], CUBE_CM)}
    show(renderer, {"Floor": ground()}, cube)
    kinds = ("lit", "mask", "depth", "normal", "surface")
    found = {}
    for count in (1, 4):
        renderer.multisamples = count
        found[count] = drawn(renderer, *kinds)
        alone = drawn(renderer, "lit")[0]
        assert (alone == found[count][0]).all(), "alone or with labels"
    for single, several in zip(found[1][1:], found[4][1:], strict=True):
        assert (single == several).all(), "labels have one sample"
    differs = (found[1][0] != found[4][0]).any(axis=-1)
    assert 30 < differs.sum() < 0.1 * differs.size
    ids = found[1][4]
    edge = np.zeros_like(differs)
    for axis in (0, 1):
        for step in (-1, 1):
            edge |= np.roll(ids, step, axis) != ids
    assert (differs & edge).sum() > 0.7 * differs.sum(), "what differs is at edges"


def check_film_offset(renderer: Renderer) -> None:
    """A shift of whole pixels moves the image by them."""
    renderer.multisamples = 1
    plain = drawn(renderer, "surface")[0]
    moved = drawn(renderer, "surface", viewpoint=replace(VIEWPOINT, principal_offset_px=(12.0, -7.0)))[0]
    assert (np.roll(plain, (-7, 12), (0, 1))[:-7, 12:] == moved[:-7, 12:]).mean() > 0.999


if __name__ == "__main__":
    main(sys.argv[1])
