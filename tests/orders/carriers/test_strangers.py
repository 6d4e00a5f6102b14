"""No body that a stranger may send hurts a source: a short run of bench.fuzz, which runs for as long as one likes."""

import pytest

from bench import fuzz
from orders.carriers import catalogue
from orders.carriers.base import Message, Setting, Source, Told

SOME = 40


@pytest.mark.parametrize("source", catalogue().values(), ids=lambda source: source.code)
def test_changed_bodies_end_in_scans_that_can_be_kept_or_in_unusable(source: Source):
    seeds = fuzz.usable_seeds(source)
    for number in range(SOME):
        message, setting = fuzz.made(source, seeds, 2, number)
        try:
            fuzz.judged(source, message, setting)
        except fuzz.Unusable as problem:
            assert problem.code
            assert str(problem)


def test_what_fits_the_columns_is_what_the_columns_hold():
    from orders.models import TrackingEvent

    kept = {name: TrackingEvent._meta.get_field(name).max_length for name in fuzz.COLUMNS}
    assert kept == fuzz.COLUMNS


def test_an_overlong_text_is_found(monkeypatch):
    def parse(message: Message, setting: Setting) -> list[Told]:
        return [Told("P1", note="x" * 501)]

    source = Source("careless", "Careless", {}, parse)
    tally = fuzz.feed(source, 1, 0.2)

    assert list(tally.flaws) == ["Flaw: 'Told.note is longer than 500'"]
    assert tally.usable == 0 < tally.inputs


def test_an_exception_is_named_by_its_place():
    def parse(message: Message, setting: Setting) -> list[Told]:
        raise KeyError(message.body[:1])

    tally = fuzz.feed(Source("careless", "Careless", {}, parse), 1, 0.2)

    assert len(tally.flaws) == 1
    assert next(iter(tally.flaws)).startswith("KeyError at ")
