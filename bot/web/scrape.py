"""`/metrics` itself: the tallies of a process in Prometheus text, for this machine and for whoever has the token.

Loaded with the first scrape: the library costs a process that nobody watches a MiB and a fiftieth of its start.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterator
from itertools import accumulate
from typing import assert_never

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from bot.web.metrics import Metrics
from bot.web.queues import read_queues
from bot.web.tallies import Counts, Levels, Tally, Times
from storage.database import Database
from storage.statements import STATEMENTS


class Shown(Collector):
    """All numbers of a process, as the library takes them."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        """Yield a family for each tally, then the statements of the database by name."""
        yield from map(_family, self._metrics.tallies)
        yield from _statements()


def registry_of(metrics: Metrics) -> CollectorRegistry:
    """Return what the library reads the metrics of a process from."""
    registry = CollectorRegistry()
    registry.register(Shown(metrics))
    return registry


def page(metrics: Metrics) -> bytes:
    """Return everything in Prometheus text."""
    metrics.look()
    return generate_latest(registry_of(metrics))


class MetricsPage:
    """Shows the metrics to this machine, and elsewhere to whoever has the token."""

    def __init__(self, metrics: Metrics, database: Database, *, token: str) -> None:
        self._metrics, self._database, self._token = metrics, database, token

    async def show(self, request: web.Request) -> web.Response:
        """Answer a scrape."""
        if not (self._is_local(request) or self._has_token(request)):
            return web.Response(status=403, text="token needed")
        self._metrics.set_queues(await self._database.read(lambda c: read_queues(c, self._metrics.now)))
        return web.Response(body=page(self._metrics), headers={"Content-Type": CONTENT_TYPE_LATEST})

    def _has_token(self, request: web.Request) -> bool:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return bool(self._token) and hmac.compare_digest(given.encode(), self._token.encode())

    @staticmethod
    def _is_local(request: web.Request) -> bool:
        """Tell whether the request comes from this machine itself, not from a proxy on it."""
        if any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")):
            return False
        try:
            return ipaddress.ip_address(request.remote or "").is_loopback
        except ValueError:
            return False


def _family(tally: Tally) -> Metric:
    match tally:
        case Counts():
            counter = CounterMetricFamily(tally.name, tally.text, labels=tally.names)
            for labels, count in tally.values():
                counter.add_metric(labels, count)
            return counter
        case Levels():
            gauge = GaugeMetricFamily(tally.name, tally.text, labels=tally.names)
            for labels, level in tally.values():
                gauge.add_metric(labels, level)
            return gauge
        case Times():
            return _histogram(tally)
        case _:
            assert_never(tally)


def _histogram(tally: Times) -> Metric:
    family = HistogramMetricFamily(tally.name, tally.text, labels=tally.names)
    bounds = [*map(str, tally.bounds), "+Inf"]
    for labels, counts, seconds in tally.values():
        family.add_metric(labels, list(zip(bounds, accumulate(counts), strict=True)), seconds)
    return family


def _statements() -> Iterator[Metric]:
    """Yield the statements by name, as the process counts them itself: runs, seconds, slow ones."""
    runs = CounterMetricFamily("parley_db_statements", "Statements by name", labels=("statement",))
    spent = CounterMetricFamily("parley_db_statements_seconds", "Time in statements", labels=("statement",))
    slow = CounterMetricFamily("parley_db_slow_statements", "Statements over 100 ms", labels=("statement",))
    for name, tally in STATEMENTS:
        runs.add_metric((name,), tally.count)
        spent.add_metric((name,), tally.seconds)
        slow.add_metric((name,), tally.slow)
    yield from (runs, spent, slow)
