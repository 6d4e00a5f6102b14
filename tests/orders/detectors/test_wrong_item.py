from orders.detectors.wrong_item import WrongItem


def test_it_finds_nothing_by_itself_and_ends_nothing_by_itself(order, parcel):
    facts = order()

    assert WrongItem().inspect(facts, facts.placed_at, parcel()) is None
    assert WrongItem().due(facts, parcel()) is None
    assert WrongItem().clears(facts, facts.placed_at, parcel(delivered_at=facts.placed_at)) is None


def test_people_report_it():
    assert WrongItem.reportable
