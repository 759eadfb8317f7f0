"""The options of `cahot serve` that limit what it takes reach the server."""

from __future__ import annotations

import select
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from ingest.commands import limits
from ingest.settings import Connections, Rates, Reserve


def test_the_defaults_of_the_options_are_those_of_the_settings():
    told = limits.rates(limits.DEVICE_RATE, limits.DEVICE_MEGABYTES, limits.ADDRESS_RATE, limits.ENROLMENTS)
    assert told == Rates()
    assert limits.connections(Connections.most, Connections.per_address) == Connections()
    assert limits.reserve(limits.KEEP_FREE, Reserve.backlog) == Reserve()


def test_what_may_come_at_once_follows_what_may_come_for_ever():
    half = limits.rates(limits.DEVICE_RATE / 2, limits.DEVICE_MEGABYTES / 2, limits.ADDRESS_RATE / 2, limits.ENROLMENTS / 2)
    assert half.device_burst == Rates.device_burst / 2
    assert half.device_bytes_burst == Rates.device_bytes_burst / 2
    assert half.address_burst == Rates.address_burst / 2
    assert half.enrolments_burst == Rates.enrolments_burst / 2
    assert limits.rates(0.01, 0.001, 0.01, 0.1).enrolments_burst >= 1  # else nobody could ever ask


def test_a_served_installation_keeps_to_the_limits_it_was_given(tmp_path: Path):
    options = ["--port", "0", "--data", str(tmp_path / "data"), "--enrolments", "2", "--keep-free", "1"]
    command = [sys.executable, "-m", "ingest.commands", "serve", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True)
    try:
        assert process.stdout is not None
        assert select.select([process.stdout], [], [], 60)[0]
        address = process.stdout.readline().strip()
        transport = httpx.HTTPTransport(local_address="127.0.0.9")
        with httpx.Client(base_url=address, transport=transport, timeout=20) as stranger:
            assert [stranger.post("/v1/devices").status_code for _ in range(2)] == [201, 429]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
