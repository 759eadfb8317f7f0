"""Places of the Pittsburgh loop that its three drives confirm, against the places that passengers marked.

A marked place is where marks of the three drives lie within `RADIUS_M` of each other on average; a found one is right if it can
be matched to it, one to one, within the same radius. The loop is driven by three phones at 5 Hz, whose passes weigh a quarter
each, so hardly a place reaches a confidence of a half: the whole curve is printed, and a threshold learnt on the other half
of the loop.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from benchmarks.bootstrap import interval, total
from detection import Survey, find_defects
from detection.geo import LocalMetres
from detection.scoring import Figures, assign
from detection.trace import Floats

RADIUS_M = 15.0  # as defects are matched everywhere: lane and GPS error; three quarters of marks lie within 9 m of another lap's
STEPS = (0.1, 0.2, 0.3, 0.5)
ROUNDS = 200  # of chance


def report(surveys: Mapping[str, Survey], marks: Mapping[str, Floats]) -> None:
    """Print precision, recall and lift over as many random places on the loop at each confidence."""
    defects = find_defects(list(surveys.values()))
    track = [surveys[trip].track for trip in surveys]
    plane = LocalMetres.around(track[0].latitude_deg, track[0].longitude_deg)
    driven = np.concatenate([np.c_[plane.to_xy(t.latitude_deg, t.longitude_deg)] for t in track])
    true = marked_places([mark_xy(surveys[trip], marks[trip], plane) for trip in surveys])
    found = np.c_[plane.to_xy(defects.latitude, defects.longitude)]
    print(f"places confirmed over the three drives: {len(true)} marked, within {RADIUS_M:g} m, one to one")
    for step in STEPS:
        _print(f"confidence ≥ {step:g}", parts(found[defects.confidence >= step], true), driven, true)
    _print("threshold learnt on other half", learnt(found, defects.confidence, true), driven, true)


def mark_xy(survey: Survey, mark_s: Floats, plane: LocalMetres) -> Floats:
    """Where the car was when the passenger pressed, (m, 2) m."""
    at = [np.interp(mark_s, survey.track.t_s, column) for column in (survey.track.latitude_deg, survey.track.longitude_deg)]
    return np.c_[plane.to_xy(*at)]


def marked_places(marks: list[Floats]) -> Floats:
    """Centres (k, 2) m of marks that lie together, whoever marked them."""
    xy = np.concatenate(marks)
    group = fcluster(linkage(xy, "average"), RADIUS_M, "distance")
    return np.stack([xy[group == one].mean(axis=0) for one in np.unique(group)])


def parts(found: Floats, true: Floats) -> list[Figures]:
    """One for each place: found and right, found and wrong, or missed."""
    pairs = assign(np.linalg.norm(found[:, None] - true[None, :], axis=2), RADIUS_M)
    wrong, missed = len(found) - len(pairs), len(true) - len(pairs)
    return [Figures(1, 1, 1)] * len(pairs) + [Figures(1, 0, 0)] * wrong + [Figures(0, 1, 0)] * missed


def learnt(found: Floats, confidence: Floats, true: Floats) -> list[Figures]:
    """Parts of both halves of the loop (by the median of marked places, east and west), each at the other's best threshold."""
    border = float(np.median(true[:, 0]))
    halves = [(found[:, 0] < border, true[:, 0] < border), (found[:, 0] >= border, true[:, 0] >= border)]
    out: list[Figures] = []
    for (mine, mine_true), (other, other_true) in (halves, halves[::-1]):
        steps = np.unique(confidence)
        f1 = [total(parts(found[other & (confidence >= s)], true[other_true])).f1 for s in steps]
        out += parts(found[mine & (confidence >= steps[int(np.argmax(f1))])], true[mine_true])
    return out


def chance(count: int, driven: Floats, true: Floats) -> Figures:
    """Summed figures of as many places at random where the cars drove."""
    rng = np.random.default_rng(0)
    return total([f for _ in range(ROUNDS) for f in parts(rng.permutation(driven)[:count], true)])


def _print(name: str, held: list[Figures], driven: Floats, true: Floats) -> None:
    figures = total(held)
    by_chance = chance(figures.found, driven, true).precision
    cells = [
        f"{word} {figure(figures):.2f} [{low:.2f}, {high:.2f}]"
        for word, figure in (("precision", lambda f: f.precision), ("recall", lambda f: f.recall))
        for low, high in [interval(held, figure)]
    ]
    print(f"  {name:<32} {'  '.join(cells)}  chance precision {by_chance:.2f}, lift {figures.precision / by_chance:.1f}")
