"""Sources on pages: who sees and changes them, secrets shown once, a mapping tried, health."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from orders.feed_forms import EXAMPLE, SAMPLE
from orders.models import Endpoint, FeedHour, InboundMessage, TrackingEvent
from orders.services.door import forget_doors
from orders.services.inbound import take_in_until_idle
from tests import factories as make
from tests.orders import pushes

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _no_known_doors():
    forget_doors()


def signed_in(role: str = "administrator") -> Client:
    client = Client()
    client.force_login(make.user(role=role))
    return client


def new(client, **answers):
    given = {"source": "aftership", "shop": make.shop().pk, "name": "Main"}
    return client.post("/feeds/new/", given | answers)


def hour_of(endpoint, hours_ago: int = 0, **columns) -> FeedHour:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) - hours_ago * HOUR
    return FeedHour.objects.create(endpoint=endpoint, hour=hour, **columns)


@pytest.mark.parametrize("address", ["/feeds/", "/feeds/messages/", "/codes/"])
def test_supervisors_read_and_agents_do_not_see_it(address):
    assert signed_in("supervisor").get(address).status_code == 200
    assert signed_in("agent").get(address).status_code == 403
    assert Client().get(address).status_code == 302


@pytest.mark.parametrize("address", ["/feeds/new/", "/feeds/try/", "/feeds/messages/replay/"])
def test_only_administrators_change_anything(address):
    assert signed_in("supervisor").post(address, {}).status_code == 403


def test_an_empty_list_says_what_to_do_and_only_administrators_are_offered_it():
    assert b"No source sends news yet" in signed_in("supervisor").get("/feeds/").content
    assert b"/feeds/new/" not in signed_in("supervisor").get("/feeds/").content
    assert b"/feeds/new/" in signed_in().get("/feeds/").content


def test_a_made_secret_is_shown_once_and_the_answer_is_not_kept():
    client = signed_in()
    answer = new(client)
    endpoint = Endpoint.objects.get()
    assert endpoint.secret in answer.content.decode()
    assert f"/hooks/tracking/aftership/{endpoint.key}/" in answer.content.decode()
    assert answer["Cache-Control"] == "private, no-store"
    for page in (f"/feeds/{endpoint.pk}/", f"/feeds/{endpoint.pk}/edit/", "/feeds/"):
        assert endpoint.secret not in client.get(page).content.decode()


def test_a_typed_secret_is_taken_and_a_short_one_refused_at_its_field():
    client = signed_in()
    assert new(client, secret="abc").context["form"].errors["secret"]
    new(client, secret="the-senders-own")
    assert Endpoint.objects.get().secret == "the-senders-own"


def test_a_source_that_we_ask_needs_its_address():
    client = signed_in()
    assert new(client, source="fedex").context["form"].errors["poll_url"]
    assert new(client, source="fedex", poll_url="http://a.example/{number}").context["form"].errors["poll_url"]
    assert new(client, source="fedex", poll_url="https://a.example/").context["form"].errors["poll_url"]
    new(client, source="fedex", poll_url="https://a.example/{number}", poll_header="X-Key: abc")
    made = Endpoint.objects.get()
    assert (made.poll_url, made.poll_header) == ("https://a.example/{number}", "X-Key: abc")


@pytest.mark.parametrize(
    ("mapping", "word"),
    [("", "Say where"), ("{", "line"), ("[1]", "object"), ('{"number": "x"}', "time:"), ("[" * 9000, "JSON")],
)
def test_a_wrong_mapping_is_refused_at_its_field(mapping, word):
    answer = new(signed_in(), source="generic", mapping=mapping)
    assert answer.status_code == 422
    assert word in str(answer.context["form"].errors["mapping"])
    assert not Endpoint.objects.exists()


def test_the_example_is_a_mapping_that_reads_the_example_message():
    client = signed_in()
    given = {"mapping": json.dumps(EXAMPLE), "sample": json.dumps(SAMPLE), "shop": make.shop().pk}
    text = client.post("/feeds/try/", given).content.decode()
    for words in ("AB123456789CN", "Signed by recipient", "Arrived at facility", "Leeds"):
        assert words in text
    assert not TrackingEvent.objects.exists() and not InboundMessage.objects.exists()


@pytest.mark.parametrize("sample", ["", "no json", "[]", '{"data": {"events": []}}', "\ud800"])
def test_a_message_that_cannot_be_read_says_why(sample):
    given = {"mapping": json.dumps(EXAMPLE), "sample": sample.encode("utf-8", "replace")}
    answer = signed_in().post("/feeds/try/", given)
    assert answer.status_code == 200
    assert b'class="alert"' in answer.content


def test_two_secrets_count_until_the_next_is_the_only_one():
    client, endpoint = signed_in(), pushes.endpoint(make.shop())
    secrets = f"/feeds/{endpoint.pk}/secrets/"
    shown = client.post(secrets, {"do": "add"}).content.decode()
    endpoint.refresh_from_db()
    assert endpoint.next_secret in shown
    body = pushes.aftership(pushes.checkpoint(make.ago(5)))
    assert pushes.push(endpoint, body).status_code == 200
    client.post(secrets, {"do": "promote"})
    assert pushes.push(endpoint, body + b" ").status_code == 401
    assert pushes.push(endpoint, body + b" ", secret=endpoint.next_secret).status_code == 200
    assert "no next secret" in client.post(secrets, {"do": "promote"}, follow=True).content.decode()


def test_a_closed_endpoint_answers_404_and_is_not_missed():
    client, endpoint = signed_in(), pushes.endpoint(make.shop(), silent_since=make.ago(3))
    client.post(f"/feeds/{endpoint.pk}/switch/", {"on": "0"})
    endpoint.refresh_from_db()
    assert (endpoint.active, endpoint.silent_since) == (False, None)
    assert pushes.push(endpoint, pushes.aftership()).status_code == 404
    client.post(f"/feeds/{endpoint.pk}/switch/", {"on": "1"})
    assert pushes.push(endpoint, pushes.aftership()).status_code == 200


def test_a_changed_endpoint_keeps_the_header_that_was_not_typed_again():
    endpoint = pushes.endpoint(make.shop(), source="fedex", poll_url="https://a.example/{number}", poll_header="K: v")
    given = {"name": "Other", "poll_url": "https://b.example/{number}", "poll_header": ""}
    signed_in().post(f"/feeds/{endpoint.pk}/edit/", given)
    endpoint.refresh_from_db()
    assert (endpoint.name, endpoint.poll_url, endpoint.poll_header) == ("Other", "https://b.example/{number}", "K: v")


def test_the_list_tells_of_the_last_day_and_the_dead_that_lie_there():
    endpoint = pushes.endpoint(make.shop(), last_message_at=timezone.now())
    hour_of(endpoint, 1, messages=7, refused=3, duplicates=2, delays=[8, 1, 1, *[0] * 8])
    hour_of(endpoint, 30, messages=100)
    pushes.push(endpoint, b"no json")
    take_in_until_idle()
    row = signed_in().get("/feeds/").context["page"].rows[0]
    assert (row.messages, row.refused, row.duplicates, row.dead) == (8, 3, 2, 1)
    assert (row.median, row.p90) == ("≤ 1m", "≤ 5m")


def test_the_health_of_a_week_is_drawn_with_its_silent_times():
    endpoint = pushes.endpoint(make.shop())
    for ago in set(range(100)) - {40, 41, 42, 43}:
        hour_of(endpoint, ago, messages=10, dead=1, delays=[5, *[0] * 9, 1])
    answer = signed_in("supervisor").get(f"/feeds/{endpoint.pk}/")
    health = answer.context["health"]
    assert (health.messages, len(health.gaps), len(health.hours)) == (960, 1, 168)
    for title in ("Messages per hour, 7 days", "From scan to arrival", "Troubles by day"):
        assert f'aria-label="{title}"' in answer.content.decode()


def test_an_endpoint_without_messages_says_so():
    endpoint = pushes.endpoint(make.shop())
    assert b"Send a test message" in signed_in().get(f"/feeds/{endpoint.pk}/").content
    assert signed_in().get(f"/feeds/{endpoint.pk + 1}/").status_code == 404


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 30, "²"])
def test_a_damaged_cursor_is_not_found(cursor):
    assert signed_in().get("/feeds/", {"after": cursor}).status_code == 404


def test_endpoints_follow_each_other_without_gap_or_repetition():
    from orders import feedlist

    made = [pushes.endpoint(make.shop()).pk for _ in range(5)]
    seen, after = [], 0
    while after is not None:
        page = feedlist.page(now=timezone.now(), after=after, limit=2)
        seen += [row.endpoint.pk for row in page.rows]
        after = page.next
    assert seen == made


def test_fifty_endpoints_cost_as_many_queries_as_two(django_assert_max_num_queries):
    client, shop = signed_in(), make.shop()
    for _ in range(2):
        hour_of(pushes.endpoint(shop), messages=1)
    client.get("/feeds/")
    with django_assert_max_num_queries(30) as few:
        client.get("/feeds/")
    for _ in range(48):
        hour_of(pushes.endpoint(shop), messages=1)
    with django_assert_max_num_queries(len(few)):
        client.get("/feeds/")
