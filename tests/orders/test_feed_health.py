"""Feeds that have fallen silent, dead messages that are tried again, and the pieces of tables."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.models import FeedHour, InboundMessage
from orders.services import door, housekeeping, inbound
from orders.services.deadletters import replay_dead
from orders.services.feedhealth import notice_silence
from orders.silence import silent_since, usual_gap
from tests import factories as make
from tests.clock import NOW
from tests.orders.pushes import aftership, endpoint, push
from ticketdesk.outbox import partitions

HOUR = timedelta(hours=1)
FULL = NOW.replace(minute=0, second=0, microsecond=0)
BUSY = {FULL - number * HOUR: 60 for number in range(2, 100)}


def test_a_busy_feed_is_silent_after_three_times_its_usual_gap_and_half_an_hour() -> None:
    assert silent_since(BUSY, last=NOW - 29 * timedelta(minutes=1), now=NOW) is None
    assert silent_since(BUSY, last=NOW - 31 * timedelta(minutes=1), now=NOW) == NOW - 31 * timedelta(minutes=1)


def test_a_feed_with_few_messages_or_that_rests_at_this_hour_is_not_silent() -> None:
    last = NOW - 3 * HOUR
    assert silent_since(dict.fromkeys(BUSY, 2), last=last, now=NOW) is None
    assert silent_since({hour: 60 for hour in BUSY if hour.hour != NOW.hour}, last=last, now=NOW) is None
    assert silent_since({}, last=last, now=NOW) is None


@given(st.dictionaries(st.integers(0, 160), st.integers(1, 5000), min_size=1))
def test_the_usual_gap_lies_between_the_shortest_and_the_longest(counts) -> None:
    hours = {FULL - number * HOUR: count for number, count in counts.items()}
    assert HOUR / max(counts.values()) <= usual_gap(hours) <= max(HOUR, max(hours) - min(hours))


@pytest.mark.django_db
def test_a_silent_feed_is_marked_until_it_talks_again() -> None:
    to = endpoint(make.shop(), last_message_at=NOW - 2 * HOUR)
    FeedHour.objects.bulk_create(FeedHour(endpoint=to, hour=hour, messages=n) for hour, n in BUSY.items())
    assert notice_silence(now=NOW) == [to.pk] == notice_silence(now=NOW)
    to.refresh_from_db()
    assert to.silent_since == NOW - 2 * HOUR
    type(to).objects.update(last_message_at=NOW)
    assert notice_silence(now=NOW) == []
    to.refresh_from_db()
    assert to.silent_since is None


@pytest.mark.django_db
def test_a_dead_message_is_read_again_when_somebody_says_so() -> None:
    door.forget_doors()
    to = endpoint(make.shop())
    push(to, b"null")
    push(to, aftership())
    inbound.take_in_until_idle(now=NOW)
    ids = list(InboundMessage.objects.values_list("pk", flat=True))
    assert replay_dead(ids=ids, by=make.user(role="administrator"), now=NOW) == 1
    again = InboundMessage.objects.get(state="waiting")
    assert (again.attempts, again.error, again.done_at) == (0, "", None)
    assert inbound.take_in_until_idle(now=NOW) == 1
    again.refresh_from_db()
    assert again.state == "dead"


@pytest.mark.django_db
def test_pieces_are_made_ahead_and_old_raw_messages_go(settings) -> None:
    settings.INBOUND_DAYS = 30
    later = datetime.now(UTC) + timedelta(days=200)
    kept = housekeeping.keep_house(now=later)
    assert kept and len([name for name in kept.made if name.startswith(housekeeping.MESSAGES)]) == 8
    assert len([name for name in kept.made if name.startswith(housekeeping.EVENTS)]) == 4
    assert kept.dropped and set(kept.dropped).isdisjoint(partitions.names(housekeeping.MESSAGES))
    assert housekeeping.keep_house(now=later) == housekeeping.Kept([], [])


@pytest.mark.django_db
def test_the_house_is_kept_once_a_day() -> None:
    assert housekeeping.keep_house_daily() is not None
    assert housekeeping.keep_house_daily() is None
