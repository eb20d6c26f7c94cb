"""The looks: what each needs from the machine, and its graphics pipe.

``lit`` renders with OpenGL through EGL (a GPU, or llvmpipe on the CPU): sun, shadows, sky, gloss, tone curve.
``cinematic`` is ``lit`` with softer shadows, and with several samples for each pixel of lit images.
``fast`` renders with Panda's software renderer: the same scene with Gouraud light, without shadows or depth.
"""

import ctypes
import os
from dataclasses import dataclass, replace

from panda3d.core import CullBinManager, GraphicsPipe, GraphicsPipeSelection, load_prc_file_data

from multitake.errors import InputError

# Of walls and grounds, which are behind other things, and of the sky.
LARGE_BIN, SKY_BIN = "large", "sky"
# Panda's transform cache would replace a matrix by an earlier one that differs by less than 1e-6.
_SETTINGS = """
window-type offscreen
audio-library-name null
notify-level error
sync-video false

model-cache-dir
egl-device-index 0
assert-abort false
transform-cache false
uniquify-transforms false
uniquify-matrix false
"""


@dataclass(frozen=True, kw_only=True)
class Look:
    """A way to render: the Panda module behind it and the system libraries it needs, with their apt packages.

    Depth, normals and surface ids need shaders. ``film_offset_px`` centres the images of the software
    renderer, which snaps corners to whole pixels, up and to the left. Textures, tints and lights are raised
    to ``tone_exponent``, because the software renderer multiplies display values and would be darker than
    ``lit``. ``multisamples`` is the default of the console variable r.MSAACount.
    """

    name: str
    module: str
    pipe_type: str
    libraries: dict[str, str]
    has_shaders: bool
    film_offset_px: float
    tone_exponent: float
    multisamples: int = 1
    has_soft_shadows: bool = False


_LIT = Look(
    name="lit", module="p3headlessgl", pipe_type="eglGraphicsPipe",
    libraries={"libX11.so.6": "libx11-6", "libEGL.so.1": "libegl1", "libGL.so.1": "libgl1"},
    has_shaders=True, film_offset_px=0.0, tone_exponent=1.0,
)  # fmt: skip
LOOKS: dict[str, Look] = {
    "lit": _LIT,
    "cinematic": replace(_LIT, name="cinematic", multisamples=4, has_soft_shadows=True),
    "fast": Look(
        name="fast", module="p3tinydisplay", pipe_type="TinyOffscreenGraphicsPipe",
        libraries={"libX11.so.6": "libx11-6"}, has_shaders=False, film_offset_px=0.25, tone_exponent=0.75,
    ),
}  # fmt: skip


def look_named(name: str) -> Look:
    """Return the look of that name; raise ``InputError`` if there is none."""
    if name not in LOOKS:
        raise InputError(f"unknown look '{name}'", where="--look", fix=f"use one of {', '.join(LOOKS)}")
    return LOOKS[name]


def missing_packages(look: Look) -> list[str]:
    """Return the apt packages of the libraries that cannot be loaded on this machine."""
    missing = []
    for library, package in look.libraries.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    return missing


def open_pipe(look: Look) -> GraphicsPipe:
    """Return the graphics pipe of ``look``; InputError with the apt command if a library is missing."""
    # Limit llvmpipe to one thread: one engine uses one core.
    os.environ.setdefault("LP_NUM_THREADS", "1")
    if packages := missing_packages(look):
        raise InputError(
            f"the look '{look.name}' cannot start: system libraries are missing",
            where="multitake engine",
            fix=f"apt-get install --yes {' '.join(packages)}",
        )
    load_prc_file_data("multitake", f"{_SETTINGS}\nload-display {look.module}\n")
    # Draw what is near first, as hidden pixels cost little. Panda's usual order is that of addresses in
    # memory, which differ between runs.
    bins = CullBinManager.get_global_ptr()
    bins.set_bin_type(bins.find_bin("opaque"), CullBinManager.BT_front_to_back)
    # Between the bins "opaque" (20) and "transparent" (30).
    bins.add_bin(LARGE_BIN, CullBinManager.BT_front_to_back, 22)
    bins.add_bin(SKY_BIN, CullBinManager.BT_unsorted, 25)
    pipe = GraphicsPipeSelection.get_global_ptr().make_pipe(look.pipe_type, look.module)
    if pipe is None or not pipe.is_valid():
        raise InputError(
            f"the look '{look.name}' cannot start: {look.module} offers no graphics pipe",
            where="multitake engine",
            fix=f"apt-get install --yes {' '.join(look.libraries.values())}, or use another look",
        )
    return pipe
