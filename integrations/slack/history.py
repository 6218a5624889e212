"""Reads channels' pasts: window by window, old to new, and hands each window to the heart.

The `HistoryReading` rows are the queue. Whoever claims one has it for a while; what a dead worker held is claimed
again and goes on after the last window that was handed over. Between two requests that Slack wants apart, nobody
waits: what was gathered is put down in the row until its time comes.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Min, Q
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import Channel, ChannelKind, User
from accounts.roles import require_admin
from conversations.intake import sent_at
from conversations.models import Message
from conversations.past import close_past, hush_past
from conversations.services import delete_message, receive_messages
from integrations.models import HistoryReading, Installation, Provider, ReadingState
from integrations.slack.cap import ask
from integrations.slack.client import SlackError
from integrations.slack.gaps import forget_empty, suspects, threads_elsewhere
from integrations.slack.incoming import incoming, reword
from integrations.slack.messages import TS, Edited, Said, understand
from integrations.slack.pacing import PACED, TooEarly, at_leisure
from integrations.slack.prepare import learn_about, ours_of
from integrations.slack.window import SECOND, Json, Window, micro, stamp, stamp_of

log = structlog.get_logger(__name__)

TURN = 5.0
"""Seconds after which another channel has its turn, and what was gathered is put down."""
LEASE = timedelta(minutes=1)
BATCH = 200
"""Messages handed over in one transaction."""
DAY = 86_400 * SECOND
SPARSE = 50
"""A window with fewer messages than that: the next one may be longer."""
SETTLED_SECONDS = 60
"""After an edit, in which another may have followed whose event has the same second."""
PATIENCE = 600.0
"""Seconds that the past can wait until Slack may be asked who speaks."""
ATTEMPTS = 10
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=15)


def begin_reading(
    *, channel: Channel, oldest: datetime, latest: datetime, quiet_days: int = 14, by: User | None = None
) -> HistoryReading:
    """Have the channel's past brought in. `by` None: an operator. ValidationError with the reason when it can't be."""
    require_admin(by)
    team = Q(external_id=channel.external_team_id) if channel.external_team_id else Q()
    installation = (
        Installation.objects.filter(team, workspace=channel.workspace_id, provider=Provider.SLACK, revoked_at=None)
        .order_by("pk")
        .first()
    )
    if installation is None:
        raise ValidationError(gettext("The Slack workspace of %(channel)s is not connected.") % {"channel": channel})
    if channel.kind != ChannelKind.CUSTOMER:
        raise ValidationError(gettext("%(channel)s is not a customer’s channel.") % {"channel": channel})
    if oldest >= latest:
        raise ValidationError(gettext("The first day must come before the last."))
    try:
        with transaction.atomic():
            reading = HistoryReading.objects.create(
                workspace_id=channel.workspace_id, installation=installation, channel=channel, by_user=by,
                oldest=stamp_of(oldest), latest=stamp_of(latest), quiet_days=quiet_days,
            )  # fmt: skip
    except IntegrityError:
        raise ValidationError(
            gettext("The past of %(channel)s is being read already.") % {"channel": channel}
        ) from None
    return reading


def work(*, seconds: float, among: Collection[int] | None = None) -> bool:
    """Read on where it is due, in all readings or in those `among` which are named. False: the time was up."""
    deadline = time.monotonic() + seconds
    while reading := _claim(among):
        _Reader(reading).run(until=min(deadline, time.monotonic() + TURN))
        if time.monotonic() >= deadline:
            return False
    return True


def next_due() -> float | None:
    """Seconds until the next reading goes on, when that is before the sweep looks."""
    now = timezone.now()
    soon = HistoryReading.objects.filter(
        state=ReadingState.WAITING, next_attempt_at__lte=now + timedelta(seconds=settings.SWEEP_SECONDS)
    )
    first = soon.aggregate(first=Min("next_attempt_at"))["first"]
    return max(0.0, (first - now).total_seconds()) if first else None


def _claim(among: Collection[int] | None) -> HistoryReading | None:
    now = timezone.now()
    with transaction.atomic():
        due = HistoryReading.objects.under_way().filter(next_attempt_at__lte=now)
        if among is not None:
            due = due.filter(pk__in=among)
        reading = due.select_for_update(skip_locked=True).order_by("next_attempt_at", "pk").first()
        if reading is None:
            return None
        reading.state, reading.next_attempt_at = ReadingState.READING, now + LEASE
        reading.save(update_fields=["state", "next_attempt_at", "updated_at"])
    return HistoryReading.objects.select_related("installation", "channel__workspace").get(pk=reading.pk)


class _TakenOver(Exception):  # noqa: N818 - it reads as what happened
    """Somebody stopped the reading, or we took so long that another worker has it."""


class _Reader:
    """Works at one reading while it is ours."""

    def __init__(self, reading: HistoryReading) -> None:
        self.reading = reading
        self.installation: Installation = reading.installation
        self.channel: Channel = reading.channel
        self.lease: datetime = reading.next_attempt_at
        kept = reading.cursor.get("window")
        # A check looks at little: mostly one window is enough.
        first = micro(reading.latest) - micro(reading.oldest) if reading.is_check else DAY
        self.window = Window.of(kept) if kept else self._next_window(reading.reached or reading.oldest, first)

    def run(self, *, until: float) -> None:
        try:
            self._refuse()
            while self._step():
                if time.monotonic() >= until:
                    self._put_down(timezone.now())
                    return
        except _TakenOver:
            log.info("a reading was stopped or taken over", reading=self.reading.pk)
        except TooEarly as error:
            self._put_off(PACED, permanent=False, retry_after=error.retry_after)
        except SlackError as error:
            self._put_off(error.code, permanent=error.permanent, retry_after=error.retry_after)
        except Exception as error:
            # The edge: the error is kept on the reading, which is tried again.
            log.error("a channel's past could not be read", reading=self.reading.pk, exc_info=error)
            self._put_off(f"{type(error).__name__}: {error}", permanent=False, retry_after=None)

    def _refuse(self) -> None:
        if self.installation.revoked_at:
            raise SlackError("not_connected", permanent=True)
        if self.channel.kind != ChannelKind.CUSTOMER:
            raise SlackError("not_a_customers_channel", permanent=True)

    def _step(self) -> bool:
        """One request, or what follows when all have been made. False: the reading is done."""
        window = self.window
        if not window.is_read or window.suspects:
            window.read_on(self._ask)
            self.reading.attempts = 0
            if window.is_read and self.reading.is_check:
                window.threads = threads_elsewhere(self.channel, window)
        elif self.reading.is_check and window.suspects is None:
            window.suspects = suspects(self.channel, window)
        else:
            self._hand_over()
            return self.reading.state == ReadingState.READING
        self._renew()
        return True

    def _ask(self, method: str, **arguments: Any) -> Json:
        return ask(self.installation, method, channel=self.channel.external_id, **arguments)

    # Handing over ─────────────────────────────────────────────────────────────────────────────────────

    def _hand_over(self) -> None:
        ours = ours_of(self.installation)
        heard = [(understand(raw, ours), raw) for raw in self.window.in_order()]
        said = [(one, _edited_ts(raw, self.window.began_at)) for one, raw in heard if isinstance(one, Said)]
        with at_leisure(PATIENCE):
            learn_about(self.installation, [one for one, _ in said])
        self._renew()
        for start in range(0, len(said), BATCH):
            self._take(said[start : start + BATCH])
        removed = [*self.window.gone, *(raw["ts"] for _, raw in heard if raw.get("subtype") == "tombstone")]
        self._finish_window(removed, seen=len(said))

    def _take(self, batch: Sequence[tuple[Said, str]]) -> None:
        """What isn't stored yet, and wordings newer than those stored; counted in the same transaction."""
        with transaction.atomic():
            Channel.objects.select_for_update(no_key=True).get(pk=self.channel.pk)
            stored = Message.objects.filter(channel=self.channel, ts__in=[said.ts for said, _ in batch])
            known = {str(message.ts): message for message in stored}
            new = [said for said, _ in batch if said.ts not in known]
            taken = receive_messages(channel=self.channel, batch=incoming(self.installation, self.channel, new))
            edits = sum(self._reword(said, edited_ts, known.get(said.ts)) for said, edited_ts in batch if edited_ts)
            hush_past(
                channel=self.channel, quiet=self._quiet, conversation_ids={one.conversation_id for one in taken}
            )  # fmt: skip
            self._save(messages_new=F("messages_new") + len(new), edits_found=F("edits_found") + edits)

    def _reword(self, said: Said, edited_ts: str, stored: Message | None) -> bool:
        """Also of a new message, so that a late event with an older wording changes nothing. True: a missed edit."""
        if stored and stored.edited_at and stored.edited_at >= sent_at(edited_ts):
            return False
        message = reword(self.installation, self.channel, Edited(said, edited_ts))
        return bool(stored and message and message.text != stored.text)

    def _finish_window(self, removed: Sequence[str], *, seen: int) -> None:
        reading, window, now = self.reading, self.window, timezone.now()
        is_last = window.latest >= micro(reading.latest)
        span = window.latest - window.oldest
        span *= 2 if len(window.messages) < SPARSE else 1
        following = self._next_window(stamp(window.latest), span)
        # What the next window says may still belong to the end of this one.
        minutes = self.channel.quiet_minutes or self.channel.workspace.quiet_minutes
        reach = timedelta() if is_last else max(timedelta(days=1), timedelta(minutes=minutes))
        changes: dict[str, Any] = {"cursor": reading.cursor | {"window": following.kept()}}
        if is_last:
            changes = {"cursor": {}, "state": ReadingState.DONE, "finished_at": now}
        with transaction.atomic():
            deletions = sum(self._is_deleted(ts, now) for ts in removed)
            close_past(channel=self.channel, quiet=self._quiet, until=sent_at(stamp(window.latest)) - reach)
            self._save(
                reached=stamp(window.latest), messages_seen=F("messages_seen") + seen, attempts=0, error="",
                deletions_found=F("deletions_found") + deletions, **changes,
            )  # fmt: skip
        if is_last and reading.is_check:
            forget_empty(reading)
        self.window = following
        reading.state = changes.get("state", reading.state)

    def _is_deleted(self, ts: str, now: datetime) -> bool:
        stored = Message.objects.filter(channel=self.channel, ts=ts, deleted_at=None)
        return stored.exists() and delete_message(channel=self.channel, ts=ts, deleted_at=now) is not None

    def _next_window(self, oldest: str, span: int) -> Window:
        start, end = micro(oldest), micro(self.reading.latest)
        return Window(oldest=start, latest=min(start + span, end), since=self.reading.cursor.get("since", 0))

    @property
    def _quiet(self) -> timedelta:
        return timedelta(days=self.reading.quiet_days)

    # The row ──────────────────────────────────────────────────────────────────────────────────────────

    def _save(self, **changes: Any) -> None:
        """_TakenOver when the reading is no longer ours."""
        mine = HistoryReading.objects.filter(pk=self.reading.pk, state=ReadingState.READING, next_attempt_at=self.lease)
        if not mine.update(updated_at=timezone.now(), **changes):
            raise _TakenOver

    def _renew(self) -> None:
        now = timezone.now()
        if self.lease - now < LEASE / 2:
            self._save(next_attempt_at=now + LEASE)
            self.lease = now + LEASE

    def _put_down(self, until: datetime, **changes: Any) -> None:
        """Let go of the reading, until then; what was gathered is kept."""
        kept = self.reading.cursor | {"window": self.window.kept()}
        changes = {"state": ReadingState.WAITING, "next_attempt_at": until, "cursor": kept, **changes}
        try:
            self._save(**changes)
        except _TakenOver:
            log.info("a reading was stopped or taken over", reading=self.reading.pk)

    def _put_off(self, error: str, *, permanent: bool, retry_after: float | None) -> None:
        reading, now = self.reading, timezone.now()
        error = error.replace("\x00", "")[:300]
        if retry_after is not None:
            self._put_down(now + timedelta(seconds=retry_after), error=error)
            return
        attempts = reading.attempts + 1
        wait = min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT)
        changes: dict[str, Any] = {"error": error, "attempts": attempts}
        if permanent or attempts >= ATTEMPTS:
            log.error("a channel's past is given up", reading=reading.pk, error=error, attempts=attempts)
            changes |= {"state": ReadingState.FAILED, "finished_at": now}
        self._put_down(now + wait, **changes)


def _edited_ts(raw: Json, read_at: float) -> str:
    """When it was edited, if it was. Slack's own is the second; what was read long after is that second's last."""
    edited = raw.get("edited")
    ts = str(edited.get("ts") or "") if isinstance(edited, dict) else ""
    if not TS.fullmatch(ts):
        return ""
    second = ts.partition(".")[0]
    return f"{second}.999999" if int(second) + SETTLED_SECONDS < read_at else ts
