"""What a source of tracking news is: four pure functions in one file, and what they speak of.

A file in this folder is a source when it defines CODE, TITLE, CODES and `parse`; one that pushes to our door also
defines `verify` and may define HEADERS and `reply`. Nothing lists the files: see `orders.carriers.catalogue`.

What a file writes depends on what its source needs; the door calls every source alike:

    verify(message, secrets)           or verify(message, secrets, setting), when the shop chose the signature
    HEADERS                            or headers_of(setting), when the shop chose the header
    reply(received_at)                 or answer(message), when the source wants back what it sent
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Protocol

from orders.statuses import Canonical
from orders.timeline import Scan

UNMAPPED = Canonical("unknown", "unmapped_code")


class Unusable(ValueError):
    """A message that is what its sender signed and yet cannot be used.

    `code` is a stable word for filters; the text names the field and what should stand there. It never quotes a
    person's data.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Message:
    """What arrived: the raw body, the headers that the source asked to keep (names in lower case), and when."""

    body: bytes
    received_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a shop set up for a source: its time zone, and for the generic source where the fields stand."""

    zone: str = "UTC"
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Eta:
    """When a source expects delivery. `day` is set when only a local date is known; `at` is then that day's end."""

    at: datetime
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What one message says of one parcel.

    `carrier` is the source's own name for the carrier. `feed` tells apart lists that one source keeps for a parcel
    (origin and destination post); it is the scans' `provider_key`. With `snapshot`, `scans` is all that the feed
    knows as of `as_of`, so that a scan missing from a later list was withdrawn; otherwise scans are added to what is
    known. `stopped` says that the source looks no more, with its own word for why in `note`.
    """

    number: str
    scans: tuple[Scan, ...] = ()
    carrier: str = ""
    feed: str = ""
    snapshot: bool = False
    as_of: datetime | None = None
    eta: Eta | None = None
    stopped: bool = False
    note: str = ""
    corrected_carrier: str = ""
    origin_country: str = ""
    dest_country: str = ""
    provider_status: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """The exact answer that a source wants."""

    body: bytes = b'{"received":true}'
    content_type: str = "application/json"
    status: int = 200


class Verify(Protocol):
    """Whether one of the secrets made the message's signature; only some sources look at the setting for it."""

    def __call__(self, message: Message, secrets: Sequence[str], setting: Setting = ..., /) -> bool: ...


Parse = Callable[[Message, Setting], list[Told]]


@dataclass(frozen=True, slots=True)
class Source:
    """A source as found in its file.

    `codes` maps the source's raw codes (as they stand in `Scan.raw_code`) to our list; what is not in it is unknown.
    `verify(message, secrets, setting)` is true when any of the secrets made the signature, compared in constant time;
    None for a source that never pushes. The door keeps the headers of `headers_for(setting)` and sends `answer_to`.
    """

    code: str
    title: str
    codes: Mapping[str, Canonical]
    parse: Parse
    verify: Verify | None = None
    reply: Callable[[datetime], Reply] = lambda _: Reply()
    headers: tuple[str, ...] = ()
    headers_of: Callable[[Setting], tuple[str, ...]] | None = None
    answer: Callable[[Message], Reply] | None = None

    def headers_for(self, setting: Setting) -> tuple[str, ...]:
        """The names, in lower case, of the headers that `verify` and `parse` read."""
        chosen = self.headers_of(setting) if self.headers_of else ()
        return tuple(name.lower() for name in (*self.headers, *chosen))

    def answer_to(self, message: Message) -> Reply:
        """The exact answer to this message; never raises, whatever it holds."""
        return self.answer(message) if self.answer else self.reply(message.received_at)

    @property
    def pushes(self) -> bool:
        """Whether the source calls our door."""
        return self.verify is not None


Shape = Literal["json", "form", "xml"]


def mapped(codes: Mapping[str, Canonical], raw_code: str) -> Canonical:
    """Our status for a source's code; an unread code stays unknown, never a guess."""
    return codes.get(raw_code, UNMAPPED)


def code_map(lines: str) -> dict[str, Canonical]:
    """Read "raw_code status.sub_status" lines, so that a map reads like the source's own table."""
    pairs = (line.split() for line in lines.strip().splitlines() if line.strip())
    return {raw: Canonical.parse(ours) for raw, ours in pairs}
