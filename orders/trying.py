"""Trying a mapping on a message: what would be read, told for a page. Nothing is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orders import labels
from orders.carriers import catalogue
from orders.carriers.base import Message, Setting, Told, Unusable
from orders.timeline import Scan


@dataclass(frozen=True, slots=True)
class TriedScan:
    """An event as it would be stored, and what it would mean."""

    scan: Scan

    @property
    def label(self) -> str:
        """Our status in words."""
        return labels.status_label(self.scan.status, self.scan.sub_status)

    @property
    def is_unknown(self) -> bool:
        """Whether its code would land in the inbox of unknown codes."""
        return (self.scan.status, self.scan.sub_status) == ("unknown", "unmapped_code")


@dataclass(frozen=True, slots=True)
class Tried:
    """A parcel of the message."""

    told: Told

    @property
    def scans(self) -> list[TriedScan]:
        """Its events, oldest first."""
        return [TriedScan(scan) for scan in self.told.scans]


def try_mapping(fields: Mapping[str, Any], sample: str, *, zone: str, now: datetime) -> tuple[list[Tried], str]:
    """The parcels that the generic source would find in this message, and why it would find none ("" if it does)."""
    message = Message(sample.encode("utf-8", "replace"), now)
    try:
        told = catalogue()["generic"].parse(message, Setting(zone, fields))
    except Unusable as unusable:
        return [], str(unusable)
    return [Tried(each) for each in told], ""
