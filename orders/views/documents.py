"""Documents of an order: added, withdrawn, accepted in their difference, and handed out."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orders import access
from orders.goodsforms import AcceptForm, DocumentForm
from orders.models import Document, Order
from orders.services import documents, filing
from ticketdesk.accounts.models import Role

# The file may come from anybody: it is saved, never shown, and may do nothing even then.
SANDBOX = "default-src 'none'; sandbox"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """The documents of an order by themselves, and the form for another one."""
    order = _visible(request, pk)
    form = DocumentForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        _check(request)
        if form.is_valid():
            told = dict(form.cleaned_data)
            file = told.pop("file")
            try:
                documents.add(
                    order=order, given=documents.Given(**told), file=file, by=request.user, now=timezone.now()
                )
            except documents.FileRefused as refused:
                form.add_error("file", refused.text(_))
            except documents.Refused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, _(str(refused)))
            else:
                messages.success(request, _("The document is kept and compared."))
                return _back(pk)
    context = {"order": order, "document_form": form}
    return render(request, "orders/documents.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a difference as it is, for a reason that stays on record."""
    _check(request)
    order = _visible(request, pk)
    form = AcceptForm(request.POST)
    problem = _("Say why the difference is all right.")
    if form.is_valid():
        try:
            documents.accept(order=order, by=request.user, now=timezone.now(), **form.cleaned_data)
        except documents.Refused as refused:
            problem = _(str(refused))
        else:
            messages.success(request, _("The difference is accepted; the reason is on record."))
            return _back(pk)
    messages.error(request, problem)
    return _back(pk)


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int, document: int) -> HttpResponse:
    """Take a document out of the comparison; it stays on record."""
    _check(request)
    found = get_object_or_404(Document.objects.select_related("order__shop"), pk=document, order=_visible(request, pk))
    documents.withdraw(document=found, by=request.user, now=timezone.now())
    messages.success(request, _("The document no longer counts."))
    return _back(pk)


@login_required
@require_safe
def file(request: HttpRequest, pk: int, document: int) -> FileResponse:
    """The original file, to be saved."""
    found = get_object_or_404(Document, pk=document, order=_visible(request, pk))
    path = filing.path_of(found.file_key) if found.file_key else None
    if path is None or not path.is_file():
        raise Http404
    response = FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=found.file_name,
        content_type=filing.MEDIA_TYPES.get(found.file_type, "application/octet-stream"),
    )
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _visible(request: HttpRequest, pk: int) -> Order:
    return get_object_or_404(access.visible_to(request.user).select_related("shop"), pk=pk)


def _check(request: HttpRequest) -> None:
    if request.user.role == Role.READONLY:
        raise PermissionDenied("Your role reads only.")


def _back(pk: int) -> HttpResponse:
    return redirect(f"{reverse('order', args=[pk])}#documents")
