"""What the audit's figures mean, in words, for whoever reads the report without this code."""

from .fit.fit_tests import GROSS_EFFECT, LARGEST_EFFECT, SIGNIFICANCE

METHOD: dict[str, str] = {
    "unit of sampling": "A start that a rig's cameras share counts once; amplitudes and paces count "
    "camera by camera.",
    "verdict": f"A law fails only where its departure is larger than allowed ({LARGEST_EFFECT:g}, plus the "
    f"share of clips that were drawn again) and no accident (q below {SIGNIFICANCE:g}). It says 'too few' "
    f"where a departure of {GROSS_EFFECT:g} could pass unseen. One broken bound fails the audit.",
    "q": "p after Benjamini and Hochberg, over all tests of the report.",
    "detectable effect": f"Found in 80 of 100 cases at significance {SIGNIFICANCE:g}; for D and V an upper "
    "estimate from the largest spread of an empirical distribution.",
    "D": "Kolmogorov's largest distance between cumulative shares.",
    "V": "Kuiper's sum of the largest distances above and below: the same from any zero direction.",
    "Cramer's V": "Root of chi-square over n times the degrees of freedom; 0 for a perfect fit.",
    "recovered": "Subject: the point that a rig's optical axes pass closest to, by iterated least squares. "
    "Motion: straight or circular path, aim, axes, heading and pitch. Speed: a = 2 ln(m / (1 - m)) of the "
    "progress m at half time. What rounding to 6 digits could have made is not taken for movement.",
    "time base": "Poses alone cannot tell it, unless amplitudes are round numbers under one of the three.",
    "overlap": "Share of 120 points (8 x 5 rays at 0.6, 1 and 2 times the distance from the subject) of one "
    "camera's view that the other has in its picture, both ways. Walls and people are not asked.",
    "near-duplicate": "Seen from the subject, positions at 9 frames differ by less than 1 % of the start "
    "distance (root mean square) and rotations by less than 0.5 deg in each.",
    "copied rig": "Every moving camera repeats one of the other rig, to 0.05 % of the distance and 0.02 deg.",
    "comparison": "Wasserstein distances of each quantity in its unit; sliced Wasserstein, maximum mean "
    "discrepancy and coverage of descriptors: 9 poses relative to the first, in start distances and "
    "rotation vectors, with the start, whitened by the pooled sets.",
}
