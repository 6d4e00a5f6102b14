"""Raw messages for pages: the list by state and error, one message, and the words for why it is dead."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BooleanField, Count, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from orders.models import InboundMessage, Shipment

PAGE = 50
MOST_ERRORS = 20
MOST_PARCELS = 50
# What a page of the list is not told: the body may hold personal data and has no place in a list.
HIDDEN = ("body", "digest")
STATES: Mapping[str, Any] = {"waiting": _("Waits to be read"), "done": _("Read"), "dead": _("Dead letter")}
TONES = {"waiting": "waiting", "done": "delivered", "dead": "exception"}
OTHER = (_("It cannot be used"), _("The sender's format is not as expected. Compare the body with his documentation."))
WORDS: Mapping[str, tuple[Any, Any]] = {
    "mapping": (_("The mapping is wrong"), _("Correct the mapping of this endpoint, then replay.")),
    "nothing_told": (_("It names no parcel"), _("Nothing to do if the sender only tests; else check the mapping.")),
    "other_shop": (_("Another shop follows the number"), _("Check which shop the parcel belongs to.")),
    "error": (_("Reading it failed"), _("Replay it once the desk has been updated; tell your administrator.")),
    "not_json": (_("It is no JSON"), _("Set the sender to JSON, or give him the endpoint of another source.")),
    "not_xml": (_("It is no XML"), _("Give the sender the endpoint of another source.")),
    "not_a_form": (_("It is no form"), _("Set the sender to form data, or give him the endpoint of another source.")),
    "carrier_error": (_("The carrier answered with an error"), _("See the detail; often the account or the number.")),
    "number_missing": (_("It lacks the tracking number"), _("Check the mapping, or ask the sender to send it.")),
    "no_times": (_("No event has a time that can be read"), _("Check the mapping's path of the time.")),
    "other_news": (_("It tells of something else"), _("Subscribe this address to tracking updates only.")),
    "event_unknown": (_("It tells of something else"), _("Subscribe this address to tracking updates only.")),
    "not_tracking": (_("It tells of something else"), _("Subscribe this address to tracking updates only.")),
}


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list, newest first, and the cursor of the next one ("" on the last)."""

    rows: list["Row"]
    next: str


@dataclass(frozen=True, slots=True)
class Row:
    """A message with its words."""

    message: InboundMessage

    @property
    def state(self) -> str:
        """What became of it."""
        return str(STATES.get(self.message.state, self.message.state))

    @property
    def tone(self) -> str:
        """How its state looks."""
        return TONES.get(self.message.state, "")

    @property
    def why(self) -> str:
        """Why it is dead, in a word; nothing while it is not."""
        return error_title(self.message.error) if self.message.error else ""

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return str(WORDS.get(self.message.error, OTHER)[1]) if self.message.error else ""


def error_title(code: str) -> str:
    """Why messages with this error are dead."""
    return str(WORDS.get(code, OTHER)[0]) + ("" if code in WORDS else f" ({code})")


def narrowed(*, endpoint: int | None = None, state: str = "", error: str = "") -> QuerySet[InboundMessage]:
    """Messages of one endpoint or all, in one state or any, with one error or any."""
    found = InboundMessage.objects.all()
    if endpoint is not None:
        found = found.filter(endpoint=endpoint)
    if state in STATES:
        found = found.filter(state=state)
    return found.filter(error=error) if error else found


def page(found: QuerySet[InboundMessage], *, cursor: str = "", limit: int = PAGE) -> Page:
    """One page; one query. Raises ValueError for a cursor that this list never gave out."""
    rows = found.select_related("endpoint__shop").defer(*HIDDEN).order_by("-day", "-id")
    if cursor:
        before, parameters = "(orders_inboundmessage.day, orders_inboundmessage.id) < (%s, %s)", _read(cursor)
        # The day alone lets whole pieces of the table be passed over.
        rows = rows.filter(RawSQL(before, parameters, output_field=BooleanField()), day__lte=parameters[0])
    listed = list(rows[: limit + 1])
    last = listed[limit - 1] if len(listed) > limit else None
    return Page([Row(each) for each in listed[:limit]], f"{last.day:%Y%m%d}_{last.pk}" if last else "")


def _read(cursor: str) -> tuple[date, int]:
    day, _sep, pk = cursor.partition("_")
    if not (cursor.isascii() and day.isdigit() and len(day) == 8 and pk.isdigit() and len(pk) < 19):
        raise ValueError("This page's address is damaged. Start again from the first page.")
    return date(int(day[:4]), int(day[4:6]), int(day[6:])), int(pk)


def errors(endpoint: int | None = None) -> list[tuple[str, str, int]]:
    """(code, title, how many) of the dead messages, the commonest first; one query."""
    dead = narrowed(endpoint=endpoint, state="dead").order_by().values_list("error").annotate(count=Count("id"))
    return [(code, error_title(code), count) for code, count in dead.order_by("-count", "error")[:MOST_ERRORS]]


def parcels_of(message: InboundMessage) -> list[Shipment]:
    """The parcels it told of, at most fifty."""
    return list(Shipment.objects.select_related("carrier").filter(pk__in=message.parcels[:MOST_PARCELS]).order_by("pk"))
