"""Tickets of incidents, their children, and lists without those that are muted."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, RemoveIndexConcurrently
from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models
from django.db.models import Q

LIVE = Q(status__in=("new", "accepted", "in_progress", "waiting"))
AWAKE = LIVE & Q(muted=False)


class Migration(migrations.Migration):
    atomic = False  # built beside the work, without locking it out

    dependencies = [("orders", "0013_incidents"), ("tickets", "0006_lists_without_the_table")]

    operations = [
        migrations.AddField(
            "ticket",
            "muted",
            models.BooleanField(default=False, help_text="Its parent stands for it: no clock, no place on the board."),
        ),
        migrations.AddField(
            "ticket",
            "parent",
            models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="The ticket of the incident that this one belongs to.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="children",
                to="tickets.ticket",
            ),
        ),
        migrations.AddField(
            "ticket",
            "incident",
            models.OneToOneField(
                blank=True,
                help_text="Of its parent ticket only.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ticket",
                to="orders.incident",
            ),
        ),
        AddConstraintNotValid(
            "ticket",
            models.CheckConstraint(condition=Q(muted=False) | Q(parent__isnull=False), name="ticket_muted_by_parent"),
        ),
        ValidateConstraint("ticket", "ticket_muted_by_parent"),
        migrations.AddConstraint(
            "ticket",
            models.UniqueConstraint(
                fields=["customer"],
                name="ticket_care_once",
                condition=Q(closed_at__isnull=True) & Q(anomaly_code="repeat_victim"),
            ),
        ),
        AddIndexConcurrently(
            "ticket",
            models.Index(
                fields=["due_by", "id"],
                include=["team", "assignee", "status", "shop", "grade", "paused", "anomaly_code", "carrier"],
                name="ticket_awake_by_deadline",
                condition=AWAKE,
            ),
        ),
        RemoveIndexConcurrently("ticket", "ticket_live_by_deadline"),
        AddIndexConcurrently(
            "ticket",
            models.Index(
                fields=["assignee", "due_by", "id"],
                include=["team", "status", "shop"],
                name="ticket_awake_of_person",
                condition=AWAKE,
            ),
        ),
        RemoveIndexConcurrently("ticket", "ticket_live_of_person"),
        AddIndexConcurrently(
            "ticket",
            models.Index(fields=["team", "due_by", "id"], name="ticket_awake_due_of_team", condition=AWAKE),
        ),
        RemoveIndexConcurrently("ticket", "ticket_live_due_of_team"),
        AddIndexConcurrently(
            "ticket",
            models.Index(fields=["parent", "id"], name="ticket_of_parent", condition=Q(parent__isnull=False)),
        ),
        AddIndexConcurrently(
            "ticket", models.Index(fields=["due_by", "id"], name="ticket_muted", condition=LIVE & Q(muted=True))
        ),
    ]
