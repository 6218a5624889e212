"""What an invitation's link opens. `request.user` is the login here, or nobody."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.invitation_forms import AcceptForm
from accounts.invitations import SignInFirst, accept, find, must_sign_in
from accounts.seats import choose
from accounts.sign_in import come_in


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def page(request: HttpRequest, secret: str) -> HttpResponse:
    invitation = find(secret)
    if invitation is None:
        return render(request, "accounts/invitation_gone.html", status=410)
    login = request.user if request.user.is_authenticated else None
    form = AcceptForm(request.POST if request.method == "POST" else None, email=invitation.email)
    if request.method == "POST" and (login or form.is_valid()):
        try:
            seat = accept(secret=secret, login=login, **({} if login else form.cleaned_data))
        except ValidationError:
            return render(request, "accounts/invitation_gone.html", status=410)
        except SignInFirst:
            pass  # the page says so
        else:
            if login is None:
                return come_in(request, seat, by="invitation")
            choose(seat, request.session)
            return redirect("board")
    context = {
        "invitation": invitation, "form": form, "login": login,
        "must_sign_in": login is None and must_sign_in(invitation),
    }  # fmt: skip
    return render(request, "accounts/invitation.html", context, status=400 if form.errors else 200)
