"""Whom a step tells, and in which words. People on leave are passed over; nobody's notice is lost for that."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext_noop

from sla.models import Metric
from ticketdesk.outbox.services import Notice, notify

# From so many at once on, one person gets one digest: nobody reads five hundred notices.
DIGEST_FROM = 5
DIGEST_EVERY_S = 600
TEXTS = {
    ("due_soon", Metric.FIRST_RESPONSE): gettext_noop("The first response on ticket #{ticket} is due soon."),
    ("due_soon", Metric.NEXT_RESPONSE): gettext_noop("The next answer on ticket #{ticket} is due soon."),
    ("due_soon", Metric.SOLUTION): gettext_noop("The solution of ticket #{ticket} is due soon."),
    ("due_soon", Metric.HANDOVER): gettext_noop("Your team's answer on ticket #{ticket} is due soon."),
    ("late", Metric.FIRST_RESPONSE): gettext_noop("The first response on ticket #{ticket} is late."),
    ("late", Metric.NEXT_RESPONSE): gettext_noop("The next answer on ticket #{ticket} is late."),
    ("late", Metric.SOLUTION): gettext_noop("The solution of ticket #{ticket} is late."),
    ("late", Metric.HANDOVER): gettext_noop("Your team's answer on ticket #{ticket} is late."),
    ("emergency", Metric.SOLUTION): gettext_noop("Emergency on ticket #{ticket}: name a person, open the plan."),
}  # fmt: skip
DIGESTS = {
    "due_soon": gettext_noop("{count} tickets or more are due soon; the first is #{ticket}."),
    "late": gettext_noop("{count} tickets or more have become late; the first is #{ticket}."),
    "emergency": gettext_noop("{count} tickets or more are emergencies; the first is #{ticket}."),
}
NO_OPEN_TIME = gettext_noop("Calendar version {calendar} has no open time. Its clocks count round the clock.")


@dataclass(frozen=True, slots=True)
class Call:
    """One thing to tell: about which ticket, why (a key of TEXTS), to which role."""

    key: str
    ticket_id: int
    team_id: int | None
    assignee_id: int | None
    kind: str
    metric: str
    role: str
    at: datetime


@dataclass(frozen=True, slots=True)
class People:
    """Who can be told: supervisors, each team's head and leads, and who is away."""

    supervisors: tuple[int, ...]
    heads: dict[int, int]
    leads: dict[int, list[int]]
    present: frozenset[int]
    active: frozenset[int] = field(default=frozenset())

    def of(self, call: Call) -> list[int]:
        """The people a call is for. Somebody away is replaced: the assignee by the team's leads, they and the head by
        the supervisors, the supervisors by nobody: when all are away, all are told."""
        team = call.team_id or 0
        if call.role == "assignee" and call.assignee_id in self.present:
            return [call.assignee_id] if call.assignee_id else []
        if call.role == "head" and self.heads.get(team) in self.present:
            return [self.heads[team]]
        leads = [person for person in self.leads.get(team, ()) if person in self.present]
        if call.role in ("assignee", "lead") and leads:
            return leads
        return [person for person in self.supervisors if person in self.present] or list(self.supervisors)


def tell(calls: Sequence[Call]) -> int:
    """Write the notices that the calls ask for, many to one person as one digest; returns how many. Three queries."""
    if not calls:
        return 0
    people = _people(calls)
    by_person: dict[tuple[int, str], list[Call]] = defaultdict(list)
    for call in calls:
        for person in people.of(call):
            by_person[person, call.kind].append(call)
    return notify(notice for (person, kind), theirs in by_person.items() for notice in _notices(person, kind, theirs))


def no_open_time(calendar_version_ids: Collection[int]) -> None:
    """Tell the administrators, once, that a calendar leaves its clocks without a deadline."""
    if not calendar_version_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM accounts_user WHERE is_active AND role = 'administrator'")
        administrators = [row[0] for row in cursor.fetchall()]
    notify(
        Notice(f"no_open_time:{calendar}", person, "no_open_time", NO_OPEN_TIME, {"calendar": calendar}, by_email=True)
        for calendar in calendar_version_ids
        for person in administrators
    )


def _notices(person: int, kind: str, calls: Sequence[Call]) -> Iterable[Notice]:
    by_email = kind == "emergency"
    if len(calls) < DIGEST_FROM:
        for call in calls:
            text = TEXTS.get((kind, Metric(call.metric))) or DIGESTS[kind]
            params: dict[str, Any] = {"ticket": call.ticket_id, "count": 1}
            yield Notice(call.key, person, f"sla_{kind}", text, params, f"/tickets/{call.ticket_id}/", by_email)
        return
    first = min(calls, key=lambda call: call.at)
    window = int(first.at.timestamp()) // DIGEST_EVERY_S
    params = {"ticket": first.ticket_id, "count": len(calls)}
    yield Notice(f"digest:{kind}:{window}", person, f"sla_{kind}", DIGESTS[kind], params, "/wall/", by_email)


def _people(calls: Sequence[Call]) -> People:
    teams = sorted({call.team_id for call in calls if call.team_id})
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT t.id, t.head_id, ARRAY(SELECT m.user_id FROM accounts_membership m
                                             WHERE m.team_id = t.id AND m.lead ORDER BY m.user_id)
               FROM accounts_team t WHERE t.id = ANY(%s)""",
            [teams],
        )
        found = cursor.fetchall()
        heads = {team: head for team, head, _ in found if head}
        leads = {team: people for team, _, people in found}
        wanted = {call.assignee_id for call in calls if call.assignee_id} | {*heads.values()}
        wanted |= {person for people in leads.values() for person in people}
        cursor.execute(
            """SELECT id, available, role = 'supervisor' FROM accounts_user
               WHERE is_active AND (role = 'supervisor' OR id = ANY(%s)) ORDER BY id""",
            [sorted(wanted)],
        )
        users = cursor.fetchall()
    return People(
        supervisors=tuple(user for user, _, supervises in users if supervises),
        heads=heads,
        leads=leads,
        present=frozenset(user for user, available, _ in users if available),
    )
