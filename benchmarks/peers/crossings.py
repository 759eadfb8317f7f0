"""Single crossings at 50 Hz: does the statistic tell a thing on the road from regular road? AUC, without length or speed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from benchmarks.peers import forest
from benchmarks.peers.catalogue import PEERS
from benchmarks.peers.signal import Mask, short_crossing
from benchmarks.shocks import RATE_HZ, even_windows, load_shocks
from detection import statistic
from detection.settings import StatisticSettings
from detection.trace import Floats

SAMPLES = 60  # of every crossing: the shortest has 61
ROADS = ("regular_road", "worn_out_road")


def report(folder: Path) -> None:
    """Print the AUC of things (three classes) against regular road, and against regular and worn-out road."""
    vertical, label = load_shocks(folder)
    windows = even_windows(vertical, SAMPLES)
    print(f"shocks50hz, {len(label)} crossings, {SAMPLES} samples around the peak of each: AUC (chance 0.500)")
    print(f"{'':<34} {'things or worn-out | regular':<30}{'things | regular, worn-out':<30}{'things | regular':<30}")
    regular, road = label == ROADS[0], np.isin(label, ROADS)
    groups = ((~regular, np.ones(len(label), bool)), (~road, np.ones(len(label), bool)), (~road, ~road | regular))
    for name, scores in _all_scores(windows, label).items():
        cells = [_cell(thing[kept], scores[kept]) for thing, kept in groups]
        print(f"{name:<34} " + "".join(f"{cell:<30}" for cell in cells))


def _all_scores(windows: Floats, label: Floats) -> dict[str, Floats]:
    signals = [short_crossing(row, RATE_HZ) for row in windows]
    rules = StatisticSettings()
    scores = {
        # a second of road has no background to compare with: what is left of our statistic is the envelope
        "Cahot, envelope without background": np.array(
            [statistic.envelope(statistic.band(s.vertical, RATE_HZ, rules), 1, RATE_HZ, rules).max() for s in signals]
        )
    }
    for peer in PEERS:
        scores[peer.name] = np.array([peer.variants[0](s).max() for s in signals])
    rows = [forest.rows(s)[1] for s in signals]
    middle = np.stack([row[len(row) // 2] for row in rows])
    folds = StratifiedKFold(10, shuffle=True, random_state=0)
    trees = RandomForestClassifier(300, min_samples_leaf=2, random_state=0)
    chances = cross_val_predict(trees, middle, label, cv=folds, method="predict_proba")
    scores["random forest, ten-fold"] = 1.0 - chances[:, np.unique(label) == ROADS[0]][:, 0]
    return scores


def _cell(thing: Mask, scores: Floats) -> str:
    rng = np.random.default_rng(0)
    values = []
    for _ in range(300):
        drawn = rng.integers(len(thing), size=len(thing))
        values.append(roc_auc_score(thing[drawn], scores[drawn]))
    low, high = np.quantile(values, [0.05, 0.95])
    return f"{roc_auc_score(thing, scores):.3f} [{low:.3f}, {high:.3f}]"
