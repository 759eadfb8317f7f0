"""The HTTP API: takes chunks from phones, gives defects to everyone.

Only this package knows HTTP; what is stored is `ingest.store`'s, what is found `detection`'s.
"""

from __future__ import annotations

import time
from collections import OrderedDict

from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from ingest.api import (
    chunks,
    defects,
    devices,
    driver,
    handbook,
    live,
    metrics,
    mydata,
    ogc,
    open311,
    operator,
    photos,
    problems,
    push,
    reports,
    sessions,
    tiles,
    tracks,
    triage,
    trips,
    waveforms,
    worklist,
)
from ingest.api.headers import SecurityHeaders
from ingest.api.lanes import open_lanes
from ingest.api.metrics import Metrics
from ingest.api.observed import Observed
from ingest.api.pages import mount_pages
from ingest.api.permissions import gate
from ingest.api.pressure import Pressure, Reading
from ingest.api.rates import LimitAddresses, RateLimits
from ingest.settings import Settings
from ingest.store import Store, open_store

__all__ = ["create_app"]

PARTS = (
    chunks,
    devices,
    mydata,
    trips,
    push,
    driver,
    reports,
    defects,
    triage,
    photos,
    waveforms,
    worklist,
    live,
    tracks,
    tiles,
    ogc,
    open311,
    sessions,
    operator,
    metrics,
    handbook,
)
GZIP_LEVEL = 6  # a list of a thousand defects: 58 kB in 7 ms; the default, 9, makes 56 kB of it in 14 ms
_ABOUT = "Takes chunks of drives from phones, gives road defects to everyone. Errors are RFC 9457 problems with a stable `code`."


def create_app(settings: Settings, store: Store | None = None) -> FastAPI:
    """The whole API and the map page over one installation; opens its data unless given. Raises DatabaseUnusable."""
    app = FastAPI(
        title="Cahot",
        description=_ABOUT,
        version="1",
        docs_url=None,  # the stock page loads scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Depends(gate)],  # before anything else of every route
        telemetry={"tracing": False, "metrics": False, "logs": False},  # nothing leaves this machine unasked
    )
    app.state.settings = settings
    app.state.store = store or open_store(settings)
    app.state.metrics = Metrics(settings, app.state.store)
    app.state.started_at = time.time()
    app.state.recent_senders = OrderedDict()
    app.state.tiles = tiles.Tiles()
    app.state.lanes = open_lanes(app.state.store)
    app.state.rates = RateLimits(settings.rates)
    app.state.pressure = Pressure(app.state.store, settings)
    app.state.live = live.Live(app.state.store)
    app.state.reading = Reading(settings.reserve.reading_bytes, settings.reserve.retry_after_s)
    for part in PARTS:
        app.include_router(part.router)
    mount_pages(app)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=GZIP_LEVEL)
    app.add_middleware(LimitAddresses, limits=app.state.rates)
    problems.install(app)
    app.add_middleware(SecurityHeaders, settings=settings)
    app.add_middleware(Observed, count=app.state.metrics.count)  # the last added is outermost
    return app
