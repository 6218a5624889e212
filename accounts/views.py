"""The list of accounts and the page of one. Changing an owner reaches conversations: `conversations.account_views`."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts import overview
from accounts.forms import AccountForm, OwnerForm
from accounts.listing import ListingForm
from accounts.models import Account
from accounts.requests import SignedInRequest

PAGE = 50


@login_required
@require_safe
def accounts(request: SignedInRequest) -> HttpResponse:
    listing = ListingForm(request.GET.dict(), reader=request.user)
    page = Paginator(listing.accounts(), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": overview.rows(page.object_list), "listing": listing}
    return render(request, "accounts/accounts.html", context)


@login_required
@require_safe
def account(request: SignedInRequest, pk: int) -> HttpResponse:
    accounts = Account.objects.filter(workspace=request.user.workspace_id).select_related("owner")
    found = get_object_or_404(accounts, pk=pk)
    form = OwnerForm(initial={"owner": found.owner_id}, workspace_id=request.user.workspace_id)
    context = {"overview": overview.overview(found), "form": form, "details": AccountForm(instance=found)}
    return render(request, "accounts/account.html", context)
