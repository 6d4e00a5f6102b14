"""The demo: every trouble is in it, it can be told again, and it gives nothing away."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.contrib.auth.hashers import check_password
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.detectors import catalogue
from orders.models import Anomaly, Incident, Milestone, Order, Promise
from tests.clock import NOW
from ticketdesk.accounts.models import ApiKey, Department, User
from ticketdesk.demo import PASSWORD
from ticketdesk.demo.journeys import PACE, Way, journey
from ticketdesk.demo.people import PEOPLE
from ticketdesk.demo.plan import Plan, make_plan, told_at_once
from ticketdesk.demo.plots import PLOTS
from ticketdesk.demo.seeding import NotEmpty, Seeded, seed_demo
from ticketdesk.demo.words import words
from tickets.models import Handover, Message, Ticket

SMALL = 0.12
LANGUAGES = ("en", "zh-hans", "zh-hant")
presents = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=NOW.tzinfo))


@pytest.fixture(scope="module")
def seeded(django_db_setup: None, django_db_blocker) -> Iterator[Seeded]:
    """One small demo for all tests of this file, which only look at it."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = seed_demo(now=NOW, scale=SMALL)
        assert made is not None
        yield made
        transaction.set_rollback(True)


def test_every_trouble_is_open_three_times(seeded: Seeded) -> None:
    found = Counter(Anomaly.objects.filter(closed_at=None).values_list("code", flat=True))
    assert {code: found[code] for code in PLOTS if found[code] < 3} == {}


def test_an_order_without_a_plot_is_never_in_trouble(seeded: Seeded) -> None:
    well = [order.number for order in make_plan(seed=20260, now=NOW, scale=SMALL).orders if not order.plot]
    assert len(well) > 20
    assert not Anomaly.objects.filter(order__external_no__in=well).exists()


def test_the_desk_is_at_work(seeded: Seeded) -> None:
    assert set(Ticket.Status.values) - {"accepted"} <= set(Ticket.objects.values_list("status", flat=True))
    assert set(Message.objects.values_list("kind", flat=True)) == {"reply", "note", "customer"}
    assert set(Ticket.objects.values_list("language", flat=True)) == set(LANGUAGES)
    assert Handover.objects.filter(state="answered").exists()
    assert Ticket.objects.live().filter(assignee=None).exists()
    assert Ticket.objects.live().filter(due_by__range=(NOW, NOW + timedelta(hours=1))).exists()
    assert Ticket.objects.live().filter(due_by__lt=NOW).exists()


def test_nothing_in_it_has_not_happened_yet(seeded: Seeded) -> None:
    assert not Ticket.objects.filter(opened_at__gt=NOW).exists()
    assert not Order.objects.filter(delivered_at__gt=NOW).exists()
    assert not Anomaly.objects.filter(opened_at__gt=NOW).exists()


def _tables() -> list[str]:
    return [name for name in connection.introspection.table_names() if not name.startswith("django_")]


def _counts() -> dict[str, tuple[int, int]]:
    counts = {}
    with connection.cursor() as cursor:
        for name in _tables():
            cursor.execute(f'SELECT COUNT(*), COALESCE(SUM(hashtext(t::text)), 0) FROM "{name}" t')
            counts[name] = cursor.fetchone()
    return counts


def test_seeding_again_changes_nothing(seeded: Seeded) -> None:
    before = _counts()
    assert seed_demo(now=NOW + timedelta(hours=1), scale=SMALL) is None
    assert _counts() == before


def test_no_table_holds_a_phone_an_address_or_mail_in_plain_text(seeded: Seeded) -> None:
    secrets: set[str] = set()
    for buyer in make_plan(seed=20260, now=NOW, scale=SMALL).buyers:
        digits = re.sub(r"\D", "", buyer.phone)
        secrets |= {buyer.phone, digits, digits[-9:], buyer.email, buyer.address}
    pattern = re.compile("|".join(map(re.escape, secrets)))
    with connection.cursor() as cursor:
        for name in _tables():
            cursor.execute(f'SELECT t::text FROM "{name}" t')
            assert [name for (row,) in cursor.fetchall() if pattern.search(row)] == []


def test_everybody_signs_in_with_the_demos_password_and_every_department_has_a_head(seeded: Seeded) -> None:
    people = User.objects.filter(email__endswith=".test")
    assert {user.email for user in people} == {person.email for person in PEOPLE}
    assert all(check_password(PASSWORD, user.password) for user in people[:1])
    assert len({user.password for user in people}) == 1
    assert set(
        User.objects.filter(headed_teams__isnull=False).values_list("headed_teams__department", flat=True)
    ) == set(Department.values)


