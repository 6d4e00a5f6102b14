"""Clocks: one row per obligation, and the record of what happened to each."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from orders.models import Shop
from sla.models.calendar import CalendarVersion
from sla.models.policy import PolicyVersion
from ticketdesk.accounts.models import Team
from tickets.models import Ticket


class Metric(models.TextChoices):
    FIRST_RESPONSE = "first_response", _("First response")
    NEXT_RESPONSE = "next_response", _("Next response")
    SOLUTION = "solution", _("Solution")
    HANDOVER = "handover", _("Hand-over")


class State(models.TextChoices):
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    MET = "met", _("Met")
    LATE = "late", _("Met late")
    CANCELLED = "cancelled", _("Cancelled")


OPEN = Q(state__in=("running", "paused"))


class Clock(models.Model):
    """One obligation of a ticket: answer, answer again, solve, or a department's answer to a hand-over.

    The row is the last page of the clock's story (`events`); sla.clockwork says what its columns mean. `team`, `grade`
    and `shop` are copies of the ticket's, for the wall and the sweep. `next_fire_at` is when the sweep must look at it
    again: NULL while it pauses and when nothing is to come. `epoch` counts how often the clock was planned anew.
    """

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="clocks", db_index=False)
    # Copies: the ticket's own columns carry the foreign keys.
    shop = models.ForeignKey(Shop, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    team = models.ForeignKey(
        Team, models.DO_NOTHING, null=True, blank=True, related_name="+", db_index=False, db_constraint=False
    )
    grade = models.PositiveSmallIntegerField()
    metric = models.CharField(max_length=16, choices=Metric)
    cycle = models.PositiveSmallIntegerField(default=1)
    holder = models.CharField(max_length=16, help_text="Whose obligation it is: the front line, or a department.")
    policy_version = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="+", db_index=False)
    calendar_version = models.ForeignKey(CalendarVersion, models.PROTECT, related_name="+", db_index=False)
    rule = models.CharField(max_length=80, blank=True, help_text="The policy's rule that set the target.")
    state = models.CharField(max_length=12, choices=State, default=State.RUNNING)
    target_s = models.PositiveIntegerField()
    grace_s = models.IntegerField(default=0)
    consumed_s = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    running_since = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    stop_reason = models.CharField(max_length=40, blank=True)
    first_verdict = models.CharField(max_length=4, blank=True, help_text="Kept when the ticket is reopened.")
    first_due_at = models.DateTimeField(null=True, blank=True, help_text="The due time that verdict was given on.")
    # The period that attainment counts it in; once judged it never moves, so a closed month never changes.
    judged_due_at = models.GeneratedField(
        expression=Coalesce("first_due_at", "breached_at"),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )
    next_fire_at = models.DateTimeField(null=True, blank=True)
    epoch = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "metric", "cycle", "holder"], name="clock_once"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="clock_state_is_known"),
            models.CheckConstraint(
                condition=Q(state="running", running_since__isnull=False, due_at__isnull=False)
                | (~Q(state="running") & Q(running_since__isnull=True)),
                name="clock_running_has_due",
            ),
            models.CheckConstraint(
                condition=OPEN & Q(stopped_at__isnull=True) | ~OPEN & Q(stopped_at__isnull=False),
                name="clock_finished_has_time",
            ),
            models.CheckConstraint(
                condition=Q(next_fire_at__isnull=True) | Q(state="running"), name="clock_only_running_fires"
            ),
            models.CheckConstraint(
                condition=~Q(state="late") | Q(breached_at__isnull=False), name="clock_late_has_breach"
            ),
            models.CheckConstraint(
                condition=~Q(state="met") | Q(breached_at__isnull=True), name="clock_met_has_no_breach"
            ),
            models.CheckConstraint(
                condition=Q(breached_at__isnull=True) | Q(due_at=F("breached_at")), name="clock_breached_when_due"
            ),
        ]
        indexes = [
            # The only index that the sweep reads.
            models.Index(fields=["shop", "next_fire_at"], name="clock_fires", condition=Q(next_fire_at__isnull=False)),
            models.Index(fields=["team", "due_at"], name="clock_running", condition=Q(state="running")),
            # Attainment and response times: an index-only scan over the period asked for.
            models.Index(
                fields=["metric", "judged_due_at"],
                include=["first_verdict", "consumed_s", "shop", "team"],
                name="clock_judged",
                condition=Q(judged_due_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} of #{self.ticket_id}, cycle {self.cycle}"


class ClockEvent(models.Model):
    """What happened to a clock; rows are only ever added (a trigger refuses anything else).

    Causes (start, pause, resume, retarget, rebase, stop, cancel, reopen) make the clock's row when they are folded in
    the order of `event_at`; announcements (breach, retract) only tell. See sla.story.
    """

    clock = models.ForeignKey(Clock, models.CASCADE, related_name="events", db_index=False)
    kind = models.CharField(max_length=12)
    event_at = models.DateTimeField(help_text="When it happened, in the shop's present.")
    recorded_at = models.DateTimeField(db_default=Now())
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["clock", "id"], name="clock_event_of_clock")]

    def __str__(self) -> str:
        return f"{self.kind} of clock {self.clock_id}"
