"""Rows about people."""

from ticketdesk.accounts.models.keys import ApiKey, Scope
from ticketdesk.accounts.models.people import Language, Role, User
from ticketdesk.accounts.models.reveals import Reveal
from ticketdesk.accounts.models.teams import Department, Membership, Shift, Team

__all__ = ["ApiKey", "Department", "Language", "Membership", "Reveal", "Role", "Scope", "Shift", "Team", "User"]
