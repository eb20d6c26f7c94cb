"""The page of `multitake browse` in a real browser: videos in step, frames, depth, tracks, search, damage."""

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from chromium_pipe import CHROMIUM, Chromium
from conftest import TINY_BATCH_FILES, TINY_KEYS, tiny_info

from datagen.batch import Batch, EngineChoice, SceneChoice
from datagen.catalog import load_catalog
from datagen.drive import RunningEngine
from datagen.film import film_take
from datagen.plan import plan_take
from shards import DatasetWriter, FilmedTake, open_dataset
from shards.browse import BrowseServer
from trajectories.sampling import rules_from

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium")

_READY = "typeof clock !== 'undefined' && tiles.length && clock.usable.length === tiles.length"
# The images that the videos show, as rows of red, green and blue.
_IMAGES = """tiles.map(({ video }) => {
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [video.videoWidth, video.videoHeight];
  const pen = sheet.getContext("2d");
  pen.drawImage(video, 0, 0);
  return [...pen.getImageData(0, 0, sheet.width, sheet.height).data].filter((_, k) => k % 4 < 3);
})"""

# The frame of the clock, and the times of the videos, a little later.
_TIMES = """new Promise((done) => setTimeout(
  () => done([clock.frame, ...tiles.map(({ video }) => video.currentTime)]), 60
))"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(tmp_path_factory.mktemp("profile")) as chromium:
        yield chromium


def shown(browser: Chromium, url: Path, fragment: str = "") -> Iterator[Chromium]:
    """The page of a data set in the browser, until its videos are ready; closed afterwards."""
    with BrowseServer(open_dataset(url)) as server:
        threading.Thread(target=server.serve, daemon=True).start()
        browser.console.clear()
        browser.open(server.url + fragment)
        yield browser
        browser.open("about:blank")
        server.close()


@pytest.fixture
def tiny(browser: Chromium, tiny_dataset: Path) -> Iterator[Chromium]:
    for page in shown(browser, tiny_dataset, f"#take={TINY_KEYS[2]}&cam=cam02&frame=4"):
        page.until(_READY)
        yield page


def test_the_address_of_a_view_opens_it(tiny: Chromium) -> None:
    assert tiny.value("[take.take, chosen.name, clock.frame]") == [TINY_KEYS[2], "cam02", 4]
    assert tiny.console == []


def test_every_camera_shows_the_frame_of_the_clock(tiny: Chromium, tiny_dataset: Path) -> None:
    take = open_dataset(tiny_dataset).take(TINY_KEYS[2])
    frames = [take.clip(camera).frames().astype(int) for camera in take.cameras]
    for key, frame in (("ArrowRight", 5), ("ArrowRight", 6), ("ArrowLeft", 5), ("End", 20), ("Home", 0)):
        tiny.key(key)
        tiny.value("clock.settled()")
        assert tiny.value("clock.frame") == frame
        for image, expected in zip(tiny.value(_IMAGES), frames, strict=True):
            differences = np.abs(expected - np.reshape(image, expected.shape[1:])).mean(axis=(1, 2, 3))
            assert differences.argmin() == frame
            assert differences[frame] < 4


def test_videos_play_in_step_and_start_again(tiny: Chromium) -> None:
    tiny.value("clock.setSpeed(0.5)")
    tiny.key(" ")
    seen, apart = [], []
    for _ in range(60):
        frame, *times_s = tiny.value(_TIMES)
        seen.append(frame)
        apart.append((max(times_s) - min(times_s)) * 15)
    assert tiny.value("clock.playing")
    steps = np.diff(seen)
    assert len(set(seen)) > 10
    # It loops: the frame goes down at most where the take starts again.
    assert (steps[steps < 0] < -5).all() and (steps < 0).any()
    assert np.median(apart) < 1
    tiny.key(" ")
    tiny.value("clock.settled()")
    assert not tiny.value("clock.playing")
    assert len({round(time, 4) for time in tiny.value("tiles.map((t) => t.video.currentTime)")}) == 1


def test_a_take_that_is_stopped_and_started_has_one_clock(tiny: Chromium) -> None:
    tiny.value("(() => { for (let k = 0; k < 7; k++) clock.playing ? clock.pause() : clock.play(); })()")
    # The calls of the clock in 20 images of the screen.
    ticks = tiny.value("""new Promise((done) => {
      const tick = clock.tick;
      let ticks = 0, images = 0;
      clock.tick = (...given) => { ticks++; tick.apply(clock, given); };
      const count = () => (images++ < 20 ? requestAnimationFrame(count) : done(ticks));
      setTimeout(() => { ticks = 0; count(); }, 300);
    })""")
    assert tiny.value("clock.playing")
    # The end of the take, where the clock waits, can be among them.
    assert 5 <= ticks <= 22


def test_the_rig_and_the_layers_follow_the_clock(tiny: Chromium) -> None:
    tiny.until(
        "at('rig').dataset.frame === '4' && layers.every((layer) => layer.figure.dataset.frame === '4')"
    )
    before = tiny.value("at('rig').toDataURL()")
    tiny.value("clock.seek(15)")
    tiny.until(
        "at('rig').dataset.frame === '15' && layers.every((layer) => layer.figure.dataset.frame === '15')"
    )
    after = tiny.value("at('rig').toDataURL()")
    assert before != after
    tiny.value("view.turn(0.5, 0.1)")
    tiny.until(f"at('rig').toDataURL() !== {after!r}")
    assert tiny.value("layers.map((layer) => [layer.kind, layer.image.naturalWidth])") == [
        ["depth", 64],
        ["mask", 64],
    ]


def test_the_list_is_searched_and_opens_takes(tiny: Chromium) -> None:
    tiny.value("at('words').value = 'take 1', at('search').requestSubmit()")
    tiny.until("at('takes').children.length === 1")
    assert tiny.value("at('found').textContent") == "1 of 3 takes"
    tiny.value("at('takes').querySelector('button').click()")
    tiny.until(f"take.take === {TINY_KEYS[1]!r}")
    tiny.value("at('words').value = '', at('where').value = 'nonsense = 1', at('search').requestSubmit()")
    tiny.until("at('status').textContent.includes('unknown column')")
    tiny.value("at('where').value = '', at('search').requestSubmit()")
    tiny.until("at('takes').children.length === 3")
    tiny.key("ArrowDown")
    tiny.until(f"take.take === {TINY_KEYS[2]!r}")


def test_quick_presses_of_a_key_are_all_counted(tiny: Chromium) -> None:
    tiny.key("ArrowUp")
    tiny.key("ArrowUp")
    tiny.until(f"take.take === {TINY_KEYS[0]!r}")


def test_the_list_shows_one_search(tiny: Chromium) -> None:
    # Answers for "take" come late; they are older than those for "take 1".
    tiny.value("""(() => {
      const fetched = window.fetch;
      window.fetch = async (address) => {
        const answer = await fetched(address);
        if (String(address).includes("words=take&")) await new Promise((done) => setTimeout(done, 500));
        return answer;
      };
      at("words").value = "take"; window.late = search();
      at("words").value = "take 1"; search();
    })()""")
    tiny.until("at('takes').children.length === 1")
    tiny.value("window.late")
    assert tiny.value("at('takes').children.length") == 1


def test_more_of_a_list_is_of_the_search_that_it_shows(tiny: Chromium) -> None:
    tiny.value("at('words').value = 'take 1', search()")
    tiny.value("listed = [], at('words').value = 'take 2', at('more').click()")
    tiny.until("listed.length === 1")
    assert tiny.value("listed[0].take") == TINY_KEYS[1]


def test_an_unreadable_take_is_named_alone_and_can_be_left(
    browser: Chromium, tiny_dataset: Path, tmp_path: Path
) -> None:
    url = Path(shutil.copytree(tiny_dataset, tmp_path / "dataset"))
    member = open_dataset(url).take(TINY_KEYS[1]).member("poses")
    content = bytearray((url / "shards" / "00000.tar").read_bytes())
    content[member.offset + member.size // 2] ^= 0xFF
    (url / "shards" / "00000.tar").write_bytes(content)
    for page in shown(browser, url):
        page.until(_READY)
        page.key("ArrowDown")
        said = page.until("document.querySelector('main p')?.textContent")
        assert TINY_KEYS[1] in said and "checksum mismatch" in said
        # Nothing of the take before is left.
        assert page.value("at('take').textContent") == TINY_KEYS[1]
        for name in ("camera", "captions", "facts", "legend"):
            assert page.value(f"at({name!r}).textContent") == ""
        current = page.value(
            "[...document.querySelectorAll('[aria-current=true]')].map((one) => one.innerText)"
        )
        assert len(current) == 1 and current[0].startswith(TINY_KEYS[1])
        assert not page.value("Boolean(view.rig)")
        page.key(" ")
        page.value("at('rig').ondblclick()")
        page.key("ArrowDown")
        page.until(f"take && take.take === {TINY_KEYS[2]!r}")
        page.until(_READY)
        assert page.console == []


def test_a_damaged_video_is_named_and_the_others_play(
    browser: Chromium, tiny_dataset: Path, tmp_path: Path
) -> None:
    url = Path(shutil.copytree(tiny_dataset, tmp_path / "dataset"))
    member = open_dataset(url).take(TINY_KEYS[0]).member("video", "cam02")
    content = bytearray((url / "shards" / "00000.tar").read_bytes())
    content[member.offset + member.size // 2] ^= 0xFF
    (url / "shards" / "00000.tar").write_bytes(content)
    for page in shown(browser, url):
        page.until("typeof clock !== 'undefined' && clock.usable.length === 2")
        said = page.until("tiles[1].picture.querySelector('p')?.textContent")
        assert "checksum mismatch" in said
        page.value("clock.seek(7)")
        page.key(" ")
        page.until("clock.playing && clock.frame > 8")


def test_a_damaged_depth_image_is_named(browser: Chromium, tiny_dataset: Path, tmp_path: Path) -> None:
    url = Path(shutil.copytree(tiny_dataset, tmp_path / "dataset"))
    member = open_dataset(url).take(TINY_KEYS[2]).member("depth", "cam02")
    shard = url / "shards" / "00001.tar"
    content = bytearray(shard.read_bytes())
    content[member.offset + member.size // 2] ^= 0xFF
    shard.write_bytes(content)
    for page in shown(browser, url, f"#take={TINY_KEYS[2]}&cam=cam02&frame=7"):
        page.until(_READY)
        depth = "layers.find((layer) => layer.kind === 'depth')"
        assert "checksum mismatch" in page.until(f"{depth}.line.textContent")
        assert page.value(f"{depth}.image.hidden")
        page.value("choose(tiles[0])")
        page.until(f"{depth}.line.textContent === '' && !{depth}.image.hidden")


def test_another_address_in_an_open_page_is_followed(tiny: Chromium) -> None:
    tiny.value(f"location.hash = '#take={TINY_KEYS[0]}&cam=cam03&frame=6.4'")
    tiny.until(f"take && take.take === {TINY_KEYS[0]!r} && {_READY}")
    assert tiny.value("[chosen.name, clock.frame]") == ["cam03", 6]
    assert tiny.console == []


def test_a_search_without_hits_empties_the_list(tiny: Chromium) -> None:
    tiny.value("at('where').value = \"environment = 'nowhere'\", search()")
    tiny.until("at('found').textContent.startsWith('0 of 3 takes')")
    assert tiny.value("[at('takes').children.length, at('status').textContent]") == [0, ""]


# ---------------------------------------------------------------- tracks
@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A take of three cameras with surfaces."""
    batch = Batch(
        seed=3,
        takes=1,
        frames=5,
        width_px=96,
        height_px=64,
        passes=("surface",),
        scene=SceneChoice(environments=("street",)),
        engine=EngineChoice(look="lit"),
        rules=rules_from({"slots": ["pan", "arc", "static"], "radius_m": [2.0, 3.0]}, "rig"),
    )
    engine = RunningEngine(batch.engine, worker=0)
    try:
        take: FilmedTake = film_take(
            engine.driver, batch, plan_take(batch, load_catalog(batch.scene, folder=Path()), 0)
        )
    finally:
        engine.close()
    info = replace(tiny_info(), frames=5, width_px=96, height_px=64, takes_per_shard=1, planned_takes=1)
    root = tmp_path_factory.mktemp("filmed") / "dataset"
    writer = DatasetWriter(root)
    writer.create(info, TINY_BATCH_FILES)
    writer.stage(take)
    writer.seal(0, [take.row.take])
    return root


