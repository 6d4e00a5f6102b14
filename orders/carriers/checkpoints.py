"""Lists of checkpoints as worldwide aggregators send them: each has a code of its own, and not each has a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from orders.carriers.base import Message, mapped
from orders.carriers.times import Moment
from orders.statuses import Canonical
from orders.timeline import SPAN, Scan

MOST = 500
"""So many of a list's newest checkpoints are read; a parcel has ten to thirty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """One line of a list, its texts already fit to be stored. `at` is None when nobody can tell its time."""

    code: str
    at: Moment | None
    raw_status: str = ""
    text: str = ""
    city: str = ""
    country: str = ""
    recorded_at: datetime | None = None


def scans_of(
    listed: Sequence[Checkpoint], *, source: str, codes: Mapping[str, Canonical], message: Message, feed: str = "",
    newest_first: bool = False, is_return: bool = False,
) -> tuple[Scan, ...]:  # fmt: skip
    """The scans of a list, oldest first, whichever way its times show it to run; `newest_first` where they don't show.

    A checkpoint without a time keeps its place in the list, just before the next one that has a time, but is never
    the latest; a list without any time gives no scan. An unread code counts as a scan of the parcel.
    """
    lines = _oldest_first(listed, newest_first)[-MOST:]
    scans = []
    for seq, (line, at) in enumerate(zip(lines, _dated([line.at for line in lines]), strict=True), 1):
        if at is None:
            continue
        canonical = mapped(codes, line.code)
        scan = Scan(
            at.at,
            *canonical,
            source=source,
            time_precision=at.precision,
            tz_source=at.tz_source,
            recorded_at=line.recorded_at,
            received_at=message.received_at,
            raw_code=line.code,
            raw_status=line.raw_status,
            is_physical=canonical.about.is_physical or line.code not in codes,
            text=line.text,
            city=line.city,
            country=line.country,
            provider_key=feed,
            seq=seq,
        )
        scans.append(_of_return(scan) if is_return else scan)
    return tuple(scans)


def _oldest_first(listed: Sequence[Checkpoint], newest_first: bool) -> Sequence[Checkpoint]:
    times = [line.at.at for line in listed if line.at]
    if times and times[0] != times[-1]:
        newest_first = times[0] > times[-1]
    return listed[::-1] if newest_first else listed


def _dated(times: Sequence[Moment | None]) -> list[Moment | None]:
    """Each time, and for one that is missing the moment before the next known one, at the end before the last one."""
    last = next((at for at in reversed(times) if at), None)
    found, following = [], last
    for at in reversed(times):
        found.append(at or (_just_before(following) if following else None))
        following = at or following
    return found[::-1]


def _just_before(at: Moment) -> Moment:
    step = timedelta() if at.precision == "date" else SPAN[at.precision]
    return at._replace(at=at.at - step)


def _of_return(scan: Scan) -> Scan:
    """On its way back a parcel is never delivered to the buyer: the delivery is the sender's."""
    told = replace(scan, raw_status=f"{scan.raw_status[:57]} return".strip())
    if scan.status != "delivered" or scan.sub_status == "partial":
        return told
    return replace(told, status="returned", sub_status="received")
