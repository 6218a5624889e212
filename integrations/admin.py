"""What came in and what went out, to read. Credentials are never drawn."""

from __future__ import annotations

import json

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from integrations.models import Delivery, InboundEvent, Installation, Link, ModelCall
from pylon.admin import WorkspaceAdmin, lists, shown_json, staff


@admin.register(Installation)
class InstallationAdmin(WorkspaceAdmin[Installation]):
    list_display = ["name", "provider", "external_id", "workspace", "created_at", "revoked_at"]
    list_filter = ["provider"]
    list_select_related = ["workspace"]
    search_fields = ["name", "external_id"]
    fields = [
        "name", "provider", "external_id", "url", "enterprise_id", "app_id", "bot_id", "bot_user_id",
        "workspace", "created_at", "revoked_at", "related",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Installation]:
        return super().get_queryset(request).defer("credentials")

    @admin.display(description="has")
    def related(self, installation: Installation) -> SafeString:
        return lists(
            installation,
            ("Links", "integrations_link", "installation"),
            ("Deliveries", "integrations_delivery", "installation"),
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
    list_display = ["conversation", "kind", "place", "external_id", "installation", "drawn_version"]
    list_filter = ["kind", ("installation", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["conversation", "installation"]
    search_fields = ["conversation__title", "conversation__number__exact", "=external_id", "=place"]
    ordering = ["-pk"]
    fields = [
        "conversation", "installation", "kind", "place", "external_id", "drawn_version", "workspace", "created_at",
    ]  # fmt: skip


@admin.register(Delivery)
class DeliveryAdmin(WorkspaceAdmin[Delivery]):
    list_display = ["created_at", "kind", "state", "conversation", "place", "attempts", "next_attempt_at", "error"]
    list_filter = ["state", "kind", ("installation", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["conversation"]
    search_fields = ["conversation__title", "conversation__number__exact", "=place", "error"]
    ordering = ["-pk"]
    fields = [
        "conversation", "event", "installation", "kind", "place", "state", "attempts", "next_attempt_at",
        "claimed_at", "finished_at", "error", "sent", "answer", "workspace", "created_at",
    ]  # fmt: skip

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
