"""What was said stays as it was said. A status or an owner changes through the verbs, like everywhere."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from conversations.excerpts import one_line
from conversations.models import Conversation, ConversationEvent, Correction, Message, Reply, SavedView
from conversations.status import Status
from pylon.admin import WorkspaceAdmin, lists, shown_json, staff


@admin.register(Conversation)
class ConversationAdmin(WorkspaceAdmin[Conversation]):
    may_change = True
    list_display = ["number", "title", "status", "account", "owner", "channel", "waiting_since", "last_message_at"]
    list_display_links = ["number", "title"]
    list_filter = [
        "status",
        ("owner", admin.RelatedOnlyFieldListFilter),
        ("account", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["account", "owner", "channel"]
    search_fields = ["number__exact", "title", "account__name"]
    ordering = ["-pk"]
    autocomplete_fields = ["owner"]
    actions = ["close", "start", "reopen"]
    fields = [
        "number", "title", "status", "status_by_person", "status_changed_at", "owner", "account", "channel",
        "opened_at", "waiting_since", "first_response_at", "closed_at", "last_message_at", "last_message_text",
        "message_count", "version", "workspace", "related",
    ]  # fmt: skip
    editable = ["status", "owner"]

    def save_model(
        self,
        request: HttpRequest,
        obj: Conversation,
        form: ModelForm[Conversation],
        change: bool,  # noqa: ARG002 - nothing is added here
    ) -> None:
        by, changes = staff(request), {name: form.cleaned_data[name] for name in form.changed_data}
        conversation = Conversation.objects.get(pk=obj.pk)
        if "status" in changes:
            conversation.set_status(Status(changes["status"]), by=by)
        if "owner" in changes:
            owner: User | None = changes["owner"]
            conversation.assign(owner, by=by)

    @admin.action(description="Close", permissions=["change"])
    def close(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> None:
        self._set_status(request, queryset, Status.CLOSED)

    @admin.action(description="Set in progress", permissions=["change"])
    def start(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> None:
        self._set_status(request, queryset, Status.IN_PROGRESS)

    @admin.action(description="Reopen", permissions=["change"])
    def reopen(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> None:
        self._set_status(request, queryset, Status.TODO)

    def _set_status(self, request: HttpRequest, queryset: QuerySet[Conversation], status: Status) -> None:
        chosen = list(queryset)
        for conversation in chosen:
            conversation.set_status(status, by=staff(request))
        self.message_user(request, f"{len(chosen)} now: {status.label}.", messages.SUCCESS)

    @admin.display(description="has")
    def related(self, conversation: Conversation) -> SafeString:
        return format_html(
            '<a href="{}">Its page</a> · {}',
            conversation.get_absolute_url(),
            lists(
                conversation,
                ("Messages", "conversations_message", "conversation"),
                ("Events", "conversations_conversationevent", "conversation"),
                ("Links", "integrations_link", "conversation"),
                ("Replies", "conversations_reply", "conversation"),
                ("Deliveries", "integrations_delivery", "conversation"),
                ("Questions to the model", "integrations_modelcall", "conversation"),
            ),
        )


@admin.register(Message)
class MessageAdmin(WorkspaceAdmin[Message]):
    """A deleted message keeps its place; what it said is shown no more."""

    list_display = ["sent_at", "kind", "author_name", "excerpt", "conversation", "channel"]
    list_filter = ["kind", "sent_at"]
    list_select_related = ["conversation", "channel"]
    search_fields = ["author_name", "conversation__title", "=ts"]
    ordering = ["-pk"]
    fields = [
        "conversation", "channel", "kind", "author_name", "author_user", "author_contact", "said", "files_line",
        "ts", "thread_ts", "sent_at", "edited_at", "deleted_at", "created_at",
        "grouping_rule", "grouping_reason", "grouping_score", "grouping_runner_up", "workspace", "related",
    ]  # fmt: skip

    @admin.display(description="text")
    def excerpt(self, message: Message) -> str:
        return one_line(self.said(message), 100)

    @admin.display(description="text")
    def said(self, message: Message) -> str:
        return "(deleted)" if message.deleted_at else message.text

    @admin.display(description="has")
    def related(self, message: Message) -> SafeString:
        return lists(message, ("Events", "conversations_conversationevent", "message"))


@admin.register(ConversationEvent)
class ConversationEventAdmin(WorkspaceAdmin[ConversationEvent]):
    list_display = ["happened_at", "kind", "conversation", "by_name", "by_rule", "reason", "published_at"]
    list_filter = ["kind", "happened_at"]
    list_select_related = ["conversation", "by_user", "by_contact"]
    search_fields = ["conversation__title", "conversation__number__exact", "reason"]
    ordering = ["-pk"]
    fields = [
        "conversation", "kind", "message", "by_user", "by_contact", "by_rule", "reason", "details",
        "happened_at", "created_at", "published_at", "workspace",
    ]  # fmt: skip

    @admin.display(description="data")
    def details(self, event: ConversationEvent) -> Any:
        return shown_json(event.data)


@admin.register(Reply)
class ReplyAdmin(WorkspaceAdmin[Reply]):
    """Tried again and taken back on the conversation's page, by who wrote it or an admin."""

    list_display = ["created_at", "author", "state", "excerpt", "conversation", "error"]
    list_filter = ["state", ("author", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["author", "conversation"]
    search_fields = ["conversation__title", "conversation__number__exact", "error"]
    ordering = ["-pk"]
    fields = [
        "conversation", "author", "state", "error", "text", "thread_ts", "message", "created_at", "send_after",
        "workspace",
    ]  # fmt: skip

    @admin.display(description="text")
    def excerpt(self, reply: Reply) -> str:
        return one_line(reply.text, 100)


@admin.register(Correction)
class CorrectionAdmin(WorkspaceAdmin[Correction]):
    list_display = ["created_at", "kind", "source", "target", "by_user", "undone_at"]
    list_filter = ["kind", ("undone_at", admin.EmptyFieldListFilter)]
    list_select_related = ["source", "target", "by_user"]
    search_fields = ["source__title", "target__title", "=source__number", "=target__number"]
    ordering = ["-pk"]
    fields = ["kind", "source", "target", "by_user", "created_at", "undone_at", "undone_by", "workspace"]


@admin.register(SavedView)
class SavedViewAdmin(WorkspaceAdmin[SavedView]):
    """Changed on the board by its owner; may be removed here, for instance after somebody left."""

    may_delete = True
    list_display = ["name", "owner", "is_shared", "created_at"]
    list_filter = ["is_shared", ("owner", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["owner"]
    search_fields = ["name", "owner__name", "query"]
    fields = ["name", "owner", "is_shared", "query", "created_at", "workspace"]
