"""Which function takes a button of ours, and which a dialog that somebody submitted: by action id and callback id.

Slack's request is stored and answered at once with nothing in it, which closes a dialog, before anybody looks at what
was entered. So what is wrong with it is not shown within the dialog, but said afterwards to its sender alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from accounts.models import User
from integrations.models import Installation
from integrations.slack import add_dialog, home, home_drawing, shortcuts, ticket_dialog
from integrations.slack.acting import teammate

Payload: TypeAlias = dict[str, Any]
Act: TypeAlias = Callable[[Installation, User, Payload], str]
"""(installation, the teammate who acts, Slack's payload) → what was done, in words."""

BUTTONS: Mapping[str, Act] = {add_dialog.CHANGE: add_dialog.open_dialog, home_drawing.ACKNOWLEDGE: home.acknowledge}
"""Those that stand under no conversation's post."""
SUBMISSIONS: Mapping[str, Act] = {
    add_dialog.CALLBACK: add_dialog.save,
    shortcuts.ADD: shortcuts.save_addition,
    ticket_dialog.CALLBACK: ticket_dialog.save,
    shortcuts.LINK: shortcuts.save_thread,
}


def submit(installation: Installation, payload: Payload) -> str:
    """A `view_submission`."""
    user = teammate(installation, payload.get("user"))
    if user is None or not user.may_change:  # to whom no dialog of ours opens
        who = "is no teammate" if user is None else "may only read"
        return f"submitted by somebody who {who}: nothing done"
    view = payload.get("view")
    callback_id = str(view.get("callback_id") if isinstance(view, dict) else "")
    act = SUBMISSIONS.get(callback_id)
    return act(installation, user, payload) if act else f"no dialog of ours: {callback_id[:100]}"
