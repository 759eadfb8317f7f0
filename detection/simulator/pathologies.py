"""What goes wrong in real sensors, one fault at a time: a trace in, the damaged trace out, through `Trace.build` as a phone's.

Faults seen in exports and issue trackers of recording apps: a range set too small, an axis that hangs, batches lost, clocks
set, a phone that slips, coarse converters, and apps that poll the last value instead of waiting for the next.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation

from detection.trace import STANDARD_GRAVITY_MPS2, Floats, Trace


def clipped(trace: Trace, range_g: float = 2.0) -> Trace:
    """A sensor whose range ends at ± `range_g` on each of its axes."""
    limit = range_g * STANDARD_GRAVITY_MPS2
    return _with(trace, trace.accelerometer.t_s, np.clip(trace.accelerometer.xyz, -limit, limit))


def stuck(trace: Trace, axis: int, from_s: float, to_s: float) -> Trace:
    """One axis repeats what it showed at `from_s` until `to_s`, then wakes."""
    t, xyz = trace.accelerometer.t_s, trace.accelerometer.xyz.copy()
    held = (t >= from_s) & (t < to_s)
    if held.any():
        xyz[held, axis] = xyz[int(np.argmax(held)), axis]
    return _with(trace, t, xyz)


def thinned(trace: Trace, share: float, burst_s: float, seed: int) -> Trace:
    """`share` of the time is lost, in bursts of `burst_s` at random places."""
    t = trace.accelerometer.t_s
    rng = np.random.default_rng(seed)
    starts = rng.uniform(t[0], t[-1], rng.poisson(share * trace.duration_s / burst_s))
    kept = np.ones(len(t), bool)
    for start in starts:
        kept[np.searchsorted(t, start) : np.searchsorted(t, start + burst_s)] = False
    return _with(trace, t[kept], trace.accelerometer.xyz[kept])


def clock_set(trace: Trace, at_s: float, by_s: float) -> Trace:
    """The phone's clock is set at `at_s`: every stamp from then on, of samples and of fixes, is `by_s` later, or earlier."""

    def after(t: Floats) -> Floats:
        return np.where(t >= at_s, t + by_s, t)

    fixes, gyroscope = trace.fixes, trace.gyroscope
    set_ = Trace.build(
        trace.trip_id,
        accelerometer=(after(trace.accelerometer.t_s), trace.accelerometer.xyz),
        gyroscope=(after(gyroscope.t_s), gyroscope.xyz) if gyroscope is not None else None,
        location={
            "t": after(fixes.t_s),
            "latitude": fixes.latitude_deg,
            "longitude": fixes.longitude_deg,
            "speed": fixes.speed_mps,
            "bearing": fixes.bearing_deg,
            "accuracy": fixes.accuracy_m,
        },
    )
    return replace(set_, started_at=trace.started_at, device=trace.device)


def slipped(trace: Trace, at_s: float, turn: Rotation) -> Trace:
    """The phone lies differently from `at_s` on, from one sample to the next, also for its gyroscope."""
    gyroscope = trace.gyroscope
    if gyroscope is not None:
        turned = np.where((gyroscope.t_s >= at_s)[:, None], turn.apply(gyroscope.xyz.copy()), gyroscope.xyz)
        trace = replace(trace, gyroscope=replace(gyroscope, xyz=turned))
    samples = trace.accelerometer
    return _with(trace, samples.t_s, np.where((samples.t_s >= at_s)[:, None], turn.apply(samples.xyz.copy()), samples.xyz))


def coarse(trace: Trace, step_mps2: float = 4 * STANDARD_GRAVITY_MPS2 / 256) -> Trace:
    """Values in whole steps; by default ± 2 g in eight bits."""
    return _with(trace, trace.accelerometer.t_s, np.round(trace.accelerometer.xyz / step_mps2) * step_mps2)


def polled(trace: Trace, fresh_hz: float) -> Trace:
    """Stamps as often as before, but the sensor gives a new value only `fresh_hz` times a second: the last one is repeated."""
    t, xyz = trace.accelerometer.t_s, trace.accelerometer.xyz
    latest = np.searchsorted(t, np.floor((t - t[0]) * fresh_hz) / fresh_hz + t[0], side="right") - 1
    return _with(trace, t, xyz[np.clip(latest, 0, None)])


def _with(trace: Trace, t_s: Floats, xyz: Floats) -> Trace:
    rebuilt = Trace.build(trace.trip_id, accelerometer=(t_s, xyz))
    return replace(trace, accelerometer=rebuilt.accelerometer, provenance=rebuilt.provenance)
