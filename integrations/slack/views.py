"""The same as `receive.py` as a Django URL, for installations that run the pages under WSGI alone."""

from __future__ import annotations

import time
from contextlib import suppress

import structlog
from django.core.exceptions import ImproperlyConfigured, RequestDataTooBig
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integrations.slack.credentials import Signers
from integrations.slack.requests import Challenge, Received, Refused, Unsigned, accept
from integrations.slack.sightings import note_challenge, note_refusal
from integrations.slack.storage import store
from integrations.slack.tasks import drain_inbox
from integrations.wake import wake

log = structlog.get_logger(__name__)
signers = Signers()


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Events, interactivity and commands. Signed by Slack, hence without our own form token."""
    try:
        return HttpResponse(_take(request), content_type="text/plain")
    except Refused as refusal:
        log.warning("refused a request from Slack", status=refusal.status, reason=refusal.reason)
        if refusal.status == 401:
            note_refusal(refusal.reason)
        return HttpResponse(refusal.reason, status=refusal.status, content_type="text/plain")


def _take(request: HttpRequest) -> str:
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = _body(request)  # raw, before anything parses the form
    received = _accept(headers, body)
    if isinstance(received, Challenge):
        note_challenge()
        return received.value
    try:
        store([received])
    except DatabaseError as error:
        raise Refused(503, f"Not stored, send it again: {type(error).__name__}.") from error
    wake(drain_inbox)
    return ""


def _accept(headers: dict[str, str], body: bytes) -> Challenge | Received:
    """The pasted apps' secrets are looked up only where the environment's does not fit."""
    if signers.of_environment:
        with suppress(Unsigned):
            return accept(headers, body, signers=signers.of_environment, now=time.time())
    try:
        signers.read()
    except (DatabaseError, ImproperlyConfigured) as error:
        raise Refused(503, f"Not verified, send it again: {type(error).__name__}.") from error
    return accept(headers, body, signers=[*signers.of_environment, *signers.of_rows], now=time.time())


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body
    except RequestDataTooBig:
        raise Refused(413, "The body is too large.") from None
    except UnreadablePostError:
        raise Refused(400, "The sender went away.") from None
