import pytest
from django.core.cache.backends.locmem import LocMemCache

from ticketdesk import briefly
from ticketdesk.briefly import briefly as kept_briefly


@pytest.fixture(autouse=True)
def kept(monkeypatch):
    store = LocMemCache("test", {})
    store.clear()
    monkeypatch.setattr(briefly, "kept", store)


def test_what_was_just_made_is_not_made_again():
    made = iter("ab")
    assert [kept_briefly(60, ("x", 1), lambda: next(made)) for _ in range(3)] == ["a", "a", "a"]


def test_nobody_is_told_what_was_kept_for_another():
    assert kept_briefly(60, ("x", 1), lambda: "one's own") != kept_briefly(60, ("x", 11), lambda: "another's")


def test_what_is_too_old_is_made_anew():
    made = iter("ab")
    assert [kept_briefly(0, ("x", 1), lambda: next(made)) for _ in range(2)] == ["a", "b"]
