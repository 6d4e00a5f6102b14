from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.authentication import SessionAuthentication
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from ticketdesk.accounts import services
from ticketdesk.accounts.api import ApiKeyAuthentication, HasScope, throttle_ident
from ticketdesk.accounts.models import ApiKey, User

pytestmark = pytest.mark.django_db
call = APIRequestFactory()


class OrdersView(APIView):
    authentication_classes = (ApiKeyAuthentication, SessionAuthentication)
    permission_classes = (HasScope,)
    throttle_classes = ()
    required_scopes = {"GET": "orders:read", "POST": ["orders:write", "events:write"]}
    required_roles = {"DELETE": ["administrator"]}

    def get(self, request):
        return Response({"as": request.user.email, "bucket": throttle_ident(request)})

    post = put = delete = get


@pytest.fixture
def erp() -> User:
    return User.objects.create_user("erp@example.com", name="ERP", role="agent")


def key_for(user: User, *scopes: str, **extra) -> str:
    admin = User.objects.create_user(f"admin{User.objects.count()}@example.com", role="administrator")
    return services.create_key(by=admin, user=user, name="x", scopes=scopes, now=timezone.now(), **extra)[1]


def answer(method: str, token: str | None = None, user: User | None = None, kind: str = "Bearer"):
    headers = {"HTTP_AUTHORIZATION": f"{kind} {token}"} if token is not None else {}
    request = getattr(call, method)("/", **headers)
    if user:
        force_authenticate(request, user=user)
    return OrdersView.as_view()(request)


def test_a_key_answers_as_its_person_and_is_counted_by_itself(erp):
    reply = answer("get", key_for(erp, "orders:read"))
    assert reply.data == {"as": "erp@example.com", "bucket": f"key:{ApiKey.objects.get().pk}"}


def test_the_use_of_a_key_is_noted(erp):
    answer("get", key_for(erp, "orders:read"))
    assert timezone.now() - ApiKey.objects.get().last_used_at < timedelta(minutes=1)


@pytest.mark.parametrize("token", ["", "x", "pk_live_", "pk_live_000000000000_" + "A" * 43, "ключ", "a b"])
def test_a_token_that_is_no_key_is_401_and_never_falls_back_to_the_session(erp, token):
    reply = answer("get", token.encode().decode("latin-1"))
    assert reply.status_code == 401
    assert reply["WWW-Authenticate"].startswith("Bearer")


def test_no_token_is_401():
    assert answer("get").status_code == 401


def test_a_key_does_only_what_its_scopes_say(erp):
    reader = key_for(erp, "orders:read")
    assert [answer(method, reader).status_code for method in ("get", "head", "options", "post")] == [200, 200, 200, 403]


def test_a_method_that_asks_for_two_scopes_needs_both(erp):
    assert answer("post", key_for(erp, "orders:write")).status_code == 403
    assert answer("post", key_for(erp, "orders:write", "events:write")).status_code == 200


def test_a_method_without_declared_scopes_is_closed_to_keys(erp):
    assert answer("put", key_for(erp, "orders:write", "events:write", "orders:read")).status_code == 403


def test_a_key_of_a_reader_does_not_write_whatever_its_scopes(erp):
    erp.role = "readonly"
    erp.save()
    assert answer("post", key_for(erp, "orders:write", "events:write")).status_code == 403


def test_people_pass_by_role_without_scopes(erp):
    reader = User.objects.create_user("reader@example.com", role="readonly")
    assert answer("post", user=erp).data["bucket"] == f"user:{erp.pk}"
    assert (answer("get", user=reader).status_code, answer("post", user=reader).status_code) == (200, 403)


def test_a_method_kept_to_some_roles_is_closed_to_the_others(erp):
    admin = User.objects.create_user("boss@example.com", role="administrator")
    assert answer("delete", user=erp).status_code == 403
    assert answer("delete", user=admin).status_code == 200


def test_the_scheme_is_read_whatever_its_case_and_others_are_left_alone(erp):
    token = key_for(erp, "orders:read")
    assert answer("get", token, kind="bearer").status_code == 200
    assert answer("get", token, kind="Basic").status_code == 401
