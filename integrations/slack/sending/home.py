"""The Home tab, as it stands when it is sent."""

from __future__ import annotations

from typing import Any

from conversations.finding import waiting_for
from integrations.models import Delivery
from integrations.slack.acting import teammate
from integrations.slack.client import call
from integrations.slack.home_drawing import SHOWN, draw_for_others, draw_home
from integrations.slack.homes import remember_shown


def send_home(delivery: Delivery) -> dict[str, Any]:
    """To the one whose Slack id is its `place`."""
    user = teammate(delivery.installation, {"id": delivery.place})
    if user is None:
        call(delivery.installation, "views.publish", user_id=delivery.place, view=draw_for_others())
        return {"shown": "no teammate"}
    waiting = waiting_for(user)
    shown = list(waiting[:SHOWN])
    more = waiting.count() - SHOWN if len(shown) == SHOWN else 0
    call(delivery.installation, "views.publish", user_id=delivery.place, view=draw_home(shown, max(more, 0)))
    remember_shown(delivery.installation, delivery.place, [conversation.pk for conversation in shown])
    return {"shown": len(shown)}
