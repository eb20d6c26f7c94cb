"""The report of an audit: plain values with units in their names, which become JSON as they are."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Literal

from ..sampling.rules import INFERRED, PRESETS, Rules
from .checks import CHECKS
from .measured.features import Feature
from .policies import FAIL_ON, policy_counts
from .words import many

_COPIES_NAMED = 3
_LEAST_SHIFT, _SHIFTS_NAMED = 0.02, 3
Quantiles = tuple[float, float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One observation: an ``error`` breaks a rule, a ``note`` is information.

    ``code`` is a key of ``CHECKS`` for errors; ``where`` is a take, or ``take/camera``.
    """

    severity: Literal["error", "note"]
    code: str
    what: str
    where: str


def error(code: str, what: str, where: str) -> Finding:
    """A finding that breaks a rule."""
    return Finding(severity="error", code=code, what=what, where=where)


@dataclass(frozen=True, kw_only=True)
class FitTest:
    """One question about a distribution of the rules, and the answer of a statistical test.

    Attributes:
        question: one sentence.
        motion: the only motion that it is about, or None.
        unit: what one value belongs to; a start that the cameras of a rig share counts once.
        method: ``KS``, ``Kuiper``, ``chi-square``, ``exact count``, ``binomial``, ``Spearman``,
            ``independence``, ``pair correlation`` or ``autocorrelation``.
        p, q: probability of a statistic this large if values follow the distribution, and the same after
            Benjamini and Hochberg.
        effect: distance between the values and the distribution, in ``effect_name``.
        largest_effect_allowed: larger effects fail. If paths were sampled again, and what the rules accept is
            not known, it grows by their share.
        detectable_effect: the smallest effect that ``n`` values reveal in 80 of 100 cases.
        verdict: ``fail`` if the effect is too large and significant; ``too few`` if a large effect could
            remain undetected.
        inferred: the distribution is our interpretation of the paper, or values were recovered from poses.
        accepted_shift: how far rejection moves accepted values from the distribution of the rules, as an
            effect. The values were then compared with simulated rigs that were accepted. None without.
    """

    name: str
    question: str
    motion: str | None
    n: int
    unit: Literal["rig", "start", "camera"]
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
    accepted_shift: float | None = None


