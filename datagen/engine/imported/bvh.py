"""BVH files: a skeleton, and the turns of its joints in each frame."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

import numpy as np
from jaxtyping import Float

from multitake.errors import InputError
from multitake.input_files import read_utf8

from .axes import Y_UP, Z_UP, Axes
from .quaternions import Quaternions, product, rotation_matrices, slerp

MOST_BVH_BYTES = 50_000_000
_MOST_JOINTS, _MOST_FRAMES, _MOST_TURNS = 1000, 50_000, 2_000_000
# From fast motion capture to poses that are seconds apart.
_SHORTEST_FRAME_S, _LONGEST_FRAME_S = 1e-3, 10.0
_FIX = "export the file again"
_CHANNELS = {
    f"{axis}{kind}": (kind, place) for place, axis in enumerate("XYZ") for kind in ("position", "rotation")
}


@dataclass(frozen=True, kw_only=True)
class BvhJoint:
    """A joint: its place in its parent, and its channels in the order of the file, e.g. ``Zrotation``."""

    name: str
    parent: int
    offset: tuple[float, float, float]
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BvhFile:
    """A file, in its own axes and unit. End sites are joints without channels, parents come first.

    ``values`` are the numbers of each frame as they are in the file.
    """

    joints: tuple[BvhJoint, ...]
    frame_time_s: float
    values: Float[np.ndarray, "frames channels"]

    @property
    def duration_s(self) -> float:
        """From the first frame to the last one."""
        return (len(self.values) - 1) * self.frame_time_s

    @property
    def parents(self) -> tuple[int, ...]:
        """The parent of each joint, -1 for the root."""
        return tuple(joint.parent for joint in self.joints)

    def rest(self) -> Float[np.ndarray, "joints 4 4"]:
        """The transforms of the joints (column-vector) if none is turned."""
        turns = np.tile([0.0, 0.0, 0.0, 1.0], (len(self.joints), 1))
        return self._globals(turns, np.array([joint.offset for joint in self.joints]))

    def globals(self, time_s: float) -> Float[np.ndarray, "joints 4 4"]:
        """The transforms of the joints (column-vector) at a time: between frames on the shortest way."""
        place = float(np.clip(time_s / self.frame_time_s, 0.0, len(self.values) - 1))
        before = min(int(place), max(len(self.values) - 2, 0))
        share = place - before
        first, second = (self._turns[min(before + step, len(self.values) - 1)] for step in (0, 1))
        offsets = [self._offsets[min(before + step, len(self.values) - 1)] for step in (0, 1)]
        return self._globals(slerp(first, second, share), (1 - share) * offsets[0] + share * offsets[1])

    def _globals(self, turns: Quaternions, offsets: np.ndarray) -> Float[np.ndarray, "joints 4 4"]:
        locals_ = np.tile(np.eye(4), (len(self.joints), 1, 1))
        locals_[:, :3, :3], locals_[:, :3, 3] = rotation_matrices(turns), offsets
        for joint, parent in enumerate(self.parents):
            if parent >= 0:
                locals_[joint] = locals_[parent] @ locals_[joint]
        return locals_

    @cached_property
    def _turns(self) -> Float[np.ndarray, "frames joints 4"]:
        """The rotation of each joint: its channels from left to right, each in the axes that it turned."""
        turns = np.zeros((len(self.values), len(self.joints), 4))
        turns[..., 3] = 1.0
        for joint, column, kind, axis in self._columns():
            if kind == "rotation":
                half = np.radians(self.values[:, column]) / 2
                turn = np.zeros((len(half), 4))
                turn[:, axis], turn[:, 3] = np.sin(half), np.cos(half)
                turns[:, joint] = product(turns[:, joint], turn)
        return turns

    @cached_property
    def _offsets(self) -> Float[np.ndarray, "frames joints 3"]:
        """The place of each joint in its parent; positions of channels replace offsets."""
        offsets = np.tile(np.array([joint.offset for joint in self.joints]), (len(self.values), 1, 1))
        for joint, column, kind, axis in self._columns():
            if kind == "position":
                offsets[:, joint, axis] = self.values[:, column]
        return offsets

    def _columns(self) -> Iterator[tuple[int, int, str, int]]:
        column = 0
        for index, joint in enumerate(self.joints):
            for channel in joint.channels:
                yield index, column, *_CHANNELS[channel]
                column += 1


def read_bvh(path: Path, where: str) -> BvhFile:
    """Read a file; InputError says what is wrong with it."""
    text = read_utf8(path, fix="give a readable BVH file", most_bytes=MOST_BVH_BYTES)
    reader = _Reader(text, where)
    reader.expect("HIERARCHY")
    joints = reader.hierarchy()
    frames, frame_time_s = reader.motion_header()
    if frames * len(joints) > _MOST_TURNS:
        raise reader.invalid(f"it has {frames} frames of {len(joints)} joints", "divide it into clips")
    channels = sum(len(joint.channels) for joint in joints)
    values = reader.numbers(frames * channels).reshape(frames, channels)
    reader.expect_end(frames, channels)
    return BvhFile(joints=tuple(joints), frame_time_s=frame_time_s, values=values)


class _Reader:
    """The words of a file, one after the other."""

    def __init__(self, text: str, where: str) -> None:
        self._words, self._where = iter(text.split()), where

    def invalid(self, what: str, fix: str = _FIX) -> InputError:
        return InputError(what, where=self._where, fix=fix)

    def word(self) -> str:
        found = next(self._words, None)
        if found is None:
            raise self.invalid("the file is truncated", "copy it again")
        return found

    def expect(self, *words: str) -> str:
        found = self.word()
        if found.upper() not in [word.upper() for word in words]:
            raise self.invalid(f"expected {words[0]}, found {found[:40]!r}")
        return found.upper()

    def number(self) -> float:
        return float(self.numbers(1)[0])

    def numbers(self, count: int) -> Float[np.ndarray, "count"]:
        words = list(islice(self._words, count))
        if len(words) < count:
            raise self.invalid("the file is truncated", "copy it again")
        try:
            values = np.array(words, dtype=np.float64)
        except ValueError as error:
            raise self.invalid("expected numbers, found something else") from error
        if not np.isfinite(values).all():
            raise self.invalid("it has numbers that are not finite")
        return values

    def expect_end(self, frames: int, channels: int) -> None:
        """InputError if there is more than the header says."""
        rest = sum(1 for _ in self._words)
        if rest and channels and rest % channels == 0:
            found = frames + rest // channels
            raise self.invalid(
                f"the header says {frames} frames, the file has {found}", "correct the line Frames"
            )
        if rest:
            raise self.invalid(f"it goes on after its {frames} frames", "correct the line Frames")

    def hierarchy(self) -> list[BvhJoint]:
        """All joints, parents first."""
        self.expect("ROOT")
        joints: list[BvhJoint] = []
        open_joints = [self._joint(joints, -1)]
        while open_joints:
            word = self.expect("JOINT", "END", "}")
            if word == "}":
                open_joints.pop()
            elif len(joints) >= _MOST_JOINTS:
                raise self.invalid(f"it has more than {_MOST_JOINTS} joints", "use a simpler skeleton")
            else:
                open_joints.append(self._joint(joints, open_joints[-1], is_end=word == "END"))
        return joints

    def _joint(self, joints: list[BvhJoint], parent: int, *, is_end: bool = False) -> int:
        """Read a joint up to its children."""
        name = self._name()
        self.expect("OFFSET")
        x, y, z = self.numbers(3).tolist()
        channels: tuple[str, ...] = ()
        if not is_end:
            self.expect("CHANNELS")
            count = self.number()
            if count not in range(7):
                raise self.invalid(f"the joint {name[:40]!r} has {count:g} channels instead of 0 to 6")
            words = [self.word() for _ in range(int(count))]
            channels = tuple(f"{word[:1].upper()}{word[1:].lower()}" for word in words)
            if any(channel not in _CHANNELS for channel in channels):
                raise self.invalid(f"the joint {name[:40]!r} has unknown channels")
            if len(set(channels)) < len(channels):
                raise self.invalid(f"the joint {name[:40]!r} has a channel twice")
        parent_name = joints[parent].name if parent >= 0 else ""
        joints.append(
            BvhJoint(
                name=f"{parent_name} end" if is_end else name,
                parent=parent,
                offset=(x, y, z),
                channels=channels,
            )
        )
        return len(joints) - 1

    def _name(self) -> str:
        """A name, which can have spaces, up to its brace."""
        words: list[str] = []
        while (word := self.word()) != "{":
            words.append(word)
            if len(words) > 20:
                raise self.invalid("expected {, found a name of many words")
        return " ".join(words)

    def motion_header(self) -> tuple[int, float]:
        """The number of frames, and their time."""
        self.expect("MOTION")
        self.expect("Frames:")
        frames = self.number()
        self.expect("Frame")
        self.expect("Time:")
        frame_time_s = self.number()
        if frames != int(frames):
            raise self.invalid(
                f"the number of frames is {frames:g}, which is not whole", "correct the line Frames"
            )
        if frames < 2:
            found = f"{frames:g} frame{'' if frames == 1 else 's'}"
            raise self.invalid(f"it has {found}", "export at least two frames")
        if frames > _MOST_FRAMES:
            raise self.invalid(f"it has more than {_MOST_FRAMES} frames", "divide it into clips")
        if not _SHORTEST_FRAME_S <= frame_time_s <= _LONGEST_FRAME_S:
            bounds = f"{_SHORTEST_FRAME_S:g} to {_LONGEST_FRAME_S:g} s"
            what = f"its frame time is {frame_time_s:g} s instead of {bounds}"
            raise self.invalid(what, "correct the line Frame Time")
        return int(frames), frame_time_s


def up_axes(up: Float[np.ndarray, "3"]) -> Axes | None:
    """The axes of a file in which someone stands along ``up``; None if that is neither Y nor Z."""
    axis = int(np.argmax(np.abs(up)))
    return {1: Y_UP, 2: Z_UP}.get(axis) if up[axis] > 0 else None
