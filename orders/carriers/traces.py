"""Lists of traces as Chinese aggregators send them: often only the parcel has a code, and its rows have none.

The code of the parcel is then that of its newest row. Older rows keep none, so that the same row can come once with
and once without a code: `orders.timeline` shows it once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from orders.carriers.base import Told, Unusable, mapped
from orders.carriers.times import Moment
from orders.statuses import Canonical
from orders.timeline import Scan

MOST = 500
"""So many of a list's newest rows are read; a parcel has ten to thirty."""


class Trace(NamedTuple):
    """A row: when, its own code if it has one, and its words."""

    moment: Moment | None
    code: str
    text: str
    label: str = ""
    city: str = ""
    country: str = ""


class Read(NamedTuple):
    """The scans, oldest first. `coded`: every row had a code of its own, so that the next list holds the same scans."""

    scans: tuple[Scan, ...]
    coded: bool


def scans_of(
    traces: Sequence[Trace], *, of_parcel: str, codes: Mapping[str, Canonical], source: str, feed: str, at: datetime,
) -> Read:  # fmt: skip
    """Read rows listed oldest first; `of_parcel` is the code of the whole parcel, `at` when the message came.

    Rows without a time are left out; Unusable when no row has one.
    """
    dated = sorted((trace for trace in traces if trace.moment), key=_at)[-MOST:]
    if traces and not dated:
        raise Unusable("no_times", "No row says when it happened; send a time such as 2026-08-21 10:05:12.")
    whole = len(dated) == len(traces) or len(dated) == MOST
    scans = []
    for seq, trace in enumerate(dated, 1):
        # A row that cannot be dated may be the newest: then nobody knows which row the parcel's code is about.
        newest = seq == len(dated) and whole
        code = trace.code or (of_parcel if newest else "")
        canonical = mapped(codes, code)
        known = trace.moment
        assert known is not None
        scans.append(
            Scan(
                known.at,
                *canonical,
                source=source,
                time_precision=known.precision,
                tz_source=known.tz_source,
                received_at=at,
                raw_code=code,
                raw_status=trace.label,
                is_physical=canonical.about.is_physical or canonical.status == "unknown",
                text=trace.text,
                city=trace.city,
                country=trace.country,
                provider_key=feed,
                seq=seq,
            )
        )
    return Read(tuple(scans), all(trace.code for trace in dated))


def _at(trace: Trace) -> datetime:
    assert trace.moment is not None
    return trace.moment.at


def each_of(parcels: Iterable[Any], read: Callable[[Any], Told]) -> list[Told]:
    """What is told of each parcel; one that cannot be used does not spoil the others, unless it is the only one."""
    told: list[Told] = []
    wrong: Unusable | None = None
    for parcel in parcels:
        try:
            told.append(read(parcel))
        except Unusable as problem:
            wrong = wrong or problem
    if wrong and not told:
        raise wrong
    return told
