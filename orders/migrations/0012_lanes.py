"""What lanes have taught, and what was predicted from it."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0011_anomaly_life")]

    operations = [
        migrations.CreateModel(
            name="LaneStat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("milestone", models.SlugField(db_index=False, default="handed_over", max_length=24)),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("all", "All"),
                            ("weekday", "Weekday"),
                            ("carrier", "Carrier"),
                            ("origin", "Origin"),
                            ("dest", "Dest"),
                            ("lane", "Lane"),
                            ("origin_area", "Origin Area"),
                            ("dest_area", "Dest Area"),
                        ],
                        max_length=12,
                    ),
                ),
                ("carrier", models.CharField(blank=True, max_length=64)),
                ("origin", models.CharField(blank=True, max_length=100)),
                ("dest", models.CharField(blank=True, max_length=100)),
                (
                    "effect",
                    models.FloatField(
                        default=0, help_text="Moves the mean of log days; of level all, the mean itself."
                    ),
                ),
                ("n", models.PositiveIntegerField(default=0, help_text="Journeys that ended.")),
                (
                    "ended",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.FloatField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "still_open",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.FloatField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "half_days",
                    models.FloatField(blank=True, help_text="By then half arrive; empty: not known.", null=True),
                ),
                (
                    "most_days",
                    models.FloatField(blank=True, help_text="By then nine tenths arrive; empty: not known.", null=True),
                ),
                (
                    "drift",
                    models.FloatField(
                        blank=True, help_text="The present median against what was long usual.", null=True
                    ),
                ),
                ("warned", models.PositiveIntegerField(default=0)),
                ("warned_rightly", models.PositiveIntegerField(default=0)),
                (
                    "muted",
                    models.BooleanField(default=False, help_text="Too few of its warnings came true: none are given."),
                ),
                ("learnt_as_of", models.DateTimeField(help_text="The shop's present when this was learnt.")),
                ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "shop",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lane_stats",
                        to="orders.shop",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("level", "lane")), fields=["-n", "-id"], name="lane_busiest")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("shop", "milestone", "level", "carrier", "origin", "dest"), name="lane_stat_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LatePrediction",
            fields=[
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="late_prediction",
                        serialize=False,
                        to="orders.order",
                    ),
                ),
                ("carrier", models.CharField(blank=True, max_length=64)),
                ("origin", models.CharField(blank=True, max_length=100)),
                ("dest", models.CharField(blank=True, max_length=100)),
                ("promise_at", models.DateTimeField(help_text="The promise that the prediction is about.")),
                (
                    "made_at",
                    models.DateTimeField(help_text="The first look after the hand-over, in the shop's present."),
                ),
                ("chance", models.FloatField(help_text="P(late) as said then.")),
                ("fired_at", models.DateTimeField(blank=True, null=True)),
                ("fired_chance", models.FloatField(blank=True, null=True)),
                ("late", models.BooleanField(blank=True, help_text="Empty until it is known.", null=True)),
                (
                    "known_at",
                    models.DateTimeField(blank=True, help_text="When it arrived, or its promise passed.", null=True),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="late_predictions",
                        to="orders.shop",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("late__isnull", True)),
                        fields=["shop", "promise_at"],
                        name="prediction_open",
                    ),
                    models.Index(fields=["shop", "-made_at"], name="prediction_newest"),
                ],
            },
        ),
    ]
