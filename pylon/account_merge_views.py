"""Accounts that are one company: suggestions, what a merge would do, the merge, and taking it apart."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import merging
from accounts.duplicates import Known, suggestions
from accounts.models import Account, AccountMerge
from accounts.requests import SignedInRequest
from accounts.roles import for_admins
from pylon.due_times import due_times_changed


@login_required
@for_admins
@require_safe
def duplicates(request: SignedInRequest) -> HttpResponse:
    ours = Account.objects.filter(workspace=request.user.workspace_id)
    found = suggestions([Known(*row) for row in ours.values_list("pk", "name", "domains")])
    ids = {pk for one in found for pk in (one.first, one.second)}
    accounts = ours.select_related("owner").in_bulk(ids)
    pairs = [(accounts[one.first], accounts[one.second], one.domain) for one in found]
    return render(request, "accounts/duplicates.html", {"pairs": pairs})


@login_required
@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: SignedInRequest) -> HttpResponse:
    """`account` (an id) twice; `kept`: which of them stays, else the first. Shows what would be done until `confirmed`
    is posted."""
    given = request.POST if request.method == "POST" else request.GET
    ids = [int(pk) for pk in given.getlist("account") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    if len({*ids}) != 2:
        messages.warning(request, _("Choose the two accounts that are one company."))
        return redirect("accounts-duplicates")
    ours = Account.objects.filter(workspace=request.user.workspace_id).select_related("owner")
    both = [get_object_or_404(ours, pk=pk) for pk in ids]
    kept = next((one for one in both if str(one.pk) == given.get("kept")), both[0])
    gone = next(one for one in both if one != kept)
    if request.method == "POST" and "confirmed" in request.POST:
        try:
            done = merging.merge(kept=kept, gone=gone, by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("accounts-duplicates")
        due_times_changed(request.user.workspace_id)
        told = _("%(gone)s is merged into %(kept)s. Below, it can be taken apart again.")
        messages.success(request, told % {"gone": gone, "kept": done.kept})
        return redirect("account", done.kept_id)
    return render(request, "accounts/merge.html", {"kept": kept, "gone": gone, "sides": [_side(kept), _side(gone)]})


@login_required
@require_POST
def undo(request: SignedInRequest, pk: int) -> HttpResponse:
    done = get_object_or_404(AccountMerge, workspace=request.user.workspace_id, pk=pk)
    try:
        back = merging.undo(done, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("account", done.kept_id)
    due_times_changed(request.user.workspace_id)
    messages.success(request, _("%(account)s is an account of its own again.") % {"account": back})
    return redirect("account", back.pk)


def _side(account: Account) -> dict[str, object]:
    return {
        "account": account,
        "channels": account.channels.count(),
        "contacts": account.contacts.count(),
        "conversations": account.conversations.filter(is_unsorted=False).count(),
    }
