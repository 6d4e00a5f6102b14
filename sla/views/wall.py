"""The SLA wall: four numbers, two lists to act on, load by team and grade, and charts. Every number opens its list."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

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
from ticketdesk.briefly import briefly
from tickets import access

TARGET = 95
BARS = 8
# How old the numbers may be: those of the moment, and those of two weeks.
LIVE_S = 5
HISTORY_S = 60


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
    reader = "all" if everything else request.user.pk
    live = briefly(LIVE_S, ("wall", reader, team and team.pk), lambda: selectors.wall(tickets, presents))
    days, flow, response = _history(presents, request.user.zone, team_ids)
    narrowed = {"team": team.pk} if team else {}
    context: dict[str, Any] = {
        "presents": presents,
        "present": presents.now,
        "tv": request.GET.get("tv") == "1",
        "teams": teams,
        "team": team,
        "live": live,
        "response": response,
        "breached": selectors.gravest_breached(tickets, presents, 7),
        "coming": selectors.next_to_breach(tickets, presents, 7),
        "loads": _loads(live, teams),
        "grades": [(grade, live.by_grade[grade]) for grade in (1, 2, 3, 4)],
        "target": TARGET,
        "links": {name: _link(view, **narrowed) for name, view in VIEWS.items()},
        **_attainment(days),
        **_flow(flow),
        "reasons": _reasons(live, narrowed),
        "carriers": _carriers(live, narrowed),
    }
    template = "sla/wall.html#wall" if request.headers.get("HX-Request") else "sla/wall.html"
    return render(request, template, context)


def _history(
    presents: Presents, zone: ZoneInfo, team_ids: list[int] | None
) -> tuple[list[selectors.Day], trends.Flow, selectors.ResponseTimes]:
    """What two weeks have come to, the same for everybody with the same teams and zone."""
    teams = "all" if team_ids is None else ",".join(map(str, team_ids))
    return briefly(
        HISTORY_S,
        ("history", zone.key, teams),
        lambda: (
            selectors.attainment(presents, zone, team_ids=team_ids),
            trends.flow(presents, zone, team_ids=team_ids),
            selectors.response_times(presents, team_ids=team_ids),
        ),
    )


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


def _reasons(live: selectors.Wall, narrowed: dict[str, Any]) -> list[Bar]:
    rows = [(code, anomaly_title(code), load) for code, load in live.by_reason.items() if code]
    return _bars("anomaly", rows, narrowed)


def _carriers(live: selectors.Wall, narrowed: dict[str, Any]) -> list[Bar]:
    known = Carrier.objects.in_bulk([pk for pk in live.by_carrier if pk])
    rows = [(carrier.code, carrier.name, live.by_carrier[pk]) for pk, carrier in known.items()]
    return _bars("carrier", rows, narrowed)


def _bars(key: str, rows: list[tuple[str, str, selectors.Load]], narrowed: dict[str, Any]) -> list[Bar]:
    """The longest bars, each a link to its list; `rows` are (code, label, load)."""
    longest = sorted(rows, key=lambda row: (-row[2].open, row[0]))[:BARS]
    return [_bar(label, load, _link("open", **{key: code}, **narrowed)) for code, label, load in longest]


def _bar(label: str, load: selectors.Load, href: str) -> Bar:
    parts: list[tuple[str, float, str]] = [
        (_("Breached"), load.breached, "c-breach"),
        (_("In time"), load.open - load.breached, "c-paused"),
    ]
    return Bar(label, parts, f"{load.open} · {load.breached}" if load.breached else str(load.open), href)
