"""A fresh installation for each test, and a client that talks to it without a network.

Tests marked `both_databases` run over SQLite and over PostgreSQL, if their installation is made with `database_url`.
"""

from __future__ import annotations

import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import postgresql_server
import pytest
from callers import Phone
from postgresql_server import PostgresqlServer
from s3_server import HAS_MOTO, S3Server

from ingest.api import create_app
from ingest.settings import Settings
from ingest.store import Store, open_store

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it would rather have httpx2, and takes httpx
    from fastapi.testclient import TestClient


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "both_databases: runs over SQLite and over PostgreSQL")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.definition.get_closest_marker("both_databases") and "database_url" in metafunc.fixturenames:
        metafunc.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """One server for all tests of this process."""
    programs = postgresql_server.programs()
    if programs is None:
        pytest.skip("PostgreSQL's server is not installed (Debian: apt-get install postgresql)")
    server = PostgresqlServer(programs)
    yield server
    server.end()


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    """One S3 server for all tests of this process."""
    if not HAS_MOTO:
        pytest.skip("moto is not installed: no S3 server for the tests")
    server = S3Server()
    yield server
    server.end()


@pytest.fixture
def s3_url(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """A place in a new bucket; this process and those it starts find the way there by their environment."""
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    return f"s3://{s3.new_bucket()}/some/city"


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """What --database says: "" (SQLite in the data folder), or the URL of a new PostgreSQL database."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield ""
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    url = server.new_database()
    yield url
    server.drop(url)


@pytest.fixture
def installation(tmp_path: Path, database_url: str) -> Settings:
    return Settings(tmp_path / "data", database_url)


@pytest.fixture
def store(installation: Settings) -> Iterator[Store]:
    opened = open_store(installation)
    yield opened
    opened.database.close()


@pytest.fixture
def http(installation: Settings, store: Store) -> Iterator[TestClient]:
    with TestClient(create_app(installation, store)) as client:  # one event loop for all calls, as a server has
        yield client


@pytest.fixture
def phone(http: TestClient) -> Phone:
    return Phone.enrol(http)


@pytest.fixture
def trip_id() -> str:
    return str(uuid.uuid4())
