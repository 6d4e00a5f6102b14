"""An index that holds all that the board's views ask of live tickets, and one for the newest tickets."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

LIVE = Q(status__in=("new", "accepted", "in_progress", "waiting"))


class Migration(migrations.Migration):
    atomic = False  # built beside the work, without locking it out

    dependencies = [("tickets", "0003_fewer_indexes_on_tickets")]

    operations = [
        AddIndexConcurrently(
            "ticket",
            models.Index(
                fields=["due_by", "id"],
                include=["team", "assignee", "status", "shop"],
                name="ticket_live",
                condition=LIVE,
            ),
        ),
        RemoveIndexConcurrently("ticket", "ticket_live_due"),
        AddIndexConcurrently(
            "ticket", models.Index(fields=["-opened_at", "-id"], include=["shop", "team"], name="ticket_newest")
        ),
    ]
