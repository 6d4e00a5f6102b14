"""How grave, and why."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tickets.grading import Circumstances, grade

circumstances = st.builds(
    Circumstances,
    severity=st.integers(1, 4),
    vip=st.booleans(),
    value=st.decimals(0, 10**6, places=2),
    high_value=st.decimals(1, 10**6, places=2),
    other_anomalies=st.integers(0, 5),
    promise_broken=st.booleans(),
    kind=st.sampled_from(["", "complaint", "logistics"]),
    channel=st.sampled_from(["detector", "chat", "phone", "marketplace"]),
    scope=st.sampled_from(["", "single", "batch", "systemic"]),
)


@given(circumstances)
def test_a_grade_is_never_more_than_one_step_above_its_severity_nor_below_it(case: Circumstances) -> None:
    assert case.severity - 1 <= grade(case).value <= case.severity
    assert 1 <= grade(case).value <= 4


@given(circumstances)
def test_the_factors_explain_the_grade(case: Circumstances) -> None:
    verdict = grade(case)
    assert verdict.factors[0].params["grade"] - sum(f.steps for f in verdict.factors) in (
        verdict.value,
        verdict.value - 1,
    )
    assert max(1, case.severity - sum(f.steps for f in verdict.factors)) == verdict.value


def test_a_plain_case_keeps_its_severity_and_says_so() -> None:
    assert [factor.code for factor in grade(Circumstances(severity=3)).factors] == ["severity"]


def test_a_vip_is_raised_one_step_and_the_other_reasons_stay_visible() -> None:
    verdict = grade(Circumstances(severity=3, vip=True, other_anomalies=1, promise_broken=True))
    assert verdict.value == 2
    assert [factor.code for factor in verdict.factors] == ["severity", "vip", "second_anomaly", "promise_broken"]


def test_an_order_worth_exactly_the_limit_is_of_high_value() -> None:
    assert grade(Circumstances(severity=3, value=Decimal(5000), high_value=Decimal(5000))).value == 2
    assert grade(Circumstances(severity=3, value=Decimal("4999.99"), high_value=Decimal(5000))).value == 3


def test_a_marketplace_that_fines_late_answers_makes_it_graver() -> None:
    grades = [grade(Circumstances(severity=3, channel=channel)).value for channel in ("marketplace", "chat", "email")]
    assert grades == [2, 3, 3]


def test_more_than_one_order_makes_it_graver() -> None:
    assert grade(Circumstances(severity=3, scope="batch")).value == 2
    assert grade(Circumstances(severity=3, scope="single")).value == 3


def test_a_complaint_says_why_it_is_graver_than_a_question() -> None:
    factors = grade(Circumstances(severity=2, kind="complaint")).factors
    assert [(factor.code, factor.steps) for factor in factors] == [("severity", 0), ("kind", 0)]
