"""Customs hold: the parcel does not leave customs."""

from orders.detectors.base import HOUR, StatusDetector, gettext_noop, limits
from orders.facts import ParcelFacts

ASKED = {
    "info_required": gettext_noop("Customs need documents for parcel {number}."),
    "duty_unpaid": gettext_noop("Duty or tax for parcel {number} is unpaid."),
    "prohibited": gettext_noop("Customs say that parcel {number} holds prohibited goods."),
}


class CustomsHold(StatusDetector):
    """Customs ask for something or hold it, or clearance has taken `after` hours."""

    code = "customs_hold"
    title = gettext_noop("Held by customs")
    department = "customs"
    grade = 2
    thresholds = limits(after=72 * HOUR)
    reported = frozenset(
        {("customs", "held"), ("customs", "info_required"), ("customs", "duty_unpaid"), ("customs", "prohibited")}
    )
    why = gettext_noop("Customs hold parcel {number}.")
    waiting = frozenset({("customs", "presented"), ("customs", "processing")})
    why_waiting = gettext_noop("Parcel {number} has been in clearance for {hours} h; the limit is {limit} h.")

    def sentence(self, parcel: ParcelFacts) -> str:
        return ASKED.get(parcel.sub_status, self.why)
