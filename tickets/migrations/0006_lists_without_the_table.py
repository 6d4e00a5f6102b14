"""Indexes that hold all that lists, counts and charts ask of live and of solved tickets."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

LIVE = Q(status__in=("new", "accepted", "in_progress", "waiting"))


class Migration(migrations.Migration):
    atomic = False  # built beside the work, without locking it out

    dependencies = [("tickets", "0005_carrier_on_the_ticket")]

    operations = [
        AddIndexConcurrently(
            "ticket",
            models.Index(
                fields=["due_by", "id"],
                include=["team", "assignee", "status", "shop", "grade", "paused", "anomaly_code", "carrier"],
                name="ticket_live_by_deadline",
                condition=LIVE,
            ),
        ),
        RemoveIndexConcurrently("ticket", "ticket_live"),
        RemoveIndexConcurrently("ticket", "ticket_live_by_grade"),
        AddIndexConcurrently(
            "ticket",
            models.Index(
                fields=["assignee", "due_by", "id"],
                include=["team", "status", "shop"],
                name="ticket_live_of_person",
                condition=LIVE,
            ),
        ),
        RemoveIndexConcurrently("ticket", "ticket_live_due_of_person"),
        AddIndexConcurrently(
            "ticket",
            models.Index(
                fields=["-solved_at", "-id"],
                include=["team", "assignee", "status", "shop"],
                name="ticket_newest_solved",
                condition=Q(solved_at__isnull=False),
            ),
        ),
        RemoveIndexConcurrently("ticket", "ticket_solved"),
    ]
