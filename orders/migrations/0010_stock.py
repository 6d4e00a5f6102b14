"""Stock: warehouses, levels, what comes in, what is reserved, who waits."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0009_documents"),
    ]

    operations = [
        migrations.CreateModel(
            name="Warehouse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=32)),
                ("name", models.CharField(blank=True, max_length=80)),
                ("rank", models.PositiveSmallIntegerField(default=100)),
                (
                    "shop",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="warehouses",
                        to="orders.shop",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StockLevel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sku", models.CharField(max_length=64)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("on_hand", models.PositiveIntegerField(default=0)),
                ("reserved", models.PositiveIntegerField(default=0)),
                ("low_at", models.PositiveIntegerField(default=0, help_text="Short when no more than this is free.")),
                ("updated_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "shop",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orders.shop"
                    ),
                ),
                (
                    "warehouse",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="levels",
                        to="orders.warehouse",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Incoming",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sku", models.CharField(max_length=64)),
                (
                    "reference",
                    models.CharField(blank=True, help_text="Such as the purchase order's number.", max_length=64),
                ),
                ("qty", models.PositiveIntegerField()),
                ("expected_at", models.DateTimeField()),
                (
                    "shop",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orders.shop"
                    ),
                ),
                (
                    "warehouse",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="incoming",
                        to="orders.warehouse",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Allocation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("qty", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("reserved", "Reserved"), ("shipped", "Shipped"), ("released", "Released")],
                        default="reserved",
                        max_length=16,
                    ),
                ),
                ("at", models.DateTimeField(help_text="When it was reserved.")),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="allocations", to="orders.order"
                    ),
                ),
                (
                    "level",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="allocations",
                        to="orders.stocklevel",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["level"], name="allocation_of_level")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "reserved")), fields=("level", "order"), name="allocation_once"
                    ),
                    models.CheckConstraint(condition=models.Q(("qty__gt", 0)), name="allocation_qty_positive"),
                ],
            },
        ),
        migrations.CreateModel(
            name="StockWait",
            fields=[
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="stock_wait",
                        serialize=False,
                        to="orders.order",
                    ),
                ),
                ("promise_at", models.DateTimeField(help_text="The oldest promise is served first.")),
                ("since", models.DateTimeField()),
                ("due", models.BooleanField(default=True)),
                (
                    "skus",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), default=list, size=None
                    ),
                ),
                ("short", models.JSONField(default=list)),
                (
                    "ready",
                    models.PositiveIntegerField(default=0, help_text="Pieces that are reserved and could leave now."),
                ),
                ("wanted", models.PositiveIntegerField(default=0)),
                (
                    "shop",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orders.shop"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("due", True)), fields=["shop", "promise_at", "order"], name="stockwait_due"
                    ),
                    models.Index(fields=["shop", "promise_at"], name="stockwait_of_shop"),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="warehouse",
            constraint=models.UniqueConstraint(fields=("shop", "code"), name="warehouse_of_shop"),
        ),
        migrations.AddIndex(
            model_name="stocklevel",
            index=models.Index(fields=["shop", "sku", "id"], name="stock_of_shop"),
        ),
        migrations.AddIndex(
            model_name="stocklevel",
            index=models.Index(fields=["sku", "id"], name="stock_by_sku"),
        ),
        migrations.AddIndex(
            model_name="stocklevel",
            index=models.Index(
                condition=models.Q(
                    (
                        "on_hand__lte",
                        django.db.models.expressions.CombinedExpression(models.F("reserved"), "+", models.F("low_at")),
                    )
                ),
                fields=["sku", "id"],
                name="stock_short",
            ),
        ),
        migrations.AddConstraint(
            model_name="stocklevel",
            constraint=models.UniqueConstraint(fields=("warehouse", "sku"), name="stock_of_warehouse"),
        ),
        migrations.AddConstraint(
            model_name="stocklevel",
            constraint=models.CheckConstraint(
                condition=models.Q(("reserved__lte", models.F("on_hand"))), name="stock_never_oversold"
            ),
        ),
        migrations.AddIndex(
            model_name="incoming",
            index=models.Index(fields=["shop", "sku", "expected_at"], name="incoming_of_shop"),
        ),
        migrations.AddConstraint(
            model_name="incoming",
            constraint=models.UniqueConstraint(
                fields=("warehouse", "sku", "reference", "expected_at"), name="incoming_of_warehouse"
            ),
        ),
        migrations.AddConstraint(
            model_name="incoming",
            constraint=models.CheckConstraint(condition=models.Q(("qty__gt", 0)), name="incoming_qty_positive"),
        ),
    ]
