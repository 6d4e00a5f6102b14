"""Who of the demo's people is at work at a moment, and may do what the script says."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from ticketdesk.accounts.models import Membership, Role, User
from ticketdesk.accounts.shifts import on_shift
from tickets.models import Ticket

HALF_HOUR = timedelta(minutes=30)
PATIENCE = 6
"""After so many half hours anybody will do."""
LONGEST = 200
"""Half hours after which nobody is waited for any more."""
CONTACTS_DO = frozenset({"accept", "note", "hand_over", "wait", "solve"})
"""On tickets of their own department; to buyers only agents write."""


class Roster:
    """The people with their shifts and teams, read once."""

    def __init__(self, people: Iterable[User]) -> None:
        self.people = {user.pk: user for user in people}
        self.shifts = {pk: list(user.shifts.all()) for pk, user in self.people.items()}
        self.of_team: dict[int, list[int]] = {}
        for team_id, user_id in Membership.objects.order_by("id").values_list("team_id", "user_id"):
            if user_id in self.people:
                self.of_team.setdefault(team_id, []).append(user_id)

    def somebody(self, ticket: Ticket, do: str, at: datetime, *, fluent: bool = True) -> User | None:
        """Who does this now: the assignee, else a colleague who speaks the language; anybody when not `fluent`."""
        team = self.of_team.get(ticket.team_id or 0, [])
        able = [pk for pk in dict.fromkeys([ticket.assignee_id, *team]) if pk in self.people and self._may(pk, do, at)]
        if ticket.assignee_id in able and ticket.assignee_id is not None:
            return self.people[ticket.assignee_id]
        chosen = [pk for pk in able if ticket.language in self.people[pk].languages] or ([] if fluent else able)
        return self.people[chosen[ticket.pk % len(chosen)]] if chosen else None

    def whoever(self, ticket: Ticket, do: str, at: datetime) -> User:
        """Who does it whatever the hour: somebody at work, else a supervisor."""
        found = self.somebody(ticket, do, at) or self.somebody(ticket, do, at, fluent=False)
        return found or self._supervisor(ticket.language)

    def first_moment(self, ticket: Ticket, do: str, at: datetime) -> datetime:
        """When somebody can do this: `at`, or one of the next half hours; the language matters for a few of them."""
        for tries in range(LONGEST):
            if self.somebody(ticket, do, at, fluent=tries < PATIENCE) is not None:
                break
            at += HALF_HOUR
        return at

    def next_at_work(self, team_id: int, at: datetime) -> datetime:
        """`at`, or the next half hour at which a member of the team is at work."""
        for _ in range(LONGEST):
            if self.member(team_id, at) is not None:
                break
            at += HALF_HOUR
        return at

    def member(self, team_id: int, at: datetime) -> User | None:
        """A member of the team that was asked who is at work, its own contact first."""
        at_work = [self.people[pk] for pk in self.of_team.get(team_id, []) if self._at_work(pk, at)]
        return min(at_work, key=lambda user: (user.role != Role.CONTACT, user.pk), default=None)

    def on_the_phone(self, language: str, at: datetime) -> User | None:
        """An agent of that language at work."""
        return next(
            (
                user
                for pk, user in self.people.items()
                if user.role == Role.AGENT and language in user.languages and self._at_work(pk, at)
            ),
            None,
        )

    def _supervisor(self, language: str) -> User:
        supervisors = [user for user in self.people.values() if user.role == Role.SUPERVISOR]
        return next((user for user in supervisors if user.language[:2] == language[:2]), supervisors[0])

    def _may(self, pk: int, do: str, at: datetime) -> bool:
        role = self.people[pk].role
        fits = role in (Role.AGENT, Role.SUPERVISOR) or (role == Role.CONTACT and do in CONTACTS_DO)
        return fits and self._at_work(pk, at)

    def _at_work(self, pk: int, at: datetime) -> bool:
        return on_shift(self.shifts[pk], self.people[pk].zone, at)
