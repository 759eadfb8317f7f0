"""Uploads in any order: gaps, repeats, other bytes, finished early or late, restarts. Each is stored exactly once."""

from __future__ import annotations

import random
import signal
import tempfile
import uuid
from pathlib import Path

from callers import Phone, ServerProcess
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from upload_model import CODINGS, Model, enrol

from ingest.api import create_app
from ingest.settings import Settings
from ingest.store import open_store

TRIPS = [str(uuid.UUID(int=0x40008000000000000000 + n)) for n in range(3)]
numbers, phones, trips = st.integers(0, 4), st.integers(0, 1), st.sampled_from(TRIPS)


class Uploads(RuleBasedStateMachine):
    """Two phones, three trips that both may send to, five chunks; the server is the real app over one folder."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.installation = Settings(Path(self.folder.name) / "data")
        self.model = Model()
        self.serve()
        self.phones = enrol(self.http, 2)

    def serve(self) -> None:
        self.store = open_store(self.installation)
        self.http = TestClient(create_app(self.installation, self.store))

    @rule(phone=phones, trip=trips, number=numbers, variant=st.sampled_from([0, 0, 0, 1]), coding=st.sampled_from(list(CODINGS)))
    def put(self, phone: int, trip: str, number: int, variant: int, coding: str | None) -> None:
        self.model.put(self.phones[phone], trip, number, variant, coding)

    @rule(phone=phones, trip=trips, upto=numbers)
    def put_all(self, phone: int, trip: str, upto: int) -> None:
        for number in range(upto + 1):
            self.model.put(self.phones[phone], trip, number, 0, None)

    @rule(phone=phones, trip=trips, chunks=st.integers(1, 6))
    def finish(self, phone: int, trip: str, chunks: int) -> None:
        self.model.finish(self.phones[phone], trip, chunks)

    @rule(phone=phones, trip=trips)
    def finish_rightly(self, phone: int, trip: str) -> None:
        self.model.finish(self.phones[phone], trip, max(self.model.numbers(trip), default=0) + 1)

    @rule(closes=st.booleans())
    def restart(self, closes: bool) -> None:
        """Closed in order, or left as a killed process leaves it."""
        if closes:
            self.store.database.close()
        self.serve()
        self.phones = [Phone(self.http, phone.token) for phone in self.phones]

    @invariant()
    def stored_exactly_once(self) -> None:
        if hasattr(self, "model"):
            self.model.compare(self.installation.traces, self.phones)

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.store.database.close()
            self.folder.cleanup()


Uploads.TestCase.settings = settings(
    max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
TestUploads = Uploads.TestCase


def test_a_real_server_that_is_killed_and_started_again_holds_to_the_model(tmp_path: Path):
    seed = random.randrange(10**6)
    print("seed", seed)
    dice, model, tokens, port = random.Random(seed), Model(), list[str](), 0
    for life in range(3):
        server = ServerProcess(tmp_path / "data", port=port)
        port = int(server.address.rstrip("/").rpartition(":")[2])
        with server.client() as http:
            senders = [Phone(http, token) for token in tokens] or enrol(http, 2)
            tokens = [sender.token for sender in senders]
            for _ in range(40):
                step(dice, model, dice.choice(senders))
            model.compare(server.data / "traces", senders)
        server.stop(signal.SIGKILL if life < 2 else signal.SIGTERM)
    assert len(model.stored) > 6


def step(dice: random.Random, model: Model, sender: Phone) -> None:
    trip = dice.choice(TRIPS)
    if dice.random() < 0.85:
        model.put(sender, trip, dice.randrange(5), dice.random() < 0.15, dice.choice(list(CODINGS)))
    else:
        model.finish(sender, trip, dice.randrange(1, 7))
