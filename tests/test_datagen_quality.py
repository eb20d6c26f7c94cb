"""The quality gate: planted faults are found with their reason alone, and honest takes pass."""

import io
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from engine_child import need
from engine_proxy import Recorded, proxied
from PIL import Image
from typer.testing import CliRunner
from unreal_runs import driver_of, started

from datagen.batch import FILMED_LIMITS, Batch, EngineChoice, SceneChoice
from datagen.batch_file import batch_sha256, load_batch, resolved_toml
from datagen.catalog import load_catalog
from datagen.drive import EngineDriver, FrameImages
from datagen.extra_cameras import ExtraCamera, Move, Start, StatedPath
from datagen.film import film_take
from datagen.film_worker import FilmJob, FilmWorker
from datagen.mask_colours import mask_objects
from datagen.plan import TakeSpec, plan_take
from datagen.quality.gate import BadTakeError, passed
from datagen.quality.limits import REASONS, QualityLimits
from datagen.quality.meter import TakeMeter
from multitake.cli import app
from multitake.errors import InputError
from shards import (
    ClipFiles,
    FilmedTake,
    MaskObject,
    decode_mask,
    decode_video,
    encode_video,
    open_dataset,
    verify_dataset,
    write_sheet,
)
from trajectories import Lens
from trajectories.sampling import Limits, Rules

SCENE = SceneChoice(environments=("street",), characters=("ada",), animations=("walk",), lights=("noon",))
OFF = QualityLimits(reject=())
FRAMES, WIDTH_PX, HEIGHT_PX = 9, 96, 64
# Of the rig; the cameras of the engine have the same order.
PAN, ARC, STATIC = 0, 1, 2
# Their colours in masks.
SUBJECT, OTHER_ACTOR = (255, 127, 1), (1, 127, 255)
Images = np.ndarray
# A frame's image as the engine made it, and those of the camera before, to the image that the driver gets.
Change = Callable[[int, Images, list[Images]], Images]
# What is changed, how, and in which camera.
Fault = tuple[str, Change, int]


def batch_of(look: str, *passes: str) -> Batch:
    return Batch(
        seed=4,
        takes=1,
        frames=FRAMES,
        fps=3.0,
        width_px=WIDTH_PX,
        height_px=HEIGHT_PX,
        passes=passes,
        scene=SCENE,
        engine=EngineChoice(look=look),
        rules=Rules(
            slots=("pan", "arc", "static"),
            radius_m=(3.0, 4.0),
            lenses=(Lens(focal_length_mm=18.0, f_number=8.0),),
            validity=FILMED_LIMITS,
        ),
    )


def take_of(batch: Batch) -> TakeSpec:
    return plan_take(batch, load_catalog(batch.scene, folder=Path()), 0)


@contextmanager
def engine_behind_proxy(look: str) -> Iterator[tuple[EngineDriver, Recorded]]:
    with (
        started(look=need(look)) as announced,
        proxied(announced) as recorded,
        driver_of(recorded.announced) as driver,
    ):
        yield driver, recorded


@pytest.fixture(scope="module")
def fast() -> Iterator[tuple[EngineDriver, Recorded]]:
    with engine_behind_proxy("fast") as engine:
        yield engine


@pytest.fixture(scope="module")
def lit() -> Iterator[tuple[EngineDriver, Recorded]]:
    with engine_behind_proxy("lit") as engine:
        yield engine


def of_bmp(reply: bytes) -> Images:
    return np.frombuffer(reply, np.uint8, offset=54).reshape(HEIGHT_PX, WIDTH_PX, 4)[..., 2::-1]


def to_bmp(image: Images, reply: bytes) -> bytes:
    bgra = np.full((HEIGHT_PX, WIDTH_PX, 4), 255, np.uint8)
    bgra[..., 2::-1] = image
    return reply[:54] + bgra.tobytes()


def of_npy(reply: bytes) -> Images:
    return np.load(io.BytesIO(reply)) / np.float32(100)


def to_npy(depth_m: Images, _: bytes) -> bytes:
    content = io.BytesIO()
    np.save(content, np.asarray(depth_m * 100, np.float32))
    return content.getvalue()


