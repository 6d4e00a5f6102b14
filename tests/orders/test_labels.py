import pytest

from orders import labels


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("line_pay", "LINE Pay"),
        ("Credit Card", "Credit card"),
        ("", "Not stated"),
        ("store_credit", "Store credit"),
        ("PIX-parcelado", "Pix parcelado"),
    ],
)
def test_a_way_to_pay_is_named_or_at_least_readable(method, words):
    assert labels.payment_label(method) == words
