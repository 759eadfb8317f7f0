"""Three hundred single crossings at 50 Hz in five classes (González et al., IEEE T-ITS 18(11), 2017). Only reads.

The length of a file gives its class away (a regular road has about 298 samples, a pothole 96): nothing that follows from
the length may be used, so `even_windows` cuts all to one.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from detection.trace import Floats

RATE_HZ = 50.0
CLASSES = ("asphalt_bumps", "metal_bumps", "potholes", "regular_road", "worn_out_road")


def load_shocks(folder: Path) -> tuple[list[Floats], npt.NDArray[np.str_]]:
    """Vertical acceleration of each crossing, (n_i,) m/s² with gravity, and its class (300,), in order of class and name.

    Raises FileNotFoundError where a class has no file.
    """
    files = [(name, path) for name in CLASSES for path in sorted((folder / name).glob("*.csv"))]
    missing = set(CLASSES) - {name for name, _ in files}
    if missing:
        raise FileNotFoundError(f"{folder}: no recordings of {', '.join(sorted(missing))}")
    vertical = [np.loadtxt(path, skiprows=1, ndmin=1) for _, path in files]
    return vertical, np.array([name for name, _ in files], np.str_)


def even_windows(vertical: Sequence[Floats], samples: int) -> Floats:
    """(k, samples): of each crossing the stretch around its largest |deviation|, shifted inwards at the ends.

    Raises ValueError where a crossing is shorter (the shortest of all has 61): padding would tell the length.
    """
    shortest = min(map(len, vertical))
    if samples > shortest:
        raise ValueError(f"samples = {samples}: the shortest crossing has {shortest}; take no more than that")
    peaks = [int(np.argmax(np.abs(series - np.median(series)))) for series in vertical]
    first = [min(max(p - samples // 2, 0), len(s) - samples) for p, s in zip(peaks, vertical, strict=True)]
    return np.stack([s[i : i + samples] for i, s in zip(first, vertical, strict=True)])
