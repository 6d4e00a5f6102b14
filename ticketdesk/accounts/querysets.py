"""Reads of people that read as English."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager
from django.db import models

if TYPE_CHECKING:
    from ticketdesk.accounts.models import User


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> UserQuerySet:
        """People who may sign in."""
        return self.filter(is_active=True)

    def available(self) -> UserQuerySet:
        """People who may sign in and take work now, whatever their shift says."""
        return self.active().filter(available=True)

    def of_team(self, team_id: int) -> UserQuerySet:
        """Members of one team."""
        return self.filter(memberships__team_id=team_id)

    def on_shift(self, now: datetime) -> list[User]:
        """Available people whose shift covers `now` (aware), each in their own time zone; two queries."""
        return [user for user in self.available().prefetch_related("shifts") if user.is_on_shift(now)]


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    use_in_migrations = False

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A new person; without a password nobody can sign in as them. ValueError without an address."""
        if not email:
            raise ValueError("A person needs an e-mail address to sign in with.")
        user: User = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A new administrator who may also use Django's own admin pages."""
        return self.create_user(
            email, password, **{"role": "administrator", **fields, "is_staff": True, "is_superuser": True}
        )