def test_a_clicked_pixel_is_followed_in_every_camera(browser: Chromium, filmed: Path) -> None:
    (take,) = open_dataset(filmed)
    for page in shown(browser, filmed):
        page.until(_READY)
        page.value("clock.seek(2)")
        page.value("clock.settled()")
        left, top, width, height = page.value(
            "(({ x, y, width, height }) => [x, y, width, height])(tiles[0].picture.getBoundingClientRect())"
        )
        # A browser knows whole pixels of the page.
        x, y = round(left + width * 0.5), round(top + height * 0.55)
        page.click(x, y)
        said = page.until("at('status').textContent.includes('seen by') && at('status').textContent")
        found = take.clip("cam01").track([((x - left) / width * 96, (y - top) / height * 64)], 2)
        seen = int(found.is_visible.any(axis=(1, 2)).sum())
        assert said == f"{found.objects[0]}: seen by {seen} of 3 cameras"
        for frame in (2, 4):
            page.value(f"clock.seek({frame})")
            marks = page.value(
                "tiles.map(({ marks }) => { const c = marks.querySelector('circle'); "
                "return c && [+c.getAttribute('cx'), +c.getAttribute('cy'), c.getAttribute('class')]; })"
            )
            for number, mark in enumerate(marks):
                expected_px = found.image_px[number, frame, 0]
                assert (mark is None) == bool(np.isnan(expected_px).any())
                if mark:
                    assert np.hypot(*(mark[:2] - expected_px)) < 0.1
                    assert (mark[2] == "seen") == bool(found.is_visible[number, frame, 0])
        page.key("Escape")
        assert page.value("document.querySelectorAll('circle').length") == 0
        assert page.console == []
