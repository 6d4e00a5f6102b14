"""The ticket, and the record of everything that happened to it."""

from datetime import UTC, datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from orders.models import Anomaly, Carrier, Customer, Incident, Order, Shop
from ticketdesk.accounts.models import Team
from tickets import lifecycle
from tickets.querysets import TicketQuerySet

# Nothing is due so late. What the database takes beyond the year 9999, Python could never read again.
END = datetime(2200, 1, 1, tzinfo=UTC)
OPEN = Q(closed_at__isnull=True)
# What somebody still has to work on: solved tickets wait for the customer's word only.
LIVE = Q(status__in=lifecycle.LIVE)
# Of these, what is on somebody's board: a muted one is looked after by its incident's ticket.
AWAKE = LIVE & Q(muted=False)


class Ticket(models.Model):
    """One piece of work. Its number is its id. `respond_by`, `resolve_by`, `due_by` and `paused` are written by sla."""

    class Status(models.TextChoices):
        NEW = "new", _("New")
        ACCEPTED = "accepted", _("Accepted")
        IN_PROGRESS = "in_progress", _("In progress")
        WAITING = "waiting", _("Waiting")
        SOLVED = "solved", _("Solved")
        CLOSED = "closed", _("Closed")

    class Kind(models.TextChoices):
        CONSULTATION = "consultation", _("Consultation")
        ORDER_CHANGE = "order_change", _("Order change")
        COMPLAINT = "complaint", _("Complaint")
        AFTER_SALE = "after_sale", _("After-sale")
        LOGISTICS = "logistics", _("Logistics anomaly")
        INTERNAL = "internal", _("Internal")

    class Channel(models.TextChoices):
        DETECTOR = "detector", _("Found by TicketDesk")
        PHONE = "phone", _("Phone")
        EMAIL = "email", _("E-mail")
        WEB = "web", _("Web form")
        CHAT = "chat", _("Chat")
        MARKETPLACE = "marketplace", _("Marketplace")
        API = "api", _("API")
        INTERNAL = "internal", _("Internal")

    class Scope(models.TextChoices):
        SINGLE = "single", _("Single")
        BATCH = "batch", _("Batch")
        SYSTEMIC = "systemic", _("Systemic")

    class WaitingFor(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        CARRIER = "carrier", _("Carrier")
        DEPARTMENT = "department", _("Department")

    class Cause(models.TextChoices):
        DELAY = "delay", _("Delay")
        LOSS_DAMAGE = "loss_damage", _("Loss or damage")
        REFUSAL = "refusal", _("Refusal")
        QUALITY = "quality", _("Quality")
        WRONG_GOODS = "wrong_goods", _("Wrong goods")
        SERVICE = "service", _("Service")
        INFORMATION = "information", _("Information")

    shop = models.ForeignKey(Shop, models.PROTECT, related_name="tickets", db_index=False)
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="tickets", db_index=False)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="tickets")
    anomaly = models.ForeignKey(Anomaly, models.PROTECT, null=True, blank=True, related_name="tickets")
    carrier = models.ForeignKey(
        Carrier, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        help_text="Of the anomaly's parcel; a copy, for lists and charts.",
    )  # fmt: skip
    anomaly_code = models.SlugField(max_length=40, blank=True, db_index=False)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.CONSULTATION)
    channel = models.CharField(max_length=16, choices=Channel, default=Channel.INTERNAL)
    scope = models.CharField(max_length=16, choices=Scope, default=Scope.SINGLE)
    subject = models.CharField(
        max_length=200, blank=True, help_text="Empty: the anomaly's title, in the reader's language."
    )
    language = models.CharField(max_length=16, blank=True)
    incident = models.OneToOneField(
        Incident, models.PROTECT, null=True, blank=True, related_name="ticket", help_text="Of its parent ticket only."
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", db_index=False,
        help_text="The ticket of the incident that this one belongs to.",
    )  # fmt: skip
    muted = models.BooleanField(default=False, help_text="Its parent stands for it: no clock, no place on the board.")
    grade = models.PositiveSmallIntegerField(default=3)
    grade_factors = models.JSONField(
        default=list, help_text="Why this grade: [{code, step, params}] in the order applied."
    )
    expected_loss = models.DecimalField(
        max_digits=14, decimal_places=2, default=0, db_default=0,
        help_text="What it may cost, in the base currency of losses.toml; 0 until it is valued.",
    )  # fmt: skip
    loss_factors = models.JSONField(
        default=list, db_default=models.Value([], models.JSONField()), help_text="Why so much: [{code, by, params}]."
    )
    tier = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=16, choices=Status, default=Status.NEW)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="tickets", db_index=False)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="tickets", db_index=False
    )
    holder = models.CharField(max_length=16, default="front_line", help_text="Who holds the ball.")
    waiting_for = models.CharField(max_length=16, choices=WaitingFor, blank=True)
    waiting_reason = models.CharField(max_length=200, blank=True)
    call_back_at = models.DateTimeField(null=True, blank=True)
    respond_by = models.DateTimeField(null=True, blank=True)
    resolve_by = models.DateTimeField(null=True, blank=True)
    due_by = models.DateTimeField(null=True, blank=True, help_text="The next deadline that runs; empty while paused.")
    paused = models.BooleanField(default=False)
    responded_at = models.DateTimeField(null=True, blank=True)
    cause = models.CharField(max_length=16, choices=Cause, blank=True)
    resolution = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    touched_at = models.DateTimeField(null=True, blank=True, help_text="When somebody first did something with it.")
    accepted_at = models.DateTimeField(null=True, blank=True)
    solved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    cause_cleared_at = models.DateTimeField(null=True, blank=True, help_text="What raised it is over by itself.")
    reopened = models.PositiveSmallIntegerField(default=0)
    external_id = models.CharField(max_length=64, null=True, blank=True, help_text="The gateway's own id.")
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    objects = TicketQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "anomaly_code"],
                name="ticket_open_once",
                condition=OPEN & ~Q(anomaly_code=""),
            ),
            models.UniqueConstraint(
                fields=["customer"], name="ticket_care_once", condition=OPEN & Q(anomaly_code="repeat_victim")
            ),
            models.CheckConstraint(condition=Q(muted=False) | Q(parent__isnull=False), name="ticket_muted_by_parent"),
            models.UniqueConstraint(
                fields=["shop", "channel", "external_id"],
                name="ticket_of_gateway",
                condition=Q(external_id__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(*((f"{name}__lt", END) for name in ("call_back_at", "respond_by", "resolve_by", "due_by"))),
                name="ticket_dates_readable",
            ),
            models.CheckConstraint(condition=Q(grade__range=(1, 4)), name="ticket_grade"),
            models.CheckConstraint(condition=Q(tier__range=(1, 3)), name="ticket_tier"),
            models.CheckConstraint(
                condition=~Q(status="waiting") | (Q(call_back_at__isnull=False) & ~Q(waiting_reason="")),
                name="ticket_waiting_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False)
                | (~Q(status="closed") & Q(closed_at__isnull=True)),
                name="ticket_closed_has_time",
            ),
        ]
        indexes = [
            # The board and the wall: live work by deadline, everybody's, a team's, a person's. NULLs (paused) last.
            # What else views, filters and charts ask for lies in them, so that they need not look into the table.
            models.Index(
                fields=["due_by", "id"],
                include=["team", "assignee", "status", "shop", "grade", "paused", "anomaly_code", "carrier"],
                name="ticket_awake_by_deadline",
                condition=AWAKE,
            ),
            models.Index(
                fields=["assignee", "due_by", "id"],
                include=["team", "status", "shop"],
                name="ticket_awake_of_person",
                condition=AWAKE,
            ),
            models.Index(fields=["team", "due_by", "id"], name="ticket_awake_due_of_team", condition=AWAKE),
            models.Index(
                fields=["-expected_loss", "-id"],
                include=["team", "assignee", "status", "shop", "grade"],
                name="ticket_awake_by_loss",
                condition=AWAKE,
            ),
            models.Index(fields=["parent", "id"], name="ticket_of_parent", condition=Q(parent__isnull=False)),
            models.Index(fields=["due_by", "id"], name="ticket_muted", condition=LIVE & Q(muted=True)),
            models.Index(fields=["order"], name="ticket_of_order"),
            # The newest, and how many came in on which day.
            models.Index(fields=["-opened_at", "-id"], include=["shop", "team"], name="ticket_newest"),
            models.Index(
                fields=["-solved_at", "-id"],
                include=["team", "assignee", "status", "shop"],
                name="ticket_newest_solved",
                condition=Q(solved_at__isnull=False),
            ),
            models.Index(
                fields=["shop", "call_back_at"], name="ticket_call_back", condition=Q(call_back_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def is_live(self) -> bool:
        """Whether somebody still has to work on it."""
        return self.status not in (self.Status.SOLVED, self.Status.CLOSED)


class TicketEvent(models.Model):
    """Who did what when, from what to what, and why. Rows are only ever added (a trigger refuses anything else)."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="events", db_index=False)
    kind = models.CharField(max_length=24)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(help_text="When it happened, in the shop's present.")
    recorded_at = models.DateTimeField(db_default=Now())
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["ticket", "id"], name="event_of_ticket")]

    def __str__(self) -> str:
        return f"{self.kind} on #{self.ticket_id}"
