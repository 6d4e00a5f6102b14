"""Shops, carriers, and the thresholds a shop sets for its detectors."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from ticketdesk.accounts.sealed import SealedTextField


class Shop(models.Model):
    """One shop, trading company or logistics client whose orders are followed."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="Asia/Shanghai")
    country = models.CharField(max_length=2, default="CN")
    currency = models.CharField(max_length=3, default="CNY")
    language = models.CharField(max_length=16, default="zh-hans")
    calendar_code = models.SlugField(default="cn_business", help_text="Business hours for this shop's clocks.")
    high_value = models.DecimalField(
        max_digits=14, decimal_places=2, default=5000, help_text="From this order value on, a ticket's grade is raised."
    )
    contact_name = models.CharField(max_length=80, blank=True, help_text="Whom buyers turn to: a team or a person.")
    contact_email = models.EmailField(blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    notices_since = models.DateTimeField(
        null=True, blank=True, help_text="Buyers are told of what happens from this moment on; empty: never."
    )
    notice_hook_url = models.URLField(
        max_length=300, blank=True, help_text="Notices are also posted here, for SMS and messengers."
    )
    notice_hook_secret = SealedTextField(blank=True, default="")
    present_at = models.DateTimeField(
        null=True, blank=True, help_text="The moment that the desk takes as the present when history is replayed."
    )
    keeps_buyer_data = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Orders come with name, phone and address; one without is an anomaly.",
    )
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name

    def present(self, now: datetime) -> datetime:
        """The present of this shop: the replayed moment, or `now`."""
        return self.present_at or now


class Carrier(models.Model):
    """A carrier as people know it."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    name_zh = models.CharField(max_length=80, blank=True)
    tracking_url = models.CharField(max_length=200, blank=True, help_text="{number} stands for the tracking number.")

    def __str__(self) -> str:
        return self.name


class DetectorSetting(models.Model):
    """A shop's thresholds for one detector, perhaps for one carrier or lane only. Versions are never edited.

    Of each place the newest counts; lane and carrier together go before lane, carrier, and the whole shop. Whether the
    detector is on, and whether in shadow mode, is said for the whole shop.
    """

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="detector_settings")
    detector = models.SlugField()
    carrier = models.ForeignKey(
        Carrier, models.CASCADE, null=True, blank=True, related_name="+", db_index=False, help_text="Empty: every one."
    )
    lane = models.CharField(
        max_length=5, blank=True, default="", db_default="", help_text="Countries such as CN-US; empty: every lane."
    )
    version = models.PositiveIntegerField(default=1)
    enabled = models.BooleanField(default=True)
    shadow = models.BooleanField(
        default=False, db_default=False, help_text="It finds, and nobody is told: no ticket, no notice."
    )
    seconds = models.JSONField(default=dict, help_text="Threshold name to seconds; a missing one keeps the default.")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "detector", "carrier", "lane", "version"],
                name="detector_setting_version",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.detector} of shop {self.shop_id}, version {self.version}"

    @property
    def limits(self) -> dict[str, timedelta]:
        """The thresholds as durations."""
        return {name: timedelta(seconds=value) for name, value in self.seconds.items()}
