"""Fetching a message's file where it is: in Slack, which wants our token."""

from __future__ import annotations

from typing import Any

from conversations.models import Message
from integrations.models import Installation, Provider
from integrations.slack.client import SlackError
from integrations.slack.files import Download, FileError, look_up
from integrations.tools.errors import ToolError
from integrations.tools.limits import LARGEST_FILE


class Unavailable(ToolError):  # noqa: N818 - it reads as what happened
    """The file can't be had; its comment goes over without it. `is_passing`: perhaps later. `reason`: what follows
    “because”."""

    def __init__(self, name: str, reason: str, *, is_passing: bool) -> None:
        super().__init__(f"“{name}” could not be fetched from Slack.", permanent=not is_passing)
        self.reason = reason


REASONS = {
    "gone": "it is not in Slack any more",
    "refused": "Slack does not let us fetch it",
    "too_large": f"it is larger than {LARGEST_FILE // 2**20} MB",
    "no_answer": "Slack did not answer",
}


def read_file(message: Message, file: dict[str, Any]) -> bytes:
    """One that Slack told only the id of is looked up first. Raises Unavailable."""
    name, installation = str(file.get("name") or "File"), _installation(message)
    if installation is None:
        raise Unavailable(name, "Slack is not connected", is_passing=False)
    try:
        if file.get("is_stub"):
            file = look_up(installation, str(file["id"]))
        url = str(file.get("url") or "")
        if not url:
            raise Unavailable(name, "Slack tells no address of it", is_passing=False)
        content = b"".join(_chunks(installation, url, is_page=str(file.get("type")) == "text/html"))
    except SlackError as error:
        raise Unavailable(name, "Slack did not tell of it", is_passing=not error.permanent) from error
    except FileError as error:
        raise Unavailable(name, REASONS[error.reason], is_passing=error.reason == "no_answer") from error
    return content


def _chunks(installation: Installation, url: str, *, is_page: bool) -> list[bytes]:
    download, chunks, size = Download.open(installation, url, is_page=is_page), [], 0
    for chunk in download.chunks():
        size += len(chunk)
        if size > LARGEST_FILE:
            download.close()
            raise FileError("too_large")
        chunks.append(chunk)
    return chunks


def _installation(message: Message) -> Installation | None:
    connected = Installation.objects.filter(
        workspace=message.workspace_id, provider=Provider.SLACK, revoked_at=None
    ).order_by("pk")
    team = message.channel.external_team_id if message.channel else ""
    return connected.filter(external_id=team).first() or connected.first()
