import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from orders.models import ImportRun, Order
from orders.services import imports
from tests import factories as make
from ticketdesk.accounts.models import Role

pytestmark = pytest.mark.django_db
TABLE = "order_no,placed_at,total,currency\nSO1,2026-11-01 10:00,10.00,CNY\nSO2,yesterday,5.00,CNY\n"


@pytest.fixture
def shop():
    return make.shop()


@pytest.fixture
def page(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return signed_in(Role.SUPERVISOR)


def signed_in(role) -> Client:
    client = Client()
    client.force_login(make.user(role=role))
    return client


def send(page, shop, text=TABLE, **data):
    given = {"shop": shop.pk, "mapping": "generic", "upload": SimpleUploadedFile("orders.csv", text.encode())}
    return page.post(reverse("order_imports"), given | data)


@pytest.mark.parametrize("role", [Role.AGENT, Role.CONTACT, Role.READONLY])
def test_only_supervisors_import(role):
    assert signed_in(role).get(reverse("order_imports")).status_code == 403


def test_a_file_becomes_a_waiting_run_whose_page_asks_for_itself(page, shop):
    reply = send(page, shop, dry_run="on")
    run = ImportRun.objects.get()
    assert (reply.status_code, reply["Location"]) == (302, reverse("order_import", args=[run.pk]))
    assert (run.state, run.dry_run) == ("waiting", True)
    assert "every 1s" in page.get(reply["Location"]).content.decode()


def test_a_file_that_is_no_table_of_orders_is_refused_at_its_field(page, shop):
    reply = send(page, shop, text="a,b\n1,2\n")
    assert reply.status_code == 422
    assert reply.context["form"].errors["upload"]
    assert ImportRun.objects.count() == 0


@pytest.mark.parametrize("moment", ["9999-12-31T23:59", "2099-01-01T00:00", "0001-01-01T00:00"])
def test_a_moment_that_cannot_be_replayed_is_refused_at_its_field(page, shop, moment):
    reply = send(page, shop, present_at=moment, stop_clock="on")
    assert reply.status_code == 422
    assert reply.context["form"].errors["present_at"]
    assert ImportRun.objects.count() == 0


def test_a_replay_must_be_confirmed(page, shop):
    reply = send(page, shop, present_at="2026-11-01T00:00")
    assert reply.status_code == 422
    assert list(reply.context["form"].errors) == ["stop_clock"]
    assert send(page, shop, present_at="2026-11-01T00:00", stop_clock="on").status_code == 302


@pytest.mark.parametrize("work", [make.order, make.ticket])
def test_a_shop_at_work_in_the_real_present_is_not_stopped(page, shop, work):
    work(shop)
    reply = send(page, shop, present_at="2026-11-01T00:00", stop_clock="on")
    assert reply.status_code == 422
    assert "Make a new shop" in reply.context["form"].errors["present_at"][0]
    assert ImportRun.objects.count() == 0


def test_a_shop_that_went_to_work_after_the_form_was_sent_is_not_stopped(page, shop):
    send(page, shop, present_at="2026-11-01T00:00", stop_clock="on")
    make.order(shop)
    run = imports.run(ImportRun.objects.get().pk)
    shop.refresh_from_db()
    assert (run.state, shop.present_at) == ("failed", None)
    assert "Make a new shop" in run.error


def test_a_checked_import_tells_what_it_holds_and_is_imported_by_one_more_click(page, shop):
    send(page, shop, dry_run="on")
    run = ImportRun.objects.get()
    imports.run(run.pk)
    text = page.get(reverse("order_import", args=[run.pk])).content.decode()
    assert "Import it now" in text and "every 1s" not in text
    assert Order.objects.count() == 0
    page.post(reverse("order_import_for_real", args=[run.pk]))
    imports.run(run.pk)
    assert Order.objects.get().external_no == "SO1"


def test_rejected_rows_come_back_with_their_reasons(page, shop):
    send(page, shop)
    run = ImportRun.objects.get()
    assert page.get(reverse("order_import_rejected", args=[run.pk])).status_code == 404
    imports.run(run.pk)
    reply = page.get(reverse("order_import_rejected", args=[run.pk]))
    assert "Imported with rejects" in page.get(reverse("order_import", args=[run.pk])).content.decode()
    text = b"".join(reply.streaming_content).decode("utf-8-sig")
    assert "attachment" in reply["Content-Disposition"]
    assert "orders.csv,3,placed_at,yesterday,Not a date or time." in text


def test_a_run_that_was_not_checked_can_not_be_imported_twice(page, shop):
    send(page, shop)
    run = ImportRun.objects.get()
    imports.run(run.pk)
    assert page.post(reverse("order_import_for_real", args=[run.pk])).status_code == 422
