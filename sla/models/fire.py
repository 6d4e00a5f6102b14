"""The ledger of steps: one row per repetition of a step, so that nothing acts twice."""

from django.db import models
from django.db.models.functions import Now

from sla.models.clock import Clock


class Fire(models.Model):
    """One repetition of one step of one clock: it acted, or was passed over because a higher tier was due as well."""

    class Outcome(models.TextChoices):
        ACTED = "acted"
        SKIPPED = "skipped"

    pk = models.CompositePrimaryKey("clock_id", "step_key", "repeat_no")
    clock = models.ForeignKey(Clock, models.CASCADE, related_name="fires", db_index=False)
    step_key = models.CharField(max_length=40)
    repeat_no = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome)
    due_at = models.DateTimeField(help_text="When the step became due.")
    fired_at = models.DateTimeField(help_text="The shop's present when the sweep took it.")
    recorded_at = models.DateTimeField(db_default=Now())
    epoch = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(outcome__in=("acted", "skipped")), name="fire_outcome")
        ]

    def __str__(self) -> str:
        return f"step {self.step_key} of clock {self.clock_id}"
