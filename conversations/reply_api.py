"""Replies for programs. A program has no preview: it says with `send` that the customer shall read this."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError as Refused
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.models import Conversation, Reply
from conversations.replying import LENGTH, destination, write_reply
from pylon.api import Change, NewestFirst
from pylon.api_views import InWorkspace, teammate


class ReplySerializer(serializers.ModelSerializer[Reply]):
    """`message` is its id once the other system has it; `error` says why it was not sent."""

    teammate = serializers.IntegerField(source="author_id", read_only=True)
    message = serializers.IntegerField(source="message_id", allow_null=True, read_only=True)

    class Meta:
        model = Reply
        fields = ["id", "key", "state", "error", "text", "thread_ts", "teammate", "message", "created_at", "send_after"]
        read_only_fields = fields


class NewReply(Change):
    text = serializers.CharField(max_length=LENGTH, trim_whitespace=False)
    send = serializers.BooleanField(help_text="Must be true: the customer will read this.")
    in_channel = serializers.BooleanField(default=False, help_text="Beside the thread, unless the customer is in it.")
    key = serializers.UUIDField(required=False, help_text="Your own id of it: given again it is the same reply.")

    def validate_send(self, send: bool) -> bool:
        if not send:
            raise ValidationError("Must be true: the customer will read this.")
        return send


class WithReplies(InWorkspace[Conversation]):
    @extend_schema(methods=["GET"], responses=ReplySerializer(many=True), filters=False)
    @extend_schema(methods=["POST"], request=NewReply, responses={200: ReplySerializer, 201: ReplySerializer})
    @action(detail=True, methods=["get", "post"])
    def replies(self, request: Request, **_: int) -> Response:
        """What was replied to the customer from here, newest first, or one more: it goes out after ten seconds."""
        conversation = self.get_object()
        if request.method == "POST":
            return _write(conversation, request)
        pages = NewestFirst()
        page = pages.paginate_queryset(conversation.replies.all(), request, view=self)
        return pages.get_paginated_response(ReplySerializer(page or [], many=True).data)


def _write(conversation: Conversation, request: Request) -> Response:
    asked = NewReply(data=request.data)
    asked.is_valid(raise_exception=True)
    new: dict[str, Any] = asked.validated_data
    by, key, place = teammate(request), new.get("key") or uuid4(), destination(conversation)
    known = by.replies.filter(key=key).exists()
    thread_ts = "" if new["in_channel"] and not place.is_begun else place.thread_ts
    try:
        reply = write_reply(conversation=conversation, text=new["text"], by=by, key=key, thread_ts=thread_ts)
    except Refused as error:
        raise ValidationError({"text": error.messages}) from error
    return Response(ReplySerializer(reply).data, status=HTTPStatus.OK if known else HTTPStatus.CREATED)
