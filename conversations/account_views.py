"""Giving accounts to another teammate: first what will follow is shown, then it is done."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts import bulk, way_back
from accounts.forms import OwnerForm
from accounts.models import Account, User
from accounts.requests import SignedInRequest
from conversations.models import Conversation
from conversations.ownership import following, hand_over
from conversations.services import following_conversations

SHOWN = 100


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_owner(request: SignedInRequest, pk: int) -> HttpResponse:
    """GET with `owner` (a teammate's id, or empty for nobody) shows what POST with the same would do."""
    accounts = Account.objects.filter(workspace=request.user.workspace_id).select_related("owner")
    account = get_object_or_404(accounts, pk=pk)
    given = request.POST if request.method == "POST" else request.GET if "owner" in request.GET else None
    form = OwnerForm(given, initial={"owner": account.owner_id}, workspace_id=request.user.workspace_id)
    context: dict[str, object] = {"account": account, "form": form}
    if not form.is_valid():
        return render(request, "accounts/owner.html", context, status=400 if form.is_bound else 200)
    owner: User | None = form.cleaned_data["owner"]
    if request.method == "POST":
        step = hand_over(account, owner, by=request.user)
        way_back.keep(request, _done(account, owner, step), kind="owner", steps=[step])
        return redirect("account", account.pk)
    followers = following_conversations(account, owner)
    context |= {
        "owner": owner,
        "unchanged": owner == account.owner,
        "following": followers.select_related("owner").order_by("-last_message_at", "-pk")[:SHOWN],
        "following_count": followers.count(),
        "channel_count": account.channels.count(),
    }
    return render(request, "accounts/owner.html", context)


@login_required
@require_POST
def change_owners(request: SignedInRequest) -> HttpResponse:
    """Form: `account` (an id) for each, `owner` as above; shows what will follow until `confirmed` is given."""
    chosen = [int(pk) for pk in request.POST.getlist("account") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    form = OwnerForm(request.POST, workspace_id=request.user.workspace_id)
    if not 0 < len(chosen) <= bulk.MOST or not form.is_valid():
        told = _("Choose 1 to %(most)d accounts, and whom they go to.") % {"most": bulk.MOST}
        way_back.keep(request, told, kind="owner", steps=[])
        return way_back.to_list(request)
    owner: User | None = form.cleaned_data["owner"]
    lines = [line for line in following(request.user.workspace_id, chosen, owner) if line.changes(owner)]
    if "confirmed" in request.POST:
        steps = [hand_over(line.account, owner, by=request.user) for line in lines]
        way_back.keep(request, _all_done(len(steps), owner), kind="owner", steps=steps)
        return way_back.to_list(request)
    context = {
        "owner": owner, "lines": lines, "unchanged_count": len({*chosen}) - len(lines),
        "channel_count": sum(line.channels for line in lines),
        "conversation_count": sum(line.conversations for line in lines),
    }  # fmt: skip
    return render(request, "accounts/owners.html", context)


def _done(account: Account, owner: User | None, step: dict[str, list[list[int]]]) -> str:
    if owner:
        done = _("%(owner)s now owns %(account)s.") % {"owner": owner.name, "account": account.name}
    else:
        done = _("%(account)s has no owner now.") % {"account": account.name}
    followers = [pk for pk, _owner in step["conversations"]]
    if not followers:
        return done
    known = Conversation.objects.filter(pk__in=followers[:10]).order_by("number").values_list("number", flat=True)
    numbers = [f"#{number}" for number in known]
    if more := len(followers) - len(numbers):
        numbers.append(_("%(count)d more") % {"count": more})
    return f"{done} " + _("%(conversations)s followed.") % {"conversations": get_text_list(numbers, _("and"))}


def _all_done(count: int, owner: User | None) -> str:
    if not count:
        return _("Nothing to change: it is so already.")
    if owner is None:
        return ngettext("%(count)d account has no owner now.", "%(count)d accounts have no owner now.", count) % {
            "count": count
        }
    told = ngettext("%(owner)s now owns %(count)d account more.", "%(owner)s now owns %(count)d accounts more.", count)
    return told % {"owner": owner.name, "count": count}
