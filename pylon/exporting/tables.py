"""What is exported, and what isn't and why. Whoever adds a field or a model says here which it is: a test asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, QuerySet

from accounts.models import (
    Account,
    AccountImport,
    AccountMerge,
    Channel,
    Contact,
    Invitation,
    SideOverride,
    User,
    Workspace,
)
from conversations import models as said
from integrations import models as connected
from triage import models as triage

TYPES: list[tuple[type[models.Field[object, object]], str]] = [
    (ArrayField, "list of text"),
    (models.JSONField, "json"),
    (models.BooleanField, "boolean"),
    (models.DateTimeField, "timestamp"),
    (models.DateField, "date"),
    (models.TimeField, "time"),
    (models.FloatField, "number"),
    (models.UUIDField, "uuid"),
    (models.CharField, "text"),
    (models.TextField, "text"),
    (models.IntegerField, "integer"),
    (models.ForeignKey, "integer"),
]
"""The first that fits. An AutoField is an IntegerField, a DateTimeField a DateField."""

ONE_WORKSPACE = "an export is of one workspace, which its manifest names"
QUEUE = "how far a worker is, of no meaning elsewhere"
PRIVATE = "a secret, or what could hold one"
DRAWN = "made of other columns"
DEPLOYMENT = "of the deployment, not of the workspace"


@dataclass(frozen=True)
class Table:
    """`columns`: the model's own columns, in this order for good; new ones are added at the end. `path`: from a row to
    its workspace. `where`: which rows. `erased`: columns that are empty once `deleted_at` is set, as on the pages."""

    name: str
    model: type[models.Model]
    columns: tuple[str, ...]
    left_out: Mapping[str, str]
    path: str = "workspace"
    where: Q = field(default_factory=Q)
    erased: frozenset[str] = frozenset()

    @cached_property
    def types(self) -> dict[str, str]:
        fields = {one.attname: one for one in self.model._meta.concrete_fields}
        return {name: next(says for kind, says in TYPES if isinstance(fields[name], kind)) for name in self.columns}

    def rows(self, workspace_id: int) -> QuerySet[models.Model]:
        return self.model._default_manager.filter(self.where, **{self.path: workspace_id}).order_by("pk")


def _table(
    name: str,
    model: type[models.Model],
    columns: str,
    left_out: Mapping[str, str] | None = None,
    *,
    path: str = "workspace",
    where: Q | None = None,
    erased: str = "",
) -> Table:
    """`left_out`: by reason, column names with spaces between."""
    reasons = {column: why for why, those in (left_out or {}).items() for column in those.split()}
    if path == "workspace":
        reasons["workspace_id"] = ONE_WORKSPACE
    return Table(name, model, tuple(columns.split()), reasons, path, where or Q(), frozenset(erased.split()))


TABLES = {
    table.name: table
    for table in [
        _table(
            "workspaces", Workspace,
            "id name time_zone email_domains quiet_minutes grouping app_posts forgets_deleted channel_patterns"
            " reactions requires_second_factor admits_slack_members created_at",
            {QUEUE: "last_number first_steps_closed_at"}, path="pk",
        ),
        _table(
            "users", User,
            "id name email external_id external_team_id is_guest role avatar_url language time_zone away_from"
            " away_until stand_in_id quiet_from quiet_until digest_at is_active created_at",
            {
                PRIVATE: "password", DEPLOYMENT: "is_superuser is_staff",
                "tells of another workspace": "signs_in_as_id last_login", QUEUE: "profile_read_at read_before_at",
            },
        ),
        _table(
            "accounts", Account,
            "id name domains tier tags external_team_id owner_id notes is_sample created_at",
        ),
        _table(
            "account_merges", AccountMerge, "id kept_id gone_id by_user_id created_at undone_at",
            {"what taking the accounts apart again needs": "gone moved"},
        ),
        _table(
            "contacts", Contact,
            "id account_id name email title time_zone external_id external_team_id is_guest avatar_url created_at",
            {QUEUE: "profile_read_at"},
        ),
        _table(
            "channels", Channel,
            "id kind name external_id former_ids external_team_id account_id owner_id quiet_minutes grouping is_shared"
            " is_private is_sample joined_at archived_at left_at created_at",
            {QUEUE: "details_read_at"},
        ),
        _table("side_overrides", SideOverride, "id channel_id external_id side by_user_id created_at"),
        _table(
            "conversations", said.Conversation,
            "id number channel_id account_id owner_id title status priority tags snoozed_until response_due_at summary"
            " topic sentiment suggested_priority merged_into_id is_unsorted status_by_person status_changed_at"
            " opened_at waiting_since first_response_at closed_at last_message_at last_message_text"
            " last_message_author last_message_inbound message_count linked version",
            {QUEUE: "titled_at described_at"},
        ),
        _table(
            "messages", said.Message,
            "id conversation_id channel_id ts thread_ts kind text files author_user_id author_contact_id author_name"
            " sent_at edited_at deleted_at created_at grouping_rule grouping_reason grouping_score"
            " grouping_runner_up_id",
            {DRAWN: "html"}, erased="text files",
        ),
        _table(
            "conversation_events", said.ConversationEvent,
            "id conversation_id kind message_id by_user_id by_contact_id by_rule reason data happened_at created_at",
            {QUEUE: "published_at"},
        ),
        _table(
            "corrections", said.Correction,
            "id kind source_id target_id by_user_id created_at undone_at undone_by_id",
            {"what undoing it needs": "before"},
        ),
        _table(
            "replies", said.Reply, "id conversation_id author_id thread_ts state error message_id created_at",
            {"its message has it, and forgets it when it is deleted": "text", QUEUE: "key send_after"},
        ),
        _table(
            "facts", said.Fact,
            "id conversation_id kind at began_at due_at day hour owner_id account_id channel_id tags value working"
            " is_sample",
        ),
        _table("tallies", said.Tally, "id span day slice key owner_id figures", {DRAWN: "sums spreads"}),
        _table(
            "known_signs", said.KnownSign, "id account_id sign until by_user_id created_at",
        ),
        _table(
            "saved_views", said.SavedView, "id owner_id is_shared name query created_at", {DRAWN: "key"},
            where=Q(is_shared=True),
        ),
        _table(
            "triage_channels", triage.TriageChannel, "id channel_id name is_general filter outsiders created_at",
            {QUEUE: "members_read_at"},
        ),
        _table("calendars", triage.Calendar, "id name time_zone hours holidays"),
        _table(
            "response_targets", triage.ResponseTarget,
            "id position tier priority minutes warn_minutes escalate_minutes escalate_to_id calendar_id",
        ),
        _table("reminders", triage.Reminder, "id conversation_id kind waiting_since due_at created_at"),
        _table(
            "installations", connected.Installation,
            "id provider external_id name url enterprise_id app_id bot_id bot_user_id scopes installed_by_id"
            " created_at revoked_at revoked_because removed_at",
            {
                PRIVATE: "credentials config webhook_key", DEPLOYMENT: "slack_app_id",
                QUEUE: "credentials_expire_at history_capped_at cursor poll_at paused_until failures paused_because",
            },
        ),
        _table(
            "links", connected.Link,
            "id conversation_id installation_id kind place external_id number url origin_id linked_by_id our_status"
            " our_owner their_status their_owner stopped_at stopped_because ended_at ended_because created_at",
            {QUEUE: "drawn_version told_message_id key due_at claimed_until heard_at failures trouble their_version"},
        ),
        _table(
            "linked_messages", connected.LinkedMessage,
            "id link_id direction message_id reply_id external_id is_public gone_at created_at",
            {QUEUE: "key fingerprint"}, path="link__workspace",
        ),
        _table(
            "deliveries", connected.Delivery,
            "id installation_id conversation_id event_id kind place state attempts reply_id link_id error created_at"
            " finished_at",
            {PRIVATE: "request response", QUEUE: "next_attempt_at claimed_at"},
        ),
        _table(
            "model_calls", connected.ModelCall,
            "id conversation_id message_id purpose state model error tokens_in tokens_out milliseconds created_at"
            " finished_at",
            {"may repeat a message that was deleted": "answer", QUEUE: "digest attempts claimed_at"},
        ),
    ]
}  # fmt: skip
"""By name, what others point to first."""

NOT_EXPORTED: dict[type[models.Model], str] = {
    AccountImport: "a file on its way in; the accounts are exported",
    Invitation: PRIVATE,
    said.Uncounted: QUEUE,
    said.StaleDay: QUEUE,
    said.Ledger: QUEUE,
    said.SearchText: DRAWN,
    said.Seen: "what somebody has read is their own",
    triage.Digest: QUEUE,
    triage.WeeklyPost: "a setting of the product",
    triage.WeeklySummary: QUEUE,
    connected.SlackApp: PRIVATE,
    connected.InstallState: PRIVATE,
    connected.ToolApp: PRIVATE,
    connected.Consent: PRIVATE,
    connected.Comparison: QUEUE,
    connected.Difference: QUEUE,
    connected.ConsoleTicket: "another system’s, though it is one of ours for trying out",
    connected.ConsoleComment: "another system’s, though it is one of ours for trying out",
    connected.HistoryReading: QUEUE,
    connected.InboundEvent: "as received, before it is known whose it is",
}
