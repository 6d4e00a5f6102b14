"""Figures for Prometheus, read from the database each time: every web process gives the same answer."""

import hmac
import ipaddress
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from django.conf import settings
from django.db import Error, connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from orders.due import DueTable
from orders.services.sweep import DUE as ORDERS_DUE
from tickets.services.standing import CALL_BACKS

STATEMENT_TIMEOUT_MS = 2000
# A backlog is a number up to here and "more than that" beyond: counting on would cost more than knowing is worth.
COUNT_MAX = 10_000
CLOCKS_DUE = DueTable(table="sla_clock", key="id", due="next_fire_at")

Sample = tuple[str, float]
log = structlog.get_logger("ticketdesk.metrics")


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures as text. For callers on this machine or its private network, or with the bearer METRICS_TOKEN."""
    if not is_allowed(request):
        return HttpResponseForbidden("Ask from the private network, or send METRICS_TOKEN as a bearer token.\n")
    return HttpResponse(generate_latest(measure()), content_type=CONTENT_TYPE_LATEST)


def is_allowed(request: HttpRequest) -> bool:
    """Whether the caller may read figures. A request passed on by a proxy always has to bring the token."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer":
        return hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        caller = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return caller.is_loopback or caller.is_private


def measure() -> CollectorRegistry:
    """Ask every figure; one that can't be had within two seconds is left out and counted as failed."""
    registry = CollectorRegistry()
    failed = Gauge("ticketdesk_metrics_failed", "Figures that could not be read.", registry=registry)
    for name, (text, label, read) in FIGURES.items():
        gauge = Gauge(f"ticketdesk_{name}", text, [label] if label else [], registry=registry)
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS}")
                for value_of_label, value in read():
                    (gauge.labels(value_of_label) if label else gauge).set(value)
        except Error as error:
            log.warning("figure missing", figure=name, reason=type(error).__name__)
            failed.inc()
    return registry


def _lags() -> Iterable[Sample]:
    yield "orders", ORDERS_DUE.lag()
    yield "call_backs", CALL_BACKS.lag()
    yield "clocks", CLOCKS_DUE.lag()


def _open_tickets() -> Iterable[Sample]:
    counted = dict(
        _rows(
            "SELECT grade, COUNT(*) FROM tickets_ticket WHERE closed_at IS NULL AND status <> 'solved' GROUP BY grade"
        )
    )
    return [(f"P{grade}", float(counted.get(grade, 0))) for grade in (1, 2, 3, 4)]


def _heartbeats() -> Iterable[Sample]:
    ages = _rows("SELECT name, clock_timestamp() - at FROM outbox_heartbeat ORDER BY name LIMIT 50")
    return [(name, age.total_seconds()) for name, age in ages]


def _due_differences() -> Iterable[Sample]:
    [(count,)] = _rows(
        """SELECT COALESCE(SUM(w.differences), 0) FROM orders_shop s, LATERAL (SELECT differences FROM orders_walk
               WHERE shop_id = s.id AND kind = 'check' ORDER BY id DESC LIMIT 1) w"""
    )
    return [("", float(count))]


def _outbox_age() -> Iterable[Sample]:
    [(age,)] = _rows(
        "SELECT COALESCE(EXTRACT(EPOCH FROM clock_timestamp() - MIN(next_try_at)), 0) FROM outbox_delivery"
        " WHERE next_try_at <= clock_timestamp()"
    )
    return [("", float(age))]


def _up_to_max(rows: str) -> Callable[[], Iterable[Sample]]:
    def read() -> Iterable[Sample]:
        [(count,)] = _rows(f"SELECT COUNT(*) FROM (SELECT 1 {rows} LIMIT {COUNT_MAX + 1}) counted")
        return [("", float(count))]

    return read


def _rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


Figure = tuple[str, str, Callable[[], Iterable[Sample]]]
# name: (what it says, its label if it has one, how to read it)
FIGURES: dict[str, Figure] = {
    "due_lag_seconds": ("By how much the oldest due row of a sweep is late.", "sweep", _lags),
    "open_tickets": ("Tickets that somebody still has to work on.", "grade", _open_tickets),
    "heartbeat_age_seconds": ("How long ago each loop last ran.", "loop", _heartbeats),
    "outbox_oldest_seconds": ("Since when the oldest due notice waits.", "", _outbox_age),
    "anomaly_changes_waiting": (
        f"Changes of anomalies that wait; counted up to {COUNT_MAX}.", "", _up_to_max("FROM orders_anomalychange")
    ),
    "due_differences": (
        "Orders that the last check of each shop found armed too late, or not at all.", "", _due_differences
    ),
    "dead_letters": (
        f"Notices given up; counted up to {COUNT_MAX}.", "", _up_to_max("FROM outbox_delivery WHERE state = 'dead'")
    ),
}  # fmt: skip
