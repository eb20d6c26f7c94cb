"""What follows from the poses of an entire set: motions, speeds, subjects, and the rules that fit them."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from jaxtyping import Float

from ...clip_table import ClipTable
from ...speed import TimeBase
from ..measured.quantiles import Quantiles, quantiles_of
from .moves import LOOKS_LIKE, ROTATIONS, RULES_MOTION, RecoveredMoves, recover_moves
from .moving_subjects import TARGETS
from .paths import RECOVERED_MOTIONS

_MOST_MOVES = 200


@dataclass(frozen=True, kw_only=True)
class RecoveredMove:
    """The move of one clip according to its poses; ``amount`` in ``unit`` (deg or m) is that of the entire
    move.
    """

    take: str
    camera: str
    motion: str
    amount: float
    unit: str
    speed_a: float | None


@dataclass(frozen=True, kw_only=True)
class Recovered:
    """What follows from poses without the columns of a table.

    Attributes:
        clips: clips of each recovered motion; finer than the motions of the rules (``arc_chord``,
            ``translation_fixed``).
        confusion: (stated motion, recovered motion, clips), if a table states motions.
        agreement: share of clips whose recovered motion is the stated one, or None.
        speed_a_error: 5 % to 95 % of recovered minus stated ``a`` of variable cameras, or None.
        subject_gap_m: 5 % to 95 % of the distance between recovered and stated subject, or None.
        subject_from: ``table`` or ``optical axes``: the subject that is used by the entire report.
        time_base: a ``TimeBase``, or ``unknown``.
        internal_frames: length of the entire move in frames under this time base, or None.
        why: one sentence: what the time base follows from.
        arc_path: ``circle``, ``chord``, ``mixed`` or ``unknown``; spline: a ``Spline`` or ``unknown``.
        targets: rigs whose tracking cameras aim at a ``fixed`` point, at a ``moving`` one, or ``unknown``.
        track_target: ``subject`` if the point moves in any rig (those with a fixed point have subjects that
            stand still), ``start`` if it moves in none, or ``unknown``.
        moves: the first clips, one by one.
    """

    clips: dict[str, int]
    confusion: tuple[tuple[str, str, int], ...]
    agreement: float | None
    speed_a_error: Quantiles | None
    subject_gap_m: Quantiles | None
    subject_from: Literal["table", "optical axes"]
    time_base: str
    internal_frames: float | None
    why: str
    arc_path: str
    spline: str
    targets: dict[str, int]
    track_target: str
    moves: tuple[RecoveredMove, ...]


class RecoveryCounts:
    """Counts over all clips so far; the first table also gives moves one by one."""

    def __init__(self) -> None:
        self.states_moves = True
        self.frames = 1
        self.first: RecoveredMoves | None = None
        self.first_names: list[tuple[str, str]] = []
        self.clips: Counter[str] = Counter()
        self.eased: Counter[bool] = Counter()
        self.targets: Counter[str] = Counter()
        self.stated_bases: Counter[str] = Counter()
        self.confusion: Counter[tuple[str, str]] = Counter()
        self.speed_errors: list[np.ndarray] = []
        self.gaps_m: list[np.ndarray] = []

    def add(self, clips: ClipTable, *, states_moves: bool) -> None:
        """Recover the moves of clips, and compare them with the columns if these state the moves."""
        found = recover_moves(clips)
        self.states_moves &= states_moves
        self.clips.update(found.motion.tolist())
        self.targets.update(found.target[clips.take_starts].tolist())
        self.eased.update(found.is_eased[found.motion == "random"].tolist())
        if self.first is None:
            self.first, self.frames = found, clips.frames
            self.first_names = list(zip(clips["take"].tolist(), clips["camera"].tolist(), strict=True))
        if states_moves:
            self._compare(clips, found)

    def summary(self) -> Recovered:
        """The values of the report."""
        base, why = self._time_base()
        total = sum(self.confusion.values())
        same = sum(
            n
            for (stated, seen), n in self.confusion.items()
            if RULES_MOTION.get(seen, seen) == LOOKS_LIKE.get(stated, stated)
        )
        order = {name: place for place, name in enumerate(RECOVERED_MOTIONS)}
        confusion = sorted(self.confusion.items(), key=lambda item: (item[0][0], order[item[0][1]]))
        return Recovered(
            clips={name: self.clips[name] for name in RECOVERED_MOTIONS if self.clips[name]},
            confusion=tuple((stated, seen, n) for (stated, seen), n in confusion),
            agreement=same / total if total else None,
            speed_a_error=_quantiles(self.speed_errors),
            subject_gap_m=_quantiles(self.gaps_m),
            subject_from="table" if self.states_moves else "optical axes",
            time_base=base,
            internal_frames=self._internal_frames(base),
            why=why,
            arc_path=_either("circle", self.clips["arc"], "chord", self.clips["arc_chord"]),
            spline=_either("catmull_rom", self.eased[False], "unreal_keys", self.eased[True]),
            targets={name: self.targets[name] for name in TARGETS},
            track_target=self._track_target(),
            moves=self._moves(base),
        )

    def _track_target(self) -> str:
        if self.targets["moving"]:
            return "subject"
        return "start" if self.targets["fixed"] else "unknown"

    def _compare(self, clips: ClipTable, found: RecoveredMoves) -> None:
        self.stated_bases.update(clips["time_base"].tolist())
        self.confusion.update(zip(clips["motion"].tolist(), found.motion.tolist(), strict=True))
        gap_m = np.linalg.norm(found.subject_m - clips["subject_m"], axis=1)
        self.gaps_m.append(gap_m[np.isfinite(gap_m)].astype(np.float32))
        is_variable = (clips["speed_class"] == "variable") & ~found.is_eased
        for base in get_args(TimeBase):
            rows = is_variable & (clips["time_base"] == base)
            _, speed_a = found.of_entire_move(clips.frames, base)
            self.speed_errors.append((speed_a - clips["speed_a"])[rows].astype(np.float32))

    def _time_base(self) -> tuple[str, str]:
        """The time base, and what it follows from."""
        if self.states_moves and len(self.stated_bases) == 1 and "unknown" not in self.stated_bases:
            base = next(iter(self.stated_bases))
            return base, f"The table states {base}; poses with sampled amplitudes do not show it."
        if self.first is None:
            return "unknown", "There are no clips."
        likely = self.first.likely_time_base(self.frames)
        if likely is None:
            return "unknown", "Poses do not show it: amplitudes are not round numbers under any time base."
        is_round, can_be = self.first.round_amounts(self.frames, likely)
        why = f"Under {likely}, {is_round} of {can_be} amplitudes are multiples of 0.5 deg or 5 cm."
        return likely, why

    def _internal_frames(self, base: str) -> float | None:
        if base not in get_args(TimeBase) or self.frames < 2:
            return None
        lengths = {"closed": self.frames - 1.0, "paper": float(self.frames), "release": 2.0 * self.frames - 1}
        return lengths[base]

    def _moves(self, base: str) -> tuple[RecoveredMove, ...]:
        found = self.first
        if found is None:
            return ()
        known: TimeBase = next((known for known in get_args(TimeBase) if known == base), "closed")
        amount, speed_a = found.of_entire_move(self.frames, known)
        return tuple(
            RecoveredMove(
                take=take,
                camera=camera,
                motion=str(found.motion[i]),
                amount=round(float(amount[i]), 6),
                unit="deg" if found.motion[i] in ROTATIONS else "m",
                speed_a=None if found.motion[i] == "static" or found.is_eased[i] else float(speed_a[i]),
            )
            for i, (take, camera) in enumerate(self.first_names[:_MOST_MOVES])
        )


def _either(name: str, count: int, other: str, other_count: int) -> str:
    if not count + other_count:
        return "unknown"
    share = count / (count + other_count)
    return name if share > 0.95 else other if share < 0.05 else "mixed"


def _quantiles(parts: list[Float[np.ndarray, "_"]]) -> Quantiles | None:
    values = np.concatenate(parts) if parts else np.zeros(0)
    values = values[np.isfinite(values)]
    return quantiles_of(values) if len(values) else None
