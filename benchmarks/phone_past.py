"""Two months of driving in a phone's folder: the diary, the outbox, the city's map, reports and what the drives brought.

The streets, what lies on them and the ways are the simulator's; the files are written by the app's own code.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass

import numpy as np

from detection import KINDS
from detection.geo import LocalMetres
from detection.simulator.road_models import road_model
from detection.simulator.streets import lay_streets
from detection.simulator.things import PER_KM, scatter_things
from mobile_app import durable, wire
from mobile_app.diary import Diary, Entry, Jolt
from mobile_app.home import Home
from mobile_app.outbox import Outbox
from mobile_app.privacy import Ends, cell_of, outside_m
from mobile_app.reports import Reports, State

MIDDLE = (48.5846, 7.7507)  # where `phone_home` drives
DAY_S = 86_400.0
STEP = 10  # m between points of a way
SPEED_MPS = 7.5


@dataclass
class World:
    """Streets as lists of places, and what is known of their defects."""

    plane: LocalMetres
    streets: list
    defects: object


def world(seed: int = 4, street_km: float = 46.0) -> World:
    rng = np.random.default_rng(seed)
    plane = LocalMetres(*MIDDLE)
    streets = lay_streets(street_km, rng)
    defects, _ = scatter_things(streets, plane, PER_KM, road_model("iso8608").draw, rng)
    return World(plane, streets, defects)


def write_past(home: Home, now_s: float, *, trips: int = 24) -> list[Entry]:
    """Writes it all; returns the trips, newest first: the first waits, the second is half sent, the third is stuck."""
    here, rng = world(), np.random.default_rng(11)
    outbox, diary = Outbox(home.outbox), Diary(home.diary)
    ago_days = np.sort(np.r_[0.1, 0.4, 1.3, 1.9, rng.uniform(2.5, 52.0, trips - 4)])
    entries = [drive(here, now_s - days * DAY_S, rng) for days in ago_days]
    for number, entry in enumerate(entries):
        diary.write(entry)
        left_behind(outbox, entry, number)
    durable.write_json(home.defects, city_map(here, now_s, rng))
    brought = {
        "km": 312.4,
        "trips": trips,
        "jolts": 268,
        "defects": 17,
        "repairs": 6,
        "first_km": 4.2,
        "fetched_at_s": now_s - 7300,
    }
    durable.write_json(home.contribution, brought)
    write_reports(Reports(home.reports), now_s)
    return entries


def write_reports(reports: Reports, now_s: float) -> None:
    made = (
        ("lamp", "Dark since Monday", 1.2, State.SENT),
        ("graffiti", "", 0.3, State.REFUSED),
        ("pothole", "By the bus stop", 0.01, None),
    )
    for kind, note, days, state in made:
        report = reports.write(kind, MIDDLE[0] + 0.002, MIDDLE[1], note, now_s - days * DAY_S)
        if state is not None:
            reports.mark(report.report_id, state, "it lies outside the city" if state is State.REFUSED else "")


def drive(here: World, began_s: float, rng: np.random.Generator, metres: float = 6000.0) -> Entry:
    """One trip: a walk over the streets, its ends withheld by the app's own rules."""
    xy = _walk(here.streets, metres, rng)
    latitudes, longitudes = here.plane.to_degrees(xy[:, 0], xy[:, 1])
    places = list(zip(np.round(latitudes, 5).tolist(), np.round(longitudes, 5).tolist(), strict=True))
    rules = Ends()
    cells = sorted({cell_of(*places[at], rules.cell_m) for at in (0, -1)})
    free = [all(outside_m(cell, *place) > rules.reach_m for cell in cells) for place in places]
    pieces, piece = [], []
    for place, shown in zip([*places, places[-1]], [*free, False], strict=True):
        if shown:
            piece.append(place)
        elif piece:
            pieces, piece = [*pieces, tuple(piece)], []
    pieces = [one for one in pieces if len(one) > 2]
    jolts = tuple(
        Jolt(SPEED_MPS * at, *one[at], round(float(rng.gamma(2.0, 0.9)), 2))
        for one in pieces
        for at in np.flatnonzero(rng.random(len(one)) < 0.025)
    )
    km, sent_km = len(xy) * STEP / 1000, sum(len(one) for one in pieces) * STEP / 1000
    chunks = int(sent_km * 1000 / SPEED_MPS / 60) + 1 if pieces else 0
    trip_id = str(uuid.UUID(bytes=rng.bytes(16), version=4))
    cells = tuple((cell.size_m, cell.row, cell.column) for cell in cells)
    ended_s = began_s + km * 1000 / SPEED_MPS
    return Entry(trip_id, began_s, ended_s, km, sent_km, tuple(pieces), cells, jolts, chunks, chunks * 6000)


