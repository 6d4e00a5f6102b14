"""How allauth behaves here: people are invited by an administrator, nobody signs up by themselves."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAdapter(DefaultAccountAdapter):
    """Sign-in, password reset and second factors, without any sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: a desk full of customers' addresses is not open to whoever finds the page."""
        return False
