"""The settings' page of the weekly summary: where and when it comes, how it looks, and sending one at once."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.roles import require_admin
from conversations.analytics.report import today
from conversations.requests import SignedInRequest
from integrations.models import Delivery, DeliveryKind
from integrations.slack import content
from integrations.slack.weekly_text import draw
from integrations.tasks import send_deliveries
from integrations.wake import wake
from integrations.weekly import send_now
from triage.models import WeeklyPost
from triage.weekly import choose_weekly, next_at, summarise
from triage.weekly_form import WeeklyForm


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: SignedInRequest) -> HttpResponse:
    """POST saves. `preview=1` draws what would be posted now."""
    workspace, post = request.user.workspace, _post(request)
    if request.method != "POST":
        return _page(request, WeeklyForm(workspace=workspace, post=post))
    require_admin(request.user)
    form = WeeklyForm(request.POST, workspace=workspace, post=post)
    if form.is_valid():
        try:
            choose_weekly(workspace, **form.cleaned_data, by=request.user)
        except ValidationError as error:
            form.add_error(None, error.messages if not hasattr(error, "error_dict") else error)
        else:
            messages.success(request, _("Saved."))
            return redirect("weekly")
    return _page(request, form, status=400)


@login_required
@require_POST
def send(request: SignedInRequest) -> HttpResponse:
    require_admin(request.user)
    post = _post(request)
    try:
        if post is None:
            raise ValidationError(_("Choose a channel first."))
        send_now(post, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        wake(send_deliveries)
        messages.success(request, _("The summary is on its way to %(channel)s.") % {"channel": post.channel})
    return redirect("weekly")


def _page(request: SignedInRequest, form: WeeklyForm, *, status: int = 200) -> HttpResponse:
    post, workspace = _post(request), request.user.workspace
    sent = Delivery.objects.filter(workspace=workspace, kind=DeliveryKind.WEEKLY).order_by("-pk")
    context = {
        "form": form,
        "post": post,
        "next_at": next_at(post, timezone.now()) if post else None,
        "last": sent.first(),
        "preview": _preview(request) if request.GET.get("preview") else "",
    }
    return render(request, "settings/weekly.html", context, status=status)


def _preview(request: SignedInRequest) -> str:
    """As Slack will show it, safe to be put on a page."""
    drawn = draw(summarise(request.user.workspace, today(request.user.workspace)))
    return mark_safe(content.write(drawn["text"], drawn["blocks"], {})[1])  # noqa: S308 - made safe there


def _post(request: SignedInRequest) -> WeeklyPost | None:
    return WeeklyPost.objects.filter(workspace=request.user.workspace_id).select_related("channel", "workspace").first()
