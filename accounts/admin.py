from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

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
from pylon.admin import WorkspaceAdmin, WorkspaceForm, lists, shown_json, staff

if TYPE_CHECKING:
    from django.contrib.auth import forms as auth_forms

    AdminPasswordChangeForm = auth_forms.AdminPasswordChangeForm[User]
    UserChangeForm = auth_forms.UserChangeForm[User]
    UserCreationForm = auth_forms.BaseUserCreationForm[User]
else:  # the same, drawn by unfold
    from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm


@admin.register(Workspace)
class OurWorkspaceAdmin(WorkspaceAdmin[Workspace]):
    workspace_path = "pk"
    may_change = True
    list_display = ["name", "time_zone", "grouping", "requires_second_factor", "last_number", "created_at"]
    search_fields = ["name"]
    fields = [
        "name", "time_zone", "email_domains", "quiet_minutes", "grouping", "app_posts", "forgets_deleted",
        "channel_patterns", "requires_second_factor", "admits_slack_members", "last_number", "created_at", "related",
    ]  # fmt: skip
    editable = ["name", "email_domains", "quiet_minutes"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return staff(request).is_superuser

    @admin.display(description="has")
    def related(self, workspace: Workspace) -> SafeString | str:
        if workspace.pk is None:
            return ""
        return lists(
            workspace,
            ("Teammates", "accounts_user", "workspace"),
            ("Accounts", "accounts_account", "workspace"),
            ("Channels", "accounts_channel", "workspace"),
            ("Connections", "integrations_installation", "workspace"),
        )


class TeammateForm(WorkspaceForm, UserChangeForm):
    def clean_email(self) -> str | None:
        return (self.cleaned_data["email"] or "").lower() or None


class NewTeammateForm(WorkspaceForm, UserCreationForm):
    email = forms.EmailField(help_text="They sign in with it.")

    class Meta:
        model = User
        fields = ["name", "email"]
        field_classes: dict[str, Any] = {}

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


@admin.register(User)
class TeammateAdmin(DjangoUserAdmin[User], WorkspaceAdmin[User]):  # type: ignore[misc]  # get_form, typed wider
    """Nobody is deleted, because the history says who did what; who leaves is made inactive."""

    form = TeammateForm
    add_form = NewTeammateForm
    change_password_form = AdminPasswordChangeForm
    may_add = may_change = True
    list_display = ["name", "email", "role", "external_id", "is_active", "is_staff", "last_login"]
    list_filter = ["role", "is_active", "is_staff", "is_guest"]
    search_fields = ["name", "email", "external_id"]
    ordering = ["name", "pk"]
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ["name", "email", "password", "is_active", "is_staff", "is_superuser"]}),
        ("In the workspace", {"fields": ["role", "signs_in_as", "away_from", "away_until", "stand_in"]}),
        ("From Slack", {"fields": ["external_id", "external_team_id", "is_guest", "avatar_url", "profile_read_at"]}),
        (None, {"fields": ["workspace", "last_login", "created_at", "related"]}),
    )
    add_fieldsets = ((None, {"fields": ["name", "email", "password1", "password2"]}),)
    readonly_fields = [
        "role", "signs_in_as", "away_from", "away_until", "stand_in", "external_id", "external_team_id", "is_guest",
        "avatar_url", "profile_read_at", "workspace", "last_login", "created_at", "related",
    ]  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[Any]:
        fields = [*super().get_readonly_fields(request, obj)]
        return fields if staff(request).is_superuser else [*fields, "is_superuser"]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Else staff could set a superuser's password, and be one."""
        above = obj is not None and obj.is_superuser and not staff(request).is_superuser
        return super().has_change_permission(request, obj) and not above

    @admin.display(description="owns")
    def related(self, user: User) -> SafeString:
        return lists(
            user,
            ("Accounts", "accounts_account", "owner"),
            ("Channels", "accounts_channel", "owner"),
            ("Conversations", "conversations_conversation", "owner"),
        )


