"""Equal batches give equal videos, depth, masks and poses, in every version of the code.

The checksums belong to one version of the engine and of the encoders; other versions are skipped. The last
bits of joints and surfaces depend on the processor (BLAS has code for each): they are compared to 1 um.
"""

import hashlib
import io
import json
import tarfile
from pathlib import Path

import av
import numpy as np
import pytest

from datagen.batch_file import load_batch
from datagen.catalog import load_catalog
from datagen.drive import RunningEngine
from datagen.film import film_take
from datagen.plan import plan_takes
from shards import stage_take, store_at
from shards.staging import staged_fragment
from shards.tar import tar_end

_ROUNDED = (".surfaces.npz", ".joints.npz")
GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("look", ["fast", "lit"])
def test_a_batch_gives_the_bytes_of_its_checksums(look: str, tmp_path: Path) -> None:
    batch = load_batch(GOLDEN / f"film-{look}.toml")
    catalog = load_catalog(batch.scene, folder=GOLDEN)
    expected = json.loads((GOLDEN / f"film-{look}.json").read_text())
    engine = RunningEngine(batch.engine, worker=0)
    try:
        versions = (engine.driver.engine_version(), ".".join(map(str, av.library_versions["libavcodec"])))
        if versions != (expected["engine"], expected["libavcodec"]):
            pytest.skip(f"checksums are those of {expected['engine']}, this is {versions[0]}")
        found = {}
        (tmp_path / "dataset.json").touch()
        (tmp_path / "staging").mkdir()
        for take in plan_takes(batch, catalog):
            stage_take(tmp_path, film_take(engine.driver, batch, take))
            found |= _checksums(staged_fragment(store_at(tmp_path), take.key))
    finally:
        engine.close()
    assert found == expected["sha256"]


def _checksums(fragment: bytes) -> dict[str, str]:
    """Checksums of the members of a take, without its rows of the tables."""
    with tarfile.open(fileobj=io.BytesIO(fragment + tar_end(len(fragment)))) as tar:
        contents = {member.name: tar.extractfile(member) for member in tar}
        return {
            name: hashlib.sha256(
                _rounded(file.read()) if name.endswith(_ROUNDED) else file.read()
            ).hexdigest()
            for name, file in contents.items()
            if file and not name.endswith(".take.json")
        }


def _rounded(content: bytes) -> bytes:
    """Names, types and values of arrays, with 6 decimals."""
    arrays = np.load(io.BytesIO(content))
    # Without negative zeros.
    values = (
        (name, np.round(arrays[name], 6) + 0.0 if arrays[name].dtype.kind == "f" else arrays[name])
        for name in arrays.files
    )
    return b"".join(
        f"{name} {value.dtype} {value.shape}".encode() + value.tobytes() for name, value in values
    )
