"""An account's tier and tags. Here, because response targets and triage channels follow them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts import overview
from accounts.forms import AccountForm, OwnerForm
from accounts.models import Account
from accounts.requests import SignedInRequest
from accounts.roles import require_admin
from pylon.due_times import due_times_changed


@login_required
@require_POST
def change(request: SignedInRequest, pk: int) -> HttpResponse:
    require_admin(request.user)
    workspace_id = request.user.workspace_id
    account = get_object_or_404(Account.objects.select_related("owner"), workspace=workspace_id, pk=pk)
    details = AccountForm(request.POST, instance=account)
    if details.is_valid():
        details.save(commit=False).save(update_fields=details.Meta.fields)
        due_times_changed(workspace_id)
        messages.success(request, "Saved.")
        return redirect("account", account.pk)
    form = OwnerForm(initial={"owner": account.owner_id}, workspace_id=workspace_id)
    context = {"overview": overview.overview(account), "form": form, "details": details}
    return render(request, "accounts/account.html", context, status=400)
