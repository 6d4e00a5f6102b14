"""A change that cannot be taken in rests for a while instead of stopping the others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_fewer_indexes_on_anomalies")]

    operations = [
        migrations.AddField(
            model_name="anomalychange",
            name="not_before",
            field=models.DateTimeField(blank=True, help_text="Taking it in failed; it rests until then.", null=True),
        ),
    ]
