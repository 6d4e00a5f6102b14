from datetime import timedelta

from orders.detectors.buyer_data import BuyerData


def test_an_order_without_a_phone_number_cannot_be_delivered(order):
    facts = order(lacks=("phone", "address"))
    finding = BuyerData().inspect(facts, facts.placed_at)

    assert (finding.grade, finding.params) == (2, {"lacks": "phone,address"})


def test_what_has_left_the_warehouse_has_found_its_address(order):
    shipped = order(lacks=("phone",), shipped_at=order().placed_at + timedelta(hours=1))

    assert BuyerData().clears(shipped, shipped.shipped_at) == "shipped"


def test_completing_the_details_clears_it(order):
    assert BuyerData().clears(order(), order().placed_at) == "corrected"
