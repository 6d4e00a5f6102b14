"""What a ticket may cost, and why."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.detectors import catalogue
from tickets import losses
from tickets.losses import Circumstances, expected

TABLE = losses.read(losses.DEFAULTS)
cases = st.builds(
    Circumstances,
    code=st.sampled_from(["", "nobody-knows", *TABLE.codes]),
    kind=st.sampled_from(["nobody-knows", *TABLE.kinds]),
    value=st.decimals(0, 10**12 - 1, places=2),
    currency=st.sampled_from(["", "XXX", *TABLE.rates]),
    channels=st.tuples(st.sampled_from(["web", "Amazon", *TABLE.channels])),
    vip=st.booleans(),
    repeat_victim=st.booleans(),
    promise_broken=st.booleans(),
    cause_over=st.booleans(),
    probability=st.none() | st.floats(0, 1),
)


@given(cases)
def test_every_ticket_may_cost_something_and_none_more_than_the_cap(case: Circumstances) -> None:
    assert Decimal("0.01") <= expected(case, TABLE).amount <= Decimal(str(TABLE.cap))


@given(cases)
def test_the_factors_multiply_to_the_amount(case: Circumstances) -> None:
    loss, product = expected(case, TABLE), 1.0
    for factor in loss.factors:
        product *= factor.by
    assert float(loss.amount) == pytest.approx(product, rel=1e-9, abs=0.01)


@given(cases, st.decimals(0, 10**12 - 1, places=2), st.floats(0, 1))
def test_more_value_more_danger_and_a_dearer_buyer_never_cost_less(
    case: Circumstances, value: Decimal, p: float
) -> None:
    plain = expected(case, TABLE).amount
    assert expected(case._replace(value=max(value, case.value)), TABLE).amount >= plain
    assert expected(case._replace(probability=max(p, case.probability or 0)), TABLE).amount >= (
        plain if case.probability is not None else 0
    )
    for better in ({"vip": True}, {"repeat_victim": True}, {"promise_broken": True}, {"cause_over": False}):
        assert expected(case._replace(**better), TABLE).amount >= plain, better


@given(cases)
def test_a_ticket_without_a_value_counts_as_a_small_one(case: Circumstances) -> None:
    floor = expected(case._replace(value=Decimal(0)), TABLE)
    assert float(floor.factors[1].by) >= TABLE.floor


def test_amounts_of_different_currencies_are_compared_by_their_rates() -> None:
    dollars = expected(Circumstances("overdue", value=Decimal(1000), currency="USD"), TABLE)
    yen = expected(Circumstances("overdue", value=Decimal(1000), currency="JPY"), TABLE)
    assert dollars.amount == Decimal("1002.40")  # 0.7 x 20 % of 1000 x 7.16
    assert dollars.amount > yen.amount


def test_a_currency_without_a_rate_counts_as_an_unknown_value_and_says_so() -> None:
    loss = expected(Circumstances("overdue", value=Decimal(10**9), currency="XXX"), TABLE)
    assert (loss.factors[1].code, loss.factors[1].params["no_rate"]) == ("floor", True)


@pytest.mark.parametrize(
    ("facts", "p"),
    [({"p": 0.4}, 0.4), ({"percent": "63"}, 0.63), ({"probability": 2}, None), ({"p": "x"}, None), (None, None)],
)
def test_a_forecast_is_read_only_where_it_is_a_probability(facts: dict | None, p: float | None) -> None:
    assert losses.forecast(facts) == p


def test_a_file_of_ones_own_is_laid_over_the_defaults(tmp_path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[codes]\nlost = { p = 0.5, stake = "late" }\n[buyers]\nvip = 3.0\n')
    table = losses.read(losses.DEFAULTS, own)
    assert (table.codes["lost"].p, table.buyers["vip"], table.codes["overdue"]) == (0.5, 3.0, TABLE.codes["overdue"])


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[codes]\nlost = { p = 2, stake = 'late' }", "codes.lost.p"),
        ("[codes]\nlost = { p = 0.2, stake = 'moon' }", "stakes: goods"),
        ("[penalties]\npromise_broken = 0.5", "promise_broken"),
        ("[rates]\nUSD = -1", "rates.USD"),
        ("base = 'USD'", "base currency"),
        ("[prices]\nx = 1", "there is no 'prices'"),
        ("base = [", "TOML"),
        ("floor = true", "floor"),
    ],
)
def test_a_wrong_file_is_refused_and_says_where(tmp_path, text: str, named: str) -> None:
    own = tmp_path / "own.toml"
    own.write_text(text)
    with pytest.raises(ValueError, match=named) as refused:
        losses.read(losses.DEFAULTS, own)
    assert "own.toml" in str(refused.value)


def test_every_detector_has_a_probability_of_its_own() -> None:
    assert not set(catalogue()) - set(TABLE.codes)