def left_behind(outbox: Outbox, entry: Entry, number: int) -> None:
    """What the outbox holds of it: the newest waits, the next is half sent, the third is stuck, the others are done."""
    if entry.chunks == 0:
        return
    outbox.begin(entry.trip_id, int(entry.began_s * 1e6))
    for at in range(entry.chunks):
        data = chunk(entry.trip_id, at, int(entry.began_s * 1e6))
        outbox.add(entry.trip_id, at, data)
        if number == 0 or (number == 1 and at >= entry.chunks // 2):
            continue
        if number == 2 and at == 1:
            outbox.refuse(entry.trip_id, at, "its samples are not of a car")
            continue
        outbox.acknowledge(entry.trip_id, at, _sha256(data))
    outbox.finish(entry.trip_id, entry.chunks)
    if number == 2:
        outbox.set_stuck(entry.trip_id, "the server lacks chunk 1 (its samples are not of a car)")
    if number > 2:
        outbox.close(entry.trip_id)


def chunk(trip_id: str, number: int, started_at_us: int) -> bytes:
    t = np.arange(200) / 100.0
    noise = np.random.default_rng(number).normal(0, 1, (3, 200))
    return wire.encode(trip_id, number, started_at_us, accelerometer={"t": t, "x": noise[0], "y": noise[1], "z": noise[2]})


def city_map(here: World, now_s: float, rng: np.random.Generator) -> dict:
    """The server's answer to GET /v1/defects."""
    things, features = here.defects, []
    for i in range(len(things.id)):
        passes = int(rng.integers(4, 90))
        heading = float(things.heading[i])
        properties = {
            "id": str(things.id[i]),
            "kind": KINDS[int(things.kind[i])],
            "severity": round(float(rng.gamma(2.0, 1.3)), 2),
            "confidence": round(float(1 - rng.beta(1.0, 5.0)), 3),
            "hits": int(passes * rng.uniform(0.4, 0.95)),
            "passes": passes,
            "devices": min(passes, int(rng.integers(3, 20))),
            "heading": None if heading != heading else round(heading, 1),
            "status": str(rng.choice(["new", "confirmed", "scheduled", "repaired"], p=[0.6, 0.2, 0.12, 0.08])),
        }
        place = {"type": "Point", "coordinates": [float(things.longitude[i]), float(things.latitude[i])]}
        features.append({"type": "Feature", "id": properties["id"], "geometry": place, "properties": properties})
    return {"type": "FeatureCollection", "fetched_at_s": now_s - 7300, "features": features}


def _walk(streets: list, metres: float, rng: np.random.Generator) -> np.ndarray:
    """Points every STEP m along streets that follow each other, not turning back where that can be helped."""
    at = int(rng.choice([street.start for street in streets]))
    before, way, length = None, [], 0.0
    while length < metres:
        on = [street for street in streets if at in (street.start, street.end) and street is not before]
        street = on[int(rng.integers(len(on)))]
        xy = street.xy if street.start == at else street.xy[::-1]
        way.append(xy[::STEP])
        at, before, length = street.end if street.start == at else street.start, street, length + street.length_m
    return np.concatenate(way)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
