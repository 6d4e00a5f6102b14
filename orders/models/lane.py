"""What lanes have taught, and what was predicted from it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from orders.models.order import Order
from orders.models.shop import Shop


class LaneStat(models.Model):
    """One group of a shop's journeys: all, a weekday, a carrier, a place, a lane, an area at one of its ends.

    Places that the level does not look at are "". Counts hold the weights of the moment of learning and fade on (see
    orders/lanes.py): whoever reads them scales them. The row of level `all` says when and as of when it was learnt.
    """

    class Level(models.TextChoices):
        ALL = "all"
        WEEKDAY = "weekday"
        CARRIER = "carrier"
        ORIGIN = "origin"
        DEST = "dest"
        LANE = "lane"
        ORIGIN_AREA = "origin_area"
        DEST_AREA = "dest_area"

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="lane_stats", db_index=False)
    milestone = models.SlugField(max_length=24, default="handed_over", db_index=False)
    level = models.CharField(max_length=12, choices=Level)
    carrier = models.CharField(max_length=64, blank=True)
    origin = models.CharField(max_length=100, blank=True)
    dest = models.CharField(max_length=100, blank=True)
    effect = models.FloatField(default=0, help_text="Moves the mean of log days; of level all, the mean itself.")
    n = models.PositiveIntegerField(default=0, help_text="Journeys that ended.")
    ended = ArrayField(models.FloatField(), default=list, blank=True)
    still_open = ArrayField(models.FloatField(), default=list, blank=True)
    half_days = models.FloatField(null=True, blank=True, help_text="By then half arrive; empty: not known.")
    most_days = models.FloatField(null=True, blank=True, help_text="By then nine tenths arrive; empty: not known.")
    drift = models.FloatField(null=True, blank=True, help_text="The present median against what was long usual.")
    warned = models.PositiveIntegerField(default=0)
    warned_rightly = models.PositiveIntegerField(default=0)
    muted = models.BooleanField(default=False, help_text="Too few of its warnings came true: none are given.")
    learnt_as_of = models.DateTimeField(help_text="The shop's present when this was learnt.")
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "milestone", "level", "carrier", "origin", "dest"], name="lane_stat_once"
            )
        ]
        indexes = [models.Index(fields=["-n", "-id"], name="lane_busiest", condition=Q(level="lane"))]

    def __str__(self) -> str:
        return " ".join(part for part in (self.level, self.carrier, self.origin, self.dest) if part)

    @property
    def precision(self) -> float | None:
        """Which share of the warnings came true; None before the first."""
        return self.warned_rightly / self.warned if self.warned else None


class LatePrediction(models.Model):
    """What was predicted of one order, as it was said at its hand-over and when a warning was given, and what came."""

    order = models.OneToOneField(Order, models.CASCADE, primary_key=True, related_name="late_prediction")
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="late_predictions", db_index=False)
    carrier = models.CharField(max_length=64, blank=True)
    origin = models.CharField(max_length=100, blank=True)
    dest = models.CharField(max_length=100, blank=True)
    promise_at = models.DateTimeField(help_text="The promise that the prediction is about.")
    made_at = models.DateTimeField(help_text="The first look after the hand-over, in the shop's present.")
    chance = models.FloatField(help_text="P(late) as said then.")
    fired_at = models.DateTimeField(null=True, blank=True)
    fired_chance = models.FloatField(null=True, blank=True)
    late = models.BooleanField(null=True, blank=True, help_text="Empty until it is known.")
    known_at = models.DateTimeField(null=True, blank=True, help_text="When it arrived, or its promise passed.")

    class Meta:
        indexes = [
            models.Index(fields=["shop", "promise_at"], name="prediction_open", condition=Q(late__isnull=True)),
            models.Index(fields=["shop", "-made_at"], name="prediction_newest"),
        ]

    def __str__(self) -> str:
        return f"order {self.order_id}: {self.chance:.0%}"
