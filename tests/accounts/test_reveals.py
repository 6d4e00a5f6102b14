from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import InternalError, connection, transaction

from ticketdesk.accounts import services
from ticketdesk.accounts.models import ApiKey, Reveal, User

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(db) -> User:
    return User.objects.create_user("ann@example.com", name="Ann")


def look(user: User, now: datetime = NOW, reason: str = "courier needs the number") -> Reveal:
    return services.record_reveal(
        by=user, subject_type="customer", subject_id=7, fields=["phone", "name"], reason=reason, now=now
    )


def test_a_look_is_kept_with_who_what_why_and_when(ann):
    kept = Reveal.objects.get(pk=look(ann).pk)
    assert (kept.user, kept.subject_type, kept.subject_id, kept.fields) == (ann, "customer", 7, ["name", "phone"])
    assert (kept.reason, kept.at) == ("courier needs the number", NOW)


def test_the_thirty_first_look_within_an_hour_is_refused_until_the_first_is_an_hour_old(ann):
    for minute in range(30):
        look(ann, NOW + timedelta(minutes=minute))
    with pytest.raises(services.TooManyReveals) as refused:
        look(ann, NOW + timedelta(minutes=45))
    assert refused.value.retry_after == timedelta(minutes=15)
    assert look(ann, NOW + timedelta(hours=1))
    assert Reveal.objects.count() == 31


def test_one_persons_looks_do_not_use_up_anothers(ann):
    for _ in range(30):
        look(ann)
    assert look(User.objects.create_user("bob@example.com"))


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_look_without_a_reason_is_refused(ann, reason):
    with pytest.raises(services.ReasonMissing):
        look(ann, reason=reason)


def test_a_look_at_no_field_is_refused(ann):
    with pytest.raises(services.ReasonMissing):
        services.record_reveal(by=ann, subject_type="customer", subject_id=7, fields=[], reason="why", now=NOW)


def test_readers_and_keys_do_not_look(ann):
    ann.role = "readonly"
    with pytest.raises(services.NotAllowed):
        look(ann)
    ann.role, ann.acting_key = "agent", ApiKey()
    with pytest.raises(services.KeysCannotReveal):
        look(ann)


@pytest.mark.parametrize("write", [lambda rows: rows.update(reason="x"), lambda rows: rows.delete()])
def test_the_record_of_a_look_can_be_neither_changed_nor_removed(ann, write):
    look(ann)
    with pytest.raises(InternalError, match="append-only"), transaction.atomic():
        write(Reveal.objects.all())


@pytest.mark.django_db(transaction=True)
def test_looks_at_the_same_moment_do_not_slip_past_the_limit(ann):
    for _ in range(28):
        look(ann)

    def try_it(_number: int) -> bool:
        try:
            return bool(look(ann))
        except services.TooManyReveals:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(try_it, range(8))) == 2
