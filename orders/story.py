"""One time line of an order: steps, promises, scans of all parcels, anomalies, and what others add to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders import labels, wording
from orders.models import Promise
from orders.showing import Shown

KINDS = {
    "": _("Everything"),
    "milestone": _("Milestones"),
    "scan": _("Scans"),
    "anomaly": _("Anomalies"),
    "ticket": _("Tickets and messages"),
}
ICONS = {
    "milestone": "flag", "promise": "user-check", "scan": "truck", "anomaly": "triangle-alert", "ticket": "inbox",
    "message": "message-square-text",
}  # fmt: skip
# What belongs to the kind that is chosen.
WITH = {"promise": "milestone", "message": "ticket"}
MOST = 120
"""Lines on a page; an order of many parcels has thousands."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened. `tone` is good, bad or empty; `lang` is the language of `text` if that is known."""

    at: datetime
    kind: str
    title: str
    text: str = ""
    place: str = ""
    href: str = ""
    who: str = ""
    tone: str = ""
    lang: str = ""

    @property
    def icon(self) -> str:
        """The icon of its kind."""
        return ICONS.get(self.kind, "circle-dot")

    @property
    def chosen_with(self) -> str:
        """The kind it is filtered by."""
        return WITH.get(self.kind, self.kind)


def story(shown: Shown, promises: Iterable[Promise], others: Iterable[Line], kind: str = "") -> list[Line]:
    """All of it up to the order's present, newest first; of one kind when `kind` is given."""
    lines = [*_steps(shown), *_promises(promises), *_scans(shown), *_anomalies(shown), *others]
    told = [line for line in lines if line.at <= shown.present and kind in ("", line.chosen_with)]
    return sorted(told, key=lambda line: line.at, reverse=True)


def _steps(shown: Shown) -> Iterable[Line]:
    for stage in shown.stages:
        if stage.ended_at is None:
            continue
        late = stage.verdict == "missed"
        text = " · ".join(filter(None, (gettext("later than due") if late else "", stage.evidence)))
        yield Line(stage.ended_at, "milestone", stage.label, text, who=stage.done_by, tone="bad" if late else "good")


def _promises(promises: Iterable[Promise]) -> Iterable[Line]:
    for promise in promises:
        told = gettext("{who} was told: {how}").format(who=promise.told_to, how=promise.get_channel_display())
        yield Line(
            promise.made_at,
            "promise",
            gettext("New promise: {step} by {time}").format(
                step=labels.milestone_label(promise.code), time=wording.shown_time(promise.promised_at)
            ),
            " · ".join(filter(None, (promise.reason, told if promise.told_to else ""))),
            who=str(promise.author or ""),
        )


def _scans(shown: Shown) -> Iterable[Line]:
    several = len(shown.parcels) > 1
    for parcel in shown.parcels:
        for scan in parcel.scans:
            tone = "bad" if scan.bad else "good" if scan.good else ""
            number = parcel.shipment.number if several else ""
            href = f"/parcels/{parcel.shipment.pk}/"
            yield Line(scan.at, "scan", scan.label, scan.text, scan.place, href if several else "", number, tone)


def _anomalies(shown: Shown) -> Iterable[Line]:
    for anomaly in shown.anomalies:
        title = wording.title(anomaly.code)
        yield Line(anomaly.opened_at, "anomaly", title, wording.sentence(anomaly.why, anomaly.params), tone="bad")
        if anomaly.closed_at is not None and anomaly not in shown.open_anomalies:
            over = gettext("{what}: over").format(what=title)
            yield Line(anomaly.closed_at, "anomaly", over, labels.cleared_label(anomaly.close_reason), tone="good")


def counted(lines: Sequence[Line]) -> dict[str, int]:
    """How many lines each kind has."""
    counts = dict.fromkeys(KINDS, 0) | {"": len(lines)}
    for line in lines:
        counts[line.chosen_with] += 1
    return counts
