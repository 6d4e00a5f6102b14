import pytest
from django.db import connection
from django.test import RequestFactory

from ticketdesk import metrics
from ticketdesk.outbox.heartbeat import beat

ask = RequestFactory().get


def test_neighbours_on_a_private_network_may_read():
    assert all(metrics.is_allowed(ask("/", REMOTE_ADDR=ip)) for ip in ("127.0.0.1", "::1", "10.1.2.3", "172.18.0.5"))


@pytest.mark.parametrize("caller", ["8.8.8.8", "2001:4860::8888", "", "unix:"])
def test_strangers_may_not(caller):
    assert not metrics.is_allowed(ask("/", REMOTE_ADDR=caller))
    assert metrics.metrics(ask("/metrics", REMOTE_ADDR=caller)).status_code == 403


def test_what_a_proxy_passes_on_is_not_trusted_for_the_proxys_own_address():
    assert not metrics.is_allowed(ask("/", REMOTE_ADDR="10.0.0.2", headers={"X-Forwarded-For": "127.0.0.1"}))


def test_the_token_opens_from_anywhere_and_a_wrong_one_from_nowhere(settings):
    settings.METRICS_TOKEN = "a long token"
    right, wrong = {"Authorization": "Bearer a long token"}, {"Authorization": "Bearer ä"}
    assert metrics.is_allowed(ask("/", REMOTE_ADDR="8.8.8.8", headers=right))
    assert not metrics.is_allowed(ask("/", REMOTE_ADDR="127.0.0.1", headers=wrong))


def test_an_unset_token_is_not_an_empty_password(settings):
    settings.METRICS_TOKEN = ""
    assert not metrics.is_allowed(ask("/", REMOTE_ADDR="8.8.8.8", headers={"Authorization": "Bearer "}))


@pytest.mark.django_db
def test_every_figure_can_be_read_from_an_empty_desk():
    beat("orders")
    text = metrics.metrics(ask("/metrics", REMOTE_ADDR="127.0.0.1")).content.decode()
    assert "ticketdesk_metrics_failed 0.0" in text
    assert 'ticketdesk_due_lag_seconds{sweep="orders"} 0.0' in text
    assert 'ticketdesk_open_tickets{grade="P1"} 0.0' in text
    assert 'ticketdesk_heartbeat_age_seconds{loop="orders"}' in text


@pytest.mark.django_db
def test_one_figure_that_fails_does_not_hide_the_others(monkeypatch):
    def broken():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM no_such_table")

    monkeypatch.setitem(metrics.FIGURES, "dead_letters", ("Broken.", "", broken))
    text = metrics.metrics(ask("/metrics", REMOTE_ADDR="127.0.0.1")).content.decode()
    assert "ticketdesk_metrics_failed 1.0" in text
    assert 'ticketdesk_open_tickets{grade="P4"} 0.0' in text
