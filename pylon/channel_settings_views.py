"""The settings' pages of channels: all of them, each one, and who counts as a customer there."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.channel_forms import BulkForm, ChannelForm, PatternsForm
from accounts.models import Channel, Contact, Side, User
from accounts.overrides import count_as
from accounts.roles import require_admin
from conversations.channel_changes import change_channel, count_messages_anew
from conversations.channel_list import STATES, Filter, listed
from conversations.channel_list import page as page_of
from conversations.requests import SignedInRequest
from integrations.models import Installation, Provider
from integrations.slack.channel_people import people_in
from integrations.slack.entering import enter_later
from integrations.slack.picking import last_try
from integrations.slack.tasks import drain_inbox
from integrations.wake import wake

AGAIN = timedelta(days=30)
"""How far back messages are counted anew, where that is asked for."""


@login_required
@require_safe
def page(request: SignedInRequest) -> HttpResponse:
    return _list(request)


@login_required
@require_POST
def change_many(request: SignedInRequest) -> HttpResponse:
    """Form: `channel`, the chosen ones' ids, and what all of them shall have."""
    require_admin(request.user)
    form = BulkForm(request.POST, workspace_id=request.user.workspace_id)
    chosen = listed(request.user.workspace_id).filter(pk__in=_ids(request.POST.getlist("channel")))
    if not form.is_valid() or not form.changes() or not chosen:
        messages.error(request, gettext("Choose channels, and what they shall have."))
        return redirect(_back(request))
    refused = []
    for channel in chosen:
        try:
            change_channel(channel=channel, by=request.user, changes=form.changes())
        except ValidationError as error:
            refused.append(f"{channel}: {' '.join(error.messages)}")
    if changed := len(chosen) - len(refused):
        told = ngettext("%(count)d channel changed.", "%(count)d channels changed.", changed) % {"count": changed}
        messages.success(request, told)
    for reason in refused:
        messages.warning(request, gettext("Not changed, %(reason)s") % {"reason": reason})
    return redirect(_back(request))


@login_required
@require_POST
def change_names(request: SignedInRequest) -> HttpResponse:
    """By which names channels are found and joined."""
    require_admin(request.user)
    form = PatternsForm(request.POST, instance=request.user.workspace)
    if not form.is_valid():
        request.user.workspace.refresh_from_db()
        return _list(request, names=form)
    form.save(commit=False).save(update_fields=["channel_patterns"])
    found = bool(form.cleaned_data["channel_patterns"])
    messages.success(
        request, gettext("Saved. Such channels are joined within minutes.") if found else gettext("Saved.")
    )
    return redirect("channels")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def row(request: SignedInRequest, pk: int) -> HttpResponse:
    """For htmx: a line of the list; with `?edit` as a form; POST saves."""
    channel = _channel(request, pk)
    if request.method != "POST" and "edit" not in request.GET:
        return render(request, "settings/channels/_row.html", {"channel": channel})
    require_admin(request.user)
    form = ChannelForm(request.POST or None, instance=channel)
    if form.is_bound and _save(request, channel, form):
        return render(request, "settings/channels/_row.html", {"channel": _channel(request, pk)})
    status = 422 if form.is_bound else 200
    context = {"channel": _channel(request, pk), "form": form}
    return render(request, "settings/channels/_row_edit.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def channel_page(request: SignedInRequest, pk: int) -> HttpResponse:
    channel = _channel(request, pk)
    form = ChannelForm(instance=channel)
    if request.method == "POST":
        require_admin(request.user)
        form = ChannelForm(request.POST, instance=channel)
        if _save(request, channel, form):
            messages.success(request, gettext("Saved."))
            return redirect("channel", pk)
    channel = _channel(request, pk)
    context = {"channel": channel, "form": form, "people": people_in(channel), "sides": Side}
    if channel.left_at:
        context["last_try"] = last_try(channel)
    return render(request, "settings/channels/channel.html", context, status=400 if form.is_bound else 200)


@login_required
@require_POST
def change_side(request: SignedInRequest, pk: int) -> HttpResponse:
    """Form: `person` (a Slack user id), `side` (empty: as Slack tells), `again`: also count recent messages anew."""
    require_admin(request.user)
    channel = _channel(request, pk)
    external_id, side = request.POST.get("person", ""), request.POST.get("side", "")
    if side not in {"", *Side.values}:
        return redirect("channel", pk)
    try:
        count_as(channel=channel, external_id=external_id, side=Side(side) if side else None, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("channel", pk)
    done = gettext("Saved, for messages from now on.")
    if request.POST.get("again"):
        count = _count_anew(channel, external_id, side)
        done = ngettext(
            "Saved. %(count)d message of the last 30 days counted anew.",
            "Saved. %(count)d messages of the last 30 days counted anew.",
            count,
        ) % {"count": count}
    messages.success(request, done)
    return redirect("channel", pk)


@login_required
@require_POST
def join(request: SignedInRequest, pk: int) -> HttpResponse:
    """Enter a channel that we have left, or that refused us before."""
    require_admin(request.user)
    channel = _channel(request, pk)
    teams = Installation.objects.filter(workspace=channel.workspace_id, provider=Provider.SLACK, revoked_at=None)
    installation = get_object_or_404(teams, external_id=channel.external_team_id)
    enter_later(installation, [channel.external_id], again=True)
    wake(drain_inbox)
    messages.success(
        request, gettext("Joining %(channel)s. This page will say what became of it.") % {"channel": channel}
    )
    return redirect("channel", pk)


def _list(request: SignedInRequest, *, names: PatternsForm | None = None) -> HttpResponse:
    workspace, chosen = request.user.workspace, Filter.read(request.GET.dict())
    after = next(iter(_ids([request.GET.get("after", "")])), None)
    context = {
        "page": page_of(workspace.pk, chosen, after=after),
        "chosen": chosen,
        "after": after,
        "states": [(name, label) for name, (label, _) in STATES.items()],
        "kinds": Channel._meta.get_field("kind").choices,
        "bulk": BulkForm(workspace_id=workspace.pk) if request.user.is_admin else None,
        "names": names or PatternsForm(instance=workspace),
    }
    status = 400 if names is not None else 200
    return render(request, "settings/channels/channels.html", context, status=status)


def _save(request: SignedInRequest, channel: Channel, form: ChannelForm) -> bool:
    if not form.is_valid():
        return False
    try:
        change_channel(channel=channel, by=request.user, changes=form.changes())
    except ValidationError as error:
        form.add_error(None, error.messages)
        return False
    return True


def _count_anew(channel: Channel, external_id: str, side: str) -> int:
    mine = {"workspace": channel.workspace_id, "external_id": external_id}
    author = User.objects.filter(**mine).first() or Contact.objects.get(**mine)
    inbound = side == Side.CUSTOMER if side else isinstance(author, Contact)
    return count_messages_anew(channel=channel, author=author, inbound=inbound, since=timezone.now() - AGAIN)


def _channel(request: SignedInRequest, pk: int) -> Channel:
    return get_object_or_404(listed(request.user.workspace_id), pk=pk)


def _ids(given: list[str]) -> list[int]:
    return [int(pk) for pk in given if pk.isdecimal() and len(pk) <= 18]


def _back(request: SignedInRequest) -> str:
    """The same part of the list."""
    query = request.GET.urlencode()
    return f"{request.path.removesuffix('change/')}{'?' if query else ''}{query}"
