"""Where tracking news comes in: doors, raw messages, what a source last said of a parcel, codes and their meaning."""

import secrets

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from orders.models.shipment import Shipment
from orders.models.shop import Shop
from ticketdesk.accounts.sealed import SealedTextField


def new_key() -> str:
    """A key for a door's address that nobody guesses."""
    return secrets.token_urlsafe(18)


class Endpoint(models.Model):
    """A shop's door for one source, `/hooks/tracking/<source>/<key>/`, or a source that we ask ourselves.

    Two secrets count at once, so that a sender can change his without losing a message.
    """

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="endpoints")
    source = models.SlugField(max_length=24, db_index=False, help_text="A code of orders.carriers.catalogue().")
    name = models.CharField(max_length=80)
    key = models.CharField(max_length=40, unique=True, default=new_key)
    secret = SealedTextField(blank=True)
    next_secret = SealedTextField(blank=True, help_text="Counts as well: set it before the sender changes his.")
    fields = models.JSONField(default=dict, blank=True, help_text="The generic source: where its fields stand.")
    poll_url = models.CharField(max_length=300, blank=True, help_text="{number} stands for the tracking number.")
    poll_header = SealedTextField(blank=True, help_text='One header line, such as "Authorization: Bearer …".')
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())
    last_message_at = models.DateTimeField(null=True, blank=True)
    silent_since = models.DateTimeField(null=True, blank=True, help_text="Messages stopped coming at an unusual time.")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    @property
    def code_source(self) -> str:
        """The key of its codes: two generic senders mean different things by the same word."""
        return f"generic:{self.pk}" if self.source == "generic" else self.source


class InboundMessage(models.Model):
    """A raw message as it came, sealed and compressed, until it has been read; kept some weeks to read it again.

    The table is partitioned by `day`; the database's key is (day, id), and (day, endpoint, digest) is unique, so
    that a message sent twice on one day is stored once.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        DEAD = "dead"

    day = models.DateField()
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="messages", db_index=False)
    digest = models.BinaryField(max_length=16)
    received_at = models.DateTimeField(db_default=Now())
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    size = models.PositiveIntegerField(help_text="Bytes of the body as it came.")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=40, blank=True, help_text="Stable word: why it is dead.")
    detail = models.CharField(max_length=300, blank=True)
    parcels = ArrayField(models.BigIntegerField(), default=list, help_text="Ids of the parcels it told of.")
    events = models.PositiveIntegerField(default=0, help_text="Scans in it that were new.")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "endpoint", "digest"], name="message_once_a_day")]
        indexes = [
            models.Index(fields=["id"], condition=Q(state="waiting"), name="message_waiting"),
            models.Index(fields=["-id"], condition=Q(state="dead"), name="message_dead"),
            GinIndex(fields=["parcels"], name="message_of_parcel"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class FeedHour(models.Model):
    """What came through a door in one hour. `delays` counts events by the delay from scan to arrival (DELAYS_S)."""

    # Upper ends of the bins; the last bin is open.
    DELAYS_S = (60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400, 259200)

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="hours", db_index=False)
    hour = models.DateTimeField()
    messages = models.PositiveIntegerField(default=0)
    events = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0, help_text="Byte-identical messages that were not kept.")
    refused = models.PositiveIntegerField(default=0, help_text="Wrong signatures.")
    dead = models.PositiveIntegerField(default=0)
    delays = ArrayField(models.PositiveIntegerField(), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["endpoint", "hour"], name="hour_of_feed")]

    def __str__(self) -> str:
        return f"endpoint {self.endpoint_id} at {self.hour:%Y-%m-%d %H:00}"


class ParcelFeed(models.Model):
    """What one source (and list within it) last said of a parcel. The newest snapshot decides what was withdrawn."""

    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="feeds", db_index=False)
    source = models.CharField(max_length=32)
    feed = models.CharField(max_length=64, blank=True)
    as_of = models.DateTimeField(null=True, blank=True, help_text="Of the newest snapshot, by the source's clock.")
    size = models.PositiveIntegerField(default=0, help_text="Scans in the newest snapshot.")
    digest = models.BinaryField(max_length=16, default=bytes)
    oldest_at = models.DateTimeField(null=True, blank=True, help_text="Older scans were only trimmed.")
    eta_at = models.DateTimeField(null=True, blank=True)
    eta_day = models.DateField(null=True, blank=True)
    provider_status = models.CharField(max_length=64, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True, help_text="The source looks no more.")
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shipment", "source", "feed"], name="feed_of_parcel")]

    def __str__(self) -> str:
        return f"{self.source} on parcel {self.shipment_id}"


class ParcelChange(models.Model):
    """A parcel has scans that are not folded into its row yet. Rows are only added and taken, so nobody waits."""

    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="+", db_index=False)
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", db_index=False)

    def __str__(self) -> str:
        return f"parcel {self.shipment_id}"


class ParcelPoll(models.Model):
    """When a source that does not push is asked about a parcel again."""

    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="polls", db_index=False)
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="polls")
    due_at = models.DateTimeField()
    failures = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shipment", "endpoint"], name="poll_of_parcel")]
        indexes = [models.Index(fields=["due_at"], name="poll_next")]

    def __str__(self) -> str:
        return f"parcel {self.shipment_id} at {self.due_at:%Y-%m-%d %H:%M}"


class CodeMap(models.Model):
    """An administrator's meaning for a source's code. Versions are never edited; the newest counts, over our own."""

    source = models.CharField(max_length=32)
    raw_code = models.CharField(max_length=64)
    version = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=24)
    sub_status = models.CharField(max_length=32)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "raw_code", "version"], name="code_map_version")]

    def __str__(self) -> str:
        return f"{self.source} {self.raw_code} = {self.status}.{self.sub_status}"


class UnknownCode(models.Model):
    """A code that nobody has read yet: how often it came, and what it came with."""

    source = models.CharField(max_length=32)
    raw_code = models.CharField(max_length=64)
    count = models.PositiveIntegerField(default=0)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    sample_text = models.CharField(max_length=500, blank=True)
    sample_parcel = models.ForeignKey(Shipment, models.SET_NULL, null=True, blank=True, related_name="+")
    mapped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "raw_code"], name="unknown_code_once")]
        indexes = [models.Index(fields=["-last_seen_at", "-id"], condition=Q(mapped_at=None), name="unknown_unread")]

    def __str__(self) -> str:
        return f"{self.source} {self.raw_code}"


class Remap(models.Model):
    """Reading stored scans again after a code got a new meaning: goes on where it was when its worker dies."""

    code_map = models.OneToOneField(CodeMap, models.CASCADE, related_name="remap")
    total = models.PositiveIntegerField(default=0, help_text="Parcels that hold the code.")
    done = models.PositiveIntegerField(default=0)
    cursor = models.BigIntegerField(default=0, help_text="The last parcel that was read again.")
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(ended_at=None), name="remap_open")]

    def __str__(self) -> str:
        return f"{self.done} of {self.total}"
