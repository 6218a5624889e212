"""`{% load seats %}`: the workspaces that one may switch to."""

from __future__ import annotations

from django import template
from django.template.context import Context

from accounts.models import User
from accounts.seats import SEVERAL, seats_of

register = template.Library()


@register.simple_tag(takes_context=True)
def seats(context: Context) -> list[User]:
    """All of the signed-in person's, also the one they are in; none where there is nothing to choose."""
    request = context.get("request")
    login = getattr(request, "login", None)
    if request is None or not isinstance(login, User) or not request.session.get(SEVERAL):
        return []
    return list(seats_of(login))
