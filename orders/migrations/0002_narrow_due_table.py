"""Room on each page for the due table's many updates."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_orders")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE orders_orderdue SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)",
            "ALTER TABLE orders_orderdue RESET (fillfactor, autovacuum_vacuum_scale_factor)",
        )
    ]
