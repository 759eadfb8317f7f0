"""From stored surveys to defects, tile by tile: what is read, what is estimated again, what is stored.

Two sorts of estimate. Of *some* tiles: those that trips touched since, from the surveys that touch them, by the calibration
of the epoch. Of *everything*: a new epoch begins with a new calibration, all defects and all streets. Both give what an estimate
of everything by the same calibration gives. docs/server.md says when which is made, and what the delay means.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy.orm import Session

from detection import Defects, Survey
from detection.assets import carry_with_assets
from detection.estimate import Nature, find_defects_and_nature_in
from detection.geo import on_globe
from detection.identity import distinct
from detection.passes import passes_of, usual_speeds
from detection.priority import terms_of
from detection.tiles import tiles_within
from detection.trust import calibrated
from ingest.common_tracks import draw_streets
from ingest.crossings import crossing_rows
from ingest.facts import fact_rows
from ingest.folding import folded, pinned, recounted, with_lost
from ingest.history import merged_days
from ingest.repairs import judge
from ingest.settings import Settings, Work
from ingest.store import (
    Store,
    assets,
    calibrations,
    common_tracks,
    contributions,
    crossings,
    defects,
    jobs,
    joined,
    live,
    marks,
    surveys,
    tiles,
    webhooks,
)
from ingest.store.calibrations import Epoch
from ingest.store.database import clock
from ingest.store.joined import Said
from ingest.store.marks import Repair, Verdict

Storing = Callable[[Session], None]

NEAR_DEG = 0.001  # 111 m of latitude: further away no asset is joined with a defect


def estimate(store: Store, settings: Settings, now: float) -> Storing:
    """Estimate what must be; returns what stores it, in the transaction that ends the job."""
    with store.database.read() as session:
        epoch = calibrations.load(session)
        due = is_due(epoch, settings.work, now)
    return _everything(store, settings, now) if due else _some(store, settings, now)


def is_due(epoch: Epoch, rules: Work, now: float) -> bool:
    """Whether a new epoch begins with the next estimate."""
    if epoch.calibration is None:
        return True
    grown = epoch.since >= max(1.0, rules.renew_share * epoch.surveys)
    return grown or is_late(epoch, rules, now)


def is_late(epoch: Epoch, rules: Work, now: float) -> bool:
    """Whether surveys have waited long enough to become part of a calibration, even if no further trip comes."""
    patience_s = max(rules.renew_s, rules.renew_s_per_survey * epoch.surveys)
    return epoch.since > 0 and not 0.0 <= now - epoch.made_at < patience_s


def request_if_late(store: Store, rules: Work, now: float) -> None:
    """Have an estimate made of surveys that no later trip brings about."""
    with store.database.read() as session:
        epoch = calibrations.load(session)
        wanted = is_late(epoch, rules, now) or (epoch.calibration is None and surveys.count(session) > 0)
        if not wanted or jobs.is_estimate_waiting(session):
            return
    store.database.run(lambda session: jobs.request_estimate(session, clock(session)), by_locks=True)


def _everything(store: Store, settings: Settings, now: float) -> Storing:
    with store.database.read() as session:
        epoch, stale = calibrations.load(session), tiles.stale(session)
        known, old, unplaced = surveys.load_all(session), defects.load(session), tiles.trips_without(session)
        city, said = assets.load(session), joined.load(session)
    calibration = calibrated(known)
    raw, tile, nature = _flat(find_defects_and_nature_in(None, known, calibration))
    found = carry_with_assets(raw, with_lost(old, said, None), city)
    found = replace(found, id=distinct(found.id))
    found, tile, nature = pinned(found, tile, nature, said)
    made = _passed(found, Defects.empty(), known, _repairs_of(store, found), settings.k, said, nature)
    streets, crossed = draw_streets(known, settings.k), crossing_rows(known, settings.k)

    def storing(session: Session) -> None:
        before = live.seen(session, settings.k)
        defects.replace(session, made.found, made.days, tile, made.facts, made.equity)
        marks.record(session, made.verdicts, now)
        live.tell(session, before, live.seen(session, settings.k), now)
        webhooks.tell_created(session, old, made.found, settings.k, now)
        common_tracks.replace(session, streets.rows)
        contributions.replace_firsts(session, streets.first_m)
        crossings.replace(session, crossed)
        calibrations.save(session, calibration, len(known), epoch, now)
        tiles.unmark(session, stale)
        for survey in known:
            if survey.trip_id in unplaced and surveys.is_stored(session, survey.trip_id):
                tiles.remember(session, survey)

    return storing


def _some(store: Store, settings: Settings, now: float) -> Storing:
    with store.database.read() as session:
        epoch, stale = calibrations.load(session), tiles.stale(session)
        if epoch.calibration is None:  # it expired just now; whoever let it asked for another estimate
            return lambda _session: None
        touched = set(stale.values())
        near, old = surveys.load_touching(session, touched), defects.load(session, touched)
        raw, tile, nature = _flat(find_defects_and_nature_in(touched, near, epoch.calibration))
        city, said = assets.load(session, *_latitudes(raw, old)), joined.load(session)
        found = carry_with_assets(raw, with_lost(old, said, touched), city)
        found = _named_apart(found, defects.taken(session, found.id.tolist(), touched))
        found, tile, nature = pinned(found, tile, nature, said)
        around = defects.load(session, _tiles_around(found) - touched)
    made = _passed(found, around, near, _repairs_of(store, found), settings.k, said, nature)

    def storing(session: Session) -> None:
        before = live.seen(session, settings.k, touched)
        defects.replace_in(session, touched, made.found, made.days, tile, made.facts, made.equity)
        marks.record(session, made.verdicts, now)
        live.tell(session, before, live.seen(session, settings.k, touched), now)
        webhooks.tell_created(session, old, made.found, settings.k, now)
        tiles.unmark(session, stale)

    return storing


@dataclass(frozen=True)
class _Passed:
    """Defects as their passes tell them, with rows of their days, verdicts about repairs, rows of facts and the other ranking."""

    found: Defects
    days: list[dict[str, object]]
    verdicts: list[Verdict]
    facts: list[dict[str, object]]
    equity: list[float]


def _flat(by_tile: Mapping[int, tuple[Defects, Nature]]) -> tuple[Defects, list[int], Nature]:
    """One table in order of tile, the tile of each row, and what sort of thing it is."""
    parts = [by_tile[tile] for tile in sorted(by_tile)]
    nature = Nature.concatenate(of for _, of in parts)
    found = Defects.concatenate([found for found, _ in parts])
    return found, np.repeat(sorted(by_tile), [len(found) for found, _ in parts]).tolist(), nature


def _named_apart(found: Defects, taken: Sequence[str]) -> Defects:
    """Ids that no defect of another tile has."""
    names = distinct(np.r_[np.array(taken, object), found.id])
    return replace(found, id=names[len(taken) :])


def _latitudes(*tables: Defects) -> tuple[float, float]:
    """South and north of what assets near these defects lie between."""
    held = np.concatenate([table.latitude for table in tables])
    return (float(held.min()) - NEAR_DEG, float(held.max()) + NEAR_DEG) if len(held) else (math.inf, -math.inf)


def _tiles_around(found: Defects) -> set[int]:
    _, tile, _ = tiles_within(on_globe(found.latitude, found.longitude), tiles.BEYOND_M)
    return set(tile.tolist())


def _passed(
    found: Defects,
    around: Defects,
    near: Sequence[Survey],
    repairs: Sequence[Repair],
    k: int,
    said: Said,
    nature: Nature,
) -> _Passed:
    """What the passes say of the defects found; neighbours in other tiles take the jolts nearer to them."""
    own: Collection[str] = set(found.id.tolist())
    every = Defects.concatenate([found, around])
    passes = folded(passes_of(every, near), every, said)
    found = recounted(found, every, passes, said)
    every = Defects.concatenate([found, around])
    terms = terms_of(found, passes[passes.defect < len(found)], usual_speeds(found, near))
    found = replace(found, priority=terms.priority)
    days = [row for row in merged_days(every, passes, k) if row["defect_id"] in own]
    verdicts, seems = judge(every, passes, near, [repair for repair in repairs if repair.defect_id not in said.into])
    return _Passed(found, days, verdicts, fact_rows(found, terms, nature, seems), terms.equity.tolist())


def _repairs_of(store: Store, found: Defects) -> list[Repair]:
    with store.database.read() as session:
        return marks.repairs(session, found.id.tolist())
