from datetime import UTC, datetime, timedelta

import pytest

from ticketdesk.accounts import services
from ticketdesk.accounts.models import ApiKey, User

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    return User.objects.create_user("admin@example.com", name="Admin", role="administrator")


@pytest.fixture
def erp() -> User:
    return User.objects.create_user("erp@example.com", name="ERP")


@pytest.fixture
def key_and_text(admin, erp) -> tuple[ApiKey, str]:
    return services.create_key(by=admin, user=erp, name="ERP", scopes=["orders:read"], now=NOW)


def test_a_key_opens_as_the_person_it_acts_for(key_and_text, erp):
    key, text = key_and_text
    found = services.authenticate_key(text, NOW)
    assert (found, found.user, found.user.acting_key) == (key, erp, key)


def test_the_text_of_a_key_is_kept_nowhere(key_and_text):
    key, text = key_and_text
    secret = text.removeprefix(key.prefix + "_")
    assert len(secret) == 43
    assert all(secret not in str(value) for value in ApiKey.objects.values().get().values())


def test_no_two_keys_are_alike(admin, erp):
    made = {services.create_key(by=admin, user=erp, name="x", scopes=["sla:read"], now=NOW)[1] for _ in range(20)}
    assert len(made) == 20


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: text + "A",
        lambda text: text + "\n",
        lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"),
        lambda text: text.replace("pk_live_", "pk_test_"),
        lambda text: "pk_live_" + "0" * 12 + text[20:],
        lambda text: text.upper(),
        lambda text: "pk_live_\u0000",
        lambda text: "ｐ" + text[1:],
    ],
)
def test_a_text_that_is_not_quite_the_key_opens_nothing(key_and_text, spoil):
    assert services.authenticate_key(spoil(key_and_text[1]), NOW) is None


def test_a_key_opens_until_the_moment_it_expires(admin, erp):
    end = NOW + timedelta(days=1)
    _key, text = services.create_key(by=admin, user=erp, name="x", scopes=["sla:read"], now=NOW, expires_at=end)
    assert services.authenticate_key(text, end - timedelta(microseconds=1))
    assert services.authenticate_key(text, end) is None


def test_a_revoked_key_opens_nothing_and_keeps_its_first_revocation(key_and_text, admin):
    key, text = key_and_text
    services.revoke_key(by=admin, key=key, now=NOW)
    again = services.revoke_key(by=admin, key=key, now=NOW + timedelta(days=1))
    assert again.revoked_at == NOW
    assert services.authenticate_key(text, NOW) is None


def test_the_key_of_somebody_who_left_opens_nothing(key_and_text, erp):
    User.objects.filter(pk=erp.pk).update(is_active=False)
    assert services.authenticate_key(key_and_text[1], NOW) is None


def test_a_key_can_neither_make_nor_revoke_keys(admin):
    key, text = services.create_key(by=admin, user=admin, name="x", scopes=["orders:read"], now=NOW)
    through_key = services.authenticate_key(text, NOW).user
    with pytest.raises(services.KeysCannotManageKeys):
        services.create_key(by=through_key, user=admin, name="y", scopes=["orders:read"], now=NOW)
    with pytest.raises(services.KeysCannotManageKeys):
        services.revoke_key(by=through_key, key=key, now=NOW)


@pytest.mark.parametrize("role", ["supervisor", "agent", "contact", "readonly"])
def test_only_administrators_make_keys(erp, role):
    erp.role = role
    with pytest.raises(services.NotAllowed):
        services.create_key(by=erp, user=erp, name="x", scopes=["orders:read"], now=NOW)


def test_a_person_may_revoke_a_key_that_acts_for_them_but_no_other(key_and_text, erp):
    stranger = User.objects.create_user("stranger@example.com")
    with pytest.raises(services.NotAllowed):
        services.revoke_key(by=stranger, key=key_and_text[0], now=NOW)
    assert services.revoke_key(by=erp, key=key_and_text[0], now=NOW).revoked_at == NOW


@pytest.mark.parametrize("scopes", [[], ["everything"], ["orders:read", "orders:*"]])
def test_a_key_without_a_known_scope_is_refused(admin, erp, scopes):
    with pytest.raises(services.UnknownScope):
        services.create_key(by=admin, user=erp, name="x", scopes=scopes, now=NOW)


def test_a_key_that_would_be_expired_from_the_start_is_refused(admin, erp):
    with pytest.raises(services.ExpiryHasPassed):
        services.create_key(by=admin, user=erp, name="x", scopes=["sla:read"], now=NOW, expires_at=NOW)


def test_last_used_is_written_at_most_once_a_minute(key_and_text):
    stale_copies = [services.authenticate_key(key_and_text[1], NOW) for _ in range(2)]
    assert [services.touch_key(copy, NOW) for copy in stale_copies] == [True, False]
    fresh = services.authenticate_key(key_and_text[1], NOW)
    assert not services.touch_key(fresh, NOW + timedelta(seconds=59))
    assert services.touch_key(fresh, NOW + timedelta(seconds=60))
