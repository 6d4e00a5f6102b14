"""What a ticket may cost, why, and an index for the queue that is sorted by it. Live tickets are valued by a sweep."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

AWAKE = Q(status__in=("new", "accepted", "in_progress", "waiting")) & Q(muted=False)


class Migration(migrations.Migration):
    atomic = False  # built beside the work, without locking it out

    dependencies = [("tickets", "0007_incidents")]

    operations = [
        migrations.AddField(
            "ticket",
            "expected_loss",
            models.DecimalField(
                db_default=0,
                decimal_places=2,
                default=0,
                help_text="What it may cost, in the base currency of losses.toml; 0 until it is valued.",
                max_digits=14,
            ),
        ),
        migrations.AddField(
            "ticket",
            "loss_factors",
            models.JSONField(
                db_default=models.Value([], models.JSONField()),
                default=list,
                help_text="Why so much: [{code, by, params}].",
            ),
        ),
        AddIndexConcurrently(
            "ticket",
            models.Index(
                fields=["-expected_loss", "-id"],
                include=["team", "assignee", "status", "shop", "grade"],
                name="ticket_awake_by_loss",
                condition=AWAKE,
            ),
        ),
    ]
