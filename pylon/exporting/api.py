"""A table as JSON lines, for programs that load a warehouse."""

from __future__ import annotations

from collections.abc import Iterator

import structlog
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, StreamingHttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.roles import require_admin
from conversations.analytics.exporting import handed_over
from pylon.api import LARGEST_KEY, refuse_unknown
from pylon.api_views import teammate
from pylon.exporting.rows import line, read
from pylon.exporting.tables import TABLES, Table

log = structlog.get_logger(__name__)


class JsonLines(JSONRenderer):
    """So that a program may ask for this type. Refusals are JSON."""

    media_type = "application/x-ndjson"


class ExportView(APIView):
    renderer_classes = [JSONRenderer, JsonLines]

    @extend_schema(exclude=True)  # what a schema describes is one JSON document
    def get(self, request: Request, table: str) -> StreamingHttpResponse:
        asking = teammate(request)
        require_admin(asking)
        refuse_unknown(request.query_params, {"after"})
        if table not in TABLES:
            raise Http404
        after = _after(request)
        log.info("export by the API", table=table, after=after, by=asking.pk, workspace=asking.workspace_id)
        lines = _lines(TABLES[table], asking.workspace_id, after)
        return StreamingHttpResponse(
            handed_over(lines) if isinstance(request._request, ASGIRequest) else lines,
            content_type="application/x-ndjson; charset=utf-8",
            headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"},
        )


def _lines(table: Table, workspace_id: int, after: int) -> Iterator[str]:
    for batch in read(table, workspace_id, after=after):
        yield "".join(map(line, batch))


def _after(request: Request) -> int:
    raw = str(request.query_params.get("after", "0"))
    if not (raw.isascii() and raw.isdecimal() and len(raw) <= 19 and int(raw) <= LARGEST_KEY):
        raise ValidationError({"after": ["The id of the last row that came is needed."]})
    return int(raw)
