"""Orders that follow a plan: laid once, moved by facts and promises, judged by their open steps."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from orders.models import Anomaly, Order, OrderDue, Promise, TrackingEvent
from orders.services.milestones import sync_milestones
from orders.services.ordering import Refused, record_facts
from orders.services.promising import finish, promise
from orders.services.sweep import sweep_until_idle
from orders.services.templates import newest_templates, publish_template, template_for
from orders.services.tracking import record_scans
from orders.steps import READY, Step, StepsInvalid
from orders.timeline import Scan
from sla.defaults import setup_defaults
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago, ahead

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def shop():
    setup_defaults()
    return make.shop(present_at=NOW)


@pytest.fixture
def agent():
    return make.user(make.team())


def placed(shop, kind: str = "made_to_order", **columns) -> Order:
    given = {"order_type": kind, "placed_at": NOW - 10 * DAY, "paid_at": NOW - 9 * DAY}
    order = make.order(shop, **given | {"promised_delivery_at": NOW + 40 * DAY} | columns)
    sync_milestones([order.pk])
    return order


def steps(order) -> dict:
    return {step.code: step for step in order.milestones.all()}


def test_an_order_to_be_made_is_planned_backwards_from_its_promise(shop):
    found = steps(placed(shop))
    assert list(found) == [step.code for step in READY["made_to_order"] if step.needed]
    assert found["delivered"].planned_at == NOW + 40 * DAY
    assert found["production_done"].planned_at < found["qc_passed"].planned_at < found["handed_over"].planned_at
    assert found["production_done"].owner_department == "purchasing"
    assert found["payment_confirmed"].actual_at == NOW - 9 * DAY


def test_goods_from_stock_and_unknown_types_keep_their_four_steps_and_their_one_statement(
    shop, django_assert_num_queries
):
    ids = [make.order(shop, order_type=kind).pk for kind in ("stock", "", "B2C", "wholesale")]
    with django_assert_num_queries(1):
        assert sync_milestones(ids) == 16


def test_thirty_planned_orders_take_as_many_statements_as_two(shop, django_assert_max_num_queries):
    def cost(count: int) -> int:
        ids = [make.order(shop, order_type="foreign_trade", paid_at=ago(1)).pk for _ in range(count)]
        with django_assert_max_num_queries(10) as counted:
            sync_milestones(ids)
        return len(counted)

    cost(1)  # a calendar's version is read once a process
    assert cost(2) == cost(30)


def test_following_again_writes_nothing(shop):
    assert sync_milestones([placed(shop).pk]) == 0


def test_a_slip_moves_the_forecast_and_not_the_plan(shop, agent):
    order = placed(shop)
    before = steps(order)
    late = before["materials_ready"].planned_at + 12 * DAY
    Order.objects.filter(pk=order.pk).update(placed_at=NOW - 60 * DAY)
    shop.present_at = late + DAY
    shop.save()
    order = Order.objects.select_related("shop").get(pk=order.pk)
    finish(order=order, code="materials_ready", done_at=late, evidence="goods receipt 7", by=agent, now=NOW)
    after = steps(order)
    assert after["delivered"].planned_at == before["delivered"].planned_at
    assert after["delivered"].forecast_at > before["delivered"].forecast_at
    assert (after["materials_ready"].evidence, after["materials_ready"].done_by) == ("goods receipt 7", agent)


def test_parcels_tell_what_they_reached(shop):
    order = placed(shop, "foreign_trade", shipped_at=ago(99))
    parcel = make.shipment(order, announced_at=ago(99))
    told = [(90, "in_transit", "departed_country"), (30, "customs", "released"), (2, "out_for_delivery", "out")]
    scans = [Scan(ago(hours), status, sub, "generic") for hours, status, sub in told]
    record_scans(shipment=parcel, scans=scans, now=NOW)
    found = steps(order)
    assert (found["departed"].actual_at, found["import_cleared"].actual_at) == (ago(90), ago(30))
    TrackingEvent.objects.filter(shipment=parcel, sub_status="released").update(withdrawn_at=NOW)
    sync_milestones([order.pk])
    assert steps(order)["import_cleared"].actual_at == ago(2)  # going out proves it


def test_the_first_promise_lays_the_plan_anew_and_later_ones_do_not(shop):
    order = placed(shop, promised_delivery_at=None)
    first = steps(order)["handed_over"].planned_at
    for days in (60, 90):
        record_facts(order=order, facts={"promised_delivery_at": NOW + days * DAY}, now=NOW)
    found = steps(order)
    assert found["delivered"].planned_at == NOW + 60 * DAY
    assert found["delivered"].promised_at == found["delivered"].forecast_at == NOW + 90 * DAY
    assert found["handed_over"].planned_at > first


def test_a_new_promise_is_on_record_moves_the_order_and_arms_the_detectors_again(shop, agent):
    order = placed(shop, "stock", promised_delivery_at=ago(2))
    sweep_until_idle(now=NOW)
    assert Anomaly.objects.get(code="overdue").closed_at is None
    made = promise(
        order=order, code="delivered", promised_at=ahead(48), reason="flood", told_to="buyer", channel="phone",
        by=agent, now=NOW,
    )  # fmt: skip
    order.refresh_from_db()
    assert (made.version, made.before_at, made.author, made.made_at) == (1, ago(2), agent, NOW)
    assert order.promised_delivery_at == ahead(48)
    assert Anomaly.objects.get(code="overdue").close_reason == "new_promise"
    assert OrderDue.objects.get(order=order).due_at <= ahead(48)


def test_a_promise_about_a_step_stays_with_the_step(shop, agent):
    order = placed(shop)
    for days in (20, 25):
        promise(order=order, code="materials_ready", promised_at=NOW + days * DAY, reason="mill", by=agent, now=NOW)
    sync_milestones([order.pk])
    assert steps(order)["materials_ready"].promised_at == NOW + 25 * DAY
    assert [(each.version, each.before_at) for each in Promise.objects.order_by("version")] == [
        (1, None), (2, NOW + 20 * DAY),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "hours", "field"),
    [("delivered", -1, "promised_at"), ("painted", 9, "code"), ("payment_confirmed", 9, "code"),
     ("handed_over", 9999, "promised_at")],
)  # fmt: skip
def test_a_promise_that_cannot_be_kept_is_refused_by_its_field(shop, agent, code, hours, field):
    with pytest.raises(Refused) as refused:
        promise(order=placed(shop), code=code, promised_at=ahead(hours), reason="x", by=agent, now=NOW)
    assert refused.value.fields == (field,)
    assert Promise.objects.count() == 0


@pytest.mark.parametrize(
    ("code", "hours", "field"), [("packed", 9, "done_at"), ("packed", -9999, "done_at"), ("order_received", -1, "code")]
)
def test_a_step_that_cannot_have_been_done_is_refused(shop, agent, code, hours, field):
    with pytest.raises(Refused) as refused:
        finish(order=placed(shop), code=code, done_at=ahead(hours), evidence="", by=agent, now=NOW)
    assert refused.value.fields == (field,)


def test_a_step_of_the_orders_own_row_changes_the_row(shop, agent):
    order = placed(shop)
    finish(order=order, code="handed_over", done_at=ago(1), evidence="receipt 9", by=agent, now=NOW)
    order.refresh_from_db()
    assert (order.shipped_at, order.status) == (ago(1), "shipped")
    assert steps(order)["handed_over"].evidence == "receipt 9"


def test_an_overdue_step_is_found_by_the_sweep_and_cleared_when_it_is_done(shop, agent):
    order = placed(shop, promised_delivery_at=NOW + 12 * DAY)
    sweep_until_idle(now=NOW)
    found = Anomaly.objects.get(code="milestone_overdue")
    assert (found.department, found.params["step"]) == (
        steps(order)[found.params["step"]].owner_department,
        "order_confirmed",
    )
    assert Anomaly.objects.filter(code="not_shipped").count() == 0
    for code in [step for step in steps(order) if steps(order)[step].planned_at <= NOW and step != "order_received"]:
        finish(order=order, code=code, done_at=NOW, evidence="", by=agent, now=NOW)
    found.refresh_from_db()
    assert found.close_reason == "step_done"


def test_a_published_plan_counts_for_new_orders_only(shop, agent):
    old = placed(shop, "pre_sale")
    plan = [Step(code, "logistics", 5) for code in ("order_received", "handed_over", "delivered")]
    publish_template(shop=shop, order_type="Pre-sale", steps=plan, by=agent)
    sync_milestones([old.pk])
    assert [len(steps(each)) for each in (old, placed(shop, "pre_sale"))] == [7, 3]


def test_an_edited_plan_for_stock_leaves_the_orders_it_finds_alone(shop, agent):
    old = placed(shop, "stock")
    plan = [Step(code, "logistics", 5) for code in ("order_received", "packed", "handed_over", "delivered")]
    publish_template(shop=None, order_type="stock", steps=plan, by=agent)
    record_facts(order=old, facts={"shipped_at": ago(1)}, now=NOW)
    assert list(steps(old)) == ["order_received", "payment_confirmed", "handed_over", "delivered"]
    assert steps(old)["handed_over"].actual_at == ago(1)
    assert "packed" in steps(placed(shop, "B2C"))


def test_a_shops_own_plan_goes_before_everybodys_and_versions_are_never_edited(shop, agent):
    plan = [Step(code, "logistics", 5) for code in ("order_received", "handed_over", "delivered")]
    for of in (None, shop, shop):
        publish_template(shop=of, order_type="pre_sale", steps=plan, by=agent)
    found = newest_templates([shop.pk])
    assert (template_for(found, shop.pk, "pre_sale").version, template_for(found, 0, "pre_sale").version) == (2, 1)
    assert template_for(found, shop.pk, "bespoke").version == 0
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        shop.milestone_templates.update(order_type="stock")
    with pytest.raises(StepsInvalid):
        publish_template(shop=shop, order_type="pre_sale", steps=plan[:2], by=agent)
