"""Pages about oneself."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language as set_language_cookie

from ticketdesk.accounts import services
from ticketdesk.accounts.forms import PreferencesForm
from ticketdesk.accounts.models import Language, User


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """My language, time zone and availability."""
    user = cast(User, request.user)
    kept = {"language": user.language, "timezone": user.timezone, "available": user.available}
    form = PreferencesForm(request.POST or None, initial=kept)
    if request.method == "POST" and form.is_valid():
        services.save_preferences(by=user, **form.cleaned_data)
        translation.activate(user.language)
        messages.success(request, _("Your preferences are saved."))
        return redirect("accounts:preferences")
    return render(request, "accounts/preferences.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """The language switch: `language`, `next`. Kept in a cookie, and on the person when signed in."""
    language = request.POST.get("language", "")
    if request.user.is_authenticated and language in Language.values:
        services.set_language(by=request.user, language=language)
    return set_language_cookie(request)
