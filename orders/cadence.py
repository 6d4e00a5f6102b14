"""How often a source that does not call us is asked about a parcel: seldom, and less and less."""

from datetime import datetime, timedelta
from hashlib import blake2b

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# Until this age of the parcel, it is asked for this often; after the last it is not asked for any more.
LADDER = ((30 * DAY, 5 * HOUR), (45 * DAY, 7 * HOUR), (60 * DAY, 13 * HOUR), (80 * DAY, 24 * HOUR))
OLDEST = LADDER[-1][0]
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=5), 6 * HOUR
JITTER = 0.1


def next_look(parcel_id: int, *, began: datetime, now: datetime, failures: int = 0) -> datetime | None:
    """When to ask next about a parcel that began at `began`; None when it is too old to be asked for.

    After failures soon at first, then ever later. Spread by up to a tenth, so that parcels of one hour part.
    """
    every = next((pause for until, pause in LADDER if now - began < until), None)
    if every is None:
        return None
    if failures:
        every = min(every, LONGEST_RETRY, FIRST_RETRY * 2 ** min(failures - 1, 10))
    return now + every * (1 + JITTER * _spread(parcel_id, now))


def _spread(parcel_id: int, now: datetime) -> float:
    """From -1 to 1, the same for the same parcel and hour."""
    seed = f"{parcel_id} {now:%Y%m%d%H}".encode()
    return int.from_bytes(blake2b(seed, digest_size=4).digest(), "big") / (2**31) - 1
