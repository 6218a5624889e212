"""Reads how accounts are doing, in a fixed number of queries however many there are, and puts signs aside."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Aggregate, Count, FloatField, Max, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account, User, Workspace
from accounts.roles import require_change
from conversations.analytics.figures import Kind
from conversations.analytics.report import today
from conversations.analytics.sources import has_only_samples
from conversations.health import LEAST_CONTACTS, RECENT_DAYS, USUAL_DAYS, Judgement, Vitals, judge
from conversations.models import Conversation, Fact, KnownSign, Sentiment, Sign
from conversations.status import Status

CONTACT = (Kind.NEW, Kind.REOPENED, Kind.FIRST_RESPONSE, Kind.NEXT_RESPONSE)
ANSWERS = (Kind.FIRST_RESPONSE, Kind.NEXT_RESPONSE)
LONGEST_ASIDE = 90
"""Days for which a sign can be put aside."""
WEEKS = 12
"""Of the trend that is drawn."""


class Median(Aggregate):
    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


@dataclass(frozen=True, slots=True)
class Health:
    account: Account
    vitals: Vitals
    judgement: Judgement
    known: Mapping[str, KnownSign]
    """What is put aside, by sign."""

    @property
    def needs_attention(self) -> bool:
        return bool(self.judgement.reasons)


def read_health(
    workspace: Workspace, accounts: Collection[int] | None = None, *, now: datetime | None = None
) -> list[Health]:
    """Of these accounts, or all; those that need attention most come first. Six queries."""
    now = now or timezone.now()
    rows = Account.objects.filter(workspace=workspace).select_related("owner")
    rows = rows.filter(is_sample=has_only_samples(workspace)) if accounts is None else rows.filter(pk__in=accounts)
    standing, facts, known = _standing(workspace, accounts, now), _facts(workspace, accounts), _known(workspace, now)
    found = []
    for account in rows:
        vitals = _vitals(standing.get(account.pk, {}), facts.get(account.pk, {}), now, today(workspace))
        aside = known.get(account.pk, {})
        found.append(Health(account, vitals, judge(vitals, frozenset(aside)), aside))
    return sorted(found, key=lambda one: (-one.judgement.weight, one.account.name.casefold(), one.account.pk))


def volume_by_week(workspace: Workspace, accounts: Collection[int]) -> dict[int, list[int]]:
    """How many conversations began in each of the last weeks, the oldest first."""
    last = today(workspace)
    weeks: dict[int, list[int]] = {pk: [0] * WEEKS for pk in accounts}
    began = Fact.objects.filter(
        workspace=workspace, kind=Kind.NEW, account_id__in=accounts, day__gt=last - timedelta(days=7 * WEEKS)
    )
    for pk, day, count in began.order_by().values_list("account_id", "day").annotate(n=Count("pk")):
        if day <= last:
            weeks[pk or 0][WEEKS - 1 - (last - day).days // 7] += count
    return weeks


def put_aside(account: Account, sign: Sign, *, days: int, by: User) -> KnownSign:
    """Somebody knows of it: for so many days it calls for no attention. ValidationError for too many."""
    require_change(by)
    if not 1 <= days <= LONGEST_ASIDE:
        raise ValidationError(_("Choose from 1 to %(most)s days.") % {"most": LONGEST_ASIDE})
    known, _is_new = KnownSign.objects.update_or_create(
        account=account, sign=sign,
        defaults={
            "workspace_id": account.workspace_id, "until": timezone.now() + timedelta(days=days), "by_user": by,
            "created_at": timezone.now(),
        },
    )  # fmt: skip
    return known


def take_up(account: Account, sign: Sign, *, by: User) -> None:
    """It calls for attention again."""
    require_change(by)
    KnownSign.objects.filter(account=account, sign=sign).delete()


def _standing(workspace: Workspace, accounts: Collection[int] | None, now: datetime) -> dict[int, dict[str, Any]]:
    """Of the conversations as they are now, by account."""
    listed = Conversation.objects.filter(workspace=workspace, account__isnull=False).listed().order_by()
    if accounts is not None:
        listed = listed.filter(account__in=accounts)
    waits = Q(waiting_since__isnull=False) & ~Q(status=Status.CLOSED) & Q(snoozed_until=None)
    lately = Q(last_message_at__gte=now - timedelta(days=RECENT_DAYS)) & ~Q(sentiment="")
    rows = listed.values("account_id").annotate(
        waiting=Count("pk", filter=waits),
        since=Min("waiting_since", filter=waits),
        last_at=Max("last_message_at"),
        judged=Count("pk", filter=lately),
        unhappy=Count("pk", filter=lately & Q(sentiment=Sentiment.NEGATIVE)),
    )
    return {row["account_id"] or 0: dict(row) for row in rows}


def _facts(workspace: Workspace, accounts: Collection[int] | None) -> dict[int, dict[str, Any]]:
    last = today(workspace)
    recent = last - timedelta(days=RECENT_DAYS - 1)
    found = Fact.objects.filter(
        workspace=workspace, account_id__isnull=False, kind__in=CONTACT,
        day__range=(recent - timedelta(days=USUAL_DAYS), last),
    )  # fmt: skip
    if accounts is not None:
        found = found.filter(account_id__in=accounts)
    rows = found.order_by().values("account_id").annotate(
        recent=Count("pk", filter=Q(kind=Kind.NEW, day__gte=recent)),
        before=Count("pk", filter=Q(kind=Kind.NEW, day__lt=recent)),
        days=Count("day", distinct=True),
        first_day=Min("day"),
        last_day=Max("day"),
        usual_answer=Median("value", filter=Q(kind__in=ANSWERS)),
    )  # fmt: skip
    return {row["account_id"] or 0: dict(row) for row in rows}


def _known(workspace: Workspace, now: datetime) -> dict[int, dict[str, KnownSign]]:
    found: dict[int, dict[str, KnownSign]] = {}
    for known in KnownSign.objects.filter(workspace=workspace, until__gt=now).select_related("by_user"):
        found.setdefault(known.account_id, {})[known.sign] = known
    return found


def _vitals(standing: Mapping[str, Any], facts: Mapping[str, Any], now: datetime, today: date) -> Vitals:
    since, last_at = standing.get("since"), standing.get("last_at")
    days = facts.get("days", 0)
    first_day, last_day = facts.get("first_day"), facts.get("last_day")
    span = (last_day - first_day).days if first_day and last_day else 0
    is_old_enough = first_day is not None and (today - first_day).days >= RECENT_DAYS + USUAL_DAYS / 2
    return Vitals(
        waiting=standing.get("waiting", 0),
        longest_wait=(now - since).total_seconds() if since else None,
        usual_answer=facts.get("usual_answer"),
        recent=facts.get("recent", 0),
        usual=facts["before"] * RECENT_DAYS / USUAL_DAYS if is_old_enough else None,
        judged=standing.get("judged", 0),
        unhappy=standing.get("unhappy", 0),
        silent_days=(now - last_at).days if last_at else None,
        usual_gap=span / (days - 1) if days >= LEAST_CONTACTS else None,
    )
