"""Plans for orders in versions, steps that follow them, and promises. What was published is never edited."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

CODES = [
    ("order_received", "Placed"), ("payment_confirmed", "Paid"), ("risk_cleared", "Risk cleared"),
    ("order_confirmed", "Confirmed"), ("materials_ready", "Materials ready"), ("production_started", "In production"),
    ("production_done", "Produced"), ("qc_passed", "Quality checked"), ("packed", "Packed"),
    ("booked", "Space booked"), ("handed_over", "Shipped"), ("export_cleared", "Export cleared"),
    ("departed", "Departed"), ("arrived", "Arrived"), ("import_cleared", "Customs cleared"),
    ("out_for_delivery", "Out for delivery"), ("delivered", "Delivered"), ("accepted", "Accepted by buyer"),
    ("closed", "Order closed"),
]
CHANNELS = [
    ("phone", "Phone"), ("email", "E-mail"), ("chat", "Chat"), ("marketplace", "Marketplace"),
    ("in_person", "In person"), ("api", "API"), ("not_told", "Not told yet"),
]
TRIGGERS = {"orders_milestonetemplate": "UPDATE OR DELETE", "orders_promise": "UPDATE"}


def _person(**kwargs):
    return models.ForeignKey(
        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
        to=settings.AUTH_USER_MODEL, **kwargs,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0006_feeds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MilestoneTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("order_type", models.CharField(max_length=32)),
                ("version", models.PositiveIntegerField(default=1)),
                ("steps", models.JSONField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("author", _person()),
                ("shop", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="milestone_templates", to="orders.shop")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("shop", "order_type", "version"), name="milestone_template_version", nulls_distinct=False)
                ],
            },
        ),
        migrations.CreateModel(
            name="Promise",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(choices=CODES, max_length=32)),
                ("version", models.PositiveIntegerField(default=1)),
                ("promised_at", models.DateTimeField()),
                ("before_at", models.DateTimeField(blank=True, help_text="What was promised until then.", null=True)),
                ("reason", models.CharField(max_length=300)),
                ("told_to", models.CharField(blank=True, max_length=120)),
                ("channel", models.CharField(choices=CHANNELS, default="not_told", max_length=16)),
                ("made_at", models.DateTimeField()),
                ("author", _person()),
                ("order", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="promises", to="orders.order")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("order", "code", "version"), name="promise_version")],
            },
        ),
        migrations.AlterField(
            model_name="milestone", name="code", field=models.CharField(choices=CODES, max_length=32)
        ),
        migrations.AddField(
            model_name="milestone",
            name="done_by",
            field=_person(
                db_index=False,
                help_text="Who said that it is done; empty when the order's row or its parcels say so.",
            ),
        ),
        migrations.AddField(
            model_name="milestone", name="amount", field=models.PositiveSmallIntegerField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name="milestone", name="unit", field=models.CharField(blank=True, max_length=16, null=True)
        ),
        migrations.AddField(
            model_name="milestone", name="slack", field=models.PositiveSmallIntegerField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name="milestone",
            name="template",
            field=models.ForeignKey(
                blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                help_text="The plan this step was laid by; empty for one that comes with the desk.",
                to="orders.milestonetemplate",
            ),
        ),
        migrations.AddIndex(
            model_name="milestone",
            index=models.Index(
                condition=models.Q(("actual_at__isnull", True), ("amount__isnull", False)),
                fields=["order"],
                name="milestone_open",
            ),
        ),
        migrations.RunSQL(
            """
            CREATE FUNCTION orders_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME; END $$;
            """
            + "".join(
                f"CREATE TRIGGER append_only BEFORE {what} ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION orders_refuse_edit();"
                for table, what in TRIGGERS.items()
            ),
            "".join(f"DROP TRIGGER append_only ON {table};" for table in TRIGGERS)
            + "DROP FUNCTION orders_refuse_edit();",
        ),
    ]
