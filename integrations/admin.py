"""What came in and what went out, to read. Credentials are never drawn."""

from __future__ import annotations

import json

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from integrations.attempts import retry
from integrations.models import (
    Comparison,
    Consent,
    ConsoleTicket,
    Delivery,
    Difference,
    HistoryReading,
    InboundEvent,
    Installation,
    Link,
    LinkedMessage,
    ModelCall,
    SlackApp,
    ToolApp,
)
from integrations.tasks import read_history, send_deliveries
from integrations.wake import wake
from pylon.admin import WorkspaceAdmin, lists, shown_json, staff


@admin.register(Installation)
class InstallationAdmin(WorkspaceAdmin[Installation]):
    list_display = ["name", "provider", "external_id", "workspace", "paused_until", "revoked_at", "removed_at"]
    list_filter = ["provider", ("revoked_at", admin.EmptyFieldListFilter), ("removed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["workspace"]
    search_fields = ["name", "external_id"]
    fields = [
        "name", "provider", "external_id", "url", "enterprise_id", "app_id", "bot_id", "bot_user_id",
        "scopes", "slack_app", "installed_by", "credentials_expire_at", "history_capped_at", "poll_at", "paused_until",
        "paused_because", "failures", "workspace", "created_at", "revoked_at", "revoked_because", "removed_at",
        "related",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Installation]:
        return super().get_queryset(request).defer("credentials", "webhook_key")

    @admin.display(description="has")
    def related(self, installation: Installation) -> SafeString:
        return lists(
            installation,
            ("Links", "integrations_link", "installation"),
            ("Deliveries", "integrations_delivery", "installation"),
            ("Comparisons", "integrations_comparison", "installation"),
            ("Readings of channels’ past", "integrations_historyreading", "installation"),
        )


@admin.register(InboundEvent)
class InboundEventAdmin(WorkspaceAdmin[InboundEvent]):
    """Stored before it is known whose it is, hence for superusers only."""

    list_display = ["received_at", "kind", "lane", "processed_at", "outcome", "attempts", "failed_at"]
    list_filter = [
        "provider",
        "kind",
        ("processed_at", admin.EmptyFieldListFilter),
        ("failed_at", admin.EmptyFieldListFilter),
    ]
    search_fields = ["=external_id", "lane", "outcome"]
    ordering = ["-pk"]
    fields = [
        "provider", "external_id", "kind", "lane", "received_at", "processed_at", "outcome",
        "attempts", "next_attempt_at", "failed_at", "error", "payload",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundEvent]:
        events = InboundEvent.objects.order_by(*self.ordering)
        return events if staff(request).is_superuser else events.none()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return staff(request).is_superuser

    def has_view_permission(self, request: HttpRequest, obj: InboundEvent | None = None) -> bool:  # noqa: ARG002
        return staff(request).is_superuser

    @admin.display(description="body")
    def payload(self, event: InboundEvent) -> SafeString:
        return shown_json(json.loads(event.body))


@admin.register(Link)
class LinkAdmin(WorkspaceAdmin[Link]):
    list_display = ["conversation", "kind", "place", "external_id", "number", "installation", "trouble", "stopped_at"]
    list_filter = [
        "kind",
        ("installation", admin.RelatedOnlyFieldListFilter),
        ("stopped_at", admin.EmptyFieldListFilter),
        ("ended_at", admin.EmptyFieldListFilter),
    ]
    list_select_related = ["conversation", "installation"]
    search_fields = ["conversation__title", "conversation__number__exact", "=external_id", "=place", "=number"]
    ordering = ["-pk"]
    fields = [
        "conversation", "installation", "kind", "place", "external_id", "number", "url", "drawn_version", "linked_by",
        "our_status", "our_owner", "their_status", "their_owner", "due_at", "heard_at", "failures", "trouble",
        "stopped_at", "stopped_because", "ended_at", "ended_because", "workspace", "created_at", "related",
    ]  # fmt: skip

    @admin.display(description="has")
    def related(self, link: Link) -> SafeString:
        return lists(
            link,
            ("What was said on both sides", "integrations_linkedmessage", "link"),
            ("Deliveries", "integrations_delivery", "link"),
            ("Differences", "integrations_difference", "link"),
        )


@admin.register(LinkedMessage)
class LinkedMessageAdmin(WorkspaceAdmin[LinkedMessage]):
    workspace_path = "link__workspace"
    list_display = ["created_at", "direction", "link", "message", "external_id", "is_public", "gone_at"]
    list_filter = ["direction", "is_public", ("gone_at", admin.EmptyFieldListFilter)]
    list_select_related = ["link", "message"]
    search_fields = ["=external_id", "=link__number", "link__conversation__title"]
    ordering = ["-pk"]
    fields = ["link", "direction", "message", "reply", "external_id", "is_public", "gone_at", "created_at"]


@admin.register(Delivery)
class DeliveryAdmin(WorkspaceAdmin[Delivery]):
    actions = ["try_again"]
    list_display = ["created_at", "kind", "state", "conversation", "place", "attempts", "next_attempt_at", "error"]
    list_filter = ["state", "kind", ("installation", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["conversation"]
    search_fields = ["conversation__title", "conversation__number__exact", "=place", "error"]
    ordering = ["-pk"]
    fields = [
        "conversation", "event", "installation", "kind", "place", "state", "attempts", "next_attempt_at",
        "claimed_at", "finished_at", "error", "sent", "answer", "workspace", "created_at",
    ]  # fmt: skip

    def has_work_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.action(description="Try again what failed", permissions=["work"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        if tried := retry(queryset):
            wake(send_deliveries)
        self.message_user(request, f"{tried} will be tried again.", messages.SUCCESS)

    @admin.display(description="request")
    def sent(self, delivery: Delivery) -> SafeString:
        request = {**delivery.request, "url": "(hidden)"} if "url" in delivery.request else delivery.request
        return shown_json(request)

    @admin.display(description="response")
    def answer(self, delivery: Delivery) -> SafeString:
        return shown_json(delivery.response)


@admin.register(ModelCall)
class ModelCallAdmin(WorkspaceAdmin[ModelCall]):
    list_display = [
        "created_at", "purpose", "state", "conversation", "model", "tokens_in", "tokens_out", "milliseconds", "error",
    ]  # fmt: skip
    list_filter = ["state", "purpose"]
    list_select_related = ["conversation"]
    search_fields = ["conversation__title", "conversation__number__exact", "error"]
    ordering = ["-pk"]
    fields = [
        "conversation", "message", "purpose", "state", "model", "digest", "answered", "error", "tokens_in",
        "tokens_out", "milliseconds", "attempts", "claimed_at", "finished_at", "workspace", "created_at",
    ]  # fmt: skip

    @admin.display(description="answer")
    def answered(self, call: ModelCall) -> SafeString:
        return shown_json(call.answer)


@admin.register(HistoryReading)
class HistoryReadingAdmin(WorkspaceAdmin[HistoryReading]):
    list_display = [
        "created_at", "channel", "state", "is_check", "messages_seen", "messages_new", "attempts", "error", "by_user",
    ]  # fmt: skip
    list_filter = ["state", "is_check"]
    list_select_related = ["channel", "by_user"]
    search_fields = ["channel__name", "error"]
    ordering = ["-pk"]
    actions = ["stop", "resume"]
    fields = [
        "channel", "installation", "state", "is_check", "oldest_at", "latest_at", "reached_at", "messages_seen",
        "messages_new", "edits_found", "deletions_found", "quiet_days", "attempts", "next_attempt_at", "error",
        "by_user", "created_at", "updated_at", "finished_at", "workspace",
    ]  # fmt: skip

    def has_work_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.action(description="Stop", permissions=["work"])
    def stop(self, request: HttpRequest, queryset: QuerySet[HistoryReading]) -> None:
        for reading in queryset:
            reading.stop(by=None)
        self.message_user(request, "Stopped. What was brought in stays.", messages.SUCCESS)

    @admin.action(description="Go on where it stopped or failed", permissions=["work"])
    def resume(self, request: HttpRequest, queryset: QuerySet[HistoryReading]) -> None:
        for reading in queryset:
            try:
                reading.resume(by=None)
            except ValidationError as error:
                self.message_user(request, error.messages[0], messages.ERROR)
        wake(read_history)


@admin.register(Comparison)
class ComparisonAdmin(WorkspaceAdmin[Comparison]):
    workspace_path = "installation__workspace"
    list_display = ["created_at", "installation", "compared", "total", "started_by", "trouble", "finished_at"]
    list_filter = [("finished_at", admin.EmptyFieldListFilter)]
    list_select_related = ["installation", "started_by"]
    search_fields = ["installation__name", "trouble"]
    ordering = ["-pk"]
    fields = [
        "installation", "started_by", "compared", "total", "next_at", "trouble", "created_at", "finished_at", "related",
    ]  # fmt: skip

    @admin.display(description="found")
    def related(self, comparison: Comparison) -> SafeString:
        return lists(comparison, ("Differences", "integrations_difference", "comparison"))


@admin.register(Difference)
class DifferenceAdmin(WorkspaceAdmin[Difference]):
    """Mended on the comparison's page, by who sees both sides."""

    workspace_path = "comparison__installation__workspace"
    list_display = ["kind", "link", "ours", "theirs", "mended_at"]
    list_filter = ["kind", ("mended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["link"]
    search_fields = ["=link__number", "ours", "theirs"]
    ordering = ["-pk"]
    fields = ["comparison", "link", "kind", "subject", "ours", "theirs", "mended_at"]


@admin.register(ToolApp)
class ToolAppAdmin(WorkspaceAdmin[ToolApp]):
    """Which tools have an app of the workspace's own; what was entered stays hidden."""

    list_display = ["provider", "workspace", "updated_at"]
    list_filter = ["provider"]
    list_select_related = ["workspace"]
    search_fields = ["workspace__name"]
    fields = ["provider", "workspace", "updated_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ToolApp]:
        return super().get_queryset(request).defer("entered")


@admin.register(Consent)
class ConsentAdmin(WorkspaceAdmin[Consent]):
    list_display = ["provider", "user", "expires_at", "used_at"]
    list_filter = ["provider", ("used_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["user__name"]
    ordering = ["-pk"]
    fields = ["provider", "user", "expires_at", "used_at", "workspace"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Consent]:
        return super().get_queryset(request).defer("digest", "session", "carried")


@admin.register(ConsoleTicket)
class ConsoleTicketAdmin(WorkspaceAdmin[ConsoleTicket]):
    workspace_path = "installation__workspace"
    list_display = ["number", "title", "status", "requester", "owner_email", "updated_at"]
    list_display_links = ["number", "title"]
    list_filter = ["status"]
    search_fields = ["=number", "title", "requester"]
    fields = [
        "installation", "number", "title", "status", "requester", "owner_email", "source", "version", "created_at",
        "updated_at",
    ]  # fmt: skip


@admin.register(SlackApp)
class SlackAppAdmin(WorkspaceAdmin[SlackApp]):
    """The deployment's, hence for superusers only."""

    list_display = ["app_id", "client_id", "created_at"]
    list_display_links = ["app_id", "client_id"]
    search_fields = ["=app_id", "=client_id"]
    fields = ["app_id", "client_id", "created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SlackApp]:
        apps = SlackApp.objects.defer("credentials").order_by("pk")
        return apps if staff(request).is_superuser else apps.none()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return staff(request).is_superuser

    def has_view_permission(self, request: HttpRequest, obj: SlackApp | None = None) -> bool:  # noqa: ARG002
        return staff(request).is_superuser
