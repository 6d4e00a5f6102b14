"""Words for what happened to a ticket, why it is grave, and who holds the ball. In the reader's language."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orders import wording as of_orders
from orders.labels import cleared_label
from ticketdesk.accounts.models import Team, User
from ticketdesk.accounts.models.teams import Department
from ticketdesk.words import in_each_language
from tickets import emergency
from tickets.models import Ticket, TicketEvent

anomaly_title = in_each_language(of_orders.title)
HOLDERS = {
    "carrier": gettext_lazy("Carrier"),
    "customer": gettext_lazy("Customer"),
    **dict(Department.choices),
}
CLOCKS = {
    "first_response": gettext_lazy("First response"),
    "next_response": gettext_lazy("Next response"),
    "solution": gettext_lazy("Solution"),
    "handover": gettext_lazy("Hand-over"),
}
GRADES = {
    1: gettext_lazy("Urgent"),
    2: gettext_lazy("High"),
    3: gettext_lazy("Normal"),
    4: gettext_lazy("Watch"),
}


def title(ticket: Ticket) -> str:
    """What the ticket is called: its own subject, or the title of the anomaly that raised it."""
    if ticket.scope == Ticket.Scope.SYSTEMIC and ticket.anomaly_code:
        what = anomaly_title(ticket.anomaly_code)
        return _("Incident: {what} · {where}").format(what=what, where=ticket.subject) if ticket.subject else what
    if ticket.subject:
        return ticket.subject
    return anomaly_title(ticket.anomaly_code) if ticket.anomaly_code else _("No subject")


@in_each_language
def status_name(code: str) -> str:
    """A ticket's status."""
    return str(dict(Ticket.Status.choices).get(code, code))


@in_each_language
def holder(code: str) -> str:
    """Who holds the ball."""
    return str(HOLDERS.get(code, code))


@in_each_language
def grade_name(grade: int) -> str:
    """P2 High."""
    return f"P{grade} {GRADES.get(grade, '')}"


def factor(code: str, params: Mapping[str, Any]) -> str:
    """One reason for a ticket's grade, as a sentence part."""
    if code == "severity":
        return _("Starts at {grade}, by what is wrong").format(grade=grade_name(int(params.get("grade", 3))))
    if code == "vip":
        return _("The buyer is a VIP")
    if code == "high_value":
        return _("High value: {value}, the shop's limit is {limit}").format(**_texts(params, "value", "limit"))
    if code == "second_anomaly":
        return _("Something else is wrong with the order as well ({count})").format(**_texts(params, "count"))
    if code == "promise_broken":
        return _("A promise to the buyer is broken")
    if code == "incident":
        return _("Many orders, one cause: level one emergency")
    if code == "repeat_victim":
        return _("Late orders in a row: {late}; delayed now: {delayed}").format(**_texts(params, "late", "delayed"))
    if code == "kind":
        kind = str(dict(Ticket.Kind.choices).get(params.get("kind", ""), params.get("kind", "–")))
        return _("So grave because of its kind: {kind}").format(kind=kind)
    if code == "channel":
        channel = str(dict(Ticket.Channel.choices).get(params.get("channel", ""), params.get("channel", "–")))
        return _("It came by a channel on which nobody waits long: {channel}").format(channel=channel)
    if code == "scope":
        scope = str(dict(Ticket.Scope.choices).get(params.get("scope", ""), params.get("scope", "–")))
        return _("More than one order is hit: {scope}").format(scope=scope)
    if code == "by_hand":
        return _("Set by {who}: {why}").format(**_texts(params, "who", "why"))
    return code.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Names:
    """Names of the people and teams that records mention by id."""

    people: Mapping[int, str]
    teams: Mapping[int, str]

    @classmethod
    def of(cls, events: Iterable[TicketEvent]) -> "Names":
        """Look up everybody that these events mention; two queries at most."""
        people: set[int] = set()
        teams: set[int] = set()
        for event in events:
            people |= {event.data[key] for key in ("assignee", "assignee_from") if event.data.get(key)}
            teams |= {event.data[key] for key in ("team", "to_team", "from_team") if event.data.get(key)}
        return cls(
            {user.pk: str(user) for user in User.objects.filter(pk__in=people)} if people else {},
            {team.pk: team.name for team in Team.objects.filter(pk__in=teams)} if teams else {},
        )

    def person(self, pk: Any) -> str:
        """Somebody's name; "nobody" for none."""
        return self.people.get(pk, "?") if pk else _("nobody")

    def team(self, pk: Any) -> str:
        """A team's name."""
        return self.teams.get(pk, "?")


def event_sentence(event: TicketEvent, names: Names) -> str:
    """What happened, without who and when: these stand beside it."""
    tell = SENTENCES.get(event.kind)
    return tell(event.data, names) if tell else event.kind.replace("_", " ").capitalize()


