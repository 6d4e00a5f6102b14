"""Whether strangers can hurt the sources of tracking news: changed bodies in, usable scans or `Unusable` out.

    python -m bench.fuzz [--minutes 10] [--source aftership] [--seed 1] [--only 4711]

Every source of orders.carriers.catalogue() reads bodies made by bench.mutations, as long as each other. Nothing but
Unusable may be raised; what is read must fit its columns, be dated 2000 to 2099 with a zone, speak our list of
statuses, be the same when read again, and fold into a row. `verify` and the answer must not raise either. A body is
named by its seed and number: `--source X --seed S --only N` shows it again. Ends with 1 when anything was wrong.
"""

import argparse
import random
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bench.mutations import MAPPING, Seed, odd_mapping, seeds_of, stranger
from orders.carriers import catalogue
from orders.carriers.base import Message, Setting, Source, Told, Unusable
from orders.projection import project
from orders.statuses import TAXONOMY
from orders.timeline import SPAN, Scan, fingerprint

AT = datetime(2026, 8, 21, 12, tzinfo=UTC)
SLOW_S = 2.0
MOST_FOLDED = 500  # orders.services.tracking folds no more
# What the columns of orders_trackingevent hold; a test compares it with the model.
COLUMNS = {
    "source": 32, "provider_key": 64, "raw_code": 64, "raw_status": 64, "status": 24, "sub_status": 32,
    "reason_party": 16, "text": 500, "city": 120, "country": 2, "time_precision": 8, "tz_source": 16,
}  # fmt: skip
TOLD = {"number": 64, "carrier": 64, "feed": 64, "note": 500, "corrected_carrier": 64, "origin_country": 2,
        "dest_country": 2, "provider_status": 64}  # fmt: skip
LARGEST_SEQ = 2**31 - 1
HEADERS = (
    "1Z999AA10123456784",
    "RR123456789CN",
    "YT1",
    "",
    "x",
    "\xff\x00",
    "ä" * 100,
    "hmac-sha256-hex=",
    "sha256=00",
    "=" * 44,
    "\ud800",
)


class Flaw(AssertionError):
    """Something that was read and cannot be stored."""


@dataclass
class Tally:
    """What became of one source's inputs; `flaws` by where they were found, with the first number that showed it."""

    inputs: int = 0
    usable: int = 0
    unusable: int = 0
    scans: int = 0
    slowest: float = 0.0
    reasons: Counter[str] = field(default_factory=Counter)
    flaws: dict[str, tuple[int, int]] = field(default_factory=dict)


def main() -> None:
    """Feed every source in turn; print the table and how to see each flaw again."""
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--source", help="only this one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="one input, shown in full")
    options = parser.parse_args()
    sources = [source for code, source in catalogue().items() if options.source in (None, code)]
    if not sources:
        parser.error(f"--source must be one of: {', '.join(catalogue())}")
    if options.only is not None:
        show(sources[0], options.seed, options.only)
        return
    tallies = {source.code: feed(source, options.seed, options.minutes * 60 / len(sources)) for source in sources}
    print(f"{'source':<16}{'inputs':>9}{'usable':>9}{'unusable':>10}{'scans':>10}{'most cpu ms':>12}{'errors':>8}")
    for code, tally in tallies.items():
        wrong = sum(count for _, count in tally.flaws.values())
        print(f"{code:<16}{tally.inputs:>9}{tally.usable:>9}{tally.unusable:>10}{tally.scans:>10}"
              f"{tally.slowest * 1000:>12.0f}{wrong:>8}")  # fmt: skip
    for code, tally in tallies.items():
        for where, (number, count) in tally.flaws.items():
            print(f"\n{code}: {count} times {where}")
            print(f"    python -m bench.fuzz --source {code} --seed {options.seed} --only {number}")
    sys.exit(any(tally.flaws for tally in tallies.values()))


def feed(source: Source, seed: int, seconds: float) -> Tally:
    """Feed one source for so long."""
    seeds, tally = usable_seeds(source), Tally()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        message, setting = made(source, seeds, seed, tally.inputs)
        began = time.process_time()
        try:
            read = judged(source, message, setting)
            tally.usable += 1
            tally.scans += sum(len(each.scans) for each in read)
        except Unusable as problem:
            tally.unusable += 1
            tally.reasons[problem.code] += 1
        except Exception as error:
            where = _where(error)
            first, count = tally.flaws.get(where, (tally.inputs, 0))
            tally.flaws[where] = first, count + 1
        took = time.process_time() - began
        if took > SLOW_S:
            tally.flaws.setdefault(f"slower than {SLOW_S} s", (tally.inputs, 1))
        tally.slowest = max(tally.slowest, took)
        tally.inputs += 1
    return tally


