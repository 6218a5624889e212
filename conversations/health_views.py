"""The accounts that need attention, and what somebody knows of already."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from conversations.health import RECENT_DAYS
from conversations.models import Sign
from conversations.requests import SignedInRequest
from conversations.vitals import WEEKS, put_aside, read_health, take_up, volume_by_week

SHOWN = 50


@login_required
@require_safe
def accounts(request: SignedInRequest) -> HttpResponse:
    """`mine=1`: those that the reader owns; `all=1`: those that do well, too."""
    workspace = request.user.workspace
    every = read_health(workspace)
    if request.GET.get("mine"):
        every = [one for one in every if one.account.owner_id == request.user.pk]
    calling = [one for one in every if one.needs_attention]
    shown = every if request.GET.get("all") else calling
    page = Paginator(shown, SHOWN).get_page(request.GET.get("page"))
    weeks = volume_by_week(workspace, [one.account.pk for one in page])
    context = {
        "rows": [(one, _trend(weeks[one.account.pk])) for one in page],
        "page": page,
        "calling": len(calling),
        "total": len(every),
        "weeks": WEEKS,
        "recent_days": RECENT_DAYS,
        "has_moods": any(one.vitals.judged for one in every),
    }
    return render(request, "analytics/accounts.html", context)


@login_required
@require_POST
def change_known(request: SignedInRequest, pk: int) -> HttpResponse:
    """Form: `sign`; `days` for which it is put aside, or empty to take it up again; `next`: where to go."""
    account = get_object_or_404(request.user.workspace.accounts, pk=pk)
    try:
        sign = Sign(request.POST.get("sign", ""))
        days = int(request.POST["days"]) if request.POST.get("days") else None
    except ValueError:
        return HttpResponseBadRequest(_("There is no such sign."), content_type="text/plain")
    try:
        if days is None:
            take_up(account, sign, by=request.user)
        else:
            put_aside(account, sign, days=days, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(_next(request))


def _trend(counts: list[int]) -> list[tuple[int, int, int]]:
    """Bars of a small drawing, 6 wide and at most 20 high: where each begins, its top and its height."""
    most = max(*counts, 1)
    heights = [round(count / most * 20) for count in counts]
    return [(place * 7, 20 - max(height, 1), max(height, 1)) for place, height in enumerate(heights)]


def _next(request: SignedInRequest) -> str:
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else "analytics-accounts"
