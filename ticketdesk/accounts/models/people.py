"""Somebody who signs in."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.timezone import now as utc_now
from django.utils.translation import gettext_lazy as _

from ticketdesk.accounts.querysets import UserManager
from ticketdesk.accounts.shifts import on_shift
from ticketdesk.accounts.zones import known_zones

if TYPE_CHECKING:
    from ticketdesk.accounts.models.keys import ApiKey
    from ticketdesk.accounts.models.teams import Membership


class Role(models.TextChoices):
    ADMINISTRATOR = "administrator", _("Administrator")
    SUPERVISOR = "supervisor", _("Supervisor")
    AGENT = "agent", _("Agent")
    CONTACT = "contact", _("Department contact")
    READONLY = "readonly", _("Read only")


class Language(models.TextChoices):
    # Each language is named in itself: whoever lost their way can still find their own.
    ENGLISH = "en", "English"
    SIMPLIFIED = "zh-hans", "简体中文"
    TRADITIONAL = "zh-hant", "繁體中文"


def validate_timezone(name: str) -> None:
    """ValidationError unless `name` is an IANA time zone."""
    if name not in known_zones():
        raise ValidationError(_("“%(name)s” is not a time zone."), code="timezone", params={"name": name})


class LowercaseEmailField(models.EmailField):
    """An e-mail address in lower case, when written and when looked for, so that unique means unique for people."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return text.lower() if isinstance(text, str) else text

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return text.lower() if isinstance(text, str) else text


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who signs in by e-mail address: an agent, a supervisor, a department's contact, a machine's stand-in."""

    email = LowercaseEmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=16, choices=Role.choices, default=Role.AGENT)
    language = models.CharField(_("language"), max_length=10, choices=Language.choices, default=Language.ENGLISH)
    timezone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai", validators=[validate_timezone])
    skills = ArrayField(models.CharField(max_length=40), verbose_name=_("skills"), default=list, blank=True)
    languages = ArrayField(
        models.CharField(max_length=16), verbose_name=_("languages spoken"), default=list, blank=True
    )
    capacity = models.PositiveSmallIntegerField(
        _("capacity"), default=20, help_text=_("How many open tickets this person can hold at a time.")
    )
    available = models.BooleanField(_("takes new work"), default=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("may use the data pages"), default=False)
    date_joined = models.DateTimeField(_("joined"), default=utc_now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()

    # The key through which this person acts in this request; None when they sit at the browser themselves.
    acting_key: ApiKey | None = None

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lowercase"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_is_known"),
            models.CheckConstraint(condition=models.Q(language__in=Language.values), name="user_language_is_known"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name or self.email

    @cached_property
    def current_memberships(self) -> list[Membership]:
        """This person's memberships with their teams; one query for the life of this object."""
        return list(self.memberships.select_related("team").order_by("team_id"))

    @property
    def team_ids(self) -> list[int]:
        """Ids of the teams this person belongs to, ascending."""
        return [membership.team_id for membership in self.current_memberships]

    @property
    def led_team_ids(self) -> list[int]:
        """Ids of the teams this person leads, ascending."""
        return [membership.team_id for membership in self.current_memberships if membership.lead]

    @property
    def departments(self) -> list[str]:
        """Departments of this person's teams, sorted, each once."""
        return sorted({membership.team.department for membership in self.current_memberships})

    @property
    def is_administrator(self) -> bool:
        """May change policies, people and keys."""
        return self.role == Role.ADMINISTRATOR or self.is_superuser

    @property
    def is_supervisor(self) -> bool:
        """May see and steer the work of every team."""
        return self.role == Role.SUPERVISOR or self.is_administrator

    @property
    def zone(self) -> ZoneInfo:
        """This person's time zone."""
        return ZoneInfo(self.timezone)

    def is_on_shift(self, now: datetime) -> bool:
        """Whether this person takes work at `now` (aware): available, and within a shift or without any."""
        return self.is_active and self.available and on_shift(self.shifts.all(), self.zone, now)
