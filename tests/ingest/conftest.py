"""A fresh installation for each test, and a client that talks to it without a network."""

from __future__ import annotations

import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from callers import Phone

from ingest.api import create_app
from ingest.settings import Settings
from ingest.store import Store, open_store

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it would rather have httpx2, and takes httpx
    from fastapi.testclient import TestClient


@pytest.fixture
def installation(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "data")


@pytest.fixture
def store(installation: Settings) -> Iterator[Store]:
    opened = open_store(installation)
    yield opened
    opened.database.close()


@pytest.fixture
def http(installation: Settings, store: Store) -> TestClient:
    return TestClient(create_app(installation, store))


@pytest.fixture
def phone(http: TestClient) -> Phone:
    return Phone.enrol(http)


@pytest.fixture
def trip_id() -> str:
    return str(uuid.uuid4())
