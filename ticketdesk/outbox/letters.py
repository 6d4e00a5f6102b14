"""What a composer answers when the sweep asks what to send: a letter, or why there is none now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail to one address. `carries` are ids of collected deliveries that go out with it."""

    to: str
    subject: str
    text: str
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    carries: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A signed POST to somebody's webhook; `secret` is the endpoint's, as Standard Webhooks writes it (whsec_…)."""

    url: str
    secret: str
    body: Mapping[str, Any]
    carries: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing is to be sent, ever; `reason` is a code that stays on record."""

    reason: str


@dataclass(frozen=True, slots=True)
class Later:
    """Ask again at `until`; it counts as no attempt."""

    until: datetime
    reason: str


Answer = Mail | Call | Skip | Later
