"""The settings' page of what could not be sent, or not yet, with another try."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Channel, User
from accounts.requests import SignedInRequest
from accounts.roles import require_admin
from integrations.attempts import SENT, retry, tries
from integrations.models import Delivery, DeliveryState
from integrations.slack.refusals import WORDS
from integrations.tasks import send_deliveries
from integrations.trouble import TROUBLE
from integrations.wake import wake
from pylon.logs import SECRET_VALUE

PAGE = 25
WAITING = 50
ADDRESS = re.compile(r"https?://\S+")
"""Slack's addresses for answers need no other key."""


@dataclass(frozen=True, slots=True)
class Try:
    at: datetime
    said: str
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Shown:
    delivery: Delivery
    where: str
    why: str
    tries: list[Try]


@login_required
@require_safe
def page(request: SignedInRequest) -> HttpResponse:
    require_admin(request.user)
    failed = Paginator(_deliveries(request, DeliveryState.FAILED).order_by("-finished_at", "-pk"), PAGE)
    waiting = _deliveries(request, DeliveryState.PENDING, DeliveryState.SENDING).order_by("next_attempt_at", "pk")
    at = failed.get_page(request.GET.get("page"))
    context = {
        "page": at,
        "failed": _shown(request, at.object_list),
        "waiting": _shown(request, waiting[:WAITING]),
        "waiting_count": waiting.count(),
    }
    return render(request, "settings/deliveries.html", context)


@login_required
@require_POST
def retry_one(request: SignedInRequest, pk: int) -> HttpResponse:
    require_admin(request.user)
    delivery = get_object_or_404(Delivery, workspace=request.user.workspace_id, pk=pk)
    return _retry(request, [delivery])


@login_required
@require_POST
def retry_failed(request: SignedInRequest) -> HttpResponse:
    require_admin(request.user)
    return _retry(request, _deliveries(request, DeliveryState.FAILED))


def _retry(request: SignedInRequest, deliveries: Iterable[Delivery]) -> HttpResponse:
    if count := retry(deliveries):
        wake(send_deliveries)
        told = ngettext("It is tried again.", "%(count)d are tried again.", count)
        messages.success(request, told % {"count": count})
    else:
        messages.info(request, _("Nothing had to be tried again."))
    return redirect("deliveries")


def _deliveries(request: SignedInRequest, *states: DeliveryState) -> QuerySet[Delivery]:
    mine = Delivery.objects.filter(workspace=request.user.workspace_id, state__in=states)
    return mine.select_related("conversation")


def _shown(request: SignedInRequest, found: Iterable[Delivery]) -> list[Shown]:
    deliveries = list(found)
    mine = {"workspace": request.user.workspace_id, "external_id__in": {delivery.place for delivery in deliveries}}
    names = {user.external_id: user.name for user in User.objects.filter(**mine)}
    names |= {channel.external_id: str(channel) for channel in Channel.objects.filter(**mine)}
    return [
        Shown(
            delivery=delivery,
            where=names.get(delivery.place, delivery.place),
            why=_said(delivery.error),
            tries=[Try(datetime.fromisoformat(one["at"]), _said(one["outcome"]), one["ms"]) for one in tries(delivery)],
        )
        for delivery in deliveries
    ]


def _said(outcome: str) -> str:
    if outcome == SENT:
        return _("Sent.")
    return ADDRESS.sub(_("(address)"), SECRET_VALUE.sub(_("(hidden)"), TROUBLE.told(WORDS.get(outcome, outcome))))
