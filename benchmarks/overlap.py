"""How much of encoding hides behind rendering, or the reverse, while one worker films takes.

``generate_over_slower_stage``: pace of the worker's whole path (film, encode, commit) over the pace of the
slower of its two stages alone: rendering (drive the engine, drop the pictures) and encoding (the same
pictures, already in memory). 1 is perfect overlap.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from datagen.batch import Batch, EngineChoice, SceneChoice
from datagen.catalog import load_catalog
from datagen.crew import FilmWorker, Order
from datagen.drive.driver import StageFrame
from datagen.drive.engine_process import RunningEngine
from datagen.film import EncodingDesk
from datagen.plan import plan_take, take_rig

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
    catalog = load_catalog(batch.scene, beside=Path())
    take = plan_take(batch, catalog, 0)
    rig = take_rig(batch, take)
    engine = RunningEngine(batch.engine, worker=0)
    filmed: list[StageFrame] = []

    def render() -> None:
        filmed.clear()
        engine.stage.dress(take, rig.lens, len(rig.cameras), batch.width_px, batch.height_px)
        for frame in range(batch.frames):
            engine.stage.set_time(frame / batch.fps, 0.0)
            filmed.append(engine.stage.film_frame(rig.poses[:, frame], batch.passes))

    def encode() -> None:
        with EncodingDesk(batch, rig.cameras) as desk:
            for frame in filmed:
                desk.put(frame)
        desk.clips()

    with TemporaryDirectory() as folder:
        dataset = Path(folder)
        (dataset / "staging").mkdir()
        worker = FilmWorker(Order(batch=batch, catalog=catalog, dataset=dataset), 0)
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
        unit="of the slower stage's pace",
        against=f"{slower} alone",
        against_value=1.0,
    )
