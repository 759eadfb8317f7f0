"""Signing in by a link: once, by a person, on this site only."""

from __future__ import annotations

import time
import warnings
from dataclasses import replace
from pathlib import Path

import city
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from test_upload import code_of

from ingest.api import create_app
from ingest.settings import Settings
from ingest.store import Store, users
from ingest.store.schema import UserKey

warnings.filterwarnings("ignore", message="Setting per-request cookies")
OTHERS = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "https://evil.example"},
)
OURS = ({"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://testserver"}, {})


@pytest.fixture
def anna(store: Store) -> str:
    city.put_defects(store)
    return city.user(store, "anna", "crew")


def sign_in(http: TestClient, store: Store, name: str = "anna", **headers: str):
    return http.post("/v1/session", json={"link": city.give_link(store, name)}, headers=headers)


def test_a_link_opens_one_session_and_no_second(http: TestClient, store: Store, anna: str):
    link = city.give_link(store, "anna")
    answer = http.post("/v1/session", json={"link": link})
    assert answer.status_code == 201
    assert (answer.json()["name"], answer.json()["role"]) == ("anna", "crew")
    assert http.get("/v1/session").json()["name"] == "anna"
    assert code_of(TestClient(http.app).post("/v1/session", json={"link": link})) == (401, "auth.link")
    assert http.patch(f"/v1/defects/{city.COMMON}", json={"status": "confirmed"}).status_code == 200


def test_looking_at_a_link_does_not_use_it_up(http: TestClient, store: Store, anna: str):
    """A mail scanner fetches the address, as often as it likes; what stands after # does not even reach the server."""
    link = city.give_link(store, "anna")
    for _ in range(3):
        assert http.get("/sign-in.html").status_code == 200
    assert http.post("/v1/session", json={"link": link}).status_code == 201


def test_a_new_link_voids_the_one_before(http: TestClient, store: Store, anna: str):
    before, after = city.give_link(store, "anna"), city.give_link(store, "anna")
    assert code_of(http.post("/v1/session", json={"link": before})) == (401, "auth.link")
    assert http.post("/v1/session", json={"link": after}).status_code == 201


def test_an_old_link_opens_nothing(http: TestClient, store: Store, anna: str):
    assert code_of(http.post("/v1/session", json={"link": city.give_link(store, "anna", -1.0)})) == (401, "auth.link")


@pytest.mark.parametrize("link", [None, "", "x" * 300, 1, "\ud800", "cahotlink_\x00"])
def test_what_is_no_link_is_refused(http: TestClient, link: object):
    answer = http.post(
        "/v1/session", content=__import__("json").dumps({"link": link}), headers={"Content-Type": "application/json"}
    )
    assert code_of(answer)[1] in ("field.missing", "field.text")


def test_a_session_or_token_is_no_link_and_the_other_way_round(http: TestClient, store: Store, anna: str):
    assert code_of(http.post("/v1/session", json={"link": anna})) == (401, "auth.link")
    link = city.give_link(store, "anna")
    assert code_of(http.get("/v1/reports", headers=city.bearer(link))) == (401, "auth.invalid")
    assert code_of(http.get("/v1/reports", headers={"Cookie": f"cahot={link}"})) == (401, "auth.missing")
    sign_in(http, store)
    assert code_of(TestClient(http.app).get("/v1/reports", headers=city.bearer(http.cookies["cahot"]))) == (401, "auth.invalid")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(http: TestClient, store: Store, anna: str):
    told = sign_in(http, store).headers["set-cookie"].lower()
    assert {"httponly", "samesite=strict", "path=/"} <= {part.strip() for part in told.split(";")}
    assert "secure" not in told
    assert "domain" not in told


def test_over_tls_the_cookie_is_bound_to_this_host(installation: Settings, store: Store, anna: str):
    http = TestClient(create_app(replace(installation, https=True), store), base_url="https://city.example")
    answer = http.post("/v1/session", json={"link": city.give_link(store, "anna")})
    told = answer.headers["set-cookie"]
    assert told.startswith("__Host-cahot=cahotsession_")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=strict"} <= {part.strip() for part in told.split(";")}
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert http.get("/v1/session").json()["name"] == "anna"
    secret = told.partition("=")[2].partition(";")[0]
    plain = TestClient(create_app(replace(installation, https=True), store), cookies={"cahot": secret})
    assert plain.get("/v1/session").json()["name"] is None  # the plain name could have been set from next door


def test_without_tls_nothing_claims_it(http: TestClient):
    assert "strict-transport-security" not in http.get("/").headers


