"""Laid for what its name says."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_changes_can_rest")]
    operations: list = []
