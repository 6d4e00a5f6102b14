"""Documents on the order's page: added, compared side by side, accepted, saved; only by whom it concerns."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from orders.models import AcceptedDifference, Document, OrderLine
from tests import factories as make
from ticketdesk.accounts.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    made = make.order(make.shop(), total=100)
    OrderLine.objects.create(order=made, line_no=1, sku="TEA", name="Tea", qty=2, unit_price=50)
    return made


def signed_in(role=Role.AGENT) -> Client:
    client = Client()
    client.force_login(make.user(make.team(), role=role))
    return client


def send(page, order, content=b"sku,qty\nTEA,1\n", name="i.csv", **fields):
    body = {"kind": "invoice", "number": "I-1", "file": SimpleUploadedFile(name, content)} | fields
    return page.post(reverse("order_documents", args=[order.pk]), body)


def shown(page, order) -> str:
    return page.get(reverse("order", args=[order.pk])).content.decode()


def test_the_page_shows_what_the_order_says_beside_what_the_document_says(order):
    page = signed_in()
    assert "No document yet" in shown(page, order)
    assert send(page, order)["Location"] == f"{reverse('order', args=[order.pk])}#documents"
    html = shown(page, order)
    assert '<td class="num">2</td><td class="num err">1</td>' in html
    assert "1 difference" in html and "Accept the difference" in html


def test_an_accepted_difference_shows_who_and_why(order):
    page = signed_in()
    send(page, order)
    digest = shown(page, order).split('name="digest" value="')[1].split('"')[0]
    address = reverse("order_document_accept", args=[order.pk])
    page.post(address, {"kind": "invoice", "digest": digest, "reason": " "})
    assert not AcceptedDifference.objects.exists()
    page.post(address, {"kind": "invoice", "digest": digest, "reason": "The rest is a gift"})
    html = shown(page, order)
    assert "The rest is a gift" in html and "Accept the difference" not in html


def test_a_file_is_only_ever_saved(order):
    page = signed_in()
    send(page, order, b"%PDF-1.4 <script>", "scan.html", total_qty=2)
    document = Document.objects.get()
    response = page.get(reverse("order_document_file", args=[order.pk, document.pk]))
    assert b"".join(response.streaming_content) == b"%PDF-1.4 <script>"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert (response["X-Content-Type-Options"], response["Content-Type"]) == ("nosniff", "application/pdf")


def test_a_file_belongs_to_its_order_and_to_those_who_see_it(order):
    send(signed_in(), order)
    document, other = Document.objects.get(), make.order(order.shop)
    assert signed_in().get(reverse("order_document_file", args=[other.pk, document.pk])).status_code == 404
    contact = signed_in(Role.CONTACT)
    assert contact.get(reverse("order_document_file", args=[order.pk, document.pk])).status_code == 404
    assert send(contact, order).status_code == 404
    assert Client().get(reverse("order_document_file", args=[order.pk, document.pk])).status_code == 302


def test_somebody_who_only_reads_adds_and_accepts_nothing(order):
    page = signed_in(Role.READONLY)
    assert send(page, order).status_code == 403
    assert page.post(reverse("order_document_accept", args=[order.pk]), {}).status_code == 403
    assert "Add a document" not in shown(page, order)


@pytest.mark.parametrize("content", [b"", b"<html>", b"<svg/>", b"\x00\x01\x02" * 50])
def test_nonsense_is_refused_at_its_field_and_the_page_says_why(order, content):
    response = send(signed_in(), order, content)
    assert response.status_code == 422
    assert 'class="errorlist"' in response.content.decode()
    assert not Document.objects.exists()


def test_neither_a_file_nor_totals_is_refused(order):
    page = signed_in()
    response = page.post(reverse("order_documents", args=[order.pk]), {"kind": "invoice", "number": "1"})
    assert response.status_code == 422 and "Choose a file, or type the totals." in response.content.decode()


def test_a_withdrawn_document_moves_to_the_earlier_ones(order):
    page = signed_in()
    send(page, order)
    page.post(reverse("order_document_withdraw", args=[order.pk, Document.objects.get().pk]))
    html = shown(page, order)
    assert "Earlier and withdrawn" in html and "Accept the difference" not in html
