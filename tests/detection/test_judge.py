"""The shipped models: made for these features, right more often than any single number, and honest about it."""

import numpy as np

from detection import KINDS, survey
from detection.judge import JUDGED_KINDS, MODELS, confidence_of, kind_probabilities
from detection.scoring import match_jolts
from detection.simulator import Drive


def test_the_models_are_small_files() -> None:
    assert sum(path.stat().st_size for path in MODELS.glob("*.npz")) < 300_000


def test_no_peaks_are_judged_as_nothing() -> None:
    nothing = np.empty((0, 30))
    assert confidence_of(nothing).shape == (0,)
    assert kind_probabilities(nothing).shape == (0, len(JUDGED_KINDS))


def test_confidence_is_the_share_of_peaks_that_are_real(town_drives: list[Drive]) -> None:
    said, real = [], []
    for drive in town_drives:
        found = survey(drive.trace).evidence
        _, pairs = match_jolts(found.t_s, drive.truth.t_s[drive.truth.felt == 1])
        hit = np.zeros(len(found), bool)
        hit[pairs[:, 0]] = True
        said.append(found.confidence)
        real.append(hit)
    confidence, hits = np.concatenate(said), np.concatenate(real)
    sure = confidence > 0.9
    assert sure.sum() > 20
    assert hits[sure].mean() > 0.85
    assert abs(confidence.sum() - hits.sum()) < 0.15 * hits.sum()


def test_kinds_of_simulated_jolts_are_mostly_right(town_drives: list[Drive]) -> None:
    right, commonest = [], []
    for drive in town_drives:
        felt, jolts = drive.truth[drive.truth.felt == 1], survey(drive.trace).jolts
        _, pairs = match_jolts(jolts.t_s, felt.t_s)
        right.append(jolts.kind[pairs[:, 0]] == felt.kind[pairs[:, 1]])
        commonest.append(felt.kind[pairs[:, 1]])
    share = np.bincount(np.concatenate(commonest), minlength=len(KINDS)).max() / len(np.concatenate(commonest))
    assert np.concatenate(right).mean() > max(share, 0.7)
