"""How fast detection is: seconds of driving per second on one core, and the ratio to one filter over the same samples.

    python -m benchmarks.speed [--minutes 60]

Times are CPU seconds of all threads, the best and the middle of several rounds, taken in turns: machines are noisy, ratios
of the same round less so.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import signal

from detection import find_defects, survey
from detection.settings import StatisticSettings
from detection.simulator import simulate_city, simulate_drive

ROUNDS = 15


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0, help="length of the simulated drive")
    args = parser.parse_args()
    seconds = 60.0 * args.minutes
    drive = simulate_drive(simulate_city(7), 0, 7, devices=1, rate_hz=(100.0, 100.0), duration_s=(seconds, seconds))
    trace = drive.trace
    vertical = trace.accelerometer.xyz[:, 2].copy()
    filters = {order: signal.butter(order, StatisticSettings().band_hz, "bandpass", fs=100.0, output="sos") for order in (2, 4)}
    jobs: dict[str, Callable[[], Any]] = {
        "survey": lambda: survey(trace),
        "sosfiltfilt, 2 sections (ours)": lambda: signal.sosfiltfilt(filters[2], vertical),
        "sosfiltfilt, 4 sections": lambda: signal.sosfiltfilt(filters[4], vertical),
    }
    spent = np.array([[_cpu_seconds(job) for job in jobs.values()] for _ in range(ROUNDS)])
    sensors = "accelerometer and gyroscope" if trace.gyroscope is not None else "accelerometer"
    print(f"{trace.duration_s / 60:.0f} minutes at {trace.accelerometer.rate_hz:.0f} Hz, {sensors}, {len(trace.fixes)} fixes")
    for name, mine in zip(jobs, spent.T, strict=True):
        best, ratio = mine.min(), spent[:, 0] / mine
        print(
            f"{name:<32} {best * 1000:8.1f} ms  {trace.duration_s / best:10,.0f} × real time  "
            f"survey/this {spent[:, 0].min() / best:6.1f}, middle of the rounds {np.median(ratio):6.1f}"
        )
    surveys = [survey(trace)]
    print(f"{'find_defects of that trip':<32} {_cpu_seconds(lambda: find_defects(surveys)) * 1000:8.1f} ms")


def _cpu_seconds(job: Callable[[], Any]) -> float:
    start = time.process_time()
    job()
    return time.process_time() - start


if __name__ == "__main__":
    main()
