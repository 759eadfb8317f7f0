"""shocks50hz in five classes, ten-fold: convolutions with fixed kernels and energies, a support vector machine over both.

It learns from each crossing and from `PARTS` stretches of it, and what it says of one left out is what it says of all of
these together: where a file happens to begin and end is not the road's. Nothing counts samples: features are shares and
quantiles over the stretch. But a longer stretch holds more road around the shock, and how much was kept follows the class; so
the same is printed with every crossing cut to `CUTS` samples around its shock, where all that lengths can tell is gone but for
the few that are shorter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from benchmarks.shocks import CLASSES, RATE_HZ, load_shocks
from detection.trace import Floats

# MiniRocket's kernels (Dempster, Schmidt, Webb: KDD 2021): nine taps of −1, three of them 2
KERNELS = np.array([np.where(np.isin(np.arange(9), held), 2.0, -1.0) for held in combinations(range(9), 3)])
DILATIONS = (1, 2, 3, 5, 7)  # 8 × 7 samples still fit into the shortest crossing, 61: nothing is padded
BIASES = 4  # thresholds of each kernel at each dilation
BANDS_HZ = ((0.5, 2.0), (2.0, 4.0), (4.0, 7.0), (7.0, 11.0), (11.0, 16.0), (16.0, 25.0))
WINDOW = 48  # samples of a band energy, a second
HEAVIER = 8.0**0.5  # a scale feature counts as much as eight shares: there are 1 680 of these and 38 of those
CUTS = (150, 96, 61)
PARTS = 3  # stretches of a crossing beside the whole of it …
PART = (0.6, 0.9)  # … of this share of its samples, and never below …
SHORTEST = 61  # … the shortest crossing
MARGIN = 10.0  # C of the machine; this, the parts and the kernel's width were chosen on folds drawn with seeds 1 to 3
FOLDS = 10
SEEDS = (0, 4, 5)  # of the folds: each crossing is left out once a seed
Names = npt.NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class Rocket:
    """Thresholds (dilations, kernels, biases) on what the kernels answer, drawn from training crossings."""

    biases: Floats

    @classmethod
    def drawn(cls, series: Sequence[Floats], seed: int = 0) -> Rocket:
        """Quantiles of the answers on at most 60 crossings, 50 places each."""
        rng = np.random.default_rng(seed)
        some = rng.integers(len(series), size=60)
        out = []
        for dilation in DILATIONS:
            answers = [answer(series[i], dilation) for i in some]
            held = np.concatenate([a[:, rng.integers(a.shape[1], size=50)] for a in answers], axis=1)
            out.append([np.quantile(row, rng.uniform(0.02, 0.98, BIASES)) for row in held])
        return cls(np.array(out))

    def shares(self, series: Floats) -> Floats:
        """Share of the places (dilations × kernels × biases,) at which each answer is above each threshold."""
        return np.concatenate(
            [
                (answer(series, d)[:, :, None] > b[:, None, :]).mean(axis=1).ravel()
                for d, b in zip(DILATIONS, self.biases, strict=True)
            ]
        )


def answer(series: Floats, dilation: int) -> Floats:
    """What each kernel (84,) answers at each place that it fits in whole, (84, n − 8 dilation)."""
    inside = len(series) - 8 * dilation
    return np.asarray(KERNELS @ np.stack([series[k * dilation : k * dilation + inside] for k in range(9)]))


def scales(series: Floats) -> Floats:
    """Logs of band energies over sliding seconds (quantiles and mean) and of quantiles of size and of change, (38,)."""
    windows = np.lib.stride_tricks.sliding_window_view(series, WINDOW)[::2]
    tapered = (windows - windows.mean(axis=1, keepdims=True)) * np.hanning(WINDOW)
    power, at_hz = np.abs(np.fft.rfft(tapered, 128, axis=1)) ** 2, np.fft.rfftfreq(128, 1.0 / RATE_HZ)
    energy = np.stack([np.log(power[:, (at_hz >= a) & (at_hz < b)].mean(axis=1) + 1e-3) for a, b in BANDS_HZ], axis=1)
    middle = float(np.median(series))
    sizes = [
        *np.quantile(np.abs(series), (0.25, 0.5, 0.75, 0.9, 0.97)),
        *np.quantile(np.abs(np.diff(series)), (0.5, 0.75, 0.9, 0.97)),
        *(np.quantile(series, (0.98, 0.9)) - middle),
        *(middle - np.quantile(series, (0.02, 0.1))),
        series.std(),
    ]
    return np.r_[np.quantile(energy, (0.1, 0.5, 0.9), axis=0).ravel(), energy.mean(axis=0), np.log(np.array(sizes) + 1e-2)]


def cut(series: Floats, samples: int) -> Floats:
    """The stretch of so many samples around the largest energy, shifted inwards at the ends; all of a shorter one."""
    if len(series) <= samples:
        return series
    energy = ndimage.gaussian_filter1d(series**2, 8, mode="constant")
    first = min(max(int(np.argmax(energy)) - samples // 2, 0), len(series) - samples)
    return series[first : first + samples]


def parts_of(series: Sequence[Floats], seed: int = 0) -> list[list[Floats]]:
    """The crossings as they are, then `PARTS` times a stretch of each."""
    rng = np.random.default_rng(seed)
    return [list(series)] + [[_part(one, rng) for one in series] for _ in range(PARTS)]


def _part(series: Floats, rng: np.random.Generator) -> Floats:
    samples = min(max(SHORTEST, int(len(series) * rng.uniform(*PART))), len(series))
    first = int(rng.integers(len(series) - samples + 1))
    return series[first : first + samples]


def left_out(series: Sequence[Floats], label: Names, seed: int) -> Names:
    """Class said of each crossing (n,) by a machine that saw nothing of it; seed: of the folds."""
    said = np.empty_like(label)
    versions = parts_of(series)
    scale = [np.stack([scales(one) for one in version]) for version in versions]
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(scale[0], label):
        rocket = Rocket.drawn([series[i] for i in train])
        both = [np.c_[np.stack([rocket.shares(one) for one in v]), s] for v, s in zip(versions, scale, strict=True)]
        machine = Machine.taught([table[train] for table in both], label[train])
        whole, *parts = (machine.decision(table[test]) for table in both)
        said[test] = machine.classes[(whole + np.mean(parts, axis=0)).argmax(axis=1)]
    return said


@dataclass(frozen=True, eq=False)
class Machine:
    """A support vector machine over shares and scales, the last 38 columns, which count more; classes in their order."""

    scaler: StandardScaler
    machine: SVC

    @classmethod
    def taught(cls, tables: Sequence[Floats], label: npt.NDArray[np.generic], weight: Floats | None = None) -> Machine:
        """By tables (n, k) of the same n crossings: whole first, then stretches; weight (n,): of each."""
        scaler = StandardScaler().fit(tables[0])
        rows = [_weighed(scaler.transform(table)) for table in tables]
        machine = SVC(C=MARGIN, gamma=1.0 / rows[0].var(axis=0).sum())
        each = None if weight is None else np.tile(weight, len(rows))
        machine.fit(np.concatenate(rows), np.tile(label, len(rows)), each)
        return cls(scaler, machine)

    @property
    def classes(self) -> npt.NDArray[np.generic]:
        return np.asarray(self.machine.classes_)

    def decision(self, table: Floats) -> Floats:
        """How much speaks for each class (m, classes)."""
        return np.asarray(self.machine.decision_function(_weighed(self.scaler.transform(table))))


def described(rocket: Rocket, series: Sequence[Floats]) -> Floats:
    """Shares and scales (n, k) of each."""
    return np.stack([np.r_[rocket.shares(one), scales(one)] for one in series])


def _weighed(rows: Floats) -> Floats:
    return np.c_[rows[:, :-38], rows[:, -38:] * HEAVIER]


def report(folder: Path) -> None:
    """Print accuracy and pothole recall of whole crossings and of such cut to one length, with 90 % intervals and chance."""
    if not folder.is_dir():
        print(f"shocks50hz: skipped, no recordings at {folder}")
        return
    vertical, label = load_shocks(folder)
    series = [one - np.median(one) for one in vertical]
    print(f"shocks50hz: {len(series)} crossings at 50 Hz, {len(CLASSES)} classes, ten-fold; chance {1 / len(CLASSES):.3f}")
    for name, held in {"whole": series, **{f"at most {n} samples": [cut(one, n) for one in series] for n in CUTS}}.items():
        right, holes = np.mean([left_out(held, label, seed) == label for seed in SEEDS], axis=0), label == "potholes"
        print(f"{name:<34} accuracy {_cell(right)}  pothole recall {_cell(right[holes])}", flush=True)


def _cell(right: Floats) -> str:
    """right (n,): how often each crossing was told right."""
    drawn = np.random.default_rng(0).choice(right, (1000, len(right))).mean(axis=1)
    low, high = np.quantile(drawn, [0.05, 0.95])
    return f"{right.mean():.3f} [{low:.3f}, {high:.3f}]"
