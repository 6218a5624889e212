"""The pages that the command palette leads to, for whoever looks: what they may not open is not named."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User

PAGES = [
    ("board", gettext_noop("Board"), "G B"),
    ("accounts", gettext_noop("Accounts"), "G A"),
    ("analytics", gettext_noop("Analytics"), "G N"),
    ("search", gettext_noop("Search"), "/"),
]
SETTINGS = [
    ("settings", gettext_noop("General")),
    ("profile", gettext_noop("Your own")),
    ("security", gettext_noop("Security")),
    ("team", gettext_noop("Team")),
    ("channels", gettext_noop("Channels")),
    ("grouping", gettext_noop("Grouping")),
    ("integrations", gettext_noop("Support tools")),
    ("triage", gettext_noop("Triage")),
    ("weekly", gettext_noop("Weekly summary")),
    ("targets", gettext_noop("Targets")),
    ("model", gettext_noop("Language model")),
    ("history", gettext_noop("History")),
]
FOR_ADMINS = [("slack-settings", gettext_noop("Slack")), ("deliveries", gettext_noop("Deliveries"))]


def pages(user: User) -> list[dict[str, str]]:
    """`label`, `href`, `group`, `keys`."""
    found = [_page(name, _(label), _("Go to"), keys) for name, label, keys in PAGES]
    settings = [*SETTINGS, *(FOR_ADMINS if user.is_admin else [])]
    found += [_page(name, f"{_('Settings')}: {_(label)}", _("Settings"), "") for name, label in settings]
    if user.is_staff:
        found.append({"label": _("Admin"), "href": "/admin/", "group": _("Go to"), "keys": ""})
    return found


def _page(name: str, label: str, group: str, keys: str) -> dict[str, str]:
    return {"label": label, "href": reverse(name), "group": group, "keys": keys}