def _opened(data: Mapping[str, Any], names: Names) -> str:
    if data.get("code"):
        text = _("Raised by TicketDesk: {title}, {grade}").format(
            title=anomaly_title(data["code"]), grade=grade_name(data.get("grade", 3))
        )
    else:
        text = _("Opened, {grade}").format(grade=grade_name(data.get("grade", 3)))
    if data.get("assignee"):
        text += " · " + _("given to {who}").format(who=names.person(data["assignee"]))
    elif data.get("team"):
        text += " · " + _("given to {who}").format(who=names.team(data["team"]))
    return text


def _assigned(data: Mapping[str, Any], names: Names) -> str:
    if data.get("assignee"):
        return _("Given to {who}").format(who=names.person(data["assignee"]))
    return _("Put into the queue of {team}").format(team=names.team(data.get("team")))


def _waiting(data: Mapping[str, Any], names: Names) -> str:
    return _("Waits for {whom} until {time}: {reason}").format(
        whom=waiting_for(data.get("waiting_for", "")),
        time=_time(data.get("call_back_at")),
        reason=data.get("reason", ""),
    )


def _resumed(data: Mapping[str, Any], names: Names) -> str:
    return _("The call-back time has come") if data.get("why") == "call_back_time" else _("Work goes on")


def _regraded(data: Mapping[str, Any], names: Names) -> str:
    reason = _("what is wrong got worse") if data.get("why") == "anomaly" else data.get("why", "")
    return _("Grade {before} → {after}: {why}").format(
        before=f"P{data.get('grade_from')}", after=f"P{data.get('grade')}", why=reason
    )


def _handed_over(data: Mapping[str, Any], names: Names) -> str:
    return _("Handed over to {team}, answer due {time}").format(
        team=names.team(data.get("to_team")), time=_time(data.get("due_by"))
    )


def _escalated(data: Mapping[str, Any], names: Names) -> str:
    clock = CLOCKS.get(data.get("metric", ""))
    text = _("Escalated to tier {tier}").format(tier=data.get("tier", "?"))
    return f"{text} ({clock})" if clock else text


def _closed(data: Mapping[str, Any], names: Names) -> str:
    if data.get("anomaly"):
        return _("Closed by itself: {why}").format(why=over_because(data))
    return _("Closed: {why}").format(why=data.get("why", "")) if data.get("why") else _("Closed")


def over_because(data: Mapping[str, Any]) -> str:
    """Why an anomaly is over, with the scan that shows it, or the graver one that took its place."""
    if data.get("by"):
        return _("a graver finding took its place: {title}").format(title=anomaly_title(data["by"]))
    reason, proof = cleared_label(data.get("why", "")), data.get("proof") or {}
    told = [text for text in (_time(proof.get("at")) if proof.get("at") else "", proof.get("place", "")) if text]
    return f"{reason} ({', '.join(told)})" if told else reason


SENTENCES: Mapping[str, Callable[[Mapping[str, Any], Names], str]] = {
    "opened": _opened,
    "accept": lambda data, names: _("Accepted"),
    "assign": _assigned,
    "wait": _waiting,
    "resume": _resumed,
    "regrade": _regraded,
    "hand_over": _handed_over,
    "answer": lambda data, names: _("{team} answered").format(team=names.team(data.get("from_team"))),
    "call_back": lambda data, names: _("The question to {team} was called back").format(
        team=names.team(data.get("from_team"))
    ),
    "escalate": _escalated,
    "solve": lambda data, names: _("Solved, cause: {cause}").format(cause=cause_name(data.get("cause", ""))),
    "close": _closed,
    "reopen": lambda data, names: _("Reopened: {why}").format(
        why=data.get("why") or _("found again: {title}").format(title=anomaly_title(data.get("code", "")))
    ),
    "anomaly_again": lambda data, names: _("Found once more: {title}").format(
        title=anomaly_title(data.get("code", ""))
    ),
    "join_incident": lambda data, names: _("Joined the incident of ticket #{parent}").format(
        parent=data.get("parent", "?")
    ),
    "leave_incident": lambda data, names: _("The incident is over, this order's own trouble is not: work goes on"),
    "plan_step": lambda data, names: emergency.sentence(data),
    "buyers_told": lambda data, names: ngettext(
        "One message was sent to {n} buyer", "One message was sent to {n} buyers", data.get("buyers", 0)
    ).format(n=data.get("buyers", 0)),
    "cause_cleared": lambda data, names: _("What raised it is over: {why}").format(why=over_because(data)),
}


def cause_name(code: str) -> str:
    """A cause class in words."""
    return str(dict(Ticket.Cause.choices).get(code, code))


def waiting_for(code: str) -> str:
    """Whom a ticket waits for."""
    return str(dict(Ticket.WaitingFor.choices).get(code, code))


def _time(text: str | None) -> str:
    at: datetime | None = parse_datetime(text) if text else None
    return localtime(at).strftime("%Y-%m-%d %H:%M") if at else "–"


def _texts(params: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: params.get(name, "–") for name in names}
