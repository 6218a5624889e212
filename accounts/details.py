"""An account's own details, and where a contact belongs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Account, Contact, User
from accounts.roles import require_change

DETAILS = ("name", "domains", "tier", "tags", "notes")


def change_details(account: Account, changes: Mapping[str, Any], *, by: User) -> Account:
    """Raises ValidationError by field, with nothing changed."""
    require_change(by)
    if unknown := changes.keys() - {*DETAILS}:
        raise ValueError(f"not to be changed: {', '.join(sorted(unknown))}")
    for name, value in changes.items():
        setattr(account, name, value)
    try:
        with transaction.atomic():
            account.save(update_fields=[*changes])
    except IntegrityError:
        raise ValidationError({"name": _("Another account has this name. Merge the two if they are one.")}) from None
    return account


def move_contact(contact: Contact, account: Account | None, *, by: User) -> Contact:
    """Have the contact belong to another account, or to none. Conversations stay with the account whose channel they
    are in."""
    require_change(by)
    if account and account.workspace_id != contact.workspace_id:
        raise ValidationError({"account": _("The account must be of this workspace.")})
    contact.account = account
    contact.save(update_fields=["account"])
    return contact
