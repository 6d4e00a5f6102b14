"""The signed-in person's own language and time zone, for every page."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation


class PreferencesMiddleware:
    """Comes after LocaleMiddleware and AuthenticationMiddleware; the person's own choice wins over the browser's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Asking for request.user opens the session; without its cookie there is nobody to ask for.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
            timezone.activate(request.user.zone)
        try:
            # The language stays on: LocaleMiddleware, around us, names it in Content-Language and sets the next one's.
            return self.get_response(request)
        finally:
            timezone.deactivate()
