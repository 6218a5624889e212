"""What is missing: which channels to compare with Slack, and what of ours Slack no longer has.

Events get lost while the receiver is down for longer than Slack's retries last. Each check compares a channel's last
days with `conversations.history`; it is a `HistoryReading` like one that somebody asked for, with `is_check`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.models import Channel, ChannelKind
from conversations.models import Message, MessageKind
from integrations.models import HistoryReading, InboundEvent, Installation, Provider, ReadingState
from integrations.slack.cap import is_capped
from integrations.slack.window import SECOND, Window, micro, stamp_of

AT_ONCE = 20
"""Checks begun for one team in one go, which is once a minute; Slack allows 50 requests."""
UNDER_WAY_YET = timedelta(minutes=1)
"""An event of the last minute may still be on its way."""
LOOK_BACK = timedelta(days=7)
"""So far back a message may have been edited, deleted or replied to."""
LOOK_BACK_CAPPED = timedelta(days=1)
FARTHEST = timedelta(days=30)
OVERLAP = timedelta(hours=1)
FIRST_THREADS = timedelta(days=1)
QUIET_CHANNEL = timedelta(hours=6)
"""How often one is checked in which nobody has written for a week."""
SILENCE = timedelta(minutes=30)
"""Without any event from Slack for so long, no channel counts as quiet: the receiver may be down."""


def plan() -> list[HistoryReading]:
    """Begin the checks that are due, those first that have waited longest."""
    if not settings.GAP_CHECK_MINUTES:
        return []
    begun = []
    for installation in Installation.objects.filter(provider=Provider.SLACK, revoked_at=None):
        begun += [check for channel in _due(installation) if (check := begin(installation, channel))]
    return begun


def begin(installation: Installation, channel: Channel) -> HistoryReading | None:
    """None when the channel is being checked already."""
    now = timezone.now()
    channel.readings.filter(is_check=True, state=ReadingState.FAILED).delete()
    last = channel.readings.filter(is_check=True, state=ReadingState.DONE).aggregate(last=Max("latest"))["last"]
    checked_until = datetime.fromtimestamp(float(last), UTC) if last else now - FIRST_THREADS + OVERLAP
    look_back = LOOK_BACK_CAPPED if is_capped(installation) else LOOK_BACK
    since = checked_until - OVERLAP
    oldest = max(min(since, now - look_back), now - FARTHEST, _known_since(channel))
    try:
        with transaction.atomic():
            return HistoryReading.objects.create(
                workspace_id=channel.workspace_id, installation=installation, channel=channel, is_check=True,
                oldest=stamp_of(oldest), latest=stamp_of(now - UNDER_WAY_YET), cursor={"since": micro(stamp_of(since))},
            )  # fmt: skip
    except IntegrityError:
        return None


def forget_empty(check: HistoryReading) -> None:
    """Of the checks that found nothing only a channel's newest is kept."""
    found = Q(messages_new__gt=0) | Q(edits_found__gt=0) | Q(deletions_found__gt=0)
    done = HistoryReading.objects.filter(channel=check.channel_id, is_check=True, state=ReadingState.DONE)
    done.exclude(found).exclude(pk=check.pk).delete()


def threads_elsewhere(channel: Channel, window: Window) -> list[str]:
    """Threads of this window's replies that the channel's own list did not name: their roots are older, or Slack
    knows of no reply any more."""
    since = max(window.since, window.oldest)
    replies = _stored(channel, since, window).exclude(thread_ts=None).exclude(thread_ts__in=window.replied)
    return sorted(map(str, replies.order_by().values_list("thread_ts", flat=True).distinct()))


def suspects(channel: Channel, window: Window) -> list[str]:
    """What is stored and Slack has not listed, to be looked for one by one. Replies whose thread has been read to its
    end need not be looked for: they are added to the window's `gone`."""
    stored = _stored(channel, window.oldest, window).filter(
        deleted_at=None, created_at__lt=datetime.fromtimestamp(window.began_at, UTC)
    )
    listed = [ts for ts in window.messages if window.oldest <= micro(ts)]
    absent = stored.exclude(ts__in=window.messages)
    window.gone += map(str, absent.filter(thread_ts__in=window.replied).values_list("ts", flat=True))
    roots = map(str, absent.filter(thread_ts=None).values_list("ts", flat=True))
    # Where Slack has nothing older either, it may have stopped keeping it: no word of anybody's deleting it.
    return [ts for ts in roots if any(micro(other) < micro(ts) for other in listed)]


def _stored(channel: Channel, since: int, window: Window) -> QuerySet[Message]:
    sent = {"sent_at__gte": _at(since), "sent_at__lt": _at(window.latest)}
    return Message.objects.filter(channel=channel, **sent).exclude(kind=MessageKind.NOTE)


def _due(installation: Installation) -> list[Channel]:
    now = timezone.now()
    interval = timedelta(minutes=settings.GAP_CHECK_MINUTES)
    checks = HistoryReading.objects.filter(channel=OuterRef("pk"), is_check=True)
    channels = (
        Channel.objects.filter(
            workspace=installation.workspace_id, external_team_id__in=["", installation.external_id],
            kind=ChannelKind.CUSTOMER, left_at=None, archived_at=None,
        )
        .exclude(Exists(checks.under_way()))
        .annotate(checked_at=Subquery(checks.order_by("-created_at").values("created_at")[:1]))
    )  # fmt: skip
    was_down = _was_down(installation, now, interval)
    if not (was_down or _is_silent(now)):
        spoken = Message.objects.filter(channel=OuterRef("pk"), sent_at__gt=now - LOOK_BACK)
        channels = channels.filter(Exists(spoken) | Q(checked_at=None) | Q(checked_at__lte=now - QUIET_CHANNEL))
    due = channels.filter(Q(checked_at=None) | Q(checked_at__lte=now - interval))
    under_way = installation.readings.under_way().filter(is_check=True).count()
    most = (1 if is_capped(installation) else AT_ONCE) - under_way
    due = due.order_by(F("checked_at").asc(nulls_first=True))
    return list(due if was_down else due[: max(0, most)])


def _is_silent(now: datetime) -> bool:
    heard_at = InboundEvent.objects.filter(provider=Provider.SLACK).aggregate(last=Max("received_at"))["last"]
    return heard_at is not None and now - heard_at > SILENCE


def _was_down(installation: Installation, now: datetime, interval: timedelta) -> bool:
    """Nothing has been checked for long: the workers were away, and messages may be missing in any channel."""
    last = installation.readings.filter(is_check=True).aggregate(last=Max("created_at"))["last"]
    return last is not None and now - last > max(3 * interval, SILENCE)


def _known_since(channel: Channel) -> datetime:
    """Before that, the channel's past is brought in only when somebody asks for it."""
    first = channel.messages.aggregate(first=Min("sent_at"))["first"]
    return min(filter(None, (channel.joined_at, first)), default=channel.created_at)


def _at(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / SECOND, UTC)
