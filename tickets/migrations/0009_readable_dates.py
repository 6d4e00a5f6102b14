"""Dates of the year 2200 and later are refused: what lies past the year 9999 could be stored and never read again."""

from datetime import UTC, datetime

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q

END = datetime(2200, 1, 1, tzinfo=UTC)
DATES = {
    "ticket": ("ticket_dates_readable", ("call_back_at", "respond_by", "resolve_by", "due_by")),
    "handover": ("handover_date_readable", ("due_by",)),
}


def pull_back(model: str, columns: tuple[str, ...]) -> str:
    """SQL that brings what lies beyond back to the last moment that is allowed."""
    moved = ", ".join(
        f"{name} = CASE WHEN {name} >= '{END.isoformat()}' THEN timestamptz '{END.isoformat()}' - interval '1 second' "
        f"ELSE {name} END"
        for name in columns
    )
    beyond = " OR ".join(f"{name} >= '{END.isoformat()}'" for name in columns)
    return f"UPDATE tickets_{model} SET {moved} WHERE {beyond}"


class Migration(migrations.Migration):
    atomic = False  # checked beside the work, without locking it out

    dependencies = [("tickets", "0008_expected_loss")]

    operations = [
        operation
        for model, (name, columns) in DATES.items()
        for operation in (
            AddConstraintNotValid(
                model,
                models.CheckConstraint(condition=Q(*((f"{column}__lt", END) for column in columns)), name=name),
            ),
            migrations.RunSQL(pull_back(model, columns), migrations.RunSQL.noop),
            ValidateConstraint(model, name),
        )
    ]
