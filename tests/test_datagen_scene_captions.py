"""Captions of takes: true of the scene, plain English, and seeded."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from datagen.batch import Batch
from datagen.batch_file import load_batch
from datagen.captions import captioned, take_captions
from datagen.catalog import Catalog, Light, load_catalog
from datagen.plan import TakeSpec, plan_takes, take_clips, take_rigs

TAKES = 98
WEATHER = re.compile(r"overcast|fog|rain|sun(?!set)|cloud|snow(?!y)", re.IGNORECASE)


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    path = tmp_path_factory.mktemp("batch") / "batch.toml"
    path.write_text(
        f"seed = 4\ntakes = {TAKES}\nframes = 41\nwidth_px = 64\nheight_px = 48\n"
        "[scene]\ncharacters_per_take = [1, 3]\n[captions]\nper_take = 6\nper_camera = 3\n"
        "[rig.validity]\nreject = []\n"
    )
    return load_batch(path)


@pytest.fixture(scope="module")
def catalog(batch: Batch) -> Catalog:
    return load_catalog(batch.scene, folder=Path())


@pytest.fixture(scope="module")
def takes(batch: Batch, catalog: Catalog) -> list[TakeSpec]:
    return list(plan_takes(batch, catalog))


def test_every_caption_names_all_actors_the_place_and_the_light(batch: Batch, takes: list[TakeSpec]) -> None:
    for take in takes:
        words = [take.environment.caption, take.light.caption_in(take.environment)]
        words += [f"{actor.character.caption} {actor.animation.caption}" for actor in take.actors]
        for caption in take_captions(batch, take):
            assert all(phrase.lower() in caption.lower() for phrase in words), caption


def test_the_first_caption_is_the_plain_one_and_all_differ(batch: Batch, takes: list[TakeSpec]) -> None:
    for take in takes:
        captions = take_captions(batch, take)
        assert captions[0] == take.caption
        assert len(set(captions)) == len(captions) == 6
        assert captions == take_captions(batch, take)
        assert captions[1:] != take_captions(replace(batch, seed=5), take)[1:]
        fewer = replace(batch, captions=replace(batch.captions, per_take=2))
        assert take_captions(fewer, take) == captions[:2]


def test_captions_are_plain_sentences(batch: Batch, takes: list[TakeSpec]) -> None:
    for take in takes:
        for caption in take_captions(batch, take):
            assert re.fullmatch(r"[A-Z][^.]*\.(?: [A-Z][^.]*\.)?", caption), caption
            assert not re.search(r"\b(\w+) \1\b|  | [.,:]|,[,.:]|\b1 metres|\b0 metre", caption), caption


def test_distances_are_those_that_actors_walk(batch: Batch, takes: list[TakeSpec]) -> None:
    """Each distance belongs to the actor whose phrase it follows."""
    found = 0
    for take in takes:
        for caption in take_captions(batch, take):
            for actor in take.actors:
                ahead_m = (actor.animation.speed_m_per_s or 0.0) * (batch.frames - 1) / batch.fps
                phrase = re.escape(f"{actor.character.caption} {actor.animation.caption}")
                stated = re.search(rf"{phrase}(?:, covering)? (?:about|roughly) (\d+) metre", caption, re.I)
                found += stated is not None
                assert stated is None or abs(int(stated[1]) - abs(ahead_m)) <= 0.51, caption
    assert found > 50


def test_rooms_have_no_weather(batch: Batch, catalog: Catalog, takes: list[TakeSpec]) -> None:
    rooms = [one for one in catalog.environments if one.is_indoor]
    assert len(rooms) > 15
    for light in catalog.lights:
        for room in rooms:
            for caption in take_captions(batch, replace(takes[0], environment=room, light=light)):
                assert not WEATHER.search(caption.replace("sunset", "").replace("sun hat", "")), caption
    street = next(one for one in catalog.environments if not one.is_indoor)
    fog = next(one for one in catalog.lights if one.name == "fog")
    assert "on a foggy day" in replace(takes[0], environment=street, light=fog).caption


def test_a_light_without_words_leaves_no_gaps(batch: Batch, catalog: Catalog, takes: list[TakeSpec]) -> None:
    silent = Light(name="dark", caption="", pitch_deg=-40.0, yaw_deg=0.0, intensity=1.0)
    for take in takes[:10]:
        captions = take_captions(batch, replace(take, light=silent))
        assert len(set(captions)) == len(captions) >= 4
        for caption in captions:
            assert re.fullmatch(r"[A-Z][^.]*[a-z0-9]\.(?: [A-Z][^.]*[a-z0-9]\.)?", caption), caption
            assert not re.search(r"  | [.,:]|,[,.:]|^,", caption), caption


@pytest.mark.parametrize(
    "caption", ["", " ", "A man.", "A man", "waves.", "a man\nwaves", "a" * 5000, " waves", "in a street,"]
)
@pytest.mark.parametrize("kind", ["environments", "characters", "animations"])
def test_phrases_that_make_no_sentences_are_refused(kind: str, caption: str, catalog: Catalog) -> None:
    first = getattr(catalog, kind)[0]
    fields, entry = vars(first), TypeAdapter(type(first))
    assert entry.validate_python(fields).caption
    with pytest.raises(ValidationError, match="caption"):
        entry.validate_python(fields | {"caption": caption})


def test_clips_get_labels_and_as_many_captions_as_the_batch_asks_for(
    batch: Batch, takes: list[TakeSpec]
) -> None:
    clips = captioned(batch, takes[0], take_clips(batch, takes[0], take_rigs(batch, takes[0])))
    for row in clips:
        assert len(row.captions) == 3 and row.pace != "unknown" and row.move
        assert row.move_amounts is not None and len(row.move_amounts) == len(row.move)
    none = replace(batch, captions=replace(batch.captions, per_camera=0))
    assert all(row.captions == () and row.move for row in captioned(none, takes[0], clips))
