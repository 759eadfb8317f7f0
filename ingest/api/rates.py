"""How often somebody may ask: buckets for each address and each device; beyond them 429 with the time to come back."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ingest.api.buckets import Buckets, network_of
from ingest.api.problems import Problem
from ingest.settings import Rates


class RateLimits:
    """The buckets of one server process. clock: seconds that never go back."""

    def __init__(self, rates: Rates, clock: Callable[[], float] = time.monotonic) -> None:
        self._trusted, self.clock = frozenset(rates.trusted), clock
        self._addresses = Buckets(rates.address_per_s, rates.address_burst, rates.remembered)
        self._enrolments = Buckets(rates.enrolments_per_s, rates.enrolments_burst, rates.remembered)
        self._reports = Buckets(rates.reports_per_s, rates.reports_burst, rates.remembered)
        self._devices = Buckets(rates.device_per_s, rates.device_burst, rates.remembered)
        self._bytes = Buckets(rates.device_bytes_per_s, rates.device_bytes_burst, rates.remembered)

    def let_in(self, address: str | None) -> None:
        """Charge one request to the address it comes from. Problem rate.limited."""
        self._charge(self._addresses, self._network(address), "requests from this address")

    def let_enrol(self, address: str | None) -> None:
        """Charge one enrolment to the address it comes from. Problem rate.limited."""
        self._charge(self._enrolments, self._network(address), "new devices from this address")

    def let_report(self, address: str | None) -> None:
        """Charge one report of somebody without a device to the address it comes from. Problem rate.limited."""
        self._charge(self._reports, self._network(address), "reports from this address")

    def let_device(self, device_id: str) -> None:
        """Charge one request to the device, which must not have used up its bytes. Problem rate.limited."""
        self._refuse_until(self._bytes.wait_s(device_id, self.clock()), "bytes from this device")
        self._charge(self._devices, device_id, "requests from this device")

    def count_bytes(self, device_id: str, size: int) -> None:
        """Charge what the device has sent."""
        self._bytes.take(device_id, size, self.clock())

    def _network(self, address: str | None) -> str | None:
        return None if address is None or address in self._trusted else network_of(address)

    def _charge(self, buckets: Buckets, name: str | None, what: str) -> None:
        if name is not None:
            now_s = self.clock()
            self._refuse_until(buckets.wait_s(name, now_s), what)
            buckets.take(name, 1.0, now_s)

    def _refuse_until(self, wait_s: float, what: str) -> None:
        if wait_s > 0.0:
            seconds = max(math.ceil(wait_s), 1)
            raise Problem("rate.limited", f"too many {what}; come back in {seconds} s", retry_after_s=seconds)


def limits_of(request: Request) -> RateLimits:
    limits: RateLimits = request.app.state.rates
    return limits


def address_of(scope: Scope) -> str | None:
    """Where the request comes from: the socket's other end, or what a trusted proxy says."""
    client = scope.get("client")
    return str(client[0]) if client else None


class LimitAddresses:
    """Before everything else is looked at: whether the address may ask at all."""

    def __init__(self, app: ASGIApp, limits: RateLimits) -> None:
        self._app, self._limits = app, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                self._limits.let_in(address_of(scope))
            except Problem as problem:
                return await problem.response()(scope, receive, send)
        return await self._app(scope, receive, send)
