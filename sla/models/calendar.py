"""Working calendars in immutable versions."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Calendar(models.Model):
    """A named working calendar; a shop names one by its code. Its newest version counts for new clocks."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.name


class CalendarVersion(models.Model):
    """What a calendar says, for good: a change is a new version (a trigger refuses edits). See sla.calendars."""

    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    data = models.JSONField()
    published_at = models.DateTimeField(db_default=Now())
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["calendar", "number"], name="calendar_version_number")]

    def __str__(self) -> str:
        return f"calendar {self.calendar_id}, version {self.number}"
