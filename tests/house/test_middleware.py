from django.http import HttpResponse
from django.test import RequestFactory

from ticketdesk.middleware import SecurityHeadersMiddleware


def answer(response: HttpResponse) -> HttpResponse:
    return SecurityHeadersMiddleware(lambda request: response)(RequestFactory().get("/"))


def test_nothing_may_run_or_load_but_our_own_files():
    policy = answer(HttpResponse("x"))["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in policy
    assert not any("unsafe" in rule or "*" in rule or "http" in rule for rule in policy)


def test_a_view_may_set_its_own_header():
    assert answer(HttpResponse("x", headers={"Referrer-Policy": "no-referrer"}))["Referrer-Policy"] == "no-referrer"


def test_pages_stay_out_of_shared_caches_and_pictures_may_enter_them():
    assert answer(HttpResponse("x"))["Cache-Control"] == "private, no-cache"
    assert not answer(HttpResponse(b"x", content_type="image/png")).has_header("Cache-Control")
