"""Open orders are few among all: those that are late are looked for among them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0013_incidents")]

    operations = [
        migrations.AddIndex(
            "order",
            models.Index(
                condition=models.Q(delivered_at__isnull=True, cancelled_at__isnull=True),
                fields=["-placed_at", "-id"],
                name="order_open_newest",
            ),
        )
    ]
