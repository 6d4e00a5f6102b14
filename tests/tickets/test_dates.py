"""What is due lies in a year that can be read again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection

from tests import factories as make
from tests.clock import NOW
from tickets.models import Handover

pytestmark = pytest.mark.django_db
END = datetime(2200, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("column", ["call_back_at", "respond_by", "resolve_by", "due_by"])
def test_a_ticket_is_due_before_the_year_2200(column):
    make.ticket(make.shop(), **{column: END - timedelta(seconds=1)})
    with pytest.raises(IntegrityError, match="ticket_dates_readable"):
        make.ticket(make.shop(), **{column: END})


def test_not_even_sql_stores_a_date_that_nobody_could_read():
    ticket = make.ticket(make.shop(), due_by=NOW)
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match="ticket_dates_readable"):
        cursor.execute("UPDATE tickets_ticket SET due_by = '12000-01-01' WHERE id = %s", [ticket.pk])


def test_a_hand_over_is_due_before_the_year_2200():
    ticket, team = make.ticket(make.shop()), make.team()
    asked = {"ticket": ticket, "to_team": team, "question": "?", "asked_by": make.user(team), "asked_at": NOW}
    with pytest.raises(IntegrityError, match="handover_date_readable"):
        Handover.objects.create(due_by=END, **asked)
