"""How a deadline and a length of time are shown. Pure: used for pages, mails and exports alike.

The same thresholds count in static/ticketdesk/app.js, which only keeps a page that stays open up to date.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

SOON = timedelta(minutes=60)
URGENT = timedelta(minutes=15)
SOON_SHARE = 0.25
URGENT_SHARE = 0.10
MINUTE = timedelta(minutes=1)


def state(due_by: datetime, now: datetime, total: timedelta) -> str:
    """ok, soon, urgent or breach. `total` is the whole time that was given; late is `now >= due_by`.

    Soon is the last hour or the last quarter, urgent the last 15 minutes or the last tenth, whichever comes first.
    """
    left = due_by - now
    if left <= timedelta(0):
        return "breach"
    if left <= URGENT or left <= total * URGENT_SHARE:
        return "urgent"
    if left <= SOON or left <= total * SOON_SHARE:
        return "soon"
    return "ok"


def length(span: timedelta, units: Sequence[str] = ("d", "h", "m")) -> str:
    """The two greatest units of a length of time, sign dropped: 3d 4h, 5h 20m, 12h, 8m, <1m.

    Units that are words of a Latin script are parted by a space, Chinese ones are not: 3天4小时.
    """
    minutes = abs(span) // MINUTE
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        parts = [f"{days}{units[0]}"] + ([f"{hours}{units[1]}"] if hours else [])
    elif hours:
        # From ten hours on nobody acts on minutes, and the badge would grow wider than its column.
        parts = [f"{hours}{units[1]}"] + ([f"{minutes}{units[2]}"] if minutes and hours < 10 else [])
    else:
        parts = [f"{minutes}{units[2]}" if minutes else f"<1{units[2]}"]
    return (" " if units[0].isascii() else "").join(parts)


def signed(due_by: datetime, now: datetime, units: Sequence[str] = ("d", "h", "m")) -> str:
    """Time left as it is, time over with a plus in front, at least a minute: a breach counts up."""
    left = due_by - now
    if left <= timedelta(0):
        return "+" + length(max(-left, MINUTE), units)
    return length(left, units)


def age(since: datetime, now: datetime, units: Sequence[str] = ("d", "h", "m")) -> str:
    """How long ago in one unit: 3d, 5h, 12m; an empty string within the last minute (say "now")."""
    passed = max(now - since, timedelta(0))
    if passed < MINUTE:
        return ""
    for unit in (timedelta(days=1), timedelta(hours=1)):
        if passed >= unit:
            passed = passed // unit * unit
            break
    return length(passed, units)
