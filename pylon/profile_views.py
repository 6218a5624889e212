"""Each teammate's own settings: time zone, absence with a stand-in, quiet hours, digest. Staff may set others'."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.absence import what_follows
from accounts.models import User
from accounts.profile_forms import ProfileForm
from accounts.requests import SignedInRequest
from accounts.roles import own, require_admin


@own
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: SignedInRequest) -> HttpResponse:
    """One's own, or with `?teammate=<id>` somebody else's."""
    teammate = _whose(request)
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=teammate)
    if form.is_valid():
        # Only these: Slack's profile is taken over on the same row meanwhile.
        form.save(commit=False).save(update_fields=form.Meta.fields)
        messages.success(request, f"{_('Saved.')} {what_follows(teammate, timezone.now())}".strip())
        own = teammate == request.user
        return redirect(reverse("profile") + ("" if own else f"?teammate={teammate.pk}"))
    if form.is_bound:
        teammate = User.objects.select_related("workspace", "stand_in").get(pk=teammate.pk)  # as it is stored
    context = {
        "form": form,
        "teammate": teammate,
        "follows": what_follows(teammate, timezone.now()),
        "teammates": request.user.workspace.users.order_by("name", "pk") if request.user.is_admin else [],
    }
    return render(request, "settings/profile.html", context, status=400 if form.is_bound else 200)


def _whose(request: SignedInRequest) -> User:
    wanted = request.GET.get("teammate", "")
    if not wanted or wanted == str(request.user.pk):
        return get_object_or_404(User.objects.select_related("workspace", "stand_in"), pk=request.user.pk)
    require_admin(request.user)
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 19):
        raise Http404
    ours = request.user.workspace.users.select_related("workspace", "stand_in")
    return get_object_or_404(ours, pk=int(wanted))
