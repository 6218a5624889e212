"""The same as `receive.py` as a Django URL, for installations that run the pages under WSGI alone."""

from __future__ import annotations

import time

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integrations.slack.requests import Challenge, Refused, read, verify
from integrations.slack.storage import store
from integrations.slack.tasks import drain_inbox
from integrations.wake import wake

log = structlog.get_logger(__name__)


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Events, interactivity and commands. Signed by Slack, hence without our own form token."""
    try:
        return HttpResponse(_take(request), content_type="text/plain")
    except Refused as refusal:
        log.warning("refused a request from Slack", status=refusal.status, reason=refusal.reason)
        return HttpResponse(refusal.reason, status=refusal.status, content_type="text/plain")


def _take(request: HttpRequest) -> str:
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = _body(request)  # raw, before anything parses the form
    verify(headers, body, secret=settings.SLACK_SIGNING_SECRET, now=time.time())
    received = read(request.content_type or "", body)
    if isinstance(received, Challenge):
        return received.value
    try:
        store([received])
    except DatabaseError as error:
        raise Refused(503, f"Not stored, send it again: {type(error).__name__}.") from error
    wake(drain_inbox)
    return ""


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body
    except RequestDataTooBig:
        raise Refused(413, "The body is too large.") from None
    except UnreadablePostError:
        raise Refused(400, "The sender went away.") from None
