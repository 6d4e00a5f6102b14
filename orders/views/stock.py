"""Stock: the list, one article with who has reserved what, and the import of a file."""

import re

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from orders import access, stocklist
from orders.goodsforms import StockFilterForm, StockImportForm
from orders.importing.problems import Refused
from orders.listing import BadCursor
from orders.models import StockLevel
from orders.presents import Presents
from orders.services.stocking.importing import import_stock, rejected_path

TOKEN = re.compile(r"stock-[A-Za-z0-9_-]{16,40}")
# So many rejected rows are shown; the file has them all.
SHOWN = 20
AT_A_TIME = 200
STEPS = {str(step) for step in range(stocklist.PAGE, AT_A_TIME, stocklist.PAGE)}


@login_required
@require_safe
def levels(request: HttpRequest) -> HttpResponse:
    """The list; with `after`, only the rows of the next page."""
    form = StockFilterForm(request.GET)
    try:
        page = stocklist.page(form.filters().narrow(StockLevel.objects.all()), cursor=request.GET.get("after", ""))
    except BadCursor:
        raise Http404 from None
    before = request.GET.get("so_far", "")
    context = {
        "form": form,
        "page": page,
        "presents": Presents.at(timezone.now()),
        "so_far": len(page.rows) + (int(before) if before in STEPS else 0),
        "most": AT_A_TIME,
    }
    if request.headers.get("HX-Request"):
        part = "rows" if request.GET.get("after") else "list"
        return render(request, f"orders/stock.html#{part}", context)
    return render(request, "orders/stock.html", context)


@login_required
@require_safe
def article(request: HttpRequest, pk: int) -> HttpResponse:
    """One article of a shop: every warehouse, who has reserved it, who waits for it, what comes in."""
    level = get_object_or_404(StockLevel.objects.select_related("shop"), pk=pk)
    shown = stocklist.article(level, access.visible_to(request.user))
    context = {"level": level, "shown": shown, "presents": Presents.at(timezone.now())}
    return render(request, "orders/stock_article.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def take_in(request: HttpRequest) -> HttpResponse:
    """Import a file of stock."""
    _check(request)
    form = StockImportForm(request.POST or None, request.FILES or None)
    done = None
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            done = import_stock(shop=chosen["shop"], file=chosen["upload"], now=timezone.now())
        except Refused as refused:
            form.add_error("upload", refused.text(_))
    rejected = done.rejected[:SHOWN] if done else []
    context = {
        "form": form,
        "done": done,
        "rejected": [(each, each.reason(_), each.remedy(_)) for each in rejected],
    }
    return render(request, "orders/stock_import.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def rejected(request: HttpRequest, token: str) -> FileResponse:
    """The rows that were not taken, each with its reason."""
    _check(request)
    path = rejected_path(token) if TOKEN.fullmatch(token) else None
    if path is None or not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=True, filename="stock-rejected.csv")


def _check(request: HttpRequest) -> None:
    if not request.user.is_supervisor:
        raise PermissionDenied("Only supervisors and administrators import stock.")
