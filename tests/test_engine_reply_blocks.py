"""Memory of replies: no two that somebody holds share a block, and memory that nobody holds is used again."""

import numpy as np

from datagen.engine.protocol.image_files import bmp, npy
from datagen.engine.protocol.reply_blocks import ReplyBlocks
from multitake.randomness import rng_for


def test_a_block_is_never_given_to_two() -> None:
    rng, blocks = rng_for(3, "blocks"), ReplyBlocks()
    held: list[tuple[int, memoryview]] = []
    for number in range(400):
        block = blocks.take(int(rng.integers(1, 4)) * 1000)
        block[:] = number % 251
        held.append((number % 251, block.data))
        del block
        if len(held) > 12:
            del held[int(rng.integers(len(held)))]
        assert all((np.frombuffer(view, dtype=np.uint8) == value).all() for value, view in held)


def test_memory_that_nobody_holds_is_used_again() -> None:
    blocks = ReplyBlocks()
    places = {blocks.take(5000).ctypes.data for _ in range(50)}
    assert len(places) == 1
    views = [blocks.take(5000).data for _ in range(50)]
    assert len({np.frombuffer(view, dtype=np.uint8).ctypes.data for view in views}) == 50


def test_files_that_are_held_keep_their_bytes() -> None:
    rng = rng_for(5, "images")
    images = [rng.integers(0, 256, (7, 9, 4), dtype=np.uint8)[::-1] for _ in range(30)]
    files = [(bmp(image), npy(image)) for image in images]
    for image, (one, other) in zip(images, files, strict=True):
        assert bytes(one).endswith(image.tobytes())
        assert bytes(other).endswith(image.tobytes())
