"""What liars achieve in a simulated city: `python -m benchmarks.trust [--trips 300] [--seeds 31 32]`.

Drives of a hundred devices; some of them report perfect potholes, always at the same invented places (so that they bear
each other out), or never anything. Printed: how many of what is told with a confidence of at least a half where three
devices passed is invented, and how many of what the honest city told is told still. Then: what is found of copied
traces, and which honest drives are taken for copies or called implausible.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np

from benchmarks.defects_simulated import _places, _truth
from benchmarks.liars import Places, invented_places, lying, silent
from detection import Defects, Survey, Trace, find_defects, survey
from detection.calibration import calibrate
from detection.fingerprint import is_copy, match, peaks_of
from detection.plausible import Implausible, check_plausible
from detection.scoring import match_defects
from detection.simulator import City, simulate_city, simulate_drive
from detection.trace import Samples
from detection.trust import learn_trust

DEVICES, INVENTED, K = 100, 500, 3
STREET_KM = 6.0


def main() -> None:
    """Parse, simulate, print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--trips", type=int, default=300)
    options.add_argument("--seeds", type=int, nargs="+", default=[31, 32])
    chosen = options.parse_args()
    with ProcessPoolExecutor(2) as pool:
        for seed in chosen.seeds:
            jobs = [(seed, index) for index in range(chosen.trips)]
            report_liars(simulate_city(seed, street_km=STREET_KM), list(pool.map(_survey, jobs, chunksize=8)), seed)
    report_copies(chosen.seeds[0])


def report_liars(city: City, honest: Sequence[Survey], seed: int) -> None:
    """What one, five, twenty and forty liars achieve; with trust, and as if everybody was believed."""
    devices = sorted({str(one.device) for one in honest})
    places = invented_places(honest, INVENTED, seed)
    table = learn_trust(honest)
    real = told(honest)
    print(
        f"city {seed}: {len(honest)} trips of {len(devices)} devices; {len(real)} defects told, {_true(real, city)} of them real"
    )
    print(f"  honest devices invent at most {table.invents.max():.3f}; discounted {int((table.trust < 1).sum())}")
    for count in (1, 5, 20, 40):
        liars = set(np.random.default_rng(seed + count).choice(devices, count, replace=False).tolist())
        for name, places_now in (("invent 500", places), ("invent 10", _first(places, 10))):
            bad = [lying(one, places_now, at) if one.device in liars else one for at, one in enumerate(honest)]
            _print(f"{count:3d} of {len(devices)} {name}", told(bad), told(bad, believe=True), places_now, real, city)
        mute = [silent(one) if one.device in liars else one for one in honest]
        _print(f"{count:3d} of {len(devices)} silent", told(mute), told(mute, believe=True), places, real, city)


def told(surveys: Sequence[Survey], believe: bool = False) -> Defects:
    """What the public is shown; believe: everybody."""
    found = find_defects(surveys, calibration=calibrate(surveys) if believe else None)
    return found[(found.confidence >= 0.5) & (found.devices >= K)]


def report_copies(seed: int) -> None:
    """Copies of a drive, changed in ways that leave it the same drive; honest drives of the same streets."""
    city = simulate_city(seed, street_km=3.0)
    drives = [simulate_drive(city, i, seed, devices=8, duration_s=(280.0, 320.0)).trace for i in range(24)]
    peaks = [peaks_of(drive.accelerometer) for drive in drives]
    found: dict[str, list[bool]] = {}
    for drive, of in zip(drives, peaks, strict=True):
        for name, copy in changed(drive.accelerometer, np.random.default_rng(seed)):
            found.setdefault(name, []).append(is_copy(match(peaks_of(copy), of)))
    print("copies found: " + ", ".join(f"{name} {sum(hits)}/{len(hits)}" for name, hits in found.items()))
    pairs = [match(peaks[i], peaks[j]) for i in range(len(drives)) for j in range(i)]
    print(f"pairs of honest drives on the same 3 km: {len(pairs)}, taken for copies {sum(map(is_copy, pairs))}")
    print(f"honest drives called implausible: {sum(map(_is_implausible, drives))} of {len(drives)}")


def changed(sensor: Samples, rng: np.random.Generator) -> Iterator[tuple[str, Samples]]:
    """Copies as a cheat, another app or another phone's clock would make them."""
    t, xyz = sensor.t_s, sensor.xyz
    yield "shifted", Samples(t + 37.123, xyz.copy())
    for noise in (0.1, 0.3):
        yield f"noise {noise} m/s²", Samples(t.copy(), xyz + rng.normal(0.0, noise, xyz.shape))
    jitter = np.sort(t + rng.uniform(-0.003, 0.003, len(t)))
    fresh = np.r_[True, np.diff(jitter) > 0]
    turned = xyz @ np.linalg.qr(rng.normal(size=(3, 3)))[0]
    yield "jittered and turned", Samples(jitter[fresh], turned[fresh])
    even = np.arange(t[0], t[-1], 0.02)
    yield "at 50 Hz", Samples(even, np.stack([np.interp(even, t, axis) for axis in xyz.T], axis=1))
    yield "to 0.1 m/s²", Samples(t.copy(), np.round(xyz, 1))
    yield "louder by a fifth", Samples(t.copy(), xyz * 1.2)
    half = len(t) // 2
    yield "first half", Samples(t[:half].copy(), xyz[:half].copy())
    yield "faster by 1 %", Samples(t / 1.01, xyz.copy())


def _print(name: str, found: Defects, naive: Defects, places: Places, real: Defects, city: City) -> None:
    kept = len(match_defects(_places(found), _places(real))[1])
    fakes, before = (_invented(one, places, city) for one in (found, naive))
    print(f"  {name:<22} invented and told {fakes:3d} (were all believed: {before:3d}); of {len(real)} honest ones kept {kept}")


def _invented(found: Defects, places: Places, city: City) -> int:
    """Told where liars invented one, and nothing is."""
    _, pairs, _ = match_defects(_places(found), (places.latitude, places.longitude, places.heading))
    _, true, _ = match_defects(_places(found), _truth(city)[:3])
    return len(set(pairs[:, 0].tolist()) - set(true[:, 0].tolist()))


def _true(found: Defects, city: City) -> int:
    return len(match_defects(_places(found), _truth(city)[:3])[1])


def _first(places: Places, count: int) -> Places:
    return replace(places, **{name: getattr(places, name)[:count] for name in ("latitude", "longitude", "heading")})


def _is_implausible(trace: Trace) -> bool:
    try:
        check_plausible(trace)
    except Implausible:
        return True
    return False


def _survey(job: tuple[int, int]) -> Survey:
    seed, index = job
    drive = simulate_drive(simulate_city(seed, street_km=STREET_KM), index, seed, devices=DEVICES, duration_s=(280.0, 320.0))
    return survey(drive.trace)


if __name__ == "__main__":
    main()
