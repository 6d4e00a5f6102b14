from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from orders.detectors.document_mismatch import SENTENCES, DocumentMismatch
from orders.facts import Mismatch
from orders.matching import Difference

SINCE = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
NOW = SINCE + timedelta(hours=1)
LESS = Difference("quantity", "TEA-250", "3", "2")


def mismatch(*differences: Difference, since: datetime = SINCE) -> Mismatch:
    return Mismatch("invoice", "INV-7", since, differences or (LESS,))


def test_a_difference_shows_both_numbers_side_by_side(order):
    finding = DocumentMismatch().inspect(order(mismatches=(mismatch(),)), NOW)
    assert (finding.grade, finding.since) == (2, SINCE)
    assert finding.why.format(**finding.params) == ("INV-7 says 2 of TEA-250, the order 3; differences in all: 1.")
    assert (finding.evidence["order_says"], finding.evidence["document_says"]) == ("3", "2")


@pytest.mark.parametrize("what", sorted(SENTENCES))
def test_every_kind_of_difference_has_a_sentence_that_its_params_fill(order, what):
    found = DocumentMismatch().inspect(order(mismatches=(mismatch(Difference(what, "TEA", "1", "2")),)), NOW)
    assert "{" not in found.why.format(**found.params)


def test_the_other_differences_are_counted_and_named_in_the_evidence(order):
    others = [Difference("amount", f"SKU-{number}", "1.00", "2.00") for number in range(7)]
    finding = DocumentMismatch().inspect(order(mismatches=(mismatch(LESS, *others),)), NOW)
    assert finding.params["count"] == 8
    assert finding.evidence["differs_too"].startswith("INV-7 SKU-0: 1.00 ≠ 2.00; ")
    assert finding.evidence["differs_too"].endswith("(+2)")


def test_documents_that_agree_are_no_anomaly_and_nothing_wakes_the_order(order):
    assert DocumentMismatch().inspect(order(), NOW) is None
    assert DocumentMismatch().due(order(mismatches=(mismatch(),))) is None


def test_a_delivered_order_keeps_it_and_a_cancelled_one_does_not(order):
    assert DocumentMismatch().clears(order(mismatches=(mismatch(),), delivered_at=SINCE), NOW) is None
    assert DocumentMismatch().clears(order(mismatches=(mismatch(),), cancelled_at=SINCE), NOW) == "cancelled"


def test_it_clears_when_the_documents_agree(order):
    assert DocumentMismatch().clears(order(), NOW) == "documents_agree"


def test_a_document_of_later_is_not_known_yet(order):
    facts = order(mismatches=(mismatch(since=NOW + timedelta(hours=1)),), value=Decimal(1))
    assert facts.as_of(NOW).mismatches == ()
    assert facts.next_fact_after(NOW) == NOW + timedelta(hours=1)
