"""Captions of cameras against their poses, as an oracle reads both that shares no code with the writer."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from camera_examples import BY_HAND, by_hand, sampled
from caption_oracle import Filmed, Geometry, contradictions

from datagen.camera_captions import camera_captions
from multitake.randomness import rng_for
from trajectories import MOTIONS, CameraPose, camera_move
from trajectories.sampling import PRESETS, Rules

RATES = (2.0, 3.0, 5.0, 8.0, 12.0, 24.0, 30.0, 60.0)
SHAKEN = Rules(slots=("handheld", "head_mounted_pan", "handheld_arc", "head_mounted_zoom"))
LARGE = Rules(
    random_ratio=(3.0, 8.0), arc_deg=(150.0, 300.0), translation_ratio=(0.8, 1.5), pan_deg=(90.0, 170.0)
)
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
        ("It moves at a constant speed", "Its speed rises and then falls"),
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


def written(filmed: Filmed, name: str, count: int = 4) -> tuple[str, ...]:
    """Captions of a clip."""
    move = camera_move(
        CameraPose.of(filmed.rotation, filmed.position_m),
        fps=filmed.fps,
        focal_length_mm=filmed.focal_mm,
        subject_m=filmed.subject_m,
        sensor_mm=filmed.sensor_mm,
    )
    return camera_captions(move, count, rng_for(5, "camera captions", name))


def filmed_clips() -> Iterator[tuple[str, str, Filmed]]:
    """Motion, speed class and numbers of clips of all presets, layouts, subjects and frame rates."""
    for rules in PRESETS.values():
        for layout in ("shared", "independent"):
            for target, frames, speed in (("start", 81, 0.0), ("start", 41, 0.8), ("subject", 81, 0.8)):
                chosen = replace(rules, layout=layout, track_target=target)
                yield from sampled(chosen, frames=frames, fps=15.0, speed_m_per_s=speed, seed=11 + frames)
    for number, rules in enumerate((*PRESETS.values(), SHAKEN, LARGE)):
        for fps in RATES[number % 3 :: 3]:
            frames = max(9, round((1 + number % 3) * fps))
            chosen = replace(rules, layout="independent")
            yield from sampled(chosen, frames=frames, fps=fps, speed_m_per_s=1.2, seed=number)


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


# What at least one of the captions says.
SAID = {
    "roll_clockwise": "rolls clockwise by 20 degrees",
    "roll_counterclockwise": "rolls counter-clockwise by 20 degrees",
    "roll_over": "rolls clockwise by 180 degrees",
    "zoom_in": "zooms in by a factor of 1.6",
    "zoom_out": "zooms out by a factor of 1.6",
    "zoom_slightly": "zooms in.",
    "zoom_forth_and_back": "first zooms in by a factor of 2.0 and then zooms out",
    "dolly_zoom_in": "dolly zoom",
    "dolly_zoom_out": "dolly zoom",
    "follow": "It follows the subject",
    "forth_and_back": "first moves up by 80 centimetres and then moves down by 80 centimetres",
    "sway": "keeps changing direction",
    "sway_of_pan": "keeps changing direction",
    "circle": "curved path of 6.3 metres",
    "stop": "by 1 metre",
    "whip": "left by 170 degrees",
    "whip_late": "left by 12 degrees",
    "hand_held": "hand",
    "hand_held_turns": "hand",
    "hand_held_dolly": "by 1.5 metres",
}


@pytest.mark.parametrize("name", BY_HAND)
def test_moves_made_by_hand_are_captioned_without_contradiction(name: str) -> None:
    assert SAID.get(name, "") in " ".join(written(by_hand(name), name, 8))
    for frames, fps in ((9, 2.0), (31, 6.0), (61, 15.0), (121, 60.0)):
        filmed = by_hand(name, frames=frames, fps=fps)
        geometry = Geometry(filmed)
        assert not [one for text in written(filmed, name) for one in contradictions(text, geometry)]


@pytest.mark.parametrize(
    ("name", "caption"),
    [
        ("zoom_on_an_approach", "It tracks the moving subject and keeps it in the centre of the image."),
        ("dolly_on_an_approach", "It follows the subject, which stays in the centre of the image."),
        ("zoom_in", "It keeps the subject in the centre of the image."),
        ("zoom_in", "It moves at a constant speed."),
        ("zoom_forth_and_back", "It moves at a varying speed."),
        ("zoom_slightly", "The camera barely moves."),
        ("circle", "The camera shakes."),
        ("sway", "The image shakes, as with a hand-held camera."),
        ("whip", "The camera turns around."),
        ("hand_held_turns", "The camera is static."),
        ("forth_and_back", "It follows a curved path."),
        ("sway", "The camera moves along a curved path of 4.8 metres."),
        ("stairs", "It becomes faster and faster."),
        ("stairs", "Its speed is constant."),
        ("sway_of_pan", "It moves at a constant speed."),
        ("whip_late", "The camera slowly pans left."),
    ],
)
def test_the_oracle_finds_a_false_caption(name: str, caption: str) -> None:
    assert contradictions(caption, Geometry(by_hand(name)))


def test_the_oracle_finds_planted_contradictions(captioned: list) -> None:
    clips = [(geometry, captions) for *_, geometry, captions in captioned]
    for name in ("roll_clockwise", "zoom_in", "zoom_out", "dolly_zoom_in", "dolly_zoom_out"):
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
    captions = written(by_hand("dolly_zoom_in", frames=frames), "short")
    assert captions and all(caption.endswith(".") for caption in captions)


def test_captions_are_plain_sentences(captioned: list) -> None:
    for *_, captions in captioned:
        for caption in captions:
            assert re.fullmatch(r"(?:[A-Z][A-Za-z0-9 ,.'-]*?\.(?: |$))+", caption), caption
            assert not re.search(r"\b(\w+) \1\b|  | [.,]|,,|\bby 1 degrees|(?<![\d.])\b1 metres", caption), (
                caption
            )
            assert len(caption) < 500
