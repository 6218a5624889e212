"""The sign-in page: with Slack, where an app and a team are connected, or with a password."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView
from django.conf import settings

from integrations.slack.sign_in import can_sign_in


class SignIn(LoginView):
    template_name = "accounts/sign_in.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        next_page = self.request.POST.get("next") or self.request.GET.get("next", "")
        return context | {"with_slack": can_sign_in(), "sends_mail": bool(settings.EMAIL_URL), "next": next_page}
