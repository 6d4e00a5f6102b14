"""What is counted per segment, and incidents: many orders, one cause."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

SEGMENTS = [("batch", "Batch"), ("hub", "Hub"), ("city", "City"), ("sku", "Sku"), ("warehouse", "Warehouse"), ("lane", "Lane"), ("region", "Region"), ("carrier", "Carrier"), ("feed", "Feed"), ("shop", "Shop")]
ID = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")
CASCADE = django.db.models.deletion.CASCADE


def segment():
    return [
        ("kind", models.CharField(choices=SEGMENTS, max_length=16)),
        ("key", models.CharField(blank=True, max_length=200)),
    ]


def of_shop(related_name="+"):
    return ("shop", models.ForeignKey(db_index=False, on_delete=CASCADE, related_name=related_name, to="orders.shop"))


class Migration(migrations.Migration):
    dependencies = [("orders", "0012_lanes"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel(
            name="SurgeLook",
            fields=[
                (
                    "shop",
                    models.OneToOneField(
                        on_delete=CASCADE, primary_key=True, related_name="surge_look", serialize=False,
                        to="orders.shop",
                    ),
                ),
                ("watched_since", models.DateTimeField(help_text="The first hour that was counted.")),
                ("seen_at", models.DateTimeField(help_text="The shop's present at the last look.")),
                ("judged_to", models.DateTimeField(help_text="The last whole hour that was judged.")),
                ("exposed_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="SegmentHour",
            fields=[
                ("id", ID.clone()),
                ("code", models.SlugField(db_index=False, max_length=40)),
                *segment(),
                ("hour", models.DateTimeField()),
                ("x", models.PositiveIntegerField()),
                ("held", models.PositiveIntegerField(default=0)),
                ("orders", models.PositiveIntegerField()),
                of_shop(),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("shop", "code", "kind", "key", "hour"), name="hour_of_segment")
                ],
                "indexes": [models.Index(fields=["shop", "hour"], name="segment_hour_of_shop")],
            },
        ),
        migrations.CreateModel(
            name="Exposure",
            fields=[
                ("id", ID.clone()),
                *segment(),
                ("n", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                of_shop(),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("shop", "kind", "key"), name="exposure_of_segment")]
            },
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                ("id", ID.clone()),
                *segment(),
                (
                    "label",
                    models.CharField(
                        blank=True, help_text="The segment's own name, as its rows say it.", max_length=200
                    ),
                ),
                ("code", models.SlugField(db_index=False, max_length=40)),
                ("department", models.CharField(max_length=16)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("quiet", "Quiet"), ("closed", "Closed")], default="open",
                        max_length=8,
                    ),
                ),
                ("cause", models.CharField(help_text="spike, shift, batch or silence.", max_length=16)),
                ("evidence", models.JSONField(default=dict, help_text="The numbers that called it.")),
                ("started_at", models.DateTimeField(help_text="What was found from then on belongs to it.")),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("close_reason", models.CharField(blank=True, max_length=24)),
                ("series", models.JSONField(default=list)),
                ("windows", models.JSONField(default=list)),
                ("affected", models.PositiveIntegerField(default=0, help_text="Anomalies in it.")),
                ("message", models.JSONField(default=dict)),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                ("told_buyers", models.PositiveIntegerField(default=0)),
                of_shop("incidents"),
                (
                    "told_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(closed_at__isnull=True), fields=("shop", "kind", "key", "code"),
                        name="incident_open_once",
                    ),
                    models.CheckConstraint(
                        condition=Q(state="closed", closed_at__isnull=False)
                        | (~Q(state="closed") & Q(closed_at__isnull=True)),
                        name="incident_closed_has_time",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["-opened_at", "-id"], name="incident_newest"),
                    models.Index(
                        condition=Q(closed_at__isnull=True), fields=["shop", "id"], name="incident_open_of_shop"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Affected",
            fields=[
                ("id", ID.clone()),
                ("at", models.DateTimeField()),
                (
                    "anomaly",
                    models.OneToOneField(on_delete=CASCADE, related_name="affected", to="orders.anomaly"),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        db_index=False, on_delete=CASCADE, related_name="members", to="orders.incident"
                    ),
                ),
                ("order", models.ForeignKey(on_delete=CASCADE, related_name="+", to="orders.order")),
            ],
            options={"indexes": [models.Index(fields=["incident", "id"], name="affected_of_incident")]},
        ),
        migrations.CreateModel(
            name="IncidentChange",
            fields=[
                ("id", ID.clone()),
                (
                    "kind",
                    models.CharField(
                        choices=[("opened", "Opened"), ("grew", "Grew"), ("closed", "Closed")], max_length=8
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "incident",
                    models.ForeignKey(on_delete=CASCADE, related_name="changes", to="orders.incident"),
                ),
            ],
        ),
    ]
