"""Buyers' public pages, and what a shop and a buyer say about notices."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import ticketdesk.accounts.sealed


class Migration(migrations.Migration):
    dependencies = [("orders", "0007_follow_up")]
    operations = [
        migrations.AddField(
            "shop",
            "contact_name",
            models.CharField(blank=True, help_text="Whom buyers turn to: a team or a person.", max_length=80),
        ),
        migrations.AddField("shop", "contact_email", models.EmailField(blank=True, max_length=254)),
        migrations.AddField("shop", "contact_phone", models.CharField(blank=True, max_length=40)),
        migrations.AddField(
            "shop",
            "notices_since",
            models.DateTimeField(
                blank=True,
                help_text="Buyers are told of what happens from this moment on; empty: never.",
                null=True,
            ),
        ),
        migrations.AddField(
            "shop",
            "notice_hook_url",
            models.URLField(
                blank=True, help_text="Notices are also posted here, for SMS and messengers.", max_length=300
            ),
        ),
        migrations.AddField(
            "shop",
            "notice_hook_secret",
            ticketdesk.accounts.sealed.SealedTextField(blank=True, default=""),
        ),
        migrations.AddField(
            "customer",
            "no_notices_at",
            models.DateTimeField(blank=True, help_text="When the buyer asked for no more notices.", null=True),
        ),
        migrations.CreateModel(
            name="TrackLink",
            fields=[
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="track_link",
                        serialize=False,
                        to="orders.order",
                    ),
                ),
                (
                    "token_hash",
                    models.BinaryField(help_text="SHA-256 of the token.", max_length=32, unique=True),
                ),
                ("token", ticketdesk.accounts.sealed.SealedTextField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
    ]
