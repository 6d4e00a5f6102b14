"""What the answers of carriers that are asked, and never call our door, have in common.

Somebody asks such a carrier about a number and hands over its answer as a message. An answer need not repeat the
number: whoever asked names it in the header `x-tracking-number`. An answer without events is read alike for every
carrier:

- "no such shipment" is news: a Told without scans, with the carrier's words in `note`. It touches no scan that is
  known, so a parcel without any stays not_found.no_info and one that the carrier has forgotten keeps its story;
- a refusal to answer (a wrong key, a wrong question, a failure over there) is Unusable("carrier_error");
- of several numbers in one answer those refused are left out, unless all are.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from orders.carriers.base import UNMAPPED, Eta, Message, Told, Unusable, mapped
from orders.carriers.reading import number_of, words
from orders.carriers.times import Moment
from orders.statuses import Canonical
from orders.timeline import Scan

ASKED = "x-tracking-number"
PRIVATE = re.compile(r"(?<!\w)(['\"`]).*?\1|\S+@\S+|\S*\d{5}\S*|\S*[0-9a-f]{8}-\S*")
"""What a carrier's complaint may quote of a question: values, addresses, numbers, tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of an answer. `at` is None when its time can't be read; a remark tells of no scan of the parcel."""

    code: str
    at: Moment | None
    text: str = ""
    city: str = ""
    country: str = ""
    raw_status: str = ""
    is_remark: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What an answer says of the parcel as a whole."""

    carrier: str = ""
    feed: str = ""
    eta: Eta | None = None
    note: str = ""
    origin_country: str = ""
    dest_country: str = ""
    provider_status: str = ""


NOTHING = About()


def told(
    source: str, codes: Mapping[str, Canonical], message: Message, number: str, events: Iterable[Event],
    about: About = NOTHING,
) -> Told:  # fmt: skip
    """All that the carrier knows of one parcel. Lines without a readable time are counted in the note."""
    lines = list(events)
    dated = _oldest_first([line for line in lines if line.at is not None])
    scans = [_scan(source, codes, message, line, about.feed, seq) for seq, line in enumerate(dated, 1)]
    undated = len(lines) - len(scans)
    note = f"{undated} events without a readable time" if undated else about.note
    return Told(
        number=number,
        scans=tuple(scans),
        carrier=words(about.carrier or source, "carrier"),
        feed=words(about.feed, "feed"),
        snapshot=True,
        eta=about.eta,
        note=note,
        origin_country=about.origin_country,
        dest_country=about.dest_country,
        provider_status=words(about.provider_status, "raw_status"),
    )


def _oldest_first(lines: Sequence[Event]) -> Sequence[Event]:
    times = [line.at.at for line in lines if line.at]
    return lines[::-1] if times and times[0] > times[-1] else lines


def _scan(
    source: str, codes: Mapping[str, Canonical], message: Message, line: Event, feed: str, seq: int
) -> Scan:  # fmt: skip
    assert line.at is not None
    code = words(line.code, "raw_code")
    canonical = mapped(codes, code)
    return Scan(
        line.at.at,
        *canonical,
        source=source,
        time_precision=line.at.precision,
        tz_source=line.at.tz_source,
        received_at=message.received_at,
        raw_code=code,
        raw_status=words(line.raw_status, "raw_status"),
        is_physical=not line.is_remark and (canonical == UNMAPPED or canonical.about.is_physical),
        text=words(line.text),
        city=words(line.city, "city"),
        country=line.country,
        provider_key=words(feed, "feed"),
        seq=seq,
    )


def asked_number(message: Message, said: object = "") -> str:
    """The number that the answer names, else the one that was asked for; Unusable when neither is there."""
    return number_of(said if words(said) else message.headers.get(ASKED, ""))


def unfound(source: str, message: Message, said: object = "", text: object = "") -> Told:
    """The carrier knows no such shipment."""
    note = words(text) or "not found"
    return Told(asked_number(message, said), carrier=source, snapshot=True, note=note, provider_status="not_found")


def refusal(title: str, code: object, text: object = "") -> Unusable:
    """The carrier answered with an error of its own. Of its text stays what can't be a value from the question."""
    said = words(PRIVATE.sub("…", words(text)))
    return Unusable(
        "carrier_error", f"{title} answered with the error {words(code) or 'without a code'}. {said}".strip()
    )


def unexpected(title: str, field: str) -> Unusable:
    """The answer is neither news nor an error that this carrier is known to give."""
    return Unusable("not_tracking", f"This is no tracking answer of {title}: it holds no {field}.")


def those_read(read: Iterable[Told | Unusable]) -> list[Told]:
    """The parcels of an answer about several numbers; Unusable when every one was refused."""
    found = list(read)
    good = [each for each in found if isinstance(each, Told)]
    for each in found:
        if not good and isinstance(each, Unusable):
            raise each
    return good


def two_letters(value: Any) -> str:
    """A country's two-letter code, empty for anything else."""
    text = words(value).upper()
    return text if len(text) == 2 and text.isascii() and text.isalpha() else ""


def local_name(element: Element) -> str:
    """The name of the element without its namespace, which differs from version to version of a service."""
    return element.tag.rpartition("}")[2]


def each(element: Element, name: str) -> Iterator[Element]:
    """The element itself and all inside it that bear the name."""
    return (inner for inner in element.iter() if local_name(inner) == name)


def child(element: Element | None, *path: str) -> Element | None:
    """The first element at the path, None when a step is missing."""
    for name in path:
        if element is None:
            return None
        element = next((inner for inner in element if local_name(inner) == name), None)
    return element


def said(element: Element | None, *path: str) -> str:
    """The text at the path, empty when there is none."""
    found = child(element, *path)
    return words(found.text) if found is not None else ""


def check_fault(title: str, root: Element) -> None:
    """Raise Unusable for a SOAP fault."""
    for fault in each(root, "Fault"):
        code = next((said(inner) for inner in each(fault, "errorCode")), "") or said(fault, "faultcode")
        text = next((said(inner) for inner in each(fault, "errorMessage")), "") or said(fault, "faultstring")
        raise refusal(title, code, text)
