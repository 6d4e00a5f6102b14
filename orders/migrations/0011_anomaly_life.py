"""Anomalies have a life: states, history, verdicts; limits per carrier and lane; walks over orders; risk."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    # Indexes on big tables are built while people work, which no transaction can hold.
    atomic = False

    dependencies = [
        ("orders", "0010_stock"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AnomalyEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=16)),
                ("at", models.DateTimeField(help_text="When it happened, in the shop's present.")),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("data", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("page", models.SlugField(db_index=False, help_text="Which list.", max_length=20)),
                ("name", models.CharField(max_length=60)),
                (
                    "query",
                    models.CharField(blank=True, help_text="The filters, as in the page's address.", max_length=500),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Walk",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("rearm", "Rearm"), ("check", "Check")], max_length=8)),
                (
                    "detector",
                    models.SlugField(blank=True, db_index=False, help_text="Whose limits changed.", max_length=40),
                ),
                ("until", models.BigIntegerField(help_text="The last order there was when it began.")),
                ("cursor", models.BigIntegerField(default=0, help_text="The last order that was looked at.")),
                (
                    "total",
                    models.PositiveIntegerField(default=0, help_text="Orders to look at, as counted when it began."),
                ),
                ("done", models.PositiveIntegerField(default=0)),
                (
                    "differences",
                    models.PositiveIntegerField(default=0, help_text="Orders that were armed too late, or not at all."),
                ),
                (
                    "longest_s",
                    models.FloatField(default=0, help_text="The longest step: for so long its orders were locked."),
                ),
                ("failed", models.CharField(blank=True, max_length=200)),
                ("started_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="anomaly",
            name="anomaly_closed_has_time",
        ),
        migrations.RemoveConstraint(
            model_name="detectorsetting",
            name="detector_setting_version",
        ),
        migrations.AddField(
            model_name="anomaly",
            name="limits",
            field=models.JSONField(
                blank=True, help_text="Thresholds used: name to [seconds, setting's id].", null=True
            ),
        ),
        migrations.AddField(
            model_name="anomaly",
            name="proof",
            field=models.JSONField(
                blank=True, help_text="What cleared it: which scan or fact, when, where.", null=True
            ),
        ),
        migrations.AddField(
            model_name="anomaly",
            name="reopened",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="anomaly",
            name="suppressed_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="The graver anomaly of the same parcel that took its place.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="orders.anomaly",
            ),
        ),
        migrations.AddField(
            model_name="anomaly",
            name="verdict",
            field=models.CharField(
                blank=True,
                choices=[("real", "Real"), ("false", "False Alarm")],
                db_default="",
                default="",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="anomaly",
            name="verdict_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="anomaly",
            name="verdict_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="detectorsetting",
            name="carrier",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Empty: every one.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="orders.carrier",
            ),
        ),
        migrations.AddField(
            model_name="detectorsetting",
            name="lane",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Countries such as CN-US; empty: every lane.",
                max_length=5,
            ),
        ),
        migrations.AddField(
            model_name="detectorsetting",
            name="shadow",
            field=models.BooleanField(
                db_default=False, default=False, help_text="It finds, and nobody is told: no ticket, no notice."
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="released_at",
            field=models.DateTimeField(blank=True, help_text="When risk let it go.", null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="risk_at",
            field=models.DateTimeField(blank=True, help_text="Flagged then; frozen until risk lets it go.", null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="risk_reason",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddField(
            model_name="shipment",
            name="heard_at",
            field=models.DateTimeField(blank=True, help_text="When the last scan first reached us.", null=True),
        ),
        migrations.AddField(
            model_name="shipment",
            name="place_since",
            field=models.DateTimeField(blank=True, help_text="Its first scan at `place`, on this visit.", null=True),
        ),
        migrations.AddField(
            model_name="shipment",
            name="proven",
            field=models.JSONField(
                blank=True, help_text="Scans that prove an anomaly: [code, at, status, text].", null=True
            ),
        ),
        migrations.AddField(
            model_name="shipment",
            name="status_heard_at",
            field=models.DateTimeField(blank=True, help_text="When the status first reached us.", null=True),
        ),
        migrations.AddField(
            model_name="shop",
            name="keeps_buyer_data",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Orders come with name, phone and address; one without is an anomaly.",
            ),
        ),
        migrations.AlterField(
            model_name="anomaly",
            name="state",
            field=models.CharField(
                choices=[
                    ("suspected", "Suspected"),
                    ("open", "Open"),
                    ("acknowledged", "Acknowledged"),
                    ("reopened", "Reopened"),
                    ("cleared", "Cleared"),
                    ("resolved", "Resolved"),
                ],
                default="open",
                help_text="Suspected: in shadow mode.",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="anomalychange",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opened", "Opened"),
                    ("regraded", "Regraded"),
                    ("cleared", "Cleared"),
                    ("reopened", "Reopened"),
                ],
                max_length=16,
            ),
        ),
        AddIndexConcurrently(
            model_name="anomaly",
            index=models.Index(
                condition=models.Q(("closed_at", None)), fields=["-opened_at", "-id"], name="anomaly_newest_open"
            ),
        ),
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                condition=models.Q(("paid_at__isnull", False)), fields=["customer", "paid_at"], name="order_paid_by"
            ),
        ),
        AddConstraintNotValid(
            model_name="anomaly",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("cleared", "resolved")), ("closed_at__isnull", False)),
                    models.Q(
                        models.Q(("state__in", ("cleared", "resolved")), _negated=True), ("closed_at__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="anomaly_closed_has_time",
            ),
        ),
        ValidateConstraint(model_name="anomaly", name="anomaly_closed_has_time"),
        migrations.AddConstraint(
            model_name="detectorsetting",
            constraint=models.UniqueConstraint(
                fields=("shop", "detector", "carrier", "lane", "version"),
                name="detector_setting_version",
                nulls_distinct=False,
            ),
        ),
        migrations.AddField(
            model_name="anomalyevent",
            name="actor",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="anomalyevent",
            name="anomaly",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="events", to="orders.anomaly"
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="walk",
            name="asked_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="walk",
            name="shop",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="walks", to="orders.shop"
            ),
        ),
        migrations.AddIndex(
            model_name="anomalyevent",
            index=models.Index(fields=["anomaly", "id"], name="event_of_anomaly"),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(fields=("user", "page", "name"), name="saved_view_once"),
        ),
        migrations.AddIndex(
            model_name="walk",
            index=models.Index(condition=models.Q(("ended_at", None)), fields=["id"], name="walk_open"),
        ),
        migrations.AddIndex(
            model_name="walk",
            index=models.Index(fields=["shop", "kind", "-id"], name="walk_newest"),
        ),
        migrations.RunSQL(
            """
            CREATE TRIGGER append_only BEFORE UPDATE ON orders_anomalyevent
            FOR EACH ROW EXECUTE FUNCTION orders_refuse_edit();
            """,
            """
            DROP TRIGGER append_only ON orders_anomalyevent;
            """,
        ),
    ]
