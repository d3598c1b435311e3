"""Figures of the API itself, for Prometheus. Caddy does not route them."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from starlette.requests import Request
from starlette.responses import Response

from rockpool.control.api.parts import Parts
from rockpool.control.tables import WorkspaceRow

router = APIRouter(include_in_schema=False)

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)


class Meter(Collector):
    """Counts requests by route, so that no name of a workspace becomes a series."""

    def __init__(self, parts: Parts) -> None:
        self.registry = CollectorRegistry()
        self._parts = parts
        labels = ("method", "route", "status")
        self._requests = Counter("rockpool_requests", "Requests", labels, registry=self.registry)
        self._seconds = Histogram(
            "rockpool_request_seconds",
            "Time until an answer begins",
            ("route",),
            registry=self.registry,
            buckets=_BUCKETS,
        )
        ProcessCollector(registry=self.registry)
        self.registry.register(self)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        known = method if method in _METHODS else "other"  # a client may invent any
        self._requests.labels(known, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def describe(self) -> list[Metric]:
        """Name nothing beforehand, so that registering does not read the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Read what the database knows."""
        states = GaugeMetricFamily("rockpool_workspaces", "Workspaces by state", labels=["status"])
        with self._parts.store.reading() as session:
            counted = session.execute(select(WorkspaceRow.status, func.count()).group_by(WorkspaceRow.status)).all()
            lagging = WorkspaceRow.generation > WorkspaceRow.observed_generation
            waiting = session.scalar(select(func.count()).where(lagging))
        for status, number in counted:
            states.add_metric([status], number)
        yield states
        yield GaugeMetricFamily("rockpool_wishes_waiting", "Wishes that have not come true yet", value=waiting or 0)
        streams = self._parts.follower.following
        yield GaugeMetricFamily("rockpool_event_streams", "Event streams that are open", value=streams)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Return all figures."""
    return Response(
        generate_latest(request.app.state.meter.registry), media_type="text/plain; version=0.0.4; charset=utf-8"
    )
