"""The questions of an audit: does each quantity follow the distribution that the rules declare?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ...sampling.rules import Rules
from ..measured.quantities import quantities_of
from .cells import with_cells
from .column_tests import never
from .dependences import questions_about_dependences
from .fit_test import FitTest
from .move_questions import questions_about_moves
from .question import Question, Sample
from .repeated import questions_about_repeated_values
from .rig_questions import questions_about_rigs
from .start_questions import questions_about_starts
from .statistical_tests import GROSS_EFFECT, SIGNIFICANCE, Fit
from .two_samples import against_sample


def questions_of(rules: Rules) -> Iterator[Question]:
    """All questions about rigs sampled from these rules."""
    return (question for question in _questions(rules) if question.fit is not never)


def _questions(rules: Rules) -> Iterator[Question]:
    quantities = {quantity.name: quantity for quantity in quantities_of(rules)}
    yield from questions_about_starts(rules, quantities)
    yield from questions_about_moves(rules, quantities)
    yield from questions_about_rigs(rules)
    yield from questions_about_dependences(rules)
    yield from questions_about_repeated_values(rules, quantities)


def fit_tests(sample: Sample, rules: Rules, accepted: Sample | None = None) -> tuple[FitTest, ...]:
    """The answers to all questions for which the sample has values.

    ``accepted`` are values that follow the rules after rejection: they take the place of the distributions.
    """
    from scipy import stats

    if not len(sample.get("motion", ())):
        return ()
    sample, accepted = with_cells(sample, rules), None if accepted is None else with_cells(accepted, rules)
    fits = [_answer(question, sample, accepted) for question in questions_of(rules)]
    known = [answer for answer in fits if answer is not None]
    q_values = stats.false_discovery_control([answer.fit.p for answer in known])
    return tuple(_fit_test(answer, float(q), sample) for answer, q in zip(known, q_values, strict=True))


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """``shift`` is how far rejection moves what is accepted from the rules; None if it was not sampled."""

    question: Question
    fit: Fit
    shift: float | None = None


def _answer(question: Question, sample: Sample, accepted: Sample | None) -> _Answer | None:
    fit = question.fit(sample)
    if fit is None:
        return None
    expected = None if accepted is None else question.fit(accepted)
    if expected is None:
        return _Answer(question=question, fit=fit)
    return _Answer(question=question, fit=against_sample(fit, expected), shift=expected.effect)


def _fit_test(answer: _Answer, q: float, sample: Sample) -> FitTest:
    question, fit, allowed = answer.question, answer.fit, _allowed(answer, sample)
    verdict: Literal["pass", "fail", "too few"] = "pass"
    if fit.effect > allowed and q < SIGNIFICANCE:
        verdict = "fail"
    elif fit.detectable_effect > GROSS_EFFECT and fit.method != "exact count":
        verdict = "too few"
    return FitTest(
        name=question.name,
        question=question.text,
        motion=question.motion,
        n=fit.n,
        unit=question.unit,
        method=fit.method,
        statistic=fit.statistic,
        p=fit.p,
        q=q,
        effect=fit.effect,
        effect_name=fit.effect_name,
        largest_effect_allowed=allowed,
        detectable_effect=min(fit.detectable_effect, 1.0),
        verdict=verdict,
        inferred=question.inferred,
        accepted_shift=answer.shift,
    )


def _allowed(answer: _Answer, sample: Sample) -> float:
    """The largest effect that passes: more by the share of values that were rejected for unknown reasons.

    If what is accepted was sampled, those of geometry alone are unknown.
    """
    if not (answer.fit.allowed and answer.question.widened_by):
        return answer.fit.allowed
    name = answer.question.widened_by if answer.shift is None else "rejected_by_geometry"
    return answer.fit.allowed + (float(sample[name].mean()) if len(sample[name]) else 0.0)
