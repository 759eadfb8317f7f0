"""Two lanes to the disk: the ordinary minute of a phone, and what takes much memory or time to read, one after another.

A phone's chunk is binary, 31 kB, and takes a millisecond. JSON, what is compressed and what is large take up to fifty times
their size and half a second: two at once would double the memory and slow every phone.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from anyio import CapacityLimiter
from starlette.requests import Request

from ingest.api.expanding import Coding
from ingest.api.pressure import LARGE_BYTES, check_line
from ingest.settings import Reserve
from mobile_app import wire

CHECKING_AT_ONCE = 2  # one unpacks while another holds the interpreter; more threads only fight for it


@dataclass(frozen=True)
class Lanes:
    """How many threads at once check chunks of each sort; storing them is one thread's work (`ingest.store.intake`)."""

    ordinary: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(CHECKING_AT_ONCE))
    large: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))


def choose(request: Request, data: bytes, binary: bool, coding: Coding, reserve: Reserve) -> CapacityLimiter:
    """The lane of a body. Problem busy when too many wait in it."""
    lanes: Lanes = request.app.state.lanes
    ordinary = binary and coding == "identity" and max(len(data), wire.inflated_bytes(data)) <= LARGE_BYTES
    lane = lanes.ordinary if ordinary else lanes.large
    check_line(lane, reserve.waiting, reserve.retry_after_s)
    return lane
