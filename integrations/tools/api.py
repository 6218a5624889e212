"""The tickets of a conversation, and the tools that there are, for programs."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core.exceptions import ValidationError as Refused
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversations.models import Conversation
from integrations.models import Installation, Link
from integrations.tools import linking
from integrations.tools.connecting import tools_of
from integrations.tools.errors import ToolError
from integrations.tools.showing import links_of
from integrations.tools.standing import standing
from pylon.api import Change, refuse_unknown
from pylon.api_views import teammate


class ToolSerializer(serializers.ModelSerializer[Installation]):
    tool = serializers.CharField(source="get_provider_display", read_only=True)

    class Meta:
        model = Installation
        fields = ["id", "provider", "tool", "name", "url"]
        read_only_fields = fields


class TicketSerializer(serializers.ModelSerializer[Link]):
    """`number` and `url` are empty while the ticket is being made. `standing`: good, busy, warn (it waits and goes on
    by itself) or danger (it waits for a person); `words` say why."""

    tool = serializers.IntegerField(source="installation_id", read_only=True)
    name = serializers.CharField(source="installation.get_provider_display", read_only=True)
    standing = serializers.SerializerMethodField()
    words = serializers.SerializerMethodField()

    class Meta:
        model = Link
        fields = ["id", "tool", "name", "number", "url", "standing", "words", "created_at"]
        read_only_fields = fields

    def get_standing(self, link: Link) -> str:
        return standing(link).level

    def get_words(self, link: Link) -> str:
        return standing(link).words


class ToolsSerializer(serializers.Serializer[Any]):
    results = ToolSerializer(many=True)


class TicketsSerializer(serializers.Serializer[Any]):
    results = TicketSerializer(many=True)


class NewTicketSerializer(Change):
    tool = serializers.IntegerField(min_value=1, help_text="A tool's id.")
    ticket = serializers.CharField(
        max_length=128, required=False, help_text="The tool's own id of a ticket that is there; without, one is made."
    )


class ToolsView(APIView):
    """The support tools that are connected."""

    @extend_schema(operation_id="tools", responses=ToolsSerializer)
    def get(self, request: Request) -> Response:
        """Their ids are what a ticket's `tool` names."""
        return Response(ToolsSerializer({"results": tools_of(teammate(request).workspace)}).data)


class TicketsView(APIView):
    """A conversation's tickets in support tools."""

    parser_classes = [JSONParser]

    @extend_schema(operation_id="conversation_tickets", responses=TicketsSerializer)
    def get(self, request: Request, number: int) -> Response:
        """Those that are kept in step, or wait for a person."""
        return _tickets(_conversation(request, number))

    @extend_schema(
        operation_id="conversation_tickets_create", request=NewTicketSerializer,
        responses={200: TicketSerializer, 201: TicketSerializer},
    )  # fmt: skip
    def post(self, request: Request, number: int) -> Response:
        """Have a ticket made, or connect with one that is there. 200: it is connected with that tool already."""
        conversation, by = _conversation(request, number), teammate(request)
        asked = NewTicketSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        new: dict[str, Any] = asked.validated_data
        tool = next((one for one in tools_of(by.workspace) if one.pk == new["tool"]), None)
        if tool is None:
            raise ValidationError({"tool": ["There is no such tool."]})
        is_known = any(link.installation_id == tool.pk for link in links_of(conversation))
        try:
            if "ticket" in new:
                link = linking.link_existing(conversation, tool, new["ticket"], by=by)
            else:
                link = linking.connect(conversation, tool, by=by)
        except Refused as error:
            raise ValidationError({"tool": error.messages}) from error
        except ToolError as error:
            raise ValidationError({"ticket": [str(error)]}) from error
        return Response(TicketSerializer(link).data, status=HTTPStatus.OK if is_known else HTTPStatus.CREATED)

    @extend_schema(
        operation_id="conversation_tickets_destroy",
        parameters=[OpenApiParameter("tool", int, required=True, description="The tool's id")],
        responses=TicketsSerializer,
    )
    def delete(self, request: Request, number: int) -> Response:
        """Disconnect: both sides stay as they are, and are in step no more."""
        refuse_unknown(request.query_params, {"tool"})
        conversation = _conversation(request, number)
        link = next(
            (one for one in links_of(conversation) if str(one.installation_id) == request.query_params.get("tool")),
            None,
        )
        if link is None:
            raise NotFound
        linking.disconnect(link, by=teammate(request))
        return _tickets(conversation)


def _tickets(conversation: Conversation) -> Response:
    return Response(TicketsSerializer({"results": links_of(conversation)}).data)


def _conversation(request: Request, number: int) -> Conversation:
    ours = teammate(request).workspace.conversations.select_related("account", "owner", "channel")
    found: Conversation = get_object_or_404(ours, number=number)
    return found
