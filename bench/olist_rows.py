"""The Olist set's orders as journeys: read with the standard library, nothing known of the rows in advance."""

import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from orders.lanes import Journey, Lane, groups

ORIGIN_DIGITS, DEST_DIGITS = 2, 3
FULL_MONTH, YEAR = 100, 12


class Parcel(NamedTuple):
    """One order from hand-over to delivery; times are days since 1970 on the wall clock."""

    journey: Journey
    promise: float
    """The end of the promised day."""
    late: bool

    @property
    def slack(self) -> float:
        """Days from hand-over to the end of the promised day."""
        return self.promise - self.journey.start


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file, packed or not."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def found(folder: Path, name: str) -> Path:
    """The file of that name in the folder; FileNotFoundError says which one is missing."""
    for path in (folder / f"{name}.csv.gz", folder / f"{name}.csv"):
        if path.is_file():
            return path
    raise FileNotFoundError(f"{folder} holds no {name}.csv.gz")


def parcels_of(folder: Path) -> list[Parcel]:
    """Every order that was handed over and has a promise, in order of hand-over.

    Left out: orders without a known buyer's place, and those delivered before they were handed over.
    """
    buyers = {
        row["customer_id"]: (row["customer_state"], row["customer_zip_code_prefix"])
        for row in rows(found(folder, "customers"))
    }
    sellers = {
        row["seller_id"]: (row["seller_state"], row["seller_zip_code_prefix"]) for row in rows(found(folder, "sellers"))
    }
    first: dict[str, tuple[int, str]] = {}
    for row in rows(found(folder, "order_items")):
        item = (int(row["order_item_id"]), row["seller_id"])
        first[row["order_id"]] = min(first.get(row["order_id"], item), item)
    made = []
    for row in rows(found(folder, "orders")):
        start, end = _days(row["order_delivered_carrier_date"]), _days(row["order_delivered_customer_date"])
        promised, buyer = row["order_estimated_delivery_date"][:10], buyers.get(row["customer_id"])
        if start is None or not promised or buyer is None or (end is not None and end < start):
            continue
        origin, origin_zip = sellers.get(first.get(row["order_id"], (0, ""))[1], ("", ""))
        lane = Lane("", origin, buyer[0], origin_zip[:ORIGIN_DIGITS], buyer[1][:DEST_DIGITS])
        weekday = (date(1970, 1, 1) + timedelta(days=int(start))).weekday()
        journey = Journey(groups(lane, weekday), start, end, float(row.get("weight") or 1))
        promise = _days(promised) or 0.0
        made.append(Parcel(journey, promise + 1, end is not None and int(end) > int(promise)))
    return sorted(made, key=lambda parcel: parcel.journey.start)


def cut_of(parcels: list[Parcel]) -> date:
    """Where learning ends and testing begins: the first of a month that has a full year of hand-overs behind it.

    A year, because a lane's shape is only known once every season was seen; a month counts from 100 hand-overs on.
    A set without so much history is cut after three fifths of its hand-overs.
    """
    months = Counter(day_of(parcel.journey.start).replace(day=1) for parcel in parcels)
    full = sorted(month for month, count in months.items() if count >= FULL_MONTH)
    if len(full) > YEAR:
        return full[YEAR]
    return day_of(parcels[len(parcels) * 3 // 5].journey.start)


def day_of(days: float) -> date:
    """The day on the calendar."""
    return date(1970, 1, 1) + timedelta(days=int(days))


def number_of(day: date) -> float:
    """The midnight that begins the day."""
    return float((day - date(1970, 1, 1)).days)


def _days(text: str) -> float | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() / 86400 if text else None
