import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

APPEND_ONLY = """
CREATE FUNCTION accounts_reveal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'accounts_reveal is append-only';
END $$;
CREATE TRIGGER reveal_is_append_only BEFORE UPDATE OR DELETE ON accounts_reveal
FOR EACH ROW EXECUTE FUNCTION accounts_reveal_is_append_only();
"""
CHANGEABLE = """
DROP TRIGGER reveal_is_append_only ON accounts_reveal;
DROP FUNCTION accounts_reveal_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_api_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reveal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject_type", models.CharField(max_length=40, verbose_name="kind of record")),
                ("subject_id", models.BigIntegerField(verbose_name="record")),
                (
                    "fields",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), size=None, verbose_name="fields"
                    ),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reveals",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "look at personal data",
                "verbose_name_plural": "looks at personal data",
                "ordering": ["-at", "-id"],
                "indexes": [
                    models.Index(fields=["user", "at"], name="reveal_by_user"),
                    models.Index(fields=["subject_type", "subject_id", "at"], name="reveal_by_subject"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="reveal_has_a_reason"
                    )
                ],
            },
        ),
        migrations.RunSQL(APPEND_ONLY, CHANGEABLE),
    ]
