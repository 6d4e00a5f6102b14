"""Idempotency-Key: done once, answered alike."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F

from tests.api.cast import fields_of, post, with_key
from ticketdesk.accounts.models import ApiKey
from ticketdesk.outbox import repeats
from ticketdesk.outbox.models import AnsweredCall
from tickets.models import Message, Ticket

KEY = "5c0f6c1e-1"


def open_one(client, key=KEY, **changes):
    body = {"shop": "demo", "subject": "Where is it?"} | changes
    return post(client, "tickets/", body, **{"Idempotency-Key": key})


def test_a_call_sent_twice_is_done_once_and_answered_alike(agent, cast):
    before = Ticket.objects.count()
    first, second = open_one(agent), open_one(agent)
    assert (first.status_code, first.content, first["ETag"]) == (second.status_code, second.content, second["ETag"])
    assert ("Idempotent-Replayed" in first, second["Idempotent-Replayed"]) == (False, "true")
    assert Ticket.objects.count() == before + 1


def test_an_action_sent_twice_is_done_once(agent, cast):
    for _ in range(3):
        reply = post(agent, f"tickets/{cast.ticket_a.pk}/note/", {"body": "n"}, **{"Idempotency-Key": KEY})
    assert (reply.status_code, Message.objects.count()) == (200, 1)


def test_an_answer_without_a_body_is_repeated_as_well(agent, cast):
    address, body = f"tickets/{cast.ticket_a.pk}/assign/", {"team": cast.team_b.code}
    replies = [post(agent, address, body, **{"Idempotency-Key": KEY}) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [204, 204]


@pytest.mark.parametrize("changes", [{"subject": "Another"}, {"body": "More"}])
def test_a_key_used_for_another_call_is_422(agent, cast, changes):
    open_one(agent)
    reply = open_one(agent, **changes)
    assert (reply.status_code, fields_of(reply)) == (422, {"Idempotency-Key"})


def test_a_key_used_at_another_address_is_422(agent, cast):
    post(agent, f"tickets/{cast.ticket_a.pk}/accept/", {}, **{"Idempotency-Key": KEY})
    reply = post(agent, f"tickets/{cast.ticket_a.pk}/resume/", {}, **{"Idempotency-Key": KEY})
    assert reply.status_code == 422


def test_two_callers_may_use_the_same_key(agent, cast):
    other = with_key(cast.agent_a)
    assert open_one(agent).json()["id"] != open_one(other).json()["id"]


def test_while_the_first_call_is_at_work_the_second_is_409(agent, cast):
    principal = f"key:{ApiKey.objects.get().pk}"
    elsewhere = connection.copy()
    try:
        with elsewhere.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [repeats.turn_number(principal, KEY)])
        reply = open_one(agent)
    finally:
        elsewhere.close()
    assert (reply.status_code, reply["Retry-After"]) == (409, "1")
    assert open_one(agent).status_code == 201


def test_a_refusal_is_not_kept_so_a_corrected_call_may_use_the_key(agent, cast):
    assert open_one(agent, kind="rant").status_code == 400
    assert not AnsweredCall.objects.exists()
    assert open_one(agent).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "schlüssel", "a\tb"])
def test_a_key_that_is_no_key_is_refused(agent, cast, key):
    assert open_one(agent, key=key).status_code == 400


def test_the_effect_and_the_answer_are_kept_or_lost_together(agent, cast, monkeypatch):
    before = Ticket.objects.count()
    monkeypatch.setattr(repeats, "keep", lambda call: 1 / 0)
    agent.raise_request_exception = False
    assert open_one(agent).status_code == 500
    assert Ticket.objects.count() == before


def test_after_seven_days_an_answer_is_forgotten_and_cleared_away(agent, cast):
    first = open_one(agent)
    open_one(agent, key="other")
    AnsweredCall.objects.update(created_at=F("created_at") - timedelta(days=8))
    assert open_one(agent).json()["id"] != first.json()["id"]
    assert list(AnsweredCall.objects.values_list("key", flat=True)) == [KEY]
