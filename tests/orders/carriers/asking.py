"""Handing a carrier's answer to its source, as whoever asked would."""

import json
from datetime import UTC, datetime
from typing import Any

from orders.carriers import catalogue
from orders.carriers.answers import ASKED
from orders.carriers.base import Message, Setting, Told
from orders.timeline import Scan

NOW = datetime(2026, 8, 20, 12, tzinfo=UTC)


def ask(code: str, answer: Any, *, number: str = "", zone: str = "UTC") -> list[Told]:
    """What the source makes of the answer (JSON, or a text as it is) to a question for the number."""
    body = answer if isinstance(answer, bytes) else answer.encode() if isinstance(answer, str) else dumped(answer)
    return catalogue()[code].parse(Message(body, NOW, {ASKED: number} if number else {}), Setting(zone=zone))


def dumped(answer: Any) -> bytes:
    return json.dumps(answer).encode()


def line(scan: Scan) -> str:
    """A scan in one line: instant, status, code and place."""
    at = scan.occurred_at.strftime("%m-%d %H:%M:%S")
    return " ".join(f"{at} {scan.canonical} {scan.raw_code} {scan.city} {scan.country}".split())
