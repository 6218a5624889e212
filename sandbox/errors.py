"""The one way a refusal travels: Slack's error code and what else the answer carries."""

from __future__ import annotations

from typing import Any


class SlackError(Exception):
    """A refusal as Slack answers it: ``{"ok": false, "error": code, ...}``."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


def invalid_arguments(*messages: str) -> SlackError:
    return SlackError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {m}" for m in messages]})
