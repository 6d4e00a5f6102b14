import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ticketdesk.accounts import services
from ticketdesk.accounts.adapter import ClosedAdapter
from ticketdesk.accounts.models import ApiKey, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.com", "a long passphrase", name="Root"))
    return client


@pytest.mark.parametrize("model", ["user", "team", "apikey", "reveal"])
def test_every_data_page_opens(pages, model):
    assert pages.get(reverse(f"admin:accounts_{model}_changelist")).status_code == 200


def test_a_person_is_made_on_the_data_pages(pages):
    fields = {"email": "New@Example.com", "name": "New", "role": "agent", "usable_password": "true"}
    fields |= {"password1": "a long passphrase", "password2": "a long passphrase"}
    fields |= {f"{name}-{count}_FORMS": "0" for name in ("memberships", "shifts") for count in ("TOTAL", "INITIAL")}
    assert pages.post(reverse("admin:accounts_user_add"), fields).status_code == 302
    person = User.objects.get(email="new@example.com")
    assert person.check_password("a long passphrase")
    assert pages.get(reverse("admin:accounts_user_change", args=[person.pk])).status_code == 200


def test_keys_are_shown_without_their_hash_and_cannot_be_changed(pages):
    root = User.objects.get()
    key, _text = services.create_key(by=root, user=root, name="x", scopes=["sla:read"], now=timezone.now())
    change = reverse("admin:accounts_apikey_change", args=[key.pk])
    assert key.secret_hash not in pages.get(change).content.decode()
    assert pages.post(change, {"name": "y"}).status_code == 403
    assert pages.get(reverse("admin:accounts_apikey_add")).status_code == 403
    assert ApiKey.objects.get().name == "x"


def test_nobody_signs_up_by_themselves(rf):
    assert not ClosedAdapter().is_open_for_signup(rf.get("/"))
