"""Definitions of the values in an audit report, for its readers."""

from .fit.statistical_tests import GROSS_EFFECT, LARGEST_EFFECT, SIGNIFICANCE
from .layouts import FILE_DEG, FILE_DIGITS, FILE_SHARE
from .measured.copies import EXACT_DEG, EXACT_SHARE, MOST_BY_CHANCE, NOISY_DEG, NOISY_SHARE
from .measured.fingerprints import FRAMES_SEEN
from .measured.redundancy import NEAR_DEG, NEAR_SHARE
from .measured.rig_moves import SAME_MOVE

METHOD: dict[str, str] = {
    "unit of sampling": "A start that the cameras of a rig share counts once; amplitudes and speeds count "
    "once per camera.",
    "verdict": f"A fit test fails only if the effect is larger than allowed ({LARGEST_EFFECT:g}) and "
    f"significant (q below {SIGNIFICANCE:g}). It is 'too few' if an effect of {GROSS_EFFECT:g} could remain "
    "undetected. One value out of bounds fails the audit.",
    "rejection": "If the rules reject paths, values are compared with those of simulated rigs that the same "
    "rules accept in the same scenes (subject, ground, largest start distance, image; without other actors). "
    "The accepted shift is how far these are from the distribution of the rules. If a set does not say "
    "enough about its scenes, the allowed effect grows by the share of clips that were sampled again.",
    "q": "p after Benjamini and Hochberg, over all tests of the report.",
    "detectable effect": f"Found in 80 of 100 cases at significance {SIGNIFICANCE:g}; for D and V this is an "
    "upper bound, from the largest spread of an empirical distribution.",
    "D": "Kolmogorov's D: the largest distance between cumulative distributions.",
    "V": "Kuiper's V: the sum of the largest distances above and below; it does not depend on the zero "
    "direction.",
    "Cramer's V": "Square root of chi-square over n times the degrees of freedom; 0 for a perfect fit.",
    "recovered": "Subject: the point closest to all optical axes of a rig, by iterated least squares; where "
    "most cameras that turn miss it, the path that they follow, straight at constant speed or cubic over the "
    "ground and free in height. Unknown if the axes do not determine it. "
    "Motion: straight or circular path, aim, axes, heading and pitch. Speed: a = 2 ln(m / (1 - m)) of the "
    "progress m at half time. Changes that rounding to 6 digits can cause do not count as movement.",
    "shake": "Removed from poses before anything but pairs, images, copies, ground and focus is measured: it "
    "follows from the rules and the column shake_seed.",
    "first poses": "Cameras of a shared rig must have bit-identical first poses (as float32) if columns "
    f"state the moves. In other files, positions may differ by {FILE_SHARE:g} of the start distance or by "
    f"twice the rounding to {FILE_DIGITS} digits, whichever is more, and rotations by {FILE_DEG:g} deg.",
    "independence": "Pearson's chi-square of a table of counts against the product of its margins; ranks are "
    "cumulative probabilities under the rules, in 4 cells (directions in 8). Effect: Cramer's V without its "
    "bias. Of pairs: all pairs of cameras of one rig, in any order. Lagged: a camera and that 1 to 16 "
    "rigs before; the largest dependence, with p times the number of lags. Pair correlation: the largest "
    "correlation of two slots, with p times the number of pairs.",
    "repeated values": "Share of values that occur 6 times or more to a millionth of their range, and of "
    "starts whose distance, direction and elevation occur twice. More than 2 %, or 1 % of starts, fails.",
    "world": "Found if it is true of more than 0.9 of the clips. Only columns show a mirrored world.",
    "time base": "Poses alone do not determine it, unless amplitudes are round numbers under one of the "
    "three.",
    "overlap": "Share of 120 points (8 x 5 rays at 0.6, 1 and 2 times the distance from the subject) of one "
    "camera's view that are in the image of the other, in both directions. Walls and people are ignored.",
    "near-duplicate": f"Relative to the subject, positions at {FRAMES_SEEN} frames differ by less than "
    f"{100 * NEAR_SHARE:g} % of the start distance (root mean square) and rotations by less than "
    f"{NEAR_DEG:g} deg in each.",
    "copied rig": f"The moving cameras of two rigs agree at {FRAMES_SEEN - 1} frames, to "
    f"{NOISY_SHARE:.0%} of the spread of their positions, or of their distance from the subject if that is "
    f"larger (root mean square), and to {NOISY_DEG:g} deg, after a rotation about the vertical, a mirror, "
    "another subject position, another scale, or time reversal; "
    f"a copy with larger differences than {100 * EXACT_SHARE:g} % or {EXACT_DEG:g} deg is noisy. "
    f"Same moves: amounts and speeds in the columns agree to {SAME_MOVE:g} (radians, shares of the "
    f"distance). A changed copy counts only if we expect fewer than {MOST_BY_CHANCE:g} such pairs by chance "
    "in the whole set: rules that allow few moves give rigs with equal moves.",
    "comparison": "Wasserstein distance of each quantity in its unit; sliced Wasserstein distance, maximum "
    f"mean discrepancy and coverage of descriptors: {FRAMES_SEEN} poses relative to the first, in start "
    "distances and rotation vectors, with the start, whitened by the principal components of both sets "
    "together.",
}
