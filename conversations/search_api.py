"""The search, for programs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversations.api import ConversationSerializer
from conversations.search.hits import Hit, search
from conversations.search.words import LENGTH
from pylon.api import refuse_unknown
from pylon.api_views import teammate

LIMIT, MOST = 20, 100


class HitSerializer(serializers.Serializer[Hit]):
    conversation = ConversationSerializer()
    message = serializers.IntegerField(
        source="message.pk", allow_null=True, default=None, help_text="The id of the message that fits best."
    )
    excerpt = serializers.CharField(help_text="HTML: escaped, the words in <mark>.")


class FoundSerializer(serializers.Serializer[Any]):
    results = HitSerializer(many=True)
    next = serializers.CharField(help_text="`after` for the next page; empty: there is none.")
    looked_back_to = serializers.DateTimeField(
        allow_null=True, help_text="Where not everything was looked through: the next page goes on from there."
    )


class SearchView(APIView):
    """Conversations by words and filters, as on the search page."""

    @extend_schema(
        operation_id="search",
        parameters=[
            OpenApiParameter("q", str, required=True, description="For instance `owner:none status:open export -csv`"),
            OpenApiParameter("after", str, description="`next` of the page before"),
            OpenApiParameter("limit", int, description=f"1 to {MOST}; {LIMIT} without"),
        ],
        responses=FoundSerializer,
    )
    def get(self, request: Request) -> Response:
        """A filter that can't be looked up is refused with what is possible."""
        refuse_unknown(request.query_params, {"q", "after", "limit"})
        typed = request.query_params.get("q", "")
        if not typed.strip() or len(typed) > LENGTH:
            raise ValidationError({"q": [f"What to look for, in at most {LENGTH} characters."]})
        # Whoever asks here has written the last word to its end.
        try:
            found = search(
                teammate(request), f"{typed} ", after=request.query_params.get("after", ""), most=_limit(request)
            )
        except ValueError:
            raise ValidationError({"after": ["Use `next` as it is."]}) from None
        if found.problems:
            raise ValidationError({"q": list(found.problems)})
        answer = {"results": found.hits, "next": found.next, "looked_back_to": found.back_to}
        return Response(FoundSerializer(answer).data)


def _limit(request: Request) -> int:
    raw = str(request.query_params.get("limit", LIMIT))
    if not (raw.isascii() and raw.isdecimal() and len(raw) <= 4 and 1 <= int(raw) <= MOST):
        raise ValidationError({"limit": [f"A whole number from 1 to {MOST} is needed."]})
    return int(raw)
