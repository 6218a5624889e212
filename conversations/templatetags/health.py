from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from accounts.models import Account
from conversations.vitals import read_health

register = template.Library()


@register.inclusion_tag("analytics/_account_health.html", takes_context=True)
def account_health(context: Context, account: Account) -> dict[str, Any]:
    """`{% account_health account %}`: how it is doing, as a panel of its page."""
    (health,) = read_health(account.workspace, [account.pk])
    return {"health": health, **{name: context.get(name) for name in ("user", "request", "csrf_token")}}
