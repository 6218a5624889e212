"""Signing in and what belongs to it: those of django-allauth's pages that Pylon has, where `request.user` is the
login, and invitations."""

from __future__ import annotations

from allauth.account import views as allauth
from allauth.mfa.base import views as second_factor
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from accounts import invitation_views

urlpatterns = [
    path("account/password/change/", allauth.password_change, name="account_change_password"),
    path("account/password/set/", allauth.password_set, name="account_set_password"),
    path("account/password/forgotten/", allauth.password_reset, name="account_reset_password"),
    path("account/password/forgotten/sent/", allauth.password_reset_done, name="account_reset_password_done"),
    path(
        "account/password/new/done/", allauth.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^account/password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$", allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("account/confirm/", allauth.reauthenticate, name="account_reauthenticate"),
    path("account/inactive/", allauth.account_inactive, name="account_inactive"),
    path("account/second-factor/", RedirectView.as_view(pattern_name="security"), name="mfa_index"),
    path("account/second-factor/ask/", second_factor.authenticate, name="mfa_authenticate"),
    path("account/second-factor/confirm/", second_factor.reauthenticate, name="mfa_reauthenticate"),
    path("account/second-factor/app/", include("allauth.mfa.totp.urls")),
    path("account/second-factor/codes/", include("allauth.mfa.recovery_codes.urls")),
    path("invitations/<str:secret>/", invitation_views.page, name="invitation"),
]  # fmt: skip
