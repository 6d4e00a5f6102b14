import pytest

from orders.models import Milestone
from orders.steps import READY, STEPS, Step, StepsInvalid, in_order, kind_of, read_steps
from ticketdesk.accounts.models import Department


def test_every_step_has_a_name_an_owner_and_a_place_of_its_own():
    assert list(STEPS) == Milestone.Code.values
    assert [seq for seq, _ in STEPS.values()] == sorted({seq for seq, _ in STEPS.values()})
    assert {owner for _, owner in STEPS.values()} <= set(Department.values)


@pytest.mark.parametrize("kind", READY)
def test_a_ready_plan_can_be_stored_and_read_again(kind):
    assert read_steps([step.to_data() for step in READY[kind]]) == in_order(READY[kind]) == READY[kind]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "painted"}, "code"), ({"amount": -1}, "amount"), ({"amount": 1000}, "amount"),
        ({"slack": True}, "slack"), ({"unit": "fortnights"}, "unit"), ({"department": ""}, "department"),
        ({"colour": "red"}, ""),
    ],
)  # fmt: skip
def test_a_step_that_cannot_be_is_refused_by_its_field(change, field):
    with pytest.raises(StepsInvalid) as refused:
        Step.from_data({"code": "packed", "department": "warehouse", "amount": 1} | change)
    assert refused.value.field == field


def test_a_plan_without_delivery_or_with_a_step_twice_is_refused():
    steps = [step for step in READY["stock"] if step.needed]
    with pytest.raises(StepsInvalid, match="every plan needs delivered"):
        in_order(steps[:-1])
    with pytest.raises(StepsInvalid, match="named twice"):
        in_order([*steps, steps[0]])


def test_a_type_is_known_however_it_is_written():
    assert kind_of(" Made-to order ") == "made_to_order"