@admin.register(Account)
class AccountAdmin(WorkspaceAdmin[Account]):
    may_add = may_change = True
    list_display = ["name", "tier", "owner", "external_team_id", "is_sample", "created_at"]
    list_filter = ["tier", "is_sample", ("owner", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["owner"]
    search_fields = ["name", "domains", "external_team_id"]
    fields = [
        "name", "domains", "tier", "tags", "notes", "external_team_id", "owner", "change_owner", "is_sample",
        "workspace", "created_at", "related",
    ]  # fmt: skip
    editable = ["name", "domains", "external_team_id"]

    @admin.display(description="another owner")
    def change_owner(self, account: Account) -> SafeString | str:
        """Its conversations follow, so that is done where they are shown."""
        if account.pk is None:
            return "once it is saved"
        return format_html('<a href="{}">Choose …</a>', reverse("account-owner", args=[account.pk]))

    @admin.display(description="has")
    def related(self, account: Account) -> SafeString | str:
        if account.pk is None:
            return ""
        return lists(
            account,
            ("Channels", "accounts_channel", "account"),
            ("Contacts", "accounts_contact", "account"),
            ("Conversations", "conversations_conversation", "account"),
            ("Merges", "accounts_accountmerge", "kept"),
        )


@admin.register(Contact)
class ContactAdmin(WorkspaceAdmin[Contact]):
    may_change = True
    list_display = ["name", "email", "account", "external_id", "external_team_id"]
    list_filter = [("account", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["account"]
    search_fields = ["name", "email", "external_id", "account__name"]
    autocomplete_fields = ["account"]
    fields = [
        "name", "email", "account", "external_id", "external_team_id", "is_guest", "avatar_url", "profile_read_at",
        "workspace", "created_at", "related",
    ]  # fmt: skip
    editable = ["account"]

    @admin.display(description="wrote")
    def related(self, contact: Contact) -> SafeString:
        return lists(contact, ("Messages", "conversations_message", "author_contact"))


@admin.register(Channel)
class ChannelAdmin(WorkspaceAdmin[Channel]):
    may_change = True
    list_display = ["__str__", "kind", "account", "owner", "is_shared", "joined_at", "left_at"]
    list_filter = ["kind", "is_shared", ("owner", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["account", "owner"]
    search_fields = ["name", "external_id", "account__name"]
    autocomplete_fields = ["account", "owner"]
    fields = [
        "name", "kind", "account", "owner", "quiet_minutes", "is_shared", "external_id", "external_team_id",
        "joined_at", "left_at", "details_read_at", "workspace", "created_at", "related",
    ]  # fmt: skip
    editable = ["kind", "account", "owner", "quiet_minutes"]

    @admin.display(description="has")
    def related(self, channel: Channel) -> SafeString:
        return lists(
            channel,
            ("Conversations", "conversations_conversation", "channel"),
            ("Messages", "conversations_message", "channel"),
            ("Readings of its past", "integrations_historyreading", "channel"),
            ("Who counts as what", "accounts_sideoverride", "channel"),
        )


@admin.register(Invitation)
class InvitationAdmin(WorkspaceAdmin[Invitation]):
    """Sent, renewed and withdrawn under Settings. What the link carries is known to nobody but who got it."""

    list_display = ["email", "role", "invited_by", "sent_at", "send_error", "accepted_at", "revoked_at", "expires_at"]
    list_filter = ["role", ("accepted_at", admin.EmptyFieldListFilter), ("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["invited_by"]
    search_fields = ["email"]
    fields = [
        "email", "role", "invited_by", "created_at", "sent_at", "send_error", "expires_at", "accepted_at",
        "accepted_by", "revoked_at", "workspace",
    ]  # fmt: skip


@admin.register(AccountMerge)
class AccountMergeAdmin(WorkspaceAdmin[AccountMerge]):
    """Taken apart on the account's page, where what moved meanwhile is looked at."""

    list_display = ["__str__", "kept", "by_user", "created_at", "undone_at"]
    list_filter = [("undone_at", admin.EmptyFieldListFilter)]
    list_select_related = ["kept", "by_user"]
    search_fields = ["kept__name", "=gone_id"]
    ordering = ["-pk"]
    fields = ["kept", "gone_id", "what_was", "by_user", "created_at", "undone_at", "workspace"]

    @admin.display(description="the account that was taken in")
    def what_was(self, merge: AccountMerge) -> SafeString:
        return shown_json(merge.gone)


@admin.register(AccountImport)
class AccountImportAdmin(WorkspaceAdmin[AccountImport]):
    """Without the token, by which its preview is found and applied."""

    list_display = ["name", "by_user", "created_at", "applied_at"]
    list_filter = [("applied_at", admin.EmptyFieldListFilter)]
    list_select_related = ["by_user"]
    search_fields = ["name", "by_user__name"]
    ordering = ["-pk"]
    fields = ["name", "by_user", "created_at", "applied_at", "outcome", "workspace"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccountImport]:
        return super().get_queryset(request).defer("table")


@admin.register(SideOverride)
class SideOverrideAdmin(WorkspaceAdmin[SideOverride]):
    """Said on the channel's page under Settings."""

    list_display = ["external_id", "channel", "side", "by_user", "created_at"]
    list_filter = ["side"]
    list_select_related = ["channel", "by_user"]
    search_fields = ["external_id", "channel__name"]
    ordering = ["-pk"]
    fields = ["external_id", "channel", "side", "by_user", "created_at", "workspace"]
