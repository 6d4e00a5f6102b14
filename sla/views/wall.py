"""The SLA wall: four numbers, two lists to act on, load by team and grade, and charts. Every number opens its list."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from orders.models import Carrier
from orders.presents import Presents
from orders.wording import title as anomaly_title
from sla import selectors, trends
from ticketdesk.accounts.models import Team
from tickets import access

TARGET = 95


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a bar chart, as the chart tags read it."""

    label: str
    parts: list[tuple[str, float, str]]
    note: str
    href: str


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a line chart, as the chart tags read it."""

    name: str
    values: list[int]
    colour: str
    area: bool = False


@login_required
@require_safe
def wall(request: HttpRequest) -> HttpResponse:
    """The wall; `?team=` narrows it, `?tv=1` is for a screen on the wall of the room."""
    presents = Presents.at(timezone.now())
    everything = access.sees_everything(request.user)
    teams = list(Team.objects.all() if everything else Team.objects.filter(pk__in=request.user.team_ids))
    team = next((row for row in teams if str(row.pk) == request.GET.get("team", "")), None)
    tickets = access.visible_to(request.user)
    if team is not None:
        tickets = tickets.filter(team=team)
    team_ids = [team.pk] if team else None if everything else request.user.team_ids
    live = selectors.wall(tickets, presents)
    days = selectors.attainment(presents, request.user.zone, team_ids=team_ids)
    flow = trends.flow(presents, request.user.zone, team_ids=team_ids)
    narrowed = {"team": team.pk} if team else {}
    context: dict[str, Any] = {
        "presents": presents,
        "present": presents.now,
        "tv": request.GET.get("tv") == "1",
        "teams": teams,
        "team": team,
        "live": live,
        "response": selectors.response_times(presents, team_ids=team_ids),
        "breached": selectors.gravest_breached(tickets, presents, 7),
        "coming": selectors.next_to_breach(tickets, presents, 7),
        "loads": _loads(live, teams),
        "grades": [(grade, live.by_grade[grade]) for grade in (1, 2, 3, 4)],
        "target": TARGET,
        "links": {name: _link(view, **narrowed) for name, view in VIEWS.items()},
        **_attainment(days),
        **_flow(flow),
        "reasons": _reasons(tickets, presents, narrowed),
        "carriers": _carriers(tickets, presents, narrowed),
    }
    template = "sla/wall.html#wall" if request.headers.get("HX-Request") else "sla/wall.html"
    return render(request, template, context)


VIEWS = {"open": "open", "breached": "late", "soon": "soon", "unassigned": "unassigned"}


def _link(view: str, **filters: Any) -> str:
    return f"{reverse('board')}?{urlencode({'view': view, **filters})}"


def _loads(live: selectors.Wall, teams: list[Team]) -> list[dict[str, Any]]:
    """Lines of the table by team, the busiest first; teams without live work are left out."""
    names = {team.pk: team.name for team in teams}
    rows = [
        {"team": team_id, "name": names.get(team_id, "") if team_id else "", "load": load}
        for team_id, load in live.by_team.items()
        if load.open and (team_id is None or team_id in names)
    ]
    return sorted(rows, key=lambda row: (-row["load"].breached, -row["load"].open))


def _attainment(days: list[selectors.Day]) -> dict[str, Any]:
    judged, met = sum(day.judged for day in days), sum(day.met for day in days)
    return {
        "days": days,
        "labels": [f"{day.day:%m-%d}" for day in days],
        "met": [day.met for day in days],
        "missed": [day.judged - day.met for day in days],
        "share": f"{100 * met / judged:.1f}%" if judged else "–",
        "shares": [100 * day.met / day.judged for day in days if day.judged],
    }


def _flow(flow: trends.Flow) -> dict[str, Any]:
    return {
        "flow": [
            Series(_("Opened"), flow.opened, "c-info", area=True),
            Series(_("Solved"), flow.solved, "c-ok"),
        ],
        "flow_days": [f"{day:%m-%d}" for day in flow.days],
        "flow_rows": list(zip([f"{day:%m-%d}" for day in flow.days], flow.opened, flow.solved, strict=True)),
    }


def _reasons(tickets: Any, presents: Presents, narrowed: dict[str, Any]) -> list[Bar]:
    return [
        _bar(anomaly_title(share.code), share, _link("open", anomaly=share.code, **narrowed))
        for share in trends.by_reason(tickets, presents)
    ]


def _carriers(tickets: Any, presents: Presents, narrowed: dict[str, Any]) -> list[Bar]:
    names = dict(Carrier.objects.values_list("code", "name"))
    return [
        _bar(names.get(share.code, share.code), share, _link("open", carrier=share.code, **narrowed))
        for share in trends.by_carrier(tickets, presents)
    ]


def _bar(label: str, share: trends.Share, href: str) -> Bar:
    parts: list[tuple[str, float, str]] = [
        (_("Breached"), share.late, "c-breach"),
        (_("In time"), share.open - share.late, "c-paused"),
    ]
    return Bar(label, parts, f"{share.open} · {share.late}" if share.late else str(share.open), href)
