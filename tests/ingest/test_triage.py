"""What crews say about defects: statuses that follow, and two at once."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import city
import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given
from hypothesis import settings as rounds
from hypothesis import strategies as st
from test_upload import code_of

from detection import STATUSES
from ingest.store import Store
from ingest.store.marks import TRANSITIONS

NASTY = [
    "<script>alert(1)</script>",
    "</textarea><img src=x onerror=alert(1)>",
    "' OR 1=1--",
    "javascript:alert(1)",
    "é 漢 🚧\nsecond line",
]


@pytest.fixture
def anna(store: Store) -> str:
    city.put_defects(store)
    return city.user(store, "anna", "crew")


def test_a_status_is_kept_with_who_when_and_why(http: TestClient, anna: str):
    answer = city.patch(http, anna, {"status": "confirmed", "note": "seen it"})
    assert answer.status_code == 200
    told = answer.json()
    assert told["properties"]["status"] == "confirmed"
    assert told["version"] == 1
    (change,) = told["changes"]
    assert {name: change[name] for name in ("by", "before", "status", "note")} == {
        "by": "anna",
        "before": "new",
        "status": "confirmed",
        "note": "seen it",
    }
    assert told == city.defect(http, anna)
    assert http.get("/v1/defects", params={"status": "confirmed"}).json()["features"][0]["id"] == city.COMMON
    assert len(http.get("/v1/defects", params={"status": "confirmed"}, headers=city.bearer(anna)).json()["features"]) == 1


def test_the_public_reads_what_and_which_day_but_neither_names_nor_notes(http: TestClient, anna: str):
    city.patch(http, anna, {"status": "confirmed", "note": "secret words"})
    city.patch(http, anna, {"note": "only a note"})
    public = http.get(f"/v1/defects/{city.COMMON}")
    assert [(change["before"], change["status"]) for change in public.json()["changes"]] == [("new", "confirmed")]
    assert public.json()["changes"][0]["time"].endswith("T00:00:00Z")
    for word in ("anna", "secret words", "only a note", "next", 'repair"'):
        assert word not in public.text


@pytest.mark.parametrize("before", STATUSES)
@pytest.mark.parametrize("wanted", STATUSES)
def test_exactly_the_transitions_of_the_table_are_possible(http: TestClient, store: Store, anna: str, before: str, wanted: str):
    held = replace(city.some_defects(rare=2, common=5), status=np.full(2, STATUSES.index(before), np.int8))
    city.put_defects(store, held)
    assert city.defect(http, anna)["next"] == list(TRANSITIONS[before])
    answer = city.patch(http, anna, {"status": wanted})
    if wanted == before or wanted in TRANSITIONS[before]:
        assert answer.status_code == 200
        assert answer.json()["properties"]["status"] == wanted
    else:
        assert code_of(answer) == (409, "defect.transition")
        assert TRANSITIONS[before][0] in answer.json()["detail"]
        assert city.defect(http, anna)["properties"]["status"] == before


def test_of_two_who_saw_the_same_version_the_second_is_told_what_the_first_did(http: TestClient, store: Store, anna: str):
    ben = city.user(store, "ben", "crew")
    seen = city.defect(http, anna)["version"]
    assert city.patch(http, anna, {"status": "scheduled", "note": "Monday", "version": seen}).status_code == 200
    late = city.patch(http, ben, {"status": "dismissed", "version": seen})
    assert code_of(late) == (409, "defect.changed")
    assert late.json()["changed"] == {"status": "scheduled", "note": "Monday", "by": "anna", "version": 1}
    assert city.defect(http, ben)["properties"]["status"] == "scheduled"
    assert city.patch(http, ben, {"status": "dismissed", "version": 1}).status_code == 200


def test_the_same_change_again_is_no_second_one(http: TestClient, anna: str):
    """The answer got lost, and the phone asks again."""
    fields = {"status": "confirmed", "note": "seen it", "version": 0}
    first, again = city.patch(http, anna, fields), city.patch(http, anna, fields)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()


@pytest.mark.parametrize("note", NASTY)
def test_a_note_is_stored_as_text(http: TestClient, anna: str, note: str):
    assert city.patch(http, anna, {"note": note}).json()["changes"][0]["note"] == note


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, (422, "field.missing")),
        ({"note": ""}, (422, "field.missing")),
        ({"status": None, "note": None}, (422, "field.missing")),
        ({"status": "gone"}, (422, "field.range")),
        ({"status": ["new"]}, (422, "field.range")),
        ({"status": {"a": 1}}, (422, "field.range")),
        ({"note": 5}, (422, "field.text")),
        ({"note": "x" * 2001}, (422, "field.text")),
        ({"note": "\x00"}, (422, "field.text")),
        ({"note": "\ud800"}, (422, "field.text")),
        ({"note": "\u202egnp.exe"}, (422, "field.text")),
        ({"note": "\x1b[31m"}, (422, "field.text")),
        ({"status": "confirmed", "version": True}, (422, "field.range")),
        ({"status": "confirmed", "version": 2**70}, (422, "field.range")),
        ({"status": "confirmed", "version": -1}, (422, "field.range")),
        ({"status": "confirmed", "severity": 9}, (422, "field.unknown")),
        ([], (400, "body.malformed")),
    ],
    ids=str,
)
def test_what_cannot_be_a_change_is_refused_and_changes_nothing(
    http: TestClient, anna: str, fields: object, expected: tuple[int, str]
):
    before = city.defect(http, anna)
    headers = city.bearer(anna) | {"Content-Type": "application/json"}
    answer = http.patch(f"/v1/defects/{city.COMMON}", content=json.dumps(fields), headers=headers)
    assert code_of(answer) == expected
    assert city.defect(http, anna) == before


def test_a_defect_that_is_not_there_cannot_be_changed(http: TestClient, anna: str):
    assert code_of(city.patch(http, anna, {"status": "confirmed"}, "nowhere")) == (404, "not_found")


def test_a_crew_works_on_what_few_have_passed_too(http: TestClient, anna: str):
    assert city.patch(http, anna, {"status": "confirmed"}, city.RARE).status_code == 200
    assert http.get(f"/v1/defects/{city.RARE}").status_code == 404


@rounds(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wishes=st.lists(st.sampled_from([*STATUSES, "estimate"]), max_size=12))
def test_whatever_is_said_between_estimates_the_last_word_counts(http: TestClient, store: Store, anna: str, wishes: list[str]):
    """A model in three lines: the status follows the table, and an estimate in between changes nothing."""
    name = f"d{time.monotonic_ns()}"
    held = city.some_defects(**{name: 5})
    city.put_defects(store, held)
    status, said = "new", 0
    for wish in wishes:
        if wish == "estimate":
            city.put_defects(store, held)  # found anew, knowing nothing of what was said
        elif city.patch(http, anna, {"status": wish}, name).status_code == 200 and wish != status:
            assert wish in TRANSITIONS[status]
            status, said = wish, said + 1
        told = city.defect(http, anna, name)
        assert (told["properties"]["status"], told["version"], len(told["changes"])) == (status, said, said)
