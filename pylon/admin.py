"""What every admin page shares: rows of one's own workspace, and reading only unless a page says otherwise."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db.models import ForeignKey, Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from knox.models import AuthToken

from accounts.models import User
from pylon.logs import HIDDEN, SECRET_NAME, SECRET_VALUE

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin  # typed; unfold's is the same, drawn otherwise
else:
    from unfold.admin import ModelAdmin

Row = TypeVar("Row", bound=Model)
Fields = list[str] | tuple[str, ...]

SECRETS = {"response_url", "trigger_id"}
"""Names in what Slack sends us that let a reader act in our name, besides those that the log hides."""

admin.site.unregister(Group)  # being staff is the only right there is
admin.site.unregister(AuthToken)  # each teammate's own, under Settings
for private in (EmailAddress, Authenticator, UserSession):
    admin.site.unregister(private)  # how a person signs in: their own, under Security


class WorkspaceForm(forms.ModelForm[Any]):
    """Keeps what belongs together in one workspace. The admin makes a subclass per page and sets `workspace_id`."""

    workspace_id: int

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None and hasattr(self.instance, "workspace_id"):
            self.instance.workspace_id = self.workspace_id

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, value in list(cleaned.items()):
            if getattr(value, "workspace_id", self.workspace_id) != self.workspace_id:
                self.add_error(name, "This belongs to another workspace.")
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # The workspace is no field of the form, but names are unique within it.
        exclusions: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # private to Django
        return exclusions - {"workspace"}


class WorkspaceAdmin(ModelAdmin[Row]):
    """Staff see their workspace, a superuser sees all. `workspace_path` leads from a row to its workspace."""

    form = WorkspaceForm
    workspace_path = "workspace"
    may_add = may_change = may_delete = False
    editable: Fields = ()
    show_full_result_count = False
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Row]:
        rows, user = super().get_queryset(request), staff(request)
        return rows if user.is_superuser else rows.filter(**{self.workspace_path: user.workspace_id})

    def has_module_permission(self, request: HttpRequest) -> bool:
        return staff(request).is_staff

    def has_view_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:  # noqa: ARG002
        return staff(request).is_staff

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_add and staff(request).is_staff

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:  # noqa: ARG002
        return self.may_change and staff(request).is_staff

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:  # noqa: ARG002
        return self.may_delete and staff(request).is_staff

    def get_readonly_fields(self, request: HttpRequest, obj: Row | None = None) -> list[Any]:
        shown = [*(self.fields or ()), *super().get_readonly_fields(request, obj)]
        return [name for name in dict.fromkeys(shown) if name not in self.editable]

    def get_form(self, request: HttpRequest, obj: Row | None = None, change: bool = False, **kwargs: Any) -> type[Any]:
        form: type[Any] = super().get_form(request, obj, change=change, **kwargs)
        form.workspace_id = getattr(obj, "workspace_id", staff(request).workspace_id)  # the class is made per call
        return form

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        target = self.admin_site.get_model_admin(db_field.related_model)
        kwargs["queryset"] = target.get_queryset(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Row, form: forms.ModelForm[Row], change: bool) -> None:
        """Of an existing row only what was changed: the rest may have moved on since the page was drawn."""
        if change:
            obj.save(update_fields=form.changed_data)
        else:
            super().save_model(request, obj, form, change)


@admin.register(LogEntry)
class LogEntryAdmin(WorkspaceAdmin[LogEntry]):
    """Who did what here, on all pages of the admin together."""

    workspace_path = "user__workspace"
    list_display = ["action_time", "user", "__str__", "content_type"]
    list_filter = ["action_time", ("user", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["user", "content_type"]
    search_fields = ["object_repr", "user__name"]
    ordering = ["-pk"]
    fields = ["action_time", "user", "content_type", "object_repr", "change_message"]


def staff(request: HttpRequest) -> User:
    """Who is signed in. The admin itself lets nobody else come this far."""
    if not isinstance(request.user, User):
        raise TypeError("Nobody is signed in: the admin site should have asked.")
    return request.user


def lists(row: Model, *targets: tuple[str, str, str]) -> SafeString:
    """Links to lists of what belongs to the row: (its name, its model "app_model", the field that points here)."""
    return format_html_join(
        " · ",
        '<a href="{}?{}__id__exact={}">{}</a>',
        ((reverse(f"admin:{model}_changelist"), field, row.pk, name) for name, model, field in targets),
    )


def shown_json(value: Any) -> SafeString:
    """Indented, and without what would let the reader act in our name."""
    return format_html("<pre>{}</pre>", json.dumps(_without_secrets(value), indent=2, ensure_ascii=False))


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: HIDDEN if k in SECRETS or SECRET_NAME.search(k) else _without_secrets(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_without_secrets(one) for one in value]
    return SECRET_VALUE.sub(HIDDEN, value) if isinstance(value, str) else value
