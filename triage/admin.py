from __future__ import annotations

from django.contrib import admin

from pylon.admin import WorkspaceAdmin
from triage.models import TriageChannel


@admin.register(TriageChannel)
class TriageChannelAdmin(WorkspaceAdmin[TriageChannel]):
    """Chosen under Settings, where only channels of our own are offered; may be removed here."""

    may_delete = True
    list_display = ["channel", "owner", "workspace"]
    list_select_related = ["channel", "owner", "workspace"]
    search_fields = ["channel__name", "owner__name"]
    fields = ["channel", "owner", "workspace"]
