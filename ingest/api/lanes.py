"""Two lanes to the disk: the ordinary minute of a phone, and what takes much memory or time to read, one after another.

A phone's chunk is binary, 31 kB, and takes a millisecond. JSON, what is compressed and what is large take up to fifty times
their size and half a second: two at once would double the memory and slow every phone.
"""

from __future__ import annotations

from asyncio import wrap_future
from collections.abc import Callable
from dataclasses import dataclass, field

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request

from ingest.api.checking import Checking
from ingest.api.expanding import Sent
from ingest.api.pressure import LARGE_BYTES, check_line
from ingest.settings import Reserve
from ingest.store import Store
from ingest.store.intake import Arrival, Sender
from ingest.store.objects import Piece
from mobile_app import wire


@dataclass(frozen=True)
class Lanes:
    """Of one server process: one thread that checks ordinary chunks, another for all that is not, and one for photos."""

    ordinary: Checking
    large: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))
    photos: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))


def open_lanes(store: Store) -> Lanes:
    return Lanes(Checking(lambda: store.intake))


async def through(
    request: Request, sender: Sender, sent: Sent, check: Callable[[], Piece], reserve: Reserve
) -> tuple[Piece, bool]:
    """A body checked in its lane and stored; whether it is new. Problem busy when too many wait in the lane."""
    lanes: Lanes = request.app.state.lanes
    if sent.binary and sent.coding == "identity" and max(len(sent.data), wire.inflated_bytes(sent.data)) <= LARGE_BYTES:
        check_line(lanes.ordinary.waiting, reserve.waiting, reserve.retry_after_s)
        return await wrap_future(lanes.ordinary.store(sender, check))
    check_line(lanes.large.statistics().tasks_waiting, reserve.waiting, reserve.retry_after_s)
    piece = await to_thread.run_sync(check, limiter=lanes.large)
    store: Store = request.app.state.store
    return piece, await wrap_future(store.intake.store(Arrival(sender, piece)))
