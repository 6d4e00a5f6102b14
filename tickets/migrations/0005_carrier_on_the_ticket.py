"""A ticket knows the carrier of its anomaly's parcel, so that lists and charts need not ask two big tables for it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_changes_can_rest"), ("tickets", "0004_count_without_the_table")]

    operations = [
        migrations.AddField(
            model_name="ticket",
            name="carrier",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Of the anomaly's parcel; a copy, for lists and charts.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="orders.carrier",
            ),
        ),
        migrations.RunSQL(
            """UPDATE tickets_ticket t SET carrier_id = s.carrier_id
               FROM orders_anomaly a JOIN orders_shipment s ON s.id = a.shipment_id WHERE a.id = t.anomaly_id""",
            migrations.RunSQL.noop,
        ),
    ]
