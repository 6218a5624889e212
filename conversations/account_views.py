"""Giving an account to another teammate: first what will follow is shown, then it is done."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import get_text_list
from django.views.decorators.http import require_http_methods

from accounts.forms import OwnerForm
from accounts.models import Account, User
from accounts.requests import SignedInRequest
from conversations.models import Conversation
from conversations.services import change_account_owner, following_conversations

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
        followers = change_account_owner(account=account, owner=owner, by=request.user)
        messages.success(request, _done(account, owner, followers))
        return redirect("account", account.pk)
    following = following_conversations(account, owner)
    context |= {
        "owner": owner,
        "unchanged": owner == account.owner,
        "following": following.select_related("owner").order_by("-last_message_at", "-pk")[:SHOWN],
        "following_count": following.count(),
        "channel_count": account.channels.count(),
    }
    return render(request, "accounts/owner.html", context)


def _done(account: Account, owner: User | None, followers: list[Conversation]) -> str:
    done = f"{owner.name} now owns {account.name}." if owner else f"{account.name} has no owner now."
    if not followers:
        return done
    numbers = [f"#{conversation.number}" for conversation in followers[:10]]
    if len(followers) > len(numbers):
        numbers.append(f"{len(followers) - len(numbers)} more")
    return f"{done} {get_text_list(numbers, 'and')} followed."
