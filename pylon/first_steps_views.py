"""What the first steps' buttons do. The steps themselves are drawn by `{% first_steps %}`."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.requests import SignedInRequest
from pylon import first_steps, sample_data


@login_required
@require_POST
def put_aside(request: SignedInRequest) -> HttpResponse:
    first_steps.put_aside(by=request.user)
    return redirect("settings")


@login_required
@require_POST
def load_sample(request: SignedInRequest) -> HttpResponse:
    sample_data.load(by=request.user)
    messages.success(request, _("The sample data is there. Nothing of it goes to Slack; remove it whenever you like."))
    return redirect("board")


@login_required
@require_POST
def remove_sample(request: SignedInRequest) -> HttpResponse:
    sample_data.remove(by=request.user)
    messages.success(request, _("The sample data is removed."))
    return redirect("board")
