"""What every page says to staff when a connection has broken: `{% load connections %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from accounts.models import User
from integrations.models import Installation, Provider
from integrations.slack.checklist import missing_scopes

register = template.Library()


@register.inclusion_tag("settings/slack/_trouble.html", takes_context=True)
def slack_trouble(context: Context) -> dict[str, Any]:
    """Slack teams of the reader's workspace that withdrew our access, or grant less than we need."""
    user = context.get("user")
    if not isinstance(user, User) or not user.is_admin:
        return {}
    installations = Installation.objects.filter(workspace=user.workspace_id, provider=Provider.SLACK)
    known = list(installations.defer("credentials"))
    return {
        "withdrawn": [one for one in known if one.revoked_at],
        "lacking": [(one, missing_scopes(one)) for one in known if not one.revoked_at and missing_scopes(one)],
    }
