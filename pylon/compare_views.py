"""The settings' page that compares both sides of a support tool's links, and mends what differs."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import require_admin
from conversations.requests import SignedInRequest
from integrations.models import Comparison, Difference
from integrations.tools import comparing
from pylon.integrations_views import find

PAGE = 50


@login_required
@require_safe
def page(request: SignedInRequest, pk: int) -> HttpResponse:
    """The newest comparison: how far it is, and what it found that is not mended."""
    installation = find(request, pk)
    newest = Comparison.objects.filter(installation=installation).order_by("-pk").first()
    found = Difference.objects.filter(comparison=newest, mended_at=None).select_related("link__conversation")
    context = {
        "installation": installation,
        "comparison": newest,
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "mended": Difference.objects.filter(comparison=newest).exclude(mended_at=None).count() if newest else 0,
    }
    template = "_compared.html" if request.htmx else "compare.html"
    return render(request, f"settings/integrations/{template}", context)


@login_required
@require_POST
def begin(request: SignedInRequest, pk: int) -> HttpResponse:
    require_admin(request.user)
    comparing.begin(find(request, pk), by=request.user)
    return redirect("compare-tool", pk)


@login_required
@require_POST
def mend(request: SignedInRequest, pk: int) -> HttpResponse:
    """Form: `difference`, ids; `take`: ours or theirs, where both sides have something."""
    require_admin(request.user)
    chosen = [int(one) for one in request.POST.getlist("difference") if one.isascii() and one.isdigit()]
    mine = Difference.objects.filter(comparison__installation=find(request, pk), pk__in=chosen, mended_at=None)
    count = 0
    for difference in mine.select_related("link__conversation__owner"):
        comparing.mend(difference, by=request.user, ours=request.POST.get("take") != "theirs")
        count += 1
    words = ngettext("%(count)s difference is being mended.", "%(count)s differences are being mended.", count)
    messages.success(request, words % {"count": count} if count else _("Choose what to mend first."))
    return redirect("compare-tool", pk)
