"""Lists of defects: written when estimated, sorted, paged; what is read quickly is what would be built slowly."""

from __future__ import annotations

from typing import Any

import city
import numpy as np
import pytest
from fastapi.testclient import TestClient
from test_upload import code_of

from benchmarks.defects_api import made_up
from ingest.store import Store, defects
from ingest.store.features import feature
from ingest.store.schema import Defect


@pytest.fixture
def anna(store: Store) -> str:
    draw = np.random.default_rng(4)
    with store.database.write() as session:
        defects.replace(session, made_up(60, draw), [], [0] * 60, (), draw.uniform(0, 5, 60).round(1).tolist())
    return city.user(store, "anna", "crew")


@pytest.mark.both_databases
def test_what_was_written_when_estimated_is_what_would_be_built_now(http: TestClient, store: Store, anna: str):
    name = http.get("/v1/defects", params={"limit": 1}).json()["features"][0]["id"]
    fields = (
        {"status": "confirmed"}
        if city.defect(http, anna, name)["properties"]["status"] != "confirmed"
        else {"status": "scheduled"}
    )
    city.patch(http, anna, fields, name)
    with store.database.write() as session:
        session.get_one(Defect, name).feature = None  # of an older Cahot
    listed = http.get("/v1/defects", params={"limit": 100}).json()["features"]
    with store.database.read() as session:
        built = [feature(row) for row in defects.page(session, defects.Wanted(3), 100)]
    assert listed == built
    assert len(listed) == 60
    assert {f["id"]: f["properties"]["status"] for f in listed}[name] == city.defect(http, anna, name)["properties"]["status"]


@pytest.mark.both_databases
@pytest.mark.parametrize("box", [{}, {"bbox": "-180,-90,180,90"}], ids=["everywhere", "in a box of many pages"])
@pytest.mark.parametrize("sort", ["id", "priority", "equity"])
def test_pages_in_any_order_hold_each_defect_once(http: TestClient, store: Store, anna: str, sort: str, box: dict[str, str]):
    pages: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        told = http.get("/v1/defects", params={"sort": sort, "limit": 7, "cursor": cursor, **box}).json()
        pages, cursor = pages + told["features"], told["next"]
    assert len(pages) == len({one["id"] for one in pages}) == 60
    with store.database.read() as session:
        value = {row.id: getattr(row, sort) for row in session.query(Defect)}
    order = [value[one["id"]] for one in pages]
    assert order == sorted(order, reverse=sort != "id")


def test_a_cursor_of_another_order_is_refused(http: TestClient, anna: str):
    assert code_of(http.get("/v1/defects", params={"sort": "priority", "cursor": "abc"})) == (422, "field.range")
    assert code_of(http.get("/v1/defects", params={"sort": "size"})) == (422, "field.range")
