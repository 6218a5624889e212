from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from accounts.models import User
from pylon import first_steps as steps_of
from pylon import sample_data

register = template.Library()


@register.inclusion_tag("first_steps/_checklist.html", takes_context=True)
def first_steps(context: Context, is_whole: bool = False) -> dict[str, Any]:
    """The steps that lead to the first message, until they are done or put aside. `is_whole`: with the offer of sample
    data, which stays."""
    user = context["user"]
    if not isinstance(user, User):
        return {}
    workspace = user.workspace
    steps = [] if workspace.first_steps_closed_at else list(steps_of.steps(workspace))
    done = sum(step.is_done for step in steps)
    return {
        "steps": steps if done < len(steps) else [],
        "done": done,
        "next": next((step for step in steps if not step.is_done), None),
        "has_sample": sample_data.is_loaded(workspace),
        "is_whole": is_whole,
        "is_admin": user.is_admin,
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("first_steps/_sample_notice.html", takes_context=True)
def sample_notice(context: Context) -> dict[str, Any]:
    """Says on the board that some of it is invented, with the way to remove it."""
    user = context["user"]
    return {
        "has_sample": isinstance(user, User) and sample_data.is_loaded(user.workspace),
        "is_admin": user.is_admin,
        "csrf_token": context.get("csrf_token"),
    }
