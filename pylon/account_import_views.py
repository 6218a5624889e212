"""Accounts from a CSV file: looked at first, row by row, then applied once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import importing, tables
from accounts.models import AccountImport
from accounts.requests import SignedInRequest
from accounts.roles import for_admins
from conversations.account_importing import OutdatedError, apply, keep
from pylon.due_times import due_times_changed

SHOWN = 500
"""Rows that the page shows; those that change nothing come last."""
FIRST = [importing.Verdict.REFUSED, importing.Verdict.CHANGED, importing.Verdict.MADE, importing.Verdict.LEFT]


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV file"), allow_empty_file=True, max_length=200,
        widget=forms.FileInput(attrs={"class": "input", "accept": ".csv,.tsv,.txt,text/csv"}),
    )  # fmt: skip


@login_required
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: SignedInRequest) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            # One byte more tells that there is too much, without reading all of it.
            table = tables.read(file.read(tables.MOST_BYTES + 1))
            return redirect("accounts-import-preview", keep(table, name=file.name, by=request.user).token)
        except tables.TableError as error:
            form.add_error("file", str(error))
    context = {
        "form": form, "columns": importing.COLUMNS, "rows": tables.MOST_ROWS,
        "megabytes": tables.MOST_BYTES // 1024 // 1024,
    }  # fmt: skip
    return render(request, "accounts/import.html", context, status=400 if form.is_bound else 200)


@login_required
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: SignedInRequest, token: str) -> HttpResponse:
    """POST with `seen`, as this page has it, applies the file."""
    kept = get_object_or_404(AccountImport, workspace=request.user.workspace_id, by_user=request.user, token=token)
    status = 200
    if request.method == "POST":
        was_applied = bool(kept.applied_at)
        try:
            kept = apply(kept, seen=request.POST.get("seen", ""), by=request.user)
        except OutdatedError as error:
            messages.warning(request, " ".join(error.messages))
            status = 409
        else:
            if was_applied:
                messages.info(request, _("This file has been applied already: nothing was done again."))
            else:
                due_times_changed(request.user.workspace_id)
                told = _(
                    "%(made)d accounts made, %(changed)d changed, %(left)d left as they were, %(refused)d refused."
                )
                messages.success(request, told % kept.outcome)
            return redirect("accounts-import-preview", token)
    context: dict[str, Any] = {"kept": kept}
    if not kept.applied_at:
        planned = importing.plan(kept.table, workspace_id=kept.workspace_id)
        lines = sorted(planned.lines, key=lambda line: FIRST.index(line.verdict))
        context |= {
            "plan": planned, "lines": lines[:SHOWN], "total": len(lines), "counts": planned.counts,
            "does_something": planned.counts["made"] + planned.counts["changed"],
        }  # fmt: skip
    return render(request, "accounts/import_preview.html", context, status=status)
