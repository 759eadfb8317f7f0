"""Registering, and the file of the token."""

from __future__ import annotations

import os

import faulty_server as faulty
import pytest
from faulty_server import TOKEN, FaultyServer

from mobile_app.credentials import (
    Credentials,
    RegistrationFailed,
    UnusableCredentials,
    load_credentials,
    register,
    save_credentials,
)


@pytest.fixture
def server():
    with FaultyServer() as running:
        yield running


def test_a_device_is_given_an_id_and_a_token(server):
    assert register(server.url) == ("d-1", TOKEN)


def test_a_city_may_ask_for_a_code(server):
    server.enrolment_code = "spring"
    assert register(server.url, "spring") == ("d-1", TOKEN)
    with pytest.raises(RegistrationFailed, match="this city asks for an enrolment code; ask the city for an enrolment code"):
        register(server.url, "autumn")


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (faulty.answers(429, "rate.limited", "too many"), "too many; try again later"),
        (faulty.a_sign_in_page, "HTTP status 200; check the address"),
        (faulty.drops_the_request, "try again later"),
        (faulty.answers(201), "HTTP status 201; check the address"),
    ],
)
def test_a_registration_that_fails_says_what_to_do(server, fault, message):
    server.faults.append(fault)
    with pytest.raises(RegistrationFailed, match=message):
        register(server.url)


@pytest.mark.parametrize("url", ["cahot.example.org", "ftp://cahot.example.org", "http://", "http://a..b"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(RegistrationFailed, match="is not a server's address; write it as https"):
        register(url)


def test_the_token_is_kept_for_the_owner_only_and_comes_back(tmp_path):
    kept = Credentials("http://here", "d-1", TOKEN)
    save_credentials(tmp_path / "app" / "token.json", kept)
    assert (tmp_path / "app" / "token.json").stat().st_mode & 0o777 == 0o600
    assert load_credentials(tmp_path / "app" / "token.json") == kept
    assert TOKEN not in repr(kept)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_token_that_others_may_read_is_not_used(tmp_path):
    path = tmp_path / "token.json"
    save_credentials(path, Credentials("http://here", "d-1", TOKEN))
    path.chmod(0o644)
    with pytest.raises(UnusableCredentials, match="others may read the token; chmod 600 it"):
        load_credentials(path)


@pytest.mark.parametrize(
    ("text", "message"), [(None, "there is no token in it"), ("{", "no token in it"), ("{}", "'server_url' is missing")]
)
def test_a_missing_or_damaged_file_says_what_to_do(tmp_path, text, message):
    path = tmp_path / "token.json"
    if text is not None:
        path.write_text(text)
        path.chmod(0o600)
    with pytest.raises(UnusableCredentials, match=message):
        load_credentials(path)
