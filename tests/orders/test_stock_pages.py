"""The stock pages: a list in pages, an article with who holds what, a file taken in with its wrong rows told."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.models import Allocation, Incoming, StockLevel, Warehouse
from orders.services.stocking.settling import settle
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago, ahead
from ticketdesk.accounts.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make.shop(present_at=NOW)


def signed_in(role=Role.AGENT) -> Client:
    client = Client()
    client.force_login(make.user(make.team(), role=role))
    return client


def level(shop, sku="TEA", place="HZ", **columns) -> StockLevel:
    house, _ = Warehouse.objects.get_or_create(shop=shop, code=place)
    return StockLevel.objects.create(shop=shop, warehouse=house, sku=sku, **{"on_hand": 5} | columns)


def listed(page, **query) -> list[str]:
    return [row.sku for row in page.get(reverse("stock"), query).context["page"].rows]


def test_an_empty_desk_says_what_to_do_next():
    assert "No stock is kept yet" in signed_in().get(reverse("stock")).content.decode()


def test_the_list_is_narrowed(shop):
    level(shop, "CUP-1", on_hand=0)
    level(shop, "TEA-1", "SZ")
    page = signed_in()
    assert listed(page) == ["CUP-1", "TEA-1"]
    assert listed(page, q="tea") == ["TEA-1"]
    assert listed(page, short="on") == ["CUP-1"]
    assert listed(page, warehouse="SZ") == listed(page, shop=shop.pk)[1:]
    assert listed(page, warehouse="gone", shop="99") == ["CUP-1", "TEA-1"]


def test_pages_follow_each_other_with_a_constant_number_of_queries(shop):
    page = signed_in()
    for number in range(60):
        Incoming.objects.create(
            shop=shop,
            warehouse=level(shop, f"S{number:02}").warehouse,
            sku=f"S{number:02}",
            qty=1,
            expected_at=ahead(5),
        )
    response = page.get(reverse("stock"))
    after = response.context["page"].next
    assert listed(page, after=after) == [f"S{number:02}" for number in range(50, 60)]
    assert page.get(reverse("stock"), {"after": "x_y"}).status_code == 404

    def queries(**query) -> int:
        with CaptureQueriesContext(connection) as captured:
            page.get(reverse("stock"), query)
        return len(captured)

    assert queries(q="S0") == queries(q="S")


def test_an_article_shows_who_has_reserved_it_and_who_waits(shop):
    row = level(shop)
    orders = [make.order(shop, paid_at=ago(1), external_no=number) for number in ("HOLDS", "WAITS")]
    for order in orders:
        order.lines.create(line_no=1, sku="TEA", qty=4)
    settle(shop.pk, [order.pk for order in orders], present=NOW)
    html = signed_in().get(reverse("stock_article", args=[row.pk])).content.decode()
    assert html.count("HOLDS") == 1 and "WAITS" in html and '<td class="num err">3</td>' in html
    hidden = signed_in(Role.CONTACT).get(reverse("stock_article", args=[row.pk])).content.decode()
    assert "HOLDS" not in hidden and "5 pieces for orders that you do not see" in hidden
    assert Allocation.objects.count() == 2


def send(page, shop, text, name="stock.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    return page.post(reverse("stock_import"), {"shop": shop.pk, "upload": SimpleUploadedFile(name, content)})


def test_a_file_is_taken_in_and_its_wrong_rows_are_told(shop, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    page = signed_in(Role.SUPERVISOR)
    rows = ["货号,仓库,库存,在途,到货日期,采购单号", "TEA,HZ,12,100,2026-12-01,PO-1", "TEA,HZ,12,50,2026-12-09,PO-2"]
    rows += ["CUP,HZ,many,,,", ",HZ,1,,,", "POT,SZ,3,5,,"]
    response = send(page, shop, "\n".join(rows))
    done = response.context["done"]
    assert (done.rows, dict(done.outcomes), len(done.rejected)) == (5, {"new": 1}, 3)
    assert list(Incoming.objects.values_list("qty", flat=True).order_by("expected_at")) == [100, 50]
    file = page.get(reverse("stock_rejected", args=[done.rejected_name]))
    assert b"".join(file.streaming_content).decode("utf-8-sig").count("\r\n") == 4
    again = send(page, shop, "\n".join(rows[:3])).context["done"]
    assert dict(again.outcomes) == {"same": 1}


@pytest.mark.parametrize("content", [b"", b"<html>", b"\x00\xff" * 40, b"a,b\n1,2\n", b"PK\x03\x04"])
def test_nonsense_is_refused_at_its_field(shop, content):
    response = send(signed_in(Role.SUPERVISOR), shop, content)
    assert response.status_code == 422 and response.context["form"].errors["upload"]
    assert not StockLevel.objects.exists()


def test_only_supervisors_import_and_nobody_guesses_his_way_to_files(shop):
    assert signed_in().get(reverse("stock_import")).status_code == 403
    assert signed_in(Role.SUPERVISOR).get(reverse("stock_rejected", args=["stock-..%2f..%2fetc"])).status_code == 404
