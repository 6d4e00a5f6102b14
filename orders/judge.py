"""Judge one order: what is newly wrong, what changed its grade, what is over, and when to look again."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    """What to write, and `next_due`: until then nothing can change by itself; None when nothing ever will.

    `outweighed_by`: of what was cleared because of it, the code of the graver anomaly.
    """

    opened: list[Finding]
    regraded: list[Finding]
    cleared: list[Cleared]
    next_due: datetime | None
    outweighed_by: dict[Key, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Past:
    """What is on record of an order's anomalies.

    `settled`: when somebody resolved one by hand; the same trouble is not found again, one that began later is.
    `scanned`: the last scan that was known when an open one was found; None when there was none.
    """

    settled: Mapping[Key, datetime] = field(default_factory=dict)
    scanned: Mapping[Key, datetime | None] = field(default_factory=dict)


NOTHING_PAST = Past()


def judge(
    facts: OrderFacts,
    detectors: Sequence[Detector],
    open_codes: Mapping[Key, int],
    now: datetime,
    past: Past = NOTHING_PAST,
) -> Judgement:
    """Judge `facts` as they were known at `now` against the anomalies already open (key to grade).

    An open code that none of the detectors owns, such as a customer's report, is left alone. `next_due` is later than
    `now`; for the same facts and open codes, a judgement at any time before it finds the same codes and grades.
    """
    if facts.placed_at > now:  # replayed history: the order does not exist yet
        known_codes = {detector.code for detector in detectors if not detector.reportable}
        gone = [Cleared(*key, "no_longer_true") for key in open_codes if key[0] in known_codes]
        return Judgement([], [], gone, facts.placed_at)
    known = facts.as_of(now)
    order_detectors = [detector for detector in detectors if isinstance(detector, OrderDetector)]
    wakes = [detector.due(known, now) for detector in order_detectors]
    if known is not facts:
        wakes.append(facts.next_fact_after(now))
    judgement = Judgement([], [], [], None)
    found = _by_code(detector.inspect(known, now) for detector in order_detectors)
    _weigh(order_detectors, found, open_codes, None, judgement, lambda detector: detector.clears(known, now), past)
    if known.parcels or open_codes:
        parcel_detectors = [detector for detector in detectors if isinstance(detector, ParcelDetector)]
        for parcel in known.parcels:
            seated = [detector.at(parcel) for detector in parcel_detectors]
            wakes.extend(detector.due(known, parcel, now) for detector in seated)
            _judge_parcel(known, parcel, seated, open_codes, now, judgement, past)
        _clear_what_has_no_parcel(known, parcel_detectors, open_codes, judgement)
    return replace(judgement, next_due=min((wake for wake in wakes if wake is not None), default=None))


def _judge_parcel(
    known: OrderFacts,
    parcel: ParcelFacts,
    detectors: Sequence[ParcelDetector],
    open_codes: Mapping[Key, int],
    now: datetime,
    judgement: Judgement,
    past: Past,
) -> None:
    found = _by_code(detector.inspect(known, now, parcel) for detector in detectors)

    def reason_of(detector: ParcelDetector) -> str | None:
        reason = detector.clears(known, now, parcel)
        if reason == "new_scan" and detector.clears_by_scan and not _moved(parcel, detector.code, past):
            return None
        return reason

    _weigh(detectors, found, open_codes, parcel.id, judgement, reason_of, past)


def _moved(parcel: ParcelFacts, code: str, past: Past) -> bool:
    """Whether somebody had the parcel in his hands later than any scan that was known when `code` was found."""
    key = (code, parcel.id)
    if key not in past.scanned:
        return True
    known = past.scanned[key]
    return parcel.last_physical_at is not None and (known is None or parcel.last_physical_at > known)


def _by_code(findings: Iterable[Finding | None]) -> dict[str, Finding]:
    return {finding.code: finding for finding in findings if finding is not None}


def _weigh(
    detectors: Sequence[D],
    found: Mapping[str, Finding],
    open_codes: Mapping[Key, int],
    parcel_id: int | None,
    judgement: Judgement,
    reason_of: Callable[[D], str | None],
    past: Past,
) -> None:
    """Compare what was found on one subject with what is open there; a weaker finding gives way to a stronger one."""
    if not found and not open_codes:
        return
    loud = {detector.code for detector in detectors if not detector.shadow} & found.keys()
    for detector in detectors:
        key = (detector.code, parcel_id)
        finding, grade = found.get(detector.code), open_codes.get(key)
        if finding is None and grade is None:
            continue
        # What finds in silence takes nobody's place, except that of another that is silent.
        stronger = detector.weaker_than & (found.keys() if detector.shadow else loud)
        if finding is not None and not stronger:
            if grade is None:
                if key not in past.settled or finding.since > past.settled[key]:
                    judgement.opened.append(finding)
            elif grade != finding.grade:
                judgement.regraded.append(finding)
        elif grade is not None:
            reason = "outweighed" if stronger else reason_of(detector)
            if reason is not None:
                judgement.cleared.append(Cleared(*key, reason))
            if stronger:
                judgement.outweighed_by[key] = min(stronger, key=lambda code: (found[code].grade, code))


def _clear_what_has_no_parcel(
    known: OrderFacts, detectors: Sequence[ParcelDetector], open_codes: Mapping[Key, int], judgement: Judgement
) -> None:
    owned = {detector.code for detector in detectors}
    present = {parcel.id for parcel in known.parcels}
    for code, parcel_id in open_codes:
        if parcel_id is not None and parcel_id not in present and code in owned:
            judgement.cleared.append(Cleared(code, parcel_id, "parcel_gone"))
