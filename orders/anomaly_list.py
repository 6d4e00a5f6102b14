"""The list of anomalies: what it can be narrowed to, a page of it, and its rows for a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from orders import labels, wording
from orders.finding import find_orders
from orders.models import Anomaly, Order
from orders.models.anomaly import OVER
from orders.presents import Presents

PAGE = 50
MOST_EXPORTED = 20_000
# What a row shows. Nobody's personal data is among it, so a list does not unseal any.
COLUMNS = (
    *("code", "state", "grade", "department", "since", "opened_at", "closed_at", "close_reason", "why", "params"),
    *("verdict", "reopened", "shop__name", "order__external_no", "shipment__number", "shipment__carrier__name"),
)
AGES = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
OLDER = {"older3": timedelta(days=3), "older7": timedelta(days=7)}


@dataclass(frozen=True, slots=True)
class AnomalyFilters:
    """What the list is narrowed to; empty means everything that is open and not in shadow."""

    text: str = ""
    code: str = ""
    state: str = ""
    grade: int | None = None
    shop: int | None = None
    carrier: int | None = None
    department: str = ""
    verdict: str = ""
    age: str = ""

    def narrow(self, anomalies: QuerySet[Anomaly], presents: Presents) -> QuerySet[Anomaly]:
        """The anomalies that fit."""
        if self.text:
            anomalies = anomalies.filter(order__in=find_orders(self.text))
        if self.state == "":
            anomalies = anomalies.filter(closed_at__isnull=True).exclude(state=Anomaly.State.SUSPECTED)
        elif self.state == "over":
            anomalies = anomalies.filter(state__in=OVER)
        elif self.state != "any":
            anomalies = anomalies.filter(state=self.state)
        exact = {"code": self.code, "grade": self.grade, "shop": self.shop, "department": self.department}
        exact["shipment__carrier"] = self.carrier
        anomalies = anomalies.filter(**{name: value for name, value in exact.items() if value})
        if self.verdict:
            anomalies = anomalies.filter(verdict="" if self.verdict == "none" else self.verdict)
        return anomalies.filter(self._aged(presents))

    def _aged(self, presents: Presents) -> Q:
        if self.age in AGES:
            return presents.after_by("opened_at", AGES[self.age])
        if self.age in OLDER:
            return presents.at_or_before("opened_at", -OLDER[self.age])
        return Q()


def visible(orders: QuerySet[Order]) -> QuerySet[Anomaly]:
    """The anomalies of these orders; whoever sees every order is not asked about each."""
    return Anomaly.objects.filter(order__in=orders) if orders.query.has_filters() else Anomaly.objects.all()


@dataclass(frozen=True, slots=True)
class AnomalyPage:
    """A page of the list, and the cursor of the next one ("" on the last)."""

    rows: list[Anomaly]
    next: str


def page(anomalies: QuerySet[Anomaly], *, cursor: str = "", limit: int = PAGE) -> AnomalyPage:
    """One page, newest first; one query. Raises ValueError for a cursor that this list never gave out."""
    anomalies = _listed(anomalies)
    if cursor:
        # A row comparison is an index condition; the same written with OR would be a filter from the start.
        after = "(orders_anomaly.opened_at, orders_anomaly.id) < (%s, %s)"
        anomalies = anomalies.filter(RawSQL(after, _read(cursor), output_field=BooleanField()))
    found = list(anomalies[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    return AnomalyPage(found[:limit], f"{last.opened_at.isoformat()}_{last.pk}" if last else "")


def _listed(anomalies: QuerySet[Anomaly]) -> QuerySet[Anomaly]:
    related = anomalies.select_related("shop", "order", "shipment__carrier")
    return related.only(*COLUMNS).order_by("-opened_at", "-id")


def _read(cursor: str) -> tuple[datetime, int]:
    opened_at, _, last_id = cursor.rpartition("_")
    try:
        return datetime.fromisoformat(opened_at), int(last_id[:18])
    except ValueError:
        raise ValueError("This page's address is damaged. Start again from the first page.") from None


HEADINGS = (
    *("id", "code", "title", "state", "grade", "department", "shop", "order", "carrier", "parcel", "why", "since"),
    *("opened_at", "closed_at", "closed_because", "verdict", "reopened"),
)


def rows_for_file(anomalies: QuerySet[Anomaly]) -> Iterator[list[str | int]]:
    """One row per anomaly in the order of HEADINGS, at most 20,000, read in portions."""
    for each in _listed(anomalies)[:MOST_EXPORTED].iterator(chunk_size=1000):
        yield [
            *(each.pk, each.code, wording.title(each.code), each.state, f"P{each.grade}", each.department),
            *(each.shop.name, each.order.external_no),
            each.shipment.carrier.name if each.shipment else "",
            each.shipment.number if each.shipment else "",
            wording.sentence(each.why, each.params),
            *(wording.shown_time(each.since), wording.shown_time(each.opened_at)),
            wording.shown_time(each.closed_at) if each.closed_at else "",
            labels.cleared_label(each.close_reason) if each.close_reason else "",
            each.verdict,
            each.reopened,
        ]
