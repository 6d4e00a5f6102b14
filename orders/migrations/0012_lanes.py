"""Laid for what its name says."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0011_anomaly_life")]
    operations: list = []
