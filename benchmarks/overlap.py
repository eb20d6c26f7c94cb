"""How much rendering and encoding overlap while one worker films takes.

``generate_over_slower_stage``: speed of a worker (render, encode, stage the take) over the speed of the
slower of its two parts alone: rendering without encoding, and encoding images that are in memory. 1 is
perfect overlap.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from datagen.batch import Batch, EngineChoice, SceneChoice
from datagen.catalog import load_catalog
from datagen.drive import FrameImages, RunningEngine
from datagen.encoding import EncoderThread, TakeEncoder
from datagen.film_worker import FilmJob, FilmWorker
from datagen.plan import plan_take, take_clips, take_rigs

from .figures import Figure, interleaved


def measure(*, quick: bool) -> Iterator[Figure]:
    batch = Batch(
        seed=1,
        takes=1,
        frames=21 if quick else 81,
        width_px=256,
        height_px=144,
        scene=SceneChoice(environments=("street",)),
        engine=EngineChoice(look="lit"),
    )
    catalog = load_catalog(batch.scene, folder=Path())
    take = plan_take(batch, catalog, 0)
    rigs = take_rigs(batch, take)
    rig, clips = rigs.rig(0), take_clips(batch, take, rigs)
    engine = RunningEngine(batch.engine, worker=0)
    filmed: list[FrameImages] = []

    def render() -> None:
        filmed.clear()
        engine.driver.set_scene(take, len(rig.cameras))
        engine.driver.set_lens(rig.lens, batch.width_px, batch.height_px)
        for frame in range(batch.frames):
            engine.driver.set_time(frame, frame / batch.fps)
            filmed.append(engine.driver.film_frame(rig.poses[:, frame], batch.passes))

    def encode() -> None:
        with EncoderThread(TakeEncoder(batch.passes, clips, (), None)) as thread:
            for frame in filmed:
                thread.add(frame)
        thread.finished().camera_members()

    with TemporaryDirectory() as folder:
        (Path(folder) / "staging").mkdir()
        (Path(folder) / "dataset.json").touch()
        worker = FilmWorker(FilmJob(batch=batch, catalog=catalog, dataset=Path(folder)), 0)
        worker.check_engine()

        def generate() -> None:
            outcome = worker.film(0)
            assert outcome.reason is None, outcome.reason

        calls = {"rendering": render, "encoding": encode, "generate": generate}
        try:
            seconds = interleaved(calls, rounds=2 if quick else 5)
        finally:
            worker.close()
            engine.close()
    yield from _figures(seconds, batch.frames * len(rig.cameras))


def _figures(seconds: dict[str, float], camera_frames: int) -> Iterator[Figure]:
    slower = max("rendering", "encoding", key=lambda name: seconds[name])
    for name in seconds:
        yield Figure(
            benchmark="overlap",
            figure=f"{name}_camera_frames_per_s",
            value=camera_frames / seconds[name],
            unit="1/s",
        )
    yield Figure(
        benchmark="overlap",
        figure="generate_over_slower_stage",
        value=seconds[slower] / seconds["generate"],
        unit="of the slower part's speed",
        against=f"{slower} alone",
        against_value=1.0,
    )
