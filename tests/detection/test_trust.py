"""Whose word counts: devices that invent are found out by others, and honest ones are left alone."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.liars import invented_places, lying
from detection import Survey, find_defects, survey
from detection.calibration import calibrate
from detection.scoring import match_defects
from detection.simulator import simulate_city, simulate_drives
from detection.trust import DEFAULT, Claims, learn_trust, rates_of, trust_of
from detection.weight import DeviceTrust


@pytest.fixture(scope="module")
def honest() -> list[Survey]:
    city = simulate_city(31, street_km=1.5)
    return [survey(drive.trace) for drive in simulate_drives(city, 60, 31, devices=30, duration_s=(90.0, 110.0))]


def naive_rates(claims: Claims, devices: int) -> np.ndarray:
    """`rates_of` row by row."""
    rows = list(zip(claims.place.tolist(), claims.device.tolist(), claims.hit.tolist(), claims.worth.tolist(), strict=True))
    places = sorted({row[0] for row in rows})
    real = {}
    for place in places:
        mine = [row for row in rows if row[0] == place]
        real[place] = min(max(sum(w * h for _, _, h, w in mine) / sum(w for *_, w in mine), 0.02), 0.98)
    share, invents = DEFAULT.real, np.zeros(devices)
    for _ in range(DEFAULT.rounds):
        sees = np.zeros(devices)
        for device in range(devices):
            mine = [row for row in rows if row[1] == device]
            (a, b), (c, d) = DEFAULT.sees, DEFAULT.invents
            sees[device] = (a + sum(w * real[p] * h for p, _, h, w in mine)) / (a + b + sum(w * real[p] for p, _, _, w in mine))
            false = [(w * (1 - real[p]), h) for p, _, h, w in mine]
            invents[device] = (c + sum(w * h for w, h in false)) / (c + d + sum(w for w, _ in false))
        for place in places:
            odds = np.log(share / (1 - share))
            for _, who, hit, worth in (row for row in rows if row[0] == place):
                odds += worth * np.log(sees[who] / invents[who] if hit else (1 - sees[who]) / (1 - invents[who]))
            real[place] = 1 / (1 + np.exp(-odds))
        share = float(np.clip(np.mean(list(real.values())), 0.05, 0.95))
    return invents


def test_the_rates_are_those_of_the_sums_written_out():
    rng = np.random.default_rng(5)
    place, device = (grid.ravel() for grid in np.meshgrid(np.arange(12), np.arange(6), indexing="ij"))
    hit = ((place < 5) & (rng.random(72) < 0.7) | (device == 5)).astype(float)
    claims = Claims(place, device, hit, rng.uniform(0.4, 1.0, 72))
    np.testing.assert_allclose(rates_of(claims, 6, DEFAULT)[0], naive_rates(claims, 6), rtol=1e-9)


def test_honest_devices_keep_their_word_and_nothing_changes_to_the_bit(honest: list[Survey]):
    assert (learn_trust(honest).trust == 1.0).all()
    believed = find_defects(honest, calibration=calibrate(honest))
    found = find_defects(honest)
    for name, column in believed.columns().items():
        np.testing.assert_array_equal(getattr(found, name), column)


def test_colluding_liars_are_found_out_and_what_they_invent_is_not_told(honest: list[Survey]):
    devices = sorted({str(one.device) for one in honest})
    places = invented_places(honest, 60, 1)
    liars = set(devices[::6])
    bad = [lying(one, places, at) if one.device in liars else one for at, one in enumerate(honest)]
    table = learn_trust(bad)
    mine = np.isin(table.device.astype(str), sorted(liars))
    print("liars", table.trust[mine].round(3), "honest", table.trust[~mine].min())
    assert table.trust[mine].max() < 0.3
    assert (table.trust[~mine] == 1.0).all()
    where = (places.latitude, places.longitude, places.heading)
    told = {}
    for name, surveys, calibration in (("honest", honest, None), ("believed", bad, calibrate(bad)), ("judged", bad, None)):
        found = find_defects(surveys, calibration=calibration)
        sure = found[(found.confidence >= 0.5) & (found.devices >= 3)]
        told[name] = len(match_defects((sure.latitude, sure.longitude, sure.heading), where)[1])
    invented = {name: count - told["honest"] for name, count in told.items()}  # some places lie at real things
    assert invented["judged"] <= 0.1 * invented["believed"], told
    assert invented["believed"] > 20


def test_trust_does_not_hang_on_the_order_of_trips(honest: list[Survey]):
    mixed = random.Random(2).sample(honest, len(honest))
    one, other = learn_trust(honest), learn_trust(mixed)
    for name, column in one.columns().items():
        np.testing.assert_array_equal(getattr(other, name), column)


def test_where_nobody_else_drives_a_device_keeps_its_word(honest: list[Survey]):
    places = invented_places(honest, 60, 1)
    alone = [replace(lying(one, places, at), device="alone") for at, one in enumerate(honest[:10])]
    assert learn_trust(alone).trust.tolist() == [1.0]


def test_worth_falls_with_the_rate_and_only_after_some_inventions():
    worth = trust_of(np.array([0.0, 0.05, 0.08, 0.12, 0.3, 0.9]), np.full(6, 10.0))
    assert worth[:3].tolist() == [1.0, 1.0, 1.0]
    assert (np.diff(worth[2:]) < 0).all()
    assert worth[-1] < 1e-4
    assert trust_of(np.array([0.9]), np.array([2.0])).tolist() == [1.0]


def test_devices_not_known_are_believed():
    table = DeviceTrust(np.array(["b", "d"], object), np.array([0.5, 0.25]), np.zeros(2), np.zeros(2))
    assert table.of(np.array(["a", "b", "c", "d", "e"], object)).tolist() == [1.0, 0.5, 1.0, 0.25, 1.0]
    assert DeviceTrust.empty().of(np.array(["a"], object)).tolist() == [1.0]
