from __future__ import annotations

from django.contrib import admin

from pylon.admin import WorkspaceAdmin
from triage.models import TriageChannel


@admin.register(TriageChannel)
class TriageChannelAdmin(WorkspaceAdmin[TriageChannel]):
    """Chosen under Settings, where only channels of our own are offered; may be removed here."""

    may_delete = True
    list_display = ["channel", "name", "is_general", "workspace"]
    list_select_related = ["channel", "workspace"]
    search_fields = ["channel__name", "name"]
    fields = ["channel", "name", "is_general", "filter", "workspace"]
