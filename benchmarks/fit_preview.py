"""Makes mobile_app/preview/coefficients.py: the filter, designed by scipy, and the judge, fitted to what the server says.

`python -m benchmarks.fit_preview [--drives 400]`. Drives of seeds 700 to 799, which `benchmarks.phone_preview` does not use. A
linear judge of 19 figures agrees with the server by an F1 of 0.94 to 0.95; one of all their products, too (190 figures), and
boosted trees by 0.02 more: not worth ten times the numbers, which tell more of the simulator than of roads.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from scipy import signal
from sklearn.linear_model import LogisticRegression

from benchmarks.phone_preview import drives, matched, previewed
from detection import survey
from detection.settings import StatisticSettings
from mobile_app.preview import Preview, judging

TARGET = Path(judging.__file__).with_name("coefficients.py")
REACH = 60  # taps either side, 0.6 s: beyond lies 0.1 % of the response's energy
SEED = 700
_HEAD = '''"""Made by `python -m benchmarks.fit_preview`; not written by hand.

BAND: taps of the zero-phase band-pass, 2 to 25 Hz at 100 Hz, that `detection.statistic.band` is. The rest: the judge of
candidates (`judging`), a column a feature of `window.FEATURES`.
"""

import numpy as np

'''


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--drives", type=int, default=400)
    chosen = options.parse_args()
    columns = {"BAND": band_taps(), **fit(*examples(chosen.drives))}
    TARGET.write_text(_HEAD + "".join(_line(name, values) for name, values in columns.items()))


def band_taps() -> np.ndarray:
    """What the server's filter, forth and back, makes of a single 1."""
    sections = signal.butter(2, StatisticSettings.band_hz, "bandpass", fs=100.0, output="sos")
    one = np.zeros(2001)
    one[1000] = 1.0
    return signal.sosfiltfilt(sections, one)[1000 - REACH : 1001 + REACH]


def examples(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Features (n, f) of candidates, and whether the server has a jolt there (n,)."""
    features, wanted = [], []
    for trace in drives(count, SEED):
        rows: list[np.ndarray] = []

        def keep(found: np.ndarray, rows: list[np.ndarray] = rows) -> np.ndarray:
            rows.append(found)
            return np.ones(len(found))

        seen = previewed(trace, Preview(judge=keep))
        mine = np.zeros(len(seen))
        for index, _ in matched(np.array([jolt.t_s for jolt in seen]), survey(trace).jolts.t_s):
            mine[index] = 1.0
        features.append(np.concatenate(rows))
        wanted.append(mine)
    return np.concatenate(features), np.concatenate(wanted)


def fit(features: np.ndarray, wanted: np.ndarray) -> dict[str, np.ndarray]:
    """The judge's numbers."""
    centre, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    model = LogisticRegression(max_iter=2000).fit(np.clip((features - centre) / spread, -4.0, 4.0), wanted)
    return {"CENTRE": centre, "SPREAD": spread, "WEIGHTS": model.coef_[0], "BIAS": model.intercept_}


def _line(name: str, values: np.ndarray) -> str:
    digits, across = (8, 8) if name == "BAND" else (4, 10)
    rows = [", ".join(f"{value:.{digits}f}" for value in values[i : i + across]) for i in range(0, len(values), across)]
    return f"{name} = np.array([\n    " + ",\n    ".join(rows) + ",\n])  # fmt: skip\n"


if __name__ == "__main__":
    main()
