"""Captions of cameras against their poses, as an oracle reads both that shares no code with the writer."""

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from caption_oracle import Filmed, Geometry, contradictions
from scipy.spatial.transform import Rotation

from datagen.camera_captions import camera_captions
from multitake.randomness import rng_for
from trajectories import MOTIONS, CameraPose, ClipTable, camera_move
from trajectories.sampling import PRESETS, Rules, Shot, Subjects, clips_of_rigs, sample_rigs

FPS, RIGS = 15.0, 3
SHOTS = [
    (preset, layout, track_target, frames, speed_m_per_s)
    for preset in PRESETS
    for layout in ("shared", "independent")
    for track_target, frames, speed_m_per_s in (("start", 81, 0.0), ("start", 41, 0.8), ("subject", 81, 0.8))
]
# Words that turn a true sentence into a false one; each pair is exchanged.
EXCHANGED = {
    "sides": (("left", "right"),),
    "heights": (("up", "down"), ("upwards", "downwards"), ("rises", "descends"), ("rising", "descending")),
    "depth": (
        ("forward", "backward"),
        ("dollies in", "dollies out"),
        ("dollying in", "dollying out"),
        ("pushes in", "pulls back"),
        ("pushing in", "pulling back"),
    ),
    "zooms": (("zooms in", "zooms out"), ("zooming in", "zooming out")),
    "rolls": (("clockwise", "counter-clockwise"),),
    "distances": (("grows", "shrinks"),),
    "tempo": (("slowly", "quickly"),),
    "pace": (
        ("It accelerates", "It decelerates"),
        ("It speeds up towards the end", "It loses speed towards the end"),
        ("It becomes faster and faster", "It becomes slower and slower"),
        ("Its speed is constant", "Its speed varies"),
        ("It moves at a constant speed", "It moves at a varying speed"),
        ("The speed does not change", "Its speed rises and then falls"),
        ("It accelerates", "It first speeds up and then loses speed"),
    ),
    "subject": (
        (
            "The subject stays in the centre of the image",
            "The subject moves away from the centre of the image",
        ),
        ("It keeps the subject in the centre of the image", "The subject does not stay centred"),
    ),
}


def sampled_clips(
    preset: str, layout: str, track_target: str, frames: int, speed_m_per_s: float
) -> ClipTable:
    """Clips of a preset, around subjects that walk along the x axis."""
    rules: Rules = replace(PRESETS[preset], layout=layout, track_target=track_target)
    feet_m = np.zeros((RIGS, 1, frames, 3))
    feet_m[..., 0] = speed_m_per_s * (np.arange(frames) / FPS - frames / FPS / 2)
    up = np.array([0.0, 0.0, 1.0])
    subjects = Subjects(
        points_m=feet_m[:, 0] + 1.1 * up,
        bodies_m=np.stack([feet_m, feet_m + 1.7 * up], axis=-2),
        ground_m=np.zeros(RIGS),
    )
    rigs = sample_rigs(rules, subjects, seed=11 + frames, frames=frames)
    return clips_of_rigs(rigs, takes=[f"rig_{n}" for n in range(RIGS)], shot=Shot(frames=frames, fps=FPS))


def written(filmed: Filmed, name: str, count: int = 4) -> tuple[str, ...]:
    """Captions of a clip."""
    move = camera_move(
        CameraPose.of(filmed.rotation, filmed.position_m),
        fps=filmed.fps,
        focal_length_mm=filmed.focal_mm,
        subject_m=filmed.subject_m,
    )
    return camera_captions(move, count, rng_for(5, "camera captions", name))


def filmed_clips() -> Iterator[tuple[str, str, Filmed]]:
    """Motion, speed class and numbers of the clips of all presets, layouts and subjects."""
    for shot in SHOTS:
        clips = sampled_clips(*shot)
        for number, row in enumerate(clips):
            poses = clips.poses[number]
            filmed = Filmed(
                rotation=poses.rotation,
                position_m=poses.position_m,
                focal_mm=row.focal_length_mm * clips.focal_ratios[number],
                subject_m=clips.subject_points_m[number],
                fps=row.fps,
            )
            yield row.motion, row.speed_class, filmed


def by_hand(name: str) -> Filmed:
    """Moves of one primitive, or of several, in 61 frames from 4 m before the subject at the origin."""
    time = np.linspace(0, 1, 61)
    # Looks along +y, level.
    rotation = np.tile(np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]), (61, 1, 1))
    position_m = np.tile([0.0, -4.0, 0.0], (61, 1))
    focal_mm = np.full(61, 35.0)
    angle = {"roll_clockwise": 20, "roll_counterclockwise": -20}.get(name, 0) * time[:, None]
    rotation = rotation @ Rotation.from_euler("z", angle, degrees=True).as_matrix()
    if name in ("zoom_in", "zoom_out"):
        focal_mm = 35.0 * (1.6 if name == "zoom_in" else 1 / 1.6) ** time
    if name in ("dolly_zoom_in", "dolly_zoom_out"):
        position_m[:, 1] += (1.5 if name == "dolly_zoom_in" else -1.5) * time
        focal_mm = 35.0 * -position_m[:, 1] / 4
    if name in ("hand_held", "hand_held_dolly"):
        random = rng_for(3, name)
        rotation = (
            rotation @ Rotation.from_euler("xyz", random.normal(0, 0.3, (61, 3)), degrees=True).as_matrix()
        )
        position_m += random.normal(0, 0.004, (61, 3))
        position_m[:, 1] += 1.5 * time if name == "hand_held_dolly" else 0.0
    return Filmed(rotation, position_m, focal_mm, np.zeros((61, 3)), FPS)


