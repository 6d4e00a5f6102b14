"""Who is at work now, and how much each carries: the rows that routing chooses from."""

from collections import defaultdict
from datetime import datetime

from django.db import connection

from ticketdesk.accounts.models import Team, User
from tickets.lifecycle import LIVE
from tickets.routing import WEIGHT, Desk, Roster


def teams() -> list[tuple[int, str]]:
    """(id, department) of every team, oldest first."""
    return list(Team.objects.order_by("id").values_list("id", "department"))


def rosters(team_ids: list[int], *, now: datetime) -> dict[int, Roster]:
    """The members on shift at `now` of these teams, with their weighted load of live tickets; four queries."""
    people = User.objects.filter(memberships__team__in=team_ids, is_active=True, available=True).distinct()
    on_shift = {person.pk: person for person in people.prefetch_related("shifts") if person.is_on_shift(now)}
    loads = _loads(list(on_shift))
    members: dict[int, list[int]] = defaultdict(list)
    for team_id, user_id in Team.members.through.objects.filter(team__in=team_ids).values_list("team_id", "user_id"):
        if user_id in on_shift:
            members[team_id].append(user_id)
    # One desk per person, shared by the rosters of all teams he belongs to, so that a choice counts everywhere.
    desks = {
        person.pk: Desk(
            person.pk, loads.get(person.pk, 0), person.capacity, frozenset(person.skills), frozenset(person.languages)
        )
        for person in on_shift.values()
    }
    return {team_id: Roster(team_id, [desks[user_id] for user_id in members[team_id]]) for team_id in team_ids}


def _loads(user_ids: list[int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT assignee_id, grade, COUNT(*) FROM tickets_ticket
               WHERE assignee_id = ANY(%s) AND status IN %s AND NOT muted GROUP BY 1, 2""",
            [user_ids, LIVE],
        )
        loads: dict[int, int] = defaultdict(int)
        for user_id, grade, count in cursor.fetchall():
            loads[user_id] += WEIGHT[grade] * count
    return loads
