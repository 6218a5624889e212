"""Details of one account or many, and taking back what was done to them. Here, because response targets and triage
channels follow tiers and tags."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import bulk, overview, way_back
from accounts.details import change_details
from accounts.forms import AccountForm, OwnerForm
from accounts.models import Account
from accounts.requests import SignedInRequest
from accounts.roles import require_change
from conversations import ownership
from pylon.due_times import due_times_changed


@login_required
@require_POST
def change(request: SignedInRequest, pk: int) -> HttpResponse:
    require_change(request.user)
    workspace_id = request.user.workspace_id
    account = get_object_or_404(Account.objects.select_related("owner"), workspace=workspace_id, pk=pk)
    details = AccountForm(request.POST, instance=account)
    if details.is_valid():
        try:
            change_details(account, details.cleaned_data, by=request.user)
        except ValidationError as error:
            details.add_error(None, error)
        else:
            due_times_changed(workspace_id)
            messages.success(request, _("Saved."))
            return redirect("account", account.pk)
    shown = Account.objects.select_related("owner").get(pk=account.pk)
    form = OwnerForm(initial={"owner": account.owner_id}, workspace_id=workspace_id)
    context = {"overview": overview.overview(shown), "form": form, "details": details, "is_editing": True}
    return render(request, "accounts/account.html", context, status=400)


@login_required
@require_POST
def change_many(request: SignedInRequest) -> HttpResponse:
    """Form: `account` (an id) for each; `do`: which of `add_tag`, `remove_tag` and `tier` shall be done."""
    do = request.POST.get("do", "")
    ids = [int(pk) for pk in request.POST.getlist("account") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    given = request.POST.get(do, "").replace("\x00", "").strip()
    if do not in {"add_tag", "remove_tag", "tier"} or not 0 < len(ids) <= bulk.MOST or (not given and do != "tier"):
        told = _("Choose 1 to %(most)d accounts, and what they shall have.") % {"most": bulk.MOST}
        way_back.keep(request, told, kind="details", steps=[])
        return way_back.to_list(request)
    try:
        steps = bulk.change(ids, bulk.Wish(**{do: given}), by=request.user)
    except ValidationError as error:
        way_back.keep(request, " ".join(error.messages), kind="details", steps=[])
        return way_back.to_list(request)
    due_times_changed(request.user.workspace_id)
    changed = ngettext("%(count)d account changed.", "%(count)d accounts changed.", len(steps)) % {"count": len(steps)}
    way_back.keep(request, changed if steps else _("Nothing to change: it is so already."), kind="details", steps=steps)
    return way_back.to_list(request)


@login_required
@require_POST
def take_back(request: SignedInRequest) -> HttpResponse:
    """Form: `undo`, as a page had it."""
    try:
        kind, steps = way_back.read(request)
    except ValueError:
        messages.error(request, _("This can’t be taken back any more."))
        return way_back.to_list(request)
    take = ownership.take_back if kind == "owner" else bulk.take_back
    count = take(steps, by=request.user)
    due_times_changed(request.user.workspace_id)
    if count == len(steps):
        messages.success(request, _("Taken back."))
    else:
        told = _("Taken back for %(count)d of %(all)d accounts: the others were changed again since.")
        messages.warning(request, told % {"count": count, "all": len(steps)})
    return redirect("account", steps[0]["id"]) if len(steps) == 1 else way_back.to_list(request)
