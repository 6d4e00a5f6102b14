"""Who looked at whose personal data, and why."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Reveal(models.Model):
    """One look at unmasked personal data. Append-only: a trigger refuses UPDATE and DELETE."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="reveals", verbose_name=_("person"))
    subject_type = models.CharField(_("kind of record"), max_length=40)
    subject_id = models.BigIntegerField(_("record"))
    fields = ArrayField(models.CharField(max_length=40), verbose_name=_("fields"))
    reason = models.CharField(_("reason"), max_length=300)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("look at personal data")
        verbose_name_plural = _("looks at personal data")
        ordering = ["-at", "-id"]
        indexes = [
            # Serves the hourly limit: how often did this person look since an hour ago.
            models.Index(fields=["user", "at"], name="reveal_by_user"),
            models.Index(fields=["subject_type", "subject_id", "at"], name="reveal_by_subject"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="reveal_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.subject_type} {self.subject_id} · {self.at:%Y-%m-%d %H:%M}"
