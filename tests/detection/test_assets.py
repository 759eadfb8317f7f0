"""Known castings, humps and crossings: what lies on one is joined with it, and nothing else is touched."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as rounds
from hypothesis import strategies as st

from detection import KINDS, STATUSES, Defects, Jolts
from detection.assets import SORTS, Assets, asset_of, carry_with_assets, join_assets, mark_jolts
from detection.geo import LocalMetres, turn_deg
from detection.settings import AssetSettings
from tests.detection.naive import assets_of

RULES = AssetSettings()
NEW, DISMISSED, SCHEDULED = (STATUSES.index(status) for status in ("new", "dismissed", "scheduled"))
CASTING, HUMP, CROSSING = (SORTS.index(sort) for sort in ("casting", "hump", "crossing"))
POTHOLE, BUMP, JOINT = (KINDS.index(kind) for kind in ("pothole", "speed_bump", "joint"))
MUNICH, DATE_LINE = (48.1, 11.5), (-16.8, 180.0)  # Taveuni in Fiji has a road across it


def defects(*rows: tuple[float, float, float, int, float], origin: tuple[float, float] = MUNICH, radius: float = 1.5) -> Defects:
    """Rows of (east m, north m, heading, kind, severity)."""
    count, held = len(rows), np.array(rows, float).reshape(-1, 5)
    latitude, longitude = LocalMetres(*origin).to_degrees(held[:, 0], held[:, 1])
    columns = {name: np.ones(count) for name in Defects.empty().columns()}
    columns |= {"id": np.array([f"d{i}" for i in range(count)], object), "latitude": latitude, "longitude": longitude}
    columns |= {"heading": held[:, 2], "kind": held[:, 3], "severity": held[:, 4]}
    return Defects.from_columns(columns | {"radius": np.full(count, radius), "status": np.zeros(count)})


def assets(*rows: tuple[str, float, float, float, int], origin: tuple[float, float] = MUNICH) -> Assets:
    """Rows of (id, east m, north m, heading, sort)."""
    held = np.array([row[1:] for row in rows], float).reshape(-1, 4)
    latitude, longitude = LocalMetres(*origin).to_degrees(held[:, 0], held[:, 1])
    sort = held[:, 3].astype(np.int8)
    names = np.array([row[0] for row in rows], object)
    return Assets(names, latitude, longitude, sort, held[:, 2], np.array(RULES.radius_m)[sort])


def same(one: Defects, other: Defects) -> None:
    for name in one.columns():
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


HUMPS = assets(("hump-7", 0.0, 0.0, math.nan, HUMP), ("lid", 50.0, 0.0, math.nan, CASTING))


def test_what_lies_on_an_asset_has_its_place_kind_and_id_and_is_dismissed() -> None:
    joined = join_assets(defects((3.0, 1.0, 40.0, POTHOLE, 3.0)), HUMPS)
    assert joined.id.tolist() == ["hump-7-NE"]
    assert (joined.latitude[0], joined.longitude[0]) == (HUMPS.latitude[0], HUMPS.longitude[0])
    assert (joined.kind[0], joined.status[0], joined.severity[0]) == (BUMP, DISMISSED, 3.0)


def test_each_direction_of_travel_has_a_defect_of_its_own_on_one_asset() -> None:
    joined = join_assets(defects((1.0, 0.0, 90.0, BUMP, 3.0), (-1.0, 0.0, 270.0, BUMP, 3.0)), HUMPS)
    assert joined.id.tolist() == ["hump-7-E", "hump-7-W"]
    assert joined.latitude[0] == joined.latitude[1]


def test_what_has_no_direction_has_the_assets_id_as_it_is() -> None:
    assert join_assets(defects((1.0, 0.0, math.nan, BUMP, 3.0)), HUMPS).id.tolist() == ["hump-7"]


def test_an_asset_that_one_direction_meets_is_nothing_to_the_other() -> None:
    one_way = assets(("lid", 0.0, 0.0, 90.0, CASTING))
    found = defects((1.0, 0.0, 100.0, JOINT, 1.2), (1.0, 0.0, 280.0, JOINT, 1.2))
    assert join_assets(found, one_way).id.tolist() == ["lid", "d1"]


def test_a_second_defect_of_one_direction_is_not_the_same_asset() -> None:
    found = defects((4.0, 0.0, 90.0, BUMP, 3.0), (1.0, 0.0, 95.0, BUMP, 3.0))
    assert join_assets(found, HUMPS).id.tolist() == ["d0", "hump-7-E"]


def test_a_sunken_casting_stays_on_the_worklist_as_a_casting() -> None:
    joined = join_assets(defects((51.0, 0.0, 90.0, JOINT, 3.0)), HUMPS)
    assert (joined.id[0], joined.kind[0], joined.status[0]) == ("lid-E", JOINT, NEW)


def test_a_hole_beside_a_casting_stays_a_hole_where_it_is() -> None:
    found = defects((51.0, 0.0, 90.0, POTHOLE, 3.0))
    same(join_assets(found, HUMPS), found)


def test_an_intact_asset_explains_before_a_nearer_broken_one() -> None:
    known = assets(("lid", 1.0, 0.0, math.nan, CASTING), ("rails", 4.0, 0.0, math.nan, CROSSING))
    assert join_assets(defects((0.0, 0.0, 0.0, JOINT, 3.0)), known).id.tolist() == ["rails-N"]
    assert join_assets(defects((0.0, 0.0, 0.0, JOINT, 1.0)), known).id.tolist() == ["lid-N"]


def test_what_the_crew_said_stays() -> None:
    found = replace(defects((1.0, 0.0, 90.0, BUMP, 3.0)), status=np.array([SCHEDULED], np.int8))
    assert join_assets(found, HUMPS).status.tolist() == [SCHEDULED]


def test_a_hump_is_found_across_the_date_line() -> None:
    for east in (-2.0, 2.0):
        found, known = (
            defects((east, 0.0, 90.0, BUMP, 3.0), origin=DATE_LINE),
            assets(("h", -east, 0.0, math.nan, HUMP), origin=DATE_LINE),
        )
        assert abs(found.longitude[0] - known.longitude[0]) > 359.0
        assert join_assets(found, known).id.tolist() == ["h-E"]


def test_no_assets_change_nothing() -> None:
    found = defects((0.0, 0.0, 90.0, BUMP, 3.0))
    same(join_assets(found, Assets.empty()), found)
    assert len(join_assets(Defects.empty(), HUMPS)) == 0


headings = st.one_of(st.floats(0.0, 359.0), st.just(math.nan))
metres = st.floats(-25.0, 25.0)
ROWS = st.lists(st.tuples(metres, metres, headings, st.integers(0, 4), st.floats(0.5, 20.0)), max_size=10)
THINGS = st.lists(st.tuples(metres, metres, headings, st.integers(0, 3)), max_size=8)
ORIGINS = st.sampled_from([MUNICH, DATE_LINE, (89.9999, 10.0), (0.0, 0.0)])


def scene(rows: list, things: list, origin: tuple[float, float]) -> tuple[Defects, Assets]:
    return defects(*rows, origin=origin), assets(*((f"a{i}", *thing) for i, thing in enumerate(things)), origin=origin)


@given(ROWS, THINGS, ORIGINS)
@rounds(max_examples=150, deadline=None)
def test_joining_twice_is_joining_once(rows: list, things: list, origin: tuple[float, float]) -> None:
    found, known = scene(rows, things, origin)
    once = join_assets(found, known)
    same(join_assets(once, known), once)


@given(ROWS, THINGS, ORIGINS, st.randoms(use_true_random=False))
@rounds(max_examples=100, deadline=None)
def test_the_order_of_rows_does_not_matter(rows: list, things: list, origin: tuple[float, float], rng) -> None:
    found, known = scene(rows, things, origin)
    mixed, other = (np.array(rng.sample(range(n), n), np.int64) for n in (len(found), len(known)))
    same(join_assets(found[mixed], known[other]), join_assets(found, known)[mixed])


@given(ROWS, THINGS, ORIGINS)
@rounds(max_examples=100, deadline=None)
def test_an_asset_never_has_two_defects_of_one_direction(rows: list, things: list, origin: tuple[float, float]) -> None:
    found, known = scene(rows, things, origin)
    row = asset_of(found, known)
    assert len(set(join_assets(found, known).id)) == len(found)
    for asset in set(row[row >= 0].tolist()):
        held = found.heading[row == asset]
        turns = np.abs(turn_deg(held[:, None], held[None]))[~np.eye(len(held), dtype=bool)]
        assert (turns > RULES.max_turn_deg).all()


@given(ROWS, THINGS, ORIGINS)
@rounds(max_examples=100, deadline=None)
def test_what_is_far_from_all_assets_is_untouched(rows: list, things: list, origin: tuple[float, float]) -> None:
    found, known = scene(rows, [(x + 100.0, *rest) for x, *rest in things], origin)
    same(join_assets(found, known), found)


@given(ROWS, THINGS)
@rounds(max_examples=150, deadline=None)
def test_the_slow_twin_finds_the_same_assets(rows: list, things: list) -> None:
    found, known = scene(rows, things, MUNICH)
    assert asset_of(found, known).tolist() == assets_of(found, known, RULES)


def test_a_line_is_joined_where_it_is_nearest() -> None:
    along = assets(*(("rails", 0.0, float(north), math.nan, CROSSING) for north in range(0, 21, 2)))
    joined = join_assets(defects((1.0, 13.0, 90.0, JOINT, 3.0), (1.0, 3.0, 92.0, JOINT, 3.0)), along)
    assert sorted(joined.id.tolist()) in (["d0", "rails-E"], ["d1", "rails-E"])  # one thing, one defect a direction
    assert joined.latitude[joined.id == "rails-E"][0] in along.latitude


def test_jolts_on_an_asset_have_its_kind_and_are_otherwise_the_same() -> None:
    found = defects((1.0, 0.0, 90.0, POTHOLE, 3.0), (30.0, 0.0, 90.0, POTHOLE, 3.0), (48.0, 2.0, 90.0, POTHOLE, 3.0))
    columns = {name: np.ones(3) for name in Jolts.empty().columns()}
    columns |= {"latitude_deg": found.latitude, "longitude_deg": found.longitude, "kind": found.kind}
    jolts = Jolts.from_columns(columns)
    marked = mark_jolts(jolts, HUMPS)
    assert marked.kind.tolist() == [BUMP, POTHOLE, JOINT]
    for name in set(columns) - {"kind"}:
        np.testing.assert_array_equal(getattr(marked, name), getattr(jolts, name))


def test_jolts_without_a_place_are_not_marked() -> None:
    columns = {name: np.full(2, math.nan) for name in Jolts.empty().columns()} | {"kind": np.ones(2)}
    assert mark_jolts(Jolts.from_columns(columns), HUMPS).kind.tolist() == [POTHOLE, POTHOLE]


def test_ids_and_crews_words_stay_with_the_asset_over_estimates() -> None:
    before = join_assets(defects((1.0, 0.0, 90.0, BUMP, 3.0), (20.0, 0.0, 90.0, POTHOLE, 3.0)), HUMPS)
    before = replace(before, status=np.array([SCHEDULED, SCHEDULED], np.int8))
    moved = replace(defects((3.0, 0.0, 110.0, BUMP, 3.0), (22.0, 0.0, 90.0, POTHOLE, 3.0)), id=np.array(["x", "y"], object))
    now = carry_with_assets(moved, before, HUMPS)
    assert now.id.tolist() == before.id.tolist() == ["hump-7-E", "d1"]
    assert now.status.tolist() == [SCHEDULED, SCHEDULED]
    assert now.latitude[0] == HUMPS.latitude[0]


def test_a_casting_that_sinks_comes_back_to_the_worklist() -> None:
    before = join_assets(defects((50.0, 0.0, 90.0, JOINT, 1.2)), HUMPS)
    assert before.status.tolist() == [DISMISSED]
    sunken = carry_with_assets(defects((50.0, 0.0, 90.0, JOINT, 3.0)), before, HUMPS)
    assert (sunken.id[0], sunken.status[0]) == ("lid-E", NEW)


def test_an_assets_id_does_not_pass_to_a_hole_near_by() -> None:
    before = join_assets(defects((50.0, 0.0, 90.0, JOINT, 1.2)), HUMPS)
    now = carry_with_assets(defects((61.0, 0.0, 90.0, POTHOLE, 4.0)), before, HUMPS)
    assert (now.id[0], now.status[0]) == ("d0", NEW)


SMALL = st.floats(-5.0, 5.0)
SITES = st.lists(st.tuples(SMALL, SMALL, headings, st.integers(0, 4), st.floats(0.5, 20.0), st.integers(0, 3)), max_size=6)


@given(SITES, ORIGINS, st.sampled_from(range(len(STATUSES))))
@rounds(max_examples=100, deadline=None)
def test_estimating_the_same_again_changes_nothing(sites: list, origin: tuple[float, float], status: int) -> None:
    """Defects on or beside an asset each, 100 m apart: nearer ones may be taken for each other, with assets or without."""
    rows = [(100.0 * i, 0.0, *site[2:5]) for i, site in enumerate(sites)]
    found, known = scene(rows, [(100.0 * i + site[0], site[1], math.nan, site[5]) for i, site in enumerate(sites)], origin)
    told = join_assets(found, known)
    before = join_assets(replace(told, status=np.full(len(found), status, np.int8)), known)
    raw = replace(found, id=np.array([f"again {i}" for i in range(len(found))], object))
    same(carry_with_assets(raw, before, known), before)


@pytest.mark.parametrize("status", range(len(STATUSES)))
def test_only_new_and_dismissed_are_said_by_the_join(status: int) -> None:
    found = replace(defects((1.0, 0.0, 90.0, BUMP, 3.0)), status=np.array([status], np.int8))
    assert join_assets(found, HUMPS).status[0] == (DISMISSED if status in (NEW, DISMISSED) else status)
