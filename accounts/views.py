"""The list of accounts, the page of one, and of a contact. What reaches conversations or due times is done elsewhere:
`conversations.account_views`, `pylon.account_*_views`."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import importing, overview, tables, way_back
from accounts.details import move_contact
from accounts.forms import AccountForm, ContactForm, OwnerForm
from accounts.listing import ListingForm
from accounts.merging import led_to
from accounts.models import Account, Contact
from accounts.requests import SignedInRequest


@login_required
@require_safe
def accounts(request: SignedInRequest) -> HttpResponse:
    """Pages by key: `after` or `before`, as `ListingForm.page` writes them."""
    listing = ListingForm(request.GET.dict(), reader=request.user)
    page = listing.page(after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    context = {
        "page": page,
        "rows": overview.rows(page.accounts),
        "count": listing.accounts().count(),
        "listing": listing,
        "form": OwnerForm(workspace_id=request.user.workspace_id),
        "undo": way_back.shown_once(request),
        "here": request.get_full_path(),
    }
    return render(request, "accounts/accounts.html", context)


@login_required
@require_safe
def account(request: SignedInRequest, pk: int) -> HttpResponse:
    accounts = Account.objects.filter(workspace=request.user.workspace_id).select_related("owner")
    found = accounts.filter(pk=pk).first()
    if found is None and (kept := led_to(request.user.workspace_id, pk)):
        return redirect("account", kept.pk)
    found = found or get_object_or_404(accounts, pk=pk)
    form = OwnerForm(initial={"owner": found.owner_id}, workspace_id=request.user.workspace_id)
    context = {
        "overview": overview.overview(found), "form": form, "details": AccountForm(instance=found),
        "undo": way_back.shown_once(request),
    }  # fmt: skip
    return render(request, "accounts/account.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: SignedInRequest, pk: int) -> HttpResponse:
    """POST with `account` (an id, or empty for none) moves the contact there."""
    contacts = Contact.objects.filter(workspace=request.user.workspace_id).select_related("account", "workspace")
    found = get_object_or_404(contacts, pk=pk)
    given = request.POST if request.method == "POST" else None
    form = ContactForm(given, initial={"account": found.account_id}, workspace_id=request.user.workspace_id)
    if given is not None and form.is_valid():
        moved = move_contact(found, form.cleaned_data["account"], by=request.user)
        where = moved.account.name if moved.account else _("no account")
        messages.success(request, _("%(contact)s now belongs to %(account)s.") % {"contact": moved, "account": where})
        return redirect("contact", moved.pk)
    shown, count = overview.conversations_of(found)
    context = {"contact": found, "form": form, "shown": shown, "count": count}
    return render(request, "accounts/contact.html", context, status=400 if form.is_bound else 200)


@login_required
@require_safe
def export(request: SignedInRequest) -> HttpResponseBase:
    lines = tables.written(importing.exported(request.user.workspace_id))
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="accounts-{timezone.localdate():%Y-%m-%d}.csv"'
    return answer
