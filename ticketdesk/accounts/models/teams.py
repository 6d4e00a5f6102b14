"""Teams of departments, who belongs to them, and when people work."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Department(models.TextChoices):
    FRONT_LINE = "front_line", _("Front line")
    SENIOR = "senior", _("Senior desk")
    WAREHOUSE = "warehouse", _("Warehouse")
    LOGISTICS = "logistics", _("Logistics")
    QUALITY = "quality", pgettext_lazy("department", "Quality")
    PURCHASING = "purchasing", _("Purchasing")
    FINANCE = "finance", _("Finance and risk")
    CUSTOMS = "customs", _("Customs and trade")
    LEGAL = "legal", _("Legal")
    TECHNICAL = "technical", _("Technical")


class Team(models.Model):
    """A group of people of one department that tickets can be given to."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    department = models.CharField(_("department"), max_length=16, choices=Department.choices)
    head = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="headed_teams",
        verbose_name=_("head"),
    )
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="accounts.Membership", related_name="teams", verbose_name=_("members")
    )

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(department__in=Department.values), name="team_department_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One person in one team, perhaps leading it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", verbose_name=_("person")
    )
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships", verbose_name=_("team"))
    lead = models.BooleanField(_("leads the team"), default=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["user", "team"], name="membership_once_per_team")]

    def __str__(self) -> str:
        return f"{self.user} · {self.team}"


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class Shift(models.Model):
    """A weekly stretch of work in the person's own time zone; ends <= starts runs into the next day."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="shifts", verbose_name=_("person"))
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday.choices)
    starts = models.TimeField(_("starts"))
    ends = models.TimeField(_("ends"))

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        ordering = ["weekday", "starts"]
        constraints = [
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="shift_weekday_within_week"),
            models.UniqueConstraint(fields=["user", "weekday", "starts"], name="shift_starts_once"),
        ]

    def __str__(self) -> str:
        return f"{Weekday(self.weekday).label} {self.starts:%H:%M}–{self.ends:%H:%M}"
