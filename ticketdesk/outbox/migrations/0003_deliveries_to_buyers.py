"""Deliveries to readers who do not sign in: no recipient, and words and address found when they are sent."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

ABOUT = Q(about_id__isnull=False)
STATES = ["waiting", "collected", "sent", "skipped", "dead"]


def index(fields, name):
    return migrations.AddIndex("delivery", models.Index(fields=fields, name=name, condition=ABOUT))


class Migration(migrations.Migration):
    dependencies = [("outbox", "0002_answered_calls"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.AddField(
            "delivery",
            "about_id",
            models.BigIntegerField(blank=True, help_text="What it is about, known to the composer.", null=True),
        ),
        migrations.AddField(
            "delivery", "audience", models.CharField(default="user", db_default="user", max_length=16)
        ),
        migrations.AlterField(
            "delivery",
            "channel",
            models.CharField(
                choices=[("inapp", "Inapp"), ("email", "Email"), ("webhook", "Webhook")], max_length=16
            ),
        ),
        migrations.AlterField(
            "delivery",
            "error",
            models.CharField(blank=True, help_text="Why it failed, was put off or was not sent.", max_length=300),
        ),
        migrations.AlterField(
            "delivery",
            "recipient",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="deliveries",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            "delivery",
            "state",
            models.CharField(
                choices=[(state, state.capitalize()) for state in STATES], default="waiting", max_length=16
            ),
        ),
        migrations.AlterField("delivery", "text", models.CharField(blank=True, max_length=300)),
        index(["audience", "about_id"], "delivery_about"),
        index(["audience", "-id"], "delivery_newest"),
        index(["audience", "state", "-id"], "delivery_by_state"),
        migrations.AddConstraint(
            "delivery",
            models.CheckConstraint(
                condition=Q(audience="user", recipient__isnull=False)
                | (~Q(audience="user") & Q(recipient__isnull=True, about_id__isnull=False)),
                name="delivery_has_a_reader",
            ),
        ),
    ]
