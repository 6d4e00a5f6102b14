"""Nobody is told twice, and nothing that waits is lost."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db.models.functions import Now

from tests import factories as make
from ticketdesk.outbox import heartbeat, services
from ticketdesk.outbox.models import Delivery, Heartbeat
from ticketdesk.outbox.services import Notice, notify

pytestmark = pytest.mark.django_db
TEXT = "{who} gave you ticket #{ticket}."


def notice(person, key: str = "event:1", **given: object) -> Notice:
    return Notice(key, person.pk, "assigned", TEXT, {"who": "Lin", "ticket": 7}, "/tickets/7/", **given)


def test_the_same_cause_tells_one_person_once_per_channel() -> None:
    person, other = make.user(), make.user()
    for _ in range(3):
        notify([notice(person, by_email=True), notice(other)])
    assert sorted(Delivery.objects.values_list("recipient", "channel")) == sorted(
        [(person.pk, "inapp"), (person.pk, "email"), (other.pk, "inapp")]
    )


def test_mail_is_sent_once_in_the_recipients_language_with_the_way_to_the_ticket(settings) -> None:
    person = make.user()
    notify([notice(person, by_email=True)])
    assert (services.sweep_until_idle(), services.sweep_until_idle()) == (1, 0)
    assert mail.outbox[0].to == [person.email]
    assert "Lin gave you ticket #7." in mail.outbox[0].subject
    assert f"{settings.BASE_URL}/tickets/7/" in mail.outbox[0].body


def test_mail_that_cannot_be_sent_is_tried_again_later_and_given_up_after_ten_times(monkeypatch) -> None:
    monkeypatch.setattr(EmailBackend, "send_messages", lambda *_: (_ for _ in ()).throw(ConnectionRefusedError()))
    notify([notice(make.user(), by_email=True)])
    waiting = Delivery.objects.filter(channel="email")
    for attempt in range(1, 11):
        services.sweep_until_idle()
        assert waiting.get().attempts == attempt
        assert services.sweep_until_idle() == 0 and waiting.get().attempts == attempt
        waiting.filter(next_try_at__isnull=False).update(next_try_at=Now())
    assert (waiting.get().state, waiting.get().error) == ("dead", "ConnectionRefusedError")


def test_a_loop_is_stale_when_it_never_ran_or_has_been_silent_for_half_a_minute() -> None:
    assert heartbeat.is_stale("orders")
    heartbeat.beat("orders")
    assert not heartbeat.is_stale("orders")
    Heartbeat.objects.update(at=Now() - timedelta(seconds=31))
    assert heartbeat.is_stale("orders")
