"""Doors are opened by a command that says address and secret."""

import io

import pytest
from django.core.management import CommandError, call_command

from orders.models import Endpoint
from tests import factories as make

pytestmark = pytest.mark.django_db


def add(*words: str) -> str:
    out = io.StringIO()
    call_command("add_endpoint", *words, stdout=out)
    return out.getvalue()


def test_the_address_and_a_secret_that_nobody_guesses_are_told() -> None:
    make.shop(code="demo")
    told = add("aftership", "--shop", "demo")
    door = Endpoint.objects.get()
    assert f"/hooks/tracking/aftership/{door.key}/" in told and door.secret in told and len(door.secret) > 30


def test_a_secret_and_a_mapping_may_be_given() -> None:
    make.shop(code="demo")
    fields = '{"number": "no", "time": "t", "code": "c", "signature": {"header": "X-S", "kind": "hmac-sha256-hex"}}'
    add("generic", "--shop", "demo", "--secret", "s3cret", "--fields", fields, "--name", "Ours")
    door = Endpoint.objects.get()
    assert (door.secret, door.name, door.fields["number"]) == ("s3cret", "Ours", "no")


@pytest.mark.parametrize(
    "words", [("nobody", "--shop", "demo"), ("fedex", "--shop", "demo"), ("aftership", "--shop", "other"),
              ("generic", "--shop", "demo", "--fields", "{"), ("generic", "--shop", "demo", "--fields", "{}")]
)  # fmt: skip
def test_what_cannot_be_opened_is_refused_with_a_remedy(words) -> None:
    make.shop(code="demo")
    with pytest.raises(CommandError):
        add(*words)
    assert not Endpoint.objects.exists()
