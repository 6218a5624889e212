"""Takes the tools' webhooks: verified on the raw bytes, stored once, worked by a task."""

from __future__ import annotations

import structlog
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from integrations.models import InboundEvent, Installation
from integrations.tools.errors import Refused
from integrations.tools.limits import LARGEST_WEBHOOK
from integrations.tools.protocol import Webhook
from integrations.tools.registry import TOOLS, adapter_of
from integrations.tools.tasks import drain_webhooks
from integrations.wake import wake

log = structlog.get_logger(__name__)


@csrf_exempt
@require_http_methods(["HEAD", "POST"])
def webhook(request: HttpRequest, provider: str, key: str) -> HttpResponse:
    """Signed by the tool, hence without our own form token. `key` is the installation's own.

    Intercom asks with HEAD whether there is anything at the address before it takes it.
    """
    try:
        installation = _installation(provider, key)
        if request.method == "HEAD":
            return HttpResponse()
        body = _body(request)
        headers = {name.lower(): value for name, value in request.headers.items()}
        genuine = adapter_of(installation).verify(headers, body)
        _store(installation, genuine, body)
    except Refused as refusal:
        log.warning("refused a webhook", provider=provider[:20], status=refusal.status, reason=refusal.reason)
        return HttpResponse(refusal.reason, status=refusal.status, content_type="text/plain")
    wake(drain_webhooks)
    return HttpResponse(genuine.answer, content_type=genuine.answer_type)


def _installation(provider: str, key: str) -> Installation:
    found = Installation.objects.filter(provider=provider, webhook_key=key, removed_at=None).first()
    if provider not in TOOLS or not key or found is None:
        raise Refused("Nothing is connected here.", status=404)
    return found


def _body(request: HttpRequest) -> bytes:
    length = request.headers.get("Content-Length", "")
    if length.isdigit() and int(length) > LARGEST_WEBHOOK:
        raise Refused("The body is too large.", status=413)
    try:
        body = request.read(LARGEST_WEBHOOK + 1)
    except UnreadablePostError:
        raise Refused("The sender went away.", status=400) from None
    if len(body) > LARGEST_WEBHOOK:
        raise Refused("The body is too large.", status=413)
    return body


def _store(installation: Installation, genuine: Webhook, body: bytes) -> None:
    """Once for each delivery: a repeated one is answered alike and changes nothing."""
    try:
        InboundEvent.objects.bulk_create(
            [
                InboundEvent(
                    provider=installation.provider, external_id=f"{installation.pk}:{genuine.external_id}"[:128],
                    kind=genuine.kind[:64], lane=f"tool:{installation.pk}",
                    body=body.decode(errors="replace").replace("\x00", ""),
                )
            ],
            ignore_conflicts=True,
        )  # fmt: skip
    except DatabaseError as error:
        raise Refused("Not stored, send it again.", status=503) from error
