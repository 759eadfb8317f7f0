"""The audit log: append-only by the database, and any line changed, removed or cut off is found."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import city
import pytest
from callers import Phone
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ingest.settings import Settings
from ingest.store import Store, audit
from ingest.store.audit import Deed

COLUMNS = ("number", "at", "who", "what", "subject", "before", "after", "request_id", "previous", "sha256")


def write(store: Store, count: int = 6) -> None:
    for number in range(count):
        with store.database.write() as session:
            audit.append(session, 1e9 + number, Deed("operator", f"r{number}"), "test", f"thing {number}", "new", "old")


def verified(store: Store, known_head: str | None = None) -> audit.Verified:
    with store.database.read() as session:
        return audit.verify(session, known_head)


@pytest.fixture
def behind(installation: Settings, store: Store) -> Iterator[sqlite3.Connection]:
    """The database without its triggers: somebody with the file in their hands."""
    write(store)
    store.database.close()
    connection = sqlite3.connect(installation.data / "cahot.sqlite", isolation_level=None)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    yield connection
    connection.close()


def test_an_untouched_log_is_verified(store: Store):
    assert verified(store) == audit.Verified(0, "0" * 64, None)
    write(store)
    found = verified(store)
    assert (found.entries, found.fault) == (6, None)
    write(store, 2)
    assert verified(store, found.head).fault is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET who = 'nobody' WHERE number = 2",
        "DELETE FROM audit_log WHERE number = 6",
        "DELETE FROM audit_log",
        "UPDATE audit_head SET number = 2",
        "UPDATE audit_head SET sha256 = 'x'",
        "DELETE FROM audit_head",
    ],
)
def test_the_database_refuses_to_change_or_delete(store: Store, statement: str):
    write(store)
    with pytest.raises(DBAPIError, match="append-only"), store.database.write() as session:
        session.execute(text(statement))
    assert verified(store).entries == 6


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("number", range(1, 7))
def test_a_changed_column_of_any_entry_is_found(behind: sqlite3.Connection, store: Store, number: int, column: str):
    value = behind.execute(f"SELECT {column} FROM audit_log WHERE number = ?", (number,)).fetchone()[0]
    changed = value + 100 if isinstance(value, int | float) else ("1" if value[0] == "0" else "0") + value[1:]
    behind.execute(f"UPDATE audit_log SET {column} = ? WHERE number = ?", (changed, number))
    assert verified(store).fault is not None


@pytest.mark.parametrize("gone", ["number = 1", "number = 3", "number = 6", "number > 3", "number < 3", "1 = 1"])
def test_removed_and_cut_off_entries_are_found(behind: sqlite3.Connection, store: Store, gone: str):
    behind.execute(f"DELETE FROM audit_log WHERE {gone}")
    assert verified(store).fault is not None


def test_two_entries_that_changed_places_are_found(behind: sqlite3.Connection, store: Store):
    behind.execute("UPDATE audit_log SET number = CASE number WHEN 2 THEN 30 WHEN 3 THEN 2 ELSE number END")
    behind.execute("UPDATE audit_log SET number = 3 WHERE number = 30")
    assert verified(store).fault is not None


def test_a_log_written_anew_as_a_whole_is_found_by_a_head_kept_elsewhere(behind: sqlite3.Connection, store: Store):
    kept = verified(store).head
    behind.execute("DELETE FROM audit_log")
    behind.execute("UPDATE audit_head SET number = 0, sha256 = ?", ("0" * 64,))
    with store.database.write() as session:
        audit.append(session, 2e9, Deed("operator"), "test", "nothing happened here")
    assert verified(store).fault is None  # consistent in itself: this is what a head kept elsewhere is for
    assert "written anew" in str(verified(store, kept).fault)


def test_what_a_reader_of_the_log_sees_is_plain_text_on_one_line(store: Store):
    nasty = "a\r\n2 fake line\x1b[31m\u202e\u2028é\ud800"
    with store.database.write() as session:
        audit.append(session, 0.0, Deed(nasty), nasty, nasty, nasty, nasty)
    with store.database.read() as session:
        (entry,) = audit.entries(session)
    for column in ("who", "what", "subject", "before", "after"):
        assert getattr(entry, column).isascii()
        assert getattr(entry, column).isprintable()
    assert verified(store).fault is None


def test_deeds_over_http_are_logged_with_who_and_which_request(http: TestClient, store: Store):
    city.put_defects(store)
    anna, root = city.user(store, "anna", "crew"), city.user(store, "root", "admin")
    http.post("/v1/session", json={"link": city.give_link(store, "anna")})
    http.cookies.clear()
    city.patch(http, anna, {"status": "confirmed", "note": "at 48.1234, 11.5678"})
    phone, other = Phone.enrol(http), Phone.enrol(http)
    http.post("/v1/devices/me/token", headers=phone.headers)
    http.post(f"/v1/devices/{other.device_id}/revoke", headers=city.bearer(root))
    http.delete("/v1/devices/me", headers=phone.headers)
    with store.database.read() as session:
        held = [(e.who, e.what, e.subject, e.before, (e.after or "").partition(",")[0]) for e in audit.entries(session)]
        requests = {entry.request_id for entry in audit.entries(session)}
        whole = " ".join(str(getattr(entry, column)) for entry in audit.entries(session) for column in COLUMNS)
    one, two = audit.pseudonym(phone.device_id), audit.pseudonym(other.device_id)
    assert held == [
        ("user:anna", "user.sign-in", "user:anna", None, ""),
        ("user:anna", "defect.status", "common", "new", "confirmed"),
        (one, "device.token", one, None, ""),
        ("user:root", "device.revoke", two, None, ""),
        (one, "device.erase", one, None, ""),
    ]
    assert len(requests) == 5
    assert None not in requests
    for secret in (phone.device_id, other.device_id, phone.token, anna, "48.1234", "11.5678", "cahotlink"):
        assert secret not in whole


def test_a_deed_that_fails_leaves_no_line(http: TestClient, store: Store):
    city.put_defects(store)
    anna = city.user(store, "anna", "crew")
    assert city.patch(http, anna, {"status": "reopened"}).status_code == 409
    assert http.post(f"/v1/devices/{'0' * 8}-0000-4000-8000-{'0' * 12}/revoke", headers=city.bearer(anna)).status_code == 403
    assert verified(store).entries == 0
