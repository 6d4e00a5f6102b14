"""Handing work to another department and back."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ticketdesk.accounts.models import Team, User
from tickets import access
from tickets.models import Handover, Ticket
from tickets.services.acting import Refused, acting, department_of


def hand_over(
    *, ticket: Ticket, by: User, now: datetime, to_team: Team, question: str, due_by: datetime,
    version: int | None = None,
) -> Handover:  # fmt: skip
    """Ask another team something, with a deadline. Until it answers it holds the ball."""
    if not question.strip():
        raise Refused("question", _("Say what the other team is to do."))
    if due_by <= now:
        raise Refused("due_by", _("The deadline has passed already. Choose a later one."))
    with acting("hand_over", ticket, by, now, version) as act:
        if to_team.pk == act.ticket.team_id:
            raise Refused("to_team", _("The ticket is with this team already. Choose another one."))
        if act.ticket.handovers.filter(state=Handover.State.OPEN).exists():
            raise Refused("to_team", _("Another team has been asked already. Call that back, or wait for its answer."))
        handover = Handover.objects.create(
            ticket=act.ticket, from_team=act.ticket.team, to_team=to_team, question=question.strip(), due_by=due_by,
            asked_by=by, asked_at=now,
        )  # fmt: skip
        act.stop_waiting()
        act.ticket.holder = to_team.department
        act.note(handover=handover.pk, to_team=to_team.pk, department=to_team.department, due_by=due_by.isoformat())
        for member_id in to_team.members.filter(is_active=True).values_list("id", flat=True):
            act.tell_person(
                member_id, "handed_over", gettext_noop("{who} handed ticket #{ticket} over to your team."), who=str(by)
            )
    return handover


def answer(*, ticket: Ticket, by: User, now: datetime, answer: str, version: int | None = None) -> Handover:
    """Answer the open hand-over in writing; the ball goes back to the ticket's own team."""
    if not answer.strip():
        raise Refused("answer", _("Write the result."))
    with acting("answer", ticket, by, now, version) as act:
        handover = act.open_handover()
        if not (by.is_supervisor or handover.to_team_id in by.team_ids):
            raise access.NotAllowed(_("Only a member of the team that was asked may answer."))
        close_handover(handover, Handover.State.ANSWERED, by, now, answer.strip())
        act.ticket.holder = department_of(act.ticket)
        act.note(handover=handover.pk, from_team=handover.to_team_id)
        act.tell_person(
            act.ticket.assignee_id or handover.asked_by_id,
            "answered",
            gettext_noop("{who} answered on ticket #{ticket}."),
            who=str(by),
        )
    return handover


def call_back(*, ticket: Ticket, by: User, now: datetime, version: int | None = None) -> Handover:
    """Take back a question that another team has not answered."""
    with acting("call_back", ticket, by, now, version) as act:
        handover = act.open_handover()
        close_handover(handover, Handover.State.CALLED_BACK, None, None, "")
        act.ticket.holder = department_of(act.ticket)
        act.note(handover=handover.pk, from_team=handover.to_team_id)
    return handover


def close_handover(handover: Handover, state: Handover.State, by: User | None, at: datetime | None, text: str) -> None:
    """End a hand-over: answered by somebody at some time in writing, or called back."""
    handover.state, handover.answered_by, handover.answered_at, handover.answer = state, by, at, text
    handover.save(update_fields=["state", "answered_by", "answered_at", "answer"])
