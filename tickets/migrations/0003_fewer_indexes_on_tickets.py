"""Drop indexes that no query reads: few shops and codes each hold many tickets, and each index is a write."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0002_history_is_append_only")]

    operations = [
        migrations.AlterField(
            model_name="ticket",
            name="anomaly_code",
            field=models.SlugField(blank=True, db_index=False, max_length=40),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="shop",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="tickets", to="orders.shop"
            ),
        ),
    ]
