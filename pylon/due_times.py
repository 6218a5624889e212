"""What follows when answers are due at other times, or accounts are told apart otherwise."""

from __future__ import annotations

from integrations.showing import reroute
from integrations.tasks import send_deliveries
from integrations.wake import wake
from triage.deadlines import refresh_open
from triage.tasks import remind_of_due


def due_times_changed(workspace_id: int) -> None:
    """Conversations, triage posts and reminders follow at once."""
    if refresh_open(workspace_id):
        wake(remind_of_due)
    if reroute(workspace_id):
        wake(send_deliveries)