@pytest.mark.parametrize("headers", OTHERS, ids=str)
def test_another_site_can_change_nothing_with_the_cookie(http: TestClient, store: Store, anna: str, headers: dict[str, str]):
    assert code_of(sign_in(http, store, **headers)) == (403, "auth.cross_site")
    assert sign_in(http, store).status_code == 201
    path = f"/v1/defects/{city.COMMON}"
    assert code_of(http.patch(path, json={"status": "confirmed"}, headers=headers)) == (403, "auth.cross_site")
    assert code_of(http.delete("/v1/session", headers=headers)) == (403, "auth.cross_site")
    assert city.defect(http, anna)["properties"]["status"] == "new"
    assert http.get(path, headers=headers).status_code == 200  # reading changes nothing, and CORS keeps the answer from them


@pytest.mark.parametrize("headers", OURS, ids=str)
def test_our_own_page_can(http: TestClient, store: Store, anna: str, headers: dict[str, str]):
    assert sign_in(http, store, **headers).status_code == 201
    assert http.patch(f"/v1/defects/{city.COMMON}", json={"status": "confirmed"}, headers=headers).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_form_of_another_site_is_no_json(http: TestClient, store: Store, anna: str, kind: str):
    sign_in(http, store)
    answer = http.patch(f"/v1/defects/{city.COMMON}", content=b'{"status": "confirmed"}', headers={"Content-Type": kind})
    assert code_of(answer) == (415, "body.unsupported")


def test_a_token_of_a_script_needs_no_origin(http: TestClient, anna: str):
    headers = city.bearer(anna) | {"Origin": "https://scripts.example"}
    assert http.patch(f"/v1/defects/{city.COMMON}", json={"status": "confirmed"}, headers=headers).status_code == 200


def test_signing_out_ends_the_session_on_the_server(http: TestClient, store: Store, anna: str):
    sign_in(http, store)
    secret = http.cookies["cahot"]
    assert http.delete("/v1/session").status_code == 204
    assert "cahot" not in http.cookies
    kept = TestClient(http.app, cookies={"cahot": secret})
    assert kept.get("/v1/session").json()["name"] is None
    assert code_of(kept.get("/v1/reports")) == (401, "auth.missing")


def test_a_session_ends_by_itself_and_the_page_goes_on_for_anyone(http: TestClient, store: Store, anna: str):
    sign_in(http, store)
    with store.database.write() as session:
        session.execute(update(UserKey).where(UserKey.sort == users.SESSION).values(expires_at=time.time() - 1))
    assert http.get("/v1/defects").json()["k"] == 3
    assert code_of(http.patch(f"/v1/defects/{city.COMMON}", json={"status": "confirmed"})) == (401, "auth.missing")


def test_an_administrators_session_is_shorter_than_a_crews(http: TestClient, store: Store, anna: str):
    city.user(store, "root", "admin")
    lasts = {}
    for name in ("anna", "root"):
        sign_in(http, store, name)
        with store.database.read() as session:
            newest = select(UserKey.expires_at - UserKey.created_at).where(UserKey.sort == users.SESSION)
            lasts[name] = session.scalars(newest.order_by(UserKey.created_at.desc())).first()
    assert lasts == {"anna": pytest.approx(14 * city.DAY_S), "root": pytest.approx(city.DAY_S / 2)}


def test_a_changed_role_or_a_removed_user_is_out_at_once(http: TestClient, store: Store, anna: str):
    sign_in(http, store)
    with store.database.write() as session:
        users.change_role(session, users.named(session, "anna"), "analyst")
    assert http.get("/v1/session").json()["role"] == "anyone"
    assert code_of(http.get("/v1/reports", headers=city.bearer(anna))) == (401, "auth.invalid")
    sign_in(http, store)
    assert http.get("/v1/session").json()["role"] == "analyst"
    with store.database.write() as session:
        users.remove(session, users.named(session, "anna"))
    assert http.get("/v1/session").json()["role"] == "anyone"


def test_secrets_of_users_are_kept_as_hashes_only(http: TestClient, store: Store, anna: str, installation: Settings):
    link = city.give_link(store, "anna")
    http.post("/v1/session", json={"link": link})
    secrets = (anna, link, http.cookies["cahot"])
    assert all(len(secret.partition("_")[2]) * 6 >= 256 for secret in secrets)
    store.database.close()
    kept = b"".join(path.read_bytes() for path in Path(installation.data).rglob("*") if path.is_file())
    assert b"anna" in kept
    assert not any(secret.encode() in kept for secret in secrets)
