"""What pages draw with: `{% load looks %}`. Icons, people, companies, times, statuses, written text."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django import template
from django.template.context import Context
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts import time_zones
from accounts.models import Account, Contact, User
from conversations import drawing
from conversations.models import Message, Reply
from conversations.status import Status

register = template.Library()
register.simple_tag(drawing.icon, name="icon")


@register.simple_tag(takes_context=True)
def here(context: Context, *prefixes: str) -> str:
    """Marks the link of the part of the app that the reader is in."""
    request = context.get("request")
    inside = request is not None and request.path.startswith(prefixes)
    return mark_safe(' aria-current="page"') if inside else ""


@register.simple_tag
def avatar(who: User | Contact | str | None, large: bool = False) -> SafeString:
    """`{% avatar user %}`, of a person, a name, or None for nobody."""
    if who is None or isinstance(who, str):
        return drawing.avatar(who or "", large=large)
    return drawing.avatar(who.name, large=large, picture=who.avatar_url)


@register.simple_tag
def logo(account: Account | str | None, large: bool = False) -> SafeString:
    return drawing.logo(account if isinstance(account, str) else account.name if account else "", large=large)


@register.simple_tag
def moment(at: datetime | None, style: str = "ago", otherwise: str = "–") -> SafeString | str:
    """`{% moment message.sent_at "clock" %}`; styles: ago, waiting, due, clock, time, day, full."""
    return drawing.moment(at, style, timezone.get_current_timezone()) if at else otherwise


@register.filter
def as_day(at: datetime) -> str:
    """`{{ entry.at|as_day }}`: Today, Yesterday, or "Tuesday, 3 November", in the reader's zone."""
    day, today = timezone.localdate(at), timezone.localdate()
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    # Translators: a day of this year, and one of another, in the format of Django's "date" filter
    return date_format(day, _("l, j F") if day.year == today.year else _("l, j F Y"))


@register.simple_tag
def status(value: str) -> SafeString:
    """`{% status conversation.status %}`: its icon and its name."""
    return format_html('<span class="status status-{}">{}{}</span>', value, drawing.icon(value), Status(value).label)


@register.filter
def written(text: str) -> SafeString:
    """`{{ message.text|written }}`: escaped, with links and code."""
    return drawing.written(text)


@register.filter
def nothing_in(value: str) -> str:
    """What an empty column says."""
    return {
        Status.TODO: _("Nobody waits for a first answer."),
        Status.IN_PROGRESS: _("Nothing is being worked on."),
        Status.CLOSED: _("Nothing has been closed yet."),
    }[Status(value)]


@register.filter
def said(message: Message) -> SafeString:
    """`{{ message|said }}`: as it was written, with its marks where it has any."""
    return mark_safe(message.html) if message.html else drawing.written(message.text)  # noqa: S308 - made safe when stored


@register.filter
def may_be_changed_by(reply: Reply, user: User) -> bool:
    """`{% if reply|may_be_changed_by:user %}`"""
    return reply.may_be_changed_by(user)


@register.simple_tag
def file_address(message: Message, file: dict[str, object]) -> str:
    """Where a message's file is had: through us where it takes our token, else its own web address, if it has one."""
    if file.get("id") and (file.get("url") or file.get("is_stub")):
        return f"/files/{message.pk}/{quote(str(file['id']), safe='')}/"
    url = file.get("permalink")
    return url if isinstance(url, str) and url.startswith(("https://", "http://")) else ""


@register.filter
def is_web_address(text: object) -> bool:
    return isinstance(text, str) and text.startswith(("https://", "http://"))


@register.filter
def local_time(contact: Contact) -> str:
    """`{{ contact|local_time }}`: "14:05 there, Europe/Berlin"; empty where their zone isn't known."""
    if not (name := time_zones.known(contact.time_zone)):
        return ""
    now = timezone.localtime(timezone=ZoneInfo(name))
    return _("%(time)s there, %(zone)s") % {"time": f"{now:%H:%M}", "zone": name}
