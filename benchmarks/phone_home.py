"""A phone's folder in the middle of a day: a drive under way, jolts on the strip, something waiting to be sent."""

from __future__ import annotations

import math
import random
from array import array
from dataclasses import replace
from pathlib import Path
from typing import Any

from mobile_app.choices import Choices, save_choices
from mobile_app.home import Home
from mobile_app.places import Places
from mobile_app.reasons import WAITS_FOR_WIFI
from mobile_app.ring import RATE_HZ, RingWriter
from mobile_app.status import State, Status, write_status

NOW_S = 1_795_874_700.0  # 28 November 2026, 14:05 UTC
TRIP = "5f0c7a52-3b1e-4c9d-8a77-0d6b2f1e9c34"
DRIVING = Status(
    at_s=NOW_S,
    state=State.RECORDING,
    trip_id=TRIP,
    trip_began_s=NOW_S - 1_500,
    trip_km=12.3,
    trip_jolts=4,
    today_km=31.2,
    today_jolts=11,
    speed_mps=13.2,
    accuracy_m=4.0,
    fix_age_s=0.6,
    rate_hz=99.8,
    latitude=48.5846,
    longitude=7.7507,
    heading=40.0,
    battery=0.62,
    charging=False,
    waiting_chunks=14,
    waiting_bytes=2_100_000,
    unsent_why=WAITS_FOR_WIFI,
)


def write_home(folder: Path, status: Status = DRIVING, **choices: Any) -> Home:
    """The files that the screens read, as the recorder would have left them at `NOW_S`."""
    home = Home(folder)
    save_choices(home.choices, replace(Choices(server_url="https://roads.example.org").agree(NOW_S - 86_400 * 40), **choices))
    write_status(home.status, status)
    home.outbox.mkdir(exist_ok=True)
    places = Places(home.outbox)
    places.add(48.5734, 7.7521)
    places.add(48.6112, 7.8003)
    with RingWriter(home.ring) as ring:
        ring.write(60.0, road(60.0))
    return home


def road(seconds: float, seed: int = 7) -> array[float]:
    """Vertical acceleration of a car on asphalt with a pothole now and then, m/s² at the ring's rate."""
    chance = random.Random(seed)
    count = int(seconds * RATE_HZ)
    values = [chance.gauss(0.0, 0.45) for _ in range(count)]
    for at_s in (1.2, 9.0, 17.5, 26.1, 34.4, 41.3, 50.4, 54.2, 58.1):
        height = chance.uniform(4.0, 8.5)
        for axle_s in (0.0, 0.19):
            begin = int((at_s + axle_s) * RATE_HZ)
            for step in range(30):
                if begin + step < count:
                    values[begin + step] += height * math.exp(-step / 7) * math.cos(step * 1.1) * (1.0 if axle_s == 0 else 0.8)
    values += [0.0, 0.0]
    smoothed = [0.25 * a + 0.5 * b + 0.25 * c for a, b, c in zip(values, values[1:], values[2:], strict=False)]
    return array("f", smoothed)
