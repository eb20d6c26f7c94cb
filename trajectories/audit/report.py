"""What an audit says: plain values, in the units their names carry, that turn into JSON as they are."""

import json
from dataclasses import asdict, dataclass, fields
from typing import Literal

from ..sampling.rules import INFERRED, PRESETS, Rules
from .checks import CHECKS
from .measured.features import Feature

Quantiles = tuple[float, float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something the audit noticed: an ``error`` breaks a rule, a ``note`` is worth knowing.

    ``code`` is a key of ``CHECKS`` for errors; ``where`` is a take, or ``take/camera``.
    """

    severity: Literal["error", "note"]
    code: str
    what: str
    where: str


@dataclass(frozen=True, kw_only=True)
class LawTest:
    """One question about a law of the rules, and its answer.

    Attributes:
        question: one sentence.
        motion: the only motion it is about, or None.
        unit: what one value stands for; a start that a rig's cameras share counts once.
        method: ``KS``, ``Kuiper``, ``chi-square``, ``exact count``, ``binomial`` or ``Spearman``.
        p, q: chance of a statistic this large if the law holds, and the same after Benjamini and Hochberg.
        effect: how far the values are from the law, in ``effect_name``.
        largest_effect_allowed: what the verdict tolerates; grows by the share of clips that were redrawn.
        detectable_effect: the smallest effect that ``n`` values reveal in 80 of 100 cases.
        verdict: ``fail`` where the effect is too large and no accident; ``too few`` where even a gross
            departure could hide.
        inferred: the law rests on our reading of the paper, or on recovered rather than stated values.
    """

    name: str
    question: str
    motion: str | None
    n: int
    unit: Literal["rig", "start", "camera", "pair"]
    method: str
    statistic: float
    p: float
    q: float
    effect: float
    effect_name: str
    largest_effect_allowed: float
    detectable_effect: float
    verdict: Literal["pass", "fail", "too few"]
    inferred: bool


@dataclass(frozen=True, kw_only=True)
class PairStatistics:
    """How the cameras of a rig relate, over all pairs of them at the same instant.

    Attributes:
        n_rigs: rigs that were measured.
        frames: the frames at which pairs were compared.
        overlap_mean: share of one camera's view that the other sees, both ways, mean at each frame.
        overlap_quantiles: 5 %, 25 %, 50 %, 75 %, 95 % at each frame.
        relative_rotation_deg, baseline_over_distance, baseline_angle_deg: histograms at the last frame;
            distance is the pair's mean one from the subject, the angle is seen from it.
        subject_seen_by_both: share of pairs at each frame that both have the subject in their picture.
    """

    n_rigs: int
    frames: tuple[int, ...]
    overlap_mean: tuple[float, ...]
    overlap_quantiles: tuple[Quantiles, ...]
    relative_rotation_deg: Feature
    baseline_over_distance: Feature
    baseline_angle_deg: Feature
    subject_seen_by_both: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class ImageStatistics:
    """Where the subject is in the picture.

    Attributes:
        poses: poses counted, those without known optics or subject left out.
        aim_counts: rows (top to bottom) of columns (left to right) over the picture, in 24 x 24 cells.
        outside: poses with the subject outside the picture.
        in_frame_share: share of frames with the subject in the picture, by motion.
        always_in_frame_share: share of clips that never lose it, by motion.
    """

    poses: int
    aim_counts: tuple[tuple[int, ...], ...]
    outside: int
    in_frame_share: dict[str, float]
    always_in_frame_share: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Redundancy:
    """How many different trajectories there are, each seen from its own first frame.

    Attributes:
        n: trajectories that were compared.
        distinct_trajectories: how many remain when near-duplicates count once.
        near_duplicates: (clip, clip, distance), the closest first, at most 200; clips are ``take/camera``,
            the distance is a share of the start distance.
        near_duplicate_share: share of moving clips that have one.
        nearest_neighbour: 5 %, 25 %, 50 %, 75 %, 95 % of the distance to the nearest other clip, in
            standard deviations of the descriptor, of a sample.
        leaked: (training clip, other clip, distance) as ``near_duplicates``, across splits.
        leaks: how many moving clips of other splits have a near-duplicate in ``train``.
    """

    n: int
    distinct_trajectories: int
    near_duplicates: tuple[tuple[str, str, float], ...]
    near_duplicate_share: float
    nearest_neighbour: Quantiles | None
    leaked: tuple[tuple[str, str, float], ...]
    leaks: int


@dataclass(frozen=True, kw_only=True)
class FeatureGap:
    """How far one feature's distributions in two sets lie apart: mean shift of sorted values, in ``unit``."""

    name: str
    title: str
    unit: str
    wasserstein: float
    median_a: float
    median_b: float


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two sets of trajectories, feature by feature and as a whole.

    Attributes:
        sliced_wasserstein: of whitened descriptors, in standard deviations of the pooled sets.
        mmd: maximum mean discrepancy, squared; ``mmd_p`` by permutation.
        coverage: share of b's clips with a clip of a among the neighbours nearer than b's own k-th.
        density: how many such neighbourhoods of b an average clip of a lies in, over k.
    """

    name_a: str
    name_b: str
    clips_a: int
    clips_b: int
    features: tuple[FeatureGap, ...]
    sliced_wasserstein: float
    mmd: float
    mmd_p: float
    coverage: float
    density: float
    neighbours: int
    seed: int


@dataclass(frozen=True, kw_only=True)
class RecoveredMove:
    """What the poses of one clip say it does; ``amount`` in ``unit`` (deg or m) is the whole move's."""

    take: str
    camera: str
    motion: str
    amount: float
    unit: str
    speed_a: float | None


@dataclass(frozen=True, kw_only=True)
class Recovered:
    """What the poses say where no table is asked.

    Attributes:
        clips: clips of each recovered motion; finer than the rules' (``arc_chord``, ``translation_fixed``).
        confusion: (stated motion, recovered motion, clips), where a table states motions.
        agreement: share of clips whose recovered motion is the stated one, or None.
        speed_a_error: 5 % to 95 % of recovered minus stated ``a`` of variable cameras, or None.
        subject_gap_m: 5 % to 95 % of the distance between recovered and stated subject, or None.
        subject_from: ``table`` or ``optical axes``: which subject the audit's figures refer to.
        time_base: a ``TimeBase``, or ``unknown``.
        internal_frames: the length of the move in frames that this time base stands for, or None.
        why: one sentence on how the time base was told.
        arc_path: ``circle``, ``chord``, ``mixed`` or ``unknown``; spline: a ``Spline`` or ``unknown``.
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
    moves: tuple[RecoveredMove, ...]


@dataclass(frozen=True, kw_only=True)
class SourceFacts:
    """What was audited. ``states_moves``: a table tells what each camera was meant to do."""

    name: str
    states_moves: bool
    rigs: int
    cameras: tuple[int, int]
    clips: int
    frames: tuple[int, int]
    proper_clips: int
    shared_start_rigs: int
    splits: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class AuditReport:
    """What the audit found.

    Attributes:
        rules: what the source was held to; None where nothing declares any.
        counts: takes, clips, frames, and clips by speed class.
        motions: clips of each motion as (found, expected by the rules).
        features: histograms with the rules' bounds and laws.
        errors: how many errors each check found; ``findings`` holds at most 1,000 of a kind.
        rejects: clips by flag, and how many were drawn again.
        method: what the figures mean, in words.
    """

    rules: Rules | None
    source: SourceFacts
    counts: dict[str, int]
    motions: dict[str, tuple[int, int]]
    features: tuple[Feature, ...]
    findings: tuple[Finding, ...]
    errors: dict[str, int]
    tests: tuple[LawTest, ...]
    pairs: PairStatistics | None
    redundancy: Redundancy | None
    recovered: Recovered
    image: ImageStatistics | None
    rejects: dict[str, int]
    method: dict[str, str]
    comparison: Comparison | None = None

    @property
    def verdict(self) -> Literal["pass", "fail", "no rules"]:
        """``fail`` as soon as one finding is an error, or one law is broken; ``no rules`` judge nothing."""
        if any(self.errors.values()) or self.failed_tests:
            return "fail"
        return "pass" if self.rules else "no rules"

    @property
    def is_ok(self) -> bool:
        """Whether the verdict is not ``fail``."""
        return self.verdict != "fail"

    @property
    def held_to(self) -> str:
        """The rules by name, with the fields in which they are not the preset of that name."""
        if self.rules is None:
            return "no rules declared"
        preset = PRESETS.get(self.rules.name, self.rules)
        names = [field.name for field in fields(Rules)]
        changed = [name for name in names if getattr(self.rules, name) != getattr(preset, name)]
        return self.rules.name + (f", changed: {', '.join(changed)}" if changed else "")

    @property
    def failed_tests(self) -> tuple[LawTest, ...]:
        """The laws that do not hold."""
        return tuple(test for test in self.tests if test.verdict == "fail")

    @property
    def errors_by_check(self) -> dict[str, int]:
        """Errors of each check, in the order of ``CHECKS``; 0 where it holds."""
        return {code: self.errors.get(code, 0) for code in CHECKS}

    def lines(self) -> list[str]:
        """The report in a few lines of text: counts, every broken check with its first finding, verdict."""
        counts = self.counts
        first = {f.code: f for f in reversed(self.findings)}
        broken = [
            f"{code}: {errors} errors, first {first[code].where}: {first[code].what}"
            for code, errors in self.errors_by_check.items()
            if errors
        ]
        laws = [
            f"{test.name}: {test.effect_name} {test.effect:.3g}, allowed {test.largest_effect_allowed:.3g} "
            f"({test.n} {test.unit}s, {test.method}, q = {test.q:.2g}): {test.question}"
            for test in self.failed_tests
        ]
        notes = [f"note: {f.code}: {f.what}" for f in self.findings if f.severity == "note"]
        held = f"rules {self.held_to}" if self.rules else self.held_to
        size = f"{counts['takes']} takes, {counts['clips']} clips, {held}"
        return [size, *broken, *laws, *notes, f"verdict: {self.verdict}"]

    def to_json(self) -> str:
        """The whole report, with verdict and inferred rules, as JSON."""
        extra = {"verdict": self.verdict, "inferred_rules": sorted(INFERRED)}
        return json.dumps(asdict(self) | extra, indent=1, sort_keys=True)
