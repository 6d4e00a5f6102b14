"""Drop indexes that no query reads: few shops and codes each hold many anomalies, and each index is a write."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_narrow_due_table")]

    operations = [
        migrations.AlterField(
            model_name="anomaly", name="code", field=models.SlugField(db_index=False, max_length=40)
        ),
        migrations.AlterField(
            model_name="anomaly",
            name="shop",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="anomalies", to="orders.shop"
            ),
        ),
    ]
