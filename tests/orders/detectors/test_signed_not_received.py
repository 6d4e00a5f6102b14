from datetime import timedelta

from orders.detectors.signed_not_received import SignedNotReceived
from orders.judge import judge


def test_a_report_outlives_every_judgement(order, parcel):
    facts = order(parcels=(parcel(status="delivered", sub_status="signed"),))
    judgement = judge(facts, [SignedNotReceived()], {("signed_not_received", 7): 1}, facts.placed_at)

    assert (judgement.opened, judgement.cleared, judgement.next_due) == ([], [], None)


def test_it_is_urgent_and_may_be_reported_for_a_week():
    assert SignedNotReceived.reportable
    assert (SignedNotReceived.grade, SignedNotReceived().limit["within"]) == (1, timedelta(days=7))
