"""A page says that somebody looks at it, and is told who else does."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.roles import own
from conversations import presence
from conversations.presence import Doing
from conversations.requests import SignedInRequest


@own
@login_required
@require_POST
def here(request: SignedInRequest, number: int) -> HttpResponse:
    """Form: `doing`: looking, note, reply; or gone."""
    conversation = get_object_or_404(request.user.workspace.conversations.only("pk"), number=number)
    doing = request.POST.get("doing", "")
    if doing == "gone":
        presence.leave(conversation.pk, request.user)
        return HttpResponse(status=204)
    try:
        others = presence.say(conversation.pk, request.user, Doing(doing))
    except ValueError:
        return HttpResponseBadRequest(gettext("Nobody does that."), content_type="text/plain")
    return render(request, "conversations/_here.html", {"others": others})
