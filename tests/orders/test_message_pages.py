"""Raw messages on pages: the list, the body behind a reason, another try."""

import pytest
from django.test import Client

from orders import messagelist
from orders.models import InboundMessage
from orders.services.door import forget_doors
from orders.services.inbound import take_in_until_idle
from tests import factories as make
from tests.orders import pushes
from ticketdesk.accounts.models import Reveal

pytestmark = pytest.mark.django_db
SECRET_TEXT = "Ms Brandt, Hafenstrasse 4"


@pytest.fixture(autouse=True)
def _no_known_doors():
    forget_doors()


@pytest.fixture
def endpoint():
    return pushes.endpoint(make.shop())


def signed_in(role: str = "administrator") -> Client:
    client = Client()
    client.force_login(make.user(role=role))
    return client


def read(endpoint, *bodies: bytes) -> list[InboundMessage]:
    for body in bodies:
        pushes.push(endpoint, body)
    take_in_until_idle()
    return list(InboundMessage.objects.order_by("id"))


def good(number: str = "1Z999", text: str = "") -> bytes:
    return pushes.aftership(pushes.checkpoint(make.ago(5), text=text), number=number)


def test_a_message_links_the_parcels_it_told_of(endpoint):
    (message,) = read(endpoint, good())
    text = signed_in("supervisor").get(f"/feeds/messages/{message.pk}/").content.decode()
    assert f"/parcels/{message.parcels[0]}/" in text and "1Z999" in text


def test_the_body_is_shown_to_administrators_with_a_reason_that_stays_on_record(endpoint):
    (message,) = read(endpoint, good(text=SECRET_TEXT))
    client, address = signed_in(), f"/feeds/messages/{message.pk}/body/"
    page = client.get(f"/feeds/messages/{message.pk}/")
    assert SECRET_TEXT not in page.content.decode() and page["Cache-Control"] == "private, no-store"
    assert client.post(address, {"reason": " "}).status_code == 422
    answer = client.post(address, {"reason": "The code is unknown"})
    assert SECRET_TEXT in answer.content.decode() and answer["Cache-Control"] == "private, no-store"
    look = Reveal.objects.get()
    assert (look.subject_type, look.subject_id, look.fields) == ("message", message.pk, ["body"])


def test_supervisors_do_not_see_bodies(endpoint):
    (message,) = read(endpoint, good())
    assert signed_in("supervisor").post(f"/feeds/messages/{message.pk}/body/", {"reason": "x"}).status_code == 403
    assert not Reveal.objects.exists()


def test_a_dead_letter_says_why_and_what_to_do_and_is_replayed(endpoint):
    (message,) = read(endpoint, b"no json")
    client = signed_in()
    text = client.get(f"/feeds/messages/{message.pk}/").content.decode()
    assert "It is no JSON" in text and "Set the sender to JSON" in text
    client.post("/feeds/messages/replay/", {"id": message.pk})
    message.refresh_from_db()
    assert (message.state, message.error) == ("waiting", "")


def test_all_dead_of_one_error_are_replayed_and_others_are_left(endpoint):
    read(endpoint, b"no json", b"none either", b"[]", good())
    signed_in().post("/feeds/messages/replay/", {"all": "1", "error": "not_json"})
    states = InboundMessage.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == ["waiting", "waiting", "dead", "done"]


def test_replay_goes_back_only_within_the_house(endpoint):
    (message,) = read(endpoint, b"no json")
    given = {"id": message.pk, "next": "https://evil.example/"}
    assert signed_in().post("/feeds/messages/replay/", given)["Location"] == "/feeds/messages/?state=dead"


def test_the_list_is_narrowed_by_endpoint_state_and_error(endpoint):
    other = pushes.endpoint(make.shop(), source="easypost", name="Quiet")
    read(endpoint, b"no json", good())
    client = signed_in()

    def rows(**told):
        return [row.message.state for row in client.get("/feeds/messages/", told).context["page"].rows]

    assert rows() == ["done", "dead"]
    assert rows(state="dead") == rows(error="not_json") == ["dead"]
    assert rows(endpoint=other.pk) == rows(error="mapping") == []
    assert b"No dead letter" in client.get("/feeds/messages/", {"state": "dead", "endpoint": other.pk}).content


def test_pages_follow_each_other_without_gap_or_repetition(endpoint):
    made = read(endpoint, *(good(f"N{number}") for number in range(5)))
    seen, cursor = [], ""
    while True:
        page = messagelist.page(messagelist.narrowed(), cursor=cursor, limit=2)
        seen += [row.message.pk for row in page.rows]
        cursor = page.next
        if not cursor:
            break
    assert seen == [message.pk for message in made][::-1]


@pytest.mark.parametrize("cursor", ["x", "_", "20261345_1", "20261101_x", "²0261101_1", "99999999_" + "9" * 30])
def test_a_damaged_cursor_is_not_found(cursor):
    assert signed_in().get("/feeds/messages/", {"after": cursor}).status_code == 404


def test_forty_messages_cost_as_many_queries_as_two(endpoint, django_assert_max_num_queries):
    client = signed_in()
    read(endpoint, good("A1"), b"no json")
    client.get("/feeds/messages/")
    with django_assert_max_num_queries(30) as few:
        client.get("/feeds/messages/")
    allowed = len(few)  # the next requests begin a new log
    read(endpoint, *(good(f"N{number}") for number in range(38)))
    with django_assert_max_num_queries(allowed):
        client.get("/feeds/messages/")


def test_the_rail_counts_dead_letters_for_supervisors_only(endpoint):
    read(endpoint, b"no json")
    assert b"/feeds/messages/?state=dead" in signed_in("supervisor").get("/orders/").content
    assert b"/feeds/" not in signed_in("agent").get("/orders/").content
