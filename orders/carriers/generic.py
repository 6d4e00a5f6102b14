"""Any sender of JSON: an administrator writes where the fields stand (see `mapping`, which also checks it).

{"number": "data.parcel.no", "events": "data.events[]", "time": "data.events[].when", "code": "data.events[].state",
 "codes": {"OK": "delivered.signed"}, "signature": {"header": "X-Sign", "kind": "hmac-sha256-hex"}, "snapshot": true}
"""

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from orders.carriers.answers import two_letters
from orders.carriers.base import Message, Setting, Told, Unusable
from orders.carriers.mapping import CONSTANT, LIST, problems, rest_of, steps
from orders.carriers.reading import hmac_sha256, number_of, part, read_json, same, words
from orders.carriers.times import Moment, eta, moment
from orders.carriers.traces import Trace, each_of, scans_of
from orders.statuses import TAXONOMY, Canonical

CODE = "generic"
TITLE = "Your own JSON"
# A sender who speaks our words needs no table.
CODES = {".".join(key): Canonical(*key) for key in TAXONOMY}
SECONDS = range(946_684_800, 4_102_444_800)
"""The years 2000 to 2099 in seconds since 1970."""
NOTHING_SET = Setting()


def headers_of(setting: Setting) -> tuple[str, ...]:
    """The header in which this shop's sender signs."""
    header = part(setting.fields, "signature", "header")
    return (header.lower(),) if isinstance(header, str) else ()


def verify(message: Message, secrets: Sequence[str], setting: Setting = NOTHING_SET) -> bool:
    """By the signature that the mapping names; a mapping that names none, not even "none", lets nobody in."""
    rule = setting.fields.get("signature")
    if rule == "none":  # the secret key in the address is then the only proof
        return True
    header, kind, prefix = part(rule, "header"), part(rule, "kind"), part(rule, "prefix") or ""
    if not isinstance(header, str) or not isinstance(prefix, str):
        return False
    told = message.headers.get(header.lower(), "").strip()
    if not told.startswith(prefix):
        return False
    told = told.removeprefix(prefix)
    return any(_signed(told, str(kind), secret, message.body) for secret in secrets if secret)


def _signed(told: str, kind: str, secret: str, body: bytes) -> bool:
    if kind == "token":
        return same(told, secret)
    digest = hmac_sha256(secret, body)
    if kind == "hmac-sha256-hex":
        return same(told.lower(), digest.hexdigest())
    return kind == "hmac-sha256-base64" and same(told, base64.b64encode(digest.digest()))


def parse(message: Message, setting: Setting) -> list[Told]:
    """Every parcel that the mapping finds and that can be used."""
    wrong = problems(setting.fields)
    if wrong:
        raise Unusable("mapping", f"The mapping cannot be used: {wrong[0]}")
    root = read_json(message.body)
    found = _items(root, setting.fields.get("parcels", ""), root)
    if not found:
        raise Unusable("nothing_told", f"{setting.fields['parcels']} holds no parcel.")
    return each_of(found, lambda parcel: _Parcel(root, parcel, setting).told(message))


class _Parcel:
    """One parcel of the message, read with the shop's mapping."""

    def __init__(self, root: object, here: object, setting: Setting) -> None:
        self.root, self.here, self.setting, self.fields = root, here, setting, setting.fields

    def told(self, message: Message) -> Told:
        """All that the message says of it."""
        number = number_of(self.value("number"))
        table: Mapping[str, str] = self.fields.get("codes", {})
        codes = CODES | {code: Canonical.parse(word) for code, word in table.items()}
        traces = [self._trace(event) for event in self._events()]
        read = scans_of(traces, of_parcel="", codes=codes, source=CODE, feed="", at=message.received_at)
        as_of = _moment(self.value("as_of"), zone=self.setting.zone)
        return Told(
            number,
            read.scans,
            carrier=words(self.value("carrier"), "carrier"),
            snapshot=bool(self.fields.get("snapshot")) and bool(read.scans),
            as_of=as_of.at if as_of else None,
            eta=eta(self.value("eta"), shop_zone=self.setting.zone),
        )

    def value(self, name: str, event: object = None) -> Any:
        """What stands where the mapping says that `name` stands: in the event, in the parcel or beside them."""
        path = self.fields.get(name, "")
        if not path:
            return None
        if path.startswith(CONSTANT):
            return path[1:]
        for prefix, base in ((self.fields.get("events"), event), (self.fields.get("parcels"), self.here)):
            rest = rest_of(path, prefix)
            if rest is not None:
                return part(base, *steps(rest))
        return part(self.root, *steps(path))

    def _events(self) -> Sequence[object]:
        """The events, oldest first."""
        path = self.fields.get("events", "")
        within = rest_of(path, self.fields.get("parcels"))
        base, path = (self.root, path) if within is None else (self.here, within)
        events = _items(base, path, self.here)
        dated = [at.at for at in (self._moment(events[0]), self._moment(events[-1])) if at] if events else []
        return events[::-1] if dated and dated[0] > dated[-1] else events

    def _moment(self, event: object) -> Moment | None:
        country, city = self._country(event), words(self.value("city", event), "city")
        return _moment(self.value("time", event), zone=self.setting.zone, country=country, city=city)

    def _country(self, event: object) -> str:
        return two_letters(self.value("country", event))

    def _trace(self, event: object) -> Trace:
        return Trace(
            self._moment(event),
            words(self.value("code", event), "raw_code"),
            words(self.value("text", event)),
            city=words(self.value("city", event), "city"),
            country=self._country(event),
        )


def _items(base: object, path: str, alone: object) -> list[Any]:
    """The list at a path that ends with []; without a path the thing itself, alone."""
    if not path:
        return [alone]
    found = part(base, *steps(path.removesuffix(LIST)))
    return found if isinstance(found, list) else []


def _moment(value: object, *, zone: str, country: str = "", city: str = "") -> Moment | None:
    """A time as text, or as seconds or milliseconds since 1970."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) in (10, 13):
        value = int(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        for seconds in (value, value / 1000 if abs(value) < 1e15 else 0):
            if SECONDS.start <= seconds < SECONDS.stop:
                value = datetime.fromtimestamp(int(seconds), UTC).isoformat()
                break
    return moment(value, country=country, city=city, shop_zone=zone)
