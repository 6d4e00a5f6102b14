"""The buttons as the demo's people press them: who, with which words, through which service."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from ticketdesk.accounts.models import Team, User
from ticketdesk.demo.moments import hours
from ticketdesk.demo.roster import Roster
from ticketdesk.demo.scripts import Step
from ticketdesk.demo.words import Words, words
from tickets import phrases, services
from tickets.models import Handover, Template, Ticket

# What an agent types into a gap that the facts left open; elsewhere the gap's own words will do.
TOMORROW = {"en": "tomorrow", "zh-hans": "明天", "zh-hant": "明天"}
DATES = frozenset({"promised", "expected"})


@dataclass(frozen=True, slots=True)
class Case:
    """One step on one ticket: who takes it, when, and in which words."""

    step: Step
    ticket: Ticket
    said: Words
    rng: Random
    by: User
    now: datetime

    def hours(self, least: float, most: float) -> timedelta:
        """Some hours between."""
        return hours(self.rng.uniform(least, most))


class Hands:
    """Presses buttons on tickets for whoever is at work."""

    def __init__(self, roster: Roster) -> None:
        self.roster = roster
        self.templates = {(row.code, row.language): row for row in Template.objects.all()}
        self.teams: dict[str, Team] = {}
        for team in Team.objects.order_by("id"):
            self.teams.setdefault(team.department, team)
        self.press: dict[str, Callable[[Case], Ticket]] = {
            "accept": self._accept, "reply": self._reply, "note": self._note, "wait": self._wait, "solve": self._solve,
            "hand_over": self._hand_over, "regrade": self._regrade, "close": self._close, "reopen": self._reopen,
        }  # fmt: skip

    def knows(self, about: str) -> bool:
        """Whether there are words for tickets about this."""
        return about in words("en").resolutions

    def do(self, step: Step, ticket: Ticket, rng: Random, now: datetime) -> Ticket:
        """Take one step; the ticket afterwards."""
        said = words(ticket.shop.language)
        if step.do == "customer":
            return services.customer_message(ticket=ticket, now=now, body=said.answer(step.what, rng)).ticket
        if step.do == "answer":
            return self._answer(ticket, said, rng, now)
        by = self.roster.whoever(ticket, step.do, now)
        return self.press[step.do](Case(step, ticket, said, rng, by, now))

    def _accept(self, case: Case) -> Ticket:
        return services.accept(ticket=case.ticket, by=case.by, now=case.now)

    def _reply(self, case: Case) -> Ticket:
        known = Ticket.objects.select_related("shop", "order", "customer", "anomaly__shipment__carrier")
        ticket = known.get(pk=case.ticket.pk)
        language = ticket.language if (case.step.what, ticket.language) in self.templates else "en"
        text = phrases.fill(self.templates[case.step.what, language], ticket, case.by, case.now)
        for gap in phrases.MISSING:
            bare = phrases.missing(gap, language)
            text = text.replace(bare, TOMORROW[language] if gap in DATES else bare.strip("[]"))
        return services.reply(ticket=ticket, by=case.by, now=case.now, body=text).ticket

    def _note(self, case: Case) -> Ticket:
        body = case.rng.choice(case.said.notes["any"])
        return services.note(ticket=case.ticket, by=case.by, now=case.now, body=body).ticket

    def _wait(self, case: Case) -> Ticket:
        return services.wait(
            ticket=case.ticket, by=case.by, now=case.now, waiting_for=case.step.what,
            reason=case.rng.choice(case.said.reasons[case.step.what]), call_back_at=case.now + case.hours(20, 80),
        )  # fmt: skip

    def _hand_over(self, case: Case) -> Ticket:
        asked, ticket = self.teams[case.step.what], case.ticket
        if asked.pk == ticket.team_id:
            return ticket
        begins = self.roster.next_at_work(asked.pk, case.now)
        return services.hand_over(
            ticket=ticket, by=case.by, now=case.now, to_team=asked, question=case.said.questions[case.step.what],
            due_by=begins + (case.hours(1.5, 3) if ticket.grade == 1 else case.hours(3, 8)),
        ).ticket  # fmt: skip

    def _answer(self, ticket: Ticket, said: Words, rng: Random, now: datetime) -> Ticket:
        asked = ticket.handovers.filter(state=Handover.State.OPEN).select_related("to_team").first()
        by = None if asked is None else self.roster.member(asked.to_team_id, now)
        if asked is None or by is None:
            return ticket
        answer = rng.choice(said.results[asked.to_team.department])
        return services.answer(ticket=ticket, by=by, now=now, answer=answer).ticket

    def _regrade(self, case: Case) -> Ticket:
        if case.ticket.grade == 1:
            return case.ticket
        why = case.rng.choice(case.said.closings["regrade"])
        return services.regrade(ticket=case.ticket, by=case.by, now=case.now, grade=case.ticket.grade - 1, why=why)

    def _solve(self, case: Case) -> Ticket:
        resolution = case.said.resolutions[case.ticket.anomaly_code or case.ticket.kind]
        return services.solve(ticket=case.ticket, by=case.by, now=case.now, cause=case.step.what, resolution=resolution)

    def _close(self, case: Case) -> Ticket:
        why = case.rng.choice(case.said.closings["any"])
        return services.close(ticket=case.ticket, by=case.by, now=case.now, why=why)

    def _reopen(self, case: Case) -> Ticket:
        why = case.rng.choice(case.said.closings["reopen"])
        return services.reopen(ticket=case.ticket, by=case.by, now=case.now, why=why)
