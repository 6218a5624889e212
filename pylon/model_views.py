"""The settings' page of the language model: what it is asked, what that costs, and what its answers were good for."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from conversations.refining import CONCLUDES_BELOW, CONCLUDES_FROM, PLACE_BELOW
from conversations.requests import SignedInRequest
from integrations.openai import budget, figures


@login_required
@require_safe
def page(request: SignedInRequest) -> HttpResponse:
    workspace_id = request.user.workspace_id
    spent = budget.spent(workspace_id)
    context = {
        "standing": figures.standing(),
        "spent": spent,
        "daily": settings.OPENAI_DAILY_TOKENS,
        "is_spent": spent >= settings.OPENAI_DAILY_TOKENS,
        "periods": [
            _period(gettext("Today"), figures.today(workspace_id)),
            _period(gettext("Last 30 days"), figures.lately(workspace_id)),
        ],
        "newest": figures.newest(workspace_id),
        "place_below": PLACE_BELOW,
        "concludes_from": CONCLUDES_FROM,
        "concludes_below": CONCLUDES_BELOW,
    }
    return render(request, "settings/model.html", context)


def _period(name: str, uses: list[figures.Use]) -> dict[str, object]:
    """A table with a column for each purpose and a row for each outcome."""
    outcomes = [(title, [use.counts[n] for use in uses]) for n, (title, _) in enumerate(figures.OUTCOMES)]
    return {"name": name, "uses": uses, "outcomes": outcomes, "total": sum(use.total for use in uses)}