KINDS = {"lit": "video", "object_mask": "mask", "depth": "depth"}
FORMATS = {"lit": (of_bmp, to_bmp), "object_mask": (of_bmp, to_bmp), "depth": (of_npy, to_npy)}


def planting(kind: str, change: Change, cameras: tuple[int, ...]) -> Callable[[str, bytes], bytes]:
    """An edit of replies that changes the captures of some cameras."""
    seen: dict[str, list[Images]] = {}
    read, write = FORMATS[kind]

    def edit(command: str, reply: bytes) -> bytes:
        words = command.split()
        if len(words) < 3 or not words[1].startswith("/camera/") or words[1].split("/")[3] != kind:
            return reply
        known = seen.setdefault(words[1], [])
        image = read(reply)
        known.append(image)
        if list(seen).index(words[1]) not in cameras:
            return reply
        return write(change(len(known) - 1, image, known), reply)

    return edit


def film(engine: tuple[EngineDriver, Recorded], batch: Batch, edit=None) -> FilmedTake:
    driver, recorded = engine
    recorded.edit_reply = edit or (lambda _, reply: reply)
    try:
        return film_take(driver, batch, take_of(batch))
    finally:
        recorded.edit_reply = lambda _, reply: reply


def faults_of(engine: tuple[EngineDriver, Recorded], batch: Batch, edit) -> Counter[tuple[str, str]]:
    with pytest.raises(BadTakeError) as caught:
        film(engine, batch, edit)
    assert caught.value.sheet is not None and caught.value.sheet.startswith(b"\x89PNG")
    assert len(str(caught.value).splitlines()) == 1
    return Counter((fault.camera, fault.reason) for fault in caught.value.faults)


@dataclass(frozen=True)
class Captured:
    """An honest take, and what the engine gave: by capture, the images of each camera in each frame."""

    batch: Batch
    take: TakeSpec
    filmed: FilmedTake
    images: dict[str, list[list[Images]]]

    def judged(self, passes: tuple[str, ...], *faults: Fault) -> FilmedTake:
        """What the gate says to the take with these faults, if these passes are filmed."""
        batch = replace(self.batch, passes=passes)
        meter = TakeMeter(batch, self.take, self.filmed.clips, legend(self.filmed))
        for frame in range(FRAMES):
            meter.add(FrameImages(captures=self._captures(frame, passes, faults)))
        return passed(batch, self.filmed, meter)

    def faults(self, passes: tuple[str, ...], *faults: Fault) -> Counter[tuple[str, str]]:
        """The reasons against the take with these faults, by camera."""
        with pytest.raises(BadTakeError) as caught:
            self.judged(passes, *faults)
        assert len(str(caught.value).splitlines()) == 1
        return Counter((fault.camera, fault.reason) for fault in caught.value.faults)

    def _captures(
        self, frame: int, passes: tuple[str, ...], faults: tuple[Fault, ...]
    ) -> dict[str, tuple[Images, ...]]:
        found = {kind: [of_camera[frame] for of_camera in self.images[kind]] for kind in ("video", *passes)}
        for kind, change, place in faults:
            known = self.images[kind][place]
            found[kind][place] = np.ascontiguousarray(change(frame, known[frame], known))
        return {kind: tuple(images) for kind, images in found.items()}


def legend(filmed: FilmedTake) -> tuple[MaskObject, ...]:
    return filmed.row.mask_objects


def captured(engine: tuple[EngineDriver, Recorded], batch: Batch) -> Captured:
    seen: dict[str, dict[str, list[Images]]] = {}

    def edit(command: str, reply: bytes) -> bytes:
        if (words := command.split())[1:] and words[1].startswith("/camera/"):
            camera, kind = words[1].split("/")[2:4]
            if kind in FORMATS:
                seen.setdefault(KINDS[kind], {}).setdefault(camera, []).append(FORMATS[kind][0](reply))
        return reply

    filmed = film(engine, batch, edit)
    images = {kind: list(of_cameras.values()) for kind, of_cameras in seen.items()}
    return Captured(batch, take_of(batch), filmed, images)


@pytest.fixture(scope="module")
def fast_take(fast: tuple[EngineDriver, Recorded]) -> Captured:
    return captured(fast, batch_of("fast", "mask"))


@pytest.fixture(scope="module")
def lit_take(lit: tuple[EngineDriver, Recorded]) -> Captured:
    return captured(lit, batch_of("lit", "depth", "mask"))


