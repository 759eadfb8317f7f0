"""GET /metrics: Prometheus text about this installation. No ids, no places; docs/operations.md explains every name.

Requests are counted here as they are answered; everything else is read from database and disk when asked, at most every few
seconds, so that several servers and workers over one installation tell the same.
"""

from __future__ import annotations

import hmac
import ipaddress
import shutil
import threading
import time
from collections.abc import Iterator

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from ingest.api.access import settings_of
from ingest.api.answers import problems
from ingest.settings import Settings
from ingest.store import Store, jobs, pushes, workers
from ingest.store.schema import TRIP_STATES, Defect, Device, Job, PushPart, Trip

router = APIRouter(tags=["operation"])

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
FRESH_S = 5.0  # counting rows takes longer the more there are; who scrapes more often gets the same again
ALIVE_S = 60.0  # a worker says that it lives every few seconds, except in an estimate of a large fleet
BUCKETS_S = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_CHUNK_ROUTE = "/v1/trips/{trip_id}/chunks/{number}"
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")


class Metrics:
    """The counters of one server process, and what it knows of the installation."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.registry = CollectorRegistry()
        labels = ("route", "method", "status")
        self._requests = Counter("cahot_http_requests", "answered requests", labels, registry=self.registry)
        self._seconds = Histogram(
            "cahot_http_request_seconds", "until the answer was sent", ("route",), buckets=BUCKETS_S, registry=self.registry
        )
        self._received = Counter("cahot_http_received_bytes", "bodies as they came", ("route",), registry=self.registry)
        self._chunks = Counter("cahot_chunks", "chunks by result", ("result",), registry=self.registry)
        for result in ("stored", "repeated", "refused", "failed"):
            self._chunks.labels(result)
        self.registry.register(Installation(settings, store))
        ProcessCollector(registry=self.registry)

    def count(self, route: str, method: str, status: int, seconds: float, received: int) -> None:
        """One request, as `ingest.api.observed` saw it."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        if received:
            self._received.labels(route).inc(received)
        if route == _CHUNK_ROUTE and method == "PUT":
            self._chunks.labels(_result(status)).inc()


class Installation(Collector):
    """What database and disk say, remembered for a few seconds."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings, self._store = settings, store
        self._turn = threading.Lock()
        self._told: list[Metric] = []
        self._at = 0.0

    def collect(self) -> Iterator[Metric]:
        with self._turn:
            if not self._told or not 0 <= time.monotonic() - self._at < FRESH_S:
                self._told, self._at = [*self._rows(time.time()), *self._disk()], time.monotonic()
            yield from self._told

    def describe(self) -> list[Metric]:
        return []  # so that making the registry asks nothing

    def _rows(self, now: float) -> Iterator[Metric]:
        with self._store.database.read() as session:
            counted = session.execute(select(Trip.state, func.count()).group_by(Trip.state)).all()
            trips = {state: count for state, count in counted}  # noqa: C416  (a Row is no pair to dict())
            yield _by_label("cahot_trips", "trips by state", "state", {state: trips.get(state, 0) for state in TRIP_STATES})
            yield GaugeMetricFamily("cahot_devices", "enrolled", _count(session.scalar(select(func.count(Device.id)))))
            yield GaugeMetricFamily("cahot_defects", "known", _count(session.scalar(select(func.count(Defect.id)))))
            running = _count(session.scalar(select(func.count()).where(Job.lease_until > now)))
            yield _by_label("cahot_jobs", "backlog", "state", {"waiting": jobs.backlog(session) - running, "running": running})
            oldest = jobs.oldest_due(session, now)
            yield GaugeMetricFamily("cahot_oldest_job_seconds", "due for so long", now - oldest if oldest else 0.0)
            open_parts = PushPart.closed_at.is_(None)
            aside = pushes.set_aside_count(session)
            parts = _count(session.scalar(select(func.count()).where(open_parts)))
            yield _by_label("cahot_push_parts", "pushed sessions", "state", {"open": parts - aside, "set_aside": aside})
            held = session.scalar(select(func.sum(PushPart.bytes_held)).where(open_parts))
            yield GaugeMetricFamily("cahot_push_held_bytes", "pushed and not yet a trip", _count(held))
            yield GaugeMetricFamily("cahot_workers", "heard of lately", workers.alive(session, now, ALIVE_S))
            yield from _worked(workers.totals(session))

    def _disk(self) -> Iterator[Metric]:
        disk = shutil.disk_usage(self._settings.data)
        yield GaugeMetricFamily("cahot_disk_free_bytes", "of the data folder's disk", disk.free)
        yield GaugeMetricFamily("cahot_disk_bytes", "size of the data folder's disk", disk.total)


def is_operator(request: Request) -> bool:
    """Whether the caller sends the token of --metrics-token-file, or none and asks on this very machine, not through a proxy."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if not scheme:
        return _is_local(request)
    wanted = settings_of(request).metrics_token
    return bool(wanted) and scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), wanted.encode())


@router.get(
    "/metrics",
    response_class=Response,
    responses=problems("auth.missing", "auth.invalid", "auth.role", "storage.failed"),
    summary="Figures for Prometheus",
)
def metrics(request: Request) -> Response:
    return Response(generate_latest(request.app.state.metrics.registry), media_type=MEDIA_TYPE)


def _is_local(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _result(status: int) -> str:
    if status in (200, 201):
        return "stored" if status == 201 else "repeated"
    return "refused" if status < 500 and status != 499 else "failed"


def _by_label(name: str, about: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    told = GaugeMetricFamily(name, about, labels=[label])
    for value, count in values.items():
        told.add_metric([value], count)
    return told


def _worked(done: workers.Figures) -> Iterator[Metric]:
    yield CounterMetricFamily("cahot_worker_trips", "surveyed", done.trips)
    yield CounterMetricFamily("cahot_worker_rejected_trips", "parked with a reason", done.rejected)
    yield CounterMetricFamily("cahot_worker_driven_seconds", "of driving surveyed", done.driven_s)
    yield CounterMetricFamily("cahot_worker_cpu_seconds", "spent on surveys", done.survey_cpu_s)
    yield CounterMetricFamily("cahot_estimates", "of defects, made", done.estimates)
    yield CounterMetricFamily("cahot_estimate_seconds", "spent on them by the clock", done.estimate_s)


def _count(value: int | None) -> int:
    return int(value or 0)
