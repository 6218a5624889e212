"""To Slack's sign-in page, and back."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.sign_in import come_in
from integrations.slack.credentials import app_named
from integrations.slack.sign_in import SignInRefused, begin, finish


@require_safe
@never_cache
def begin_sign_in(request: HttpRequest) -> HttpResponse:
    """`app`: which of the apps, the first one if not given; `next`: where to go then."""
    app = app_named(request.GET.get("app", ""))
    if app is None or not app.can_install:
        raise Http404
    next_page = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(next_page, {request.get_host()}, require_https=request.is_secure()):
        next_page = ""
    return redirect(begin(app, request.session, next_page=next_page))


@require_safe
@never_cache
def callback(request: HttpRequest) -> HttpResponse:
    """Where Slack leads back to, with `state` and either `code` or `error`."""
    given = {name: request.GET.get(name, "") for name in ("state", "code", "error")}
    try:
        arrival = finish(request.session, **given)
    except SignInRefused as refused:
        return render(request, "accounts/sign_in_refused.html", {"reason": str(refused)}, status=403)
    return come_in(request, arrival.seat, by="slack", next_page=arrival.next_page or None)