@dataclass(frozen=True, kw_only=True)
class PairStatistics:
    """How the cameras of a rig relate, over all pairs of them at the same instant.

    Attributes:
        n_rigs: rigs that were measured.
        frames: the frames at which pairs were compared.
        overlap_mean: share of one camera's view that the other sees, in both directions, mean per frame.
        overlap_quantiles: 5 %, 25 %, 50 %, 75 %, 95 % per frame.
        relative_rotation_deg, baseline_over_distance, baseline_angle_deg: histograms at the last frame. The
            distance is the mean distance of the pair from the subject; the angle is seen from the subject.
        subject_seen_by_both: share of pairs per frame in which both images contain the subject.
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
    """Where the subject is in the images.

    Attributes:
        poses: number of poses counted; poses without known intrinsics or subject are left out.
        outside: poses with the subject outside the image.
        in_frame_share: share of frames with the subject in the image, by motion.
        always_in_frame_share: share of clips with the subject in all images, by motion.
    """

    poses: int
    outside: int
    in_frame_share: dict[str, float]
    always_in_frame_share: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class RigCopy:
    """A rig whose moving cameras are copies of those of the rig ``of``.

    ``kind`` is ``exact``, or what was changed: ``noisy``, ``time-reversed``, ``mirrored``, ``rotated``,
    ``scaled`` and ``re-centred`` (around another subject position), joined by commas; or ``same moves``, from
    another start.
    """

    rig: str
    split: str
    of: str
    of_split: str
    kind: str
    cameras: int

    @property
    def is_leak(self) -> bool:
        """Whether the two rigs are in different splits."""
        return self.split != self.of_split

    @property
    def is_duplicate(self) -> bool:
        """Whether nothing was changed but the place and the scale."""
        return set(self.kind.split(", ")) <= {"exact", "scaled", "re-centred"}

    @property
    def what(self) -> str:
        """One sentence about the rig."""
        same = "have the same moves as" if self.kind == "same moves" else "are copies of"
        what = f"its {self.cameras} moving cameras {same} those of {self.of} ({self.kind})"
        if self.is_leak:
            what += f", which is in split {self.of_split}; this rig is in split {self.split}"
        return what


@dataclass(frozen=True, kw_only=True)
class Redundancy:
    """How many different trajectories there are, each relative to the subject.

    Attributes:
        n: trajectories that were compared.
        distinct_trajectories: how many remain if near-duplicates count once.
        near_duplicates: (clip, clip, distance), the closest first, at most 200; clips are ``take/camera``,
            the distance is a share of the start distance.
        near_duplicate_share: share of moving clips that have one.
        nearest_neighbour: 5 %, 25 %, 50 %, 75 %, 95 % of the distance to the nearest other clip, in
            standard deviations of the descriptor, of a sample.
        leaked: (training clip, other clip, distance) as ``near_duplicates``, across splits.
        leaks: how many moving clips of other splits have a near-duplicate in ``train``.
        copies: every rig that is a copy of another.
    """

    n: int
    distinct_trajectories: int
    near_duplicates: tuple[tuple[str, str, float], ...]
    near_duplicate_share: float
    nearest_neighbour: Quantiles | None
    leaked: tuple[tuple[str, str, float], ...]
    leaks: int
    copies: tuple[RigCopy, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FeatureGap:
    """Wasserstein distance between the values of one quantity in two sets, in ``unit``."""

    name: str
    title: str
    unit: str
    wasserstein: float
    median_a: float
    median_b: float


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Differences between two sets of trajectories, for each quantity and for entire paths.

    Attributes:
        sliced_wasserstein: of whitened descriptors, in standard deviations of both sets together.
        mmd: squared maximum mean discrepancy; ``mmd_p`` by permutation.
        coverage: share of b's clips that have a clip of a closer than their own k-th neighbour in b.
        density: in how many such neighbourhoods of b a clip of a is on average, divided by k.
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
        track_target: what tracking cameras aim at: ``start`` (one point), ``subject`` (a point that moves),
            ``mixed`` or ``unknown``.
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
    track_target: str
    moves: tuple[RecoveredMove, ...]


@dataclass(frozen=True, kw_only=True)
class Proposals:
    """The sampled paths of one motion.

    Attributes:
        proposed: all sampled paths.
        accepted: paths that were kept and break no limit whose policy is ``reject``.
        rejected_for: how often each reason was found against the other paths; a path can have several.
    """

    proposed: int
    accepted: int
    rejected_for: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class RankedClip:
    """A clip, and the value that it was ranked by."""

    take: str
    camera: str
    motion: str
    value: float

    @property
    def name(self) -> str:
        """``take/camera``."""
        return f"{self.take}/{self.camera}"


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """The clips with the most extreme values of one quantity, worst first; ``n`` clips have a value."""

    name: str
    title: str
    unit: str
    n: int
    clips: tuple[RankedClip, ...]


@dataclass(frozen=True, kw_only=True)
class ChoiceCounts:
    """Takes with each choice of ``environment``, ``subject``, ``animation`` (of the subject) or ``light``.

    It is 0 for choices of the catalog that no take has.
    """

    name: str
    counts: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class CombinationCounts:
    """How many combinations of choices are seen, of all that are possible."""

    of: tuple[str, ...]
    seen: int
    possible: int


@dataclass(frozen=True, kw_only=True)
class SceneStatistics:
    """The scenes of a filmed set.

    Attributes:
        combinations: of two choices, and of all.
        other_characters: how often each character is there besides the subject.
        characters_per_take: takes by their number of characters.
        splits: takes of each split.
        caption_words: takes by the number of words in their caption.
    """

    takes: int
    choices: tuple[ChoiceCounts, ...]
    combinations: tuple[CombinationCounts, ...]
    other_characters: dict[str, int]
    characters_per_take: dict[int, int]
    splits: dict[str, int]
    caption_words: dict[int, int]
    distinct_captions: int


@dataclass(frozen=True, kw_only=True)
class SourceFacts:
    """What was audited. ``states_moves``: columns describe the move of each camera."""

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
    """The result of an audit.

    Attributes:
        rules: the rules that were checked; None if there are none.
        counts: takes, clips, frames, and clips by speed class.
        motions: clips of each motion as (found, expected by the rules).
        features: histograms with the bounds and distributions of the rules.
        errors: number of errors of each check; ``findings`` has at most 1,000 of a kind.
        worst: the clips with the most extreme values, by quantity.
        flags: clips that were kept with each flag.
        flagged: the worst clips with each flag, as ``take/camera``, one per take.
        sampled_again: clips with a first path that was rejected and replaced.
        proposals: sampled paths by motion.
        not_applied: checks that need what no clip has, such as columns, intrinsics or a split.
        questions: how many fit tests the rules have; ``tests`` has those with enough values to answer.
        method: definitions of the values.
        fail_on: names of ``FAIL_ON``: findings of these classes fail the audit too.
        scenes: what the takes of a filmed set show.
    """

    rules: Rules | None
    source: SourceFacts
    counts: dict[str, int]
    motions: dict[str, tuple[int, int]]
    features: tuple[Feature, ...]
    findings: tuple[Finding, ...]
    errors: dict[str, int]
    not_applied: tuple[str, ...]
    tests: tuple[FitTest, ...]
    questions: int
    pairs: PairStatistics | None
    redundancy: Redundancy | None
    recovered: Recovered
    image: ImageStatistics | None
    worst: tuple[Ranking, ...]
    flags: dict[str, int]
    flagged: dict[str, tuple[str, ...]]
    sampled_again: int
    proposals: dict[str, Proposals]
    method: dict[str, str]
    comparison: Comparison | None = None
    fail_on: tuple[str, ...] = ()
    scenes: SceneStatistics | None = None

    @property
    def verdict(self) -> Literal["pass", "fail", "no rules"]:
        """``fail`` if there is an error, a failed fit test or policy; ``no rules`` if nothing was checked."""
        if any(self.errors.values()) or self.failed_tests or self.failed_policies:
            return "fail"
        return "pass" if self.rules else "no rules"

    @property
    def is_ok(self) -> bool:
        """Whether the verdict is not ``fail``."""
        return self.verdict != "fail"

    @property
    def checked_against(self) -> str:
        """The name of the rules, and the fields that differ from the preset of that name."""
        if self.rules is None:
            return "no rules"
        preset = PRESETS.get(self.rules.name, self.rules)
        names = [field.name for field in fields(Rules)]
        changed = [name for name in names if getattr(self.rules, name) != getattr(preset, name)]
        return self.rules.name + (f", changed: {', '.join(changed)}" if changed else "")

    @property
    def failed_tests(self) -> tuple[FitTest, ...]:
        """The fit tests with verdict ``fail``."""
        return tuple(test for test in self.tests if test.verdict == "fail")

    @property
    def undecided(self) -> int:
        """Number of fit tests with too few values, those without any among them."""
        return self.questions - sum(test.verdict != "too few" for test in self.tests)

    @property
    def rests_on(self) -> str:
        """On how many checks and fit tests the verdict rests, in words; empty if there are no rules."""
        if self.rules is None:
            return ""
        few = self.undecided
        tests = f"on {self.questions - few} of {self.questions} fit tests"
        tests += f" ({few} had too few values)" * (few > 0)
        checks = f"{len(CHECKS) - len(self.not_applied)} of {len(CHECKS)} checks"
        missing = f" ({len(self.not_applied)} did not apply)" * bool(self.not_applied)
        return f"{tests} and {checks}{missing}"

    @property
    def failed_policies(self) -> dict[str, int]:
        """The classes of ``fail_on`` that have findings, and how many."""
        counts = policy_counts(self)
        return {name: counts[name] for name in self.fail_on if counts[name]}

    @property
    def errors_by_check(self) -> dict[str, int]:
        """Number of errors of each check, in the order of ``CHECKS``."""
        return {code: self.errors.get(code, 0) for code in CHECKS}

    def lines(self) -> list[str]:
        """The report in a few lines of text: counts, each failed check with its first finding, verdict."""
        counts = self.counts
        first = {f.code: f for f in reversed(self.findings)}
        broken = [
            f"{code}: {many(errors, 'error')}, first {first[code].where}: {first[code].what}"
            for code, errors in self.errors_by_check.items()
            if errors
        ]
        failed = [
            f"failed fit test {test.name}: {test.effect_name} {test.effect:.3g}, allowed "
            f"{test.largest_effect_allowed:.3g} ({many(test.n, test.unit)}, {test.method}, q = {test.q:.2g})"
            for test in self.failed_tests
        ]
        failed += [
            f"failed on {name}: {count} {FAIL_ON[name]}" for name, count in self.failed_policies.items()
        ]
        notes = [f"note: {f.code}: {f.what}" for f in self.findings if f.severity == "note"]
        checked_against = f"rules {self.checked_against}" if self.rules else self.checked_against
        size = f"{many(counts['takes'], 'take')}, {many(counts['clips'], 'clip')}, {checked_against}"
        copies = (
            [*copy_lines(self.redundancy.copies), *leak_lines(self.redundancy)] if self.redundancy else []
        )
        verdict = f"verdict: {self.verdict}" + f", {self.rests_on}" * bool(self.rests_on)
        return [size, *broken, *copies, *failed, *notes, *shift_lines(self.tests), verdict]

    def to_json(self) -> str:
        """The entire report, with verdict and inferred rules, as JSON."""
        extra = {"verdict": self.verdict, "rests_on": self.rests_on, "inferred_rules": sorted(INFERRED)}
        return json.dumps(asdict(self) | extra, indent=1, sort_keys=True)


def shift_lines(tests: Sequence[FitTest]) -> list[str]:
    """One line about the distributions that rejection moves most; none if it moves none."""
    shifts = [(test.accepted_shift, test) for test in tests if test.accepted_shift is not None]
    large = [(shift, test) for shift, test in shifts if shift > _LEAST_SHIFT]
    large.sort(key=lambda one: -one[0])
    named = ", ".join(f"{test.name} {test.effect_name} {shift:.2g}" for shift, test in large[:_SHIFTS_NAMED])
    return [f"rejection moves accepted values from the rules, most: {named}"] if named else []


def leak_lines(found: Redundancy) -> list[str]:
    """One line about single clips with a near-duplicate in another split; none if there are none."""
    if not found.leaks:
        return []
    first, other, _ = found.leaked[0]
    return [f"near-duplicates between splits: {many(found.leaks, 'clip')}; first {other} of {first}"]


def copy_lines(copies: Sequence[RigCopy]) -> list[str]:
    """One line about the rigs that are copies between splits, one about those within a split."""
    lines = []
    for where, is_leak in (("between splits", True), ("within a split", False)):
        found = [copy for copy in copies if copy.is_leak == is_leak]
        if found:
            kinds = ", ".join(f"{kind}: {n}" for kind, n in Counter(c.kind for c in found).most_common())
            first = "; ".join(
                f"{c.rig} ({c.split}) of {c.of} ({c.of_split}), {c.kind}" for c in found[:_COPIES_NAMED]
            )
            lines.append(f"copies {where}: {len(found)} rigs ({kinds}); first {first}")
    return lines
