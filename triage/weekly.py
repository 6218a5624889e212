"""The weekly summary: when it is due, and what it tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Channel, User, Workspace
from accounts.roles import require_admin
from conversations.analytics.answers import Report
from conversations.analytics.period import DAY, Period, Step
from conversations.analytics.report import report
from conversations.analytics.scope import Scope
from conversations.models import Conversation
from conversations.vitals import Health, read_health
from triage.models import WeeklyPost
from triage.services import choosable_channels

SHOWN = 5
"""Accounts and waits that are named."""


@dataclass(frozen=True, slots=True)
class Weekly:
    """`calling`: the accounts that need attention most, of `calling_count`. `waits`: the longest, first."""

    report: Report
    calling: list[Health]
    calling_count: int
    waits: list[Conversation]


def day_due(post: WeeklyPost, now: datetime) -> date | None:
    """The latest day whose summary should be there by now, in the workspace's time; None where none is wanted, or
    where it was not yet wanted then. One that was missed is due until the next one is."""
    if not post.is_on or post.channel_id is None:
        return None
    zone = ZoneInfo(post.workspace.time_zone)
    today = now.astimezone(zone).date()
    day = today - ((today.weekday() - post.weekday) % 7) * DAY
    if datetime.combine(day, time(post.hour), zone) > now:
        day -= 7 * DAY
    return day if datetime.combine(day, time(post.hour), zone) >= post.begins_at else None


def week_of(day: date) -> date:
    """The Monday of the week in which a summary is posted: there is one in each."""
    return day - day.weekday() * DAY


def summarise(workspace: Workspace, day: date) -> Weekly:
    """The seven days before."""
    found = report(workspace, Scope(), Period(day - 7 * DAY, day - DAY, Step.WEEK), tables=())
    calling = [one for one in read_health(workspace) if one.needs_attention]
    waiting = Conversation.objects.filter(workspace=workspace, snoozed_until=None, channel__is_sample=False)
    waits = waiting.listed().unclosed().exclude(waiting_since=None).select_related("account", "channel", "owner")
    return Weekly(found, calling[:SHOWN], len(calling), list(waits.order_by(F("waiting_since"), "pk")[:SHOWN]))


def choose_weekly(
    workspace: Workspace, *, channel: Channel | None, weekday: int, hour: int, is_on: bool, by: User
) -> WeeklyPost:
    """From now on it comes then and there; one whose hour is over already comes next week. ValidationError for a
    channel that isn't ours alone, or where there is none to post in."""
    require_admin(by)
    if not (0 <= weekday <= 6 and 0 <= hour <= 23):
        raise ValidationError(_("Choose a day of the week and a full hour."))
    with transaction.atomic():
        if is_on and channel is None:
            raise ValidationError({"channel": _("Choose the channel in which it is posted.")})
        if channel and not choosable_channels(workspace.pk).select_for_update().filter(pk=channel.pk).first():
            raise ValidationError({"channel": _("Choose one of our own channels that Pylon is in.")})
        chosen = {
            "channel": channel, "weekday": weekday, "hour": hour, "is_on": is_on, "begins_at": timezone.now(),
        }  # fmt: skip
        post, _is_new = WeeklyPost.objects.update_or_create(workspace=workspace, defaults=chosen)
    return post


def next_at(post: WeeklyPost, now: datetime) -> datetime | None:
    """When it comes next; None while it is off."""
    if not post.is_on or post.channel_id is None:
        return None
    zone = ZoneInfo(post.workspace.time_zone)
    today = now.astimezone(zone).date()
    at = datetime.combine(today + ((post.weekday - today.weekday()) % 7) * DAY, time(post.hour), zone)
    return at if at > now else at + timedelta(days=7)