def test_the_api_key_is_kept_only_as_a_hash(seeded: Seeded) -> None:
    key = ApiKey.objects.get()
    assert seeded.api_key.startswith(key.prefix)
    assert seeded.api_key.removeprefix(f"{key.prefix}_") not in key.secret_hash


@pytest.mark.django_db
def test_a_desk_with_people_of_its_own_is_left_alone() -> None:
    User.objects.create_user("somebody@example.test")
    with pytest.raises(NotEmpty):
        seed_demo(now=NOW)
    assert not Order.objects.exists()


def _told(plan: Plan) -> str:
    return repr((plan.orders, plan.parcels, plan.buyers))


@settings(max_examples=25)
@given(presents, st.integers(0, 50))
def test_the_same_seed_and_present_tell_the_same_story(now: datetime, seed: int) -> None:
    one = make_plan(seed=seed, now=now, scale=0.05)
    assert _told(one) == _told(make_plan(seed=seed, now=now, scale=0.05))
    assert _told(one) != _told(make_plan(seed=seed + 1, now=now, scale=0.05))


@settings(max_examples=25)
@given(presents, st.integers(0, 50))
def test_a_plan_knows_nothing_of_the_future(now: datetime, seed: int) -> None:
    plan = make_plan(seed=seed, now=now, scale=0.05)
    for order in plan.orders:
        times = (order.placed_at, order.paid_at, order.shipped_at, order.cancelled_at)
        assert all(at is None or at <= now for at in times)
    assert all(at <= now for parcel in plan.parcels for chapter in parcel.chapters for at, _ in chapter)


@settings(max_examples=25)
@given(presents, st.integers(0, 50))
def test_a_parcels_story_is_told_in_the_order_in_which_it_happens(now: datetime, seed: int) -> None:
    for parcel in make_plan(seed=seed, now=now, scale=0.1).parcels:
        times = [at for chapter in parcel.chapters for at, _ in chapter]
        assert times == sorted(times)
        assert all(order.placed_at < parcel.announced_at for order in parcel.orders)


def test_about_two_thirds_of_the_orders_are_well_and_some_share_or_split_parcels() -> None:
    plan = make_plan(seed=1, now=NOW)
    assert 380 <= len(plan.orders) <= 440
    assert 0.6 < sum(not order.plot for order in plan.orders) / len(plan.orders) < 0.75
    assert any(len(parcel.orders) > 1 for parcel in plan.parcels)
    assert any(parcel.lines is not None for parcel in plan.parcels)
    assert any(told_at_once(parcel) for parcel in plan.parcels)
    assert set(PLOTS) <= set(catalogue())  # orders that are followed for weeks have troubles of their own


@given(st.randoms(use_true_random=False), st.sampled_from(sorted(PACE)))
def test_an_untroubled_parcel_is_never_silent_for_as_long_as_three_days(rng, carrier: str) -> None:
    beats = journey(Way(carrier, "en", "Shenzhen", "CN", "Berlin", "DE"), rng)
    gaps = [later.hour - earlier.hour for earlier, later in pairwise(beats)]
    assert all(0 < gap < 71 for gap in gaps)
    assert beats[-1].hour - beats[-2].hour < 23


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_words_for_everything(language: str) -> None:
    said, english = words(language), words("en")
    for part in ("scans", "questions", "reasons", "resolutions", "closings", "notes"):
        assert set(getattr(said, part)) == set(getattr(english, part)), part
    assert set(said.resolutions) >= set(catalogue())
    assert not re.search(r"\d{6}", repr(said))


def test_some_orders_are_followed_for_weeks_and_one_was_promised_anew(seeded: Seeded) -> None:
    followed = Order.objects.exclude(order_type="stock")
    assert {"made_to_order", "pre_sale", "foreign_trade"} == set(followed.values_list("order_type", flat=True))
    late = Anomaly.objects.filter(code="milestone_overdue", closed_at=None)
    assert set(late.values_list("order", flat=True)) <= set(followed.values_list("pk", flat=True))
    assert Ticket.objects.filter(anomaly_code="milestone_overdue").count() == late.count()
    assert Promise.objects.get().order in followed
    assert not Milestone.objects.filter(order__in=followed, actual_at__gt=NOW).exists()


def test_one_incident_is_open_with_a_dozen_muted_children(seeded: Seeded) -> None:
    incident = Incident.objects.get(closed_at=None)
    assert incident.ticket.grade == 1
    assert Ticket.objects.filter(parent=incident.ticket, muted=True).count() == incident.affected == 13
