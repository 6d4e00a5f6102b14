"""Judge one order: what is newly wrong, what changed its grade, what is over, and when to look again."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple, TypeVar

from orders.detectors.base import Detector, Finding, OrderDetector, ParcelDetector
from orders.facts import OrderFacts, ParcelFacts

D = TypeVar("D", bound=Detector)
Key = tuple[str, int | None]
"""Code of an anomaly and the parcel it is about; None for the order itself."""


class Cleared(NamedTuple):
    """An open anomaly that no longer holds, with the reason's code."""

    code: str
    parcel_id: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What to write, and `next_due`: until then nothing can change by itself; None when nothing ever will."""

    opened: list[Finding]
    regraded: list[Finding]
    cleared: list[Cleared]
    next_due: datetime | None


def judge(facts: OrderFacts, detectors: Sequence[Detector], open_codes: Mapping[Key, int], now: datetime) -> Judgement:
    """Judge `facts` as they were known at `now` against the anomalies already open (key to grade).

    An open code that none of the detectors owns, such as a customer's report, is left alone. `next_due` is later than
    `now`; for the same facts and open codes, a judgement at any time before it finds the same codes and grades.
    """
    if facts.placed_at > now:  # replayed history: the order does not exist yet
        known_codes = {detector.code for detector in detectors}
        gone = [Cleared(*key, "no_longer_true") for key in open_codes if key[0] in known_codes]
        return Judgement([], [], gone, facts.placed_at)
    known = facts.as_of(now)
    order_detectors = [detector for detector in detectors if isinstance(detector, OrderDetector)]
    wakes = [detector.due(known, now) for detector in order_detectors]
    if known is not facts:
        wakes.append(facts.next_fact_after(now))
    judgement = Judgement([], [], [], None)
    found = _by_code(detector.inspect(known, now) for detector in order_detectors)
    _weigh(order_detectors, found, open_codes, None, judgement, lambda detector: detector.clears(known, now))
    if known.parcels or open_codes:
        parcel_detectors = [detector for detector in detectors if isinstance(detector, ParcelDetector)]
        for parcel in known.parcels:
            wakes.extend(detector.due(known, parcel, now) for detector in parcel_detectors)
            _judge_parcel(known, parcel, parcel_detectors, open_codes, now, judgement)
        _clear_what_has_no_parcel(known, parcel_detectors, open_codes, judgement)
    return replace(judgement, next_due=min((wake for wake in wakes if wake is not None), default=None))


def _judge_parcel(
    known: OrderFacts,
    parcel: ParcelFacts,
    detectors: Sequence[ParcelDetector],
    open_codes: Mapping[Key, int],
    now: datetime,
    judgement: Judgement,
) -> None:
    found = _by_code(detector.inspect(known, now, parcel) for detector in detectors)
    _weigh(detectors, found, open_codes, parcel.id, judgement, lambda detector: detector.clears(known, now, parcel))


def _by_code(findings: Iterable[Finding | None]) -> dict[str, Finding]:
    return {finding.code: finding for finding in findings if finding is not None}


def _weigh(
    detectors: Sequence[D],
    found: Mapping[str, Finding],
    open_codes: Mapping[Key, int],
    parcel_id: int | None,
    judgement: Judgement,
    reason_of: Callable[[D], str | None],
) -> None:
    """Compare what was found on one subject with what is open there; a weaker finding gives way to a stronger one."""
    if not found and not open_codes:
        return
    for detector in detectors:
        finding = found.get(detector.code)
        grade = open_codes.get((detector.code, parcel_id))
        outweighed = finding is not None and not detector.weaker_than.isdisjoint(found)
        if finding is not None and not outweighed:
            if grade is None:
                judgement.opened.append(finding)
            elif grade != finding.grade:
                judgement.regraded.append(finding)
        elif grade is not None:
            reason = "outweighed" if outweighed else reason_of(detector)
            if reason is not None:
                judgement.cleared.append(Cleared(detector.code, parcel_id, reason))


def _clear_what_has_no_parcel(
    known: OrderFacts, detectors: Sequence[ParcelDetector], open_codes: Mapping[Key, int], judgement: Judgement
) -> None:
    owned = {detector.code for detector in detectors}
    present = {parcel.id for parcel in known.parcels}
    for code, parcel_id in open_codes:
        if parcel_id is not None and parcel_id not in present and code in owned:
            judgement.cleared.append(Cleared(code, parcel_id, "parcel_gone"))
