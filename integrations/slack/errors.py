"""How a call to Slack fails, and when an event must wait."""

from __future__ import annotations

from integrations.errors import SendError


class SlackError(SendError):
    """A call that failed. `permanent`: another try would fail alike. `retry_after` in seconds, when Slack says.

    `granted`: what the token may do, in Slack's comma-separated form, when it may not do this.
    """

    def __init__(self, code: str, *, permanent: bool, retry_after: float | None = None, granted: str = "") -> None:
        super().__init__(code, permanent=permanent, retry_after=retry_after)
        self.granted = granted


class Later(Exception):  # noqa: N818 - it reads as what happens
    """An event can't be decided yet: something that must come first has not come."""
