"""A message's file, passed on from Slack to whoever may read the message."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_required
from django.core.handlers.asgi import ASGIRequest
from django.db.models import Case, Value, When
from django.http import Http404, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from accounts.requests import SignedInRequest
from conversations.models import Message
from conversations.services import know_file
from integrations.models import Installation, Provider
from integrations.slack.client import SlackError
from integrations.slack.files import Download, FileError, look_up

SHOWN = {"image/png", "image/jpeg", "image/gif", "image/webp"}
"""What a browser draws without running anything; all else is only to be saved."""
GONE = {"file_not_found", "file_deleted"}
STATUS = {
    "gone": HTTPStatus.NOT_FOUND,
    "refused": HTTPStatus.FORBIDDEN,
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "no_answer": HTTPStatus.BAD_GATEWAY,
}


@login_required
@require_GET
def file(request: SignedInRequest, message_id: int, file_id: str) -> HttpResponseBase:
    """The file; with `thumb`, its small picture. A stranger's message has none."""
    ours = Message.objects.filter(workspace=request.user.workspace_id, deleted_at=None)
    message = get_object_or_404(ours.select_related("channel", "conversation"), pk=message_id)
    kept = next((one for one in message.files if file_id and one.get("id") == file_id), None)
    if kept is None:
        raise Http404
    try:
        return _passed_on(request, message, kept)
    except FileError as error:
        context = {"file": kept, "message": message, "reason": error.reason}
        return render(request, "conversations/file_unavailable.html", context, status=STATUS[error.reason])


def _passed_on(request: SignedInRequest, message: Message, kept: dict[str, Any]) -> HttpResponseBase:
    installation = _installation(message)
    if not kept.get("url"):
        kept = _known(installation, message, kept)
    address = str(kept.get("thumb" if "thumb" in request.GET else "url") or "")
    if not address and kept.get("permalink"):
        return redirect(str(kept["permalink"]))  # of a kind that lives elsewhere
    if not address:
        raise FileError("refused")
    download = Download.open(installation, address, is_page=kept.get("type") == "text/html")
    chunks = download.chunks()
    is_shown = download.type in SHOWN
    name = str(kept.get("filename") or kept.get("name") or "file")
    response = StreamingHttpResponse(
        _handed_over(chunks) if isinstance(request, ASGIRequest) else chunks,
        content_type=download.type if is_shown else "application/octet-stream",
        headers={
            "Content-Disposition": content_disposition_header(as_attachment=not is_shown, filename=name)
            or "attachment",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "private, max-age=3600",
        },
    )
    if download.size is not None:
        response.headers["Content-Length"] = str(download.size)
    return response


def _installation(message: Message) -> Installation:
    """The one through which we see the channel, or else another of the workspace."""
    team_id = message.channel.external_team_id if message.channel else ""
    mine = Installation.objects.filter(workspace=message.workspace_id, provider=Provider.SLACK, revoked_at=None)
    first = Case(When(external_id=team_id, then=Value(0)), default=Value(1))
    installation = mine.order_by(first, "pk").first()
    if installation is None:
        raise FileError("refused")
    return installation


def _known(installation: Installation, message: Message, kept: dict[str, Any]) -> dict[str, Any]:
    """A file of which we know little, looked up now and kept."""
    try:
        found = look_up(installation, str(kept["id"]))
    except SlackError as error:
        reason = "gone" if error.code in GONE else "refused" if error.permanent else "no_answer"
        raise FileError(reason) from error
    know_file(message=message, file=found)
    return found


async def _handed_over(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Read in threads, so that one slow file holds up no other request."""
    read = sync_to_async(lambda: next(chunks, b""), thread_sensitive=False)
    while chunk := await read():
        yield chunk
