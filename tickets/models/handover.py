"""Work handed from one department to another."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from ticketdesk.accounts.models import Team
from tickets.models.ticket import END, Ticket


class Handover(models.Model):
    """A question to another team with a deadline; answered in writing, or called back by the team that asked."""

    class State(models.TextChoices):
        OPEN = "open"
        ANSWERED = "answered"
        CALLED_BACK = "called_back"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="handovers", db_index=False)
    from_team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    to_team = models.ForeignKey(Team, models.PROTECT, related_name="handovers", db_index=False)
    question = models.TextField()
    due_by = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=State, default=State.OPEN)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket"], name="handover_open_once", condition=Q(state="open")),
            models.CheckConstraint(
                condition=~Q(state="answered") | (Q(answered_at__isnull=False) & ~Q(answer="")),
                name="handover_answered_in_writing",
            ),
            models.CheckConstraint(condition=Q(due_by__lt=END), name="handover_date_readable"),
        ]
        indexes = [
            models.Index(fields=["ticket", "id"], name="handover_of_ticket"),
            models.Index(fields=["to_team", "ticket"], name="handover_to_team"),
        ]

    def __str__(self) -> str:
        return f"#{self.ticket_id} to team {self.to_team_id}"
