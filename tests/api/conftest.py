"""Fixtures of the API's tests. Models are imported late: this file is read before Django is ready."""

import pytest

from tests.clock import NOW


@pytest.fixture(autouse=True)
def _stopped_clock(monkeypatch):
    """Calls carry no time: the API asks the clock, which shows the tests' fixed present."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture(autouse=True)
def _fresh_buckets():
    """Each test may call as often as a minute allows."""
    from ticketdesk.api.throttles import PrincipalThrottle

    PrincipalThrottle._drained_at.clear()


@pytest.fixture
def cast(db):
    from tests.api.cast import gather

    return gather()


@pytest.fixture(params=["with_session", "with_key"])
def as_user(request):
    """Makes a client for somebody: once signed in, once with a key that has every scope."""
    from tests.api import cast

    return getattr(cast, request.param)


@pytest.fixture
def agent(cast):
    """Team A's agent, by key."""
    from tests.api.cast import with_key

    return with_key(cast.agent_a)


@pytest.fixture
def supervisor(cast):
    """A supervisor, by key."""
    from tests.api.cast import with_key

    return with_key(cast.supervisor)


@pytest.fixture
def carrier(db):
    from tests import factories

    return factories.carrier(code="sf-express", name="SF Express")
