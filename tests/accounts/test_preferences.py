import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone, translation

from ticketdesk.accounts import services
from ticketdesk.accounts.middleware import PreferencesMiddleware
from ticketdesk.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> User:
    return User.objects.create_user("ann@example.com", name="Ann", language="zh-hans", timezone="Asia/Tokyo")


@pytest.fixture
def page(ann) -> Client:
    client = Client()
    client.force_login(ann)
    return client


@pytest.fixture(autouse=True)
def language_as_before():
    with translation.override("en"):
        yield


def seen_by(user: User | None) -> tuple[str, str]:
    """Language and zone that a view sees."""
    request = RequestFactory().get("/")
    if user:
        request.user = user
        request.COOKIES["sessionid"] = "x"
    seen = {}

    def view(_request):
        seen["both"] = (translation.get_language(), timezone.get_current_timezone_name())
        return HttpResponse()

    PreferencesMiddleware(view)(request)
    return seen["both"]


def test_a_signed_in_person_sees_their_language_and_time_zone(ann):
    assert seen_by(ann) == ("zh-hans", "Asia/Tokyo")


def test_the_time_zone_does_not_leak_into_the_next_request(ann):
    seen_by(ann)
    assert seen_by(None) == (translation.get_language(), "UTC")


def test_a_visitor_without_a_session_costs_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        seen_by(None)


def test_preferences_are_saved(page, ann):
    form = {"language": "zh-hant", "timezone": "Europe/Berlin"}
    assert page.post(reverse("accounts:preferences"), form).status_code == 302
    ann.refresh_from_db()
    assert (ann.language, ann.timezone, ann.available) == ("zh-hant", "Europe/Berlin", False)


@pytest.mark.parametrize("wrong", [{"language": "xx"}, {"timezone": "Mars/Olympus"}, {"timezone": ""}])
def test_a_wrong_preference_changes_nothing(page, ann, wrong):
    reply = page.post(reverse("accounts:preferences"), {"language": "en", "timezone": "Asia/Tokyo"} | wrong)
    ann.refresh_from_db()
    assert (reply.status_code, ann.language, ann.timezone) == (422, "zh-hans", "Asia/Tokyo")
    with pytest.raises(services.BadPreference):
        services.save_preferences(by=ann, **{"language": "en", "timezone": "Asia/Tokyo", "available": True} | wrong)


def test_the_preferences_page_asks_to_sign_in():
    assert Client().get(reverse("accounts:preferences")).status_code == 302


def test_the_preferences_page_shows_what_is_kept(page):
    text = page.get(reverse("accounts:preferences")).content.decode()
    assert '<option value="Asia/Tokyo" selected>' in text
    assert '<option value="zh-hans" selected>' in text


def test_the_language_switch_is_kept_on_the_person_and_in_a_cookie(page, ann):
    reply = page.post(reverse("accounts:set_language"), {"language": "en", "next": "/me/preferences/?a=1"})
    ann.refresh_from_db()
    assert (ann.language, reply.cookies["django_language"].value, reply["Location"]) == (
        "en",
        "en",
        "/me/preferences/?a=1",
    )


def test_a_visitor_switches_language_by_cookie():
    reply = Client().post(reverse("accounts:set_language"), {"language": "zh-hant"})
    assert reply.cookies["django_language"].value == "zh-hant"


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "javascript:alert(1)", "\\\\evil.example"]
)
def test_the_language_switch_leads_to_our_own_pages_only(page, target):
    reply = page.post(reverse("accounts:set_language"), {"language": "en", "next": target})
    assert "evil" not in reply["Location"] and "javascript" not in reply["Location"]


def test_an_unknown_language_changes_nothing(page, ann):
    page.post(reverse("accounts:set_language"), {"language": "xx"})
    ann.refresh_from_db()
    assert ann.language == "zh-hans"


def test_the_palette_leads_to_the_data_pages_those_who_may_use_them(page, ann):
    data_pages, imports = f'data-go="{reverse("admin:index")}"', f'data-go="{reverse("order_imports")}"'
    before = page.get(reverse("accounts:preferences")).content.decode()
    assert data_pages not in before and imports not in before
    User.objects.filter(pk=ann.pk).update(is_staff=True, role="supervisor")
    after = page.get(reverse("accounts:preferences")).content.decode()
    assert data_pages in after and imports in after