@pytest.fixture(scope="module")
def captioned() -> list[tuple[str, str, Geometry, tuple[str, ...]]]:
    found = []
    for number, (motion, speed_class, filmed) in enumerate(filmed_clips()):
        found.append((motion, speed_class, Geometry(filmed), written(filmed, f"clip {number}")))
    return found


def test_no_caption_contradicts_its_poses(captioned: list) -> None:
    captions = [caption for *_, captions in captioned for caption in captions]
    assert len(captions) >= 1000
    kinds = {kind for kind in MOTIONS if kind != "pan_tilt"}
    assert {motion for motion, *_ in captioned} == kinds
    assert {speed for _, speed, *_ in captioned} == {"none", "constant", "variable", "eased"}
    wrong = [
        one
        for *_, geometry, some in captioned
        for caption in some
        for one in contradictions(caption, geometry)
    ]
    assert not wrong


BY_HAND = {
    "roll_clockwise": "rolls clockwise by 20 degrees",
    "roll_counterclockwise": "rolls counter-clockwise by 20 degrees",
    "zoom_in": "zooms in by a factor of 1.6",
    "zoom_out": "zooms out by a factor of 1.6",
    "dolly_zoom_in": "dolly zoom",
    "dolly_zoom_out": "dolly zoom",
    "hand_held": "hand",
    "hand_held_dolly": "by 1.5 metres",
}


@pytest.mark.parametrize("name", BY_HAND)
def test_moves_made_by_hand_are_captioned_without_contradiction(name: str) -> None:
    filmed = by_hand(name)
    captions = written(filmed, name, 12)
    assert any(BY_HAND[name] in caption for caption in captions), captions
    geometry = Geometry(filmed)
    assert not [one for caption in captions for one in contradictions(caption, geometry)]


def test_the_oracle_finds_planted_contradictions(captioned: list) -> None:
    clips = [(geometry, captions) for *_, geometry, captions in captioned]
    for name in BY_HAND:
        filmed = by_hand(name)
        clips.append((Geometry(filmed), written(filmed, name, 12)))
    planted = [
        (kind, false, geometry)
        for geometry, captions in clips
        for caption in captions
        for kind, false in false_captions(caption)
    ]
    missed = [(kind, false) for kind, false, geometry in planted if not contradictions(false, geometry)]
    assert {kind for kind, *_ in planted} == {*EXCHANGED, "twice", "half"}
    assert len(planted) > 3000
    assert len(missed) <= 0.01 * len(planted), missed[:20]


def false_captions(caption: str) -> Iterator[tuple[str, str]]:
    """The caption with words exchanged, or with one amount twice or half as large."""
    for kind, pairs in EXCHANGED.items():
        for first, second in pairs:
            other = {first: second, second: first}
            words = sorted(map(re.escape, other), key=len, reverse=True)
            pattern = rf"(?<![\w-])(?:{'|'.join(words)})(?![\w-])"
            if re.search(pattern, caption):
                yield kind, re.sub(pattern, lambda found, other=other: other[found[0]], caption)
    for found in re.finditer(r"(?<=by |is |of )\d+(?:\.\d+)?(?= (?:degrees|metres?|centimetres))", caption):
        for kind, factor in (("twice", 2.0), ("half", 0.5)):
            number = f"{factor * float(found[0]):g}"
            yield kind, caption[: found.start()] + number + caption[found.end() :]


def test_captions_depend_on_their_seed_and_differ_from_each_other() -> None:
    filmed = by_hand("zoom_in")
    assert written(filmed, "a") == written(filmed, "a") != written(filmed, "b")
    assert len(set(written(filmed, "a", 8))) == 8
    assert written(filmed, "a", 0) == ()


@pytest.mark.parametrize("frames", [1, 2, 3, 7])
def test_short_clips_have_captions(frames: int) -> None:
    whole = by_hand("dolly_zoom_in")
    parts = (whole.rotation, whole.position_m, whole.focal_mm, whole.subject_m)
    filmed = Filmed(*(one[:frames] for one in parts), fps=FPS)
    captions = written(filmed, "short")
    assert captions and all(caption.endswith(".") for caption in captions)


def test_captions_are_plain_sentences(captioned: list) -> None:
    for *_, captions in captioned:
        for caption in captions:
            assert re.fullmatch(r"(?:[A-Z][A-Za-z0-9 ,.'-]*?\.(?: |$))+", caption), caption
            assert not re.search(r"\b(\w+) \1\b|  | [.,]|,,|\bby 1 degrees|(?<![\d.])\b1 metres", caption), (
                caption
            )
            assert len(caption) < 500
