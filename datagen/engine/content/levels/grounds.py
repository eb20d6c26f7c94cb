"""Kinds of ground."""

from dataclasses import replace

from .site import Ground

COBBLES = Ground(
    texture="cobbles", color=(0.58, 0.55, 0.51), other=(0.51, 0.49, 0.48), tile_cm=640, warp=0.12, gloss=0.10
)
FLAGS = Ground(
    texture="flagstones",
    color=(0.80, 0.75, 0.67),
    other=(0.70, 0.67, 0.62),
    tile_cm=700,
    warp=0.10,
    gloss=0.08,
)
TARMAC = Ground(texture="tarmac", color=(0.52, 0.53, 0.56), other=(0.44, 0.45, 0.48), tile_cm=900, gloss=0.10)
LAWN = Ground(texture="turf", color=(0.50, 0.56, 0.38), other=(0.58, 0.59, 0.42), tile_cm=800)
MEADOW = Ground(
    texture="turf", color=(0.58, 0.62, 0.40), other=(0.70, 0.67, 0.44), tile_cm=1100, patch_cm=900
)
SAND = Ground(texture="sand", color=(0.76, 0.68, 0.55), other=(0.68, 0.60, 0.48), tile_cm=800, patch_cm=700)
SOIL = Ground(texture="soil", color=(0.60, 0.50, 0.40), other=(0.70, 0.60, 0.48), tile_cm=480)
GRAVEL = Ground(texture="gravel", color=(0.76, 0.72, 0.66), other=(0.68, 0.65, 0.60), tile_cm=380)
LITTER = Ground(texture="litter", color=(0.66, 0.55, 0.42), other=(0.56, 0.54, 0.38), tile_cm=420)
SNOW = Ground(texture="snow", color=(0.90, 0.92, 0.96), other=(0.84, 0.87, 0.94), tile_cm=700, gloss=0.08)
DESERT = Ground(texture="sand", color=(0.90, 0.70, 0.50), other=(0.82, 0.60, 0.42), tile_cm=900, patch_cm=900)
WATER = Ground(
    texture="water",
    color=(0.32, 0.48, 0.54),
    other=(0.26, 0.42, 0.52),
    gloss=0.8,
    tile_cm=1100,
    patch_cm=1500,
)
DECK = Ground(
    texture="decking", color=(0.72, 0.58, 0.44), other=(0.64, 0.52, 0.42), tile_cm=660, warp=0.0, gloss=0.1
)
PLAIN = Ground(texture="stucco", color=(0.80, 0.78, 0.76), other=(0.74, 0.73, 0.72), tile_cm=600, gloss=0.06)
PALE_FLAGS = replace(FLAGS, color=(0.74, 0.72, 0.68), other=(0.66, 0.64, 0.61), tile_cm=620)
