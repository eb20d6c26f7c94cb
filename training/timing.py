"""How fast a run is: seconds by what they were spent on, and the arithmetic done in them."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from .config import Config
from .models.flops import training_flops
from .models.recammaster import CamWanTransformer3DModel

# Dense bfloat16 arithmetic, operations per second, by a part of the name of the GPU.
_PEAK_FLOPS = {"H200": 989e12, "H100": 989e12, "A100": 312e12, "L40S": 362e12, "RTX 4090": 165e12}


class Stopwatch:
    """Seconds by name, since they were last taken."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """A block whose seconds are counted."""
        began_s = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[name] += time.perf_counter() - began_s

    def taken(self) -> dict[str, float]:
        """The seconds so far; they begin at zero again."""
        taken, self._seconds = dict(self._seconds), defaultdict(float)
        return taken


class Speed:
    """The figures of speed of a step; ``latent_shape`` is that of one video.

    Samples are those of all processes, arithmetic and memory those of one.
    """

    def __init__(
        self,
        model: CamWanTransformer3DModel,
        latent_shape: tuple[int, ...],
        config: Config,
        device: torch.device,
        world_size: int,
    ) -> None:
        self._samples, self._device = config.batch_size, device
        of_sample = training_flops(model, latent_shape, config.model.text_tokens)
        self._flops = config.batch_size / world_size * of_sample

    def figures(self, seconds: float, parts: dict[str, float]) -> dict[str, float]:
        """What a step that took so long says: ``parts`` are the seconds of waiting and encoding in it."""
        found = {
            "seconds": seconds,
            **{f"{name}_s": taken for name, taken in parts.items()},
            "samples_per_s": self._samples / seconds,
            "tflops": self._flops / seconds / 1e12,
        }
        if self._device.type == "cuda":
            name = torch.cuda.get_device_name(self._device)
            peak = next((flops for part, flops in _PEAK_FLOPS.items() if part in name), None)
            found |= {"mfu": self._flops / seconds / peak} if peak else {}
            found["peak_gb"] = torch.cuda.max_memory_allocated(self._device) / 1e9
        return {name: round(value, 4) for name, value in found.items()}
