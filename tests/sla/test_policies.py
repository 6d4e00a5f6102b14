"""Policies: which promise holds for which ticket."""

import pytest

from sla.defaults import LADDER, RULES
from sla.policies import Facts, PolicyInvalid, policy_from_data

RULE = {"name": "all", "targets": {"solution": 60}}


def policy(*targets, **rest):
    return policy_from_data({"targets": list(targets), **rest}, [])


def test_the_first_rule_that_matches_and_names_the_metric_counts() -> None:
    asked = policy(
        {"name": "chat", "when": {"channel": ["chat"]}, "targets": {"first_response": 60}},
        {"name": "all", "targets": {"first_response": 3600, "solution": 7200}},
    )
    chat = asked.targets(Facts(grade=3, channel="chat"))
    assert {metric: (target.seconds, target.rule) for metric, target in chat.items()} == {
        "first_response": (60, "chat"),
        "solution": (7200, "all"),
    }
    assert asked.targets(Facts(grade=3, channel="email"))["first_response"].seconds == 3600


def test_null_means_that_no_such_clock_is_wanted() -> None:
    asked = policy({"name": "internal", "when": {"kind": ["internal"]}, "targets": {"solution": None}}, RULE)
    assert asked.targets(Facts(grade=1, kind="internal")) == {}
    assert set(asked.targets(Facts(grade=1, kind="complaint"))) == {"solution"}


def test_all_facts_that_a_condition_names_must_agree() -> None:
    asked = policy(RULE, round_the_clock=[{"grade": [1, 2], "vip": True}])
    clocks = {
        (grade, vip): asked.targets(Facts(grade=grade, vip=vip))["solution"].round_the_clock
        for grade in (1, 2, 3)
        for vip in (True, False)
    }
    assert [facts for facts, always in clocks.items() if always] == [(1, True), (2, True)]


def test_waiting_pauses_what_the_policy_names_and_nothing_else() -> None:
    asked = policy(RULE, pauses={"carrier": ["solution"]})
    assert asked.pauses_while("carrier", "solution")
    assert not asked.pauses_while("carrier", "first_response")
    assert not asked.pauses_while("customer", "solution")


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"targets": [{"when": {}, "targets": {}}]},
        {"targets": [{"name": "x", "targets": {"solution": 0}}]},
        {"targets": [{"name": "x", "targets": {"solution": True}}]},
        {"targets": [{"name": "x", "targets": {"solution": 10**9}}]},
        {"targets": [{"name": "x", "targets": {"happiness": 60}}]},
        {"targets": [{"name": "x", "when": {"weather": ["fine"]}, "targets": {}}]},
        {"targets": [RULE], "round_the_clock": [{"_targets": [1]}]},
        {"targets": [RULE], "pauses": {"godot": ["solution"]}},
        {"targets": [RULE], "pauses": {"carrier": ["happiness"]}},
    ],
)
def test_rules_that_make_no_sense_are_refused(rules) -> None:
    with pytest.raises(PolicyInvalid):
        policy_from_data(rules, [])


def test_a_ladder_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(PolicyInvalid):
        policy_from_data({"targets": [RULE]}, [{"key": "x"}])


@pytest.mark.parametrize(
    ("facts", "first_response", "solution", "always"),
    [
        (Facts(3, channel="chat"), 60, 9 * 3600, True),
        (Facts(1, channel="email"), 1800, 4 * 3600, True),
        (Facts(1, channel="email", vip=True), 900, 4 * 3600, True),
        (Facts(2, kind="logistics", carrier_reported=True), 900, 24 * 3600, False),
        (Facts(1, kind="logistics", carrier_reported=True), 900, 4 * 3600, True),
        (Facts(3, kind="logistics"), 4 * 3600, 24 * 3600, False),
        (Facts(2, kind="complaint"), 3600, 48 * 3600, False),
        (Facts(4), 9 * 3600, 18 * 3600, False),
    ],
)
def test_the_default_policy_is_the_table_of_the_handbooks(facts, first_response, solution, always) -> None:
    targets = policy_from_data(RULES, LADDER).targets(facts)
    found = targets["first_response"].seconds, targets["solution"].seconds, targets["solution"].round_the_clock
    assert found == (first_response, solution, always)


def test_every_ticket_has_a_target_for_every_promise_to_a_customer() -> None:
    asked = policy_from_data(RULES, LADDER)
    for grade in (1, 2, 3, 4):
        for channel in ("chat", "phone", "email", "detector"):
            assert set(asked.targets(Facts(grade, channel))) == {"first_response", "next_response", "solution"}