@pytest.fixture(scope="module")
def two_actors(fast: tuple[EngineDriver, Recorded]) -> Captured:
    scene = replace(SCENE, characters=("ada", "bruno"), characters_per_take=(2, 2))
    return captured(fast, replace(batch_of("fast", "mask"), scene=scene))


def only_frame(frame: int, change: Callable[[Images], Images]) -> Change:
    return lambda at, image, _: change(image) if at == frame else image


def from_frame(frame: int, change: Callable[[Images], Images]) -> Change:
    return lambda at, image, _: change(image) if at >= frame else image


def frozen_from(frame: int) -> Change:
    return lambda at, image, known: known[min(at, frame)]


def scaled(factor: float) -> Callable[[Images], Images]:
    return lambda image: np.clip(np.float32(factor) * image, 0, 255).astype(np.uint8)


def inverted(image: Images) -> Images:
    return 255 - image


def shifted(image: Images) -> Images:
    return np.roll(image, WIDTH_PX // 2, axis=1)


def without_subject(image: Images) -> Images:
    subject = (image == SUBJECT).all(axis=-1)
    return np.where(subject[..., None], image[0, 0], image)


def of_one_object(image: Images) -> Images:
    return np.broadcast_to(image[-1, 0], image.shape)


def with_nan(depth_m: Images) -> Images:
    return np.where(depth_m < 4, np.nan, depth_m)


def with_noise(levels: int) -> Callable[[int, Images], Images]:
    """The image with other noise in each frame."""

    def change(frame: int, image: Images) -> Images:
        noise = np.random.default_rng(frame).integers(-levels, levels + 1, image.shape)
        return np.clip(image + noise, 0, 255).astype(np.uint8)

    return change


def pure_noise(at: int, image: Images, _: list[Images]) -> Images:
    return np.random.default_rng(at).integers(0, 256, image.shape).astype(np.uint8)


def nearly_frozen(at: int, _: Images, known: list[Images]) -> Images:
    return with_noise(1)(at, known[0])


def noisy_levels(low: int, high: int) -> Change:
    def change(at: int, image: Images, _: list[Images]) -> Images:
        noise = np.random.default_rng(at).integers(low, high, image.shape).astype(np.uint8)
        return noise if at else image

    return change


def black_above(image: Images) -> Images:
    return np.where((np.arange(HEIGHT_PX) < 0.79 * HEIGHT_PX)[:, None, None], 0, image)


def mirrored(image: Images) -> Images:
    return image[:, ::-1]


def upside_down(image: Images) -> Images:
    return image[::-1]


def noisy_legend(at: int, image: Images, _: list[Images]) -> Images:
    colours = np.unique(image.reshape(-1, 3), axis=0)
    return colours[np.random.default_rng(at).integers(0, len(colours), image.shape[:2])]


def moved_subject(image: Images) -> Images:
    """The subject is drawn half an image away from where it is."""
    is_subject = (image == SUBJECT).all(axis=-1)[..., None]
    return np.where(np.roll(is_subject, WIDTH_PX // 2, axis=1), SUBJECT, without_subject(image)).astype(
        np.uint8
    )


def swapped(image: Images) -> Images:
    subject, other = ((image == colour).all(axis=-1)[..., None] for colour in (SUBJECT, OTHER_ACTOR))
    return np.where(subject, OTHER_ACTOR, np.where(other, SUBJECT, image)).astype(np.uint8)


def noisy_ramp(at: int, depth_m: Images, _: list[Images]) -> Images:
    noise = 0.001 * np.random.default_rng(at).random(depth_m.shape)
    return np.linspace(3, 5, WIDTH_PX) + noise


IMAGE_FAULTS = {
    "a black image": ("video", only_frame(4, np.zeros_like), ARC, "black"),
    "a nearly black image": ("video", only_frame(4, scaled(0.02)), ARC, "black"),
    "black images": ("video", from_frame(0, np.zeros_like), STATIC, "black"),
    "a grey image": ("video", only_frame(2, lambda image: np.full_like(image, 90)), PAN, "uniform"),
    "a white image": ("video", only_frame(2, lambda image: np.full_like(image, 255)), PAN, "over_exposed"),
    "bright images": ("video", from_frame(0, scaled(20)), ARC, "over_exposed"),
    "dark images": ("video", from_frame(0, scaled(0.05)), ARC, "under_exposed"),
    "images that freeze": ("video", frozen_from(4), ARC, "repeated"),
    "a duplicate image": ("video", lambda at, image, known: known[3 if at == 4 else at], ARC, "repeated"),
    "an image of long before": ("video", lambda at, _, known: known[1 if at == 7 else at], PAN, "repeated"),
    "a static camera that freezes": ("video", frozen_from(2), STATIC, "repeated"),
    "images that are nearly frozen": ("video", nearly_frozen, ARC, "repeated"),
    "dark images after the first": ("video", from_frame(1, scaled(0.05)), ARC, "under_exposed"),
    "nearly black images after the first": ("video", noisy_levels(0, 10), PAN, "under_exposed"),
    "mostly black images after the first": ("video", from_frame(1, black_above), STATIC, "under_exposed"),
    "nearly white images after the first": ("video", noisy_levels(240, 254), ARC, "over_exposed"),
    "a dark image": ("video", only_frame(4, scaled(0.3)), ARC, "flashes"),
    "a bright image": ("video", only_frame(4, scaled(2)), PAN, "flashes"),
    "images of noise": ("video", pure_noise, STATIC, "noise"),
    "another start": ("video", only_frame(0, shifted), ARC, "first_image_differs"),
}  # fmt: skip
MASK_FAULTS = {
    "unknown colours": ("mask", from_frame(0, inverted), ARC, "mask_unknown"),
    "black masks": ("mask", from_frame(0, np.zeros_like), ARC, "mask_empty"),
    "a black mask": ("mask", only_frame(5, np.zeros_like), ARC, "mask_empty"),
    "masks of one object": ("mask", from_frame(0, of_one_object), ARC, "mask_constant"),
    "masks of another view": ("mask", from_frame(0, shifted), ARC, "mask_off_image"),
    "masks that are mirrored": ("mask", from_frame(0, mirrored), ARC, "mask_off_image"),
    "masks that are upside down": ("mask", from_frame(0, upside_down), PAN, "mask_off_image"),
    "masks of noise": ("mask", noisy_legend, ARC, "mask_off_image"),
    "masks that freeze": ("mask", frozen_from(0), ARC, "mask_repeated"),
    "masks of a static camera that freeze": ("mask", frozen_from(0), STATIC, "mask_repeated"),
    "a subject in another place": ("mask", from_frame(0, moved_subject), ARC, "mask_off_subject"),
    "masks without the subject": ("mask", from_frame(0, without_subject), ARC, "subject_unseen"),
}  # fmt: skip


def half_empty(depth_m: Images) -> Images:
    return np.where(np.arange(WIDTH_PX) < WIDTH_PX // 2, 0, depth_m)


def on_slope(depth_m: float) -> Callable[[Images], Images]:
    """A surface in front of three quarters of the image."""

    def change(image: Images) -> Images:
        near = image.copy()
        near[: HEIGHT_PX * 3 // 4] = np.linspace(depth_m, 1.2 * depth_m, WIDTH_PX)
        return near

    return change


DEPTH_FAULTS = {
    "a depth that is no number": ("depth", only_frame(3, with_nan), ARC, "depth_invalid"),
    "negative depth": ("depth", only_frame(3, lambda depth: -depth), ARC, "depth_invalid"),
    "depth in another unit": ("depth", from_frame(0, lambda depth: depth / 100), ARC, "depth_invalid"),
    "one depth": ("depth", from_frame(0, lambda depth: np.full_like(depth, 4.0)), ARC, "depth_constant"),
    "no depth": ("depth", from_frame(0, np.zeros_like), ARC, "depth_constant"),
    "depth of a static camera that freezes": ("depth", frozen_from(0), STATIC, "depth_repeated"),
    "depth that is upside down": ("depth", from_frame(0, upside_down), ARC, "depth_off_image"),
    "depth that is mirrored": ("depth", from_frame(0, mirrored), PAN, "depth_off_image"),
    "depth of half of the image": ("depth", from_frame(0, half_empty), ARC, "depth_invalid"),
    "depth that freezes": ("depth", frozen_from(4), PAN, "depth_repeated"),
    "depth of another scale": ("depth", from_frame(0, lambda depth: 2 * depth), ARC, "depth_off_subject"),
    "a surface at the lens": ("depth", from_frame(0, on_slope(0.15)), STATIC, "blocked"),
}  # fmt: skip


DARK_BATCH = """
seed = 1
takes = 2
takes_per_shard = 2
frames = 5
width_px = 64
height_px = 48
[scene]
environments = ["street"]
lights = ["noon", "night"]
[rig]
cameras = 2
[engine]
look = "fast"
[quality]
mean_level = [0.25, 1.0]
"""


def camera(place: int) -> str:
    return f"cam{place + 1:02d}"


@pytest.mark.parametrize("name", [*IMAGE_FAULTS, *MASK_FAULTS])
def test_a_planted_fault_is_found_with_its_reason_alone(fast_take: Captured, name: str) -> None:
    kind, change, place, reason = {**IMAGE_FAULTS, **MASK_FAULTS}[name]
    assert fast_take.faults(("mask",), (kind, change, place)) == {(camera(place), reason): 1}


@pytest.mark.parametrize("name", IMAGE_FAULTS)
def test_faults_of_images_are_found_without_masks(fast_take: Captured, name: str) -> None:
    kind, change, place, reason = IMAGE_FAULTS[name]
    assert fast_take.faults((), (kind, change, place)) == {(camera(place), reason): 1}


@pytest.mark.parametrize("passes", [("depth",), ("depth", "mask")])
@pytest.mark.parametrize("name", DEPTH_FAULTS)
def test_a_fault_of_depth_is_found_with_its_reason_alone(
    lit_take: Captured, name: str, passes: tuple[str, ...]
) -> None:
    kind, change, place, reason = DEPTH_FAULTS[name]
    assert lit_take.faults(passes, (kind, change, place)) == {(camera(place), reason): 1}


def test_a_smooth_ramp_of_depth_is_found_beside_masks(lit_take: Captured) -> None:
    """Without its own repeats: it has noise of a millimetre."""
    found = lit_take.faults(("depth", "mask"), ("depth", noisy_ramp, ARC))
    assert found == {(camera(ARC), "depth_off_image"): 1}


@pytest.mark.parametrize("place", [PAN, ARC, STATIC])
def test_masks_with_swapped_actors_are_found(two_actors: Captured, place: int) -> None:
    assert two_actors.judged(("mask",)).row.quality[place].mask_actors == 1
    found = two_actors.faults(("mask",), ("mask", from_frame(0, swapped), place))
    assert found == {(camera(place), "mask_swapped"): 1}


@pytest.mark.parametrize("passes", [(), ("mask",)])
@pytest.mark.parametrize(("place", "other"), [(ARC, PAN), (PAN, STATIC), (ARC, STATIC)])
def test_images_of_another_camera_are_found(
    fast_take: Captured, place: int, other: int, passes: tuple[str, ...]
) -> None:
    """The camera is named whose motion does not fit the images, not the one that gives them."""
    given = fast_take.images["video"][other]
    found = fast_take.faults(passes, ("video", lambda at, image, known: given[at], place))
    assert found == {(camera(place), "other_camera"): 1}


@pytest.mark.parametrize("reject", [("blocked",), None])
def test_faults_are_found_while_a_take_is_filmed(
    fast: tuple[EngineDriver, Recorded], lit: tuple[EngineDriver, Recorded], reject: tuple[str, ...] | None
) -> None:
    """The take is not given to its caller, and the error shows it."""
    if reject is None:
        edit = planting("lit", only_frame(4, np.zeros_like), (ARC,))
        assert faults_of(fast, batch_of("fast"), edit) == {(camera(ARC), "black"): 1}
    else:
        batch = replace(batch_of("lit", "depth"), quality=QualityLimits(reject=reject))
        edit = planting("depth", from_frame(0, on_slope(0.15)), (STATIC,))
        assert faults_of(lit, batch, edit) == {(camera(STATIC), "blocked"): 1}


@pytest.mark.parametrize("passes", [(), ("mask",)])
def test_an_honest_take_has_no_fault_and_no_flag(
    fast: tuple[EngineDriver, Recorded], passes: tuple[str, ...]
) -> None:
    filmed = film(fast, batch_of("fast", *passes))
    assert [one.camera for one in filmed.row.quality] == filmed.clips["camera"].tolist()
    for one in filmed.row.quality:
        assert one.frames == FRAMES and one.subject_seen > 0 and one.first_image_change == 0
        assert one.black_share == one.white_share == one.uniform_share == one.repeated_share == 0
        assert one.subject_seen_by == ("mask" if passes else "projection")
        assert (one.mask_subject == 1 and one.mask_unknown == 0) if passes else one.mask_subject is None
        assert one.depth_subject is None
    assert not any(flag.startswith("quality:") for row in filmed.clips for flag in row.flags)


def test_figures_agree_with_the_stored_files(fast: tuple[EngineDriver, Recorded]) -> None:
    """Brightness and the share of the subject, counted again on all pixels of the decoded members."""
    filmed = film(fast, batch_of("fast", "mask"))
    for figures, files in zip(filmed.row.quality, filmed.files, strict=True):
        level = (decode_video(files.members["video"]) @ np.array([0.2126, 0.7152, 0.0722])).mean() / 255
        subject = (decode_mask(files.members["mask"]) == (255, 127, 1)).all(axis=-1).mean()
        assert figures.mean_level == pytest.approx(level, abs=0.01)
        assert figures.subject_pixels == pytest.approx(subject, abs=1e-6)


def test_figures_are_the_same_after_another_take(fast: tuple[EngineDriver, Recorded]) -> None:
    batch = batch_of("fast", "mask")
    once = film(fast, batch).row.quality
    film(fast, replace(batch, seed=9, quality=OFF))
    assert film(fast, batch).row.quality == once


@pytest.mark.parametrize("passes", [(), ("mask",)])
def test_a_static_camera_of_a_still_scene_may_repeat_its_image(
    fast: tuple[EngineDriver, Recorded], passes: tuple[str, ...]
) -> None:
    still = replace(batch_of("fast", *passes), scene=replace(SCENE, animations=("idle",)))
    edit = planting("lit", frozen_from(0), (STATIC,))
    masks = planting("object_mask", frozen_from(0), (STATIC,))
    film(fast, still, lambda command, reply: masks(command, edit(command, reply)))


def test_a_reason_that_is_not_rejected_is_a_flag(fast: tuple[EngineDriver, Recorded]) -> None:
    change, place, reason = only_frame(4, np.zeros_like), ARC, "black"
    limits = (OFF, replace(OFF, warn=()))
    warned, silent = (
        film(fast, replace(batch_of("fast"), quality=one), planting("lit", change, (place,)))
        for one in limits
    )
    assert [f"quality:{reason}" in row.flags for row in warned.clips] == [False, True, False]
    assert not any("quality:" in flag for row in silent.clips for flag in row.flags)
    assert silent.row.quality == warned.row.quality and silent.row.quality[place].black_share > 0


def test_a_threshold_decides(fast: tuple[EngineDriver, Recorded]) -> None:
    """A limit beyond the figure of a fault lets it pass, and one before it does not."""
    for limit, is_accused in ((1 / FRAMES - 0.01, True), (1 / FRAMES + 0.01, False)):
        batch = replace(batch_of("fast"), quality=QualityLimits(black_share=limit))
        edit = planting("lit", only_frame(4, np.zeros_like), (ARC,))
        assert (faults_of if is_accused else film)(fast, batch, edit)


@pytest.mark.parametrize(("look", "passes"), [("fast", ()), ("lit", ("depth", "mask"))])
def test_a_camera_in_a_wall_is_blocked_where_the_batch_says_so(
    look: str, passes: tuple[str, ...], request: pytest.FixtureRequest
) -> None:
    """The planner knows, also where depth shows nothing near; it is asked only if paths are kept for it."""
    engine, batch = request.getfixturevalue(look), batch_of(look, *passes)
    # Nothing is 10 m from any surface.
    inside = replace(batch.rules, validity=Limits(clearance_m=10.0))
    silent = film(engine, replace(batch, rules=inside))
    assert all("quality:blocked" in row.flags for row in silent.clips)
    assert all(not one.blocked_share for one in silent.row.quality)
    asked = replace(batch, rules=inside, quality=QualityLimits(reject=("blocked",)))
    with pytest.raises(BadTakeError, match="engine:near_geometry") as caught:
        film(engine, asked)
    assert {fault.reason for fault in caught.value.faults} == {"blocked"}


def test_a_video_with_missing_frames_is_found(fast: tuple[EngineDriver, Recorded]) -> None:
    batch = batch_of("fast")
    take = take_of(batch)
    filmed = film(fast, batch)
    meter = TakeMeter(batch, take, filmed.clips, mask_objects(["character_1"], []))
    videos = [decode_video(files.members["video"]) for files in filmed.files]
    for images in zip(*videos, strict=True):
        meter.add(FrameImages(captures={"video": images}))
    short = ClipFiles(camera="cam02", members={"video": encode_video(videos[1][:-1], fps=batch.fps)})
    with pytest.raises(BadTakeError) as caught:
        passed(batch, replace(filmed, files=(filmed.files[0], short, filmed.files[2])), meter)
    (fault,) = caught.value.faults
    assert (fault.camera, fault.reason, fault.value, fault.limit) == (
        "cam02",
        "frame_count",
        FRAMES - 1,
        FRAMES,
    )


def test_a_clear_sky_may_repeat_while_the_camera_pans(fast: tuple[EngineDriver, Recorded]) -> None:
    """Its brightness depends on the row alone; a wall with windows may not."""
    batch = replace(batch_of("fast"), scene=replace(SCENE, animations=("idle",)))
    filmed = film(fast, batch)
    sky = np.repeat(np.linspace(90, 220, HEIGHT_PX)[:, None], WIDTH_PX, axis=1).astype(np.uint8)
    wall = np.where(np.add.outer(np.arange(HEIGHT_PX) // 6, np.arange(WIDTH_PX) // 6) % 2, 200, 60)
    for image, share in ((sky, 0.0), (wall.astype(np.uint8), 1 - 1 / FRAMES)):
        meter = TakeMeter(batch, take_of(batch), filmed.clips, mask_objects(["character_1"], []))
        for _ in range(FRAMES):
            meter.add(FrameImages(captures={"video": (np.repeat(image[..., None], 3, axis=-1),) * 3}))
        measured = meter.measured([FRAMES] * 3)
        assert [measured[place].quality.repeated_share for place in (PAN, ARC)] == [pytest.approx(share)] * 2


def test_a_take_that_fails_twice_has_a_sheet(tmp_path: Path) -> None:
    (tmp_path / "dataset.json").touch()
    (tmp_path / "staging").mkdir()
    batch = replace(batch_of("fast"), quality=QualityLimits(mean_level=(0.99, 1.0)))
    catalog = load_catalog(batch.scene, folder=Path())
    worker = FilmWorker(FilmJob(batch=batch, catalog=catalog, dataset=tmp_path), 0)
    try:
        outcome = worker.film(0)
    finally:
        worker.close()
    assert outcome.attempts == outcome.engine_starts == 2 and not outcome.stops_run
    assert {fault.reason for fault in outcome.faults} == {"under_exposed"}
    assert str(outcome.reason).endswith(f"; see failed/{outcome.key}.png")
    assert not list((tmp_path / "staging").iterdir())
    with Image.open(tmp_path / "failed" / f"{outcome.key}.png") as shown:
        assert shown.format == "PNG" and shown.width > 1000 and np.asarray(shown).std() > 10


def test_a_sheet_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "failed").write_text("a file instead of the folder")
    assert write_sheet(tmp_path, "room_000000", b"sheet") is None
    assert write_sheet(tmp_path / "removed", "room_000000", b"sheet") is None
    assert not (tmp_path / "removed").exists()


def test_a_run_sets_the_takes_aside_that_do_not_pass(tmp_path: Path) -> None:
    """By night the street is darker than the batch allows; the data set is complete without these takes."""
    path, data = tmp_path / "batch.toml", tmp_path / "data"
    path.write_text(DARK_BATCH)
    ended = CliRunner().invoke(app, ["generate", str(path), "--out", str(data), "--accept-failures"])
    assert ended.exit_code == 1 and "cam01 is too dark" in ended.output
    (line,) = (data / "failures.jsonl").read_text().splitlines()
    failure = json.loads(line)
    assert [fault["camera"] for fault in failure["faults"]] == ["cam01", "cam02"]
    assert all(fault["reason"] == "under_exposed" for fault in failure["faults"])
    assert all(0 < fault["value"] < fault["limit"] for fault in failure["faults"])
    assert [one.name for one in (data / "failed").iterdir()] == [f"{failure['take']}.png"]
    assert verify_dataset(data) == []
    (row,) = pd.read_parquet(data / "takes").to_dict("records")
    assert row["take"] != failure["take"] and row["light"] == "noon"
    assert [one["camera"] for one in row["quality"]] == ["cam01", "cam02"]
    (stored,) = open_dataset(data).takes
    figures = pd.DataFrame(list(row["quality"]))
    assert figures["mean_level"].tolist() == [one.mean_level for one in stored.quality]


def test_limits_of_a_batch_file_are_checked_and_resolved(tmp_path: Path) -> None:
    path = tmp_path / "batch.toml"

    def loaded(quality: str) -> Batch:
        path.write_text(f"seed = 1\ntakes = 1\n[quality]\n{quality}")
        return load_batch(path)

    changed = loaded('reject = ["black"]\nclipped_white = 0.3\n')
    assert changed.quality == QualityLimits(reject=("black",), clipped_white=0.3)
    path.write_text(resolved_toml(changed))
    assert load_batch(path) == changed
    assert batch_sha256(changed) != batch_sha256(loaded(""))
    path.write_text(resolved_toml(loaded("")))
    assert load_batch(path) == loaded("")
    for text, where in (
        ('reject = ["dull"]', "unknown reason 'dull'"),
        ("clipped_white = 1.5", "at most 1"),
        ("mean_level = [0.9, 0.1]", "empty range"),
        ("blackness = 1", "unknown key"),
    ):
        with pytest.raises(InputError, match=where):
            loaded(text)


def test_reasons_of_paths_are_rejected_where_the_batch_rejects_such_paths() -> None:
    quality, off = QualityLimits(), Limits()
    rejected = {reason for reason in REASONS if quality.policy(reason, FILMED_LIMITS) == "reject"}
    assert rejected == set(REASONS)
    kept = {reason for reason in REASONS if quality.policy(reason, off) == "warn"}
    assert kept == {"uniform", "blocked", "mask_constant", "subject_unseen"}
    assert QualityLimits(reject=("blocked",)).policy("blocked", off) == "reject"


def test_an_extra_camera_rejects_no_take(fast: tuple[EngineDriver, Recorded]) -> None:
    """It may look up to the sky, without the subject; what is wrong with its images is a flag."""
    up = ExtraCamera(name="up", move=Move(motion="tilt", angle_deg=80.0))
    away = ExtraCamera(name="away", start=Start(camera="cam01"), move=Move(motion="pan", angle_deg=170.0))
    below = StatedPath(
        world_from_camera=(1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, -1.0, 0.0, -50.0) * FRAMES
    )
    batch = replace(
        batch_of("fast", "mask"),
        extra_cameras=(up, away, ExtraCamera(name="below", paths=(below,))),
    )
    filmed = film(fast, batch, planting("lit", from_frame(0, np.zeros_like), (4,)))
    flags = dict(zip(filmed.clips["camera"].tolist(), filmed.clips["flags"].tolist(), strict=True))
    assert "quality:mask_constant" in flags["below"] and "quality:black" in flags["away"]
    alone = film(fast, replace(batch, extra_cameras=()))
    assert filmed.row.quality[: len(alone.clips)] == alone.row.quality, "figures of the rig do not change"
    edit = planting("lit", only_frame(4, np.zeros_like), (0,))
    assert faults_of(fast, batch, edit) == {("cam01", "black"): 1}


@pytest.mark.parametrize("slot", ["zoom", "dolly_zoom", "roll", "handheld_arc"])
def test_every_kind_of_camera_must_not_freeze(fast: tuple[EngineDriver, Recorded], slot: str) -> None:
    batch = batch_of("fast", "mask")
    batch = replace(batch, rules=replace(batch.rules, slots=("static", slot)))
    assert not any("quality:" in flag for row in film(fast, batch).clips for flag in row.flags)
    for passes in (("mask",), ()):
        edit = planting("lit", frozen_from(2), (1,))
        assert faults_of(fast, replace(batch, passes=passes), edit) == {("cam02", "repeated"): 1}
