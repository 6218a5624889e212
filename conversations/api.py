"""Conversations for programs. Every change goes through the verbs that the board uses."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import AccountDetailSerializer, AccountViewSet, TeammateField
from conversations.models import Conversation, Message
from conversations.reply_api import WithReplies
from conversations.selecting_api import ConversationFilter
from conversations.services import change_account_owner
from conversations.status import Status
from pylon.api import Change, Named, one_of
from pylon.api_views import teammate


class MessageSerializer(serializers.ModelSerializer[Message]):
    """A deleted message keeps its place and its times, not what it said."""

    text = serializers.SerializerMethodField()
    files = serializers.SerializerMethodField()
    teammate = serializers.IntegerField(source="author_user_id", allow_null=True, read_only=True)
    contact = serializers.IntegerField(source="author_contact_id", allow_null=True, read_only=True)

    class Meta:
        model = Message
        fields = [
            "id", "kind", "text", "files", "author_name", "teammate", "contact",
            "sent_at", "edited_at", "deleted_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_text(self, message: Message) -> str:
        return "" if message.deleted_at else message.text

    def get_files(self, message: Message) -> list[dict[str, Any]]:
        """Without the addresses that open with our token only."""
        files = [] if message.deleted_at else message.files
        return [{name: file.get(name) for name in ("id", "name", "type", "size", "permalink")} for file in files]


class ConversationSerializer(serializers.ModelSerializer[Conversation]):
    account = Named(read_only=True, allow_null=True)
    channel = Named(read_only=True)
    owner = Named(read_only=True, allow_null=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Conversation
        fields = [
            "number", "url", "title", "status", "account", "channel", "owner",
            "opened_at", "waiting_since", "first_response_at", "closed_at",
            "last_message_at", "last_message_text", "last_message_author", "message_count",
        ]  # fmt: skip
        read_only_fields = fields

    def get_url(self, conversation: Conversation) -> str:
        return f"{settings.BASE_URL}{conversation.get_absolute_url()}"


class ConversationDetailSerializer(ConversationSerializer):
    messages = MessageSerializer(many=True, read_only=True)

    class Meta(ConversationSerializer.Meta):
        fields = [*ConversationSerializer.Meta.fields, "messages"]


class ConversationChange(Change):
    status = serializers.ChoiceField(choices=Status.choices, error_messages={"invalid_choice": one_of(Status.values)})
    owner = TeammateField(allow_null=True)


class AccountChange(Change):
    owner = TeammateField(allow_null=True)


class ConversationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, WithReplies):
    """What customers said, by matter."""

    queryset = Conversation.objects.select_related("account", "channel", "owner")
    filterset_class = ConversationFilter
    lookup_field = "number"

    def get_queryset(self) -> QuerySet[Conversation]:
        conversations = super().get_queryset()
        if self.action == "list":
            return conversations.filter(merged_into=None, is_unsorted=False)
        return conversations.prefetch_related("messages")

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        return ConversationSerializer if self.action == "list" else ConversationDetailSerializer

    @extend_schema(request=ConversationChange, responses=ConversationDetailSerializer)
    def partial_update(self, request: Request, **_: int) -> Response:
        """Set the status, the owner, or both."""
        conversation, by = self.get_object(), teammate(request)
        change = _valid(ConversationChange, request)
        with transaction.atomic():
            if "status" in change:
                conversation.set_status(Status(change["status"]), by=by)
            if "owner" in change:
                conversation.assign(change["owner"], by=by)
        return Response(self.get_serializer(conversation).data)


class OwnedAccountViewSet(AccountViewSet):
    """The companies you serve, and who is responsible for each."""

    @extend_schema(request=AccountChange, responses=AccountDetailSerializer)
    def partial_update(self, request: Request, **_: int) -> Response:
        """Choose another owner: the account's channels and its conversations that aren't closed follow."""
        account = self.get_object()
        change = _valid(AccountChange, request)
        if "owner" in change:
            change_account_owner(account=account, owner=change["owner"], by=teammate(request))
        return Response(self.get_serializer(account).data)


def _valid(kind: type[Change], request: Request) -> dict[str, Any]:
    change = kind(data=request.data, partial=True, context={"request": request})
    change.is_valid(raise_exception=True)
    return dict(change.validated_data)
