from __future__ import annotations

from django.contrib import admin

from pylon.admin import WorkspaceAdmin
from triage.models import Calendar, Digest, Reminder, ResponseTarget, TriageChannel, WeeklyPost, WeeklySummary


@admin.register(TriageChannel)
class TriageChannelAdmin(WorkspaceAdmin[TriageChannel]):
    """Chosen under Settings, where only channels of our own are offered; may be removed here."""

    may_delete = True
    list_display = ["channel", "name", "is_general", "outsiders", "members_read_at", "workspace"]
    list_filter = ["is_general"]
    list_select_related = ["channel", "workspace"]
    search_fields = ["channel__name", "name"]
    fields = [
        "channel", "name", "is_general", "filter", "outsiders", "members_read_at", "created_at", "workspace",
    ]  # fmt: skip


@admin.register(Calendar)
class CalendarAdmin(WorkspaceAdmin[Calendar]):
    """Changed under Settings, which counts anew what it touches."""

    list_display = ["name", "time_zone", "workspace"]
    list_select_related = ["workspace"]
    search_fields = ["name"]
    fields = ["name", "time_zone", "hours", "holidays", "workspace"]


@admin.register(ResponseTarget)
class ResponseTargetAdmin(WorkspaceAdmin[ResponseTarget]):
    """Changed under Settings, where they are tried on what waits."""

    list_display = ["position", "tier", "priority", "minutes", "calendar", "escalate_to", "workspace"]
    list_display_links = ["position", "minutes"]
    list_filter = ["priority", "tier"]
    list_select_related = ["calendar", "escalate_to", "workspace"]
    search_fields = ["tier"]
    fields = [
        "position", "tier", "priority", "minutes", "warn_minutes", "escalate_minutes", "escalate_to", "calendar",
        "workspace",
    ]  # fmt: skip


@admin.register(Reminder)
class ReminderAdmin(WorkspaceAdmin[Reminder]):
    """Each row keeps the same from being said twice."""

    list_display = ["created_at", "kind", "conversation", "waiting_since", "due_at"]
    list_filter = ["kind", "created_at"]
    list_select_related = ["conversation"]
    search_fields = ["conversation__title", "conversation__number__exact"]
    ordering = ["-pk"]
    fields = ["conversation", "kind", "waiting_since", "due_at", "created_at", "workspace"]


@admin.register(Digest)
class DigestAdmin(WorkspaceAdmin[Digest]):
    list_display = ["on", "user", "created_at"]
    list_select_related = ["user"]
    search_fields = ["user__name"]
    ordering = ["-pk"]
    fields = ["user", "on", "created_at", "workspace"]


@admin.register(WeeklyPost)
class WeeklyPostAdmin(WorkspaceAdmin[WeeklyPost]):
    list_display = ["workspace", "channel", "weekday", "hour", "is_on", "begins_at"]
    list_filter = ["is_on"]
    list_select_related = ["workspace", "channel"]
    search_fields = ["workspace__name", "channel__name"]
    fields = ["workspace", "channel", "weekday", "hour", "is_on", "begins_at"]


@admin.register(WeeklySummary)
class WeeklySummaryAdmin(WorkspaceAdmin[WeeklySummary]):
    list_display = ["week", "workspace", "created_at"]
    list_select_related = ["workspace"]
    search_fields = ["workspace__name"]
    ordering = ["-pk"]
    fields = ["week", "workspace", "created_at"]
