"""Published versions, a clock's story and the ledger of steps are never edited: the database itself refuses."""

from django.db import migrations

TABLES = ("sla_calendarversion", "sla_policyversion", "sla_clockevent", "sla_fire")


class Migration(migrations.Migration):
    dependencies = [("sla", "0001_clocks")]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION sla_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME; END $$;
            """
            + "".join(
                f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION sla_refuse_edit();"
                for table in TABLES
            ),
            "".join(f"DROP TRIGGER append_only ON {table};" for table in TABLES) + "DROP FUNCTION sla_refuse_edit();",
        )
    ]
