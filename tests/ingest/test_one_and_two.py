"""Merging, splitting, knowing a thing: what crews say stays so whatever the worker estimates afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import city
import numpy as np
import pytest
from fastapi.testclient import TestClient
from test_repair_verdicts import arrive, passing
from test_upload import code_of

from ingest import worker
from ingest.settings import Settings, Work
from ingest.store import Store, audit, defects

AT_ONCE = Work(retry_s=0.0, settle_s=0.0, settle_s_per_survey=0.0, renew_share=100.0)
EVERYTHING = Work(retry_s=0.0, settle_s=0.0, settle_s_per_survey=0.0, renew_share=0.0)


@pytest.fixture
def installation(tmp_path: Path, database_url: str) -> Settings:
    return Settings(tmp_path / "data", database_url, k=2, work=AT_ONCE)


@pytest.fixture
def anna(store: Store) -> str:
    return city.user(store, "anna", "crew")


def work_off(store: Store, installation: Settings) -> None:
    while worker.work_once(store, installation):
        pass


def ids(http: TestClient, token: str) -> set[str]:
    return {feature["id"] for feature in http.get("/v1/defects", headers=city.bearer(token)).json()["features"]}


def surest(store: Store, count: int) -> list[str]:
    with store.database.read() as session:
        held = defects.load(session)
    return [str(name) for name in held.id[np.argsort(-held.confidence)][:count]]


def post(http: TestClient, token: str, path: str, **fields: Any) -> Any:
    return http.post(path if path.startswith("/") else f"/v1/defects/{path}", json=fields, headers=city.bearer(token))


@pytest.fixture
def two(http: TestClient, store: Store, installation: Settings) -> tuple[str, str]:
    """Ids of two holes 40 m apart on one street; ten devices met both."""
    arrive(store, installation, *passing(range(10), [300.0, 340.0], -2.0))
    one, other = surest(store, 2)
    return one, other


@pytest.mark.both_databases
@pytest.mark.parametrize("work", [AT_ONCE, EVERYTHING], ids=["some tiles", "everything"])
def test_merged_defects_count_as_one_and_stay_so_when_trips_come(
    http: TestClient, store: Store, installation: Settings, anna: str, two: tuple[str, str], work: Work
):
    gone, into = two
    told = post(http, anna, f"{gone}/merge", into=into, note="one patch")
    assert told.status_code == 200, told.text
    assert told.json()["id"] == into
    for number in (20, 23):
        arrive(
            store,
            Settings(installation.data, installation.database, k=2, work=work),
            *passing(range(number, number + 3), [300.0, 340.0], -1.0),
        )
        assert gone not in ids(http, anna)
        led = http.get(f"/v1/defects/{gone}", follow_redirects=False)
        assert (led.status_code, led.headers["location"]) == (307, f"/v1/defects/{into}")
        whole = city.defect(http, anna, gone)
        assert (whole["id"], whole["merged"]) == (into, [gone])
        seen = whole["properties"]
        assert seen["passes"] == seen["hits"] == seen["devices"] == number - 7, "a trip that met both came by once"
    assert code_of(city.patch(http, anna, {"status": "confirmed"}, gone)) == (409, "defect.merged")


def test_undoing_a_merge_brings_both_back_under_their_ids(
    http: TestClient, store: Store, installation: Settings, anna: str, two: tuple[str, str]
):
    gone, into = two
    city.patch(http, anna, {"status": "scheduled"}, gone)
    before = city.defect(http, anna, into)["properties"]
    post(http, anna, f"{gone}/merge", into=into)
    work_off(store, installation)
    assert post(http, anna, f"{into}/undo").status_code == 200
    work_off(store, installation)
    assert {gone, into} <= ids(http, anna)
    assert city.defect(http, anna, into)["properties"] == before
    assert city.defect(http, anna, gone)["properties"]["status"] == "scheduled"


@pytest.mark.both_databases
def test_a_split_defect_stays_two_with_its_jolts_parted_by_place(
    http: TestClient, store: Store, installation: Settings, anna: str
):
    near = passing(range(6), [298.0], -3.0) + passing(range(6, 12), [303.0], -2.0)
    arrive(store, installation, *near)
    (whole,) = surest(store, 1)
    before = city.defect(http, anna, whole)["properties"]
    assert before["hits"] == 12
    told = post(http, anna, f"{whole}/split")
    assert told.status_code == 200, told.text
    other = told.json()["changes"][-1]["told"]["split"]
    for number in (20, 22):
        arrive(store, installation, *passing(range(number, number + 2), [298.0], -1.0))
        one, two = (city.defect(http, anna, name)["properties"] for name in (whole, other))
        assert one["passes"] == two["passes"] == number - 6
        assert one["hits"] + two["hits"] == number - 6
        assert min(one["hits"], two["hits"]) == 6
    assert post(http, anna, f"{whole}/undo").status_code == 200
    work_off(store, installation)
    assert other not in ids(http, anna)
    assert city.defect(http, anna, whole)["properties"]["hits"] == 16


def test_what_is_dismissed_as_a_hump_keeps_its_id_and_does_not_come_back(
    http: TestClient, store: Store, installation: Settings, anna: str, two: tuple[str, str]
):
    hump, _ = two
    told = city.patch(http, anna, {"status": "dismissed", "as": "hump"}, hump)
    assert told.json()["known_as"] == "hump"
    place = told.json()["geometry"]
    arrive(store, installation, *passing(range(20, 30), [303.0, 340.0], -1.0))
    seen = city.defect(http, anna, hump)
    assert (seen["properties"]["status"], seen["properties"]["kind"], seen["geometry"]) == ("dismissed", "speed_bump", place)
    near = [
        f for f in http.get("/v1/defects", headers=city.bearer(anna)).json()["features"] if f["properties"]["status"] == "new"
    ]
    assert len(near) == 1, "only the other hole is work"
    assert city.patch(http, anna, {"status": "confirmed"}, hump).json()["known_as"] is None


def test_even_when_an_estimate_loses_it_a_known_thing_comes_back_as_itself(
    http: TestClient, store: Store, installation: Settings, anna: str, two: tuple[str, str]
):
    hump, _ = two
    city.patch(http, anna, {"status": "dismissed", "as": "casting"}, hump)
    with store.database.write() as session:
        session.delete(session.get(defects.Defect, hump))
    arrive(store, installation, *passing(range(20, 22), [300.0], -1.0))
    assert city.defect(http, anna, hump)["properties"]["status"] == "dismissed"


def test_the_last_change_is_taken_back_by_whoever_made_it_only(http: TestClient, store: Store, anna: str):
    city.put_defects(store)
    ben = city.user(store, "ben", "crew")
    assert code_of(post(http, anna, "common/undo")) == (409, "defect.undo")
    city.patch(http, anna, {"status": "scheduled", "assignee": "team north"})
    city.patch(http, anna, {"status": "repaired", "assignee": ""})
    assert city.defect(http, ben)["undo"] is False
    assert code_of(post(http, ben, "common/undo")) == (409, "defect.undo")
    told = post(http, anna, "common/undo", version=2)
    assert (told.json()["properties"]["status"], told.json()["assignee"]) == ("scheduled", "team north")
    assert [change["what"] for change in told.json()["changes"]] == ["status", "status", "undo"]
    assert code_of(post(http, anna, "common/undo")) == (409, "defect.undo"), "what is taken back is taken back"
    with store.database.read() as session:
        assert audit.verify(session).fault is None
        assert [entry.what for entry in audit.entries(session)][-1] == "defect.undo"


def test_work_is_given_to_somebody_and_only_users_read_to_whom(http: TestClient, store: Store, anna: str):
    city.put_defects(store)
    told = city.patch(http, anna, {"assignee": "team north"}).json()
    assert (told["assignee"], told["changes"][0]["what"], told["properties"]["status"]) == ("team north", "assign", "new")
    assert "team north" not in http.get("/v1/defects/common").text


@pytest.mark.parametrize("how", ["header", "body"])
def test_if_match_and_version_say_the_same(http: TestClient, store: Store, anna: str, how: str):
    city.put_defects(store)
    city.patch(http, anna, {"status": "confirmed"})
    fields, headers = {"status": "scheduled"}, city.bearer(anna)
    late = {**fields, "version": 0} if how == "body" else fields
    match = {"If-Match": '"0"'} if how == "header" else {}
    answer = http.patch("/v1/defects/common", json=late, headers=headers | match)
    assert code_of(answer) == (409, "defect.changed")
    assert answer.json()["changed"]["status"] == "confirmed"
    assert http.patch("/v1/defects/common", json=fields, headers=headers | {"If-Match": '"1"'}).status_code == 200
    wrong = http.patch("/v1/defects/common", json=fields | {"version": 3}, headers=headers | {"If-Match": '"2"'})
    assert code_of(wrong) == (422, "field.range")


def test_many_are_changed_at_once_each_by_itself(http: TestClient, store: Store, anna: str):
    city.put_defects(store)
    city.patch(http, anna, {"status": "repaired"}, city.RARE)
    changed = {"ids": ["common", "rare", "nowhere"], "versions": {"common": 0}, "status": "scheduled"}
    told = post(http, anna, "/v1/triage", **changed).json()["results"]
    assert [(one["id"], one["ok"], one.get("code")) for one in told] == [
        ("common", True, None),
        ("rare", False, "defect.transition"),
        ("nowhere", False, "not_found"),
    ]
    assert city.defect(http, anna)["properties"]["status"] == "scheduled"


@pytest.mark.parametrize(
    ("path", "fields", "expected"),
    [
        ("common/merge", {}, (422, "field.missing")),
        ("common/merge", {"into": "common"}, (409, "defect.join")),
        ("common/merge", {"into": "nowhere"}, (404, "not_found")),
        ("common/merge", {"into": "rare"}, (409, "defect.join")),  # 111 m apart
        ("common/split", {}, (409, "defect.join")),  # no jolts
        ("common/split", {"places": [{"latitude": 48.1, "longitude": 11.5}]}, (422, "field.range")),
        ("common/split", {"places": [{"latitude": 48.1, "longitude": 11.5}] * 2}, (409, "defect.join")),
        ("/v1/triage", {"status": "confirmed"}, (422, "field.missing")),
        ("/v1/triage", {"ids": ["common"]}, (422, "field.missing")),
        ("/v1/triage", {"ids": [], "status": "confirmed"}, (422, "field.range")),
        ("/v1/triage", {"ids": ["common"], "versions": [1], "status": "confirmed"}, (422, "field.range")),
        ("/v1/triage", {"ids": ["common"], "status": "confirmed", "as": "hump"}, (422, "field.range")),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(
    http: TestClient, store: Store, anna: str, path: str, fields: dict[str, Any], expected: tuple[int, str]
):
    city.put_defects(store)
    answer = post(http, anna, path, **fields)
    assert code_of(answer) == expected
    assert ids(http, anna) == {"common", "rare"}
