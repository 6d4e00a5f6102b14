"""Trade documents of an order, and the differences that somebody has accepted."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0008_buyer_notices"),
    ]

    operations = [
        migrations.CreateModel(
            name="AcceptedDifference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=32)),
                (
                    "digest",
                    models.CharField(
                        help_text="Of exactly these differences; others are a new anomaly.", max_length=64
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("at", models.DateTimeField()),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="accepted_differences",
                        to="orders.order",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("order", "kind", "digest"), name="difference_accepted_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(help_text="A code of orders/papers.toml.", max_length=32)),
                ("number", models.CharField(help_text="The document's own number.", max_length=64)),
                ("version", models.PositiveSmallIntegerField(default=1)),
                ("is_current", models.BooleanField(default=True)),
                (
                    "is_partial",
                    models.BooleanField(
                        default=False, help_text="More of this kind follow, so nothing is missing yet."
                    ),
                ),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("lines", models.JSONField(default=list)),
                ("total_qty", models.PositiveIntegerField(blank=True, null=True)),
                ("total_amount", models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True)),
                ("weight_kg", models.DecimalField(blank=True, decimal_places=3, max_digits=12, null=True)),
                (
                    "file_key",
                    models.CharField(
                        blank=True, help_text="Random; the file's place in the media folder.", max_length=80
                    ),
                ),
                ("file_name", models.CharField(blank=True, max_length=120)),
                ("file_type", models.CharField(blank=True, max_length=16)),
                ("file_size", models.PositiveIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("recorded_at", models.DateTimeField(help_text="In the shop's present.")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="documents",
                        to="orders.order",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("order", "kind", "number", "version"), name="document_version"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_current", True)),
                        fields=("order", "kind", "number"),
                        name="document_current_once",
                    ),
                ],
            },
        ),
    ]
