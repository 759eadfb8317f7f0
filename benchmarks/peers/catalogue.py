"""All peers by name, each with the variants among which its tuning chooses: what its paper tuned or left open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import product

from benchmarks.peers.nericell import nericell
from benchmarks.peers.patrol import pothole_patrol
from benchmarks.peers.seismic import sta_lta
from benchmarks.peers.signal import Signal
from benchmarks.peers.thresholds import g_zero, stdev_z, z_diff, z_thresh
from detection.trace import Floats

Statistic = Callable[[Signal], Floats]


@dataclass(frozen=True)
class Peer:
    """A detector of the field: a statistic and a threshold. The first variant is used where nothing can be tuned."""

    name: str
    variants: tuple[Statistic, ...]


PEERS = (
    Peer("Z-THRESH (Mednis 2011)", (z_thresh,)),
    Peer("Z-DIFF (Mednis 2011)", (z_diff,)),
    Peer("STDEV(Z) (Mednis 2011)", tuple(partial(stdev_z, window_s=w) for w in (0.5, 0.25, 1.0))),
    Peer("G-ZERO (Mednis 2011)", (g_zero,)),
    Peer("Nericell z-sus, z-peak (2008)", tuple(partial(nericell, peak_over_dip=r) for r in (1.0, 0.5, 1.5, 2.0, 3.0))),
    Peer(
        "Pothole Patrol (2008)",
        tuple(partial(pothole_patrol, t_x=x, t_s=s) for x, s in product((0.0, 0.1, 0.25, 0.5, 1.0), (0.0, 0.1, 0.2, 0.4))),
    ),
    Peer("STA/LTA (Allen 1978)", tuple(partial(sta_lta, short_s=s, long_s=g) for s, g in product((0.3, 0.1, 0.6), (15.0, 5.0)))),
)
