"""The record of a ticket is never edited away: the database itself refuses."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_tickets")]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION tickets_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME; END $$;
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON tickets_ticketevent
            FOR EACH ROW EXECUTE FUNCTION tickets_refuse_edit();
            """,
            """
            DROP TRIGGER append_only ON tickets_ticketevent;
            DROP FUNCTION tickets_refuse_edit();
            """,
        )
    ]
