"""Carriers' codes: the inbox of unknown ones, those that were mapped, and one code with its history."""

from typing import Any

from django.contrib import messages as notes
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from orders import codelist
from orders.carriers import catalogue
from orders.feed_forms import CodeForm
from orders.feedlist import title_of
from orders.models import Remap
from orders.services.codes import BadMeaning, map_code
from orders.views.feeds import administrators_only, readers_only


@login_required
@require_safe
def codes(request: HttpRequest) -> HttpResponse:
    """The inbox, or with ?tab=mapped what administrators have mapped."""
    readers_only(request)
    tab = "mapped" if request.GET.get("tab") == "mapped" else "inbox"
    source = _plain(request.GET.get("source", ""), 32)
    pages: Any = codelist.mapped_page if tab == "mapped" else codelist.unknown_page
    try:
        page = pages(source=source, cursor=request.GET.get("after", ""))
    except ValueError:
        raise Http404 from None
    context = {
        "page": page,
        "tab": tab,
        "source": source,
        "waiting": codelist.unread().count(),
        "sources": [(name, title_of(name)) for name in catalogue()],
        "titles": {row.source: title_of(row.source) for row in page.rows},
    }
    return render(request, "orders/codes.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """One code: ?source=…&code=…; an administrator gives it a meaning."""
    readers_only(request)
    source, raw_code = _plain(request.GET.get("source", ""), 32), _plain(request.GET.get("code", ""), 64)
    if not raw_code or (source not in catalogue() and not source.startswith("generic:")):
        raise Http404
    story = codelist.story(source, raw_code)
    newest = story.newest
    initial = {"canonical": f"{newest.status}.{newest.sub_status}" if newest else str(story.ours or "")}
    form = CodeForm(request.POST or None, initial=initial)
    if request.method == "POST":
        administrators_only(request)
        if form.is_valid():
            try:
                map_code(
                    source=source, raw_code=raw_code, canonical=form.cleaned_data["canonical"], by=request.user,
                    now=timezone.now(),
                )  # fmt: skip
            except BadMeaning as error:
                form.add_error("canonical", str(error))
            else:
                notes.success(request, _("It counts at once. Stored scans are read again in the background."))
                return redirect(address_of_code(source, raw_code))
    context = {
        "story": story,
        "title": title_of(source),
        "form": form,
        "remap": story.remap,
        "following": codelist.next_unread(source, raw_code),
    }
    return render(request, "orders/code.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the re-reading is; while it runs, the page asks again for this part of itself."""
    readers_only(request)
    remap = get_object_or_404(Remap.objects.select_related("code_map"), pk=pk)
    return render(request, "orders/_remap.html", {"remap": remap})


def address_of_code(source: str, raw_code: str) -> str:
    """The page of a code."""
    return f"{reverse('code')}?{urlencode({'source': source, 'code': raw_code})}"


def _plain(text: str, limit: int) -> str:
    """What stood in the address; 404 for what no code can be."""
    if len(text) > limit or "\x00" in text:
        raise Http404
    return text
