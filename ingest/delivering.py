"""Sends what is in the outbox to the operator's webhooks: signed, again and again until it arrives, each under one id.

The signature is that of Standard Webhooks 1.0: HMAC-SHA256 over id, time and body. At least once, not once: a receiver
knows by `webhook-id` what it had already.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import logging
import random
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from ingest.store import Store, webhooks
from ingest.store.database import is_away
from ingest.store.webhooks import Held

log = logging.getLogger("cahot.webhooks")

TIMEOUT_S = 10.0  # for a receiver to answer: it should store, not work
LEASE_S = 60.0  # of one message: who died with it is not waited for longer
IDLE_S = 1.0  # between looks at an empty outbox
PAUSES_S = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, *[7200.0] * 4, *[14_400.0] * 14)  # 2.8 days in all; a fifth more by chance


def sign(secret: str, message_id: str, at: int, body: bytes) -> str:
    """The header webhook-signature."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{message_id}.{at}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(signed).decode()


@contextmanager
def delivering(store: Store) -> Iterator[None]:
    """A thread of its own meanwhile, so that no slow receiver holds up the survey of trips."""
    stop = threading.Event()
    thread = threading.Thread(target=_run, args=(store, stop), name="cahot-webhooks", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(IDLE_S)  # what it is sending has a lease, and is sent again


def deliver_one(store: Store, now: float) -> bool:
    """Send the message due longest; False when none is due."""
    with store.database.read() as session:
        if not webhooks.is_due(session, now):
            return False
    held = store.database.run(lambda session: webhooks.claim(session, now, LEASE_S), by_locks=True)
    if held is None:
        return False
    error = _send(held)
    if error is None:
        store.database.run(lambda session: webhooks.arrived(session, held), by_locks=True)
        return True
    due_at = now + PAUSES_S[held.attempts - 1] * random.uniform(1.0, 1.2) if held.attempts <= len(PAUSES_S) else None
    store.database.run(lambda session: webhooks.failed(session, held, error, due_at), by_locks=True)
    log.warning("webhook message %s did not arrive: %s; %s", held.id, error, "trying again" if due_at else "given up")
    return True


def _send(held: Held) -> str | None:
    """None once it arrived, else why it did not."""
    body, at = held.body.encode(), int(time.time())
    headers = {"Content-Type": "application/json", "User-Agent": "Cahot", "webhook-id": held.id, "webhook-timestamp": str(at)}
    headers["webhook-signature"] = sign(held.secret, held.id, at, body)
    try:
        with _opener.open(urllib.request.Request(held.url, body, headers, method="POST"), timeout=TIMEOUT_S):
            return None
    except urllib.error.HTTPError as error:
        return f"answered {error.code}"
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"{type(error).__name__}: {getattr(error, 'reason', error)}"


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The operator named one address: nobody else sends us on to another, such as one inside the city's network."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage, newurl: str
    ) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirects)


def _run(store: Store, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            if deliver_one(store, time.time()):
                continue
        except Exception as error:
            if not is_away(error):
                log.exception("webhooks: looking again in %.0f s", LEASE_S)
                stop.wait(LEASE_S)
        stop.wait(IDLE_S)