def usable_seeds(source: Source) -> list[Seed]:
    """The seeds that the source can read as they are; all when it can read none."""
    seeds = seeds_of(source.code)
    fields = MAPPING if source.code == "generic" else {}
    return [seed for seed in seeds if _is_read(source, seed[0], fields)] or seeds


def _is_read(source: Source, body: bytes, fields: dict[str, object]) -> bool:
    message = Message(body, AT, dict.fromkeys(source.headers, HEADERS[0]))
    try:
        source.parse(message, Setting("UTC", fields))
    except Unusable:
        return False
    except Exception:
        return True  # worth feeding: it hurts as it is
    return True


def made(source: Source, seeds: list[Seed], seed: int, number: int) -> tuple[Message, Setting]:
    """Input `number` of a seed: always the same one. Number 0 is a seed as it is."""
    chance = random.Random(f"{seed} {source.code} {number}")
    zone = chance.choice(("UTC", "Asia/Shanghai", "America/Los_Angeles", "no/zone", ""))
    setting = Setting(zone, odd_mapping(chance) if source.code == "generic" else {})
    body = seeds[number][0] if number < len(seeds) else stranger(source.code, seeds, chance)
    headers = {name: chance.choice(HEADERS) for name in source.headers_for(setting)}
    return Message(body, AT, headers), setting


def judged(source: Source, message: Message, setting: Setting) -> list[Told]:
    """Read a message as the door and the worker do; Flaw when what comes out cannot be kept."""
    if source.verify is not None:
        answer = source.verify(message, ["key", "ké\ud800"], setting)
        _must(isinstance(answer, bool), f"verify answers {answer!r}")
        _must(isinstance(source.answer_to(message).body, bytes), "the answer is no bytes")
    read = source.parse(message, setting)
    _must(repr(read) == repr(source.parse(message, setting)), "read twice, told differently")
    for told in read:
        _keepable(told)
        for scan in told.scans:
            _storable(scan, source.code, told.feed)
        project(told.scans[-MOST_FOLDED:], now=AT)
    return read


def _keepable(told: Told) -> None:
    for name, most in TOLD.items():
        _text(f"Told.{name}", getattr(told, name), most)
    _must(bool(told.number.strip()), "Told.number is empty")
    _dated("Told.as_of", told.as_of)
    if told.eta is not None:
        _dated("Told.eta", told.eta.at)
    _must(len(told.scans) <= 100_000, "too many scans")


def _storable(scan: Scan, code: str, feed: str) -> None:
    for name, most in COLUMNS.items():
        _text(name, getattr(scan, name), most)
    _must((scan.status, scan.sub_status) in TAXONOMY, f"{scan.status}.{scan.sub_status} is not in our list")
    _must(scan.time_precision in SPAN, f"time_precision {scan.time_precision!r}")
    _must(scan.source == code and scan.provider_key == feed, "source and provider_key are not the message's")
    _must(isinstance(scan.seq, int) and 0 <= scan.seq <= LARGEST_SEQ, "seq does not fit")
    _must(isinstance(scan.is_physical, bool), "is_physical is no flag")
    _must(scan.received_at == AT, "received_at is not the message's")
    _dated("occurred_at", scan.occurred_at, required=True)
    _dated("recorded_at", scan.recorded_at)
    _must(len(fingerprint(scan)) == 16, "no fingerprint")


def _text(name: str, value: object, most: int) -> None:
    _must(isinstance(value, str), f"{name} is {type(value).__name__}")
    assert isinstance(value, str)
    _must(len(value) <= most, f"{name} is longer than {most}")
    _must("\x00" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value), f"{name}: unstorable")


def _dated(name: str, at: datetime | None, *, required: bool = False) -> None:
    if at is None:
        _must(not required, f"{name} is missing")
        return
    _must(at.tzinfo is not None, f"{name} has no zone")
    # A local year 2000 to 2099, or the end of its last day: at most a day outside in UTC.
    _must(datetime(1999, 12, 30, tzinfo=UTC) < at < datetime(2100, 1, 3, tzinfo=UTC), f"{name} lies outside 2000-2099")


def _must(right: bool, otherwise: str) -> None:
    if not right:
        raise Flaw(otherwise)


def _where(error: Exception) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/bench/" not in frame.filename]
    place = f" at {frames[-1].filename.split('/orders/')[-1]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}: {str(error)[:120]!r}{place}" if place == "" else f"{type(error).__name__}{place}"


def show(source: Source, seed: int, number: int) -> None:
    """One input, and what becomes of it."""
    message, setting = made(source, usable_seeds(source), seed, number)
    print(message.body[:4000], dict(message.headers), setting, sep="\n")
    try:
        for told in judged(source, message, setting):
            print(told)
    except Unusable as problem:
        print(f"Unusable {problem.code}: {problem}")
    except Exception:
        traceback.print_exc()


if __name__ == "__main__":
    main()
