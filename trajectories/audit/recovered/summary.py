"""What poses alone say about a whole set: motions, pace, subject, and the readings of the rules they fit."""

from collections import Counter
from typing import get_args

import numpy as np
from jaxtyping import Float

from ...speed import TimeBase
from ..clips import Clips
from ..report import Quantiles, Recovered, RecoveredMove
from .moves import RECOVERED_MOTIONS, RULES_MOTION, TURNS, RecoveredMoves, recover_moves

_MOST_MOVES = 200


class RecoveryCounts:
    """Counts over the clips seen so far."""

    def __init__(self) -> None:
        self.clips: Counter[str] = Counter()
        self.confusion: Counter[tuple[str, str]] = Counter()
        self.speed_errors: list[np.ndarray] = []
        self.gaps_m: list[np.ndarray] = []
        self.eased: Counter[bool] = Counter()
        self.bases: Counter[str] = Counter()
        self.frames = 1
        self.asked: list[RecoveredMoves] = []
        self.names: list[tuple[str, str]] = []
        self.is_stated = True

    def add(self, clips: Clips, *, is_stated: bool) -> None:
        """Recover some clips' moves, and compare them with the columns where those state any."""
        found = recover_moves(clips.poses, clips.rig)
        names = found.names.tolist()
        self.is_stated, self.frames = is_stated, clips.frames
        self.clips.update(names)
        self.eased.update(found.is_eased[found.names == "random"].tolist())
        if not self.asked:
            self.asked.append(found)
            self.names = [(str(t), str(c)) for t, c in zip(clips.take, clips.camera, strict=True)]
        if not is_stated:
            return
        self.bases.update(clips.time_base.tolist())
        self.confusion.update(zip(clips.motion.tolist(), names, strict=True))
        gap_m = np.linalg.norm(found.subject_m - clips.subject_m, axis=1)
        self.gaps_m.append(gap_m[np.isfinite(gap_m)].astype(np.float32))
        is_paced = (clips.speed_class == "variable") & ~found.is_eased
        for base in get_args(TimeBase):
            rows = is_paced & (clips.time_base == base)
            _, speed_a = found.whole(clips.frames, base)
            self.speed_errors.append((speed_a - clips.moves.speed_a)[rows].astype(np.float32))

    def summary(self) -> Recovered:
        """The report's values."""
        base, why = self._time_base()
        total = sum(self.confusion.values())
        right = sum(n for (said, seen), n in self.confusion.items() if RULES_MOTION.get(seen, seen) == said)
        order = {name: place for place, name in enumerate(RECOVERED_MOTIONS)}
        return Recovered(
            clips={name: self.clips[name] for name in RECOVERED_MOTIONS if self.clips[name]},
            confusion=tuple(
                (said, seen, n)
                for (said, seen), n in sorted(self.confusion.items(), key=lambda c: (c[0][0], order[c[0][1]]))
            ),
            agreement=right / total if total else None,
            speed_a_error=_quantiles(self.speed_errors),
            subject_gap_m=_quantiles(self.gaps_m),
            subject_from="table" if self.is_stated else "optical axes",
            time_base=base,
            internal_frames=self._internal_frames(base),
            why=why,
            arc_path=_either(self.clips["arc"], self.clips["arc_chord"], "circle", "chord"),
            spline=_either(self.eased[False], self.eased[True], "catmull_rom", "unreal_keys"),
            moves=self._moves(base),
        )

    def _time_base(self) -> tuple[str, str]:
        if self.is_stated and len(self.bases) == 1 and "unknown" not in self.bases:
            base = next(iter(self.bases))
            return base, f"The table says {base}; poses of drawn amplitudes cannot tell."
        if not self.asked:
            return "unknown", "There is no clip."
        found = self.asked[0]
        likely = found.likely_time_base(self.frames)
        if likely is None:
            return "unknown", "Amplitudes are round numbers under no time base, so poses cannot tell it."
        hits, asked = found.round_share(self.frames, likely)
        return likely, f"Under {likely}, {hits} of {asked} amplitudes are multiples of 0.5 deg or 5 cm."

    def _internal_frames(self, base: str) -> float | None:
        if base not in get_args(TimeBase) or self.frames < 2:
            return None
        lengths = {"closed": self.frames - 1.0, "paper": float(self.frames), "release": 2.0 * self.frames - 1}
        return lengths[base]

    def _moves(self, base: str) -> tuple[RecoveredMove, ...]:
        if not self.asked:
            return ()
        found = self.asked[0]
        known: TimeBase = base if base in get_args(TimeBase) else "closed"  # type: ignore[assignment]
        amount, speed_a = found.whole(self.frames, known)
        moves = []
        for i, (take, camera) in enumerate(self.names[: min(_MOST_MOVES, len(amount))]):
            motion = str(found.names[i])
            moves.append(
                RecoveredMove(
                    take=take,
                    camera=camera,
                    motion=motion,
                    amount=round(float(amount[i]), 6),
                    unit="deg" if motion in TURNS else "m",
                    speed_a=None if motion == "static" or found.is_eased[i] else float(speed_a[i]),
                )
            )
        return tuple(moves)


def _either(first: int, second: int, name: str, other: str) -> str:
    if not first + second:
        return "unknown"
    share = first / (first + second)
    return name if share > 0.95 else other if share < 0.05 else "mixed"


def _quantiles(parts: list[Float[np.ndarray, "_"]]) -> Quantiles | None:
    values = np.concatenate(parts) if parts else np.zeros(0)
    if not len(values):
        return None
    a, b, c, d, e = np.quantile(values, (0.05, 0.25, 0.5, 0.75, 0.95)).tolist()
    return a, b, c, d, e
