"""Codes on pages: the inbox, a meaning given, the re-reading followed, the history."""

import pytest
from django.test import Client

from orders import codelist
from orders.models import CodeMap, Shipment, UnknownCode
from orders.services.codes import map_code
from orders.services.door import forget_doors
from orders.services.inbound import take_in_until_idle
from orders.services.remapping import remap_until_idle
from tests import factories as make
from tests.clock import NOW
from tests.orders import pushes

pytestmark = pytest.mark.django_db
PAGE = "/codes/code/?source=aftership&code=Odd_001"


@pytest.fixture(autouse=True)
def _no_known_doors():
    forget_doors()


def signed_in(role: str = "administrator") -> Client:
    client = Client()
    client.force_login(make.user(role=role))
    return client


def unread(code: str = "Odd_001") -> Shipment:
    endpoint = pushes.endpoint(make.shop())
    row = pushes.checkpoint(make.ago(5), tag="Odd", subtag=code, text="Held by a dragon")
    pushes.push(endpoint, pushes.aftership(row))
    take_in_until_idle()
    return Shipment.objects.get()


def unknown(number: int, source: str = "aftership") -> UnknownCode:
    seen = {"first_seen_at": NOW, "last_seen_at": NOW}
    return UnknownCode.objects.create(source=source, raw_code=f"C{number:03}", count=1, **seen)


def test_an_unread_code_waits_in_the_inbox_with_its_sample():
    parcel = unread()
    code = UnknownCode.objects.get().raw_code
    text = signed_in("supervisor").get("/codes/").content.decode()
    for words in (code, "Held by a dragon", f"/parcels/{parcel.pk}/"):
        assert words in text


def test_a_mapped_code_leaves_the_inbox_and_its_parcels_are_read_again():
    parcel, client = unread(), signed_in()
    code = UnknownCode.objects.get().raw_code
    address = f"/codes/code/?source=aftership&code={code}"
    answer = client.post(address, {"canonical": "exception.held"}, follow=True).content.decode()
    assert "every 1s" in answer
    remap_until_idle()
    assert "1 parcels were read again" in client.get(address).content.decode()
    parcel.refresh_from_db()
    assert (parcel.status, parcel.sub_status) == ("exception", "held")
    assert "Every code is known" in client.get("/codes/").content.decode()
    assert code in client.get("/codes/?tab=mapped").content.decode()


def test_every_version_stays_with_its_author():
    client = signed_in()
    for canonical in ("exception.held", "delivered.signed"):
        client.post(PAGE, {"canonical": canonical})
    story = client.get(PAGE).context["story"]
    assert [(each.version, each.sub_status) for each in story.versions] == [(2, "signed"), (1, "held")]
    assert all(each.author for each in story.versions)


@pytest.mark.parametrize("canonical", ["", "nonsense", "unknown.unmapped_code"])
def test_a_code_cannot_mean_what_is_not_in_the_list(canonical):
    answer = signed_in().post(PAGE, {"canonical": canonical})
    assert answer.status_code == 422
    assert not CodeMap.objects.exists()


def test_supervisors_read_a_code_and_do_not_map_it():
    client = signed_in("supervisor")
    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE, {"canonical": "exception.held"}).status_code == 403


@pytest.mark.parametrize("query", ["", "source=nobody&code=x", "source=aftership&code=", "source=aftership&code=%00"])
def test_what_no_code_can_be_is_not_found(query):
    assert signed_in().get(f"/codes/code/?{query}").status_code == 404


def test_the_progress_stops_asking_when_it_is_done():
    made = map_code(source="aftership", raw_code="x", canonical="exception.held", by=make.user(), now=NOW)
    client, address = signed_in(), f"/codes/progress/{made.remap.pk}/"
    assert b"every 1s" in client.get(address).content
    remap_until_idle()
    assert b"every 1s" not in client.get(address).content


@pytest.mark.parametrize("tab", ["inbox", "mapped"])
def test_pages_follow_each_other_without_gap_or_repetition(tab):
    for number in range(5):
        unknown(number)
    if tab == "mapped":
        for number in range(5):
            for canonical in ("exception.held", "exception.lost"):
                map_code(source="aftership", raw_code=f"C{number:03}", canonical=canonical, by=make.user(), now=NOW)
    page_of = codelist.mapped_page if tab == "mapped" else codelist.unknown_page
    seen, cursor = [], ""
    while True:
        page = page_of(cursor=cursor, limit=2)
        seen += [row.raw_code for row in page.rows]
        cursor = page.next
        if not cursor:
            break
    assert sorted(seen) == [f"C{number:03}" for number in range(5)]


@pytest.mark.parametrize("tab", ["inbox", "mapped"])
@pytest.mark.parametrize("cursor", ["x", "2026-01-01_1", "2026-01-01T00:00:00+00:00_x", "9" * 30])
def test_a_damaged_cursor_is_not_found(tab, cursor):
    assert signed_in().get("/codes/", {"tab": tab, "after": cursor}).status_code == 404


@pytest.mark.parametrize("tab", ["inbox", "mapped"])
def test_forty_codes_cost_as_many_queries_as_two(tab, django_assert_max_num_queries):
    client, address = signed_in(), f"/codes/?tab={tab}"

    def add(numbers):
        for number in numbers:
            unknown(number)
            if tab == "mapped":
                map_code(source="aftership", raw_code=f"C{number:03}", canonical="exception.held", by=author, now=NOW)

    author = make.user()
    add(range(2))
    client.get(address)
    with django_assert_max_num_queries(30) as few:
        client.get(address)
    add(range(2, 40))
    with django_assert_max_num_queries(len(few)):
        client.get(address)
