"""Clips of glTF files, evaluated exactly at any time: STEP, LINEAR (slerp) and CUBICSPLINE."""

from bisect import bisect_right
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from .gltf_file import GltfFile
from .gltf_nodes import NodeTree, Trs
from .gltf_schema import Animation, Sampler
from .quaternions import slerp

Values = Float[np.ndarray, "keys components"]
_COMPONENTS = {"translation": 3, "rotation": 4, "scale": 3}
_MOST_KEYS = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Track:
    """One property of one node over time. A cubic spline has tangents before and after each value."""

    node: int
    path: str
    interpolation: str
    times_s: list[float]
    values: Values
    in_tangents: Values | None = None
    out_tangents: Values | None = None

    def at(self, time_s: float) -> Float[np.ndarray, "components"]:
        """The value at a time; before the first key and after the last it does not change."""
        after = bisect_right(self.times_s, time_s)
        if after == 0 or after == len(self.times_s) or self.interpolation == "STEP":
            return self.values[max(after - 1, 0)]
        before, span_s = after - 1, self.times_s[after] - self.times_s[after - 1]
        share = (time_s - self.times_s[before]) / span_s
        if self.in_tangents is not None and self.out_tangents is not None:
            slopes = span_s * self.out_tangents[before], span_s * self.in_tangents[after]
            return _hermite(self.values[before], self.values[after], *slopes, share)
        if self.path == "rotation":
            return slerp(self.values[before], self.values[after], share)
        return (1 - share) * self.values[before] + share * self.values[after]


@dataclass(frozen=True, kw_only=True)
class GltfClip:
    """A clip of a file, with its place there; time starts at 0, at the first key."""

    index: int
    duration_s: float
    tracks: tuple[Track, ...]

    def moved(self, tree: NodeTree, time_s: float) -> dict[int, Trs]:
        """The animated nodes at a time."""
        found: dict[int, Trs] = {}
        for track in self.tracks:
            if track.node in tree.parents:
                now = found.get(track.node) or tree.rest(track.node)
                found[track.node] = replace(now, **{track.path: track.at(time_s)})
        return found


def clip_of(file: GltfFile, name: str | None) -> GltfClip:
    """The named clip of a file, or its only one."""
    clips = file.gltf.animations
    if not clips:
        raise file.invalid("it has no animation", "export it with its animations")
    known = [clip.name for clip in clips]
    names = ", ".join(
        own if own and known.count(own) == 1 else f"#{index}" for index, own in enumerate(known)
    )
    if name is None and len(clips) > 1:
        raise file.invalid(f"it has {len(clips)} animations ({names})", "choose one with the key clip")
    places = [index for index, own in enumerate(known) if name in (None, own)] or [
        index for index in range(len(clips)) if name == f"#{index}"
    ]
    if len(places) > 1:
        fix = f"give {' or '.join(f'#{index}' for index in places[:4])}"
        raise file.invalid(f"{len(places)} animations have the name {name!r}", fix)
    if places:
        return _clip(file, clips[places[0]], places[0])
    raise file.invalid(f"it has no animation {name!r}", f"use one of {names} as clip")


def _clip(file: GltfFile, clip: Animation, index: int) -> GltfClip:
    tracks = tuple(
        _track(file, file.item(clip.samplers, channel.sampler, "sampler"), channel.target.node, path)
        for channel in clip.channels
        if (path := channel.target.path) in _COMPONENTS and channel.target.node is not None
    )
    # Blender's clips start at its first frame, which is not at 0.
    start_s = min((track.times_s[0] for track in tracks), default=0.0)
    tracks = tuple(replace(track, times_s=[time - start_s for time in track.times_s]) for track in tracks)
    duration_s = max((track.times_s[-1] for track in tracks), default=0.0)
    if duration_s <= 0:
        raise file.invalid(f"the animation {clip.name!r} has no frames", "export at least two frames")
    if sum(len(track.times_s) for track in tracks) > _MOST_KEYS:
        raise file.invalid(f"the animation {clip.name!r} has more than {_MOST_KEYS} keys", "resample it")
    return GltfClip(index=index, duration_s=duration_s, tracks=tracks)


def _track(file: GltfFile, sampler: Sampler, node: int, path: str) -> Track:
    if file.item(file.gltf.nodes, node, "node").matrix is not None:
        raise file.invalid(f"node {node} is animated, but has a matrix")
    times = file.array(sampler.input, ("SCALAR",))[:, 0].astype(np.float64)
    values = file.array(sampler.output, ("VEC4",) if path == "rotation" else ("VEC3",)).astype(np.float64)
    is_cubic = sampler.interpolation == "CUBICSPLINE"
    if len(values) != len(times) * (3 if is_cubic else 1) or not len(times):
        raise file.invalid(f"an animation has {len(values)} values for {len(times)} times")
    if times[0] < 0 or (np.diff(times) <= 0).any():
        raise file.invalid("the times of an animation do not increase")
    track = Track(
        node=node, path=path, interpolation=sampler.interpolation, times_s=times.tolist(), values=values
    )
    if is_cubic:
        in_tangents, middle, out_tangents = values.reshape(len(times), 3, -1).transpose(1, 0, 2)
        track = replace(track, values=middle, in_tangents=in_tangents, out_tangents=out_tangents)
    if path == "rotation":
        lengths = np.linalg.norm(track.values, axis=1, keepdims=True)
        if not (lengths > 0.1).all():
            raise file.invalid("an animation has rotations without a direction")
        track = track if is_cubic else replace(track, values=track.values / lengths)
    return track


def _hermite(
    start: np.ndarray, end: np.ndarray, start_slope: np.ndarray, end_slope: np.ndarray, share: float
) -> np.ndarray:
    square, cube = share**2, share**3
    return (
        (2 * cube - 3 * square + 1) * start
        + (cube - 2 * square + share) * start_slope
        + (3 * square - 2 * cube) * end
        + (cube - square) * end_slope
    )
