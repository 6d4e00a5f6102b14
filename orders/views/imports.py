"""Importing orders from files: what was imported, a new import, its progress and its rejected rows."""

import re
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orders.forms import ImportForm
from orders.importing.problems import ROW_PROBLEMS, Refused
from orders.models import ImportRun
from orders.services import imports, uploads

SHOWN = 20
ENTITIES = {
    "order": _("Orders"),
    "line": _("Lines"),
    "payment": _("Payments"),
    "customer": _("Buyers"),
    "seller": _("Sellers"),
    "parcel": _("Parcels"),
    "event": _("Events"),
}
# What a file of a mapping holds, by the mapping's word.
HOLDS = {f"{name}s": label for name, label in ENTITIES.items()}
OUTCOMES = ("new", "changed", "same")
GAP = re.compile(r"\{\w+\}")


def _check(request: HttpRequest) -> None:
    if not request.user.is_supervisor:
        raise PermissionDenied("Only supervisors and administrators import orders.")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def runs(request: HttpRequest) -> HttpResponse:
    """The list of imports, and the form for a new one."""
    _check(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            made = imports.create_run(
                shop=chosen["shop"], mapping=chosen["mapping"], files=chosen["upload"], by=request.user,
                dry_run=chosen["dry_run"], present_at=chosen["present_at"],
            )  # fmt: skip
        except Refused as error:
            form.add_error("present_at" if error.code.startswith("present") else "upload", error.text(gettext))
        else:
            return redirect("order_import", made.pk)
    listed = ImportRun.objects.select_related("shop", "author").order_by("-id")[:SHOWN]
    return render(request, "orders/imports.html", {"form": form, "runs": listed}, status=422 if form.errors else 200)


@login_required
@require_safe
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One import; while it runs, the page asks again for this part of itself."""
    _check(request)
    found = get_object_or_404(ImportRun.objects.select_related("shop", "author"), pk=pk)
    template = "orders/import.html#run" if request.headers.get("HX-Request") else "orders/import.html"
    return render(request, template, _context(found))


@login_required
@require_POST
def for_real(request: HttpRequest, pk: int) -> HttpResponse:
    """A dry run that looked well is imported."""
    _check(request)
    found = get_object_or_404(ImportRun.objects.select_related("shop", "author"), pk=pk)
    try:
        imports.import_for_real(run_id=found.pk, by=request.user)
    except Refused as error:
        context = _context(found) | {"refused": error.text(gettext)}
        return render(request, "orders/import.html", context, status=422)
    return redirect("order_import", pk)


@login_required
@require_safe
def rejected(request: HttpRequest, pk: int) -> FileResponse:
    """The rows that were not taken, each with its reason, as the file that can be corrected and sent again."""
    _check(request)
    found = get_object_or_404(ImportRun, pk=pk)
    path = uploads.path_of({"path": found.rejected_path}) if found.rejected_path else None
    if path is None or not path.exists():
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"import-{found.pk}-rejected.csv")


def _context(found: ImportRun) -> dict[str, Any]:
    return {
        "run": found,
        "running": found.state in imports.UNFINISHED,
        "entities": _entities(found.counts.get("entities", {})),
        "reasons": _reasons(found.counts.get("rejected", {})),
        "files": [
            {**file, "holds": HOLDS.get(file.get("holds", ""), "")}
            for file in found.counts.get("files") or [{"name": file["name"]} for file in found.files]
        ],
    }


def _entities(counted: Mapping[str, int]) -> list[tuple[str, list[int]]]:
    """(name, [new, changed, same]) per kind of row; the counters are called "order new", "line same" and so on."""
    kinds = dict.fromkeys(name.rpartition(" ")[0] for name in counted)
    return [
        (str(ENTITIES.get(kind, kind.capitalize())), [counted.get(f"{kind} {outcome}", 0) for outcome in OUTCOMES])
        for kind in kinds
        if kind
    ]


def _reasons(rejected: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """(reason, remedy, rows), the commonest first; numbers that differ from row to row are left as "…"."""
    known = [(ROW_PROBLEMS[code], number) for code, number in rejected.items() if code in ROW_PROBLEMS]
    rows = [(GAP.sub("…", gettext(each.reason)), gettext(each.remedy), number) for each, number in known]
    return sorted(rows, key=lambda row: -row[2])
